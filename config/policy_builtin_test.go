package config_test

import (
	"testing"
	"time"
	_ "time/tzdata"

	"whatsapp_sla_exporter/config"
	"whatsapp_sla_exporter/internal/sla"
)

func builtin(t testing.TB) *config.PolicySet {
	t.Helper()
	set, err := config.LoadBuiltinPolicies()
	if err != nil {
		t.Fatal(err)
	}
	return set
}

// A row is one target of one severity of one built-in policy on one ticket, computed by hand. Times are written
// with the offset from UTC that is in force.
type row struct {
	name     string // what happens, with the sentence that says so
	policy   string
	place    config.Place
	severity string
	topic    string
	target   sla.Target
	ticket   func(t *sla.Ticket) // what happened besides being opened
	opened   string
	warning  string
	critical string
	due      string
}

func (r row) check(t *testing.T) {
	t.Helper()
	clock, err := builtin(t).Clock(r.policy, r.place)
	if err != nil {
		t.Fatal(err)
	}
	ticket := sla.Ticket{Severity: r.severity, Topic: r.topic, Status: sla.StatusOpen, OpenedAt: instant(t, r.opened)}
	if r.ticket != nil {
		r.ticket(&ticket)
	}
	coverage, all := clock.Evaluate(nil, &ticket)
	if !coverage.Covered() {
		t.Fatalf("not covered: %s", coverage.Reason)
	}
	for _, i := range all {
		if i.Target != r.target {
			continue
		}
		for _, x := range []struct {
			name string
			got  time.Time
			want string
		}{{"warning", i.Warning, r.warning}, {"critical", i.Critical, r.critical}, {"due", i.Due, r.due}} {
			if want := instant(t, x.want); !x.got.Equal(want) {
				t.Errorf("%s at %s, want %s", x.name, x.got.In(want.Location()).Format(time.RFC3339), x.want)
			}
		}
		return
	}
	t.Errorf("%s does not run", r.target)
}

func instant(t testing.TB, s string) time.Time {
	t.Helper()
	if s == "" {
		return time.Time{}
	}
	x, err := time.Parse(time.RFC3339, s)
	if err != nil {
		t.Fatal(err)
	}
	return x
}

func run(t *testing.T, rows []row) {
	for _, r := range rows {
		t.Run(r.name, r.check)
	}
}

// Reach, "SLA WhatsApp QR". No support hours are named: the clock always runs.
func TestReachWhatsAppQR(t *testing.T) {
	const policy = "reach-whatsapp-qr"
	replied := func(at time.Time) func(*sla.Ticket) {
		return func(t *sla.Ticket) { t.FirstResponseAt, t.LastAgentReplyAt = at, at }
	}
	saturday := instant(t, "2026-02-07T23:50:00Z")
	run(t, []row{
		{
			name: `Severity Level 1: "Initial Response: 15 minutes.", on a Saturday night`, policy: policy, severity: "critical", target: sla.FirstResponse,
			opened: "2026-02-07T23:50:00Z", warning: "2026-02-07T23:57:30Z", critical: "2026-02-08T00:00:00Z", due: "2026-02-08T00:05:00Z",
		},
		{
			name: `Severity Level 1: "Follow-up Interval: 1 hour."`, policy: policy, severity: "1", target: sla.FollowUp, ticket: replied(saturday),
			opened: "2026-02-07T23:45:00Z", warning: "2026-02-08T00:20:00Z", critical: "2026-02-08T00:35:00Z", due: "2026-02-08T00:50:00Z",
		},
		{
			name: `Severity Level 1: "Maximum Resolution Time: 2 hours."`, policy: policy, severity: "SEV1", target: sla.Resolution,
			opened: "2026-02-07T23:50:00Z", warning: "2026-02-08T00:50:00Z", critical: "2026-02-08T01:20:00Z", due: "2026-02-08T01:50:00Z",
		},
		{
			name: `Severity Level 1: "Maximum Resolution Time: 2 hours.", an hour of which it waited for the customer`, policy: policy, severity: "critical", target: sla.Resolution,
			ticket: func(t *sla.Ticket) {
				t.Pauses = []sla.Span{{From: t.OpenedAt.Add(30 * time.Minute), To: t.OpenedAt.Add(90 * time.Minute)}}
			},
			opened: "2026-02-07T10:00:00Z", warning: "2026-02-07T12:00:00Z", critical: "2026-02-07T12:30:00Z", due: "2026-02-07T13:00:00Z",
		},
		{
			name: `Severity Level 2: "Initial Response: 15 minutes."`, policy: policy, severity: "moderate", target: sla.FirstResponse,
			opened: "2026-02-09T10:00:00+01:00", warning: "2026-02-09T10:07:30+01:00", critical: "2026-02-09T10:10:00+01:00", due: "2026-02-09T10:15:00+01:00",
		},
		{
			name: `Severity Level 2: "Follow-up Interval: 4 hours.", although it waits for the customer`, policy: policy, severity: "2", target: sla.FollowUp,
			ticket: func(t *sla.Ticket) {
				replied(saturday)(t)
				t.Status, t.Pauses = sla.StatusPending, []sla.Span{{From: saturday}}
			},
			opened: "2026-02-07T23:45:00Z", warning: "2026-02-08T01:50:00Z", critical: "2026-02-08T02:50:00Z", due: "2026-02-08T03:50:00Z",
		},
		{
			name: `Severity Level 2: "Maximum Resolution Time: Reasonable effort"`, policy: policy, severity: "sev2", target: sla.Resolution,
			opened: "2026-02-09T10:00:00Z",
		},
		{
			name: `Severity Level 3: "Initial Response: 2 hours."`, policy: policy, severity: "minor", target: sla.FirstResponse,
			opened: "2026-02-08T23:00:00Z", warning: "2026-02-09T00:00:00Z", critical: "2026-02-09T00:30:00Z", due: "2026-02-09T01:00:00Z",
		},
		{
			name: `Severity Level 3: "Follow-up Interval: 8 hours."`, policy: policy, severity: "3", target: sla.FollowUp, ticket: replied(saturday),
			opened: "2026-02-07T23:00:00Z", warning: "2026-02-08T03:50:00Z", critical: "2026-02-08T05:50:00Z", due: "2026-02-08T07:50:00Z",
		},
		{
			name: `Severity Level 3: "Maximum Resolution Time: 48 hours."`, policy: policy, topic: "question", target: sla.Resolution,
			opened: "2026-02-28T12:00:00Z", warning: "2026-03-01T12:00:00Z", critical: "2026-03-02T00:00:00Z", due: "2026-03-02T12:00:00Z",
		},
	})
}

// 360dialog, "Support Packages and SLAs", Standard Support: "from Monday to Friday, 2am to 10pm CET".
func Test360dialogStandard(t *testing.T) {
	const policy = "360dialog-standard"
	run(t, []row{
		{
			name: `Critical: "Responded in less than 4 hours", over the weekend`, policy: policy, severity: "critical", target: sla.FirstResponse,
			opened: "2026-01-09T21:00:00+01:00", warning: "2026-01-12T03:00:00+01:00", critical: "2026-01-12T04:00:00+01:00", due: "2026-01-12T05:00:00+01:00",
		},
		{
			name: `Critical: "Responded in less than 4 hours", warned as the week closes`, policy: policy, topic: "api_unreachable", target: sla.FirstResponse,
			opened: "2026-01-09T20:00:00+01:00", warning: "2026-01-09T22:00:00+01:00", critical: "2026-01-12T03:00:00+01:00", due: "2026-01-12T04:00:00+01:00",
		},
		{
			name: `Critical: "Responded in less than 4 hours", opened on a Sunday`, policy: policy, severity: "1", target: sla.FirstResponse,
			opened: "2026-01-11T12:00:00+01:00", warning: "2026-01-12T04:00:00+01:00", critical: "2026-01-12T05:00:00+01:00", due: "2026-01-12T06:00:00+01:00",
		},
		{
			name: `Critical: "Responded in less than 4 hours", over the weekend on which summer begins`, policy: policy, severity: "critical", target: sla.FirstResponse,
			opened: "2026-03-27T21:00:00+01:00", warning: "2026-03-30T03:00:00+02:00", critical: "2026-03-30T04:00:00+02:00", due: "2026-03-30T05:00:00+02:00",
		},
		{
			name: `Critical: "Responded in less than 4 hours", over the weekend on which summer ends`, policy: policy, severity: "critical", target: sla.FirstResponse,
			opened: "2026-10-23T21:00:00+02:00", warning: "2026-10-26T03:00:00+01:00", critical: "2026-10-26T04:00:00+01:00", due: "2026-10-26T05:00:00+01:00",
		},
		{
			name: `Urgent: "Responded in less than 8 hours", over a night`, policy: policy, severity: "urgent", target: sla.FirstResponse,
			opened: "2026-07-14T17:00:00+02:00", warning: "2026-07-14T21:00:00+02:00", critical: "2026-07-15T03:00:00+02:00", due: "2026-07-15T05:00:00+02:00",
		},
		{
			name: `Urgent: "Number porting (migration) issues", opened before hours`, policy: policy, topic: "Number porting", target: sla.FirstResponse,
			opened: "2026-07-14T00:30:00+02:00", warning: "2026-07-14T06:00:00+02:00", critical: "2026-07-14T08:00:00+02:00", due: "2026-07-14T10:00:00+02:00",
		},
		{
			name: `Standard: "Responded in less than 24 hours" of 20 a day`, policy: policy, severity: "standard", target: sla.FirstResponse,
			opened: "2026-01-08T12:00:00+01:00", warning: "2026-01-09T04:00:00+01:00", critical: "2026-01-09T10:00:00+01:00", due: "2026-01-09T16:00:00+01:00",
		},
		{
			name: `Standard: "Number registration issues", over the weekend`, policy: policy, topic: "number_registration", target: sla.FirstResponse,
			opened: "2026-01-09T12:00:00+01:00", warning: "2026-01-12T04:00:00+01:00", critical: "2026-01-12T10:00:00+01:00", due: "2026-01-12T16:00:00+01:00",
		},
		{
			name: `Standard: "Responded in less than 24 hours" of a ticket that got its minimum information later`, policy: policy, severity: "3", target: sla.FirstResponse,
			ticket: func(x *sla.Ticket) { x.ValidAt = instant(t, "2026-01-13T08:00:00+01:00") },
			opened: "2026-01-09T12:00:00+01:00", warning: "2026-01-13T20:00:00+01:00", critical: "2026-01-14T06:00:00+01:00", due: "2026-01-14T12:00:00+01:00",
		},
	})
}

// 360dialog, "Support Packages and SLAs", Premium Support: "24 hours from Mondays to Fridays", "9am to 5pm CET
// Saturdays and Sundays".
func Test360dialogPremium(t *testing.T) {
	const policy = "360dialog-premium"
	run(t, []row{
		{
			name: `Critical: "Responded in less than 30 minutes", from Friday to Saturday`, policy: policy, severity: "critical", target: sla.FirstResponse,
			opened: "2026-01-09T23:50:00+01:00", warning: "2026-01-10T09:05:00+01:00", critical: "2026-01-10T09:12:30+01:00", due: "2026-01-10T09:20:00+01:00",
		},
		{
			name: `Critical: "Responded in less than 30 minutes", on a Saturday before hours`, policy: policy, topic: "messaging_stopped", target: sla.FirstResponse,
			opened: "2026-01-10T03:00:00+01:00", warning: "2026-01-10T09:15:00+01:00", critical: "2026-01-10T09:22:30+01:00", due: "2026-01-10T09:30:00+01:00",
		},
		{
			name: `Critical: "Responded in less than 30 minutes", on a Sunday evening`, policy: policy, topic: "long_delays", target: sla.FirstResponse,
			opened: "2026-01-11T16:50:00+01:00", warning: "2026-01-12T00:05:00+01:00", critical: "2026-01-12T00:12:30+01:00", due: "2026-01-12T00:20:00+01:00",
		},
		{
			name: `Urgent: "Responded in less than 2 hours", from Saturday to Sunday`, policy: policy, severity: "2", target: sla.FirstResponse,
			opened: "2026-01-10T16:30:00+01:00", warning: "2026-01-11T09:30:00+01:00", critical: "2026-01-11T10:00:00+01:00", due: "2026-01-11T10:30:00+01:00",
		},
		{
			name: `Urgent: "Number registration issues", in the night on which summer begins`, policy: policy, topic: "number_registration", target: sla.FirstResponse,
			opened: "2026-03-28T16:00:00+01:00", warning: "2026-03-28T17:00:00+01:00", critical: "2026-03-29T09:30:00+02:00", due: "2026-03-29T10:00:00+02:00",
		},
		{
			name: `Urgent: "Number porting (migration) issues", at the end of summer`, policy: policy, topic: "number_porting", target: sla.FirstResponse,
			opened: "2026-10-25T16:00:00+01:00", warning: "2026-10-25T17:00:00+01:00", critical: "2026-10-26T00:30:00+01:00", due: "2026-10-26T01:00:00+01:00",
		},
		{
			name: `Standard: "Responded in less than 24 hours", over a weekend of 8 hours a day`, policy: policy, severity: "standard", target: sla.FirstResponse,
			opened: "2026-01-09T18:00:00+01:00", warning: "2026-01-10T15:00:00+01:00", critical: "2026-01-11T13:00:00+01:00", due: "2026-01-12T02:00:00+01:00",
		},
	})
}

// Meta, "Assistance": "sous 24 heures pendant les jours ouvrés", "entre lundi et vendredi dans le pays défini dans
// les paramètres du compte business, à l'exception des jours fériés".
func TestMetaDirectSupport(t *testing.T) {
	const policy = "meta-direct-support"
	spain := config.Place{Country: "ES", TimeZone: "Europe/Madrid"}
	madrid := config.Place{Country: "ES", Region: "MD", TimeZone: "Europe/Madrid"}
	brazil := config.Place{Country: "BR", TimeZone: "America/Sao_Paulo"}
	india := config.Place{Country: "IN", TimeZone: "Asia/Kolkata"}
	lordHowe := config.Place{Country: "AU", TimeZone: "Australia/Lord_Howe"}
	run(t, []row{
		{
			name: `1 - Critique: "sous 24 heures", within the week`, policy: policy, place: spain, severity: "critique", target: sla.FirstResponse,
			opened: "2026-02-10T10:00:00+01:00", warning: "2026-02-10T22:00:00+01:00", critical: "2026-02-11T04:00:00+01:00", due: "2026-02-11T10:00:00+01:00",
		},
		{
			name: `1 - Critique: "entre lundi et vendredi"`, policy: policy, place: spain, topic: "api_down", target: sla.FirstResponse,
			opened: "2026-02-13T18:00:00+01:00", warning: "2026-02-16T06:00:00+01:00", critical: "2026-02-16T12:00:00+01:00", due: "2026-02-16T18:00:00+01:00",
		},
		{
			name: `2 - Urgent: Good Friday in Spain, "à l'exception des jours fériés"`, policy: policy, place: spain, severity: "urgent", target: sla.FirstResponse,
			opened: "2026-04-02T18:00:00+02:00", warning: "2026-04-06T06:00:00+02:00", critical: "2026-04-06T12:00:00+02:00", due: "2026-04-06T18:00:00+02:00",
		},
		{
			name: `2 - Urgent: Maundy Thursday too in Madrid`, policy: policy, place: madrid, severity: "urgent", target: sla.FirstResponse,
			opened: "2026-04-01T18:00:00+02:00", warning: "2026-04-06T06:00:00+02:00", critical: "2026-04-06T12:00:00+02:00", due: "2026-04-06T18:00:00+02:00",
		},
		{
			name: `2 - Urgent: Tiradentes, a Tuesday, in Brazil`, policy: policy, place: brazil, severity: "2", target: sla.FirstResponse,
			opened: "2026-04-20T15:00:00-03:00", warning: "2026-04-22T03:00:00-03:00", critical: "2026-04-22T09:00:00-03:00", due: "2026-04-22T15:00:00-03:00",
		},
		{
			name: `3 - Standard: opened on a holiday, Independence Day in Brazil, a Monday`, policy: policy, place: brazil, severity: "standard", target: sla.FirstResponse,
			opened: "2026-09-07T11:00:00-03:00", warning: "2026-09-08T12:00:00-03:00", critical: "2026-09-08T18:00:00-03:00", due: "2026-09-09T00:00:00-03:00",
		},
		{
			name: `3 - Standard: the weekend on which summer begins in Spain`, policy: policy, place: spain, topic: "other", target: sla.FirstResponse,
			opened: "2026-03-27T12:00:00+01:00", warning: "2026-03-28T00:00:00+01:00", critical: "2026-03-30T06:00:00+02:00", due: "2026-03-30T12:00:00+02:00",
		},
		{
			name: `3 - Standard: days begin at midnight in the account's zone, 5 h 30 min from UTC`, policy: policy, place: india, severity: "3", target: sla.FirstResponse,
			opened: "2026-06-05T23:00:00+05:30", warning: "2026-06-08T11:00:00+05:30", critical: "2026-06-08T17:00:00+05:30", due: "2026-06-08T23:00:00+05:30",
		},
		{
			name: `3 - Standard: the zone that changes by half an hour`, policy: policy, place: lordHowe, severity: "3", target: sla.FirstResponse,
			opened: "2026-10-02T18:00:00+10:30", warning: "2026-10-05T06:00:00+11:00", critical: "2026-10-05T12:00:00+11:00", due: "2026-10-05T18:00:00+11:00",
		},
	})
}

// WhatsApp Business Policy: "within 24 hours of the last user message".
func TestWhatsAppServiceWindow(t *testing.T) {
	window := func(last string) func(*sla.Ticket) {
		return func(x *sla.Ticket) {
			x.WhatsApp, x.WaitingSince, x.LastCustomerMessageAt = true, x.OpenedAt, instant(t, last)
		}
	}
	run(t, []row{
		{
			name: `"within 24 hours of the last user message", over a weekend`, policy: "whatsapp-service-window", severity: "whatever", target: sla.ServiceWindow,
			ticket: window("2026-01-10T12:00:00Z"),
			opened: "2026-01-09T12:00:00Z", warning: "2026-01-11T00:00:00Z", critical: "2026-01-11T06:00:00Z", due: "2026-01-11T12:00:00Z",
		},
		{
			name: `"within 24 hours of the last user message", elapsed time when summer begins`, policy: "whatsapp-service-window", target: sla.ServiceWindow,
			ticket: window("2026-03-28T12:00:00+01:00"),
			opened: "2026-03-28T12:00:00+01:00", warning: "2026-03-29T00:00:00+01:00", critical: "2026-03-29T07:00:00+02:00", due: "2026-03-29T13:00:00+02:00",
		},
	})
}
