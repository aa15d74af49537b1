package zammad

import (
	"encoding/json"
	"os"
	"testing"

	"whatsapp_sla_exporter/internal/sla"
	"whatsapp_sla_exporter/internal/upstream"
)

// FuzzRow reads any bytes as a row. Whatever comes out is a ticket that can be watched.
func FuzzRow(f *testing.F) {
	text, err := os.ReadFile("testdata/three_tickets.json")
	must(f, err)
	var list rows
	must(f, json.Unmarshal(text, &list))
	for _, raw := range list {
		f.Add([]byte(raw))
	}
	for _, s := range []string{
		`null`, `[]`, `{"id":-1}`, `{"id":1,"created_at":5}`, `{"id":1,"created_at":"0001-01-01T00:00:00Z"}`,
		`{"id":1,"created_at":"2026-03-02T08:15:00Z","preferences":"none","first_response_diff_in_min":"x","tags":[1,["a",{}]],"first_response_at":"2026-03-02T08:15:00Z"}`,
		`{"id":1,"created_at":"2026-03-02T08:15:00Z","first_response_at":"2026-03-02T08:16:00Z","first_response_diff_in_min":1e300}`,
	} {
		f.Add([]byte(s))
	}
	c, err := New(Options{Upstream: upstream.Options{BaseURL: "http://127.0.0.1:1"}, KeepField: func(string) bool { return true }})
	must(f, err)
	f.Fuzz(func(t *testing.T, b []byte) {
		r, err := readRow(b)
		if err != nil {
			return
		}
		got := c.ticket(&r, func(string, string) {})
		if got.ID == "" || got.CreatedAt.IsZero() || got.Status == "" {
			t.Errorf("a ticket that cannot be watched: %+v", got)
		}
		seen := map[sla.Target]bool{}
		for _, n := range got.Native {
			if seen[n.Target] || n.Paused == !n.Due.IsZero() {
				t.Errorf("deadline %+v", n)
			}
			seen[n.Target] = true
		}
		for name := range got.Fields {
			if standard[name] {
				t.Errorf("keeps %s", name)
			}
		}
	})
}

// FuzzFailure reads any bytes as an error.
func FuzzFailure(f *testing.F) {
	f.Add([]byte(`{"error":"Not authorized","error_human":"Not authorized"}`))
	f.Add([]byte(`{"error":{"a":1}}`))
	f.Fuzz(func(t *testing.T, b []byte) {
		if e := check(&upstream.Response{Status: 500, Body: b}); e == nil || e.Reason != upstream.Server || e.Err == nil {
			t.Errorf("%v", e)
		}
	})
}
