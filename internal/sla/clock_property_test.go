package sla_test

import (
	"slices"
	"testing"
	"time"

	"pgregory.net/rapid"

	"whatsapp_sla_exporter/internal/sla"
)

// drawClock draws a policy of one promise on each of two targets, on a random calendar.
func drawClock(t *rapid.T) (*sla.Clock, time.Time) {
	h, start := drawHours(t)
	cal, err := sla.NewCalendar(h)
	if err != nil {
		t.Fatal(err)
	}
	promise := func(target sla.Target) sla.Promise {
		p := sla.Promise{Target: target, Within: time.Duration(rapid.IntRange(2, 100*3600).Draw(t, "within")) * time.Second}
		if rapid.Bool().Draw(t, "own warning") {
			p.Warning = p.Within.Truncate(2*time.Second) / 2
		}
		return p
	}
	c, err := sla.NewClock(&sla.Policy{Name: "drawn", Severities: []sla.Severity{{
		Name: sla.AnySeverity, Number: 1, Promises: []sla.Promise{promise(sla.FirstResponse), promise(sla.Resolution)},
	}}}, cal)
	if err != nil {
		t.Fatal(err)
	}
	return c, start
}

func drawPauses(t *rapid.T, start time.Time) []sla.Span {
	pauses := make([]sla.Span, rapid.IntRange(0, 5).Draw(t, "pauses"))
	for i := range pauses {
		from := start.Add(time.Duration(rapid.IntRange(-3600, 10*86400).Draw(t, "from")) * time.Second)
		pauses[i] = sla.Span{From: from, To: from.Add(time.Duration(rapid.IntRange(0, 3*86400).Draw(t, "length")) * time.Second)}
	}
	slices.SortFunc(pauses, func(a, b sla.Span) int { return a.From.Compare(b.From) })
	return pauses
}

func TestInstantsAreInOrderAndAnUnpausedSecondAway(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		c, start := drawClock(t)
		ticket := sla.Ticket{OpenedAt: start, Pauses: drawPauses(t, start)}
		_, all := c.Evaluate(nil, &ticket)
		for i := range all {
			at := &all[i]
			if at.Warning.After(at.Critical) || at.Critical.After(at.Due) || at.Warning.Before(at.Start) {
				t.Fatalf("out of order: %+v", *at)
			}
			if left, ok := c.Left(&ticket, at, at.Due); !ok || left != 0 {
				t.Fatalf("%s of working time left when %s is due", left, at.Target)
			}
			if left, _ := c.Left(&ticket, at, at.Due.Add(-time.Second)); left != time.Second {
				t.Fatalf("%s is due at %s, a second after %s of working time is left: in closed or paused time", at.Target, at.Due, left)
			}
		}
	})
}

func TestMorePauseNeverMeansAnEarlierDue(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		c, start := drawClock(t)
		pauses := drawPauses(t, start)
		fewer := sla.Ticket{OpenedAt: start, Pauses: slices.Clone(pauses)}
		if len(pauses) > 0 {
			k := rapid.IntRange(0, len(pauses)-1).Draw(t, "removed")
			fewer.Pauses = slices.Delete(fewer.Pauses, k, k+1)
		}
		_, before := c.Evaluate(nil, &fewer)
		_, after := c.Evaluate(nil, &sla.Ticket{OpenedAt: start, Pauses: pauses})
		for i := range before {
			a, b := before[i], after[i]
			if b.Due.Before(a.Due) || b.Critical.Before(a.Critical) || b.Warning.Before(a.Warning) {
				t.Fatalf("one pause more: %+v, one less: %+v", b, a)
			}
			if a.Target == sla.FirstResponse && a != b {
				t.Fatalf("a pause moved the first response: %+v, %+v", a, b)
			}
		}
	})
}

func TestALastingPauseStopsTheClockOrComesTooLate(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		c, start := drawClock(t)
		ticket := sla.Ticket{OpenedAt: start}
		_, all := c.Evaluate(nil, &ticket)
		running := all[1]
		ticket.Pauses = []sla.Span{{From: start.Add(time.Duration(rapid.IntRange(0, 20*86400).Draw(t, "from")) * time.Second)}}
		_, all = c.Evaluate(all[:0], &ticket)
		switch paused := all[1]; {
		case paused.Paused:
			if !paused.Due.IsZero() || running.Due.Before(ticket.Pauses[0].From) {
				t.Fatalf("paused from %s on: %+v, without the pause %+v", ticket.Pauses[0].From, paused, running)
			}
		case paused != running:
			t.Fatalf("a pause after the due moved it: %+v, %+v", paused, running)
		}
	})
}
