package config_test

import (
	"errors"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"
	"go.yaml.in/yaml/v3"

	"whatsapp_sla_exporter/config"
	"whatsapp_sla_exporter/internal/sla"
	"whatsapp_sla_exporter/internal/whatsapp/messaging"
)

// policies reads the policies section of a configuration file on top of the built-in ones.
func policies(t testing.TB, file, text string) (*config.PolicySet, error) {
	t.Helper()
	var section struct{ Policies []yaml.Node }
	if err := yaml.Unmarshal([]byte(text), &section); err != nil {
		t.Fatal(err)
	}
	return builtin(t).With(section.Policies, file)
}

func mustPolicies(t testing.TB, text string) *config.PolicySet {
	t.Helper()
	set, err := policies(t, "testdata/policy/config.yml", text)
	if err != nil {
		t.Fatal(err)
	}
	return set
}

func TestBuiltinPolicies(t *testing.T) {
	set := builtin(t)
	want := []string{"360dialog-premium", "360dialog-standard", "meta-direct-support", "reach-whatsapp-qr", "whatsapp-service-window"}
	if diff := cmp.Diff(want, set.SLANames()); diff != "" {
		t.Error(diff)
	}
	if diff := cmp.Diff([]string{"whatsapp-messaging", "whatsapp-messaging-2024"}, set.MessagingNames()); diff != "" {
		t.Error(diff)
	}
	for name, raw := range set.Messaging {
		if _, err := messaging.Parse(name, raw); err != nil {
			t.Errorf("%s: handed on as something that is not understood: %v", name, err)
		}
	}
}

// A severity, promise or topic without a source is a number that nobody can check.
func TestEveryValueOfABuiltinPolicyHasASource(t *testing.T) {
	set := builtin(t)
	for _, name := range set.SLANames() {
		raw, err := set.Text(name)
		if err != nil {
			t.Fatal(err)
		}
		var p struct {
			Source     string
			Calendar   map[string]any
			Severities map[string]map[string]any
			Topics     map[string]map[string]any
			Outside    map[string]any `yaml:",inline"`
			Decisions  []string
		}
		if err := yaml.Unmarshal(raw, &p); err != nil {
			t.Fatal(err)
		}
		if p.Source == "" || len(p.Decisions) == 0 {
			t.Errorf("%s: no document, or no decisions", name)
		}
		var unsourced []string
		sourced := func(what string, m map[string]any) {
			if s, _ := m["source"].(string); s == "" {
				unsourced = append(unsourced, what)
			}
		}
		for severity, s := range p.Severities {
			sourced(severity, s)
			for key, value := range s {
				if promise, ok := value.(map[string]any); ok {
					sourced(severity+" "+key, promise)
				}
			}
		}
		for topic, m := range p.Topics {
			sourced(topic, m)
		}
		for key, value := range p.Outside {
			if m, ok := value.(map[string]any); ok {
				sourced(key, m)
			}
		}
		hours, _ := p.Calendar["hours"].([]any)
		for _, entry := range hours {
			sourced("hours", entry.(map[string]any))
		}
		if hours == nil {
			sourced("calendar", p.Calendar)
		}
		if len(unsourced) > 0 {
			t.Errorf("%s: no source: %s", name, strings.Join(unsourced, ", "))
		}
	}
}

func TestTopicsOfBuiltinPolicies(t *testing.T) {
	want := map[string]map[string]string{
		"360dialog-standard": {
			"messaging_stopped": "critical", "api_unreachable": "critical", "long_delays": "critical", "number_porting": "urgent",
			"number_registration": "standard", "onboarding": "standard", "templates": "standard", "business_verification": "standard",
			"commerce_policy": "standard", "changing_partners": "standard", "official_business_accounts": "standard", "other": "standard",
		},
		"360dialog-premium": {
			"messaging_stopped": "critical", "api_unreachable": "critical", "long_delays": "critical", "number_porting": "urgent",
			"number_registration": "urgent", "onboarding": "standard", "templates": "standard", "business_verification": "standard",
			"commerce_policy": "standard", "changing_partners": "standard", "official_business_accounts": "standard", "other": "standard",
		},
	}
	for name, topics := range want {
		if diff := cmp.Diff(topics, builtin(t).SLA[name].Topics); diff != "" {
			t.Errorf("%s: %s", name, diff)
		}
	}
}

func TestCoverageOfBuiltinPolicies(t *testing.T) {
	spain := config.Place{Country: "ES", TimeZone: "Europe/Madrid"}
	resolved := instant(t, "2026-02-10T12:00:00Z")
	tests := []struct {
		name   string
		policy string
		ticket sla.Ticket
		want   sla.Coverage
	}{
		{
			"Reach: external provider failures are not covered under any severity level", "reach-whatsapp-qr",
			sla.Ticket{Severity: "minor", External: true},
			sla.Coverage{Severity: "minor", Reason: sla.ExternalOrigin},
		},
		{
			"360dialog: tickets are only valid with the minimum information", "360dialog-standard",
			sla.Ticket{Severity: "critical", Invalid: true},
			sla.Coverage{Severity: "critical", Reason: sla.InvalidTicket},
		},
		{
			"360dialog: tickets are only valid with the minimum information, in Premium too", "360dialog-premium",
			sla.Ticket{Topic: "templates", Invalid: true},
			sla.Coverage{Severity: "standard", Reason: sla.InvalidTicket},
		},
		{
			"Meta: a critical ticket resolved with requests outstanding becomes limited", "meta-direct-support",
			sla.Ticket{Severity: "critical", Status: sla.StatusSolved, ResolvedAt: resolved, OutstandingRequests: 2},
			sla.Coverage{Severity: "limited"},
		},
		{
			"Meta: so does an urgent one", "meta-direct-support",
			sla.Ticket{Severity: "urgent", Status: sla.StatusSolved, ResolvedAt: resolved, OutstandingRequests: 1},
			sla.Coverage{Severity: "limited"},
		},
		{
			"Meta: a standard one does not", "meta-direct-support",
			sla.Ticket{Severity: "standard", Status: sla.StatusSolved, ResolvedAt: resolved, OutstandingRequests: 1},
			sla.Coverage{Severity: "standard"},
		},
		{"Meta: limited in French", "meta-direct-support", sla.Ticket{Severity: "Limité"}, sla.Coverage{Severity: "limited"}},
		{"Meta: nothing is said of external failures", "meta-direct-support", sla.Ticket{Severity: "1", External: true}, sla.Coverage{Severity: "critical"}},
		{"WhatsApp: the window is for every severity", "whatsapp-service-window", sla.Ticket{Severity: "P5"}, sla.Coverage{Severity: "any"}},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			clock, err := builtin(t).Clock(tt.policy, spain)
			if err != nil {
				t.Fatal(err)
			}
			tt.ticket.OpenedAt = instant(t, "2026-02-10T10:00:00Z")
			got, targets := clock.Evaluate(nil, &tt.ticket)
			if diff := cmp.Diff(tt.want, got); diff != "" {
				t.Error(diff)
			}
			if got.Severity == "limited" && len(targets) > 0 {
				t.Errorf("limited, and yet there is %v", targets)
			}
		})
	}
}

func TestClocks(t *testing.T) {
	set := builtin(t)
	spain := config.Place{Country: "ES", TimeZone: "Europe/Madrid"}
	first, err := set.Clock("meta-direct-support", spain)
	if err != nil {
		t.Fatal(err)
	}
	if again, _ := set.Clock("meta-direct-support", spain); again != first {
		t.Error("the same clock was made twice")
	}
	if other, _ := set.Clock("meta-direct-support", config.Place{Country: "PT", TimeZone: "Europe/Madrid"}); other == first {
		t.Error("two countries share a clock")
	}
	reach, err := set.Clock("reach-whatsapp-qr", config.Place{})
	if err != nil {
		t.Fatal(err)
	}
	if other, _ := set.Clock("reach-whatsapp-qr", spain); other != reach {
		t.Error("a clock that does not depend on the place was made twice")
	}
	for _, tt := range []struct {
		policy string
		place  config.Place
		want   string
	}{
		{"nobody", spain, `no policy "nobody": there are 360dialog-premium`},
		{"meta-direct-support", config.Place{Country: "ES"}, "policy meta-direct-support: its hours follow the account: time_zone is needed"},
		{"meta-direct-support", config.Place{TimeZone: "Europe/Madrid"}, "its public holidays follow the account: country is needed"},
		{"meta-direct-support", config.Place{Country: "ES", TimeZone: "Local"}, `time_zone "Local": not an IANA name`},
		{"meta-direct-support", config.Place{Country: "XX", TimeZone: "Europe/Madrid"}, "extend the policy with holidays"},
	} {
		if _, err := set.Clock(tt.policy, tt.place); err == nil || !strings.Contains(err.Error(), tt.want) {
			t.Errorf("%s at %+v: got %v, want %q", tt.policy, tt.place, err, tt.want)
		}
	}
}

// Each fixture is a configuration file with one mistake, and starts with a comment for each line of the error.
func TestBadPolicies(t *testing.T) {
	files, err := filepath.Glob("testdata/policy/*.bad.yml")
	if err != nil || len(files) < 40 {
		t.Fatalf("%d fixtures, %v", len(files), err)
	}
	for _, file := range files {
		t.Run(strings.TrimSuffix(filepath.Base(file), ".bad.yml"), func(t *testing.T) {
			raw, err := os.ReadFile(file)
			if err != nil {
				t.Fatal(err)
			}
			var want []string
			for line := range strings.Lines(string(raw)) {
				text, ok := strings.CutPrefix(line, "# ")
				if !ok {
					break
				}
				want = append(want, strings.TrimSpace(text))
			}
			_, err = policies(t, file, string(raw))
			var got []string
			if err != nil {
				got = strings.Split(strings.ReplaceAll(err.Error(), "testdata/policy/", ""), "\n")
			}
			if diff := cmp.Diff(want, got); diff != "" {
				t.Error(diff)
			}
			if e, ok := errors.AsType[*config.Error](err); err != nil && (!ok || e.Line == 0) {
				t.Errorf("%v has no line", err)
			}
		})
	}
}
