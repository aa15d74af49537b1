package freshdesk

import (
	"fmt"
	"time"
)

// Seed is a ticket as a customer opens it. Empty fields get what a new ticket has.
type Seed struct {
	ID       int64 // 0: the next one
	Source   int   // 1 e-mail, 2 portal, 3 phone, 7 chat, 9 widget, 10 outbound e-mail, 13 WhatsApp
	Priority int   // 1 low to 4 urgent
	Status   int
	Type     string
	Tags     []string
	Group    int64
	Product  int64
	Fields   map[string]any // cf_…
}

// RowFault spoils the row of one ticket.
type RowFault string

// The faults of rows.
const (
	NoDate    RowFault = "no date"    // created_at is null
	WrongType RowFault = "wrong type" // the tags are a text
)

type ticket struct {
	id int64
	Seed
	status           int
	created, updated time.Time
	agent, requester time.Time // last responses; requester is zero until the second message
	first            time.Time
	statusAt         time.Time
	reopened         time.Time
	resolved, closed time.Time
	pending          time.Time
	stopped          time.Time // since when the timers stand still; zero while they run
	// The deadlines. They keep their last value while the timers stand still.
	respondBy, nextBy, resolveBy time.Time
	waiting                      time.Time // oldest unanswered message after the first response
	deleted, spam, hidden        bool
	fault                        RowFault
	index                        []indexEntry
}

// Create opens a ticket and returns its id.
func (s *Server) Create(seed Seed) int64 {
	s.mu.Lock()
	defer s.mu.Unlock()
	if seed.ID == 0 {
		seed.ID = s.nextID + 1
	}
	s.nextID = max(s.nextID, seed.ID)
	if seed.Source == 0 {
		seed.Source = 1
	}
	if seed.Priority == 0 {
		seed.Priority = 1
	}
	if seed.Status == 0 {
		seed.Status = Open
	}
	now := s.o.Now()
	t := &ticket{id: seed.ID, Seed: seed, status: Open, created: now, updated: now, statusAt: now}
	s.retarget(t)
	s.setStatus(t, seed.Status, now)
	t.remember(now)
	s.tickets[t.id] = t
	return t.id
}

// remember puts the ticket into the index as it is.
func (t *ticket) remember(now time.Time) {
	t.index = append(t.index, indexEntry{now, t.status, t.Priority, t.Group, t.created, t.updated})
}

// change runs f on a ticket.
func (s *Server) change(id int64, f func(t *ticket, now time.Time)) error {
	s.mu.Lock()
	defer s.mu.Unlock()
	t := s.tickets[id]
	if t == nil {
		return fmt.Errorf("ticket %d does not exist", id)
	}
	now := s.o.Now()
	f(t, now)
	t.updated = now
	t.remember(now)
	return nil
}

// AgentReply adds a public reply of an agent.
func (s *Server) AgentReply(id int64) error {
	return s.change(id, func(t *ticket, now time.Time) {
		t.agent = now
		if t.first.IsZero() {
			t.first = now
		}
		t.waiting, t.nextBy = time.Time{}, time.Time{}
	})
}

// PrivateNote adds a note that the customer does not see.
func (s *Server) PrivateNote(id int64) error {
	return s.change(id, func(*ticket, time.Time) {})
}

// CustomerMessage adds a reply of the customer. A ticket that is not open becomes so.
func (s *Server) CustomerMessage(id int64) error {
	return s.change(id, func(t *ticket, now time.Time) {
		t.requester = now
		s.setStatus(t, Open, now)
		if !t.first.IsZero() && t.waiting.IsZero() {
			t.waiting = now
			s.retarget(t)
		}
	})
}

// SetStatus gives a ticket a status.
func (s *Server) SetStatus(id int64, status int) error {
	return s.change(id, func(t *ticket, now time.Time) { s.setStatus(t, status, now) })
}

// SetPriority changes the priority and with it the SLA targets.
func (s *Server) SetPriority(id int64, priority int) error {
	return s.change(id, func(t *ticket, _ time.Time) {
		t.Priority = priority
		s.retarget(t)
	})
}

// Merge closes a ticket as part of another.
func (s *Server) Merge(id, into int64) error {
	if err := s.PrivateNote(into); err != nil {
		return err
	}
	return s.SetStatus(id, Closed)
}

// Delete puts a ticket into the trash: lists and searches hide it, and it still can be shown.
func (s *Server) Delete(id int64) error {
	return s.change(id, func(t *ticket, _ time.Time) { t.deleted = true })
}

// Purge deletes a ticket for ever.
func (s *Server) Purge(id int64) error {
	s.mu.Lock()
	defer s.mu.Unlock()
	if s.tickets[id] == nil {
		return fmt.Errorf("ticket %d does not exist", id)
	}
	delete(s.tickets, id)
	return nil
}

// Spam marks a ticket as spam.
func (s *Server) Spam(id int64) error {
	return s.change(id, func(t *ticket, _ time.Time) { t.spam = true })
}

// Hide moves a ticket to a group that the keys may not read.
func (s *Server) Hide(id int64) error {
	return s.change(id, func(t *ticket, _ time.Time) { t.hidden = true })
}

// Spoil makes the row of a ticket wrong; an empty fault mends it.
func (s *Server) Spoil(id int64, f RowFault) error {
	return s.change(id, func(t *ticket, _ time.Time) { t.fault = f })
}

// retarget applies the SLA policy anew.
func (s *Server) retarget(t *ticket) {
	sla := s.o.SLA[t.Priority]
	t.respondBy, t.resolveBy = after(t.created, sla.Respond), after(t.created, sla.Resolve)
	t.nextBy = after(t.waiting, sla.NextRespond)
}

// after is zero where there is no start or no promise.
func after(start time.Time, span time.Duration) time.Time {
	if start.IsZero() || span == 0 {
		return time.Time{}
	}
	return start.Add(span)
}

func (s *Server) setStatus(t *ticket, status int, now time.Time) {
	before := t.status
	if status == before {
		return
	}
	t.status, t.statusAt = status, now
	ended, wasEnded := status == Resolved || status == Closed, before == Resolved || before == Closed
	switch {
	case ended && !wasEnded:
		t.resolved = now
	case wasEnded && !ended:
		t.reopened, t.resolved, t.closed = now, time.Time{}, time.Time{}
	}
	if status == Closed {
		t.closed = now
	}
	t.pending = time.Time{}
	if status == Pending {
		t.pending = now
	}
	s.runTimers(t, now)
}

// runTimers stops the SLA timers or, when they run on, moves the deadlines by how long they stood.
func (s *Server) runTimers(t *ticket, now time.Time) {
	switch off := s.timerOff(t.status); {
	case off && t.stopped.IsZero():
		t.stopped = now
	case !off && !t.stopped.IsZero():
		for _, due := range []*time.Time{&t.respondBy, &t.nextBy, &t.resolveBy} {
			if !due.IsZero() && (due != &t.respondBy || t.first.IsZero()) {
				*due = due.Add(now.Sub(t.stopped))
			}
		}
		t.stopped = time.Time{}
	}
}

// stamp is a time as Freshdesk writes it; null where it is zero.
func stamp(t time.Time) any {
	if t.IsZero() {
		return nil
	}
	return t.UTC().Format(time.RFC3339)
}

// row is a ticket as the API shows it.
func (s *Server) row(t *ticket, stats bool) map[string]any {
	now := s.o.Now()
	row := map[string]any{
		"id": t.id, "subject": "Message from Jane Customer <jane@customer.example>", "status": t.status, "priority": t.Priority, "source": t.Source,
		"type": t.Type, "requester_id": 31, "responder_id": 11, "group_id": t.Group, "company_id": 41, "product_id": nil,
		"tags": append([]string{}, t.Tags...), "custom_fields": t.Fields, "cc_emails": []string{"jane@customer.example"},
		"created_at": stamp(t.created), "updated_at": stamp(t.updated),
		"due_by": stamp(t.resolveBy), "fr_due_by": stamp(t.respondBy), "nr_due_by": stamp(t.nextBy),
		"is_escalated": !t.resolveBy.IsZero() && t.resolved.IsZero() && now.After(t.resolveBy),
		"fr_escalated": !t.respondBy.IsZero() && t.first.IsZero() && now.After(t.respondBy),
		"nr_escalated": !t.nextBy.IsZero() && now.After(t.nextBy), "spam": t.spam,
	}
	if t.Product != 0 {
		row["product_id"] = t.Product
	}
	if t.deleted {
		row["deleted"] = true
	}
	if stats {
		row["stats"] = map[string]any{
			"agent_responded_at": stamp(t.agent), "requester_responded_at": stamp(t.requester), "first_responded_at": stamp(t.first),
			"status_updated_at": stamp(t.statusAt), "reopened_at": stamp(t.reopened), "resolved_at": stamp(t.resolved),
			"closed_at": stamp(t.closed), "pending_since": stamp(t.pending),
		}
	}
	switch t.fault {
	case NoDate:
		row["created_at"] = nil
	case WrongType:
		row["tags"] = "none"
	}
	return row
}
