package conformance

import (
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"
	"github.com/google/go-cmp/cmp/cmpopts"

	"whatsapp_sla_exporter/internal/helpdesk"
	"whatsapp_sla_exporter/internal/helpdesk/desktest"
)

// conversation follows who wrote when.
func (h *Harness) conversation(t *testing.T) {
	w, ids := h.fill(t, 1)
	id, opened := ids[0], desktest.Epoch.Add(-time.Hour-time.Second)
	_, cursor := w.changes("")
	step := func(what func(string) error) time.Time {
		w.Advance(10 * time.Minute)
		desktest.Must(t, what(id))
		return w.Now()
	}
	check := func(what string, first, reply, message, oldest time.Time) {
		t.Helper()
		w.settle()
		got, next := w.changes(cursor)
		cursor = next
		v, ok := got[id]
		if !ok {
			t.Fatalf("%s: the ticket is not among the changes", what)
		}
		waiting := oldest
		if h.lacks(OldestWaiting) && !oldest.IsZero() {
			waiting = message
		}
		for _, f := range []struct {
			fact      Fact
			got, want time.Time
		}{
			{FirstResponse, v.FirstResponseAt, first},
			{LastReply, v.LastAgentReplyAt, reply},
			{LastMessage, v.LastCustomerMessageAt, message},
			{Waiting, v.WaitingSince, waiting},
		} {
			if !h.lacks(f.fact) && !f.got.Equal(f.want) {
				t.Errorf("%s: %s is %v, want %v", what, f.fact, f.got, f.want)
			}
		}
	}
	var none time.Time
	step(w.Note)
	check("a note is no reply", none, none, opened, opened)
	first := step(w.Reply)
	check("answered", first, first, opened, none)
	asked := step(w.Write)
	check("the customer writes", first, first, asked, asked)
	more := step(w.Write)
	check("and again", first, first, more, asked)
	second := step(w.Reply)
	check("answered again", first, second, more, none)
}

// reopened solves a ticket and opens it again.
func (h *Harness) reopened(t *testing.T) {
	w, ids := h.fill(t, 2)
	id := ids[0]
	_, cursor := w.changes("")
	desktest.Must(t, w.Reply(id))
	desktest.Must(t, w.Solve(id))
	solved := w.Now()
	w.settle()
	w.Advance(time.Minute)
	got, cursor := w.changes(cursor)
	v, ok := got[id]
	if !ok || !v.Status.Done() || v.Gone || !v.WaitingSince.IsZero() {
		t.Fatalf("solved: %+v, known %v", v, ok)
	}
	if !h.lacks(SolvedAt) && !v.SolvedAt.Equal(solved) {
		t.Errorf("solved at %v, want %v", v.SolvedAt, solved)
	}
	if still, ok := w.open()[id]; ok && !still.Status.Done() {
		t.Errorf("a solved ticket is open: %+v", still)
	}
	if s := w.lookup(id).state(id); !s.Done() {
		t.Errorf("looked up, it is %s", s)
	}
	w.Advance(time.Minute)
	desktest.Must(t, w.Reopen(id))
	w.settle()
	w.Advance(time.Minute)
	got, _ = w.changes(cursor)
	if v = got[id]; !v.Open() || v.Status == "" || !v.SolvedAt.IsZero() {
		t.Errorf("reopened: %+v", v)
	}
	if v = w.open()[id]; !v.Open() || v.Status == "" {
		t.Errorf("reopened, among all open tickets: %+v", v)
	}
}

// reprioritised makes a ticket as urgent as another that was opened so: from then on there is no difference between
// them.
func (h *Harness) reprioritised(t *testing.T) {
	w := h.start(t, desktest.Epoch)
	high := w.Create(Seed{Number: 1, Priority: "high"})
	urgent := w.Create(Seed{Number: 2, Priority: "urgent"})
	w.settle()
	w.Advance(time.Minute)
	before, cursor := w.changes("")
	desktest.Must(t, w.Prioritise(high, "urgent"))
	w.settle()
	w.Advance(time.Minute)
	after, _ := w.changes(cursor)
	type urgency struct {
		Priority string
		Fields   map[string]string
		Native   []helpdesk.NativeTarget
	}
	of := func(v helpdesk.Ticket) urgency {
		u := urgency{v.Priority, v.Fields, v.Native}
		if h.lacks(NativeByUrgency) {
			u.Native = nil
		}
		return u
	}
	want := of(before[urgent])
	if x := cmp.Diff(want, of(after[high]), cmpopts.EquateEmpty()); x != "" {
		t.Error(x)
	}
	if cmp.Equal(want, of(before[high]), cmpopts.EquateEmpty()) {
		t.Error("nothing tells the two tickets apart before")
	}
}

// deleted takes a ticket away. It is gone where it is asked for, and nothing else is.
func (h *Harness) deleted(t *testing.T) {
	w, ids := h.fill(t, 3)
	_, cursor := w.changes("")
	desktest.Must(t, w.Delete(ids[1]))
	w.settle()
	w.Advance(time.Minute)
	got, _ := w.changes(cursor)
	if s := got.state(ids[1]); s != "" && s != gone {
		t.Errorf("among the changes a deleted ticket is %s", s)
	}
	w.checkLeft(ids, ids[1], func(v helpdesk.Ticket) bool { return v.Gone })
}

// merged makes a ticket part of another. Nobody has to work on it any more.
func (h *Harness) merged(t *testing.T) {
	w, ids := h.fill(t, 3)
	_, cursor := w.changes("")
	desktest.Must(t, w.Merge(ids[1], ids[2]))
	w.settle()
	w.Advance(time.Minute)
	got, _ := w.changes(cursor)
	if v, ok := got[ids[1]]; ok && v.Open() {
		t.Errorf("among the changes a merged ticket is %s", v.Status)
	}
	w.checkLeft(ids, ids[1], func(v helpdesk.Ticket) bool { return !v.Open() })
}

// checkLeft looks whether one ticket and no other left.
func (w *world) checkLeft(ids []string, id string, left func(helpdesk.Ticket) bool) {
	w.t.Helper()
	open := w.open()
	if v, ok := open[id]; ok && v.Open() {
		w.t.Errorf("it is among all open tickets, %s", v.Status)
	}
	delete(open, id)
	if len(open) != len(ids)-1 {
		w.t.Errorf("%d open tickets, want %d", len(open), len(ids)-1)
	}
	looked := w.lookup(ids...)
	for _, other := range ids {
		v, ok := looked[other]
		if want := other == id; !ok || left(v) != want || (other != id && v.Gone) {
			w.t.Errorf("looked up, ticket %s is told %v: %+v; want it to have left: %v", other, ok, v, want)
		}
	}
}
