package rt

import (
	"context"
	"net/http"
	"strconv"
	"sync"
	"testing"
	"time"

	"whatsapp_sla_exporter/internal/helpdesk"
	"whatsapp_sla_exporter/internal/helpdesk/conformance"
	"whatsapp_sla_exporter/internal/helpdesk/desktest"
	"whatsapp_sla_exporter/internal/simulator/fault"
	simulator "whatsapp_sla_exporter/internal/simulator/rt"
	"whatsapp_sla_exporter/internal/sla"
)

// The names that the stories are told in.
var must, diff = desktest.Must, desktest.Diff

// desk is a simulated RT and a client that reads it over HTTP.
type desk struct {
	*simulator.Server
	*desktest.Clock
	client *Client
	url    string
	faults *fault.Injector

	mu    sync.Mutex
	asked []string // queries of the requests so far
	long  int      // bytes of the longest URL
}

func newTestDesk(t testing.TB, change ...func(*simulator.Options, *Options)) *desk {
	t.Helper()
	d := &desk{Clock: desktest.NewClock(desktest.Epoch)}
	so := options(d.Now)
	d.faults = fault.New(d.Now, fault.Bodies{})
	faulty := d.faults.Wrap(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) { d.Server.ServeHTTP(w, r) }))
	o := Options{Now: d.Now, Upstream: desktest.Serve(t, http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		d.mu.Lock()
		d.asked = append(d.asked, r.URL.Query().Get("query"))
		d.long = max(d.long, len(r.RequestURI))
		d.mu.Unlock()
		faulty.ServeHTTP(w, r)
	}))}
	d.url = o.Upstream.BaseURL
	o.Upstream.HTTP = conformance.Header(o.Upstream.HTTP, "Authorization", "token "+secret)
	for _, f := range change {
		f(&so, &o)
	}
	d.Server = simulator.New(so)
	var err error
	d.client, err = New(o)
	must(t, err)
	d.client.wait = func(context.Context, time.Duration) error { return nil }
	return d
}

func (d *desk) changes(t testing.TB, cursor string) *helpdesk.Pass {
	t.Helper()
	return desktest.Pass(t)(d.client.Changes(t.Context(), cursor))
}

func (d *desk) open(t testing.TB) *helpdesk.Pass {
	t.Helper()
	return desktest.Pass(t)(d.client.Open(t.Context()))
}

func (d *desk) lookup(t testing.TB, ids ...string) *helpdesk.Pass {
	t.Helper()
	return desktest.Pass(t)(d.client.Lookup(t.Context(), ids))
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

// after is an instant of a scenario.
func after(d time.Duration) time.Time { return desktest.Epoch.Add(d) }
