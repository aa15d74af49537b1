package webhook

import (
	"maps"
	"time"

	"whatsapp_sla_exporter/internal/state"
	"whatsapp_sla_exporter/internal/whatsapp/recipients"
	"whatsapp_sla_exporter/internal/whatsapp/servicewindow"
)

// draft is what a group of POSTs changes, before it is stored.
type draft struct {
	l   *ledger
	now time.Time

	accounts map[string]*account
	numbers  map[string]*number
	flags    map[string]pendingFlag
	settled  []string // flags that are pending no more

	delivered map[string][]recipients.Entry // by scope
	talk      map[string][]servicewindow.Op // by phone number id

	changes, failed []memo
	known           map[uint64]bool // ids of this very group
	recent          []uint64        // those that the ledger knows already, to be taken back if nothing is stored

	events, again map[string]uint64
	strange       uint64
	notes         []note
	hints         map[string]bool // WABAs to be read early: with their templates
	flagged       []change
	last          target
}

// target is where a change belongs.
type target struct {
	waba, phone string
	scopes      []string
	named       bool // phone is the id of a number
	member      bool // a configured account has the WABA
}

func newDraft(l *ledger, now time.Time) *draft {
	return &draft{
		l: l, now: now, accounts: map[string]*account{}, numbers: map[string]*number{}, flags: map[string]pendingFlag{},
		delivered: map[string][]recipients.Entry{}, talk: map[string][]servicewindow.Op{}, known: map[uint64]bool{},
		events: map[string]uint64{}, again: map[string]uint64{}, hints: map[string]bool{},
	}
}

// take adds a POST.
func (d *draft) take(b *batch) {
	for i := range b.changes {
		c := &b.changes[i]
		if !d.fresh(c) {
			d.again[c.field]++
			continue
		}
		d.events[c.field]++
		d.notes = append(d.notes, c.notes...)
		if !d.aim(c) {
			continue // an object of another kind, or a test of the app's dashboard
		}
		if !d.last.member {
			d.strange++
		}
		d.messages(b, c)
		d.facts(c)
	}
}

// fresh says whether a change was not taken before, and remembers it.
func (d *draft) fresh(c *change) bool {
	if talks[c.field] {
		if !d.l.recent.add(c.id) {
			return false
		}
		d.recent = append(d.recent, c.id)
		return true
	}
	if d.known[c.id] || d.l.changes.has(c.id) {
		return false
	}
	d.known[c.id] = true
	d.changes = append(d.changes, memo{d.now.Unix(), c.id})
	return true
}

// aim finds where a change belongs; the last place is remembered, because a POST is nearly always of one. False: the
// change does not say.
func (d *draft) aim(c *change) bool {
	if d.last.waba == c.waba && d.last.phone == c.phone && d.last.scopes != nil {
		return true
	}
	if !isID(c.waba) {
		return false
	}
	limitsNumbers, member := d.l.places[c.waba]
	d.last = target{waba: c.waba, phone: c.phone, scopes: []string{wabaScope(c.waba)}, named: isID(c.phone), member: member}
	if d.last.named {
		if limitsNumbers {
			d.last.scopes = append(d.last.scopes, numberScope(c.phone))
		}
		if had := d.number(c.phone); had.WABA != c.waba {
			d.changeNumber(c.phone).WABA = c.waba
		}
	}
	if d.account(c.waba) == nil {
		d.changeAccount(c.waba)
	}
	return true
}

// talks are the fields that come by the thousand, and whose retry says nothing that is not known: they must not push
// out of memory what was told of the account.
var talks = map[string]bool{fieldMessages: true, fieldEchoes: true, fieldCalls: true}

func (d *draft) messages(b *batch, c *change) {
	if c.field == fieldMessages {
		for _, scope := range d.last.scopes {
			d.delivered[scope] = append(d.delivered[scope], b.delivered[c.delivered.from:c.delivered.to]...)
		}
	}
	if !d.last.named {
		return
	}
	if c.talk.to > c.talk.from {
		d.talk[c.phone] = append(d.talk[c.phone], b.talk[c.talk.from:c.talk.to]...)
	}
	for _, f := range b.failures[c.failures.from:c.failures.to] {
		if !d.l.failed.has(f.id) && !d.known[f.id] {
			d.known[f.id] = true
			d.failed = append(d.failed, memo{d.now.Unix(), f.id})
			d.changeNumber(c.phone).failed(f.code)
			if accountErrors[f.code] {
				d.hint(c.waba, false)
			}
		}
	}
}

// accountErrors are the errors of a message that say that something is wrong with the account: temporarily blocked,
// locked, limited for spam, for templates of the wrong category, and not paid for.
var accountErrors = map[int64]bool{368: true, 131031: true, 131042: true, 131048: true, 131064: true}

func (d *draft) facts(c *change) {
	if c.hint || c.templates {
		d.hint(c.waba, c.templates)
	}
	if c.flag != nil {
		d.flagged = append(d.flagged, *c)
	}
	if len(c.facts) == 0 {
		return
	}
	a := d.changeAccount(c.waba)
	var n *number
	if d.last.named {
		n = d.changeNumber(c.phone)
	}
	for _, f := range c.facts {
		f.apply(a, n, time.Unix(c.at, 0).UTC())
	}
}

func (d *draft) hint(waba string, templates bool) { d.hints[waba] = d.hints[waba] || templates }

func (d *draft) account(waba string) *account {
	if a := d.accounts[waba]; a != nil {
		return a
	}
	return d.l.accounts[waba]
}

func (d *draft) changeAccount(waba string) *account {
	if d.accounts[waba] == nil {
		d.accounts[waba] = d.l.accounts[waba].clone()
	}
	return d.accounts[waba]
}

func (d *draft) number(phone string) number {
	n := d.numbers[phone]
	if n == nil {
		n = d.l.numbers[phone]
	}
	if n == nil {
		return number{}
	}
	return *n
}

func (d *draft) changeNumber(phone string) *number {
	if d.numbers[phone] == nil {
		d.numbers[phone] = d.l.numbers[phone].clone()
	}
	return d.numbers[phone]
}

// write stores the draft.
func (d *draft) write(tx *state.Tx) error {
	for phone, ops := range d.talk {
		d.talk[phone] = d.l.windows.Needed(phone, ops, d.now)
	}
	for waba, a := range d.accounts {
		if err := accountTable.Put(tx, waba, a); err != nil {
			return err
		}
	}
	for phone, n := range d.numbers {
		if err := numberTable.Put(tx, phone, n); err != nil {
			return err
		}
	}
	for scope, entries := range d.delivered {
		if err := d.l.users.Write(tx, scope, entries, d.now); err != nil {
			return err
		}
	}
	if err := d.l.windows.Write(tx, d.talk); err != nil {
		return err
	}
	if err := d.writeFlags(tx); err != nil {
		return err
	}
	if err := d.l.changes.write(tx, d.changes); err != nil {
		return err
	}
	return d.l.failed.write(tx, d.failed)
}

// publish makes what was stored known.
func (d *draft) publish() {
	l := d.l
	for scope, entries := range d.delivered {
		l.users.Insert(scope, entries, d.now)
	}
	l.windows.Apply(d.talk, d.now)
	l.changes.add(d.changes...)
	l.failed.add(d.failed...)
	l.mu.Lock()
	defer l.mu.Unlock()
	maps.Copy(l.accounts, d.accounts)
	maps.Copy(l.numbers, d.numbers)
	d.publishFlags()
	for field, n := range d.events {
		l.events[field] += n
	}
	for field, n := range d.again {
		l.again[field] += n
	}
	for _, n := range d.notes {
		l.unheard.Note(n.field, n.value)
	}
	l.strange += d.strange
	l.notices = nil
}
