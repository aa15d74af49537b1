package sla_test

import (
	"strings"
	"testing"
	"time"

	"whatsapp_sla_exporter/internal/sla"
)

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

// runCase is a ticket of high severity, unless it says otherwise, and what is known of one target of it.
type runCase struct {
	name   string
	ticket sla.Ticket
	want   string
}

func checkRuns(t *testing.T, target sla.Target, cases []runCase) {
	c := clock(t, full(), office(t))
	for _, tt := range cases {
		t.Run(tt.name, func(t *testing.T) {
			if tt.ticket.Severity == "" {
				tt.ticket.Severity = "high"
			}
			if got := show(t, c, tt.ticket, target); got != tt.want {
				t.Errorf("\n got %s\nwant %s", got, tt.want)
			}
		})
	}
}

func pause(from, to string) sla.Span {
	s := sla.Span{From: jan(from)}
	if to != "" {
		s.To = jan(to)
	}
	return s
}

const firstHour = "start 5 10:00:00, warning 5 10:30:00, critical 5 10:45:00, due 5 11:00:00"

func TestFirstResponse(t *testing.T) {
	checkRuns(t, sla.FirstResponse, []runCase{
		{"runs from opening", sla.Ticket{OpenedAt: jan("5 10:00")}, firstHour},
		{
			"runs from when the ticket became valid",
			sla.Ticket{OpenedAt: jan("5 10:00"), ValidAt: jan("5 16:30")},
			"start 5 16:30:00, warning 5 17:00:00, critical 6 09:15:00, due 6 09:30:00",
		},
		{
			"drops parts of a second",
			sla.Ticket{OpenedAt: jan("5 10:00").Add(999 * time.Millisecond), FirstResponseAt: jan("5 11:00").Add(999 * time.Millisecond)},
			firstHour + ", answered 5 11:00:00",
		},
		{
			"is not paused",
			sla.Ticket{OpenedAt: jan("5 10:00"), Status: sla.StatusPending, Pauses: []sla.Span{pause("5 10:05", "")}},
			firstHour,
		},
		{
			"is answered by a reply",
			sla.Ticket{OpenedAt: jan("5 10:00"), FirstResponseAt: jan("5 10:20"), Status: sla.StatusSolved, ResolvedAt: jan("5 10:40")},
			firstHour + ", answered 5 10:20:00",
		},
		{
			"is answered by solving without a word",
			sla.Ticket{OpenedAt: jan("5 10:00"), Status: sla.StatusClosed, ResolvedAt: jan("5 10:40")},
			firstHour + ", answered 5 10:40:00",
		},
		{
			"of a ticket solved nobody knows when is not known",
			sla.Ticket{OpenedAt: jan("5 10:00"), Status: sla.StatusSolved},
			"does not run",
		},
		{
			"still waits on a ticket that was solved without a word and reopened",
			sla.Ticket{OpenedAt: jan("5 10:00"), Status: sla.StatusOpen, ResolvedAt: jan("5 10:40")},
			firstHour,
		},
		{"does not run on a ticket without a date", sla.Ticket{}, "does not run"},
	})
}

func TestNextResponse(t *testing.T) {
	checkRuns(t, sla.NextResponse, []runCase{
		{
			"does not run before the first response",
			sla.Ticket{OpenedAt: jan("5 10:00"), WaitingSince: jan("5 10:00")},
			"does not run",
		},
		{
			"runs from the oldest unanswered message",
			sla.Ticket{OpenedAt: jan("5 10:00"), FirstResponseAt: jan("5 10:20"), WaitingSince: jan("5 12:00"), LastCustomerMessageAt: jan("5 12:30")},
			"start 5 12:00:00, warning 5 13:00:00, critical 5 13:30:00, due 5 14:00:00",
		},
		{
			"does not run while nobody waits",
			sla.Ticket{OpenedAt: jan("5 10:00"), FirstResponseAt: jan("5 10:20"), LastCustomerMessageAt: jan("5 12:30")},
			"does not run",
		},
		{
			"is answered by solving",
			sla.Ticket{OpenedAt: jan("5 10:00"), FirstResponseAt: jan("5 10:20"), WaitingSince: jan("5 12:00"), Status: sla.StatusSolved, ResolvedAt: jan("5 13:00")},
			"start 5 12:00:00, warning 5 13:00:00, critical 5 13:30:00, due 5 14:00:00, answered 5 13:00:00",
		},
	})
}

func TestFollowUp(t *testing.T) {
	checkRuns(t, sla.FollowUp, []runCase{
		{
			"does not run before the first response",
			sla.Ticket{OpenedAt: jan("5 10:00")},
			"does not run",
		},
		{
			"runs from the first response when that was the last update",
			sla.Ticket{OpenedAt: jan("5 10:00"), FirstResponseAt: jan("5 10:20")},
			"start 5 10:20:00, warning 5 12:20:00, critical 5 13:20:00, due 5 14:20:00",
		},
		{
			"runs from the last update, and no pause stops it",
			sla.Ticket{
				OpenedAt: jan("5 10:00"), FirstResponseAt: jan("5 10:20"), LastAgentReplyAt: jan("5 12:00"),
				Status: sla.StatusOnHold, Pauses: []sla.Span{pause("5 12:00", "")},
			},
			"start 5 12:00:00, warning 5 14:00:00, critical 5 15:00:00, due 5 16:00:00",
		},
		{
			"is answered by solving",
			sla.Ticket{OpenedAt: jan("5 10:00"), FirstResponseAt: jan("5 10:20"), Status: sla.StatusSolved, ResolvedAt: jan("5 15:00")},
			"start 5 10:20:00, warning 5 12:20:00, critical 5 13:20:00, due 5 14:20:00, answered 5 15:00:00",
		},
	})
}

func TestResolution(t *testing.T) {
	checkRuns(t, sla.Resolution, []runCase{
		{
			"runs from opening, whatever ValidAt says",
			sla.Ticket{OpenedAt: jan("5 10:00"), ValidAt: jan("5 12:00")},
			"start 5 10:00:00, warning 5 14:00:00, critical 5 16:00:00, due 6 10:00:00",
		},
		{
			"goes on after a pause where it stopped",
			sla.Ticket{OpenedAt: jan("5 10:00"), Pauses: []sla.Span{pause("5 11:00", "5 12:30")}},
			"start 5 10:00:00, warning 5 15:30:00, critical 6 09:30:00, due 6 11:30:00",
		},
		{
			"a pause outside hours costs nothing",
			sla.Ticket{OpenedAt: jan("5 10:00"), Pauses: []sla.Span{pause("5 17:00", "6 09:00")}},
			"start 5 10:00:00, warning 5 14:00:00, critical 5 16:00:00, due 6 10:00:00",
		},
		{
			"a pause from before opening counts from opening on",
			sla.Ticket{OpenedAt: jan("5 10:00"), Pauses: []sla.Span{pause("5 09:00", "5 11:00")}},
			"start 5 10:00:00, warning 5 15:00:00, critical 5 17:00:00, due 6 11:00:00",
		},
		{
			"pauses that overlap are taken out once",
			sla.Ticket{OpenedAt: jan("5 10:00"), Pauses: []sla.Span{pause("5 11:00", "5 12:00"), pause("5 11:30", "5 12:30")}},
			"start 5 10:00:00, warning 5 15:30:00, critical 6 09:30:00, due 6 11:30:00",
		},
		{
			"a paused resolution has no due",
			sla.Ticket{OpenedAt: jan("5 10:00"), Status: sla.StatusPending, Pauses: []sla.Span{pause("5 11:00", "")}},
			"start 5 10:00:00, paused",
		},
		{
			"nor has one that is paused nobody knows since when",
			sla.Ticket{OpenedAt: jan("5 10:00"), Status: sla.StatusOnHold},
			"start 5 10:00:00, paused",
		},
		{
			"a resolution that was breached before it was paused stays breached",
			sla.Ticket{OpenedAt: jan("5 10:00"), Status: sla.StatusPending, Pauses: []sla.Span{pause("6 11:00", "")}},
			"start 5 10:00:00, warning 5 14:00:00, critical 5 16:00:00, due 6 10:00:00",
		},
		{
			"a ticket solved out of a pause has a due again",
			sla.Ticket{OpenedAt: jan("5 10:00"), Status: sla.StatusSolved, ResolvedAt: jan("7 10:00"), Pauses: []sla.Span{pause("5 11:00", "")}},
			"start 5 10:00:00, warning 7 13:00:00, critical 7 15:00:00, due 7 17:00:00, answered 7 10:00:00",
		},
		{
			"a reopened ticket goes on where solving stopped it",
			sla.Ticket{
				OpenedAt: jan("5 10:00"), Status: sla.StatusOpen, ResolvedAt: jan("5 12:00"),
				Pauses: []sla.Span{{From: jan("5 12:00"), To: jan("7 12:00"), Status: sla.StatusSolved}},
			},
			"start 5 10:00:00, warning 7 14:00:00, critical 7 16:00:00, due 8 10:00:00",
		},
		{
			"a date of solving without a status means solved",
			sla.Ticket{OpenedAt: jan("5 10:00"), ResolvedAt: jan("5 12:00")},
			"start 5 10:00:00, warning 5 14:00:00, critical 5 16:00:00, due 6 10:00:00, answered 5 12:00:00",
		},
		{
			"a resolution by best effort has no due",
			sla.Ticket{Severity: "low", OpenedAt: jan("5 10:00")},
			"start 5 10:00:00, best effort",
		},
		{
			"a resolution by best effort is answered all the same",
			sla.Ticket{Severity: "low", OpenedAt: jan("5 10:00"), Status: sla.StatusSolved, ResolvedAt: jan("9 10:00")},
			"start 5 10:00:00, answered 9 10:00:00, best effort",
		},
	})
}

func TestServiceWindow(t *testing.T) {
	checkRuns(t, sla.ServiceWindow, []runCase{
		{
			"runs only on WhatsApp",
			sla.Ticket{OpenedAt: jan("5 10:00"), LastCustomerMessageAt: jan("5 10:00"), WaitingSince: jan("5 10:00")},
			"does not run",
		},
		{
			"counts elapsed time from the last message, whatever the hours",
			sla.Ticket{WhatsApp: true, OpenedAt: jan("9 10:00"), WaitingSince: jan("9 10:00"), LastCustomerMessageAt: jan("9 16:00")},
			"start 9 16:00:00, warning 10 04:00:00, critical 10 10:00:00, due 10 16:00:00",
		},
		{
			"is answered by a reply",
			sla.Ticket{WhatsApp: true, OpenedAt: jan("9 10:00"), LastCustomerMessageAt: jan("9 16:00"), LastAgentReplyAt: jan("9 16:20")},
			"start 9 16:00:00, warning 10 04:00:00, critical 10 10:00:00, due 10 16:00:00, answered 9 16:20:00",
		},
		{
			"is answered by the first of the replies that are known",
			sla.Ticket{
				WhatsApp: true, OpenedAt: jan("9 10:00"), LastCustomerMessageAt: jan("9 16:00"),
				FirstResponseAt: jan("9 16:20"), LastAgentReplyAt: jan("12 09:00"),
			},
			"start 9 16:00:00, warning 10 04:00:00, critical 10 10:00:00, due 10 16:00:00, answered 9 16:20:00",
		},
		{
			"is not known when nobody waits and nobody replied",
			sla.Ticket{WhatsApp: true, OpenedAt: jan("9 10:00"), LastCustomerMessageAt: jan("9 16:00"), LastAgentReplyAt: jan("9 15:00")},
			"does not run",
		},
		{
			"is answered by solving",
			sla.Ticket{
				WhatsApp: true, OpenedAt: jan("9 10:00"), WaitingSince: jan("9 16:00"), LastCustomerMessageAt: jan("9 16:00"),
				Status: sla.StatusSolved, ResolvedAt: jan("9 16:30"),
			},
			"start 9 16:00:00, warning 10 04:00:00, critical 10 10:00:00, due 10 16:00:00, answered 9 16:30:00",
		},
	})
}
