package chatwoot

import (
	"net/http"
	"os"
	"strings"
	"testing"
	"time"

	"whatsapp_sla_exporter/internal/helpdesk"
	"whatsapp_sla_exporter/internal/helpdesk/desktest"
	"whatsapp_sla_exporter/internal/sla"
)

// threeTickets is what the client should make of the three tickets that the fixtures of all helpdesks hold.
func threeTickets(url string) []helpdesk.Ticket {
	common := helpdesk.Ticket{Channel: "whatsapp", Group: "21", Brand: "5", Fields: map[string]string{"provider": "meta"}}
	one, two, three := common, common, common
	one.ID, one.URL, one.Status, one.StatusRaw, one.Priority = "101", url+"/app/accounts/7/conversations/101", sla.StatusOpen, "open", "high"
	one.Tags = []string{"provider_meta", "rc_template_paused", "sev_high"}
	one.CreatedAt, one.UpdatedAt = at("2026-03-02T08:15:00Z"), at("2026-03-02T09:31:00.123Z")
	one.FirstResponseAt, one.LastAgentReplyAt = at("2026-03-02T08:55:00Z"), at("2026-03-02T08:55:00Z")
	one.LastCustomerMessageAt, one.WaitingSince = at("2026-03-02T09:30:00Z"), at("2026-03-02T09:30:00Z")
	one.Native = []helpdesk.NativeTarget{
		{Target: sla.FirstResponse, Start: at("2026-03-02T08:15:00Z"), Due: at("2026-03-02T09:15:00Z"), MetAt: at("2026-03-02T08:55:00Z")},
		{Target: sla.NextResponse, Start: at("2026-03-02T09:30:00Z"), Due: at("2026-03-02T10:30:00Z")},
		{Target: sla.Resolution, Start: at("2026-03-02T08:15:00Z"), Due: at("2026-03-02T16:15:00Z")},
	}
	two.ID, two.URL, two.Status, two.StatusRaw, two.Priority = "102", url+"/app/accounts/7/conversations/102", sla.StatusNew, "open", "urgent"
	two.Tags = []string{"provider_meta", "sev_urgent"}
	two.CreatedAt, two.UpdatedAt = at("2026-03-02T09:40:00Z"), at("2026-03-02T09:40:05.123Z")
	two.LastCustomerMessageAt, two.WaitingSince = at("2026-03-02T09:40:00Z"), at("2026-03-02T09:40:00Z")
	two.Native = []helpdesk.NativeTarget{
		{Target: sla.FirstResponse, Start: at("2026-03-02T09:40:00Z"), Due: at("2026-03-02T10:10:00Z")},
		{Target: sla.Resolution, Start: at("2026-03-02T09:40:00Z"), Due: at("2026-03-02T13:40:00Z")},
	}
	three.ID, three.URL, three.Status, three.StatusRaw, three.Priority = "103", url+"/app/accounts/7/conversations/103", sla.StatusPending, "pending", "medium"
	three.Tags, three.Fields, three.Group = []string{"provider_other", "sev_normal"}, map[string]string{"provider": "other"}, ""
	three.CreatedAt, three.UpdatedAt = at("2026-02-27T14:00:00Z"), at("2026-02-27T15:00:00.123Z")
	three.FirstResponseAt, three.LastAgentReplyAt = at("2026-02-27T14:30:00Z"), at("2026-02-27T15:00:00Z")
	three.LastCustomerMessageAt = at("2026-02-27T14:00:00Z")
	three.Native = []helpdesk.NativeTarget{
		{Target: sla.FirstResponse, Start: at("2026-02-27T14:00:00Z"), Due: at("2026-02-27T18:00:00Z"), MetAt: at("2026-02-27T14:30:00Z")},
		{Target: sla.Resolution, Start: at("2026-02-27T14:00:00Z"), Due: at("2026-02-28T06:00:00Z")},
	}
	return []helpdesk.Ticket{one, two, three}
}

// TestThreeTickets reads rows that no simulator wrote, which have no last message: the messages are asked for.
func TestThreeTickets(t *testing.T) {
	rows, err := os.ReadFile("testdata/three_conversations.json")
	must(t, err)
	o := desktest.Serve(t, http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		w.Header().Set("Date", desktest.Epoch.Format(http.TimeFormat))
		switch {
		case r.URL.Path == "/api/v1/accounts/7/conversations":
			_, _ = w.Write(rows)
		case strings.HasSuffix(r.URL.Path, "103/messages"):
			_, _ = w.Write([]byte(`{"payload":[{"id":1,"message_type":0,"created_at":1772200800,"sender_type":"Contact"},
				{"id":2,"message_type":1,"created_at":1772202600,"sender_type":"User"},{"id":3,"message_type":1,"created_at":1772204400,"sender_type":"User"},
				{"id":4,"message_type":1,"created_at":1772204500,"sender_type":"User","private":true},{"id":5,"message_type":1,"created_at":1772204500,"sender_type":"AgentBot"},
				{"id":6,"message_type":1,"created_at":1772204500,"sender_type":"User","content_attributes":{"automation_rule_id":3}},
				{"id":7,"message_type":2,"created_at":1772204500}]}`))
		default:
			_, _ = w.Write([]byte(`{"payload":[]}`))
		}
	}))
	url := o.BaseURL
	o.BaseURL += "/app/accounts/7"
	c, err := New(Options{
		Upstream:  o,
		KeepField: func(name string) bool { return name == "provider" },
		Now:       func() time.Time { return desktest.Epoch }, Lookback: 30 * 24 * time.Hour,
	})
	must(t, err)
	p, err := c.Changes(t.Context(), "")
	must(t, err)
	if x := diff(threeTickets(url), p.Tickets); x != "" {
		t.Error(x)
	}
	if p.Cursor != "1772444405123" || p.BadRows != 0 || len(p.Unmapped) != 0 || p.Gap {
		t.Errorf("cursor %q, %d bad rows, unmapped %v, gap %v", p.Cursor, p.BadRows, p.Unmapped, p.Gap)
	}
}
