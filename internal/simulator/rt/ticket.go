package rt

import (
	"fmt"
	"maps"
	"slices"
	"time"
)

// Seed is a ticket as a customer (or, ByAgent, an agent for the customer) opens it.
type Seed struct {
	ID       int64 // 0: the next one
	Queue    int64 // 0: the first
	Status   string
	Priority int
	Level    string           // service level; empty: that of the queue
	Fields   map[int64]string // values of custom fields
	ByAgent  bool
	// Type is ticket, reminder or approval. Searches find only tickets.
	Type string
}

type ticket struct {
	id         int64
	into       int64 // merged into; 0: not
	queue      int64
	kind       string
	status     string
	priority   int
	level      string
	fields     map[int64]string
	owner      int64
	creator    int64
	requestors []int64

	created, updated, started, told, due, resolved time.Time

	spoiled bool
	// waits is since when the service level's clock of an answer runs, inLoop that of the next word.
	waits, inLoop time.Time
}

type transaction struct {
	id, ticket, creator         int64
	kind, fieldName, old, value string
	created                     time.Time
	hidden                      bool // not committed yet
}

// Create opens a ticket and returns its id.
func (s *Server) Create(seed Seed) int64 {
	s.mu.Lock()
	defer s.mu.Unlock()
	if seed.ID == 0 {
		seed.ID = s.nextTicket + 1
	}
	s.nextTicket = max(s.nextTicket, seed.ID)
	if seed.Queue == 0 {
		seed.Queue = s.o.Queues[0].ID
	}
	q := s.queue(seed.Queue)
	if seed.Level == "" && q != nil {
		seed.Level = q.Level
	}
	if seed.Status == "" {
		seed.Status = s.lifecycle(q).Initial[0]
	}
	if seed.Type == "" {
		seed.Type = "ticket"
	}
	now := s.o.Now()
	t := &ticket{
		id: seed.ID, queue: seed.Queue, kind: seed.Type, status: seed.Status, priority: seed.Priority, level: seed.Level,
		fields: map[int64]string{}, owner: nobodyID, creator: customerID, requestors: []int64{customerID}, created: now, waits: now,
	}
	maps.Copy(t.fields, seed.Fields)
	if seed.ByAgent {
		t.creator, t.waits, t.inLoop = agentID, time.Time{}, now
	}
	s.tickets[t.id] = t
	s.record(t, t.creator, "Create", "", "", "")
	s.applyLevel(t)
	return t.id
}

// record writes a transaction.
func (s *Server) record(t *ticket, by int64, kind, field, old, value string) {
	now := s.o.Now()
	s.transactions = append(s.transactions, &transaction{
		id: int64(len(s.transactions)) + 1, ticket: t.id, creator: by, kind: kind, fieldName: field, old: old, value: value, created: now,
	})
	t.updated = now
}

// change runs f on a ticket that exists. Like RT, it goes to the other ticket where this one was merged.
func (s *Server) change(id int64, f func(t *ticket, now time.Time)) error {
	s.mu.Lock()
	defer s.mu.Unlock()
	t := s.tickets[id]
	if t == nil {
		return fmt.Errorf("ticket %d does not exist", id)
	}
	if t.into != 0 {
		t = s.tickets[t.into]
	}
	f(t, s.o.Now())
	s.applyLevel(t)
	return nil
}

// Reply answers the customer as an agent. A new ticket becomes open.
func (s *Server) Reply(id int64) error { return s.ReplyAs(id, agentID) }

// ReplyAs answers as a user by id.
func (s *Server) ReplyAs(id, user int64) error {
	return s.change(id, func(t *ticket, now time.Time) {
		s.correspond(t, user, now)
	})
}

func (s *Server) correspond(t *ticket, user int64, now time.Time) {
	s.record(t, user, "Correspond", "", "", "")
	s.record(t, systemID, "EmailRecord", "", "", "")
	l := s.lifecycle(s.queue(t.queue))
	byCustomer := slices.Contains(t.requestors, user)
	if byCustomer {
		t.inLoop = time.Time{}
		if t.waits.IsZero() {
			t.waits = now
		}
	} else {
		t.told, t.waits, t.inLoop = now, time.Time{}, now
	}
	switch initial, done := slices.Contains(l.Initial, t.status), slices.Contains(l.Inactive, t.status); {
	case initial && !byCustomer, done && byCustomer:
		s.setStatus(t, systemID, l.Active[0], now)
	}
}

// Comment adds a word among agents.
func (s *Server) Comment(id int64) error {
	return s.change(id, func(t *ticket, _ time.Time) {
		s.record(t, agentID, "Comment", "", "", "")
		s.record(t, systemID, "CommentEmailRecord", "", "", "")
	})
}

// Write adds a message of the customer. A resolved ticket becomes open.
func (s *Server) Write(id int64) error { return s.ReplyAs(id, customerID) }

// SetStatus gives a ticket a status of its lifecycle.
func (s *Server) SetStatus(id int64, status string) error {
	var no error
	err := s.change(id, func(t *ticket, now time.Time) {
		l := s.lifecycle(s.queue(t.queue))
		if !slices.Contains(slices.Concat(l.Initial, l.Active, l.Inactive), status) {
			no = fmt.Errorf("status %q isn't a valid status for this ticket", status)
			return
		}
		s.setStatus(t, agentID, status, now)
	})
	if err != nil {
		return err
	}
	return no
}

func (s *Server) setStatus(t *ticket, by int64, status string, now time.Time) {
	if status == t.status {
		return
	}
	l := s.lifecycle(s.queue(t.queue))
	s.record(t, by, "Status", "Status", t.status, status)
	if slices.Contains(l.Initial, t.status) && t.started.IsZero() {
		t.started = now
	}
	if slices.Contains(l.Inactive, status) && !slices.Contains(l.Inactive, t.status) {
		t.resolved = now // and stays so when the ticket is reopened
	}
	t.status = status
}

// Delete hides a ticket from every search. Its transactions stay.
func (s *Server) Delete(id int64) error { return s.SetStatus(id, "deleted") }

// SetPriority changes the priority.
func (s *Server) SetPriority(id int64, priority int) error {
	return s.change(id, func(t *ticket, _ time.Time) {
		s.record(t, agentID, "Set", "Priority", fmt.Sprint(t.priority), fmt.Sprint(priority))
		t.priority = priority
	})
}

// SetField changes a custom field.
func (s *Server) SetField(id, field int64, value string) error {
	return s.change(id, func(t *ticket, _ time.Time) {
		s.record(t, agentID, "CustomField", fmt.Sprint(field), t.fields[field], value)
		t.fields[field] = value
	})
}

// Move puts a ticket into another queue.
func (s *Server) Move(id, queue int64) error {
	return s.change(id, func(t *ticket, _ time.Time) {
		s.record(t, agentID, "Set", "Queue", fmt.Sprint(t.queue), fmt.Sprint(queue))
		t.queue = queue
	})
}

// Merge makes a ticket part of another: no search finds it any more, and its number leads to the other.
func (s *Server) Merge(id, into int64) error {
	s.mu.Lock()
	defer s.mu.Unlock()
	t, other := s.tickets[id], s.tickets[into]
	if t == nil || other == nil || id == into {
		return fmt.Errorf("ticket %d cannot be merged into %d", id, into)
	}
	link := fmt.Sprintf("fsck.com-rt://rt.example/ticket/%d", into)
	s.record(t, agentID, "AddLink", "MergedInto", "", link)
	s.record(other, agentID, "AddLink", "MergedInto", "", link)
	t.into = into
	return nil
}

// SetDue sets a due date by hand.
func (s *Server) SetDue(id int64, due time.Time) error {
	return s.change(id, func(t *ticket, _ time.Time) { s.setDue(t, agentID, due) })
}

// ReplyLate answers as an agent in a database transaction that takes a while: what happened has its number, and nobody
// sees it until it is committed.
func (s *Server) ReplyLate(id int64) (commit func(), err error) {
	var late []*transaction
	err = s.change(id, func(t *ticket, now time.Time) {
		first := len(s.transactions)
		s.correspond(t, agentID, now)
		late = s.transactions[first:]
		for _, x := range late {
			x.hidden = true
		}
	})
	return func() {
		s.mu.Lock()
		defer s.mu.Unlock()
		for _, x := range late {
			x.hidden = false
		}
	}, err
}

// Forget loses the newest transactions, as a database that was restored from a copy.
func (s *Server) Forget(n int) {
	s.mu.Lock()
	defer s.mu.Unlock()
	s.transactions = s.transactions[:max(0, len(s.transactions)-n)]
}

// Spoil makes the row of a ticket wrong, or mends it.
func (s *Server) Spoil(id int64, spoiled bool) error {
	return s.change(id, func(t *ticket, _ time.Time) {
		t.spoiled = spoiled
		s.record(t, agentID, "Set", "Subject", "", "")
	})
}
