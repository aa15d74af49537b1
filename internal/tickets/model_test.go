package tickets_test

import (
	"fmt"
	"maps"
	"slices"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"
	"github.com/google/go-cmp/cmp/cmpopts"
	"pgregory.net/rapid"

	"whatsapp_sla_exporter/internal/helpdesk"
	"whatsapp_sla_exporter/internal/sla"
	"whatsapp_sla_exporter/internal/tickets"
)

// TestABookKeptUpToDateIsOneReadAfresh changes tickets at random, over restarts and with all the ways in which rows
// come, and compares the book with one that reads the same open tickets for the first time.
func TestABookKeptUpToDateIsOneReadAfresh(t *testing.T) {
	fresh := 0
	rapid.Check(t, func(rt *rapid.T) {
		d := newDesk(t, func(o *tickets.Options) { o.Urgent = 3 })
		world := make(map[string]helpdesk.Ticket)
		for minute := range rapid.IntRange(1, 15).Draw(rt, "minutes") {
			at := after(minute + 1)
			var changed []helpdesk.Ticket
			for range rapid.IntRange(0, 4).Draw(rt, "changes") {
				row := drawChange(rt, world, at)
				world[row.ID] = row
				changed = append(changed, row)
			}
			poll(rt, d, world, changed, at)
		}
		d.reconcile(after(20), open(world)...)
		fresh++
		other := newDesk(t, func(o *tickets.Options) { o.Helpdesk, o.Urgent = fmt.Sprint("fresh ", fresh), 3 })
		other.reconcile(after(20), open(world)...)
		if diff := cmp.Diff(visible(other.Snapshot()), visible(d.Snapshot()), ignoreInner, cmpopts.EquateEmpty()); diff != "" {
			rt.Errorf("read afresh (-), kept up to date (+): %s", diff)
		}
		other.store.Close()
		d.store.Close()
	})
}

// drawChange opens a ticket or changes one.
func drawChange(t *rapid.T, world map[string]helpdesk.Ticket, at time.Time) helpdesk.Ticket {
	id := fmt.Sprint(rapid.IntRange(1, 6).Draw(t, "id"))
	row, known := world[id]
	if !known || row.Gone || row.Status.Done() {
		if known {
			id += "'" + fmt.Sprint(len(world))
		}
		row = ticket(id, at, pauses())
	}
	row.UpdatedAt = at
	for range rapid.IntRange(1, 3).Draw(t, "aspects") {
		switch rapid.IntRange(0, 6).Draw(t, "aspect") {
		case 0:
			replied(at)(&row)
		case 1:
			asked(at)(&row)
		case 2:
			row.Status = rapid.SampledFrom(slices.Concat(sla.OpenStatuses, []sla.Status{sla.StatusSolved})).Draw(t, "status")
		case 3:
			row.Priority = rapid.SampledFrom([]string{"high", "low", "none"}).Draw(t, "severity")
		case 4:
			row.Group = rapid.SampledFrom([]string{"acme", "strict", ""}).Draw(t, "policy")
		case 5:
			row.Form = rapid.SampledFrom([]string{"drop", ""}).Draw(t, "form")
		case 6:
			row.Gone = rapid.IntRange(0, 3).Draw(t, "gone") == 0
		}
	}
	return row
}

// poll tells the book of changes in one of the ways in which they come.
func poll(t *rapid.T, d *desk, world map[string]helpdesk.Ticket, changed []helpdesk.Ticket, at time.Time) {
	switch rapid.IntRange(0, 4).Draw(t, "how") {
	case 0: // repeated and in any order
		d.apply(at, append(rapid.Permutation(changed).Draw(t, "rows"), changed...)...)
	case 1: // the feed fails half way, then it is read again
		if err := d.Refresh(&helpdesk.Pass{Tickets: changed[:len(changed)/2]}, at); err != nil {
			t.Fatal(err)
		}
		d.apply(at, changed...)
	case 2: // a crash before the cursor moved
		d.apply(at, changed...)
		d.restart()
		d.apply(at, changed...)
		d.reconcile(at, open(world)...)
	case 3: // only the reconciliation tells
		missing := d.reconcile(at, open(world)...)
		for _, id := range missing {
			if row := world[id]; row.Gone {
				if err := d.Drop([]string{id}, at); err != nil {
					t.Fatal(err)
				}
			} else if err := d.Refresh(&helpdesk.Pass{Tickets: []helpdesk.Ticket{row}}, at); err != nil {
				t.Fatal(err)
			}
		}
	default:
		d.apply(at, changed...)
	}
}

func open(world map[string]helpdesk.Ticket) []helpdesk.Ticket {
	var rows []helpdesk.Ticket
	for _, id := range slices.Sorted(maps.Keys(world)) {
		if t := world[id]; t.Open() {
			rows = append(rows, t)
		}
	}
	return rows
}

// visible is what a snapshot says of the tickets there are, less what it remembers of those there were.
func visible(s *tickets.Snapshot) *tickets.Snapshot {
	return &tickets.Snapshot{
		ReadAt: s.ReadAt, Urgent: s.Urgent, Dropped: s.Dropped, Excluded: s.Excluded,
		Open:      slices.DeleteFunc(slices.Clone(s.Open), func(o tickets.OpenCount) bool { return o.Count == 0 }),
		Uncovered: slices.DeleteFunc(slices.Clone(s.Uncovered), func(u tickets.UncoveredCount) bool { return u.Count == 0 }),
		Targets: slices.DeleteFunc(slices.Clone(s.Targets), func(g tickets.TargetGroup) bool {
			return g.Counts(start) == [7]int{}
		}),
	}
}
