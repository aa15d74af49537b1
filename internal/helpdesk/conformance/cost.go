package conformance

import (
	"testing"
	"time"

	"whatsapp_sla_exporter/internal/helpdesk/desktest"

	"github.com/google/go-cmp/cmp"
)

// Calls are how often paths were called.
type Calls map[string]int

// Costs are the calls at 10,000 open tickets.
type Costs struct {
	// First is the first pass over the changes of a client without a cursor, Open all open tickets. Together they are
	// a cold start.
	First, Open Calls
	// Steady is a poll in which ten tickets changed.
	Steady Calls
}

// Cost measures what a client's calls are at 10,000 open tickets, each opened a second after the other, an hour ago.
func Cost(t *testing.T, h Harness, want Costs) {
	t.Helper()
	w, ids := h.fill(t, 10_000)
	var cursor string
	var got Costs
	got.First = w.spent(func() {
		p, err := w.client.Changes(t.Context(), "")
		desktest.Must(t, err)
		cursor = p.Cursor
	})
	w.Advance(time.Minute)
	got.Open = w.spent(func() {
		if open := w.open(); len(open) != len(ids) {
			t.Errorf("%d open tickets, want %d", len(open), len(ids))
		}
	})
	w.Advance(time.Hour)
	desktest.Must(t, w.Reply(ids[10])) // so that an overlap is not with the 10,000
	w.settle()
	_, cursor = w.changes(cursor)
	w.Advance(time.Minute)
	for _, id := range ids[:10] {
		desktest.Must(t, w.Reply(id))
	}
	w.settle()
	w.Advance(time.Minute)
	got.Steady = w.spent(func() {
		if changed, _ := w.changes(cursor); len(missing(ids[:10], changed)) > 0 {
			t.Errorf("passed over: %v", missing(ids[:10], changed))
		}
	})
	if x := cmp.Diff(want, got); x != "" {
		t.Error(x)
	}
}
