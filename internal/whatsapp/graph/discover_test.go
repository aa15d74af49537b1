package graph_test

import (
	"fmt"
	"strings"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"

	simulator "whatsapp_sla_exporter/internal/simulator/graph"
	"whatsapp_sla_exporter/internal/upstream"
	"whatsapp_sla_exporter/internal/whatsapp/graph"
)

func TestDiscovery(t *testing.T) {
	none := func(*simulator.Token) {}
	for _, tc := range []struct {
		name  string
		token func(*simulator.Token)
		o     func(*graph.Options)
		want  []string
	}{
		{"by the ids that are configured", none, func(o *graph.Options) { o.WABAIDs = []string{"9002"} }, []string{"5003"}},
		{"by ids of which one is configured twice", none, func(o *graph.Options) { o.WABAIDs = []string{"9002", "9002"} }, []string{"5003"}},
		{"by the portfolio, its clients' WABAs included", none, func(o *graph.Options) { o.WABAIDs, o.PortfolioID = nil, "3002" }, []string{"5003"}},
		{"by the portfolio that owns them", none, func(o *graph.Options) { o.WABAIDs, o.PortfolioID = nil, "3001" }, []string{"5001", "5002", "5003"}},
		{"by what the token was given for", none, func(o *graph.Options) { o.WABAIDs = nil }, []string{"5001", "5002", "5003"}},
		{"by what is assigned to the token's user", func(t *simulator.Token) { t.Unscoped = true }, func(o *graph.Options) { o.WABAIDs = nil }, []string{"5001", "5002", "5003"}},
	} {
		t.Run("WABAs are found "+tc.name, func(t *testing.T) {
			w := newWorld(t)
			w.sim.SetPortfolio(simulator.Portfolio{ID: "3002", Name: "Partner", Clients: []string{"9002"}})
			w.token(tc.token)
			got := w.must(w.client(func(o *graph.Options) {
				o.Token = func() (string, error) { return token, nil }
				tc.o(o)
			}))
			if d := cmp.Diff(tc.want, ids(got)); d != "" {
				t.Error(d)
			}
		})
	}
}

func TestDiscoveryThatFindsNothingIsAnErrorAndLosesNothing(t *testing.T) {
	w := newWorld(t)
	c := w.client(func(o *graph.Options) { o.WABAIDs, o.PortfolioID = nil, "3001" })
	before := w.must(c)
	for _, id := range []string{"9001", "9002"} {
		w.sim.ChangeWABA(id, func(o *simulator.WABA) { o.PortfolioID = "3009" })
	}
	w.advance(time.Hour)
	after, err := w.read(c)
	if upstream.ReasonOf(err) != upstream.Permission || !strings.Contains(fmt.Sprint(err), "sees no WhatsApp Business Account") {
		t.Errorf("error %v", err)
	}
	if d := cmp.Diff(ids(before), ids(after)); d != "" {
		t.Error(d)
	}
}

func TestAPortfolioThatTheTokenMayNotSearchIsTold(t *testing.T) {
	w := newWorld(t)
	w.token(func(t *simulator.Token) { t.Scopes = []string{simulator.ManagementScope} })
	a, err := w.read(w.client(func(o *graph.Options) {
		o.WABAIDs, o.PortfolioID, o.Token = nil, "3001", func() (string, error) { return token, nil }
	}))
	if upstream.ReasonOf(err) != upstream.Permission || !strings.Contains(fmt.Sprint(err), "business_management") {
		t.Errorf("error %v", err)
	}
	if d := cmp.Diff([]string{"business_management"}, a.Token.MissingScopes); d != "" {
		t.Error(d)
	}
}

func TestAWABAThatIsTakenAwayLeavesAfterAGoodSearchOnly(t *testing.T) {
	w := newWorld(t)
	c := w.client(func(o *graph.Options) { o.WABAIDs, o.PortfolioID = nil, "3001" })
	w.must(c)
	w.sim.ChangeWABA("9002", func(o *simulator.WABA) { o.PortfolioID = "3009" })
	w.sim.Fail(simulator.Fault{Kind: simulator.ErrorCode, Path: "/client_whatsapp_business_accounts", Times: 1, Status: 400, Code: 200, Message: "no"})
	w.advance(time.Hour)
	if a, err := w.read(c); err == nil || len(ids(a)) != 3 {
		t.Errorf("after half a search: %v, %v", ids(a), err)
	}
	w.advance(time.Hour)
	if d := cmp.Diff([]string{"5001", "5002"}, ids(w.must(c))); d != "" {
		t.Errorf("after a good search: %s", d)
	}
}
