package zammad

import (
	"fmt"
	"time"
)

// Seed is a ticket as a customer opens it. Empty fields get what a new ticket has.
type Seed struct {
	ID       int64 // 0: the next one
	Priority string
	State    string
	Type     string
	Group    int64
	WhatsApp bool // opened on the WhatsApp channel, else by e-mail
	// Attributes are what the instance added to tickets, for example severity.
	Attributes map[string]any
}

// RowFault spoils the row of one ticket.
type RowFault string

// The faults of rows.
const (
	NoDate    RowFault = "no date"    // created_at is null
	WrongType RowFault = "wrong type" // created_at is an object
)

// title is every ticket's: a subject, which is nobody's business.
const title = "Message from Jane Customer <jane@customer.example>"

type span struct{ from, to time.Time }

type ticket struct {
	id int64
	Seed
	state            string
	created, updated time.Time
	firstResponse    time.Time
	closed           time.Time // for the first time
	lastClosed       time.Time
	agent, customer  time.Time // last contacts
	articles         int
	ignored          []span // when the state ignored escalations; the last may still last
	hidden           bool
	fault            RowFault
}

// Create opens a ticket and returns its id.
func (s *Server) Create(seed Seed) int64 {
	s.mu.Lock()
	defer s.mu.Unlock()
	if seed.ID == 0 {
		seed.ID = s.nextID + 1
	}
	s.nextID = max(s.nextID, seed.ID)
	if seed.Priority == "" {
		seed.Priority = "2 normal"
	}
	if seed.State == "" {
		seed.State = StateNew
	}
	if seed.Group == 0 {
		seed.Group = 1
	}
	now := s.o.Now()
	t := &ticket{id: seed.ID, Seed: seed, state: StateNew, created: now, updated: now, customer: now, articles: 1}
	s.setState(t, seed.State, now)
	s.tickets[t.id] = t
	return t.id
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
	return nil
}

// AgentReply adds an article of an agent that goes to the customer. A new ticket becomes open.
func (s *Server) AgentReply(id int64) error {
	return s.change(id, func(t *ticket, now time.Time) {
		t.articles++
		t.agent = now
		if t.firstResponse.IsZero() {
			t.firstResponse = now
		}
		if t.state == StateNew {
			s.setState(t, StateOpen, now)
		}
	})
}

// InternalNote adds a note that the customer does not see.
func (s *Server) InternalNote(id int64) error {
	return s.change(id, func(t *ticket, _ time.Time) { t.articles++ })
}

// CustomerMessage adds an article of the customer. A ticket that is pending or closed becomes open.
func (s *Server) CustomerMessage(id int64) error {
	return s.change(id, func(t *ticket, now time.Time) {
		t.articles++
		if s.o.LastCustomerArticle || !t.customer.After(t.agent) {
			t.customer = now
		}
		if t.state != StateNew {
			s.setState(t, StateOpen, now)
		}
	})
}

// SetState gives a ticket a state by name.
func (s *Server) SetState(id int64, name string) error {
	if _, ok := s.state(name); !ok {
		return fmt.Errorf("state %q does not exist", name)
	}
	return s.change(id, func(t *ticket, now time.Time) { s.setState(t, name, now) })
}

// SetPriority sets the priority by name.
func (s *Server) SetPriority(id int64, name string) error {
	return s.change(id, func(t *ticket, _ time.Time) { t.Priority = name })
}

// SetAttribute sets an attribute that the instance added. Severity decides about the SLA.
func (s *Server) SetAttribute(id int64, name string, value any) error {
	return s.change(id, func(t *ticket, _ time.Time) {
		attributes := map[string]any{name: value}
		for k, v := range t.Attributes {
			if k != name {
				attributes[k] = v
			}
		}
		t.Attributes = attributes
	})
}

// Merge makes a ticket part of another.
func (s *Server) Merge(id, into int64) error {
	if err := s.change(into, func(t *ticket, _ time.Time) { t.articles++ }); err != nil {
		return err
	}
	return s.SetState(id, StateMerged)
}

// Delete destroys a ticket.
func (s *Server) Delete(id int64) error {
	s.mu.Lock()
	defer s.mu.Unlock()
	if s.tickets[id] == nil {
		return fmt.Errorf("ticket %d does not exist", id)
	}
	delete(s.tickets, id)
	return nil
}

// Hide moves a ticket into a group that the token may not read.
func (s *Server) Hide(id int64) error {
	return s.change(id, func(t *ticket, _ time.Time) { t.hidden = true })
}

// Spoil makes the row of a ticket wrong; an empty fault mends it.
func (s *Server) Spoil(id int64, f RowFault) error {
	return s.change(id, func(t *ticket, _ time.Time) { t.fault = f })
}

func (s *Server) setState(t *ticket, name string, now time.Time) {
	if t.state == name {
		return
	}
	before, _ := s.state(t.state)
	after, _ := s.state(name)
	t.state = name
	switch {
	case after.IgnoreEscalation && !before.IgnoreEscalation:
		t.ignored = append(t.ignored, span{from: now})
	case !after.IgnoreEscalation && before.IgnoreEscalation:
		t.ignored[len(t.ignored)-1].to = now
	}
	if name == StateClosed || name == StateMerged {
		t.lastClosed = now
		if t.closed.IsZero() {
			t.closed = now
		}
	}
}
