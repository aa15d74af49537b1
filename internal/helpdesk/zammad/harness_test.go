package zammad

import (
	"net/http"
	"net/http/httptest"
	"sync"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"
	"github.com/google/go-cmp/cmp/cmpopts"
	"go.uber.org/goleak"

	"whatsapp_sla_exporter/internal/helpdesk"
	"whatsapp_sla_exporter/internal/helpdesk/conformance"
	simulator "whatsapp_sla_exporter/internal/simulator/zammad"
	"whatsapp_sla_exporter/internal/upstream"
)

func TestMain(m *testing.M) { goleak.VerifyTestMain(m) }

// epoch is when the stories begin: a Monday morning.
var epoch = time.Date(2026, 3, 2, 10, 0, 0, 0, time.UTC)

func minute(n int) time.Time { return epoch.Add(time.Duration(n) * time.Minute) }

// desk is a simulated instance and a client that reads it over HTTP.
type desk struct {
	*simulator.Server
	client *Client
	url    string

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

func newDesk(t testing.TB, o simulator.Options, change ...func(*Options)) *desk {
	t.Helper()
	d := &desk{now: epoch}
	o.Tokens, o.Now = []string{token}, d.Now
	d.Server = simulator.New(o)
	srv := httptest.NewServer(d.Server)
	t.Cleanup(srv.Close)
	transport := &http.Transport{}
	t.Cleanup(transport.CloseIdleConnections)
	d.url = srv.URL
	co := Options{Now: d.Now, Upstream: upstream.Options{
		BaseURL: srv.URL, HTTP: conformance.Header(&http.Client{Transport: transport}, "Authorization", "Token token="+token),
		Rate: 1e6, Burst: 1e6, FirstBackoff: time.Millisecond,
	}}
	for _, f := range change {
		f(&co)
	}
	var err error
	d.client, err = New(co)
	must(t, err)
	return d
}

func must(t testing.TB, err error) {
	t.Helper()
	if err != nil {
		t.Fatal(err)
	}
}

// first looks up ticket 1.
func (d *desk) first(t testing.TB) helpdesk.Ticket {
	t.Helper()
	p, err := d.client.Lookup(t.Context(), []string{"1"})
	must(t, err)
	if len(p.Tickets) != 1 {
		t.Fatalf("looking up one ticket gives %+v", p)
	}
	return p.Tickets[0]
}

// diff compares whole results; nil and empty lists are the same.
func diff(want, got any) string { return cmp.Diff(want, got, cmpopts.EquateEmpty()) }
