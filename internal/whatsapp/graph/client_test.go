package graph_test

import (
	"context"
	"net/http"
	"net/http/httptest"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/go-kit/log"
	"go.uber.org/goleak"
	"golang.org/x/time/rate"

	simulator "whatsapp_sla_exporter/internal/simulator/graph"
	"whatsapp_sla_exporter/internal/upstream"
	"whatsapp_sla_exporter/internal/whatsapp"
	"whatsapp_sla_exporter/internal/whatsapp/graph"
)

func TestMain(m *testing.M) { goleak.VerifyTestMain(m) }

const token = "EAAtokenThatNobodyMayEverSeeInALog"

// world is a simulator behind real HTTP, a clock, and what the client told.
type world struct {
	t   *testing.T
	sim *simulator.Server
	url string
	log strings.Builder
	seen

	mu  sync.Mutex
	now time.Time
}

// seen is an observer that remembers.
type seen struct {
	mu      sync.Mutex
	codes   map[string]int
	quotas  map[string]float64
	version [2]string
}

func (s *seen) Request(code string) {
	s.mu.Lock()
	defer s.mu.Unlock()
	s.codes[code]++
}

func (s *seen) Quota(quota string, used float64) {
	s.mu.Lock()
	defer s.mu.Unlock()
	s.quotas[quota] = used
}

func (s *seen) Version(requested, served string) {
	s.mu.Lock()
	defer s.mu.Unlock()
	s.version = [2]string{requested, served}
}

var start = time.Date(2026, 9, 21, 10, 0, 0, 0, time.UTC)

func newWorld(t *testing.T) *world { return newWorldWith(t, simulator.Options{}) }

// newWorldWith has one portfolio with WABA 9001 (numbers 5001, 5002) and WABA 9002 (number 5003).
func newWorldWith(t *testing.T, o simulator.Options) *world {
	w := &world{t: t, now: start, seen: seen{codes: map[string]int{}, quotas: map[string]float64{}}}
	o.Now = w.Now
	w.sim = simulator.New(o)
	srv := httptest.NewServer(w.sim)
	t.Cleanup(srv.Close)
	w.url = srv.URL
	w.token(func(*simulator.Token) {})
	w.sim.SetPortfolio(simulator.Portfolio{ID: "3001", Name: "Acme SL", Limit: "TIER_10K"})
	w.sim.SetWABA(simulator.WABA{ID: "9001", PortfolioID: "3001", Name: "Acme ES", Apps: []string{"4411"}})
	w.sim.SetWABA(simulator.WABA{ID: "9002", PortfolioID: "3001", Name: "Acme PT", Country: "PT", Apps: []string{"4411"}})
	w.sim.SetNumber(simulator.Number{ID: "5001", WABAID: "9001", Display: "+34 600 11 22 33", VerifiedName: "Acme Soporte"})
	w.sim.SetNumber(simulator.Number{ID: "5002", WABAID: "9001", Display: "+34 600 11 22 34", VerifiedName: "Acme Ventas"})
	w.sim.SetNumber(simulator.Number{ID: "5003", WABAID: "9002", Display: "+351 910 00 00 01", VerifiedName: "Acme PT"})
	return w
}

// token sets the exporter's token as changed.
func (w *world) token(change func(*simulator.Token)) {
	t := simulator.Token{
		Value: token, UserID: "7788", WABAs: []string{"9001", "9002"},
		Scopes: []string{simulator.ManagementScope, simulator.BusinessScope},
	}
	change(&t)
	w.sim.SetToken(t)
}

func (w *world) Now() time.Time {
	w.mu.Lock()
	defer w.mu.Unlock()
	return w.now
}

func (w *world) advance(d time.Duration) {
	w.mu.Lock()
	defer w.mu.Unlock()
	w.now = w.now.Add(d)
}

// bearer adds the token, as prometheus/common's HTTP client does.
type bearer struct{ value string }

func (b bearer) RoundTrip(r *http.Request) (*http.Response, error) {
	r = r.Clone(r.Context())
	r.Header.Set("Authorization", "Bearer "+b.value)
	return http.DefaultTransport.RoundTrip(r)
}

// client reads the world's account, changed as a test needs it.
func (w *world) client(change func(*graph.Options)) *graph.Client {
	w.t.Helper()
	o := graph.Options{
		Account: "acme", WABAIDs: []string{"9001", "9002"}, Now: w.Now, Logger: log.NewLogfmtLogger(&w.log),
		Upstream: upstream.Options{
			BaseURL: w.url, HTTP: &http.Client{Transport: bearer{token}}, Rate: rate.Inf, Observer: &w.seen,
			FirstBackoff: time.Microsecond, Timeout: 5 * time.Second,
		},
	}
	change(&o)
	c, err := graph.New(o)
	if err != nil {
		w.t.Fatal(err)
	}
	w.t.Cleanup(func() {
		http.DefaultTransport.(*http.Transport).CloseIdleConnections()
		w.leaksNothing()
	})
	return c
}

// leaksNothing proves that the token went by header only and appears nowhere, and that paging.next was not used.
func (w *world) leaksNothing() {
	w.t.Helper()
	for _, s := range []string{token, simulator.FakeToken} {
		if strings.Contains(w.log.String(), s) {
			w.t.Errorf("the log has a token: %s", w.log.String())
		}
	}
}

// read makes one pass that must tell something.
func (w *world) read(c *graph.Client) (*whatsapp.Account, error) {
	w.t.Helper()
	a, err := c.Read(context.Background())
	if a == nil {
		w.t.Fatalf("no account: %v", err)
	}
	if err != nil && strings.Contains(err.Error(), token) {
		w.t.Errorf("the error has the token: %v", err)
	}
	return a, err
}

// must makes one pass that must succeed.
func (w *world) must(c *graph.Client) *whatsapp.Account {
	w.t.Helper()
	a, err := w.read(c)
	if err != nil {
		w.t.Fatal(err)
	}
	return a
}

// calls are the calls since the last time, as METHOD path, without those for details where fast is set.
func (w *world) calls() map[string]int {
	w.t.Helper()
	out := map[string]int{}
	for _, r := range w.sim.Requests() {
		if r.Query.Has("access_token") || r.Authorization != "Bearer "+token {
			w.t.Errorf("%s: authorized by %q, query %v", r.Path, r.Authorization, r.Query)
		}
		out[r.Path]++
	}
	return out
}

// one finds the number of an account.
func one(t *testing.T, a *whatsapp.Account, id string) whatsapp.PhoneNumber {
	t.Helper()
	for _, n := range a.PhoneNumbers {
		if n.ID == id {
			return n
		}
	}
	t.Fatalf("no number %s in %v", id, a.PhoneNumbers)
	return whatsapp.PhoneNumber{}
}

func ids(a *whatsapp.Account) (out []string) {
	for _, n := range a.PhoneNumbers {
		out = append(out, n.ID)
	}
	return out
}
