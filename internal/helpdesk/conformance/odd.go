package conformance

import (
	"slices"
	"testing"
	"time"

	"whatsapp_sla_exporter/internal/helpdesk/desktest"
	"whatsapp_sla_exporter/internal/sla"
)

// unknownStatus is counted and told by its word, and the ticket taken for open.
func (h *Harness) unknownStatus(t *testing.T) {
	w, ids := h.fill(t, 2)
	_, cursor := w.changes("")
	desktest.Must(t, w.UnknownStatus(ids[0]))
	w.settle()
	w.Advance(time.Minute)
	p, err := w.client.Changes(t.Context(), cursor)
	desktest.Must(t, err)
	got := tickets{}
	w.take(got, p)
	if s := got.state(ids[0]); s != sla.StatusOpen || p.Unmapped["status"] == 0 || p.BadRows != 0 {
		t.Errorf("changes: the ticket is %q, unmapped %v, %d bad rows", s, p.Unmapped, p.BadRows)
	}
	if words := p.Unheard["status"]; len(words) == 0 || slices.Contains(words, "") {
		t.Errorf("changes: the words told are %q", words)
	}
	if p, err = w.client.Open(t.Context()); err != nil || p.Unmapped["status"] == 0 {
		t.Fatalf("all open tickets: %+v, %v", p, err)
	}
	got = tickets{}
	w.take(got, p)
	if got.state(ids[0]) != sla.StatusOpen || len(got) != 2 {
		t.Errorf("all open tickets: %+v", got)
	}
}

// badRow is counted and costs nothing but itself. Nothing is known of its ticket: it is not gone.
func (h *Harness) badRow(t *testing.T) {
	w, ids := h.fill(t, 3)
	_, cursor := w.changes("")
	desktest.Must(t, w.BadRow(ids[1]))
	desktest.Must(t, w.Reply(ids[2]))
	w.settle()
	w.Advance(time.Minute)
	p, err := w.client.Changes(t.Context(), cursor)
	desktest.Must(t, err)
	got := tickets{}
	w.take(got, p)
	if _, ok := got[ids[1]]; ok || p.BadRows == 0 || got.state(ids[2]) == "" {
		t.Errorf("changes: %+v, %d bad rows", got, p.BadRows)
	}
	if p, err = w.client.Open(t.Context()); err != nil || p.BadRows == 0 || len(p.Tickets) != 2 {
		t.Errorf("all open tickets: %+v, %v", p, err)
	}
	p, err = w.client.Lookup(t.Context(), ids)
	desktest.Must(t, err)
	got = tickets{}
	w.take(got, p)
	if s := got.state(ids[1]); s != "" || got.state(ids[0]) == "" || got.state(ids[2]) == "" {
		t.Errorf("looked up, the ticket with the bad row is %q; all: %+v", s, got)
	}
}

// clockOff reads with a clock that is three hours from the helpdesk's: nothing is passed over, and the difference is
// told.
func (h *Harness) clockOff(t *testing.T) {
	for name, off := range map[string]time.Duration{"the helpdesk is ahead": 3 * time.Hour, "the helpdesk is behind": -3 * time.Hour} {
		t.Run(name, func(t *testing.T) {
			w, ids := h.fill(t, 2)
			w.client = w.newClient(w.options, func() time.Time { return w.Now().Add(-off) })
			w.Advance(time.Minute)
			p, err := w.client.Changes(t.Context(), "")
			desktest.Must(t, err)
			got := tickets{}
			w.take(got, p)
			if p.Skew != off || len(missing(ids, got)) > 0 {
				t.Errorf("skew %v, want %v; missing %v", p.Skew, off, missing(ids, got))
			}
			w.Advance(time.Hour)
			_, cursor := w.changes(p.Cursor)
			desktest.Must(t, w.Reply(ids[0]))
			w.settle()
			w.Advance(time.Minute)
			if got, _ = w.changes(cursor); got.state(ids[0]) == "" || !h.lacks(FirstResponse) && got[ids[0]].FirstResponseAt.IsZero() {
				t.Error("the answer is not seen")
			}
		})
	}
}
