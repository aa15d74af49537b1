// Package fleet polls many accounts for simulated hours and counts the calls. It is apart from the client's own tests
// because it takes seconds, which the race detector would make minutes.
package fleet

import (
	"context"
	"fmt"
	"net/http"
	"net/http/httptest"
	"os"
	"runtime/debug"
	"strings"
	"testing"
	"time"

	"golang.org/x/time/rate"

	simulator "whatsapp_sla_exporter/internal/simulator/graph"
	"whatsapp_sla_exporter/internal/upstream"
	"whatsapp_sla_exporter/internal/whatsapp/graph"
)

// Tens of thousands of answers become garbage here: collecting it seldom saves half of the processor time.
func TestMain(m *testing.M) {
	debug.SetGCPercent(400)
	m.Run()
}

const token = "EAAsimulatedTokenOfTheFleet"

// direct hands requests to a handler without a network.
type direct struct{ to http.Handler }

func (d direct) RoundTrip(r *http.Request) (*http.Response, error) {
	r.Header.Set("Authorization", "Bearer "+token)
	w := httptest.NewRecorder()
	d.to.ServeHTTP(w, r)
	return w.Result(), nil
}

// fleet is one API with many accounts of one WABA each, an exporter that reads them, and a clock.
type fleet struct {
	t       *testing.T
	api     *simulator.Server
	clients []*graph.Client
	numbers int // of each account
	now     time.Time
}

func wabaID(account int) string           { return fmt.Sprintf("9%04d", account) }
func numberID(account, number int) string { return fmt.Sprintf("5%04d%03d", account, number) }

// ownerOf is the WABA that a call counts for, by the ids above.
func ownerOf(path string) string { return "9" + path[2:6] }

func newFleet(t *testing.T, accounts, numbers int) *fleet {
	t.Helper()
	f := &fleet{t: t, numbers: numbers, now: time.Date(2026, 9, 21, 8, 0, 0, 0, time.UTC)}
	clock := func() time.Time { return f.now }
	f.api = simulator.New(simulator.Options{Now: clock, HourlyCalls: unregistered})
	access := simulator.Token{Value: token, Scopes: []string{simulator.ManagementScope}}
	for i := range accounts {
		f.populate(i)
		access.WABAs = append(access.WABAs, wabaID(i))
		c, err := graph.New(graph.Options{
			Account: wabaID(i), WABAIDs: []string{wabaID(i)}, Now: clock,
			Upstream: upstream.Options{BaseURL: "http://graph.simulator", HTTP: &http.Client{Transport: direct{f.api}}, Rate: rate.Inf},
		})
		if err != nil {
			t.Fatal(err)
		}
		f.clients = append(f.clients, c)
	}
	f.api.SetToken(access)
	return f
}

// populate gives an account its WABA, numbers and templates.
func (f *fleet) populate(account int) {
	waba := wabaID(account)
	f.api.SetWABA(simulator.WABA{ID: waba, PortfolioID: fmt.Sprint(30000 + account), Apps: []string{"4411"}})
	for j := range f.numbers {
		f.api.SetNumber(simulator.Number{ID: numberID(account, j), WABAID: waba, Display: fmt.Sprintf("+34 6%05d%03d", account, j)})
	}
	for j := range 3 {
		f.api.SetTemplate(simulator.Template{
			ID: fmt.Sprintf("7%04d%03d", account, j), WABAID: waba, Name: "t", Status: "APPROVED", Category: "UTILITY", Quality: "GREEN",
		})
	}
}

// cost is what an hour took: calls by WABA, and of these the refused ones.
type cost struct {
	calls         map[string]int
	refused, sum  int
	least, most   int
	longestUnread time.Duration // age of the oldest reading of a number
}

// hour polls every account once a minute, or as often as its pace allows, and does what else there is to do.
func (f *fleet) hour(also func(minute int)) cost {
	f.t.Helper()
	out := cost{calls: map[string]int{}, least: 1 << 30}
	for minute := range 60 {
		also(minute)
		f.poll(&out)
		for _, r := range f.api.Requests() {
			out.calls[ownerOf(r.Path)]++
			if r.Status != http.StatusOK {
				out.refused++
			}
		}
		f.now = f.now.Add(time.Minute)
	}
	for _, n := range out.calls {
		out.least, out.most, out.sum = min(out.least, n), max(out.most, n), out.sum+n
	}
	f.t.Logf("%d calls for %d accounts and %d numbers, %d to %d for each; %d refused; no reading older than %s",
		out.sum, len(out.calls), len(f.clients)*f.numbers, out.least, out.most, out.refused, out.longestUnread)
	return out
}

func (f *fleet) poll(out *cost) {
	for _, c := range f.clients {
		a, err := c.Read(context.Background())
		if err != nil || len(a.PhoneNumbers) != f.numbers {
			f.t.Fatalf("at %s: %v", f.now, err)
		}
		for i := range a.PhoneNumbers {
			out.longestUnread = max(out.longestUnread, f.now.Sub(a.PhoneNumbers[i].At))
		}
	}
}

func nothingElse(int) {}

// whole says that every account was read, nothing was refused, and nobody took more than planned.
func (f *fleet) whole(hour string, c cost) {
	f.t.Helper()
	if len(c.calls) != len(f.clients) || c.refused != 0 || c.most > graph.DefaultHourlyCalls || c.longestUnread > time.Minute {
		f.t.Errorf("the %s hour: %d accounts of %d read, %d calls refused, up to %d for one account of which %d are planned, readings of %s ago",
			hour, len(c.calls), len(f.clients), c.refused, c.most, graph.DefaultHourlyCalls, c.longestUnread)
	}
}

// unregistered is what Meta allows an app for a WABA without a registered number, in an hour. Source: "About the
// platform", rate limits; it is 5,000 with one. The whole fleet keeps to the smaller one.
const unregistered = 200

// The worst hour is the first, because a restart makes everything due at once.
func TestTenThousandNumbersPollWithinTheHourlyBudgets(t *testing.T) {
	const accounts, numbers = 500, 20
	f := newFleet(t, accounts, numbers)
	first := f.hour(nothingElse)
	f.whole("first", first)
	documented(t, "../../docs/performance.md", fmt.Sprintf("%d calls each, %s in all", first.most, thousands(first.sum)))
	documented(t, "../../docs/sources/meta.md", fmt.Sprintf("%d such accounts %s", accounts, thousands(first.sum)))
}

// Accounts share no budget, so that some stand for all.
func TestTheHoursAfterCostLess(t *testing.T) {
	f := newFleet(t, 10, 20)
	first := f.hour(nothingElse)
	second := f.hour(nothingElse)
	f.whole("second", second)
	f.whole("third", f.hour(nothingElse))
	documented(t, "../../docs/performance.md", fmt.Sprintf("the second hour %d each", second.most))
	documented(t, "../../docs/sources/meta.md", fmt.Sprintf("%d to %d calls an hour", second.most, first.most))
}

func TestAnAccountOfManyNumbersPollsWithinTheHourlyBudget(t *testing.T) {
	f := newFleet(t, 1, 120)
	for _, hour := range []string{"first", "second"} {
		if c := f.hour(nothingElse); c.refused != 0 || c.most > graph.DefaultHourlyCalls || c.longestUnread > 3*time.Minute {
			t.Errorf("the %s hour: %d calls, %d refused, readings of %s ago", hour, c.most, c.refused, c.longestUnread)
		}
	}
}

// The other tools of the app take their half of Meta's allowance: the exporter gives way, and nobody is refused.
func TestATightBudgetSlowsThePollsAndNobodyIsRefused(t *testing.T) {
	const accounts, others = 5, unregistered / 2
	f := newFleet(t, accounts, 20)
	for hour := range 4 {
		c := f.hour(func(minute int) {
			for range (minute+1)*others/60 - minute*others/60 {
				f.otherTool(accounts)
			}
		})
		own := c.most - others
		if c.refused != 0 || own > 90 || own < 40 || c.longestUnread > 4*time.Minute {
			t.Errorf("hour %d: %d calls refused, %d made for one account, readings of up to %s ago", hour, c.refused, own, c.longestUnread)
		}
	}
}

// Webhooks come every few seconds: they hasten the polls, and not beyond what Meta allows.
func TestAStormOfWebhooksStaysWithinTheHourlyBudget(t *testing.T) {
	f := newFleet(t, 2, 20)
	storm := func(int) {
		for range 5 {
			f.now = f.now.Add(5 * time.Second)
			for i, client := range f.clients {
				client.Hurry(wabaID(i), true)
			}
			f.poll(&cost{})
		}
	}
	for hour := range 3 {
		if c := f.hour(storm); c.refused != 0 || c.longestUnread > time.Minute {
			t.Errorf("hour %d: %d calls refused, readings of up to %s ago", hour, c.refused, c.longestUnread)
		}
	}
}

// otherTool makes a call for each account.
func (f *fleet) otherTool(accounts int) {
	for i := range accounts {
		r := httptest.NewRequest(http.MethodGet, "/v25.0/"+wabaID(i), nil)
		r.Header.Set("Authorization", "Bearer "+token)
		f.api.ServeHTTP(httptest.NewRecorder(), r)
	}
}

func thousands(n int) string {
	if n < 1000 {
		return fmt.Sprint(n)
	}
	return fmt.Sprintf("%d,%03d", n/1000, n%1000)
}

// documented says that a page has the figure that was counted.
func documented(t *testing.T, page, figure string) {
	t.Helper()
	text, err := os.ReadFile(page)
	if err != nil {
		t.Fatal(err)
	}
	if !strings.Contains(strings.Join(strings.Fields(string(text)), " "), figure) {
		t.Errorf("%s does not say %q, which was counted", page, figure)
	}
}
