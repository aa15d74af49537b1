package sla_test

import (
	"slices"
	"strings"
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

// show evaluates one target and writes what is known of it, times as day and hour of January 2026.
func show(t testing.TB, c *sla.Clock, ticket sla.Ticket, target sla.Target) string {
	t.Helper()
	coverage, all := c.Evaluate(nil, &ticket)
	if !coverage.Covered() {
		return string(coverage.Reason)
	}
	for _, i := range all {
		if i.Target == target {
			return describe(i)
		}
	}
	return "does not run"
}

func describe(i sla.Instants) string {
	var s []string
	add := func(name string, at time.Time) {
		if !at.IsZero() {
			s = append(s, name+" "+at.Format("2 15:04:05"))
		}
	}
	add("start", i.Start)
	add("warning", i.Warning)
	add("critical", i.Critical)
	add("due", i.Due)
	add("answered", i.At)
	if i.Paused {
		s = append(s, "paused")
	}
	if i.BestEffort {
		s = append(s, "best effort")
	}
	return strings.Join(s, ", ")
}

// jan is an instant of January 2026, in UTC, such as "5 10:00". The 5th is a Monday.
func jan(s string) time.Time {
	at, err := time.Parse("2006-1-2 15:04", "2026-1-"+s)
	if err != nil {
		panic(err)
	}
	return at
}

func TestRunsOfTargets(t *testing.T) {
	c := clock(t, full(), office(t))
	pause := func(from, to string) sla.Span {
		s := sla.Span{From: jan(from)}
		if to != "" {
			s.To = jan(to)
		}
		return s
	}
	const firstHour = "start 5 10:00:00, warning 5 10:30:00, critical 5 10:45:00, due 5 11:00:00"
	tests := []struct {
		name   string
		target sla.Target
		ticket sla.Ticket
		want   string
	}{
		{"first_response runs from opening", sla.FirstResponse, sla.Ticket{OpenedAt: jan("5 10:00")}, firstHour},
		{
			"first_response runs from when the ticket became valid", sla.FirstResponse,
			sla.Ticket{OpenedAt: jan("5 10:00"), ValidAt: jan("5 16:30")},
			"start 5 16:30:00, warning 5 17:00:00, critical 6 09:15:00, due 6 09:30:00",
		},
		{
			"first_response drops parts of a second", sla.FirstResponse,
			sla.Ticket{OpenedAt: jan("5 10:00").Add(999 * time.Millisecond), FirstResponseAt: jan("5 11:00").Add(999 * time.Millisecond)},
			firstHour + ", answered 5 11:00:00",
		},
		{
			"first_response is not paused", sla.FirstResponse,
			sla.Ticket{OpenedAt: jan("5 10:00"), Status: sla.StatusPending, Pauses: []sla.Span{pause("5 10:05", "")}}, firstHour,
		},
		{
			"first_response is answered by a reply", sla.FirstResponse,
			sla.Ticket{OpenedAt: jan("5 10:00"), FirstResponseAt: jan("5 10:20"), Status: sla.StatusSolved, ResolvedAt: jan("5 10:40")},
			firstHour + ", answered 5 10:20:00",
		},
		{
			"first_response is answered by solving without a word", sla.FirstResponse,
			sla.Ticket{OpenedAt: jan("5 10:00"), Status: sla.StatusClosed, ResolvedAt: jan("5 10:40")},
			firstHour + ", answered 5 10:40:00",
		},
		{
			"first_response of a ticket solved nobody knows when is not known", sla.FirstResponse,
			sla.Ticket{OpenedAt: jan("5 10:00"), Status: sla.StatusSolved}, "does not run",
		},
		{
			"first_response still waits on a ticket that was solved without a word and reopened", sla.FirstResponse,
			sla.Ticket{OpenedAt: jan("5 10:00"), Status: sla.StatusOpen, ResolvedAt: jan("5 10:40")}, firstHour,
		},
		{"first_response does not run on a ticket without a date", sla.FirstResponse, sla.Ticket{}, "does not run"},

		{
			"next_response does not run before the first response", sla.NextResponse,
			sla.Ticket{OpenedAt: jan("5 10:00"), WaitingSince: jan("5 10:00")}, "does not run",
		},
		{
			"next_response runs from the oldest unanswered message", sla.NextResponse,
			sla.Ticket{OpenedAt: jan("5 10:00"), FirstResponseAt: jan("5 10:20"), WaitingSince: jan("5 12:00"), LastCustomerMessageAt: jan("5 12:30")},
			"start 5 12:00:00, warning 5 13:00:00, critical 5 13:30:00, due 5 14:00:00",
		},
		{
			"next_response does not run while nobody waits", sla.NextResponse,
			sla.Ticket{OpenedAt: jan("5 10:00"), FirstResponseAt: jan("5 10:20"), LastCustomerMessageAt: jan("5 12:30")}, "does not run",
		},
		{
			"next_response is answered by solving", sla.NextResponse,
			sla.Ticket{OpenedAt: jan("5 10:00"), FirstResponseAt: jan("5 10:20"), WaitingSince: jan("5 12:00"), Status: sla.StatusSolved, ResolvedAt: jan("5 13:00")},
			"start 5 12:00:00, warning 5 13:00:00, critical 5 13:30:00, due 5 14:00:00, answered 5 13:00:00",
		},

		{
			"follow_up does not run before the first response", sla.FollowUp,
			sla.Ticket{OpenedAt: jan("5 10:00")}, "does not run",
		},
		{
			"follow_up runs from the first response when that was the last update", sla.FollowUp,
			sla.Ticket{OpenedAt: jan("5 10:00"), FirstResponseAt: jan("5 10:20")},
			"start 5 10:20:00, warning 5 12:20:00, critical 5 13:20:00, due 5 14:20:00",
		},
		{
			"follow_up runs from the last update, and no pause stops it", sla.FollowUp,
			sla.Ticket{
				OpenedAt: jan("5 10:00"), FirstResponseAt: jan("5 10:20"), LastAgentReplyAt: jan("5 12:00"),
				Status: sla.StatusOnHold, Pauses: []sla.Span{pause("5 12:00", "")},
			},
			"start 5 12:00:00, warning 5 14:00:00, critical 5 15:00:00, due 5 16:00:00",
		},
		{
			"follow_up is answered by solving", sla.FollowUp,
			sla.Ticket{OpenedAt: jan("5 10:00"), FirstResponseAt: jan("5 10:20"), Status: sla.StatusSolved, ResolvedAt: jan("5 15:00")},
			"start 5 10:20:00, warning 5 12:20:00, critical 5 13:20:00, due 5 14:20:00, answered 5 15:00:00",
		},

		{
			"resolution runs from opening, whatever ValidAt says", sla.Resolution,
			sla.Ticket{OpenedAt: jan("5 10:00"), ValidAt: jan("5 12:00")},
			"start 5 10:00:00, warning 5 14:00:00, critical 5 16:00:00, due 6 10:00:00",
		},
		{
			"resolution goes on after a pause where it stopped", sla.Resolution,
			sla.Ticket{OpenedAt: jan("5 10:00"), Pauses: []sla.Span{pause("5 11:00", "5 12:30")}},
			"start 5 10:00:00, warning 5 15:30:00, critical 6 09:30:00, due 6 11:30:00",
		},
		{
			"a pause outside hours costs nothing", sla.Resolution,
			sla.Ticket{OpenedAt: jan("5 10:00"), Pauses: []sla.Span{pause("5 17:00", "6 09:00")}},
			"start 5 10:00:00, warning 5 14:00:00, critical 5 16:00:00, due 6 10:00:00",
		},
		{
			"a pause from before opening counts from opening on", sla.Resolution,
			sla.Ticket{OpenedAt: jan("5 10:00"), Pauses: []sla.Span{pause("5 09:00", "5 11:00")}},
			"start 5 10:00:00, warning 5 15:00:00, critical 5 17:00:00, due 6 11:00:00",
		},
		{
			"pauses that overlap are taken out once", sla.Resolution,
			sla.Ticket{OpenedAt: jan("5 10:00"), Pauses: []sla.Span{pause("5 11:00", "5 12:00"), pause("5 11:30", "5 12:30")}},
			"start 5 10:00:00, warning 5 15:30:00, critical 6 09:30:00, due 6 11:30:00",
		},
		{
			"a paused resolution has no due", sla.Resolution,
			sla.Ticket{OpenedAt: jan("5 10:00"), Status: sla.StatusPending, Pauses: []sla.Span{pause("5 11:00", "")}},
			"start 5 10:00:00, paused",
		},
		{
			"nor has one that is paused nobody knows since when", sla.Resolution,
			sla.Ticket{OpenedAt: jan("5 10:00"), Status: sla.StatusOnHold}, "start 5 10:00:00, paused",
		},
		{
			"a resolution that was breached before it was paused stays breached", sla.Resolution,
			sla.Ticket{OpenedAt: jan("5 10:00"), Status: sla.StatusPending, Pauses: []sla.Span{pause("6 11:00", "")}},
			"start 5 10:00:00, warning 5 14:00:00, critical 5 16:00:00, due 6 10:00:00",
		},
		{
			"a ticket solved out of a pause has a due again", sla.Resolution,
			sla.Ticket{OpenedAt: jan("5 10:00"), Status: sla.StatusSolved, ResolvedAt: jan("7 10:00"), Pauses: []sla.Span{pause("5 11:00", "")}},
			"start 5 10:00:00, warning 7 13:00:00, critical 7 15:00:00, due 7 17:00:00, answered 7 10:00:00",
		},
		{
			"a reopened ticket goes on where solving stopped it", sla.Resolution,
			sla.Ticket{
				OpenedAt: jan("5 10:00"), Status: sla.StatusOpen, ResolvedAt: jan("5 12:00"),
				Pauses: []sla.Span{{From: jan("5 12:00"), To: jan("7 12:00"), Status: sla.StatusSolved}},
			},
			"start 5 10:00:00, warning 7 14:00:00, critical 7 16:00:00, due 8 10:00:00",
		},
		{
			"a date of solving without a status means solved", sla.Resolution,
			sla.Ticket{OpenedAt: jan("5 10:00"), ResolvedAt: jan("5 12:00")},
			"start 5 10:00:00, warning 5 14:00:00, critical 5 16:00:00, due 6 10:00:00, answered 5 12:00:00",
		},
		{
			"a resolution by best effort has no due", sla.Resolution,
			sla.Ticket{Severity: "low", OpenedAt: jan("5 10:00")}, "start 5 10:00:00, best effort",
		},
		{
			"a resolution by best effort is answered all the same", sla.Resolution,
			sla.Ticket{Severity: "low", OpenedAt: jan("5 10:00"), Status: sla.StatusSolved, ResolvedAt: jan("9 10:00")},
			"start 5 10:00:00, answered 9 10:00:00, best effort",
		},

		{
			"service_window runs only on WhatsApp", sla.ServiceWindow,
			sla.Ticket{OpenedAt: jan("5 10:00"), LastCustomerMessageAt: jan("5 10:00"), WaitingSince: jan("5 10:00")}, "does not run",
		},
		{
			"service_window counts elapsed time from the last message, whatever the hours", sla.ServiceWindow,
			sla.Ticket{WhatsApp: true, OpenedAt: jan("9 10:00"), WaitingSince: jan("9 10:00"), LastCustomerMessageAt: jan("9 16:00")},
			"start 9 16:00:00, warning 10 04:00:00, critical 10 10:00:00, due 10 16:00:00",
		},
		{
			"service_window is answered by a reply", sla.ServiceWindow,
			sla.Ticket{WhatsApp: true, OpenedAt: jan("9 10:00"), LastCustomerMessageAt: jan("9 16:00"), LastAgentReplyAt: jan("9 16:20")},
			"start 9 16:00:00, warning 10 04:00:00, critical 10 10:00:00, due 10 16:00:00, answered 9 16:20:00",
		},
		{
			"service_window is answered by the first of the replies that are known", sla.ServiceWindow,
			sla.Ticket{
				WhatsApp: true, OpenedAt: jan("9 10:00"), LastCustomerMessageAt: jan("9 16:00"),
				FirstResponseAt: jan("9 16:20"), LastAgentReplyAt: jan("12 09:00"),
			},
			"start 9 16:00:00, warning 10 04:00:00, critical 10 10:00:00, due 10 16:00:00, answered 9 16:20:00",
		},
		{
			"service_window is not known when nobody waits and nobody replied", sla.ServiceWindow,
			sla.Ticket{WhatsApp: true, OpenedAt: jan("9 10:00"), LastCustomerMessageAt: jan("9 16:00"), LastAgentReplyAt: jan("9 15:00")},
			"does not run",
		},
		{
			"service_window is answered by solving", sla.ServiceWindow,
			sla.Ticket{
				WhatsApp: true, OpenedAt: jan("9 10:00"), WaitingSince: jan("9 16:00"), LastCustomerMessageAt: jan("9 16:00"),
				Status: sla.StatusSolved, ResolvedAt: jan("9 16:30"),
			},
			"start 9 16:00:00, warning 10 04:00:00, critical 10 10:00:00, due 10 16:00:00, answered 9 16:30:00",
		},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			if tt.ticket.Severity == "" {
				tt.ticket.Severity = "high"
			}
			if got := show(t, c, tt.ticket, tt.target); got != tt.want {
				t.Errorf("\n got %s\nwant %s", got, tt.want)
			}
		})
	}
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
			sla.Ticket{Severity: "high", Status: sla.StatusSolved, ResolvedAt: jan("5 10:00"), OutstandingRequests: 1}, sla.Coverage{Severity: "none"},
		},
		{
			"also when it is left open for them", p,
			sla.Ticket{Severity: "high", Status: sla.StatusOpen, ResolvedAt: jan("5 10:00"), OutstandingRequests: 1}, sla.Coverage{Severity: "none"},
		},
		{
			"also when nobody knows since when", p,
			sla.Ticket{Severity: "high", Status: sla.StatusSolved, OutstandingRequests: 1}, sla.Coverage{Severity: "none"},
		},
		{"not before it is resolved", p, sla.Ticket{Severity: "high", OutstandingRequests: 1}, sla.Coverage{Severity: "high"}},
		{
			"nor out of another severity", p,
			sla.Ticket{Severity: "low", Status: sla.StatusSolved, ResolvedAt: jan("5 10:00"), OutstandingRequests: 1}, sla.Coverage{Severity: "low"},
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
