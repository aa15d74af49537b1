package messaging

import (
	"math"
	"os"
	"strings"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"

	"whatsapp_sla_exporter/internal/whatsapp"
)

const day = 24 * time.Hour

// load reads a built-in policy.
func load(t testing.TB, name string) *Policy {
	t.Helper()
	raw, err := os.ReadFile("../../../config/policies/" + name + ".yaml")
	if err != nil {
		t.Fatal(err)
	}
	p, err := Parse(name+".yaml", raw)
	if err != nil {
		t.Fatal(err)
	}
	return p
}

func TestValuesOfTheBuiltInPolicies(t *testing.T) {
	type values struct {
		scope                      whatsapp.LimitScope
		window, restricts, recover time.Duration
		redFlags                   bool
		levels                     []float64
	}
	for name, want := range map[string]values{
		"whatsapp-messaging-2024": {whatsapp.ScopePhoneNumber, day, 7 * day, 7 * day, true, []float64{250, 1e3, 1e4, 1e5, math.Inf(1)}},
		"whatsapp-messaging":      {whatsapp.ScopePortfolio, day, 0, 0, false, []float64{250, 2e3, 1e4, 1e5, math.Inf(1)}},
	} {
		p := load(t, name)
		got := values{
			p.Limit.Scope.Value, time.Duration(p.Limit.Window.Value), time.Duration(p.Flag.RestrictsAfter.Value),
			time.Duration(p.Flag.RecoversAfter.Value), p.flagsRating("red"), nil,
		}
		for _, l := range p.Limit.Levels.Values {
			got.levels = append(got.levels, l.Limit())
		}
		if d := cmp.Diff(want, got, cmp.AllowUnexported(values{})); d != "" || p.Name != name {
			t.Errorf("%s: %s", p.Name, d)
		}
	}
}

// "A company will move from Level 1 to Level 2 when it sends messages to a total of 2,000 users in a 7-day period."
func TestBotmakersExample(t *testing.T) {
	p := load(t, "whatsapp-messaging-2024")
	level1, _ := p.LevelOf(1000)
	level2, _ := p.Next(1000)
	users, within := p.UpgradeTakes(1000)
	if level1.Level != 1 || level2.Level != 2 || users != 2000 || within != 7*day {
		t.Errorf("from level %d to %d by %v users in %s", level1.Level, level2.Level, users, within)
	}
}

func TestWhatAnUpgradeTakes(t *testing.T) {
	for _, tc := range []struct {
		policy string
		limit  float64
		users  float64
		within time.Duration
	}{
		{"whatsapp-messaging-2024", 10000, 20000, 7 * day},
		{"whatsapp-messaging-2024", math.Inf(1), 0, 0},
		{"whatsapp-messaging", 250, 2000, 30 * day},
		{"whatsapp-messaging", 2000, 1000, 7 * day},
		{"whatsapp-messaging", 1000, 500, 7 * day}, // a level of before that some portfolio still has
		{"whatsapp-messaging", 100000, 50000, 7 * day},
		{"whatsapp-messaging", math.Inf(1), 0, 0},
		{"whatsapp-messaging", 0, 0, 0},
	} {
		users, within := load(t, tc.policy).UpgradeTakes(tc.limit)
		if users != tc.users || within != tc.within {
			t.Errorf("%s, from %v: %v users in %s, want %v in %s", tc.policy, tc.limit, users, within, tc.users, tc.within)
		}
	}
}

func TestEscalationPaths(t *testing.T) {
	for _, name := range []string{"whatsapp-messaging", "whatsapp-messaging-2024"} {
		p := load(t, name)
		for path, want := range map[string]bool{
			"in_chat_transfer": true, "phone": true, "email": true, "web_support": true, "in_store_visit": true, "support_form": true,
			"facebook": false, "messenger": false, "twitter": false, "telegram": false, "social_media": false, "help_center": false, "app_link": false,
		} {
			got := p.Escalations([]string{path})
			if d := cmp.Diff([]whatsapp.EscalationPath{{Path: path, Accepted: want}}, got); d != "" {
				t.Errorf("%s: %s", name, d)
			}
			if err := p.CheckEscalation([]string{path}); err != nil {
				t.Errorf("%s: %v", name, err)
			}
		}
		if err := p.CheckEscalation([]string{"phone", "pigeon"}); err == nil || !strings.Contains(err.Error(), `"pigeon" is not one of`) {
			t.Errorf("%s: %v", name, err)
		}
		if got := p.Escalations([]string{"pigeon"}); got[0].Accepted {
			t.Errorf("%s accepts what it does not know", name)
		}
	}
}

func TestBadPolicies(t *testing.T) {
	raw, err := os.ReadFile("../../../config/policies/whatsapp-messaging-2024.yaml")
	if err != nil {
		t.Fatal(err)
	}
	for _, tc := range []struct{ name, old, new, want string }{
		{"an unknown key", "flag:\n", "flags:\n", "line 15: field flags not found"},
		{"another kind", "kind: messaging", "kind: sla", `kind is "sla", want "messaging"`},
		{"a duration that is none", "value: 7d\n    source: \"If the red", "value: soon\n    source: \"If the red", `not a valid duration string: "soon"`},
		{"a number without its source", "within: {value: 7d, source: \"a total of 2,000 users in a 7-day period\"}", "within: {value: 7d}", "upgrade.within has no source"},
		{"a missing value", "scope: {value: phone_number,", "scope: {", "limit.scope is missing"},
		{"a scope that is none", "scope: {value: phone_number,", "scope: {value: planet,", `limit.scope: "planet" is not one of [portfolio phone_number]`},
		{"a status that is none", "free: {value: [connected, flagged]", "free: {value: [connected, fine]", `restricted.free: "fine" is not one of`},
		{"levels that do not rise", "users: 10000}", "users: 900}", "limit.levels: entry 3 is not above the one before it"},
		{"a level without a size", "{level: 4, unlimited: true}", "{level: 4}", "limit.levels: entry 5 wants either users or unlimited"},
		{"a path both ways", "[facebook,", "[phone,", `escalation: "phone" is both accepted and refused`},
	} {
		t.Run(tc.name+" is refused", func(t *testing.T) {
			if !strings.Contains(string(raw), tc.old) {
				t.Fatalf("the policy has no %q", tc.old)
			}
			_, err := Parse("own.yaml", []byte(strings.Replace(string(raw), tc.old, tc.new, 1)))
			if err == nil || !strings.HasPrefix(err.Error(), "own.yaml: ") || !strings.Contains(err.Error(), tc.want) {
				t.Errorf("error %v, want %q", err, tc.want)
			}
		})
	}
}

func FuzzParse(f *testing.F) {
	raw, err := os.ReadFile("../../../config/policies/whatsapp-messaging.yaml")
	if err != nil {
		f.Fatal(err)
	}
	f.Add(raw)
	f.Add([]byte("name: x\nkind: messaging\nlimit: {levels: {values: [{level: 1}]}}"))
	f.Fuzz(func(t *testing.T, raw []byte) {
		p, err := Parse("fuzz.yaml", raw)
		if (p == nil) == (err == nil) {
			t.Errorf("policy %v, error %v", p, err)
		}
	})
}
