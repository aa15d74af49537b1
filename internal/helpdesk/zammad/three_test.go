package zammad

import (
	"net/http"
	"os"
	"testing"
	"time"

	"whatsapp_sla_exporter/internal/helpdesk"
	"whatsapp_sla_exporter/internal/helpdesk/desktest"
	"whatsapp_sla_exporter/internal/sla"
)

// TestThreeTickets reads rows that no simulator wrote: the three tickets that the fixtures of all helpdesks hold.
func TestThreeTickets(t *testing.T) {
	rows, err := os.ReadFile("testdata/three_tickets.json")
	must(t, err)
	o := desktest.Serve(t, http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		w.Header().Set("Date", desktest.Epoch.Format(http.TimeFormat))
		if r.URL.Path == searchPath {
			_, _ = w.Write(rows)
			return
		}
		_, _ = w.Write([]byte(`[{"id":1,"name":"new","state_type":"new"},{"id":2,"name":"open","state_type":"open"},
			{"id":3,"name":"pending reminder","state_type":"pending reminder","ignore_escalation":true}]`))
	}))
	url := o.BaseURL
	o.BaseURL += "/"
	c, err := New(Options{
		Upstream: o,
		KeepField: func(name string) bool {
			return name == "severity" || name == "root_cause" || name == "customer" || name == "title"
		},
		Now: func() time.Time { return desktest.Epoch }, Lookback: 30 * 24 * time.Hour,
	})
	must(t, err)
	p, err := c.Changes(t.Context(), "")
	must(t, err)
	want := []helpdesk.Ticket{
		{
			ID: "103", URL: url + "/#ticket/zoom/103", Status: sla.StatusPending, StatusRaw: "pending reminder", Priority: "2 normal", Group: "1",
			Fields: map[string]string{"severity": "normal"}, CreatedAt: at("2026-02-27T14:00:00Z"), UpdatedAt: at("2026-02-27T15:00:00Z"),
			FirstResponseAt: at("2026-02-27T14:30:00Z"), LastAgentReplyAt: at("2026-02-27T15:00:00Z"), LastCustomerMessageAt: at("2026-02-27T14:00:00Z"),
			Native: []helpdesk.NativeTarget{
				{Target: sla.FirstResponse, Start: at("2026-02-27T14:00:00Z"), Due: at("2026-02-27T18:00:00Z"), MetAt: at("2026-02-27T14:30:00Z")},
				{Target: sla.Resolution, Start: at("2026-02-27T14:00:00Z"), Paused: true},
			},
		},
		{
			ID: "101", URL: url + "/#ticket/zoom/101", Status: sla.StatusOpen, StatusRaw: "open", Priority: "3 high", Group: "1",
			Fields: map[string]string{"severity": "high", "root_cause": "template_paused"}, CreatedAt: at("2026-03-02T08:15:00Z"), UpdatedAt: at("2026-03-02T09:31:00Z"),
			FirstResponseAt: at("2026-03-02T08:55:00Z"), LastAgentReplyAt: at("2026-03-02T08:55:00Z"), LastCustomerMessageAt: at("2026-03-02T09:30:00Z"), WaitingSince: at("2026-03-02T09:30:00Z"),
			Native: []helpdesk.NativeTarget{
				{Target: sla.FirstResponse, Start: at("2026-03-02T08:15:00Z"), Due: at("2026-03-02T09:15:00Z"), MetAt: at("2026-03-02T08:55:00Z")},
				{Target: sla.NextResponse, Start: at("2026-03-02T09:30:00Z"), Due: at("2026-03-02T10:30:00Z")},
				{Target: sla.Resolution, Start: at("2026-03-02T08:15:00Z"), Due: at("2026-03-02T16:15:00Z")},
			},
		},
		{
			ID: "102", URL: url + "/#ticket/zoom/102", Status: sla.StatusNew, StatusRaw: "new", Priority: "3 high", Group: "1",
			Fields: map[string]string{"severity": "urgent"}, CreatedAt: at("2026-03-02T09:40:00Z"), UpdatedAt: at("2026-03-02T09:40:05Z"),
			LastCustomerMessageAt: at("2026-03-02T09:40:00Z"), WaitingSince: at("2026-03-02T09:40:00Z"),
			Native: []helpdesk.NativeTarget{
				{Target: sla.FirstResponse, Start: at("2026-03-02T09:40:00Z"), Due: at("2026-03-02T10:10:00Z")},
				{Target: sla.Resolution, Start: at("2026-03-02T09:40:00Z"), Due: at("2026-03-02T13:40:00Z")},
			},
		},
	}
	if x := diff(want, p.Tickets); x != "" {
		t.Error(x)
	}
	if p.Cursor != "1772444405000" || p.BadRows != 0 || len(p.Unmapped) != 0 {
		t.Errorf("cursor %q, %d bad rows, unmapped %v", p.Cursor, p.BadRows, p.Unmapped)
	}
}
