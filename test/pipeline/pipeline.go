// Package pipeline runs the parts of the real Prometheus inside a test: scrape, TSDB, rules and notifier.
package pipeline

import (
	"context"
	"fmt"
	"path/filepath"
	"strconv"
	"strings"
	"testing"
	"time"

	"github.com/prometheus/client_golang/prometheus"
	"github.com/prometheus/common/model"
	"github.com/prometheus/common/promslog"
	"github.com/prometheus/prometheus/config"
	"github.com/prometheus/prometheus/discovery/targetgroup"
	"github.com/prometheus/prometheus/model/labels"
	"github.com/prometheus/prometheus/notifier"
	"github.com/prometheus/prometheus/promql"
	"github.com/prometheus/prometheus/promql/parser"
	"github.com/prometheus/prometheus/rules"
	"github.com/prometheus/prometheus/scrape"
	"github.com/prometheus/prometheus/tsdb"
)

// Options say what Prometheus does.
type Options struct {
	Target        string        // host and port to scrape, under the job name "sla"
	RuleFiles     []string      // globs
	Alertmanagers []string      // host and port each
	Interval      time.Duration // of scrapes and evaluations; at least 1 ms
}

// Prometheus is a running pipeline.
type Prometheus struct {
	engine  *promql.Engine
	storage *tsdb.DB
	rules   *rules.Manager
}

// Start runs a pipeline until the test ends.
func Start(t testing.TB, o Options) *Prometheus {
	t.Helper()
	c := o.config(t)
	p := parser.NewParser(parser.Options{})
	db, err := tsdb.Open(t.TempDir(), nil, nil, tsdb.DefaultOptions(), nil)
	must(t, err)
	t.Cleanup(func() { must(t, db.Close()) })
	out := &Prometheus{storage: db, engine: promql.NewEngine(promql.EngineOpts{
		MaxSamples: 10_000_000, Timeout: time.Minute, LookbackDelta: 5 * time.Minute,
		EnableAtModifier: true, EnableNegativeOffset: true, Parser: p,
	})}
	startScraping(t, c, db, o)
	out.startRules(t, o, startNotifying(t, c, o), p)
	return out
}

// config is the configuration as a file would have it.
func (o *Options) config(t testing.TB) *config.Config {
	t.Helper()
	targets := func(hosts []string) string {
		return fmt.Sprintf("[{targets: %s}]", flow(hosts))
	}
	c, err := config.Load(fmt.Sprintf(`
global: {scrape_interval: %[1]s, scrape_timeout: %[1]s, evaluation_interval: %[1]s}
alerting: {alertmanagers: [{static_configs: %[2]s}]}
scrape_configs: [{job_name: sla, static_configs: %[3]s}]
`, model.Duration(o.Interval), targets(o.Alertmanagers), targets([]string{o.Target})), promslog.NewNopLogger())
	must(t, err)
	return c
}

// flow is a list in YAML's flow style.
func flow(list []string) string {
	quoted := make([]string, len(list))
	for i, s := range list {
		quoted[i] = strconv.Quote(s)
	}
	return "[" + strings.Join(quoted, ", ") + "]"
}

func startScraping(t testing.TB, c *config.Config, db *tsdb.DB, o Options) {
	t.Helper()
	// Discovery waits five seconds by default, for thousands of targets.
	m, err := scrape.NewManager(&scrape.Options{
		DiscoveryReloadInterval: model.Duration(10 * time.Millisecond), DiscoveryReloadOnStartup: true,
	}, promslog.NewNopLogger(), nil, nil, db, prometheus.NewRegistry())
	must(t, err)
	must(t, m.ApplyConfig(c))
	found := make(chan map[string][]*targetgroup.Group, 1)
	found <- discovered("sla", o.Target)
	ended := make(chan error, 1)
	go func() { ended <- m.Run(found) }()
	t.Cleanup(func() {
		m.Stop()
		if err := <-ended; err != nil {
			t.Errorf("scraping: %v", err)
		}
	})
}

func startNotifying(t testing.TB, c *config.Config, o Options) *notifier.Manager {
	t.Helper()
	m := notifier.NewManager(&notifier.Options{QueueCapacity: 10_000, Registerer: prometheus.NewRegistry()},
		model.UTF8Validation, promslog.NewNopLogger())
	must(t, m.ApplyConfig(c))
	found := make(chan map[string][]*targetgroup.Group, 1)
	found <- discovered("config-0", o.Alertmanagers...)
	go m.Run(found)
	t.Cleanup(m.Stop)
	return m
}

func discovered(set string, hosts ...string) map[string][]*targetgroup.Group {
	g := &targetgroup.Group{Source: "0"}
	for _, h := range hosts {
		g.Targets = append(g.Targets, model.LabelSet{model.AddressLabel: model.LabelValue(h)})
	}
	return map[string][]*targetgroup.Group{set: {g}}
}

func (p *Prometheus) startRules(t testing.TB, o Options, n *notifier.Manager, parse parser.Parser) {
	t.Helper()
	p.rules = rules.NewManager(&rules.ManagerOptions{
		QueryFunc:    rules.EngineQueryFunc(p.engine, p.storage),
		NotifyFunc:   rules.SendAlerts(n, "http://prometheus.example.com"),
		Context:      t.Context(),
		AppendableV2: p.storage, Queryable: p.storage,
		Logger: promslog.NewNopLogger(), Registerer: prometheus.NewRegistry(),
		ResendDelay: 2 * o.Interval, Parser: parse,
	})
	var files []string
	for _, glob := range o.RuleFiles {
		found, err := filepath.Glob(glob)
		must(t, err)
		if len(found) == 0 {
			t.Fatalf("no rule files %s", glob)
		}
		files = append(files, found...)
	}
	must(t, p.rules.Update(o.Interval, files, labels.EmptyLabels(), "", nil))
	go p.rules.Run()
	t.Cleanup(p.rules.Stop)
}

// Query evaluates an expression now.
func (p *Prometheus) Query(ctx context.Context, expr string) (promql.Vector, error) {
	q, err := p.engine.NewInstantQuery(ctx, p.storage, nil, expr, time.Now())
	if err != nil {
		return nil, err
	}
	defer q.Close()
	r := q.Exec(ctx)
	if r.Err != nil {
		return nil, r.Err
	}
	switch v := r.Value.(type) {
	case promql.Vector:
		// The vector belongs to the query and is not valid after Close.
		return append(promql.Vector(nil), v...), nil
	case promql.Scalar:
		return promql.Vector{{T: v.T, F: v.V}}, nil
	}
	return nil, fmt.Errorf("%s gives a %s, not a vector", expr, r.Value.Type())
}

// RuleErrors are the errors of the last evaluation, by rule.
func (p *Prometheus) RuleErrors() map[string]error {
	failed := make(map[string]error)
	for _, r := range p.rules.Rules() {
		if err := r.LastError(); err != nil {
			failed[r.Name()] = err
		}
	}
	return failed
}

func must(t testing.TB, err error) {
	t.Helper()
	if err != nil {
		t.Fatal(err)
	}
}
