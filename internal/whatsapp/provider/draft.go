package provider

import (
	"cmp"
	"slices"
	"time"

	"whatsapp_sla_exporter/internal/whatsapp"
)

// Draft collects what one pass reads. It becomes an account only once everything was read: half a list looks like
// numbers that vanished.
type Draft struct {
	reading whatsapp.Reading
	scope   whatsapp.LimitScope
	wabas   map[string]whatsapp.WABA
	numbers []whatsapp.PhoneNumber
	limits  map[string]whatsapp.MessagingLimit
	seen    map[string]bool
}

// NewDraft starts a pass at the instant at.
func NewDraft(scope whatsapp.LimitScope, at time.Time) *Draft {
	return &Draft{
		reading: whatsapp.Reading{At: at}, scope: scope,
		wabas: map[string]whatsapp.WABA{}, limits: map[string]whatsapp.MessagingLimit{}, seen: map[string]bool{},
	}
}

// Number adds a phone number with its limit. It is false for one that was added before: lists shift while they are
// paged through.
func (d *Draft) Number(n whatsapp.PhoneNumber, l Limit) bool {
	if d.seen[n.ID] {
		return false
	}
	d.seen[n.ID] = true
	n.Reading = d.reading
	d.numbers = append(d.numbers, n)
	if l.Tier != "" {
		d.limit(n, l)
	}
	return true
}

// WABA adds what is known of a WhatsApp Business Account, once.
func (d *Draft) WABA(w whatsapp.WABA) {
	w.Reading = d.reading
	d.wabas[w.ID] = w
}

// limit adds the limit of a number in the scope of the policy. Providers do not tell which portfolio a number
// belongs to, so a portfolio's limit has the id of the WABA, which is no other object's id, and where that is not
// told either it stays the number's. Where the numbers of one WABA tell different limits the lowest counts.
func (d *Draft) limit(n whatsapp.PhoneNumber, l Limit) {
	out := whatsapp.MessagingLimit{
		Reading: d.reading, Scope: whatsapp.ScopePhoneNumber, ScopeID: n.ID, Tier: l.Tier, Users: l.Users, Known: l.Known,
	}
	if d.scope == whatsapp.ScopePortfolio && n.WABAID != "" {
		out.Scope, out.ScopeID = whatsapp.ScopePortfolio, n.WABAID
	}
	had, ok := d.limits[out.ScopeID]
	if !ok || out.Known && (!had.Known || out.Users < had.Users) {
		d.limits[out.ScopeID] = out
	}
}

// Account is the snapshot of the pass.
func (d *Draft) Account(name, provider string, t *Translator) *whatsapp.Account {
	a := &whatsapp.Account{
		Name: name, Provider: provider, ReadAt: d.reading.At, PhoneNumbers: d.numbers, UnknownValues: t.Counts(),
	}
	for _, w := range d.wabas {
		a.WABAs = append(a.WABAs, w)
	}
	for _, l := range d.limits {
		a.Limits = append(a.Limits, l)
	}
	slices.SortFunc(a.WABAs, func(x, y whatsapp.WABA) int { return cmp.Compare(x.ID, y.ID) })
	slices.SortFunc(a.Limits, func(x, y whatsapp.MessagingLimit) int { return cmp.Compare(x.ScopeID, y.ScopeID) })
	return a
}
