package rt

import (
	"encoding/json"
	"net/http"
	"os"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"whatsapp_sla_exporter/internal/helpdesk/desktest"
	"whatsapp_sla_exporter/internal/sla"
	"whatsapp_sla_exporter/internal/upstream"
)

func seedPages(f *testing.F) {
	f.Helper()
	files, err := filepath.Glob("testdata/*.json")
	if err != nil || len(files) == 0 {
		f.Fatalf("no seeds: %v", err)
	}
	for _, file := range files {
		raw, err := os.ReadFile(file)
		if err != nil {
			f.Fatal(err)
		}
		f.Add(raw)
	}
	for _, odd := range []string{
		``, `null`, `{"items":[null]}`, `{"items":[{"id":1.5}],"total":"x"}`, `{"items":[{"id":"9","Created":"soon","Status":7}]}`,
		`{"items":[{"id":3,"ObjectId":"-1","Created":"2026-03-02T10:00:00Z","Creator":""}]}`,
	} {
		f.Add([]byte(odd))
	}
}

// FuzzTickets feeds a page of tickets: whatever it is, there is an error or tickets that can be used.
func FuzzTickets(f *testing.F) {
	seedPages(f)
	c, err := New(Options{Upstream: upstream.Options{BaseURL: "http://rt.example"}, KeepField: func(string) bool { return true }})
	if err != nil {
		f.Fatal(err)
	}
	f.Fuzz(func(t *testing.T, raw []byte) {
		var page list[json.RawMessage]
		if json.Unmarshal(raw, &page) != nil {
			return
		}
		for _, item := range page.Items {
			r, err := readRow(item)
			if err != nil {
				continue
			}
			v := c.ticket(&r, &story{}, func(string) sla.Status { return sla.StatusOpen })
			if v.ID == "" || v.CreatedAt.IsZero() || v.StatusRaw == "" || strings.HasPrefix(v.ID, "-") {
				t.Errorf("a ticket that cannot be used: %+v", v)
			}
		}
	})
}

// FuzzTransactions feeds a page of transactions to a story.
func FuzzTransactions(f *testing.F) {
	seedPages(f)
	f.Fuzz(func(t *testing.T, raw []byte) {
		var page list[transaction]
		if json.Unmarshal(raw, &page) != nil {
			return
		}
		s := &story{}
		for i := range page.Items {
			s.tell(&page.Items[i], momentOf(desktest.Epoch), []int64{37})
		}
		for _, p := range s.pauses(func(name string) sla.Status { return statuses[name] }, "stalled", momentOf(desktest.Epoch)) {
			if !p.To.IsZero() && p.To.Before(p.From) {
				t.Errorf("a pause ends before it begins: %+v", p)
			}
		}
	})
}

// FuzzMessage feeds an error.
func FuzzMessage(f *testing.F) {
	f.Add(400, `{"message":"Wrong query, expecting a VALUE in 'this is >(<--here' at /usr/share/request-tracker5/lib/RT/Tickets.pm line 3187.\n"}`)
	f.Add(302, ``)
	f.Add(401, `{"message":"Unauthorized"}`)
	f.Fuzz(func(t *testing.T, status int, body string) {
		if status < 200 || status > 599 {
			return
		}
		e := check(&upstream.Response{Status: status, Body: []byte(body), Header: http.Header{"Content-Type": {"application/json"}}})
		if status/100 == 2 && e != nil {
			t.Fatalf("%d is %v", status, e)
		}
		if status/100 != 2 && (e == nil || e.Reason == "" || len(e.Error()) > 400 || strings.Contains(e.Error(), "\n")) {
			t.Errorf("%d %q is %v", status, body, e)
		}
	})
}

func TestDates(t *testing.T) {
	for text, want := range map[string]time.Time{
		"2026-03-02 10:00:00": desktest.Epoch, "1970-01-01 00:00:00": {}, "": {}, "soon": {}, "2026-03-02T10:00:00Z": {},
	} {
		if got := changedTo(text); !got.Equal(want) {
			t.Errorf("%q is %v, want %v", text, got, want)
		}
	}
	for text, want := range map[string]time.Time{
		`"2026-03-02T10:00:00Z"`: desktest.Epoch, `"2026-03-02T11:00:00+01:00"`: desktest.Epoch, `"1970-01-01T00:00:00Z"`: {}, `""`: {}, `null`: {}, `7`: {},
	} {
		var got instant
		if err := json.Unmarshal([]byte(text), &got); err != nil || !got.Equal(want) {
			t.Errorf("%s is %v, %v; want %v", text, got, err, want)
		}
	}
}
