package chatwoot

import (
	"encoding/json"
	"os"
	"strings"
	"testing"

	"whatsapp_sla_exporter/internal/sla"
	"whatsapp_sla_exporter/internal/upstream"
)

// FuzzRow reads any bytes as a row. Whatever comes out is a ticket that can be watched.
func FuzzRow(f *testing.F) {
	text, err := os.ReadFile("testdata/three_conversations.json")
	must(f, err)
	var page list
	must(f, json.Unmarshal(text, &page))
	for _, raw := range page.Data.Payload {
		f.Add([]byte(raw))
	}
	for _, s := range []string{
		`null`, `[]`, `{"id":-1}`, `{"id":1,"labels":"x"}`, `{"id":1,"created_at":1e300}`, `{"id":1,"created_at":"2026-03-02T08:15:00Z","snoozed_until":"x"}`,
		`{"id":1,"status":"resolved","created_at":1772439300,"applied_sla":{"sla_frt_due_at":"x","sla_resolution_time_threshold":1e300},"last_non_activity_message":{"id":1,"message_type":1}}`,
	} {
		f.Add([]byte(s))
	}
	c, err := New(Options{Upstream: upstream.Options{BaseURL: "http://127.0.0.1:1/app/accounts/1"}, KeepField: func(string) bool { return true }})
	must(f, err)
	f.Fuzz(func(t *testing.T, b []byte) {
		r, err := readRow(b)
		if err != nil {
			return
		}
		p := c.collect(0)
		got := p.ticket(t.Context(), &r)
		if got.ID == "" || got.CreatedAt.IsZero() || got.Status == "" {
			t.Errorf("a ticket that cannot be watched: %+v", got)
		}
		seen := map[sla.Target]bool{}
		for _, n := range got.Native {
			if seen[n.Target] || n.Paused || n.Due.IsZero() {
				t.Errorf("deadline %+v", n)
			}
			seen[n.Target] = true
		}
	})
}

// FuzzFailure reads any bytes as an error.
func FuzzFailure(f *testing.F) {
	f.Add([]byte(`{"error":"You are not authorized to do this action"}`))
	f.Add([]byte(`{"message":"x"}`))
	f.Fuzz(func(t *testing.T, b []byte) {
		if e := check(&upstream.Response{Status: 401, Body: b}); e == nil || e.Err == nil || e.Reason != upstream.Auth && e.Reason != upstream.Permission {
			t.Errorf("%v", e)
		}
	})
}

// FuzzSplit reads any text as the URL of an account: an error, or a number and what is before it.
func FuzzSplit(f *testing.F) {
	f.Add("https://chat.acme.example/app/accounts/12")
	f.Add("/app/accounts//app/accounts/1")
	f.Fuzz(func(t *testing.T, raw string) {
		base, number, err := split(raw)
		if err == nil && (strings.Trim(number, "0123456789") != "" || number == "" || !strings.HasPrefix(raw, base)) {
			t.Errorf("%q is %q and %q", raw, base, number)
		}
	})
}
