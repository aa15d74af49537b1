package test

import (
	"maps"
	"os"
	"path/filepath"
	"regexp"
	"slices"
	"strings"
	"testing"

	amconfig "github.com/prometheus/alertmanager/config"
	"github.com/prometheus/alertmanager/dispatch"
	amlabels "github.com/prometheus/alertmanager/pkg/labels"
	"github.com/prometheus/common/model"

	"whatsapp_sla_exporter/alerts"
)

// alert is what Alertmanager is told of an alert: labels that are always the same, and those that tell one from another.
type alert struct {
	static  labels
	names   names // of all labels that it may have
	runbook string
}

// shippedAlerts are the alerts of the rules and of the sidecar, by name.
func shippedAlerts(t *testing.T) map[string]alert {
	t.Helper()
	all := make(map[string]alert)
	rules := shippedRules(t)
	i := known(t, rules)
	for _, r := range rules {
		if r.Alert == "" {
			continue
		}
		a := alert{
			static:  with(labels{}, "alertname", r.Alert, "severity", r.Labels["severity"]),
			names:   i.labels(parsed(t, r.Expr)).and(namesOf(slices.Collect(maps.Keys(r.Labels))...)).and(namesOf("alertname")),
			runbook: r.Annotations["runbook_url"],
		}
		all[r.Alert] = a
	}
	for n, severity := range map[alerts.Name]string{
		alerts.SLABreachWarning: "warning", alerts.SLABreachImminent: "critical", alerts.SLABreached: "critical",
	} {
		all[string(n)] = alert{
			static:  with(labels{}, "alertname", string(n), "severity", severity),
			names:   namesOf(sidecarLabels...),
			runbook: alerts.RunbookBase + "/sla.md#" + strings.ToLower(string(n)),
		}
	}
	return all
}

// sidecarLabels are those of the sidecar's alerts. TestTheRunningExporterAgrees compares them with one that arrived.
var sidecarLabels = []string{"alertname", "helpdesk", "ticket", "policy", "severity", "ticket_severity", "target", "tenant"}

func shippedConfig(t *testing.T) *amconfig.Config {
	t.Helper()
	raw, err := alerts.Files.ReadFile("alertmanager.yml")
	must(t, err)
	c, err := amconfig.Load(string(raw))
	must(t, err)
	return c
}

// Every alert reaches the people whom its severity asks for, and a tenant's alerts the tenant, too.
func TestEveryAlertIsRoutedByItsSeverity(t *testing.T) {
	route := dispatch.NewRoute(shippedConfig(t).Route, nil)
	receivers := func(a alert, more ...string) string {
		set := make(model.LabelSet)
		for name, value := range with(a.static, more...) {
			set[model.LabelName(name)] = model.LabelValue(value)
		}
		var got []string
		for _, r := range route.Match(set) {
			got = append(got, r.RouteOpts.Receiver)
		}
		return strings.Join(got, ",")
	}
	for name, a := range shippedAlerts(t) {
		want := map[string]string{"critical": "on-call", "warning": "team", "info": "digest"}[a.static["severity"]]
		if got := receivers(a); want == "" || got != want {
			t.Errorf("%s, severity %s, goes to %q, want %q", name, a.static["severity"], got, want)
		}
		if got := receivers(a, "tenant", "example"); a.names["tenant"] && got != "tenant-example,"+want {
			t.Errorf("%s of a tenant goes to %q", name, got)
		}
	}
}

// Routes and inhibitions name alerts and labels that are there: a misspelt one matches nothing, without any error.
func TestAlertmanagerNamesAlertsAndLabelsThatExist(t *testing.T) {
	c, all := shippedConfig(t), shippedAlerts(t)
	every := make(names)
	for _, a := range all {
		every = every.and(a.names)
	}
	routes := []*amconfig.Route{c.Route}
	for len(routes) > 0 {
		r := routes[0]
		routes = append(routes[1:], r.Routes...)
		for _, l := range r.GroupByStr {
			if !every[l] {
				t.Errorf("grouped by %s, which no alert has", l)
			}
		}
		if len(r.Matchers) > 0 && len(matched(t, all, amlabels.Matchers(r.Matchers))) == 0 {
			t.Errorf("no alert is routed by %s", amlabels.Matchers(r.Matchers))
		}
	}
	for _, r := range c.InhibitRules {
		for side, matchers := range map[string]amlabels.Matchers{
			"source": amlabels.Matchers(r.SourceMatchers), "target": amlabels.Matchers(r.TargetMatchers),
		} {
			found := matched(t, all, matchers)
			found = slices.DeleteFunc(found, func(a alert) bool {
				return slices.ContainsFunc(r.Equal, func(l string) bool { return !a.names[l] })
			})
			if len(found) == 0 {
				t.Errorf("no alert is the %s of an inhibition: %s, with the labels %q", side, matchers, r.Equal)
			}
			namesAlerts(t, all, matchers)
		}
		for _, l := range r.Equal {
			if !every[l] {
				t.Errorf("equal %s, which no alert has", l)
			}
		}
	}
}

// matched are the alerts that matchers may match. A label that is not static may have any value, but "".
func matched(t *testing.T, all map[string]alert, matchers amlabels.Matchers) []alert {
	t.Helper()
	var found []alert
	for _, a := range all {
		if !slices.ContainsFunc(matchers, func(m *amlabels.Matcher) bool {
			value, static := a.static[m.Name]
			if static || !a.names[m.Name] {
				return !m.Matches(value)
			}
			return m.Matches("")
		}) {
			found = append(found, a)
		}
	}
	return found
}

// namesAlerts looks for each name of a list of alerts.
func namesAlerts(t *testing.T, all map[string]alert, matchers amlabels.Matchers) {
	t.Helper()
	for _, m := range matchers {
		if m.Name != model.AlertNameLabel {
			continue
		}
		for n := range strings.SplitSeq(m.Value, "|") {
			if _, ok := all[n]; !ok && !strings.ContainsAny(n, ".+*") {
				t.Errorf("an inhibition names %s, which is no alert", n)
			}
		}
	}
}

// Every alert's runbook_url leads to a heading of its own.
func TestEveryRunbookLinkHasItsHeading(t *testing.T) {
	heading := regexp.MustCompile(`(?m)^## (.+)$`)
	for name, a := range shippedAlerts(t) {
		page, anchor, _ := strings.Cut(strings.TrimPrefix(a.runbook, alerts.RunbookBase+"/"), "#")
		text, err := os.ReadFile(filepath.Join("..", "docs", "runbooks", filepath.FromSlash(page)))
		if err != nil {
			t.Errorf("%s: %v", name, err)
			continue
		}
		if !slices.ContainsFunc(heading.FindAllStringSubmatch(string(text), -1), func(m []string) bool {
			return strings.ToLower(m[1]) == anchor
		}) {
			t.Errorf("%s: %s has no heading #%s", name, page, anchor)
		}
	}
}

var (
	inlineCode = regexp.MustCompile("`[^`\n]+`")
	anyMetric  = regexp.MustCompile(`\b(?:whatsapp|helpdesk)[_:][a-z0-9_:]*[a-z0-9]\b`)
)

// What runbooks tell somebody to look at is there.
func TestRunbooksNameMetricsThatExist(t *testing.T) {
	i := known(t, shippedRules(t))
	pages, err := filepath.Glob("../docs/runbooks/*.md")
	must(t, err)
	named := 0
	for _, page := range pages {
		text, err := os.ReadFile(page)
		must(t, err)
		for _, code := range inlineCode.FindAllString(string(text), -1) {
			for _, name := range anyMetric.FindAllString(code, -1) {
				named++
				if _, ok := i.series[name]; !ok && name != "whatsapp_sla_exporter" {
					t.Errorf("%s names %s, which is not there", page, name)
				}
			}
		}
	}
	if named < 10 {
		t.Errorf("runbooks name only %d metrics", named)
	}
}

var (
	textLabel      = regexp.MustCompile(`\.(?:Common|Group)?Labels\.([a-z_]+)`)
	textAnnotation = regexp.MustCompile(`\.(?:Common)?Annotations\.([a-z_]+)`)
)

// Notification templates fill in labels that some alert has, and annotations that the rules or the sidecar write.
func TestTemplatesFillInWhatAlertsHave(t *testing.T) {
	every, annotations := make(names), namesOf(sidecarAnnotations...)
	for _, a := range shippedAlerts(t) {
		every = every.and(a.names)
	}
	for _, r := range shippedRules(t) {
		annotations = annotations.and(namesOf(slices.Collect(maps.Keys(r.Annotations))...))
	}
	i := &inference{}
	for _, file := range []string{"alertmanager.yml", "templates/whatsapp_sla.tmpl"} {
		text, err := alerts.Files.ReadFile(file)
		must(t, err)
		i.fills(textLabel, string(text), every)
		i.fills(textAnnotation, string(text), annotations)
	}
	for _, problem := range i.take() {
		t.Error(problem)
	}
}

// sidecarAnnotations are those of the sidecar's alerts; the last two only when there is something to say.
var sidecarAnnotations = []string{"summary", "description", "due", "runbook_url", "url", "diagnosis", "last_read"}
