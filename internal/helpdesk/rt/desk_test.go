package rt

import (
	"context"
	"net/http"
	"net/http/httptest"
	"strconv"
	"sync"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"
	"github.com/google/go-cmp/cmp/cmpopts"

	"whatsapp_sla_exporter/internal/helpdesk"
	"whatsapp_sla_exporter/internal/helpdesk/conformance"
	"whatsapp_sla_exporter/internal/simulator/fault"
	simulator "whatsapp_sla_exporter/internal/simulator/rt"
	"whatsapp_sla_exporter/internal/sla"
	"whatsapp_sla_exporter/internal/upstream"
)

// epoch is when the scenarios begin: a Monday morning.
var epoch = time.Date(2026, 3, 2, 10, 0, 0, 0, time.UTC)

// desk is a simulated RT and a client that reads it over HTTP.
type desk struct {
	*simulator.Server
	client *Client
	url    string
	faults *fault.Injector
	asked  []string // queries of the requests so far

	mu  sync.Mutex
	now time.Time
}

func (d *desk) Now() time.Time {
	d.mu.Lock()
	defer d.mu.Unlock()
	return d.now
}

func (d *desk) pass(by time.Duration) {
	d.mu.Lock()
	defer d.mu.Unlock()
	d.now = d.now.Add(by)
}

func newTestDesk(t testing.TB, change ...func(*simulator.Options, *Options)) *desk {
	t.Helper()
	d := &desk{now: epoch}
	so := options(d.Now)
	transport := &http.Transport{}
	t.Cleanup(transport.CloseIdleConnections)
	co := Options{Now: d.Now, Upstream: upstream.Options{
		HTTP: conformance.Header(&http.Client{Transport: transport}, "Authorization", "token "+secret), Timeout: 5 * time.Second,
		Rate: 1e6, Burst: 1e6, FirstBackoff: time.Millisecond,
	}}
	for _, f := range change {
		f(&so, &co)
	}
	d.Server = simulator.New(so)
	d.faults = fault.New(d.Now, fault.Bodies{})
	faulty := d.faults.Wrap(d.Server)
	srv := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		d.mu.Lock()
		d.asked = append(d.asked, r.URL.Query().Get("query"))
		d.mu.Unlock()
		faulty.ServeHTTP(w, r)
	}))
	t.Cleanup(srv.Close)
	co.Upstream.BaseURL, d.url = srv.URL, srv.URL
	c, err := New(co)
	must(t, err)
	c.wait = func(context.Context, time.Duration) error { return nil }
	d.client = c
	return d
}

func must(t testing.TB, err error) {
	t.Helper()
	if err != nil {
		t.Fatal(err)
	}
}

func (d *desk) changes(t testing.TB, cursor string) *helpdesk.Pass {
	t.Helper()
	p, err := d.client.Changes(t.Context(), cursor)
	must(t, err)
	return p
}

func (d *desk) open(t testing.TB) *helpdesk.Pass {
	t.Helper()
	p, err := d.client.Open(t.Context())
	must(t, err)
	return p
}

func (d *desk) lookup(t testing.TB, ids ...string) *helpdesk.Pass {
	t.Helper()
	p, err := d.client.Lookup(t.Context(), ids)
	must(t, err)
	return p
}

// calls is how many requests f made.
func (d *desk) calls(f func()) int {
	before := len(d.asked)
	f()
	return len(d.asked) - before
}

// statesOf are the statuses of tickets by id; one that left is "gone".
type statesOf map[string]sla.Status

func states(p *helpdesk.Pass) statesOf {
	out := statesOf{}
	for _, t := range p.Tickets {
		out[t.ID] = t.Status
		if t.Gone {
			out[t.ID] = "gone"
		}
	}
	return out
}

func find(t testing.TB, p *helpdesk.Pass, id int64) helpdesk.Ticket {
	t.Helper()
	for _, v := range p.Tickets {
		if v.ID == strconv.FormatInt(id, 10) {
			return v
		}
	}
	t.Fatalf("the pass does not have ticket %d: %v", id, states(p))
	return helpdesk.Ticket{}
}

// diff compares whole results; nil and empty lists are the same.
func diff(want, got any) string { return cmp.Diff(want, got, cmpopts.EquateEmpty()) }

// after is an instant of a scenario.
func after(d time.Duration) time.Time { return epoch.Add(d) }
