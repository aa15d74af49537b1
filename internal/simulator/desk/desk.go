// Package desk holds the tickets of a simulated helpdesk, for simulators of products that differ in their API more
// than in what happens to a ticket: who wrote when, statuses, and the SLA clocks that follow from both. SLA targets
// run on a calendar without nights or weekends.
package desk

import (
	"fmt"
	"maps"
	"slices"
	"sync"
	"time"

	"whatsapp_sla_exporter/internal/sla"
)

// Seed is a ticket as a customer opens it.
type Seed struct {
	ID       int64 // 0: the next one
	Channel  string
	Priority string // low, normal, high, urgent; each product has its own words for them
	Type     string
	Group    string
	Tags     []string
	Fields   map[string]string
}

// Targets are what a helpdesk promises for a priority; 0 is no promise.
type Targets struct{ FirstResponse, NextResponse, Resolution time.Duration }

// Message is one message of a ticket.
type Message struct {
	At       time.Time
	Customer bool
	Private  bool // a note between agents
}

// Ticket is a ticket as it was when it was asked for. Products render it; it is not to be changed.
type Ticket struct {
	Seed
	Status  sla.Status
	Strange string // a status that the product does not document, shown in the place of its own
	Bad     bool   // its row cannot be read

	Created, Updated, Solved time.Time
	Reopens                  int
	Deleted                  bool
	MergedInto               int64
	Messages                 []Message

	history []statusAt
	targets map[string]Targets
}

type statusAt struct {
	status sla.Status
	at     time.Time
}

// Desk is what a helpdesk holds. Its methods change it at the instant that its clock shows.
type Desk struct {
	now     func() time.Time
	targets map[string]Targets

	mu      sync.Mutex
	tickets map[int64]*Ticket
	last    int64
	// OnChange is told of a change, with the lock held: for products that have a feed of events.
	OnChange func(t *Ticket, event string)
}

// New returns a desk without tickets.
func New(now func() time.Time, targets map[string]Targets) *Desk {
	return &Desk{now: now, targets: targets, tickets: make(map[int64]*Ticket)}
}

// Now is the desk's clock.
func (d *Desk) Now() time.Time { return d.now() }

// Create opens a ticket and returns its id.
func (d *Desk) Create(s Seed) int64 {
	d.mu.Lock()
	defer d.mu.Unlock()
	if s.ID == 0 {
		s.ID = d.last + 1
	}
	d.last = max(d.last, s.ID)
	now := d.now()
	t := &Ticket{Seed: s, Status: sla.StatusNew, Created: now, Updated: now, targets: d.targets}
	t.Messages = []Message{{At: now, Customer: true}}
	t.history = []statusAt{{sla.StatusNew, now}}
	d.tickets[s.ID] = t
	d.tell(t, "inbound")
	return s.ID
}

// change changes a ticket.
func (d *Desk) change(id int64, event string, f func(t *Ticket, now time.Time)) error {
	d.mu.Lock()
	defer d.mu.Unlock()
	t := d.tickets[id]
	if t == nil || t.Deleted {
		return fmt.Errorf("there is no ticket %d", id)
	}
	changed, now := *t, d.now() // a copy: whoever holds the ticket as it was may go on reading it
	f(&changed, now)
	changed.Updated = now
	d.tickets[id] = &changed
	d.tell(&changed, event)
	return nil
}

func (d *Desk) tell(t *Ticket, event string) {
	if d.OnChange != nil {
		d.OnChange(t, event)
	}
}

// Reply is a public answer of a human agent.
func (d *Desk) Reply(id int64) error {
	return d.change(id, "out_reply", func(t *Ticket, now time.Time) {
		t.Messages = append(slices.Clip(t.Messages), Message{At: now})
		if t.Status == sla.StatusNew {
			t.set(sla.StatusOpen, now)
		}
	})
}

// Note is a note that the customer does not see.
func (d *Desk) Note(id int64) error {
	return d.change(id, "comment", func(t *Ticket, now time.Time) {
		t.Messages = append(slices.Clip(t.Messages), Message{At: now, Private: true})
	})
}

// Write is a message of the customer. It opens a ticket that waits for the customer, or is solved.
func (d *Desk) Write(id int64) error {
	return d.change(id, "inbound", func(t *Ticket, now time.Time) {
		t.Messages = append(slices.Clip(t.Messages), Message{At: now, Customer: true})
		if t.Status != sla.StatusNew && t.Status != sla.StatusOpen {
			t.set(sla.StatusOpen, now)
		}
	})
}

// SetStatus changes the status.
func (d *Desk) SetStatus(id int64, s sla.Status) error {
	event := "ticket_status_update"
	switch {
	case s.Done():
		event = "archive"
	case d.statusOf(id).Done():
		event = "reopen"
	}
	return d.change(id, event, func(t *Ticket, now time.Time) { t.set(s, now) })
}

func (d *Desk) statusOf(id int64) sla.Status {
	d.mu.Lock()
	defer d.mu.Unlock()
	if t := d.tickets[id]; t != nil {
		return t.Status
	}
	return ""
}

// Prioritise changes the priority. Its targets hold from the beginning.
func (d *Desk) Prioritise(id int64, priority string) error {
	return d.change(id, "custom_field_updated", func(t *Ticket, _ time.Time) {
		if i := slices.Index(t.Tags, "sev_"+t.Priority); i >= 0 {
			t.Tags = slices.Clone(t.Tags)
			t.Tags[i] = "sev_" + priority
		}
		if _, ok := t.Fields["severity"]; ok {
			t.Fields = maps.Clone(t.Fields)
			t.Fields["severity"] = priority
		}
		t.Priority = priority
	})
}

// SetStrange gives a ticket a status that nobody documented.
func (d *Desk) SetStrange(id int64, status string) error {
	return d.change(id, "ticket_status_update", func(t *Ticket, _ time.Time) { t.Strange = status })
}

// Spoil makes a ticket's row impossible to read, or (false) possible again.
func (d *Desk) Spoil(id int64, bad bool) error {
	return d.change(id, "tag", func(t *Ticket, _ time.Time) { t.Bad = bad })
}

// Delete takes a ticket away.
func (d *Desk) Delete(id int64) error {
	return d.change(id, "trash", func(t *Ticket, _ time.Time) { t.Deleted = true })
}

// Merge moves a ticket into another one, and takes it away.
func (d *Desk) Merge(id, into int64) error {
	if d.statusOf(into) == "" {
		return fmt.Errorf("there is no ticket %d", into)
	}
	return d.change(id, "conversations_merged", func(t *Ticket, _ time.Time) { t.Deleted, t.MergedInto = true, into })
}

// Find returns a ticket as it is now, deleted ones included; nil where there is none.
func (d *Desk) Find(id int64) *Ticket {
	d.mu.Lock()
	defer d.mu.Unlock()
	return d.tickets[id]
}

// List returns the tickets that are wanted, in order, as they are now.
func (d *Desk) List(want func(*Ticket) bool, order func(a, b *Ticket) int) []*Ticket {
	d.mu.Lock()
	defer d.mu.Unlock()
	var found []*Ticket
	for _, t := range d.tickets {
		if want(t) {
			found = append(found, t)
		}
	}
	slices.SortFunc(found, func(a, b *Ticket) int {
		if n := order(a, b); n != 0 {
			return n
		}
		return ByID(a, b)
	})
	return found
}

// ByID and ByUpdated are orders of tickets.
func ByID(a, b *Ticket) int { return int(min(max(a.ID-b.ID, -1), 1)) }

// ByUpdated is by the last change, the oldest first.
func ByUpdated(a, b *Ticket) int { return a.Updated.Compare(b.Updated) }

func (t *Ticket) set(s sla.Status, now time.Time) {
	t.Strange = ""
	switch {
	case s == t.Status:
		return
	case s.Done() && !t.Status.Done():
		t.Solved = now
	case !s.Done() && t.Status.Done():
		t.Reopens++
		t.Solved = time.Time{}
	}
	t.Status = s
	t.history = append(slices.Clone(t.history), statusAt{s, now})
}

// Word is the status in the product's words: what words has for it, or the strange one.
func (t *Ticket) Word(words map[sla.Status]string) string {
	if t.Strange != "" {
		return t.Strange
	}
	return words[t.Status]
}
