package tickets_test

import (
	"fmt"
	"iter"
	"strings"
	"sync"
	"testing"
	"time"

	"whatsapp_sla_exporter/internal/helpdesk"
	"whatsapp_sla_exporter/internal/tickets"
)

// TestSnapshotsAreReadWhileTheBookChanges is for the race detector. Readers hold snapshots over changes and count
// what they hold twice: it must not have moved.
func TestSnapshotsAreReadWhileTheBookChanges(t *testing.T) {
	d := newDesk(t, nil)
	var readers, writers sync.WaitGroup
	done := make(chan struct{})
	for range 3 {
		readers.Go(func() {
			for {
				select {
				case <-done:
					return
				default:
				}
				s := d.Snapshot()
				first := read(s.Endangered)
				s.NextInstant(after(1000))
				if again := read(s.Endangered); again != first {
					t.Errorf("a snapshot had %q and now has %q", first, again)
				}
			}
		})
	}
	for w := range 2 {
		writers.Go(func() {
			for i := range 100 {
				rows := []helpdesk.Ticket{
					ticket(fmt.Sprint(w, i%7), after(i), severity([]string{"high", "low"}[i%2])),
					ticket(fmt.Sprint(w, i%5), after(i), replied(after(i+1))),
					ticket(fmt.Sprint(w, i%3), after(i), solved(after(i+1))),
				}
				var err error
				if i%10 == 0 {
					_, err = d.Reconcile(&helpdesk.Pass{Tickets: rows}, after(i+1))
				} else {
					err = d.Apply(&helpdesk.Pass{Tickets: rows}, after(i+1))
				}
				if err != nil {
					t.Error(err)
				}
			}
		})
	}
	writers.Wait()
	close(done)
	readers.Wait()
}

// read writes down the deadlines of a snapshot.
func read(endangered func(time.Time) iter.Seq[*tickets.Deadline]) string {
	var all strings.Builder
	for deadline := range endangered(after(100_000)) {
		fmt.Fprintln(&all, deadline.Ticket, deadline.URL, deadline.Group, deadline.Target, deadline.Due)
	}
	return all.String()
}
