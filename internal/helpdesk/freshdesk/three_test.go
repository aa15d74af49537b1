package freshdesk

import (
	"net/http"
	"os"
	"testing"
	"time"

	"whatsapp_sla_exporter/internal/helpdesk"
	"whatsapp_sla_exporter/internal/helpdesk/desktest"
	"whatsapp_sla_exporter/internal/sla"
)

// threeTickets is what the client should make of the three tickets that the fixtures of all helpdesks hold.
func threeTickets(url string) []helpdesk.Ticket {
	common := helpdesk.Ticket{Channel: "whatsapp", Type: "Incident", Group: "21", Fields: map[string]string{"cf_provider": "meta"}}
	one, two, three := common, common, common
	three.ID, three.URL, three.Status, three.StatusRaw, three.Priority = "103", url+"/a/tickets/103", sla.StatusPending, "pending", "medium"
	three.Tags, three.Fields, three.Brand = []string{"provider_other", "sev_normal"}, map[string]string{"cf_provider": "other"}, "51"
	three.CreatedAt, three.UpdatedAt = at("2026-02-27T14:00:00Z"), at("2026-02-27T15:00:00Z")
	three.FirstResponseAt, three.LastAgentReplyAt, three.LastCustomerMessageAt = at("2026-02-27T14:30:00Z"), at("2026-02-27T15:00:00Z"), at("2026-02-27T14:00:00Z")
	three.Native = []helpdesk.NativeTarget{
		{Target: sla.FirstResponse, Start: at("2026-02-27T14:00:00Z"), Due: at("2026-02-27T18:00:00Z"), MetAt: at("2026-02-27T14:30:00Z")},
		{Target: sla.Resolution, Start: at("2026-02-27T14:00:00Z"), Paused: true},
	}
	one.ID, one.URL, one.Status, one.StatusRaw, one.Priority = "101", url+"/a/tickets/101", sla.StatusOpen, "open", "high"
	one.Tags = []string{"provider_meta", "rc_template_paused", "sev_high"}
	one.CreatedAt, one.UpdatedAt = at("2026-03-02T08:15:00Z"), at("2026-03-02T09:31:00Z")
	one.FirstResponseAt, one.LastAgentReplyAt = at("2026-03-02T08:55:00Z"), at("2026-03-02T08:55:00Z")
	one.LastCustomerMessageAt, one.WaitingSince = at("2026-03-02T09:30:00Z"), at("2026-03-02T09:30:00Z")
	one.Native = []helpdesk.NativeTarget{
		{Target: sla.FirstResponse, Start: at("2026-03-02T08:15:00Z"), Due: at("2026-03-02T09:15:00Z"), MetAt: at("2026-03-02T08:55:00Z")},
		{Target: sla.NextResponse, Due: at("2026-03-02T10:30:00Z")},
		{Target: sla.Resolution, Start: at("2026-03-02T08:15:00Z"), Due: at("2026-03-02T16:15:00Z")},
	}
	two.ID, two.URL, two.Status, two.StatusRaw, two.Priority = "102", url+"/a/tickets/102", sla.StatusNew, "open", "urgent"
	two.Tags = []string{"provider_meta", "sev_urgent"}
	two.CreatedAt, two.UpdatedAt = at("2026-03-02T09:40:00Z"), at("2026-03-02T09:40:05Z")
	two.LastCustomerMessageAt, two.WaitingSince = at("2026-03-02T09:40:00Z"), at("2026-03-02T09:40:00Z")
	two.Native = []helpdesk.NativeTarget{
		{Target: sla.FirstResponse, Start: at("2026-03-02T09:40:00Z"), Due: at("2026-03-02T10:10:00Z")},
		{Target: sla.Resolution, Start: at("2026-03-02T09:40:00Z"), Due: at("2026-03-02T13:40:00Z")},
	}
	return []helpdesk.Ticket{three, one, two}
}

// TestThreeTickets reads rows that no simulator wrote. The key is no admin's: statuses have no labels.
func TestThreeTickets(t *testing.T) {
	rows, err := os.ReadFile("testdata/three_tickets.json")
	must(t, err)
	o := desktest.Serve(t, http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		w.Header().Set("Date", desktest.Epoch.Format(http.TimeFormat))
		if r.URL.Path != listPath {
			w.WriteHeader(http.StatusForbidden)
			return
		}
		_, _ = w.Write(rows)
	}))
	url := o.BaseURL
	o.BaseURL += "/"
	c, err := New(Options{
		Upstream:  o,
		KeepField: func(name string) bool { return name == "cf_provider" },
		Now:       func() time.Time { return desktest.Epoch }, Lookback: 30 * 24 * time.Hour,
	})
	must(t, err)
	p, err := c.Changes(t.Context(), "")
	must(t, err)
	if x := diff(threeTickets(url), p.Tickets); x != "" {
		t.Error(x)
	}
	if p.Cursor != "1772444405000" || p.BadRows != 0 || len(p.Unmapped) != 0 {
		t.Errorf("cursor %q, %d bad rows, unmapped %v", p.Cursor, p.BadRows, p.Unmapped)
	}
}
