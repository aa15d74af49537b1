package zendesk

import (
	"encoding/json"
	"net/http/httptest"
	"testing"
	"time"

	simulator "whatsapp_sla_exporter/internal/simulator/zendesk"
)

// spent is what the calls of f were, by endpoint.
func (d *desk) spent(f func()) map[string]int {
	before := d.Calls()
	f()
	out := d.Calls()
	for path, n := range before {
		if out[path] -= n; out[path] == 0 {
			delete(out, path)
		}
	}
	return out
}

// At 10,000 open tickets, of which ten change between polls, a poll costs two calls, or one with an agent's token. A
// burst of changes costs a call more, once. All open tickets cost two calls per hundred, and a cold start is that and
// a first poll.
func TestCostAtTenThousandOpenTickets(t *testing.T) {
	for name, tc := range map[string]struct {
		token                   string
		first, open, steadyPoll map[string]int
	}{
		"an admin's token": {
			token:      secret,
			first:      map[string]int{"/api/v2/incremental/tickets/cursor": maxPages, "/api/v2/tickets": 1},
			open:       map[string]int{"/api/v2/search/export": manyTickets / fullPage, "/api/v2/tickets/show_many": manyTickets / fullPage},
			steadyPoll: map[string]int{"/api/v2/incremental/tickets/cursor": 1, "/api/v2/tickets": 1},
		},
		"an agent's token": {
			token:      "agents-token",
			first:      map[string]int{"/api/v2/incremental/tickets/cursor": 1, "/api/v2/tickets": 6},
			steadyPoll: map[string]int{"/api/v2/tickets": 1},
		},
	} {
		t.Run(name, func(t *testing.T) {
			d := newDesk(t, withToken(tc.token), func(_ *simulator.Options, o *Options) { o.Lookback, o.PageSize = 22*time.Hour, manyTickets/20 })
			d.SetSideloads(simulator.Sideloads{SLAs: true}) // rows are smaller, calls are not fewer
			for id := range int64(manyTickets) {
				d.Create(simulator.Seed{ID: id + 1, At: epoch.Add(-24 * time.Hour).Add(time.Duration(id) * 10_000 / manyTickets * time.Second)})
			}
			cursor := ""
			if x := diff(tc.first, d.spent(func() { cursor = d.changes(t, "").Cursor })); x != "" {
				t.Errorf("first poll: %s", x)
			}
			if tc.open != nil { // the same calls for both tokens
				if x := diff(tc.open, d.spent(func() { d.open(t) })); x != "" {
					t.Errorf("all open tickets: %s", x)
				}
			}
			for more := true; more; {
				d.pass(time.Minute)
				p := d.changes(t, cursor)
				cursor, more = p.Cursor, p.More
			}
			for id := range int64(10) {
				must(t, d.AgentReply(id+1))
			}
			d.pass(time.Minute)
			if x := diff(tc.steadyPoll, d.spent(func() { d.changes(t, cursor) })); x != "" {
				t.Errorf("steady poll: %s", x)
			}
		})
	}
}

// An hour of polls every minute, with two reads of all open tickets, stays inside Zendesk's limits: the
// simulator would refuse.
func TestAnHourOfPollsIsNeverThrottled(t *testing.T) {
	d := newDesk(t)
	d.client.batch = 4
	for id := range int64(12) {
		d.Create(simulator.Seed{ID: id + 1, Priority: "high", At: epoch.Add(-time.Hour)})
	}
	cursor := ""
	for n := range int64(60) {
		d.pass(time.Minute)
		if n%10 == 0 {
			must(t, d.AgentReply(n/10+1))
		}
		cursor = d.changes(t, cursor).Cursor
		if n%30 == 0 {
			d.open(t)
		}
	}
	want := map[string]int{
		"/api/v2/incremental/tickets/cursor": 60, "/api/v2/tickets": 60,
		"/api/v2/search/export": 2 * 3, "/api/v2/tickets/show_many": 2 * 3,
	}
	if x := diff(want, d.Calls()); x != "" {
		t.Error(x)
	}
}

// page is an export page of n tickets that have lived a little.
func page(tb testing.TB, n int) []byte {
	tb.Helper()
	d := newDesk(tb)
	for id := range int64(n) {
		d.Create(simulator.Seed{ID: id + 1, Priority: "high", Channel: "whatsapp", Tags: []string{"provider_meta", "vip"}, Group: 21, Fields: map[int64]any{7001: "meta"}, At: epoch.Add(-time.Hour)})
		must(tb, d.AgentReply(id+1))
		must(tb, d.SetStatus(id+1, "pending"))
		must(tb, d.CustomerMessage(id+1))
		must(tb, d.AgentReply(id+1))
	}
	d.pass(5 * time.Minute)
	r := httptest.NewRequest("GET", "/api/v2/incremental/tickets/cursor?start_time=0&include=slas,metric_events,metric_sets", nil)
	r.SetBasicAuth(user+"/token", secret)
	w := httptest.NewRecorder()
	d.ServeHTTP(w, r)
	return w.Body.Bytes()
}

// BenchmarkPage reads a page of 500 tickets with all side-loads.
func BenchmarkPage(b *testing.B) {
	const n = 500
	body := page(b, n)
	c := newDesk(b).client
	b.SetBytes(int64(len(body)))
	b.ReportAllocs()
	for b.Loop() {
		var p exportPage
		must(b, json.Unmarshal(body, &p))
		col := c.collect()
		col.add(b.Context(), incremental, p.Tickets, p.MetricSets, time.Time{})
		if len(col.pass.Tickets) != n {
			b.Fatal(len(col.pass.Tickets))
		}
	}
	b.ReportMetric(float64(b.Elapsed().Nanoseconds())/float64(b.N)/n, "ns/ticket")
	b.ReportMetric(float64(len(body))/n, "bytes/ticket")
}
