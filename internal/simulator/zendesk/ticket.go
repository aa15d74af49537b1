package zendesk

import (
	"fmt"
	"slices"
	"time"
)

// Seed is a ticket as a customer (or, ByAgent, an agent) opens it. Empty fields get what a new ticket has.
type Seed struct {
	ID       int64 // 0: the next one
	Channel  string
	Priority string // empty: none
	Type     string
	Status   string
	Tags     []string
	Group    int64
	Brand    int64
	Form     int64
	Fields   map[int64]any
	// At is when it was opened; zero is now.
	At      time.Time
	ByAgent bool
}

// RowFault spoils the row of one ticket.
type RowFault string

// The faults of rows.
const (
	NoDate        RowFault = "no date"        // created_at is null
	BadDate       RowFault = "bad date"       // created_at is not a date
	UnknownStatus RowFault = "unknown status" // a status nobody documented
	WrongType     RowFault = "wrong type"     // the tags are a string
	FarFuture     RowFault = "far future"     // it was updated in the year 2099
)

type ticket struct {
	id int64
	Seed
	status    string
	custom    int64 // custom_status_id
	history   []statusAt
	created   time.Time
	updated   time.Time
	generated time.Time // of the row: also moves when the system changes something
	deleted   bool
	fault     RowFault

	clocks map[string]*clock
	events []*event
	set    metricSet
}

type statusAt struct {
	status string
	at     time.Time
}

// metricSet is what Zendesk counts of a ticket.
type metricSet struct {
	replies, reopens                     int
	solved, requester, assignee, comment time.Time
	firstReply, firstSolved              time.Time
}

// Create opens a ticket and returns its id.
func (s *Server) Create(seed Seed) int64 {
	s.mu.Lock()
	defer s.mu.Unlock()
	if seed.ID == 0 {
		seed.ID = s.nextID + 1
	}
	s.nextID = max(s.nextID, seed.ID)
	if seed.At.IsZero() {
		seed.At = s.o.Now()
	}
	if seed.Channel == "" {
		seed.Channel = "web"
	}
	if seed.Status == "" {
		seed.Status = "new"
	}
	at := seed.At
	t := &ticket{
		id: seed.ID, Seed: seed, status: seed.Status, created: at, updated: at, generated: at,
		history: []statusAt{{seed.Status, at}}, clocks: make(map[string]*clock),
	}
	t.custom = s.defaultStatus(t.status)
	t.set.comment = at
	if !seed.ByAgent {
		t.set.requester = at
		s.activate(t, replyTime, at)
	}
	for _, m := range []string{agentWork, requesterWait, resolution} {
		s.activate(t, m, at)
	}
	s.own(t, at)
	s.applyPauses(t, at)
	s.tickets[t.id] = t
	return t.id
}

// change runs f on a ticket that can still be changed.
func (s *Server) change(id int64, f func(t *ticket, now time.Time)) error {
	s.mu.Lock()
	defer s.mu.Unlock()
	t := s.tickets[id]
	if t == nil || t.deleted {
		return fmt.Errorf("ticket %d does not exist", id)
	}
	if t.status == "closed" {
		return fmt.Errorf("ticket %d is closed and cannot be changed", id)
	}
	now := s.o.Now()
	f(t, now)
	t.updated, t.generated = now, now
	return nil
}

// AgentReply adds a public comment of an agent. A new ticket becomes open.
func (s *Server) AgentReply(id int64) error {
	return s.change(id, func(t *ticket, now time.Time) {
		t.set.replies++
		t.set.assignee, t.set.comment = now, now
		if t.set.firstReply.IsZero() {
			t.set.firstReply = now
		}
		s.fulfill(t, replyTime, now)
		for _, m := range []string{periodicUpdate, pausableUpdate} {
			s.fulfill(t, m, now)
			s.activate(t, m, now)
		}
		if t.status == "new" {
			s.setStatus(t, "open", now)
		}
		s.applyPauses(t, now)
	})
}

// InternalNote adds a comment that the customer does not see.
func (s *Server) InternalNote(id int64) error {
	return s.change(id, func(t *ticket, now time.Time) { t.set.assignee, t.set.comment = now, now })
}

// CustomerMessage adds a comment of the customer. A pending or solved ticket becomes open.
func (s *Server) CustomerMessage(id int64) error {
	return s.change(id, func(t *ticket, now time.Time) {
		t.set.requester, t.set.comment = now, now
		if t.status == "pending" || t.status == "solved" {
			s.setStatus(t, "open", now)
		}
		if c := t.clocks[replyTime]; c == nil || c.done {
			s.activate(t, replyTime, now)
		}
	})
}

// SetStatus gives a ticket one of the system's statuses: open, pending, hold, solved or closed.
func (s *Server) SetStatus(id int64, status string) error {
	return s.change(id, func(t *ticket, now time.Time) {
		t.set.assignee = now
		s.setStatus(t, status, now)
	})
}

// SetCustomStatus gives a ticket a status of the account's own and with it the system status of its category.
func (s *Server) SetCustomStatus(id, custom int64) error {
	s.mu.Lock()
	i := slices.IndexFunc(s.o.Statuses, func(c CustomStatus) bool { return c.ID == custom && !c.Inactive })
	if i < 0 {
		s.mu.Unlock()
		return fmt.Errorf("custom status %d does not exist, or is not active", custom)
	}
	category := s.o.Statuses[i].Category
	s.mu.Unlock()
	return s.change(id, func(t *ticket, now time.Time) {
		s.setStatus(t, category, now)
		t.custom = custom
	})
}

// SetPriority changes the priority and with it the SLA targets.
func (s *Server) SetPriority(id int64, priority string) error {
	return s.change(id, func(t *ticket, now time.Time) {
		t.Priority = priority
		s.retarget(t, now)
	})
}

// SetGroup hands the ticket over to another group; 0 is none.
func (s *Server) SetGroup(id, group int64) error {
	return s.change(id, func(t *ticket, now time.Time) {
		if t.Group != group {
			s.fulfill(t, groupOwnership, now)
			t.Group = group
			s.own(t, now)
		}
	})
}

// own starts the time for which the ticket's group owns it.
func (s *Server) own(t *ticket, now time.Time) {
	if t.Group != 0 && slices.Contains(s.metrics(), groupOwnership) {
		s.activate(t, groupOwnership, now)
	}
}

// SetTags changes the tags, which may bring another SLA policy.
func (s *Server) SetTags(id int64, tags ...string) error {
	return s.change(id, func(t *ticket, now time.Time) {
		t.Tags = tags
		s.retarget(t, now)
	})
}

// Merge closes a ticket as part of another, which gets a tag for it, as in Zendesk.
func (s *Server) Merge(id, into int64) error {
	if err := s.change(into, func(t *ticket, now time.Time) { t.set.comment = now }); err != nil {
		return err
	}
	return s.change(id, func(t *ticket, now time.Time) {
		t.Tags = append(slices.Clone(t.Tags), "closed_by_merge")
		s.setStatus(t, "closed", now)
	})
}

// Delete deletes a ticket: the incremental export tells of it, everything else forgets it.
func (s *Server) Delete(id int64) error {
	return s.change(id, func(t *ticket, now time.Time) {
		t.deleted = true
		t.status = "deleted"
		t.history = append(t.history, statusAt{"deleted", now})
		for _, c := range t.clocks {
			c.withdraw(now)
		}
	})
}

// Touch changes something that only the system sees: the row is exported again, its updated_at lags behind.
func (s *Server) Touch(id int64) error {
	s.mu.Lock()
	defer s.mu.Unlock()
	t := s.tickets[id]
	if t == nil {
		return fmt.Errorf("ticket %d does not exist", id)
	}
	t.generated = s.o.Now()
	return nil
}

// Spoil makes the row of a ticket wrong; an empty fault mends it.
func (s *Server) Spoil(id int64, f RowFault) error {
	return s.change(id, func(t *ticket, _ time.Time) { t.fault = f })
}

func (s *Server) setStatus(t *ticket, status string, now time.Time) {
	before := t.status
	if status == before {
		return
	}
	t.status, t.custom = status, s.defaultStatus(status)
	t.history = append(t.history, statusAt{status, now})
	ended, wasEnded := status == "solved" || status == "closed", before == "solved"
	switch {
	case ended && !wasEnded:
		t.set.solved = now
		if t.set.firstSolved.IsZero() {
			t.set.firstSolved = now
		}
		for _, m := range s.metrics() {
			s.fulfill(t, m, now)
		}
	case wasEnded && !ended:
		t.set.reopens++
		for _, m := range []string{agentWork, requesterWait, resolution} {
			s.resume(t, m, now)
		}
		s.own(t, now)
	}
	s.applyPauses(t, now)
}

// defaultStatus is the account's status that stands for a system status; 0 without custom statuses.
func (s *Server) defaultStatus(category string) int64 {
	for _, c := range s.o.Statuses {
		if c.Category == category || category == "closed" && c.Category == "solved" {
			return c.ID
		}
	}
	return 0
}

// statusOn is the status a ticket had at an instant; empty before it was opened.
func (t *ticket) statusOn(at time.Time) string {
	for _, h := range slices.Backward(t.history) {
		if !h.at.After(at) {
			return h.status
		}
	}
	return ""
}
