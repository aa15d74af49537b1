package freshdesk

import (
	"strings"
	"testing"
	"time"

	simulator "whatsapp_sla_exporter/internal/simulator/freshdesk"
	"whatsapp_sla_exporter/internal/sla"
	"whatsapp_sla_exporter/internal/upstream"
)

// quietDesk has n tickets that nobody touched for 60 days, opened so many a day, and 5 young ones.
func quietDesk(t *testing.T, n, aDay int, o simulator.Options) *desk {
	t.Helper()
	d := newDesk(t, o)
	d.Advance(-60*day - time.Duration(n/aDay)*day)
	for i := range n {
		d.Create(simulator.Seed{ID: int64(1000 + i)})
		if i%aDay == aDay-1 {
			d.Advance(day)
		}
	}
	d.Advance(minute(0).Sub(d.Now()))
	for i := range int64(5) {
		d.Create(simulator.Seed{ID: 1 + i})
	}
	d.Advance(10 * time.Minute)
	return d
}

// Tickets that nobody touched for longer than the list is read are found by search, and each is read once.
func TestQuietTicketsAreFoundAndReadOnce(t *testing.T) {
	d := quietDesk(t, 40, 4, simulator.Options{AccountLimit: 1e6, ListLimit: 1e6})
	for n, want := range []map[string]int{
		{listPath: 1, searchPath: 2, "/api/v2/ticket_fields": 1, "single": 40},
		{listPath: 1, searchPath: 2},
	} {
		got := d.spent(func() {
			p, err := d.client.Open(t.Context())
			must(t, err)
			if len(p.Tickets) != 45 || p.BadRows != 0 {
				t.Errorf("%d open tickets, %d bad rows", len(p.Tickets), p.BadRows)
			}
		})
		if x := diff(want, got); x != "" {
			t.Errorf("read %d: %s", n+1, x)
		}
	}
	must(t, d.SetStatus(1000, simulator.Resolved))
	must(t, d.AgentReply(1001))
	d.Advance(10 * time.Minute)
	p, err := d.client.Open(t.Context())
	must(t, err)
	if len(p.Tickets) != 44 {
		t.Errorf("%d open tickets after one was resolved, want 44", len(p.Tickets))
	}
}

// Only admins may read the numbers of an account's own statuses. Another agent's key finds quiet tickets in those that the
// operator names, and in those that other tickets have.
func TestQuietTicketsInStatusesOfTheAccountsOwn(t *testing.T) {
	for name, tc := range map[string]struct {
		named map[string]sla.Status
		other int // status of a ticket that changed lately
		want  int // open tickets
	}{
		"named by the operator":           {map[string]sla.Status{"9": sla.StatusOnHold, "waiting for meta": sla.StatusOnHold}, simulator.Open, 2},
		"named as one that is done":       {map[string]sla.Status{"9": sla.StatusSolved}, simulator.Open, 1},
		"which another ticket is in, too": {nil, 9, 2},
		"which nothing tells of":          {nil, simulator.Open, 1},
	} {
		t.Run(name, func(t *testing.T) {
			d := newDesk(t, simulator.Options{AccountLimit: 1e6, ListLimit: 1e6, Keys: []string{key}}, func(o *Options) { o.Statuses = tc.named })
			d.Advance(-60 * day)
			d.Create(simulator.Seed{ID: 1})
			must(t, d.SetStatus(1, 9))
			d.Advance(60 * day)
			d.Create(simulator.Seed{ID: 2})
			must(t, d.SetStatus(2, tc.other))
			d.Advance(10 * time.Minute)
			if p := d.open(t); len(p.Tickets) != tc.want {
				t.Errorf("%d open tickets, want %d: %+v", len(p.Tickets), tc.want, p.Tickets)
			}
		})
	}
}

// More than a search shows are found in parts.
func TestManyQuietTickets(t *testing.T) {
	d := quietDesk(t, 900, 100, simulator.Options{AccountLimit: 1e6, ListLimit: 1e6})
	p := d.open(t)
	if len(p.Tickets) != 905 {
		t.Errorf("%d open tickets, want 905", len(p.Tickets))
	}
}

func TestTooManyQuietTicketsOfOneDay(t *testing.T) {
	d := quietDesk(t, 301, 400, simulator.Options{AccountLimit: 1e6, ListLimit: 1e6})
	_, err := d.client.Open(t.Context())
	if upstream.ReasonOf(err) != upstream.Decode || !strings.Contains(err.Error(), "301 tickets opened on 2026-01-01 are open and unchanged") {
		t.Error(err)
	}
}

// spent is what the calls of f were, single tickets together.
func (d *desk) spent(f func()) map[string]int {
	before := d.Calls()
	f()
	out := map[string]int{}
	for path, n := range d.Calls() {
		if n -= before[path]; n > 0 {
			if strings.HasPrefix(path, listPath+"/") {
				path = "single"
			}
			out[path] += n
		}
	}
	return out
}
