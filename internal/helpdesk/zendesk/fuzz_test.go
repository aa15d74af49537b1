package zendesk

import (
	"cmp"
	"encoding/json"
	"maps"
	"net/http"
	"os"
	"slices"
	"strings"
	"testing"
	"time"

	"whatsapp_sla_exporter/internal/helpdesk"
	"whatsapp_sla_exporter/internal/sla"
	"whatsapp_sla_exporter/internal/upstream"
)

// FuzzRow reads any bytes as a row. Whatever comes out is a ticket that can be watched.
func FuzzRow(f *testing.F) {
	text, err := os.ReadFile("testdata/three_tickets.json")
	must(f, err)
	var p exportPage
	must(f, json.Unmarshal(text, &p))
	for _, r := range p.Tickets {
		f.Add([]byte(r))
	}
	for _, s := range []string{
		`{"id":1,"status":"deleted"}`, `{"id":1,"created_at":"2026-03-02T08:15:00Z","status":"hibernating","via":{"channel":7}}`,
		`{"id":1,"created_at":"0001-01-01T00:00:00Z"}`, `{"id":-1}`, `null`, `[]`, `{"id":1,"tags":"x"}`,
		`{"id":1,"created_at":"2026-03-02T08:15:00+02:00","metric_events":{"reply_time":[{"id":1,"instance_id":1,"type":"activate","time":"2026-03-02T08:15:00Z"},{"instance_id":1,"type":"apply_sla","time":"2026-03-02T08:15:00Z","sla":{"target":1e300}}]}}`,
	} {
		f.Add([]byte(s))
	}
	c, err := New(Options{Upstream: options("http://127.0.0.1:1"), KeepField: func(string) bool { return true }})
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
		checkTicket(t, &got)
	})
}

func checkTicket(t *testing.T, got *helpdesk.Ticket) {
	t.Helper()
	seen := map[sla.Target]bool{}
	for _, n := range got.Native {
		if seen[n.Target] || n.Paused == !n.Due.IsZero() {
			t.Errorf("deadline %+v", n)
		}
		seen[n.Target] = true
	}
	for i, p := range got.Pauses {
		if p.From.IsZero() || p.To.IsZero() && i < len(got.Pauses)-1 || !p.To.IsZero() && !p.From.Before(p.To) {
			t.Errorf("pauses %+v", got.Pauses)
		}
	}
}

// FuzzPage reads any bytes as a page: an error, or rows that are each counted once.
func FuzzPage(f *testing.F) {
	text, err := os.ReadFile("testdata/three_tickets.json")
	must(f, err)
	f.Add(text)
	f.Add([]byte(`{"tickets":[{"id":1},{"id":1,"created_at":"2026-03-02T08:15:00Z"},7],"end_of_stream":true,"metric_sets":[{"ticket_id":1,"replies":1}]}`))
	f.Add([]byte(`{"tickets":null}`))
	o := Options{Upstream: options("http://127.0.0.1:1")}
	o.Upstream.HTTP = &http.Client{Transport: nowhere{}}
	c, err := New(o)
	must(f, err)
	f.Fuzz(func(t *testing.T, b []byte) {
		var p exportPage
		if json.Unmarshal(b, &p) != nil {
			return
		}
		col := c.collect()
		col.add(t.Context(), incremental, p.Tickets, p.MetricSets, time.Time{})
		ids := map[string]bool{}
		for _, v := range col.pass.Tickets {
			if ids[v.ID] {
				t.Errorf("ticket %s twice", v.ID)
			}
			ids[v.ID] = true
		}
		if len(col.pass.Tickets)+col.pass.BadRows > len(p.Tickets) {
			t.Errorf("%d tickets and %d bad rows out of %d rows", len(col.pass.Tickets), col.pass.BadRows, len(p.Tickets))
		}
	})
}

// nowhere answers at once that there is nothing: the pages of the fuzzer name custom statuses.
type nowhere struct{}

func (nowhere) RoundTrip(r *http.Request) (*http.Response, error) {
	return &http.Response{StatusCode: http.StatusNotFound, Body: http.NoBody, Header: http.Header{}, Request: r}, nil
}

// FuzzEvents reads any bytes as a page of metric events: an error, or events of which each is kept once, in order,
// whatever comes again, and a next page that is not before the one that was asked for unless it was the last.
func FuzzEvents(f *testing.F) {
	f.Add([]byte(`{"ticket_metric_events":[{"id":1,"ticket_id":101,"metric":"reply_time","instance_id":1,"type":"apply_sla","time":"2026-03-02T09:40:00Z","sla":{"target":30,"target_in_seconds":1800,"policy":{"id":71}}},7],"end_time":1772444405,"count":2}`))
	f.Add([]byte(`{"ticket_metric_events":[{"id":1,"ticket_id":1,"metric":"group_ownership_time","instance_id":1,"type":"apply_group_sla","time":"2026-03-02T09:40:00Z","group_sla":{"target":1e300,"policy":{"id":"PPP"}}}],"end_time":null}`))
	f.Add([]byte(`{"ticket_metric_events":null,"end_of_stream":true}`))
	c, err := New(Options{Upstream: options("http://127.0.0.1:1")})
	must(f, err)
	f.Fuzz(func(t *testing.T, b []byte) {
		var page eventPage
		if json.Unmarshal(b, &page) != nil {
			return
		}
		if next, end := page.next(epoch, epoch.Add(time.Hour)); !end && !next.After(epoch) {
			t.Errorf("goes on from %v to %v", epoch, next)
		}
		c.feed = newEventFeed(&c.o, c.base)
		col := c.collect()
		span := c.takeEvents(col, &page)
		if col.pass.BadRows+span.n != len(page.Events) {
			t.Errorf("%d bad and %d good out of %d", col.pass.BadRows, span.n, len(page.Events))
		}
		before := maps.Clone(c.feed.tickets)
		c.takeEvents(col, &page)
		if x := diff(before, c.feed.tickets); x != "" {
			t.Errorf("the same page again: %s", x)
		}
		for id, facts := range c.feed.tickets {
			if !slices.IsSortedFunc(facts, func(a, b fact) int { return cmp.Compare(a.ID, b.ID) }) {
				t.Errorf("facts of %d: %+v", id, facts)
			}
			r := row{ID: id, CreatedAt: instant{epoch}}
			r.MetricEvents, r.PartialEvents = eventsOf(facts, epoch)
			got := c.ticket(&r, func(string, string) {})
			checkTicket(t, &got)
		}
	})
}

// FuzzFailure reads any bytes as an error: a text of one line, and short.
func FuzzFailure(f *testing.F) {
	f.Add([]byte(`{"error":"RecordNotFound","description":"Not found"}`))
	f.Add([]byte(`{"error":{"title":"x","message":"y\nz"}}`))
	f.Fuzz(func(t *testing.T, b []byte) {
		e := check(&upstream.Response{Status: http.StatusBadRequest, Body: b})
		for _, s := range []string{e.Code, e.Err.Error()} {
			if len(s) > 210 || strings.ContainsAny(s, "\n\r") {
				t.Errorf("%q", s)
			}
		}
	})
}

// FuzzCursor reads any text as a cursor; what is understood is written as it was.
func FuzzCursor(f *testing.F) {
	f.Add("1772444405|MTc3MjQ0NDQwNS4wfHwxMDI=")
	f.Add("|")
	f.Fuzz(func(t *testing.T, s string) {
		c, ok := parseCursor(s)
		if again, ok2 := parseCursor(c.String()); ok && (!ok2 || again != c) {
			t.Errorf("%q became %q", s, c)
		}
	})
}
