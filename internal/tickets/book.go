package tickets

import (
	"cmp"
	"errors"
	"fmt"
	"slices"
	"strings"
	"sync"
	"sync/atomic"
	"time"

	"whatsapp_sla_exporter/internal/helpdesk"
	"whatsapp_sla_exporter/internal/sla"
	"whatsapp_sla_exporter/internal/state"
)

// Mapper assigns policy, severity and the rest to a ticket. A ticket that the operator's rules drop is not kept.
type Mapper interface {
	Map(t *helpdesk.Ticket) (a helpdesk.Assignment, keep bool)
}

// Evaluator runs one policy.
type Evaluator interface {
	Evaluate(dst []sla.Instants, t *sla.Ticket) (sla.Coverage, []sla.Instants)
}

// Clocks finds policies by name.
type Clocks interface {
	Clock(policy string) (Evaluator, bool)
}

// Options configure a Book.
type Options struct {
	Helpdesk string
	Mapper   Mapper
	Clocks   Clocks
	Store    *state.Store
	// Urgent is how many of the most urgent tickets Snapshot.Urgent has room for. Default 100, negative for none.
	Urgent int
	// Lag is how late the helpdesk's feed may tell of a change: a breach without an answer is an outcome when a
	// pass was read so long after the due. Default 5 minutes, the most that the feeds of helpdesks with a search
	// index need; negative for none.
	Lag time.Duration
}

// Book holds the open tickets of one helpdesk. Its methods may be called from any goroutine; changes wait for each
// other, Snapshot waits for nothing.
type Book struct {
	o        Options
	snapshot atomic.Pointer[Snapshot]

	mu      sync.Mutex
	ledger  *ledger
	entries map[string]*entry
	groups  map[Group]*group
	gaps    []*gap

	excluded, waiting int
	vanished, badRows uint64
	unmapped          map[string]uint64

	complete bool      // all open tickets were read once
	readAt   time.Time // of the last pass
	pruned   time.Time
	horizon  second // dues before it have passed beyond doubt
	// passedOver is when a pass left changes out; zero once all open tickets were read since.
	passedOver time.Time

	scratch  []run
	instants []sla.Instants
}

// NewBook returns a book without tickets that remembers the outcomes counted so far.
func NewBook(o Options) (*Book, error) {
	l, err := openLedger(o.Store, o.Helpdesk)
	if err != nil {
		return nil, err
	}
	o.Urgent = max(cmp.Or(o.Urgent, 100), 0)
	o.Lag = max(cmp.Or(o.Lag, 5*time.Minute), 0)
	b := &Book{
		o: o, ledger: l, entries: make(map[string]*entry), groups: make(map[Group]*group),
		unmapped: make(map[string]uint64),
	}
	b.snapshot.Store(&Snapshot{Helpdesk: o.Helpdesk, Outcomes: b.outcomeCounts()})
	return b, nil
}

// Snapshot is the latest snapshot. Until all open tickets were read once it has no tickets and no ReadAt, because
// those that changed are not all there are.
func (b *Book) Snapshot() *Snapshot { return b.snapshot.Load() }

// Apply takes a good pass over what changed. At is when its reading began: what it does not mention is as it was,
// as of then. Rows may repeat and come late; an older one never replaces a newer one. After an error the tickets
// are taken all the same, but the cursor should stay where it was, because something could not be kept.
func (b *Book) Apply(pass *helpdesk.Pass, at time.Time) error {
	b.mu.Lock()
	defer b.mu.Unlock()
	err := b.take(pass, at)
	b.readAt = at
	if pass.Gap {
		b.passedOver = at
	}
	// Changes that are not read yet, or never will be, may be answers in time.
	if b.passedOver.IsZero() && !pass.More {
		b.decidePassed(secondOf(at.Add(min(pass.Skew, 0) - b.o.Lag)))
	}
	return b.finish(err, at)
}

// Refresh takes tickets that were looked up, or what was read of a pass that then failed. It says nothing about
// tickets that it does not mention.
func (b *Book) Refresh(pass *helpdesk.Pass, at time.Time) error {
	b.mu.Lock()
	defer b.mu.Unlock()
	return b.finish(b.take(pass, at), at)
}

// Reconcile takes a good pass over all open tickets, of which at is again when its reading began: passes over what
// changed may have been applied since. It names the tickets that the book holds and the pass does not have. They stay
// until they are looked up: pass those that are found to Refresh, and those that the helpdesk does not know to Drop.
func (b *Book) Reconcile(open *helpdesk.Pass, at time.Time) (missing []string, err error) {
	b.mu.Lock()
	defer b.mu.Unlock()
	err = b.take(open, at)
	b.complete = true
	if at.After(b.readAt) {
		b.readAt = at
	}
	if !at.Before(b.passedOver) {
		b.passedOver = time.Time{}
	}
	missing = b.missing(open, at)
	if at.Sub(b.pruned) >= 24*time.Hour {
		if e := b.ledger.prune(at, b.holds); e != nil {
			err = errors.Join(err, e)
		} else {
			b.pruned = at
		}
	}
	return missing, b.finish(err, at)
}

// Drop forgets tickets that the helpdesk does not know any more, and counts those that were open.
func (b *Book) Drop(ids []string, at time.Time) error {
	b.mu.Lock()
	defer b.mu.Unlock()
	for _, id := range ids {
		if e := b.entries[id]; e != nil {
			b.remove(e, at)
			b.vanished++
			b.ledger.dirty[id] = nil
		}
	}
	b.settle()
	return b.finish(nil, at)
}

// missing lists the held tickets that are not in the pass. One that the relabelling drops just goes.
func (b *Book) missing(open *helpdesk.Pass, at time.Time) []string {
	present := make(map[string]struct{}, len(open.Tickets))
	for i := range open.Tickets {
		present[open.Tickets[i].ID] = struct{}{}
	}
	var missing []string
	for id, e := range b.entries {
		if _, ok := present[id]; ok {
			continue
		}
		if e.home == nil {
			b.remove(e, at)
			b.ledger.dirty[id] = nil
			continue
		}
		missing = append(missing, id)
	}
	slices.Sort(missing)
	return missing
}

// take takes the rows of a pass, of each ticket the newest.
func (b *Book) take(pass *helpdesk.Pass, at time.Time) error {
	b.ledger.begin(secondOf(at))
	newest := make(map[string]*helpdesk.Ticket, len(pass.Tickets))
	var unknown []string
	for i := range pass.Tickets {
		t := &pass.Tickets[i]
		if t.ID == "" {
			b.badRows++
			continue
		}
		seen := newest[t.ID]
		if seen == nil && b.entries[t.ID] == nil {
			unknown = append(unknown, t.ID)
		}
		if seen == nil || versionOf(t, at) >= versionOf(seen, at) {
			newest[t.ID] = t
		}
	}
	watches, err := b.ledger.watches(unknown)
	for i := range pass.Tickets {
		if t := &pass.Tickets[i]; newest[t.ID] == t {
			b.row(t, watches[t.ID], at, pass.Skew)
		}
	}
	b.settle()
	b.badRows += uint64(pass.BadRows)
	for field, n := range pass.Unmapped {
		b.unmapped[field] += uint64(n)
	}
	return err
}

// row takes the newest row of a ticket.
func (b *Book) row(t *helpdesk.Ticket, w *watch, at time.Time, skew time.Duration) {
	old := b.entries[t.ID]
	if old != nil {
		w = old.watch
	}
	version, when := versionOf(t, at), happened(t, at, skew)
	if old != nil && version < old.version || old == nil && w != nil && version < w.Version {
		return
	}
	if t.Gone {
		b.leave(t, old, w, w.done(t, when, version), at)
		return
	}
	a, keep := b.o.Mapper.Map(t)
	if a.Unmapped != "" {
		b.unmapped[a.Unmapped]++
	}
	next := w.observed(t, a.Valid, when)
	if t.Status.Done() {
		next = next.done(t, when, version)
	}
	var ev evaluation
	if keep {
		ev = b.evaluate(t, &a, next)
		b.decideRow(t, old, next, &ev)
	}
	if t.Status.Done() {
		b.leave(t, old, w, next, at)
		return
	}
	b.hold(newEntry(t, &ev, next, version), old, w, at)
}

func newEntry(t *helpdesk.Ticket, ev *evaluation, w *watch, version int64) *entry {
	return &entry{
		id: strings.Clone(t.ID), link: newLink(t), runs: slices.Clip(slices.Clone(ev.runs)), home: ev.home, gap: ev.gap,
		watch: w, version: version, status: int8(max(slices.Index(sla.OpenStatuses, t.Status), 0)),
	}
}

// hold puts an open ticket into the book. One that did not change stays as it is, so that a snapshot shares it.
func (b *Book) hold(e, old *entry, w *watch, at time.Time) {
	if !e.watch.equal(w) {
		b.ledger.dirty[e.id] = e.watch
	}
	if old != nil && old.same(e) {
		old.version, old.watch = e.version, e.watch
		return
	}
	if old != nil {
		b.uncount(old, at)
		e.id = old.id
	}
	b.entries[e.id] = e
	b.count(e)
}

// leave takes a ticket that is not open any more out of the book and remembers it in case it is reopened.
func (b *Book) leave(t *helpdesk.Ticket, old *entry, w, next *watch, at time.Time) {
	if at.Sub(next.Done.time()) < keepDone && (old != nil || !next.equal(w)) {
		b.ledger.dirty[strings.Clone(t.ID)] = next
	}
	if old != nil {
		b.remove(old, at)
	}
}

func (b *Book) holds(id string) bool { return b.entries[id] != nil }

func (b *Book) remove(e *entry, at time.Time) {
	b.uncount(e, at)
	delete(b.entries, e.id)
}

// settle brings what is sorted up to date.
func (b *Book) settle() {
	for _, g := range b.groups {
		for _, s := range g.sets {
			s.settle()
		}
	}
}

// finish ends a change: what it decided is kept, and what it left is published.
func (b *Book) finish(err error, at time.Time) error {
	err = errors.Join(err, b.ledger.flush())
	if b.complete {
		b.publish(at)
	}
	if err != nil {
		return fmt.Errorf("tickets: %w", err)
	}
	return nil
}
