package tickets_test

import (
	"fmt"
	"slices"
	"testing"
	"time"

	"whatsapp_sla_exporter/internal/helpdesk"
	"whatsapp_sla_exporter/internal/sla"
)

// load is a helpdesk of so many open tickets in 40 groups, with the usual mix: a third unanswered, a third answered
// with a message that waits, a third pending. Most have three targets.
func load(from, to int) []helpdesk.Ticket {
	all := make([]helpdesk.Ticket, 0, to-from)
	for i := from; i < to; i++ {
		opened := start.Add(-time.Duration(i%40_000) * time.Second)
		t := ticket(fmt.Sprint(1_000_000+i), opened, pauses())
		t.Brand = fmt.Sprintf("tenant-%d", i%20)
		if i%2 > 0 {
			t.Priority = "low"
		}
		switch i % 3 {
		case 1:
			replied(opened.Add(time.Minute))(&t)
			asked(opened.Add(2 * time.Minute))(&t)
		case 2:
			replied(opened.Add(time.Minute))(&t)
			t.Status = sla.StatusPending
		}
		all = append(all, t)
	}
	return all
}

func loaded(b testing.TB, tickets int) *desk {
	d := newDesk(b, nil)
	const chunk = 50_000
	for from := 0; from < tickets; from += chunk {
		d.apply(after(1), load(from, min(from+chunk, tickets))...)
	}
	return d
}

// BenchmarkApply takes 1,000 changed tickets into a book of 100,000, and the snapshot after it.
func BenchmarkApply(b *testing.B) {
	d := loaded(b, 100_000)
	changed := load(0, 1000)
	b.ReportAllocs()
	for n := 0; b.Loop(); n++ {
		at := after(2).Add(time.Duration(n) * time.Second)
		for i := range changed {
			changed[i].UpdatedAt = at
			if i%3 == 1 {
				changed[i].WaitingSince = at
			}
		}
		d.apply(at, changed...)
	}
}

// BenchmarkSnapshot publishes a book of 100,000 tickets that did not change.
func BenchmarkSnapshot(b *testing.B) {
	d := loaded(b, 100_000)
	b.ReportAllocs()
	for b.Loop() {
		d.apply(after(2))
	}
}

// BenchmarkReconcile takes all 100,000 tickets again, unchanged.
func BenchmarkReconcile(b *testing.B) {
	d := loaded(b, 100_000)
	all := load(0, 100_000)
	b.ReportAllocs()
	for b.Loop() {
		d.reconcile(after(2), all...)
	}
}

// BenchmarkCounts is what a scrape does: the states of every target of every group of 100,000 tickets.
func BenchmarkCounts(b *testing.B) {
	s := loaded(b, 100_000).Snapshot()
	b.ReportAllocs()
	now := after(2)
	for b.Loop() {
		for i := range s.Targets {
			s.Targets[i].Counts(now)
		}
	}
	b.ReportMetric(float64(b.Elapsed().Nanoseconds())/float64(b.N)/float64(len(s.Targets)), "ns/target")
}

// BenchmarkEndangered walks the deadlines past their warning, as the sidecar does.
func BenchmarkEndangered(b *testing.B) {
	s := loaded(b, 100_000).Snapshot()
	b.ReportAllocs()
	n := 0
	for b.Loop() {
		n = len(slices.Collect(s.Endangered(after(2))))
	}
	b.ReportMetric(float64(n), "deadlines")
}
