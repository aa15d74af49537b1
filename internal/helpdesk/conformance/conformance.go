// Package conformance is what every helpdesk client owes, as tests: it plays the same stories to each helpdesk's
// simulator and looks at what the client makes of them. The suite serves the simulator over HTTP itself and puts the
// faults in front of it, so a simulator only has to be honest.
package conformance

import (
	"context"
	"net/http"
	"slices"
	"testing"
	"time"

	"whatsapp_sla_exporter/internal/helpdesk"
	"whatsapp_sla_exporter/internal/simulator/fault"
	"whatsapp_sla_exporter/internal/upstream"
)

// Client is what is tested: the reading side of package poll.
type Client interface {
	Changes(ctx context.Context, cursor string) (*helpdesk.Pass, error)
	Open(ctx context.Context) (*helpdesk.Pass, error)
	Lookup(ctx context.Context, ids []string) (*helpdesk.Pass, error)
}

// Fact is something that a client tells of a ticket's conversation.
type Fact string

// The facts that some helpdesks do not tell.
const (
	FirstResponse   Fact = "first response"
	LastReply       Fact = "last agent reply"
	LastMessage     Fact = "last customer message"
	Waiting         Fact = "waiting since"
	OldestWaiting   Fact = "oldest unanswered message" // tells a waiting since, but that of the latest message
	SolvedAt        Fact = "solved at"
	NativeByUrgency Fact = "native targets that follow the priority"
)

// Harness is one helpdesk and its client.
type Harness struct {
	// New makes a simulated helpdesk without tickets, whose clock is now.
	New func(t testing.TB, now func() time.Time) *Desk
	// Want turns what is expected of one of the three tickets (101, 102, 103) into what this product tells of it.
	// It comes with everything a product could tell; url is the client's BaseURL.
	Want func(url string, number int, ticket *helpdesk.Ticket)
	// Feed and List begin the paths of the calls that Changes and Open page through, and FeedPage and ListPage are
	// how many rows their pages have with this harness's client. A feed without pages has a FeedPage of 0.
	Feed, List         string
	FeedPage, ListPage int
	// Settle is how long a change may stay out of a feed or an index; a second where it is not set.
	Settle time.Duration
	// Steady is how many calls a poll may cost when little changed.
	Steady int
	// Lacks are the facts that this helpdesk does not tell.
	Lacks []Fact
	// Reasons are the reasons of faults where they differ from those that their statuses stand for.
	Reasons map[fault.Kind]upstream.Reason
}

func (h *Harness) lacks(f Fact) bool { return slices.Contains(h.Lacks, f) }

// Seed is a ticket as a customer opens it on WhatsApp. It has the type "incident" and the group 21, where the product has
// such things.
type Seed struct {
	// Number becomes the ticket's id, as far as the product's ids can hold it.
	Number   int64
	Priority string // low, normal, high, urgent, in the product's own words
	Tags     []string
	Provider string // goes into a custom field that the harness's client keeps; empty: none
}

// Promises are the helpdesk's own targets by priority, for products that have such. Zero is no target.
var Promises = map[string]struct{ FirstResponse, NextResponse, Resolution time.Duration }{
	"urgent": {30 * time.Minute, 0, 4 * time.Hour},
	"high":   {time.Hour, time.Hour, 8 * time.Hour},
	"normal": {4 * time.Hour, 0, 16 * time.Hour},
}

// Desk is a simulated helpdesk: what happens to its tickets, by their ids, at the instant that its clock shows. What
// a product does not have is nil; its cases are then left out.
type Desk struct {
	Handler http.Handler
	// Client makes a client. The suite sets BaseURL, HTTP, Timeout, rates and backoff; the harness puts the
	// credentials around o.HTTP.Transport, for example with Header or Basic.
	Client func(o upstream.Options, now func() time.Time) (Client, error)
	// Secret is the credential, which no error may tell.
	Secret string

	Create        func(Seed) (id string)
	Reply         func(id string) error // publicly, by a human agent
	Note          func(id string) error // that the customer does not see
	Write         func(id string) error // by the customer
	Pend          func(id string) error // the agent waits for the customer
	Solve         func(id string) error
	Reopen        func(id string) error
	Prioritise    func(id, priority string) error
	Delete        func(id string) error
	Merge         func(id, into string) error
	UnknownStatus func(id string) error // gives it a status that nobody mapped
	BadRow        func(id string) error // makes its row impossible to read
}

// Run runs every case that the helpdesk can play.
func Run(t *testing.T, h Harness) {
	t.Run("the three tickets", h.threeTickets)
	t.Run("paging", h.paging)
	t.Run("throttling", h.throttling)
	t.Run("failure in the middle of the changes", h.failingChanges)
	t.Run("failure in the middle of all open tickets", h.failingOpen)
	t.Run("failure of a lookup", h.failingLookup)
	t.Run("resume", h.resume)
	t.Run("changes while all open tickets are read", h.changesDuringOpen)
	t.Run("a conversation", h.conversation)
	t.Run("solved and reopened", h.reopened)
	t.Run("re-prioritised", h.reprioritised)
	t.Run("a clock that is off", h.clockOff)
	d := h.New(t, time.Now)
	for _, c := range []struct {
		name  string
		plays bool
		run   func(*testing.T)
	}{
		{"changes while the changes are read", h.FeedPage > 0, h.changesDuringChanges},
		{"deleted", d.Delete != nil, h.deleted},
		{"merged", d.Merge != nil, h.merged},
		{"a status nobody mapped", d.UnknownStatus != nil, h.unknownStatus},
		{"a row that cannot be read", d.BadRow != nil, h.badRow},
	} {
		if c.plays {
			t.Run(c.name, c.run)
		}
	}
}
