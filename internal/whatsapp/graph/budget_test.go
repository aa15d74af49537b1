package graph_test

import (
	"context"
	"flag"
	"fmt"
	"net/http"
	"net/http/httptest"
	"sync"
	"testing"
	"time"

	"golang.org/x/time/rate"

	simulator "whatsapp_sla_exporter/internal/simulator/graph"
	"whatsapp_sla_exporter/internal/upstream"
	"whatsapp_sla_exporter/internal/whatsapp/graph"
)

// direct hands requests to a handler without a network: the hour below has tens of thousands of them.
type direct struct{ to http.Handler }

func (d direct) RoundTrip(r *http.Request) (*http.Response, error) {
	r.Header.Set("Authorization", "Bearer "+token)
	w := httptest.NewRecorder()
	d.to.ServeHTTP(w, r)
	return w.Result(), nil
}

// fleet is one API with many accounts, and an exporter that reads each as an account of its own.
type fleet struct {
	sim     *simulator.Server
	clients []*graph.Client
	mu      sync.Mutex
	now     time.Time
}

func (f *fleet) Now() time.Time {
	f.mu.Lock()
	defer f.mu.Unlock()
	return f.now
}

func (f *fleet) advance(d time.Duration) {
	f.mu.Lock()
	defer f.mu.Unlock()
	f.now = f.now.Add(d)
}

func newFleet(t testing.TB, accounts, numbers int) *fleet {
	t.Helper()
	f := &fleet{now: start}
	f.sim = simulator.New(simulator.Options{Now: f.Now})
	tok := simulator.Token{Value: token, Scopes: []string{simulator.ManagementScope}}
	for i := range accounts {
		waba := fmt.Sprint(90000 + i)
		tok.WABAs = append(tok.WABAs, waba)
		f.sim.SetWABA(simulator.WABA{ID: waba, PortfolioID: fmt.Sprint(30000 + i), Apps: []string{"4411"}})
		for j := range numbers {
			f.sim.SetNumber(simulator.Number{ID: fmt.Sprintf("5%04d%03d", i, j), WABAID: waba, Display: fmt.Sprintf("+34 6%05d%03d", i, j)})
		}
		for j := range 3 {
			f.sim.SetTemplate(simulator.Template{ID: fmt.Sprintf("7%04d%03d", i, j), WABAID: waba, Name: "t", Status: "APPROVED", Category: "UTILITY", Quality: "GREEN"})
		}
		c, err := graph.New(graph.Options{
			Account: "a" + waba, WABAIDs: []string{waba}, Now: f.Now,
			Upstream: upstream.Options{BaseURL: "http://graph.simulator", HTTP: &http.Client{Transport: direct{f.sim}}, Rate: rate.Inf},
		})
		if err != nil {
			t.Fatal(err)
		}
		f.clients = append(f.clients, c)
	}
	f.sim.SetToken(tok)
	return f
}

// hour polls every account once a minute and returns the calls for each WABA.
func (f *fleet) hour(t testing.TB, numbers int) map[string]int {
	t.Helper()
	for range 60 {
		for _, c := range f.clients {
			a, err := c.Read(context.Background())
			if err != nil || len(a.PhoneNumbers) != numbers {
				t.Fatalf("%v, %v", a, err)
			}
		}
		f.advance(time.Minute)
	}
	calls := map[string]int{}
	for _, r := range f.sim.Requests() {
		var id string
		if _, err := fmt.Sscanf(r.Path, "/%5s", &id); err != nil {
			t.Fatal(err)
		}
		if id[0] == '5' { // a number: 5, account, number
			id = "9" + id[1:]
		}
		calls[id]++
	}
	return calls
}

// check polls for an hour and says what it cost. A restart makes everything due at once: that hour is the worst.
func (f *fleet) check(t testing.TB, hour string, numbers int) (most int) {
	t.Helper()
	calls := f.hour(t, numbers)
	least, sum := 1<<30, 0
	for _, n := range calls {
		least, most, sum = min(least, n), max(most, n), sum+n
	}
	t.Logf("the %s hour: %d calls for %d accounts and %d numbers, %d to %d for each", hour, sum, len(calls), len(calls)*numbers, least, most)
	if len(calls) != len(f.clients) || most > graph.DefaultHourlyCalls {
		t.Errorf("the %s hour: up to %d calls for each of %d accounts, want at most %d", hour, most, len(calls), graph.DefaultHourlyCalls)
	}
	return most
}

// Accounts do not share a budget, so some stand for all; the benchmark polls as many as you like.
func TestManyAccountsPollWithinTheHourlyBudget(t *testing.T) {
	const numbers = 20
	f := newFleet(t, 2, numbers)
	f.check(t, "first", numbers)
	f.check(t, "second", numbers)
}

func TestAnAccountOfManyNumbersPollsWithinTheHourlyBudget(t *testing.T) {
	const numbers = 120
	f := newFleet(t, 1, numbers)
	f.check(t, "first", numbers)
	f.check(t, "second", numbers)
}

// fleetSize is the size of the benchmark's fleet. Five hundred accounts of 20 numbers take more than a minute:
// go test -run=^$ -bench=HourOfPolls -benchtime=1x ./internal/whatsapp/graph -accounts=500
var fleetSize = flag.Int("accounts", 25, "accounts of 20 numbers each that BenchmarkHourOfPolls reads")

// An hour of polls, once a minute, right after a restart.
func BenchmarkHourOfPolls(b *testing.B) {
	most := 0
	for b.Loop() {
		most = newFleet(b, *fleetSize, 20).check(b, "first", 20)
	}
	b.ReportMetric(float64(most), "calls/account")
}
