package dashboards_test

import (
	"fmt"
	"io/fs"
	"maps"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"
	"go.yaml.in/yaml/v3"

	"whatsapp_sla_exporter/alerts"
	"whatsapp_sla_exporter/dashboards"
	"whatsapp_sla_exporter/test/alertmanager"
	"whatsapp_sla_exporter/test/demo"
	"whatsapp_sla_exporter/test/pipeline"
)

// patience is how long the demo may take until everything that it has was shown: from a red number to one that works
// its flag off, a source that fails, and two rounds of polls.
const patience = 2 * time.Minute

// The real Prometheus scrapes the real exporter, evaluates the shipped rules, and every panel and every recording rule
// has something to show. A panel has, once one of its queries has: TestQueriesGiveData looks at each of them. Meanwhile
// every metric that is documented was served, apart from those that a golden test shows.
func TestTheDemoShowsEveryPanelAndEveryMetric(t *testing.T) {
	d := demo.Start(t, demo.Options{
		Ago: 7*time.Minute + 40*time.Second, Alertmanager: alertmanager.Start(t, rehearsal(t)),
	})
	p := pipeline.Start(t, pipeline.Options{
		Target: d.Address, RuleFiles: []string{"../../alerts/rules/*.yaml"}, Interval: time.Second,
	})
	empty, unseen := wanted(t), documented(t)
	tick := time.NewTicker(time.Second)
	defer tick.Stop()
	late := time.After(patience)
	for waiting := true; waiting && (len(empty) > 0 || len(unseen) > len(golden)); {
		select {
		case <-tick.C:
		case <-late:
			waiting = false
		}
		ask(t, p, empty)
		look(d.Get(t, "/metrics"), unseen)
	}
	for _, name := range slices.Sorted(maps.Keys(empty)) {
		t.Errorf("%s shows nothing of the demo", name)
	}
	if diff := cmp.Diff(slices.Sorted(maps.Keys(golden)), slices.Sorted(maps.Keys(unseen))); diff != "" {
		t.Errorf("metrics that the demo does not have (-those of golden tests +found):\n%s", diff)
	}
	for rule, err := range p.RuleErrors() {
		t.Errorf("rule %s: %v", rule, err)
	}
}

// ask drops from the list what has an answer now.
func ask(t *testing.T, p *pipeline.Prometheus, empty map[string][]string) {
	t.Helper()
	for name, queries := range empty {
		for _, q := range queries {
			v, err := p.Query(t.Context(), q)
			if err != nil {
				t.Fatalf("%s: %v\n%s", name, err, q)
			}
			if len(v) > 0 {
				delete(empty, name)
			}
		}
	}
}

// wanted is the queries of every panel and every recording rule.
func wanted(t *testing.T) map[string][]string {
	t.Helper()
	all := map[string][]string{}
	for _, q := range dashboards.Queries() {
		name := q.Dashboard + ": " + q.Panel
		all[name] = append(all[name], q.PromQL())
	}
	for _, record := range recorded(t) {
		all["rule "+record] = []string{record}
	}
	return all
}

// recorded is the series that the shipped rules record.
func recorded(t *testing.T) []string {
	t.Helper()
	files, err := fs.Glob(alerts.Files, "rules/*.yaml")
	if err != nil {
		t.Fatal(err)
	}
	var names []string
	for _, file := range files {
		var doc struct {
			Groups []struct {
				Rules []struct {
					Record string
					Labels map[string]string
				}
			}
		}
		raw, err := alerts.Files.ReadFile(file)
		if err == nil {
			err = yaml.Unmarshal(raw, &doc)
		}
		if err != nil {
			t.Fatal(err)
		}
		for _, g := range doc.Groups {
			for _, r := range g.Rules {
				if r.Record != "" {
					names = append(names, selector(r.Record, r.Labels))
				}
			}
		}
	}
	return names
}

// selector is a series with the labels that its rule gives it.
func selector(name string, labels map[string]string) string {
	var matchers []string
	for _, l := range slices.Sorted(maps.Keys(labels)) {
		matchers = append(matchers, fmt.Sprintf("%s=%q", l, labels[l]))
	}
	return name + "{" + strings.Join(matchers, ", ") + "}"
}

// rehearsal is an Alertmanager that tells nobody.
func rehearsal(t *testing.T) []byte {
	t.Helper()
	raw, err := alerts.Rehearsal(alertmanager.NewWebhook(t).URL)
	if err != nil {
		t.Fatal(err)
	}
	return raw
}
