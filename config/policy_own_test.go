package config_test

import (
	"bytes"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"
	"go.yaml.in/yaml/v3"

	"whatsapp_sla_exporter/config"
	"whatsapp_sla_exporter/internal/sla"
	"whatsapp_sla_exporter/internal/whatsapp/messaging"
)

func TestOwnPolicies(t *testing.T) {
	set := mustPolicies(t, `
policies:
  - name: acme-night                # inherits from one that comes later
    extends: acme
    calendar:
      hours: [{days: [mon-thu, sat], open: "22:00-06:00"}, {days: sat, open: "12:00-13:00"}]
  - name: acme
    description: What Acme promises its customers.
    calendar:
      time_zone: Europe/Madrid
      hours: [{days: mon-fri, open: ["09:00-14:00", "16:00-19:00"]}]
      holidays: {country: ES, region: MD, dates: ["2026-12-24", "12-31"]}
      exceptions: {2026-12-31: ["09:00-12:00"], 2027-01-04: closed}
    leads: {warning: 75%, critical: 10m}
    pauses: {resolution: [pending], next_response: [pending, on_hold]}
    severities:
      high:
        aliases: [p1, urgent]
        first_response: {within: 1h, critical: 20m}
        next_response: 2h
        resolution: 8h
      low:
        leads: {warning: 50%}
        first_response: 8h
        resolution: best_effort
    topics: {outage: high, question: {severity: low, source: "handbook, page 3"}}
    external_origin: {covered: false}
    requires_valid: true
    outstanding: {severities: high, becomes: low}
`)
	interval := func(open, end time.Duration) sla.Interval {
		return sla.Interval{Open: open * time.Hour, Close: end * time.Hour}
	}
	day := []sla.Interval{interval(9, 14), interval(16, 19)}
	want := &config.SLAPolicy{
		Description: "What Acme promises its customers.",
		Policy: sla.Policy{
			Name: "acme",
			Severities: []sla.Severity{
				{Name: "high", Number: 1, Aliases: []string{"p1", "urgent"}, Promises: []sla.Promise{
					{Target: sla.FirstResponse, Within: time.Hour, Warning: 45 * time.Minute, Critical: 20 * time.Minute},
					{Target: sla.NextResponse, Within: 2 * time.Hour, Warning: 90 * time.Minute, Critical: 10 * time.Minute},
					{Target: sla.Resolution, Within: 8 * time.Hour, Warning: 6 * time.Hour, Critical: 10 * time.Minute},
				}},
				{Name: "low", Number: 2, Promises: []sla.Promise{
					{Target: sla.FirstResponse, Within: 8 * time.Hour, Warning: 4 * time.Hour, Critical: 10 * time.Minute},
					{Target: sla.Resolution, BestEffort: true},
				}},
			},
			Topics:           map[string]string{"outage": "high", "question": "low"},
			RequiresValid:    true,
			ExcludesExternal: true,
			Outstanding:      sla.Outstanding{Severities: []string{"high"}, Becomes: "low"},
			Pauses: map[sla.Target][]sla.Status{
				sla.Resolution: {sla.StatusPending}, sla.NextResponse: {sla.StatusPending, sla.StatusOnHold},
			},
		},
		Calendar: config.PolicyCalendar{
			TimeZone: "Europe/Madrid", Country: "ES", Region: "MD",
			Week:       [7][]sla.Interval{1: day, 2: day, 3: day, 4: day, 5: day},
			Closed:     sla.Dates{{Year: 2026, Month: 12, Day: 24}: true, {Month: 12, Day: 31}: true},
			Exceptions: map[sla.Date][]sla.Interval{{Year: 2026, Month: 12, Day: 31}: {interval(9, 12)}, {Year: 2027, Month: 1, Day: 4}: nil},
		},
	}
	if diff := cmp.Diff(want, set.SLA["acme"]); diff != "" {
		t.Error(diff)
	}
	night := *want
	night.Name = "acme-night"
	late := []sla.Interval{interval(22, 6)}
	night.Calendar.Week = [7][]sla.Interval{1: late, 2: late, 3: late, 4: late, 6: {interval(22, 6), interval(12, 13)}}
	if diff := cmp.Diff(&night, set.SLA["acme-night"]); diff != "" {
		t.Error(diff)
	}
	if len(builtin(t).SLA) != 5 {
		t.Error("own policies got into the built-in ones")
	}
}

func TestInheritingFromABuiltinPolicyChangesOnlyWhatIsSaid(t *testing.T) {
	set := mustPolicies(t, `
policies:
  - name: meta-nepal
    extends: meta-direct-support
    calendar:
      time_zone: Asia/Kathmandu
      holidays: {country: null, region: null, dates: ["2026-06-08"]}
    severities:
      critical: {first_response: {within: 12h}}
      limited: null
    outstanding: null
`)
	base, got := set.SLA["meta-direct-support"], set.SLA["meta-nepal"]
	want := *base
	want.Name = "meta-nepal"
	want.Severities = slices.Clone(base.Severities[:3])
	want.Severities[0].Promises = []sla.Promise{{Target: sla.FirstResponse, Within: 12 * time.Hour}}
	want.Outstanding = sla.Outstanding{}
	want.Calendar.TimeZone, want.Calendar.Country, want.Calendar.Region = "Asia/Kathmandu", "", ""
	want.Calendar.Closed = sla.Dates{{Year: 2026, Month: 6, Day: 8}: true}
	if diff := cmp.Diff(&want, got); diff != "" {
		t.Error(diff)
	}
	clock, err := set.Clock("meta-nepal", config.Place{})
	if err != nil {
		t.Fatal(err)
	}
	_, all := clock.Evaluate(nil, &sla.Ticket{Severity: "critical", OpenedAt: instant(t, "2026-06-05T18:00:00+05:45")})
	if due := instant(t, "2026-06-09T06:00:00+05:45"); !all[0].Due.Equal(due) {
		t.Errorf("due %s, want %s", all[0].Due, due)
	}
}

func TestTextShowsWhatIsInForceAndWhereItIsFrom(t *testing.T) {
	set := mustPolicies(t, `policies:
  - name: strict
    extends: 360dialog-premium
    severities:
      critical:
        first_response:
          within: 10m
`)
	raw, err := set.Text("strict")
	if err != nil {
		t.Fatal(err)
	}
	text := string(raw)
	for _, want := range []string{
		"name: strict\n",
		"    # warning with 5m left, critical with 5m left\n    first_response:\n      within: 10m\n      source: testdata/policy/config.yml:7\n",
		"    # warning with 1h left, critical with 30m left\n    first_response:\n      within: 2h\n      source: '\"Urgent: Responded in less than 2 hours\"'\n",
		`"9am to 5pm CET Saturdays and Sundays"`,
	} {
		if !strings.Contains(text, want) {
			t.Errorf("misses %q", want)
		}
	}
	if strings.Contains(text, "Critical: Responded in less than 30 minutes") {
		t.Error("still quotes the source of a number that was changed")
	}
	if t.Failed() {
		t.Log(text)
	}
	for _, name := range set.Names() {
		raw, err := set.Text(name)
		if err != nil {
			t.Fatal(err)
		}
		if err := yaml.Unmarshal(raw, new(any)); err != nil {
			t.Errorf("%s is not YAML: %v", name, err)
		}
		if name == "strict" {
			reread := mustPolicies(t, "policies:\n- "+strings.TrimSpace(strings.ReplaceAll(string(bytes.Replace(raw, []byte("name: strict"), []byte("name: reread"), 1)), "\n", "\n  ")))
			want := *set.SLA["strict"]
			want.Name = "reread"
			if diff := cmp.Diff(&want, reread.SLA["reread"]); diff != "" {
				t.Errorf("reads back as something else: %s", diff)
			}
		}
	}
	if _, err := set.Text("nobody"); err == nil {
		t.Error("no error for a policy that does not exist")
	}
}

func TestMessagingPoliciesInherit(t *testing.T) {
	set := mustPolicies(t, `
policies:
  - name: acme-messaging
    extends: whatsapp-messaging
    quality: {window: {value: 3d, source: our own experience}}
`)
	raw, ok := set.Messaging["acme-messaging"]
	if !ok {
		t.Fatal("the policy is not there")
	}
	if _, err := messaging.Parse("acme-messaging", raw); err != nil {
		t.Errorf("%v\n%s", err, raw)
	}
	if !bytes.Contains(raw, []byte("our own experience")) {
		t.Errorf("not changed: %s", raw)
	}
}
