package sla_test

import (
	"slices"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"

	"whatsapp_sla_exporter/internal/sla"
)

// office is open Monday to Friday, 09:00 to 17:00 UTC.
func office(t testing.TB) *sla.Calendar {
	return calendar(t, hours(t, "UTC", weekdays, "09:00-17:00"))
}

// full promises everything, in one severity and in one without a time.
func full() *sla.Policy {
	return &sla.Policy{
		Name: "full",
		Severities: []sla.Severity{
			{Name: "high", Number: 1, Aliases: []string{"P1"}, Promises: []sla.Promise{
				{Target: sla.FirstResponse, Within: time.Hour},
				{Target: sla.NextResponse, Within: 2 * time.Hour},
				{Target: sla.FollowUp, Within: 4 * time.Hour},
				{Target: sla.Resolution, Within: 8 * time.Hour},
				{Target: sla.ServiceWindow, Within: 24 * time.Hour},
			}},
			{Name: "low", Number: 2, Promises: []sla.Promise{{Target: sla.Resolution, BestEffort: true}}},
			{Name: "none", Number: 3},
		},
		Topics: map[string]string{"number_porting": "low"},
	}
}

func clock(t testing.TB, p *sla.Policy, c *sla.Calendar) *sla.Clock {
	t.Helper()
	k, err := sla.NewClock(p, c)
	if err != nil {
		t.Fatal(err)
	}
	return k
}

func TestPoliciesSayWhatPauses(t *testing.T) {
	p := full()
	p.Pauses = map[sla.Target][]sla.Status{
		sla.Resolution:    {sla.StatusPending},
		sla.FirstResponse: {sla.StatusPending, sla.StatusOnHold},
		sla.NextResponse:  {},
	}
	c := clock(t, p, office(t))
	ticket := sla.Ticket{Severity: "high", OpenedAt: jan("5 10:00"), Status: sla.StatusOnHold, Pauses: []sla.Span{
		{From: jan("5 10:10"), To: jan("5 10:20"), Status: sla.StatusPending},
		{From: jan("5 10:20"), Status: sla.StatusOnHold},
	}}
	if got, want := show(t, c, ticket, sla.Resolution), "start 5 10:00:00, warning 5 14:10:00, critical 5 16:10:00, due 6 10:10:00"; got != want {
		t.Errorf("on hold does not pause resolution here: got %s, want %s", got, want)
	}
	if got, want := show(t, c, ticket, sla.FirstResponse), "start 5 10:00:00, paused"; got != want {
		t.Errorf("on hold pauses the first response here: got %s, want %s", got, want)
	}

	p.Pauses[sla.Resolution] = nil
	c = clock(t, p, office(t))
	if got, want := show(t, c, ticket, sla.Resolution), "start 5 10:00:00, warning 5 14:00:00, critical 5 16:00:00, due 6 10:00:00"; got != want {
		t.Errorf("nothing pauses resolution here: got %s, want %s", got, want)
	}
}

func TestCoverage(t *testing.T) {
	p := full()
	p.ExcludesExternal, p.RequiresValid = true, true
	p.Outstanding = sla.Outstanding{Severities: []string{"high"}, Becomes: "none"}
	lenient := full()
	everything := &sla.Policy{Name: "any", Severities: []sla.Severity{{Name: sla.AnySeverity, Number: 1}}}
	tests := []struct {
		name   string
		policy *sla.Policy
		ticket sla.Ticket
		want   sla.Coverage
	}{
		{"a severity answers to its name", p, sla.Ticket{Severity: "high"}, sla.Coverage{Severity: "high"}},
		{"in any case", p, sla.Ticket{Severity: " HIGH "}, sla.Coverage{Severity: "high"}},
		{"to its number", p, sla.Ticket{Severity: "1"}, sla.Coverage{Severity: "high"}},
		{"to its rank", p, sla.Ticket{Severity: "Sev2"}, sla.Coverage{Severity: "low"}},
		{"to its alias", p, sla.Ticket{Severity: "p1"}, sla.Coverage{Severity: "high"}},
		{"and to nothing else", p, sla.Ticket{Severity: "sev4", Topic: "number_porting"}, sla.Coverage{Reason: sla.NoSeverity}},
		{"the topic decides without a severity", p, sla.Ticket{Topic: "Number porting"}, sla.Coverage{Severity: "low"}},
		{"not against one", p, sla.Ticket{Severity: "high", Topic: "number_porting"}, sla.Coverage{Severity: "high"}},
		{"an unknown topic says nothing", p, sla.Ticket{Topic: "weather"}, sla.Coverage{Reason: sla.NoSeverity}},
		{"neither", p, sla.Ticket{}, sla.Coverage{Reason: sla.NoSeverity}},
		{"a failure of somebody else is not covered", p, sla.Ticket{Severity: "high", External: true}, sla.Coverage{Severity: "high", Reason: sla.ExternalOrigin}},
		{"unless the policy does", lenient, sla.Ticket{Severity: "high", External: true}, sla.Coverage{Severity: "high"}},
		{"an invalid ticket is not covered", p, sla.Ticket{Severity: "2", Invalid: true}, sla.Coverage{Severity: "low", Reason: sla.InvalidTicket}},
		{"unless the policy does not ask", lenient, sla.Ticket{Severity: "2", Invalid: true}, sla.Coverage{Severity: "low"}},
		{
			"a resolved ticket with outstanding requests changes its severity", p,
			sla.Ticket{Severity: "high", Status: sla.StatusSolved, ResolvedAt: jan("5 10:00"), OutstandingRequests: 1},
			sla.Coverage{Severity: "none"},
		},
		{
			"also when it is left open for them", p,
			sla.Ticket{Severity: "high", Status: sla.StatusOpen, ResolvedAt: jan("5 10:00"), OutstandingRequests: 1},
			sla.Coverage{Severity: "none"},
		},
		{
			"also when nobody knows since when", p,
			sla.Ticket{Severity: "high", Status: sla.StatusSolved, OutstandingRequests: 1},
			sla.Coverage{Severity: "none"},
		},
		{"not before it is resolved", p, sla.Ticket{Severity: "high", OutstandingRequests: 1}, sla.Coverage{Severity: "high"}},
		{
			"nor out of another severity", p,
			sla.Ticket{Severity: "low", Status: sla.StatusSolved, ResolvedAt: jan("5 10:00"), OutstandingRequests: 1},
			sla.Coverage{Severity: "low"},
		},
		{"a policy for any severity takes every one", everything, sla.Ticket{Severity: "weird"}, sla.Coverage{Severity: "any"}},
		{"and none", everything, sla.Ticket{}, sla.Coverage{Severity: "any"}},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			tt.ticket.OpenedAt = jan("5 09:00")
			got, instants := clock(t, tt.policy, sla.Always()).Evaluate(nil, &tt.ticket)
			if diff := cmp.Diff(tt.want, got); diff != "" {
				t.Error(diff)
			}
			if !got.Covered() && len(instants) > 0 {
				t.Errorf("not covered, and yet %v", instants)
			}
		})
	}
}

func TestAChangeOfSeverityKeepsTheStart(t *testing.T) {
	p := full()
	p.Severities[1].Promises = []sla.Promise{{Target: sla.FirstResponse, Within: 4 * time.Hour}}
	c := clock(t, p, office(t))
	ticket := sla.Ticket{Severity: "low", OpenedAt: jan("5 10:00")}
	before := show(t, c, ticket, sla.FirstResponse)
	ticket.Severity = "high"
	after := show(t, c, ticket, sla.FirstResponse)
	if want := "start 5 10:00:00, warning 5 12:00:00, critical 5 13:00:00, due 5 14:00:00"; before != want {
		t.Errorf("before: got %s, want %s", before, want)
	}
	if want := "start 5 10:00:00, warning 5 10:30:00, critical 5 10:45:00, due 5 11:00:00"; after != want {
		t.Errorf("after: got %s, want %s", after, want)
	}
}

func TestWorkingTimeLeft(t *testing.T) {
	c := clock(t, full(), office(t))
	tests := []struct {
		name   string
		ticket sla.Ticket
		now    time.Time
		want   time.Duration
		known  bool
	}{
		{"all of it before the start", sla.Ticket{}, jan("5 08:00"), 8 * time.Hour, true},
		{"what is left of the hours", sla.Ticket{}, jan("5 15:30"), 150 * time.Minute, true},
		{"the same all night", sla.Ticket{}, jan("6 03:00"), time.Hour, true},
		{"less than none once breached", sla.Ticket{}, jan("6 12:00"), -2 * time.Hour, true},
		{"a pause gives it back", sla.Ticket{Pauses: []sla.Span{{From: jan("5 11:00"), To: jan("5 12:00")}}}, jan("5 15:00"), 4 * time.Hour, true},
		{"a pause stops it", sla.Ticket{Status: sla.StatusPending, Pauses: []sla.Span{{From: jan("5 11:00")}}}, jan("9 15:00"), 7 * time.Hour, true},
		{"a pause still to come does not matter", sla.Ticket{Pauses: []sla.Span{{From: jan("5 16:00"), To: jan("5 17:00")}}}, jan("5 12:00"), 6 * time.Hour, true},
		{"not known since when it is paused", sla.Ticket{Status: sla.StatusPending}, jan("5 12:00"), 0, false},
		{"answered", sla.Ticket{Status: sla.StatusSolved, ResolvedAt: jan("5 11:00")}, jan("5 12:00"), 0, false},
		{"without a time", sla.Ticket{Severity: "low"}, jan("5 12:00"), 0, false},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			ticket := tt.ticket
			ticket.OpenedAt = jan("5 10:00")
			if ticket.Severity == "" {
				ticket.Severity = "high"
			}
			_, all := c.Evaluate(nil, &ticket)
			i := all[slices.IndexFunc(all, func(i sla.Instants) bool { return i.Target == sla.Resolution })]
			got, known := c.Left(&ticket, &i, tt.now)
			if known != tt.known || known && got != tt.want {
				t.Errorf("got %s, %t, want %s, %t", got, known, tt.want, tt.known)
			}
		})
	}
	if _, known := c.Left(&sla.Ticket{Severity: "none"}, &sla.Instants{Target: sla.Resolution}, jan("5 12:00")); known {
		t.Error("a severity without the target knows how much is left of it")
	}
}
