package freshdesk

import (
	"encoding/json"
	"os"
	"testing"

	"whatsapp_sla_exporter/internal/sla"
	"whatsapp_sla_exporter/internal/upstream"
)

// FuzzRow reads any bytes as a row. Whatever comes out is a ticket that can be watched, or one that is gone.
func FuzzRow(f *testing.F) {
	text, err := os.ReadFile("testdata/three_tickets.json")
	must(f, err)
	var list rows
	must(f, json.Unmarshal(text, &list))
	for _, raw := range list {
		f.Add([]byte(raw))
	}
	for _, s := range []string{
		`null`, `[]`, `{"id":-1}`, `{"id":1,"tags":"x"}`, `{"id":1,"created_at":"0001-01-01T00:00:00Z"}`, `{"id":1,"created_at":"2026-03-02T08:15:00Z","deleted":true}`,
		`{"id":1,"status":4,"created_at":"2026-03-02T08:15:00Z","due_by":"2026-03-02T08:15:00Z","custom_fields":{"cf_a":[1,["b",{}]],"cf_b":{}}}`,
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
		if got.ID == "" || !got.Gone && (got.CreatedAt.IsZero() || got.Status == "") {
			t.Errorf("a ticket that cannot be watched: %+v", got)
		}
		seen := map[sla.Target]bool{}
		for _, n := range got.Native {
			if seen[n.Target] || n.Paused == !n.Due.IsZero() {
				t.Errorf("deadline %+v", n)
			}
			seen[n.Target] = true
		}
	})
}

// FuzzFailure reads any bytes as an error.
func FuzzFailure(f *testing.F) {
	f.Add([]byte(`{"description":"Validation failed","errors":[{"field":"page","message":"no","code":"invalid_value"}]}`))
	f.Add([]byte(`{"code":"invalid_credentials","message":"no"}`))
	f.Fuzz(func(t *testing.T, b []byte) {
		if e := check(&upstream.Response{Status: 500, Body: b}); e == nil || e.Reason != upstream.Server || e.Err == nil {
			t.Errorf("%v", e)
		}
	})
}

// FuzzStatusChoices reads any bytes as the choices of a field.
func FuzzStatusChoices(f *testing.F) {
	f.Add([]byte(`{"2":["Open","Being processed"],"9":[]}`))
	f.Add([]byte(`{"Low":1}`))
	f.Fuzz(func(t *testing.T, b []byte) {
		var s statusChoices
		if err := json.Unmarshal(b, &s); err != nil && json.Valid(b) {
			t.Error(err)
		}
	})
}
