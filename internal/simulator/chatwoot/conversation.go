package chatwoot

import (
	"fmt"
	"time"
)

// The statuses of conversations. Pending ones are with a bot.
const (
	StatusOpen     = "open"
	StatusPending  = "pending"
	StatusSnoozed  = "snoozed"
	StatusResolved = "resolved"
)

// Seed is a conversation as a customer begins it. Empty fields get what a new one has.
type Seed struct {
	ID       int64 // 0: the next one
	Channel  string
	Status   string
	Priority string // empty: none
	Labels   []string
	Inbox    int64
	Team     int64
	Fields   map[string]any // custom attributes
	SLA      *SLA
}

// RowFault spoils the row of one conversation.
type RowFault string

// The faults of rows.
const (
	NoDate        RowFault = "no date"        // created_at is null
	WrongType     RowFault = "wrong type"     // the labels are a text
	UnknownStatus RowFault = "unknown status" // a status nobody documented
)

// The types of messages.
const (
	incoming = iota
	outgoing
	activity
	template
)

type message struct {
	id      int64
	kind    int
	private bool
	sender  string // Contact, User, AgentBot
	at      time.Time
}

type conversation struct {
	id int64
	Seed
	status           string
	created, updated time.Time
	activity         time.Time
	firstReply       time.Time
	waiting          time.Time
	snoozedUntil     time.Time
	messages         []message
	hidden           bool
	fault            RowFault
}

// Create begins a conversation with a message of the customer and returns its id.
func (s *Server) Create(seed Seed) int64 {
	s.mu.Lock()
	defer s.mu.Unlock()
	if seed.ID == 0 {
		seed.ID = s.nextID + 1
	}
	s.nextID = max(s.nextID, seed.ID)
	if seed.Channel == "" {
		seed.Channel = "Channel::WebWidget"
	}
	if seed.Status == "" {
		seed.Status = StatusOpen
	}
	if seed.Inbox == 0 {
		seed.Inbox = 5
	}
	now := s.o.Now()
	c := &conversation{id: seed.ID, Seed: seed, status: seed.Status, created: now, updated: now, waiting: now}
	s.write(c, message{kind: incoming, sender: "Contact"}, now)
	s.conversations[c.id] = c
	return c.id
}

func (s *Server) write(c *conversation, m message, now time.Time) {
	s.nextMessage++
	m.id, m.at = s.nextMessage, now
	c.messages = append(c.messages, m)
	c.activity = now
}

// change runs f on a conversation.
func (s *Server) change(id int64, f func(c *conversation, now time.Time)) error {
	s.mu.Lock()
	defer s.mu.Unlock()
	c := s.conversations[id]
	if c == nil {
		return fmt.Errorf("conversation %d does not exist", id)
	}
	now := s.o.Now()
	f(c, now)
	c.updated = now
	return nil
}

// AgentReply adds a public message of an agent.
func (s *Server) AgentReply(id int64) error {
	return s.change(id, func(c *conversation, now time.Time) {
		s.write(c, message{kind: outgoing, sender: "User"}, now)
		if c.firstReply.IsZero() {
			c.firstReply = now
		}
		c.waiting = time.Time{}
	})
}

// BotReply adds a message of a bot: nobody waits less for it.
func (s *Server) BotReply(id int64) error {
	return s.change(id, func(c *conversation, now time.Time) {
		s.write(c, message{kind: outgoing, sender: "AgentBot"}, now)
	})
}

// PrivateNote adds a note that the customer does not see.
func (s *Server) PrivateNote(id int64) error {
	return s.change(id, func(c *conversation, now time.Time) {
		s.write(c, message{kind: outgoing, private: true, sender: "User"}, now)
	})
}

// CustomerMessage adds a message of the customer. A conversation that is snoozed or resolved becomes open; one that
// is pending stays with the bot.
func (s *Server) CustomerMessage(id int64) error {
	return s.change(id, func(c *conversation, now time.Time) {
		s.write(c, message{kind: incoming, sender: "Contact"}, now)
		if c.waiting.IsZero() {
			c.waiting = now
		}
		if c.status == StatusSnoozed || c.status == StatusResolved {
			s.setStatus(c, StatusOpen, now)
		}
	})
}

// SetStatus gives a conversation a status.
func (s *Server) SetStatus(id int64, status string) error {
	return s.change(id, func(c *conversation, now time.Time) { s.setStatus(c, status, now) })
}

// Snooze snoozes a conversation until an instant, or, where it is zero, until the customer writes.
func (s *Server) Snooze(id int64, until time.Time) error {
	return s.change(id, func(c *conversation, now time.Time) {
		s.setStatus(c, StatusSnoozed, now)
		c.snoozedUntil = until
	})
}

func (s *Server) setStatus(c *conversation, status string, now time.Time) {
	if c.status == status {
		return
	}
	c.status, c.snoozedUntil = status, time.Time{}
	if status == StatusResolved {
		c.waiting = time.Time{}
	}
	s.write(c, message{kind: activity}, now)
}

// SetPriority changes the priority. An SLA that was applied stays.
func (s *Server) SetPriority(id int64, priority string) error {
	return s.change(id, func(c *conversation, now time.Time) {
		c.Priority = priority
		s.write(c, message{kind: activity}, now)
	})
}

// Delete deletes a conversation for ever.
func (s *Server) Delete(id int64) error {
	s.mu.Lock()
	defer s.mu.Unlock()
	if s.conversations[id] == nil {
		return fmt.Errorf("conversation %d does not exist", id)
	}
	delete(s.conversations, id)
	return nil
}

// Hide moves a conversation to an inbox that the tokens' users are not members of.
func (s *Server) Hide(id int64) error {
	return s.change(id, func(c *conversation, _ time.Time) { c.hidden = true })
}

// Spoil makes the row of a conversation wrong; an empty fault mends it.
func (s *Server) Spoil(id int64, f RowFault) error {
	return s.change(id, func(c *conversation, _ time.Time) { c.fault = f })
}
