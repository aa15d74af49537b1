//go:build !race

package tickets_test

import (
	"fmt"
	"runtime"
	"testing"
)

// BenchmarkMemory tells what a book and its snapshot hold for each open ticket.
func BenchmarkMemory(b *testing.B) {
	for _, tickets := range []int{100_000, 1_000_000} {
		b.Run(fmt.Sprint(tickets), func(b *testing.B) {
			for b.Loop() {
				before := heap()
				d := loaded(b, tickets)
				after := heap()
				b.ReportMetric(float64(after-before)/float64(tickets), "B/ticket")
				runtime.KeepAlive(d)
			}
		})
	}
}

func heap() uint64 {
	runtime.GC()
	runtime.GC()
	var m runtime.MemStats
	runtime.ReadMemStats(&m)
	return m.HeapAlloc
}

// TestCostOfATicketIsLessThan400Bytes holds BenchmarkMemory to its aim.
func TestCostOfATicketIsLessThan400Bytes(t *testing.T) {
	const tickets = 100_000
	before := heap()
	d := loaded(t, tickets)
	if got := (heap() - before) / tickets; got >= 400 {
		t.Errorf("%d bytes per open ticket", got)
	}
	runtime.KeepAlive(d)
}
