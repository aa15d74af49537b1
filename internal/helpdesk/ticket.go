// Package helpdesk holds the ticket model that every helpdesk's API is translated into. The packages below it
// are the clients, one per helpdesk; they know their API and this model and nothing else.
package helpdesk

import (
	"slices"
	"time"

	"whatsapp_sla_exporter/internal/sla"
)

// Ticket is one ticket as its helpdesk tells it, before any policy is applied. Zero times are unknown or have
// not happened. It carries no subject, name, address or message text: they are personal data.
type Ticket struct {
	ID      string // stable, unique in the helpdesk
	URL     string // for a person's browser
	Channel string // lower case, "whatsapp" where the customer wrote there

	Status    sla.Status
	StatusRaw string // the helpdesk's own word
	Priority  string // the helpdesk's own, lower case
	Type      string
	Group     string // ids, not names
	Brand     string
	Form      string
	Tags      []string
	Fields    map[string]string // custom fields by id or name

	CreatedAt             time.Time
	UpdatedAt             time.Time
	FirstResponseAt       time.Time // first public reply of a human agent
	LastAgentReplyAt      time.Time
	LastCustomerMessageAt time.Time
	WaitingSince          time.Time // oldest unanswered customer message
	SolvedAt              time.Time

	// Pauses are the stretches of pending and on hold, where the helpdesk tells them (PausesKnown). Where it
	// does not, they are observed from one poll to the next.
	Pauses      []sla.Span
	PausesKnown bool

	// Native are the helpdesk's own SLA clocks, taken as they are.
	Native []NativeTarget

	// Gone says that the helpdesk deleted, merged or hid the ticket. Only ID is then sure to be set. A client that
	// is asked for a ticket the helpdesk does not know any more answers with one that is gone; of a ticket it says
	// nothing about (its row could not be read), nothing is known, and what was known stands.
	Gone bool
}

// NativeTarget is a deadline the helpdesk computed with its own policy and calendar.
type NativeTarget struct {
	Target sla.Target
	Start  time.Time // zero where the helpdesk does not tell; then the ticket's creation stands in
	Due    time.Time // zero while paused or unknown
	Paused bool
	MetAt  time.Time // when it was answered, zero while it is not
}

// Open says whether somebody still has to work on the ticket.
func (t *Ticket) Open() bool { return !t.Gone && !t.Status.Done() }

// Pass is what one read of a helpdesk brought: the tickets that changed, or all that are open.
type Pass struct {
	Tickets []Ticket
	// Cursor is where the next read of changes goes on. It is only meaningful when the pass ended without error.
	Cursor string
	// More says that the pass ended before its feed did, to stay inside a budget: what it brought and its Cursor
	// are good, and another pass goes on from there. A read of all open tickets that has more brings none yet: the
	// next goes on, and the last brings all.
	More bool
	// Gap says that changes were passed over, at the start or after an outage too long to catch up with; only a
	// read of all open tickets brings them.
	Gap bool
	// BadRows counts rows that could not be understood and were skipped.
	BadRows int
	// Unmapped counts upstream values that the mapping did not know, by field.
	Unmapped map[string]int
	// Unheard are words behind Unmapped, by field, each once: words of a list, never text that people wrote.
	Unheard map[string][]string
	// Skew is how far the helpdesk's clock is ahead of ours, by its Date header; zero when unknown.
	Skew time.Duration
}

// mostUnheard bounds the words of one field that a pass names.
const mostUnheard = 20

// Unknown counts a value of field that the mapping did not know. Value is a word of a list; "" where it is none.
func (p *Pass) Unknown(field, value string) {
	if p.Unmapped == nil {
		p.Unmapped, p.Unheard = make(map[string]int), make(map[string][]string)
	}
	p.Unmapped[field]++
	if words := p.Unheard[field]; value != "" && len(words) < mostUnheard && !slices.Contains(words, value) {
		p.Unheard[field] = append(words, value)
	}
}
