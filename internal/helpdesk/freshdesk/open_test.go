package freshdesk

import (
	"strings"
	"testing"
	"time"

	"whatsapp_sla_exporter/internal/helpdesk"
	"whatsapp_sla_exporter/internal/helpdesk/desktest"
	"whatsapp_sla_exporter/internal/simulator/fault"
	simulator "whatsapp_sla_exporter/internal/simulator/freshdesk"
	"whatsapp_sla_exporter/internal/upstream"
)

// open reads all open tickets, part by part, a part a minute.
func (d *desk) open(t testing.TB) *helpdesk.Pass {
	t.Helper()
	for range 100 {
		p := desktest.Pass(t)(d.client.Open(t.Context()))
		if !p.More {
			return p
		}
		if len(p.Tickets) > 0 {
			t.Fatalf("a part of the open tickets tells %d of them", len(p.Tickets))
		}
		d.Advance(time.Minute)
	}
	t.Fatal("all open tickets are not read in 100 parts")
	return nil
}

func manyTickets(t *testing.T, n int, o simulator.Options, change ...func(*Options)) *desk {
	d := newDesk(t, o, change...)
	for id := range n {
		d.Create(simulator.Seed{ID: int64(id) + 1})
		d.Advance(time.Second)
	}
	return d
}

// On the smallest plan, with 20 calls of the list and 100 credits a minute, reading all open tickets takes minutes.
// Changes are read meanwhile, every minute, and never throttled.
func TestChangesAreReadWhileAllOpenTicketsAre(t *testing.T) {
	d := manyTickets(t, 500, simulator.Options{AccountLimit: 100, ListLimit: 20}, func(o *Options) { o.PageSize, o.Lookback = 10, time.Minute })
	d.Advance(5 * time.Minute)
	var all *helpdesk.Pass
	cursor, polls := "", 0
	for ; all == nil && polls < 20; polls++ {
		answered := d.Now()
		must(t, d.AgentReply(500))
		p := desktest.Pass(t)(d.client.Changes(t.Context(), cursor))
		if len(p.Tickets) != 1 || !p.Tickets[0].LastAgentReplyAt.Equal(answered) {
			t.Errorf("poll %d does not see the answer at %v: %+v", polls+1, answered, p.Tickets)
		}
		cursor = p.Cursor
		if open := desktest.Pass(t)(d.client.Open(t.Context())); !open.More {
			all = open
		}
		d.Advance(54 * time.Second)
	}
	if all == nil || len(all.Tickets) != 500 || polls != 3 {
		t.Fatalf("%d polls, all read %v; want 500 tickets after 3", polls, all != nil)
	}
	for _, wait := range d.Waited() {
		if wait > 6*time.Second { // what is left of a minute
			t.Errorf("changes waited %v", wait)
		}
	}
	if d.quota["account"] <= 0 || d.quota["v2/v2"] != 1 {
		t.Errorf("observed %v", d.quota)
	}
}

// What was read before a failure is not read again: on a small plan a read that began anew would hardly end.
func TestAReadOfAllOpenTicketsGoesOnAfterAFailure(t *testing.T) {
	d := manyTickets(t, 100, simulator.Options{AccountLimit: 1e6, ListLimit: 1e6}, func(o *Options) { o.PageSize = 10 })
	d.Fail(fault.Fault{Kind: fault.ServerError, Path: listPath, After: 6})
	if _, err := d.client.Open(t.Context()); upstream.ReasonOf(err) != upstream.Server {
		t.Fatal(err)
	}
	d.Heal()
	must(t, d.SetStatus(1, simulator.Resolved), d.AgentReply(2))
	before := d.Calls()[listPath]
	p := d.open(t)
	if calls := d.Calls()[listPath] - before; len(p.Tickets) != 99 || calls > 7 {
		t.Errorf("%d open tickets, %d calls; want the 99 that are open, and not the first pages again", len(p.Tickets), calls)
	}
}

func TestAReadOfAllOpenTicketsThatTakesHoursIsGivenUp(t *testing.T) {
	d := manyTickets(t, 30, simulator.Options{AccountLimit: 1e6, ListLimit: 1e6}, func(o *Options) { o.PageSize = 10 })
	d.Fail(fault.Fault{Kind: fault.ServerError, Path: listPath, After: 2})
	if _, err := d.client.Open(t.Context()); upstream.ReasonOf(err) != upstream.Server {
		t.Fatal(err)
	}
	d.Heal()
	d.Advance(readFor + time.Minute)
	if _, err := d.client.Open(t.Context()); err == nil || !strings.Contains(err.Error(), "beginning anew") {
		t.Errorf("got %v", err)
	}
	if p := d.open(t); len(p.Tickets) != 30 {
		t.Errorf("%d open tickets, want 30", len(p.Tickets))
	}
}
