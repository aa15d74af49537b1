package zendesk

import (
	"context"
	"net/http"
	"net/http/httptest"
	"sync"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"
	"github.com/google/go-cmp/cmp/cmpopts"
	"go.uber.org/goleak"

	"whatsapp_sla_exporter/internal/helpdesk"
	simulator "whatsapp_sla_exporter/internal/simulator/zendesk"
	"whatsapp_sla_exporter/internal/sla"
	"whatsapp_sla_exporter/internal/upstream"
)

func TestMain(m *testing.M) { goleak.VerifyTestMain(m) }

// epoch is when the scenarios begin: a Monday morning.
var epoch = time.Date(2026, 3, 2, 10, 0, 0, 0, time.UTC)

func at(text string) time.Time {
	t, err := time.Parse(time.RFC3339, text)
	if err != nil {
		panic(err)
	}
	return t
}

type clock struct {
	mu  sync.Mutex
	now time.Time
}

func (c *clock) Now() time.Time {
	c.mu.Lock()
	defer c.mu.Unlock()
	return c.now
}

func (c *clock) pass(d time.Duration) {
	c.mu.Lock()
	defer c.mu.Unlock()
	c.now = c.now.Add(d)
}

// desk is a simulated account and a client that reads it over HTTP.
type desk struct {
	*simulator.Server
	*clock
	client *Client
	url    string
	seen   *observed
	waited []time.Duration
}

// observed is what the client told of its calls.
type observed struct {
	mu       sync.Mutex
	quotas   map[string]float64
	versions map[string]bool
}

func (o *observed) Request(string) {}

func (o *observed) Quota(name string, used float64) {
	o.mu.Lock()
	defer o.mu.Unlock()
	o.quotas[name] = used
}

func (o *observed) Version(requested, served string) {
	o.mu.Lock()
	defer o.mu.Unlock()
	o.versions[requested+"/"+served] = true
}

const (
	user   = "ops@acme.example"
	secret = "simulated-token"
)

// login is basic auth with an API token.
type login struct{ token string }

func (l login) RoundTrip(r *http.Request) (*http.Response, error) {
	r = r.Clone(r.Context())
	r.SetBasicAuth(user+"/token", l.token)
	return http.DefaultTransport.RoundTrip(r)
}

// policies promise a first reply, a next reply and a resolution to each priority.
var policies = []simulator.Policy{{ID: 71, Title: "P1", Targets: map[string]map[string]time.Duration{
	"urgent": {"first_reply_time": 30 * time.Minute, "requester_wait_time": 4 * time.Hour},
	"high":   {"first_reply_time": time.Hour, "next_reply_time": time.Hour, "periodic_update_time": 2 * time.Hour, "requester_wait_time": 8 * time.Hour},
}}}

func newDesk(t testing.TB, change ...func(*simulator.Options, *Options)) *desk {
	t.Helper()
	d := &desk{clock: &clock{now: epoch}, seen: &observed{quotas: map[string]float64{}, versions: map[string]bool{}}}
	so := simulator.Options{
		Credentials: []simulator.Credential{{Email: user, Token: secret, Role: simulator.Admin}, {Email: user, Token: "agents-token", Role: simulator.Agent}},
		Now:         d.Now, Policies: policies,
	}
	co := Options{Now: d.Now, Upstream: upstream.Options{
		HTTP: &http.Client{Transport: login{secret}}, Timeout: 5 * time.Second, Rate: 1e6, Burst: 1e6, Observer: d.seen, FirstBackoff: time.Millisecond,
	}}
	for _, f := range change {
		f(&so, &co)
	}
	d.Server = simulator.New(so)
	srv := httptest.NewServer(d.Server)
	t.Cleanup(srv.Close)
	t.Cleanup(http.DefaultTransport.(*http.Transport).CloseIdleConnections)
	co.Upstream.BaseURL, d.url = srv.URL, srv.URL
	client, err := New(co)
	if err != nil {
		t.Fatal(err)
	}
	client.wait = func(_ context.Context, wait time.Duration) error {
		d.waited = append(d.waited, wait)
		d.clock.pass(wait)
		return nil
	}
	d.client = client
	return d
}

// withToken makes the client use another token.
func withToken(token string) func(*simulator.Options, *Options) {
	return func(_ *simulator.Options, o *Options) { o.Upstream.HTTP = &http.Client{Transport: login{token}} }
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

// states maps each ticket of a pass to its status, or "gone".
func states(p *helpdesk.Pass) map[string]sla.Status {
	out := make(map[string]sla.Status)
	for _, t := range p.Tickets {
		out[t.ID] = t.Status
		if t.Gone {
			out[t.ID] = "gone"
		}
	}
	return out
}

func find(t testing.TB, p *helpdesk.Pass, id string) helpdesk.Ticket {
	t.Helper()
	for _, v := range p.Tickets {
		if v.ID == id {
			return v
		}
	}
	t.Fatalf("the pass does not have ticket %s", id)
	return helpdesk.Ticket{}
}

// diff compares whole results; nil and empty lists are the same.
func diff(want, got any) string { return cmp.Diff(want, got, cmpopts.EquateEmpty()) }

// options call an upstream without limits.
func options(url string) upstream.Options {
	return upstream.Options{BaseURL: url, Rate: 1e6, Burst: 1e6, FirstBackoff: time.Millisecond}
}
