package alerts

import (
	"fmt"
	"maps"
	"os"
	"os/exec"
	"path/filepath"
	"regexp"
	"slices"
	"strings"
	"testing"

	"go.yaml.in/yaml/v3"
)

// rule is an alerting rule as its file has it.
type rule struct {
	Record, Alert, Expr string
	For                 *string
	Labels, Annotations map[string]string

	file, comment string
}

// rules are all rules by the group they are in.
func rules(t *testing.T) map[string][]rule {
	t.Helper()
	files, err := filepath.Glob("rules/*.yaml")
	if err != nil || len(files) == 0 {
		t.Fatalf("no rules: %v", err)
	}
	groups := make(map[string][]rule)
	for _, file := range files {
		raw, err := os.ReadFile(file)
		if err != nil {
			t.Fatal(err)
		}
		var doc struct {
			Groups []struct {
				Name  string
				Rules []yaml.Node
			}
		}
		if err := yaml.Unmarshal(raw, &doc); err != nil {
			t.Fatalf("%s: %v", file, err)
		}
		for _, g := range doc.Groups {
			for _, n := range g.Rules {
				r := rule{file: file, comment: n.HeadComment + n.Content[0].HeadComment}
				if err := n.Decode(&r); err != nil {
					t.Fatalf("%s: %v", file, err)
				}
				groups[g.Name] = append(groups[g.Name], r)
			}
		}
	}
	return groups
}

// alerting are the alerting rules by name.
func alerting(t *testing.T) map[string]rule {
	t.Helper()
	all := make(map[string]rule)
	for group, rs := range rules(t) {
		if len(rs) > 20 {
			t.Errorf("group %s has %d rules, want at most 20", group, len(rs))
		}
		for _, r := range rs {
			if r.Alert == "" {
				continue
			}
			if _, twice := all[r.Alert]; twice {
				t.Errorf("alert %s is there twice", r.Alert)
			}
			all[r.Alert] = r
		}
	}
	return all
}

func TestEveryAlertSaysWhatAPersonNeeds(t *testing.T) {
	name := regexp.MustCompile(`^([A-Z][a-z0-9]*|SLA|QR)+$`)
	for _, r := range alerting(t) {
		say := func(problem string, args ...any) {
			t.Errorf("%s: %s %s", r.file, r.Alert, fmt.Sprintf(problem, args...))
		}
		if !name.MatchString(r.Alert) || len(r.Alert) > 40 {
			say("is not in CamelCase of at most 40 letters")
		}
		if r.For == nil {
			say("has no for")
		}
		if !slices.Contains([]string{"critical", "warning", "info"}, r.Labels["severity"]) {
			say("has severity %q", r.Labels["severity"])
		}
		if s := r.Annotations["summary"]; s == "" || strings.Contains(s, "{{") || !strings.HasSuffix(s, ".") {
			say("has no static summary that is a sentence: %q", s)
		}
		if d := r.Annotations["description"]; len(d) < 40 || r.Alert != "ExporterAbsent" && !strings.Contains(d, "{{") {
			say("has no templated description: %q", d)
		}
		page := strings.TrimSuffix(filepath.Base(r.file), ".yaml")
		if want := RunbookBase + "/" + page + ".md#" + strings.ToLower(r.Alert); r.Annotations["runbook_url"] != want {
			say("has runbook_url %q, want %q", r.Annotations["runbook_url"], want)
		}
		if r.comment == "" {
			say("has no comment on its threshold")
		}
	}
}

// TestTheSidecarAndTheRulesUseDifferentNames keeps the inhibition of aggregates by tickets possible.
func TestTheSidecarAndTheRulesUseDifferentNames(t *testing.T) {
	for _, n := range []Name{SLABreachWarning, SLABreachImminent, SLABreached} {
		if _, taken := alerting(t)[string(n)]; taken {
			t.Errorf("%s is a rule too", n)
		}
	}
}

// TestEveryAlertHasARunbook looks for one heading for each alert of the rules and the sidecar, and for no other.
func TestEveryAlertHasARunbook(t *testing.T) {
	want := map[string][]string{"sla.md": {string(SLABreachWarning), string(SLABreachImminent), string(SLABreached)}}
	for _, r := range alerting(t) {
		page := strings.TrimSuffix(filepath.Base(r.file), ".yaml") + ".md"
		want[page] = append(want[page], r.Alert)
	}
	heading := regexp.MustCompile(`(?m)^## (.+)$`)
	for _, page := range slices.Sorted(maps.Keys(want)) {
		raw, err := os.ReadFile(filepath.Join("..", "docs", "runbooks", page))
		if err != nil {
			t.Error(err)
			continue
		}
		var got []string
		for _, m := range heading.FindAllSubmatch(raw, -1) {
			got = append(got, string(m[1]))
		}
		slices.Sort(got)
		slices.Sort(want[page])
		if !slices.Equal(got, want[page]) {
			t.Errorf("docs/runbooks/%s has the headings\n%q, want\n%q", page, got, want[page])
		}
	}
}

// TestEveryAlertIsTested looks for a test in which the alert fires and one in which it does not.
func TestEveryAlertIsTested(t *testing.T) {
	files, err := filepath.Glob("rules/tests/*.yaml")
	if err != nil {
		t.Fatal(err)
	}
	fires, quiet := make(map[string]bool), make(map[string]bool)
	for _, file := range files {
		raw, err := os.ReadFile(file)
		if err != nil {
			t.Fatal(err)
		}
		var doc struct {
			Tests []struct {
				Checks []struct {
					Alert    string `yaml:"alertname"`
					Expected []any  `yaml:"exp_alerts"`
				} `yaml:"alert_rule_test"`
			}
		}
		if err := yaml.Unmarshal(raw, &doc); err != nil {
			t.Fatalf("%s: %v", file, err)
		}
		for _, test := range doc.Tests {
			for _, c := range test.Checks {
				fires[c.Alert] = fires[c.Alert] || len(c.Expected) > 0
				quiet[c.Alert] = quiet[c.Alert] || len(c.Expected) == 0
			}
		}
	}
	for name := range alerting(t) {
		if !fires[name] || !quiet[name] {
			t.Errorf("%s: fires in a test: %v, does not fire in a test: %v", name, fires[name], quiet[name])
		}
	}
}

// tool is a built tool. Without it the rules are not tested at all, which must not look like success.
func tool(t *testing.T, name string) string {
	t.Helper()
	path := filepath.Join(os.Getenv("TOOLS_BIN"), name)
	if os.Getenv("TOOLS_BIN") == "" {
		path = filepath.Join("..", ".cache", "tools", "bin", name)
	}
	if _, err := os.Stat(path); err != nil {
		t.Fatalf("%s is not built: run tools/build.sh (%v)", name, err)
	}
	return path
}

func run(t *testing.T, command string, args ...string) {
	t.Helper()
	if out, err := exec.Command(tool(t, command), args...).CombinedOutput(); err != nil {
		t.Errorf("%s %s: %v\n%s", command, strings.Join(args, " "), err, out)
	}
}

func TestPromtoolAcceptsTheRules(t *testing.T) {
	files, err := filepath.Glob("rules/*.yaml")
	if err != nil {
		t.Fatal(err)
	}
	run(t, "promtool", append([]string{"check", "rules", "--lint=all", "--lint-fatal"}, files...)...)
}

func TestRulesFireAndResolve(t *testing.T) {
	files, err := filepath.Glob("rules/tests/*.yaml")
	if err != nil || len(files) == 0 {
		t.Fatalf("no tests: %v", err)
	}
	for _, file := range files {
		t.Run(strings.TrimSuffix(filepath.Base(file), ".yaml"), func(t *testing.T) {
			t.Parallel()
			run(t, "promtool", "test", "rules", file)
		})
	}
}

func TestAmtoolAcceptsTheConfiguration(t *testing.T) {
	run(t, "amtool", "check-config", "alertmanager.yml")
}

func TestRoutes(t *testing.T) {
	for labels, receivers := range map[string]string{
		"alertname=SLABreachImminent severity=critical":                "on-call",
		"alertname=SLABreachImminent severity=critical tenant=example": "tenant-example,on-call",
		"alertname=SLABreachWarning severity=warning":                  "team",
		"alertname=SLAAttainmentLow severity=info":                     "digest",
	} {
		args := []string{"config", "routes", "test", "--config.file=alertmanager.yml", "--verify.receivers=" + receivers}
		run(t, "amtool", append(args, strings.Fields(labels)...)...)
	}
}
