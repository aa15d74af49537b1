// Package dashboards_test runs the queries of the boards through Prometheus' own parser and engine.
package dashboards_test

import (
	"context"
	_ "embed"
	"strings"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"
	"github.com/google/go-cmp/cmp/cmpopts"
	"github.com/prometheus/prometheus/promql"
	"github.com/prometheus/prometheus/promql/parser"
	"github.com/prometheus/prometheus/promql/promqltest"

	"whatsapp_sla_exporter/dashboards"
)

// scraped is what two replicas of the exporter tell in an hour, as promqltest reads it.
//
//go:embed testdata/scraped.promql
var scraped string

var end = time.Unix(3600, 0)

// quiet is the queries, by board, panel and letter, that must give nothing here: the exporter is scraped, and the
// one ticket that is next is in one state, critical.
var quiet = map[[3]string]bool{
	{"whatsapp-sla-wall", "Red now", "J"}:           true,
	{"whatsapp-sla-overview", "Breaches next", "B"}: true,
	{"whatsapp-sla-overview", "Breaches next", "C"}: true,
}

func TestQueriesParse(t *testing.T) {
	p := parser.NewParser(parser.Options{})
	for _, q := range dashboards.Queries() {
		if _, err := p.ParseExpr(q.PromQL()); err != nil {
			t.Errorf("%s, panel %s, query %s: %v\n%s", q.Dashboard, q.Panel, q.RefID, err, q.PromQL())
		}
	}
}

// Every query gives data where there is some, replicas or not, with tenants or without.
func TestQueriesGiveData(t *testing.T) {
	eval := evaluator(t, scraped)
	for _, q := range dashboards.Queries() {
		got, err := eval(q.PromQL())
		if err != nil {
			t.Errorf("%s, panel %s, query %s: %v\n%s", q.Dashboard, q.Panel, q.RefID, err, q.PromQL())
			continue
		}
		if (len(got) == 0) != quiet[[3]string{q.Dashboard, q.Panel, q.RefID}] {
			t.Errorf("%s, panel %s, query %s gives %d series\n%s", q.Dashboard, q.Panel, q.RefID, len(got), q.PromQL())
		}
	}
}

func evaluator(t *testing.T, series string) func(expr string) (map[string]float64, error) {
	t.Helper()
	storage := promqltest.LoadedStorage(t, series)
	t.Cleanup(func() { _ = storage.Close() })
	engine := promqltest.NewTestEngine(t, false, 0, promqltest.DefaultMaxSamplesPerQuery)
	return func(expr string) (map[string]float64, error) {
		query, err := engine.NewInstantQuery(context.Background(), storage, nil, expr, end)
		if err != nil {
			return nil, err
		}
		defer query.Close()
		vector, err := query.Exec(context.Background()).Vector()
		return byLabels(vector), err
	}
}

func byLabels(vector promql.Vector) map[string]float64 {
	got := map[string]float64{}
	for _, s := range vector {
		got[s.Metric.String()] = s.F
	}
	return got
}

func TestPanelsSayWhatIsSo(t *testing.T) {
	tests := []struct {
		name, board, panel, ref string
		want                    map[string]float64
	}{
		{
			"the next deadline that is critical", "whatsapp-sla-overview", "Breaches next", "A",
			map[string]float64{`{helpdesk="support", policy="reach-whatsapp-qr", severity="critical", target="resolution", ticket="2"}`: 60},
		},
		{
			"a wall shows those that are only warning after it", "whatsapp-sla-wall", "Breaches next", "B",
			map[string]float64{`{helpdesk="support", policy="reach-whatsapp-qr", severity="minor", target="resolution", tenant="acme", ticket="3"}`: 400},
		},
		{
			"and those that are well", "whatsapp-sla-wall", "Breaches next", "C",
			map[string]float64{`{helpdesk="support", policy="native", severity="minor", target="resolution", ticket="4"}`: 5000},
		},
		{
			"each ticket's state is how many of its instants are past", "whatsapp-sla-desk", "Most urgent tickets", "B",
			map[string]float64{
				`{helpdesk="support", policy="reach-whatsapp-qr", severity="critical", target="resolution", ticket="1"}`:             3,
				`{helpdesk="support", policy="reach-whatsapp-qr", severity="critical", target="resolution", ticket="2"}`:             2,
				`{helpdesk="support", policy="reach-whatsapp-qr", severity="minor", target="resolution", tenant="acme", ticket="3"}`: 1,
				`{helpdesk="support", policy="native", severity="minor", target="resolution", ticket="4"}`:                           0,
			},
		},
		{
			"a ticket without an address is listed all the same", "whatsapp-sla-desk", "Most urgent tickets", "A",
			map[string]float64{
				`{helpdesk="support", policy="reach-whatsapp-qr", severity="critical", target="resolution", ticket="1", url="https://desk.example/1"}`: -600,
				`{helpdesk="support", policy="reach-whatsapp-qr", severity="critical", target="resolution", ticket="2"}`:                               60,
				`{helpdesk="support", policy="reach-whatsapp-qr", severity="minor", target="resolution", tenant="acme", ticket="3"}`:                   400,
				`{helpdesk="support", policy="native", severity="minor", target="resolution", ticket="4"}`:                                             5000,
			},
		},
		{
			"a breach that two replicas tell of is one", "whatsapp-sla-overview", "Breached", "A",
			map[string]float64{`{}`: 1},
		},
		{
			"what comes due within the hour", "whatsapp-sla-desk", "Coming due", "A",
			map[string]float64{`{}`: 2},
		},
		{
			"attainment", "whatsapp-sla-desk", "Attainment", "A",
			map[string]float64{`{policy="reach-whatsapp-qr", severity="critical", target="resolution"}`: 0.75},
		},
		{
			"the worst rating where replicas differ, under the number that people know or else its id", "whatsapp-sla-channel", "Quality rating", "A",
			map[string]float64{
				`{account="acme", display_phone_number="+34 600", phone_number_id="11"}`: 3,
				`{account="acme", display_phone_number="12", phone_number_id="12"}`:      1,
			},
		},
		{
			"the limit is counted in users where webhooks tell them, else in messages, and unlimited is unused", "whatsapp-sla-channel", "Messaging limit used", "A",
			map[string]float64{
				`{account="acme", scope="portfolio", scope_id="9"}`:  0.9,
				`{account="beta", scope="portfolio", scope_id="8"}`:  0.5,
				`{account="gamma", scope="portfolio", scope_id="7"}`: 0,
			},
		},
		{
			"the first event of a kind is news, though it does not increase anything", "whatsapp-sla-accounts", "Two-step verification", "A",
			map[string]float64{`{account="acme", event="pin_changed", waba_id="1"}`: 1},
		},
		{
			"a token that never expires is left out", "whatsapp-sla-accounts", "Tokens expire in", "A",
			map[string]float64{`{account="acme"}`: 86400},
		},
		{
			"a source that the exporter cannot read is red", "whatsapp-sla-wall", "Red now", "I",
			map[string]float64{`{source="support"}`: 0},
		},
	}
	eval := evaluator(t, scraped)
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			got, err := eval(find(t, tt.board, tt.panel, tt.ref).PromQL())
			if err != nil {
				t.Fatal(err)
			}
			if diff := cmp.Diff(tt.want, got, cmpopts.EquateApprox(1e-6, 0)); diff != "" {
				t.Errorf("(-want +got):\n%s", diff)
			}
		})
	}
}

func find(t *testing.T, board, panel, ref string) dashboards.Query {
	t.Helper()
	for _, q := range dashboards.Queries() {
		if q.Dashboard == board && q.Panel == panel && q.RefID == ref {
			return q
		}
	}
	t.Fatalf("no query %s in panel %s of %s", ref, panel, board)
	return dashboards.Query{}
}

// Without any series no query makes up a number, except the one that says so.
func TestNoDataIsNotZero(t *testing.T) {
	eval := evaluator(t, "load 1m\n  other 1")
	for _, q := range dashboards.Queries() {
		got, err := eval(q.PromQL())
		if err != nil {
			t.Fatal(err)
		}
		if (len(got) != 0) != strings.HasPrefix(q.Expr, "absent(") {
			t.Errorf("%s, panel %s, query %s gives %v without data", q.Dashboard, q.Panel, q.RefID, got)
		}
	}
}
