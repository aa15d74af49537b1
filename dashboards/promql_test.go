package dashboards

import (
	"maps"
	"os"
	"path/filepath"
	"regexp"
	"slices"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"
	"github.com/google/go-cmp/cmp/cmpopts"
)

// elsewhere is the metrics that no board needs, and why.
var elsewhere = map[string]string{
	"whatsapp_messaging_limit_used_users_7d":                "the way to the next level is this over what the policy asks for",
	"whatsapp_messaging_limit_used_since_timestamp_seconds": "says for a day that the use is a lower bound",
}

var (
	metricName = regexp.MustCompile(`\b(?:whatsapp|helpdesk)_[a-z0-9_]+[a-z0-9]\b`)
	docsRow    = regexp.MustCompile("(?m)^\\| `((?:whatsapp|helpdesk)_[a-z0-9_]+)` \\| [a-z]+ \\| ([^|]*) \\|")
	docsEnum   = regexp.MustCompile("(?m)^`([a-z_]+)` of `([a-z0-9_]+)`: (.+)\\.$")
	docsLabel  = regexp.MustCompile("`([a-z_]+)`")
)

func docs(t *testing.T) string {
	t.Helper()
	text, err := os.ReadFile(filepath.Join("..", "docs", "metrics.md"))
	if err != nil {
		t.Fatal(err)
	}
	return string(text)
}

// documented is the metrics that the exporter promises, with their labels.
func documented(t *testing.T) map[string][]string {
	t.Helper()
	all := map[string][]string{}
	for _, row := range docsRow.FindAllStringSubmatch(docs(t), -1) {
		labels := []string{}
		for _, l := range docsLabel.FindAllStringSubmatch(row[2], -1) {
			labels = append(labels, l[1])
		}
		all[row[1]] = labels
	}
	return all
}

// Every metric has a place on some board, and no board asks for one that does not exist.
func TestEveryMetricIsOnABoard(t *testing.T) {
	used := map[string]bool{}
	for _, q := range Queries() {
		for _, name := range metricName.FindAllString(q.Expr, -1) {
			used[name] = true
		}
	}
	var want []string
	for name := range documented(t) {
		if elsewhere[name] == "" {
			want = append(want, name)
		}
	}
	slices.Sort(want)
	if diff := cmp.Diff(want, slices.Sorted(maps.Keys(used))); diff != "" {
		t.Errorf("metrics (-documented +on the boards):\n%s", diff)
	}
	if diff := cmp.Diff(want, slices.Sorted(maps.Keys(metricLabels))); diff != "" {
		t.Errorf("metrics (-documented +known to the generator):\n%s", diff)
	}
}

// The labels of every metric are those that the exporter gives it. Those of the exporter itself are told apart by
// instance, and not all of their labels matter.
func TestMetricsHaveTheirLabels(t *testing.T) {
	for name, want := range documented(t) {
		got, known := strings.Fields(metricLabels[name]), metricLabels[name] != "" || elsewhere[name] == ""
		if !known || slices.Contains(got, "instance") {
			continue
		}
		slices.Sort(got)
		if diff := cmp.Diff(want, got, cmpopts.EquateEmpty()); diff != "" {
			t.Errorf("labels of %s (-documented +known to the generator):\n%s", name, diff)
		}
	}
}

// A board that shows an enum knows all its values: one that it does not know would leave a hole.
func TestEnumsHaveAllTheirValues(t *testing.T) {
	checked := 0
	for _, e := range docsEnum.FindAllStringSubmatch(docs(t), -1) {
		label, metric, want := e[1], e[2], strings.Split(e[3], ", ")
		value := regexp.MustCompile(`[0-9]+ \* ` + metric + `\{[^}]*` + label + `="([a-z_]+)"`)
		for _, q := range Queries() {
			var got []string
			for _, m := range value.FindAllStringSubmatch(q.Expr, -1) {
				got = append(got, m[1])
			}
			if len(got) == 0 {
				continue
			}
			checked++
			slices.Sort(got)
			slices.Sort(want)
			if diff := cmp.Diff(want, slices.Compact(got)); diff != "" {
				t.Errorf("%s, panel %s: values of %s (-documented +shown):\n%s", q.Dashboard, q.Panel, metric, diff)
			}
		}
	}
	if checked < 5 {
		t.Errorf("only %d queries show an enum", checked)
	}
}

func TestVariablesQueryDocumentedMetrics(t *testing.T) {
	promised := documented(t)
	for _, v := range variables() {
		for _, name := range metricName.FindAllString(v.Definition, -1) {
			if _, ok := promised[name]; !ok {
				t.Errorf("variable %s asks for %s, which no one promises", v.Name, name)
			}
		}
	}
}

func TestExpressions(t *testing.T) {
	two := enum{{"unknown", Dim}, {"green", Good}}
	tests := []struct{ name, got, want string }{
		{"a metric is filtered by the variables whose label it has", series("helpdesk_uncovered_tickets"), `helpdesk_uncovered_tickets{helpdesk=~"$helpdesk"}`},
		{"and by none where it has none", series("whatsapp_sla_exporter_source_up"), `whatsapp_sla_exporter_source_up`},
		{
			"replicas count once", latest("helpdesk_sla_tickets", `state="breached"`),
			`max by (helpdesk, policy, severity, tenant, target) (helpdesk_sla_tickets{helpdesk=~"$helpdesk", tenant=~"$tenant", state="breached"})`,
		},
		{
			"a label that may have several values is kept", latest("whatsapp_platform_status", `state=~"a|b"`),
			`max by (page, service, state) (whatsapp_platform_status{state=~"a|b"})`,
		},
		{
			"an enum becomes the place of its value", coded("whatsapp_phone_number_quality_rating", "rating", two),
			`max by (account, phone_number_id) (0 * whatsapp_phone_number_quality_rating{account=~"$account", rating="unknown"}` +
				` or 1 * whatsapp_phone_number_quality_rating{account=~"$account", rating="green"})`,
		},
		{
			"what a counter counted, its first event too", Query{Expr: news("whatsapp_account_violations_total")}.PromQL(),
			`(max by (account, waba_id, violation) (whatsapp_account_violations_total{account=~".*"})` +
				` unless max by (account, waba_id, violation) (whatsapp_account_violations_total{account=~".*"} offset 1h)` +
				` or max by (account, waba_id, violation) (increase(whatsapp_account_violations_total{account=~".*"}[1h]))) > 0`,
		},
		{"the red values of an enum", platformStates.of(Broken), "major_outage"},
		{
			"a query as Prometheus gets it", Query{Expr: growth("helpdesk_unmapped_values_total")}.PromQL(),
			`max by (helpdesk, field) (increase(helpdesk_unmapped_values_total{helpdesk=~".*"}[1h]))`,
		},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			if diff := cmp.Diff(tt.want, tt.got); diff != "" {
				t.Errorf("(-want +got):\n%s", diff)
			}
		})
	}
}
