package sla_test

import (
	"math/rand/v2"
	"testing"
	"time"

	"whatsapp_sla_exporter/internal/sla"
)

// benchTickets are tickets in every stage of their life, over a year, a third of them paused before.
func benchTickets(n int) []sla.Ticket {
	random := rand.New(rand.NewPCG(1, 2))
	year := time.Date(2026, time.January, 1, 0, 0, 0, 0, time.UTC)
	tickets := make([]sla.Ticket, n)
	for i := range tickets {
		opened := year.Add(time.Duration(random.IntN(365*86400)) * time.Second)
		t := &tickets[i]
		*t = sla.Ticket{
			Severity: "high", Status: sla.StatusOpen, WhatsApp: true,
			OpenedAt: opened, FirstResponseAt: opened.Add(20 * time.Minute), LastAgentReplyAt: opened.Add(time.Hour),
			WaitingSince: opened.Add(2 * time.Hour), LastCustomerMessageAt: opened.Add(3 * time.Hour),
		}
		if i%3 == 0 {
			t.Pauses = []sla.Span{{From: opened.Add(time.Hour), To: opened.Add(26 * time.Hour)}}
		}
	}
	return tickets
}

// BenchmarkInstants computes all instants of 100,000 tickets of five targets each. Beside it is the
// straightforward way: to walk from day to day, and to leave pauses out.
func BenchmarkInstants(b *testing.B) {
	const n = 100_000
	tickets := benchTickets(n)
	h := hours(b, "Europe/Berlin", weekdays, "09:00-13:00", "14:00-18:00")
	c := clock(b, full(), calendar(b, h))
	perTarget := func(b *testing.B, targets int) {
		b.ReportMetric(float64(b.Elapsed().Nanoseconds())/float64(targets), "ns/target")
	}
	b.Run("clock", func(b *testing.B) {
		b.ReportAllocs()
		var dst []sla.Instants
		targets := 0
		for b.Loop() {
			for i := range tickets {
				_, dst = c.Evaluate(dst[:0], &tickets[i])
				targets += len(dst)
			}
		}
		perTarget(b, targets)
	})
	b.Run("day by day", func(b *testing.B) {
		b.ReportAllocs()
		promises, targets := full().Severities[0].Promises, 0
		for b.Loop() {
			for i := range tickets {
				for _, p := range promises {
					warning, critical := p.Leads()
					for _, lead := range []time.Duration{0, warning, critical} {
						sink = walk(&h, tickets[i].OpenedAt, p.Within-lead)
					}
					targets++
				}
			}
		}
		perTarget(b, targets)
	})
}

var sink time.Time

// walk adds working time by going from day to day, without pauses.
func walk(h *sla.Hours, t time.Time, work time.Duration) time.Time {
	t = t.In(h.Zone)
	for {
		y, m, d := t.Date()
		for _, i := range h.Week[t.Weekday()] {
			from := time.Date(y, m, d, 0, 0, int(i.Open/time.Second), 0, h.Zone)
			to := time.Date(y, m, d, 0, 0, int(i.Close/time.Second), 0, h.Zone)
			if t.After(from) {
				from = t
			}
			switch open := to.Sub(from); {
			case open <= 0:
			case work <= open:
				return from.Add(work)
			default:
				work -= open
			}
		}
		t = time.Date(y, m, d+1, 0, 0, 0, 0, h.Zone)
	}
}

func TestTheWalkOfTheBenchmarkAgrees(t *testing.T) {
	h := hours(t, "Europe/Berlin", weekdays, "09:00-13:00", "14:00-18:00")
	c := calendar(t, h)
	for _, ticket := range benchTickets(200) {
		for _, work := range []time.Duration{time.Minute, 8 * time.Hour, 100 * time.Hour} {
			if got, want := c.Add(ticket.OpenedAt, work), walk(&h, ticket.OpenedAt, work); !got.Equal(want) {
				t.Errorf("%s + %s = %s, day by day %s", ticket.OpenedAt, work, got, want)
			}
		}
	}
}

func BenchmarkNewCalendar(b *testing.B) {
	h := hours(b, "Europe/Berlin", weekdays, "09:00-13:00", "14:00-18:00")
	b.ReportAllocs()
	for b.Loop() {
		if _, err := sla.NewCalendar(h); err != nil {
			b.Fatal(err)
		}
	}
}
