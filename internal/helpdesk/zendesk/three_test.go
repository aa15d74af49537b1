package zendesk

import (
	"encoding/json"
	"net/http"
	"net/http/httptest"
	"os"
	"testing"
	"time"

	"whatsapp_sla_exporter/internal/helpdesk"
	"whatsapp_sla_exporter/internal/sla"
	"whatsapp_sla_exporter/internal/upstream"
)

// threeTickets is what every helpdesk client should make of the three tickets that the fixtures of all of them hold:
// 101 open, high and answered; 102 new, urgent and unanswered; 103 pending and normal.
func threeTickets(base string) []helpdesk.Ticket {
	common := helpdesk.Ticket{Channel: "whatsapp", Type: "incident", Group: "21", Brand: "51", Form: "61", PausesKnown: true}
	one, two, three := common, common, common
	one.ID, one.URL, one.Status, one.StatusRaw, one.Priority = "101", base+"/agent/tickets/101", sla.StatusOpen, "open", "high"
	one.Tags = []string{"provider_meta", "rc_template_paused", "sev_high"}
	one.Fields = map[string]string{"7001": "meta"}
	one.CreatedAt, one.UpdatedAt = at("2026-03-02T08:15:00Z"), at("2026-03-02T09:31:00Z")
	one.FirstResponseAt, one.LastAgentReplyAt = at("2026-03-02T08:55:00Z"), at("2026-03-02T08:55:00Z")
	one.LastCustomerMessageAt, one.WaitingSince = at("2026-03-02T09:30:00Z"), at("2026-03-02T09:30:00Z")
	one.Native = []helpdesk.NativeTarget{
		{Target: sla.FirstResponse, Start: at("2026-03-02T08:15:00Z"), Due: at("2026-03-02T09:15:00Z"), MetAt: at("2026-03-02T08:55:00Z")},
		{Target: sla.NextResponse, Start: at("2026-03-02T09:30:00Z"), Due: at("2026-03-02T10:30:00Z")},
		{Target: sla.Resolution, Start: at("2026-03-02T08:15:00Z"), Due: at("2026-03-02T16:15:00Z")},
	}
	two.ID, two.URL, two.Status, two.StatusRaw, two.Priority = "102", base+"/agent/tickets/102", sla.StatusNew, "new", "urgent"
	two.Tags = []string{"provider_meta", "sev_urgent"}
	two.Fields = map[string]string{"7001": "meta"}
	two.CreatedAt, two.UpdatedAt = at("2026-03-02T09:40:00Z"), at("2026-03-02T09:40:05Z")
	two.LastCustomerMessageAt, two.WaitingSince = at("2026-03-02T09:40:00Z"), at("2026-03-02T09:40:00Z")
	two.Native = []helpdesk.NativeTarget{
		{Target: sla.FirstResponse, Start: at("2026-03-02T09:40:00Z"), Due: at("2026-03-02T10:10:00Z")},
		{Target: sla.Resolution, Start: at("2026-03-02T09:40:00Z"), Due: at("2026-03-02T13:40:00Z")},
	}
	three.ID, three.URL, three.Status, three.StatusRaw, three.Priority = "103", base+"/agent/tickets/103", sla.StatusPending, "pending", "normal"
	three.Tags = []string{"provider_other", "sev_normal"}
	three.Fields = map[string]string{"7001": "other"}
	three.CreatedAt, three.UpdatedAt = at("2026-02-27T14:00:00Z"), at("2026-02-27T15:00:00Z")
	three.FirstResponseAt, three.LastAgentReplyAt = at("2026-02-27T14:30:00Z"), at("2026-02-27T15:00:00Z")
	three.LastCustomerMessageAt = at("2026-02-27T14:00:00Z")
	three.Pauses = []sla.Span{{From: at("2026-02-27T15:00:00Z"), Status: sla.StatusPending}}
	three.Native = []helpdesk.NativeTarget{
		{Target: sla.FirstResponse, Start: at("2026-02-27T14:00:00Z"), Due: at("2026-02-27T18:00:00Z"), MetAt: at("2026-02-27T14:30:00Z")},
		{Target: sla.Resolution, Start: at("2026-02-27T14:00:00Z"), Paused: true},
	}
	return []helpdesk.Ticket{three, one, two}
}

// serveFixture answers the export with the fixture, changed by edit, and the list with nothing.
func serveFixture(t *testing.T, edit func(ticket map[string]any)) *Client {
	t.Helper()
	text, err := os.ReadFile("testdata/three_tickets.json")
	must(t, err)
	var page map[string]any
	must(t, json.Unmarshal(text, &page))
	for _, ticket := range page["tickets"].([]any) {
		if edit != nil {
			edit(ticket.(map[string]any))
		}
	}
	srv := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		switch r.URL.Path {
		case "/api/v2/incremental/tickets/cursor":
			_ = json.NewEncoder(w).Encode(page)
		case "/api/v2/tickets":
			_, _ = w.Write([]byte(`{"tickets":[],"meta":{"has_more":false,"after_cursor":null}}`))
		default:
			http.NotFound(w, r)
		}
	}))
	t.Cleanup(srv.Close)
	c, err := New(Options{
		Upstream:  upstream.Options{BaseURL: srv.URL, Rate: 1e6, Burst: 1e6, FirstBackoff: time.Millisecond},
		KeepField: func(id string) bool { return id == "7001" },
		Now:       func() time.Time { return epoch },
	})
	must(t, err)
	t.Cleanup(http.DefaultTransport.(*http.Transport).CloseIdleConnections)
	return c
}

func TestThreeTickets(t *testing.T) {
	c := serveFixture(t, nil)
	p, err := c.Changes(t.Context(), "")
	must(t, err)
	if x := diff(threeTickets(c.base), p.Tickets); x != "" {
		t.Error(x)
	}
	if p.Cursor != "1772444405|MTc3MjQ0NDQwNS4wfHwxMDI=" || p.BadRows != 0 || len(p.Unmapped) != 0 {
		t.Errorf("cursor %q, %d bad rows, unmapped %v", p.Cursor, p.BadRows, p.Unmapped)
	}
}

// Without metric events the totals of a ticket tell less: no pauses, no last reply among several, no start of a
// clock, and nothing of a deadline that was met.
func TestThreeTicketsWithoutMetricEvents(t *testing.T) {
	c := serveFixture(t, func(ticket map[string]any) { delete(ticket, "metric_events") })
	p, err := c.Changes(t.Context(), "")
	must(t, err)
	want := threeTickets(c.base)
	for i := range want {
		w := &want[i]
		w.Pauses, w.PausesKnown = nil, false
		w.Native = nil
		for _, n := range threeTickets(c.base)[i].Native {
			if n.MetAt.IsZero() {
				n.Start = time.Time{}
				w.Native = append(w.Native, n)
			}
		}
	}
	want[0].LastAgentReplyAt = time.Time{} // two replies: the totals have only the first
	if x := diff(want, p.Tickets); x != "" {
		t.Error(x)
	}
}

// Without any side-load there is the row alone.
func TestThreeTicketsWithoutSideloads(t *testing.T) {
	c := serveFixture(t, func(ticket map[string]any) {
		delete(ticket, "metric_events")
		delete(ticket, "metric_set")
		delete(ticket, "slas")
	})
	p, err := c.Changes(t.Context(), "")
	must(t, err)
	want := threeTickets(c.base)
	for i := range want {
		w := &want[i]
		w.Pauses, w.PausesKnown, w.Native = nil, false, nil
		w.FirstResponseAt, w.LastAgentReplyAt, w.WaitingSince = time.Time{}, time.Time{}, time.Time{}
		w.LastCustomerMessageAt = w.CreatedAt
	}
	if x := diff(want, p.Tickets); x != "" {
		t.Error(x)
	}
}
