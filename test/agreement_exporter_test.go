package test

import (
	"bytes"
	"maps"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"
	dto "github.com/prometheus/client_model/go"
	"github.com/prometheus/common/expfmt"
	"github.com/prometheus/common/model"

	"whatsapp_sla_exporter/alerts"
	"whatsapp_sla_exporter/config"
	"whatsapp_sla_exporter/dashboards"
	"whatsapp_sla_exporter/test/alertmanager"
	"whatsapp_sla_exporter/test/demo"
	"whatsapp_sla_exporter/test/pipeline"
)

// The exporter exposes what is documented, of that type and with those labels, and its thresholds are the policies'.
func TestTheRunningExporterAgrees(t *testing.T) {
	path, err := binary()
	must(t, err)
	hook := alertmanager.NewWebhook(t)
	am := alertmanager.Start(t, hurried(t, hook.URL))
	d := demo.Start(t, demo.Options{Binary: path, Ago: 7 * time.Minute, Alertmanager: am})
	p := pipeline.Start(t, pipeline.Options{Target: d.Address, RuleFiles: []string{"../alerts/rules/*.yaml"}, Interval: time.Second})
	page, _ := hook.Wait(t, string(alerts.SLABreachImminent), "firing")
	families := exposed(t, d)

	t.Run("with what is documented", func(t *testing.T) { checkExposition(t, families) })
	t.Run("in its thresholds with the policies", func(t *testing.T) { checkThresholds(t, families) })
	t.Run("in its instants with its thresholds", func(t *testing.T) { checkInstants(t, families) })
	t.Run("with the board of promises", func(t *testing.T) { checkPromises(t, p) })
	t.Run("with the page on a ticket", func(t *testing.T) { checkPage(t, families, page) })
}

func exposed(t *testing.T, d *demo.Demo) map[string]*dto.MetricFamily {
	t.Helper()
	parse := expfmt.NewTextParser(model.UTF8Validation)
	families, err := parse.TextToMetricFamilies(bytes.NewReader(d.Get(t, "/metrics")))
	must(t, err)
	return families
}

func checkExposition(t *testing.T, families map[string]*dto.MetricFamily) {
	docs := documented(t)
	for name, f := range families {
		if !strings.HasPrefix(name, "whatsapp_") && !strings.HasPrefix(name, "helpdesk_") {
			continue
		}
		m, ok := docs[name]
		if !ok {
			t.Errorf("%s is not documented", name)
			continue
		}
		if kind := strings.ToLower(f.GetType().String()); kind != m.kind {
			t.Errorf("%s is a %s, documented is a %s", name, kind, m.kind)
		}
		for _, series := range f.GetMetric() {
			for _, l := range series.GetLabel() {
				if !m.labels[l.GetName()] {
					t.Errorf("%s has the label %s, which is not documented", name, l.GetName())
				}
			}
		}
	}
}

// threshold is what a policy says of a target, by the labels of the threshold metrics. Level is empty for the promise.
type threshold struct{ policy, severity, target, level string }

// promised are the thresholds of the built-in policies, in seconds.
func promised(t *testing.T) map[threshold]float64 {
	t.Helper()
	set, err := config.LoadBuiltinPolicies()
	must(t, err)
	all := make(map[threshold]float64)
	for _, name := range set.SLANames() {
		for _, s := range set.SLA[name].Severities {
			for _, p := range s.Promises {
				if p.Within == 0 {
					continue
				}
				warning, critical := p.Leads()
				at := func(level string) threshold { return threshold{name, s.Name, string(p.Target), level} }
				all[at("")], all[at("warning")], all[at("critical")] = p.Within.Seconds(), warning.Seconds(), critical.Seconds()
			}
		}
	}
	return all
}

func checkThresholds(t *testing.T, families map[string]*dto.MetricFamily) {
	got := make(map[threshold]float64)
	for _, name := range []string{"helpdesk_sla_target_seconds", "helpdesk_sla_lead_seconds"} {
		for _, m := range families[name].GetMetric() {
			l := labelsOf(m)
			got[threshold{l["policy"], l["severity"], l["target"], l["level"]}] = m.GetGauge().GetValue()
		}
	}
	if d := cmp.Diff(promised(t), got); d != "" {
		t.Errorf("thresholds (-policies +exposed):\n%s", d)
	}
}

func labelsOf(m *dto.Metric) map[string]string {
	l := make(map[string]string)
	for _, p := range m.GetLabel() {
		l[p.GetName()] = p.GetValue()
	}
	return l
}

// always are policies whose clock never stands still, so that leads can be seen in the distance between instants.
var always = []string{"reach-whatsapp-qr", "whatsapp-service-window"}

func checkInstants(t *testing.T, families map[string]*dto.MetricFamily) {
	want, checked := promised(t), 0
	due := make(map[string]float64)
	key := func(l map[string]string) string { return l["ticket"] + l["policy"] + l["target"] }
	instants := families["helpdesk_ticket_sla_timestamp_seconds"].GetMetric()
	for _, m := range instants {
		if l := labelsOf(m); l["event"] == "due" {
			due[key(l)] = m.GetGauge().GetValue()
		}
	}
	for _, m := range instants {
		l := labelsOf(m)
		if l["event"] == "due" || !slices.Contains(always, l["policy"]) {
			continue
		}
		checked++
		lead := want[threshold{l["policy"], l["severity"], l["target"], l["event"]}]
		if got := due[key(l)] - m.GetGauge().GetValue(); got != lead {
			t.Errorf("ticket %s, %s of %s: %s comes %v s before due, the policy says %v", l["ticket"], l["target"], l["policy"], l["event"], got, lead)
		}
	}
	if checked < 4 {
		t.Errorf("only %d instants of tickets", checked)
	}
}

// checkPromises asks for what the SLA desk's board of promises shows.
func checkPromises(t *testing.T, p *pipeline.Prometheus) {
	awaitScrape(t, p)
	got := make(map[threshold]float64)
	for _, q := range dashboards.Queries() {
		if q.Dashboard != "whatsapp-sla-desk" || q.Panel != "Targets and leads" {
			continue
		}
		level := map[string]string{"A": "", "B": "warning", "C": "critical"}[q.RefID]
		v, err := p.Query(t.Context(), q.PromQL())
		must(t, err)
		for _, s := range v {
			got[threshold{s.Metric.Get("policy"), s.Metric.Get("severity"), s.Metric.Get("target"), level}] = s.F
		}
	}
	if d := cmp.Diff(promised(t), got); d != "" {
		t.Errorf("thresholds (-policies +on the board):\n%s", d)
	}
}

// awaitScrape waits for the first.
func awaitScrape(t *testing.T, p *pipeline.Prometheus) {
	t.Helper()
	tick := time.NewTicker(100 * time.Millisecond)
	defer tick.Stop()
	late := time.After(time.Minute)
	for {
		v, err := p.Query(t.Context(), "up == 1")
		must(t, err)
		if len(v) == 1 {
			return
		}
		select {
		case <-tick.C:
		case <-late:
			t.Fatal("nothing was scraped within a minute")
		}
	}
}

// checkPage compares what an on-call person reads with what the boards show of the same ticket.
func checkPage(t *testing.T, families map[string]*dto.MetricFamily, page alertmanager.Alert) {
	usual := slices.DeleteFunc(slices.Clone(sidecarLabels), func(l string) bool { return l == "tenant" })
	if d := cmp.Diff(namesOf(usual...), namesOf(slices.Collect(maps.Keys(page.Labels))...)); d != "" {
		t.Errorf("labels of the page (-known +arrived):\n%s", d)
	}
	usual = slices.DeleteFunc(slices.Clone(sidecarAnnotations), func(a string) bool { return a == "last_read" })
	if d := cmp.Diff(namesOf(usual...), namesOf(slices.Collect(maps.Keys(page.Annotations))...)); d != "" {
		t.Errorf("annotations of the page (-known +arrived):\n%s", d)
	}
	due, err := time.Parse(time.RFC3339, page.Annotations["due"])
	must(t, err)
	for _, m := range families["helpdesk_ticket_sla_timestamp_seconds"].GetMetric() {
		l := labelsOf(m)
		if l["event"] == "due" && l["ticket"] == page.Labels["ticket"] && l["policy"] == page.Labels["policy"] && l["target"] == page.Labels["target"] {
			if got := m.GetGauge().GetValue(); got != float64(due.Unix()) || l["severity"] != page.Labels["ticket_severity"] {
				t.Errorf("the page says due %s, severity %s; the metric %v, %s", due, page.Labels["ticket_severity"], got, l["severity"])
			}
			return
		}
	}
	t.Errorf("no metric tells of the ticket that was paged: %v", page.Labels)
}
