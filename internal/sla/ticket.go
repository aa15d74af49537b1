package sla

import "time"

// Status is the status of a ticket in the neutral model.
type Status string

// The statuses of a ticket. Pending waits for the customer, OnHold for a third party.
const (
	StatusNew     Status = "new"
	StatusOpen    Status = "open"
	StatusPending Status = "pending"
	StatusOnHold  Status = "on_hold"
	StatusSolved  Status = "solved"
	StatusClosed  Status = "closed"
)

// OpenStatuses lists the statuses of a ticket that somebody still has to work on.
var OpenStatuses = []Status{StatusNew, StatusOpen, StatusPending, StatusOnHold}

// Done says whether work on the ticket has ended.
func (s Status) Done() bool { return s == StatusSolved || s == StatusClosed }

// Span is a stretch of time in which a ticket had one status. To is zero while it lasts.
type Span struct {
	From time.Time `json:"from" yaml:"from"`
	To   time.Time `json:"to" yaml:"to"`
	// Status is which status it was, for policies that only some statuses pause. A span that does not tell, and
	// one between solving and reopening, pauses every clock that can be paused at all.
	Status Status `json:"status,omitempty" yaml:"status,omitempty"`
}

// Ticket is what the clock needs to know of a ticket. Zero times are unknown or have not happened.
type Ticket struct {
	Severity string // the policy's name, number or rank for it; empty: the topic decides
	Topic    string
	Status   Status
	// External says that the failure is not the vendor's own (origin: external).
	External bool
	// Invalid says that the ticket lacks the minimum information the policy asks for (valid: false).
	Invalid bool
	// WhatsApp says that the customer wrote on WhatsApp, so that the service window runs.
	WhatsApp bool

	OpenedAt time.Time
	// ValidAt is when the ticket had the minimum information, where that is known to be later than OpenedAt.
	ValidAt               time.Time
	FirstResponseAt       time.Time // first public reply of a human agent
	LastAgentReplyAt      time.Time // last public reply of a human agent
	WaitingSince          time.Time // oldest unanswered customer message; zero when the ball is with the customer
	LastCustomerMessageAt time.Time
	ResolvedAt            time.Time
	// OutstandingRequests counts what is still asked for on a resolved ticket.
	OutstandingRequests int
	// Pauses are the stretches in which the ticket was pending, on hold, or solved before it was reopened, in
	// order. The last may still last. A solved ticket that is reopened goes on where it stopped because its
	// solved stretch is given here.
	Pauses []Span
}

// Reason says why no policy covers a ticket.
type Reason string

// The reasons, values of the reason label of helpdesk_uncovered_tickets.
const (
	ExternalOrigin Reason = "external_origin" // not the vendor's failure (Reach)
	InvalidTicket  Reason = "invalid"         // lacks the minimum information (360dialog)
	NoPolicy       Reason = "no_policy"       // nothing maps the ticket to a policy
	NoSeverity     Reason = "no_severity"     // the policy knows neither its severity nor its topic
)

// Reasons lists all reasons.
var Reasons = []Reason{ExternalOrigin, InvalidTicket, NoPolicy, NoSeverity}

// Coverage says which severity of the policy a ticket has, or why the policy does not cover it.
type Coverage struct {
	Severity string // the policy's own name for it, where known
	Reason   Reason // empty: covered
}

// Covered says whether the policy's clock runs on the ticket.
func (c Coverage) Covered() bool { return c.Reason == "" }
