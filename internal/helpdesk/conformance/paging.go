package conformance

import (
	"maps"
	"testing"
	"time"

	"whatsapp_sla_exporter/internal/helpdesk/desktest"
	"whatsapp_sla_exporter/internal/sla"
)

// withoutPages is how many rows a feed without pages has.
const withoutPages = 60

// feedRows are two and a half pages of changes.
func (h *Harness) feedRows() int {
	if h.FeedPage == 0 {
		return withoutPages
	}
	return 5 * h.FeedPage / 2
}

// paging reads two and a half pages: every ticket, and each once.
func (h *Harness) paging(t *testing.T) {
	t.Run("of the changes", func(t *testing.T) {
		w, ids := h.fill(t, h.feedRows())
		if got, _ := w.changes(""); len(missing(ids, got)) > 0 {
			t.Errorf("%d of %d tickets are not among the changes: %v", len(missing(ids, got)), len(ids), missing(ids, got))
		}
	})
	t.Run("of all open tickets", func(t *testing.T) {
		w, ids := h.fill(t, 5*h.ListPage/2)
		if got := w.open(); len(missing(ids, got)) > 0 || len(got) != len(ids) {
			t.Errorf("%d open tickets, want %d; missing %v", len(got), len(ids), missing(ids, got))
		}
		if got := w.lookup(ids...); len(missing(ids, got)) > 0 || len(got) != len(ids) {
			t.Errorf("%d tickets looked up, want %d; missing %v", len(got), len(ids), missing(ids, got))
		}
	})
}

// resume reads on with another client, as after a restart. Nothing that happened meanwhile is passed over, and a poll
// in which little happened costs little.
func (h *Harness) resume(t *testing.T) {
	w, ids := h.fill(t, h.feedRows())
	_, cursor := w.changes("")
	w.client = w.newClient(w.options, w.Now)
	desktest.Must(t, w.Reply(ids[0]))
	added := w.Create(Seed{Number: 9001, Priority: "urgent"})
	w.Advance(24 * time.Hour)
	got, cursor := w.changes(cursor)
	if rest := missing([]string{ids[0], added}, got); len(rest) > 0 {
		t.Errorf("what changed while nobody read is passed over: %v", rest)
	}
	w.Advance(time.Hour)
	_, cursor = w.changes(cursor)
	w.Advance(time.Minute)
	desktest.Must(t, w.Reply(added))
	w.settle()
	var calls int
	for _, n := range w.spent(func() { got, _ = w.changes(cursor) }) {
		calls += n
	}
	if rest := missing([]string{added}, got); len(rest) > 0 || calls > h.Steady {
		t.Errorf("a poll costs %d calls, want at most %d; missing %v", calls, h.Steady, rest)
	}
}

// changesDuringChanges changes tickets before each further page of the changes. After one more pass everything is known
// as it is.
func (h *Harness) changesDuringChanges(t *testing.T) {
	w, ids := h.fill(t, h.feedRows())
	last := len(ids) - 1
	w.on(h.Feed, func(n int) {
		switch n {
		case 2:
			w.try(w.Reply(ids[0]), w.Solve(ids[1]), w.Reply(ids[last]), w.Solve(ids[last-1]))
			ids = append(ids, w.Create(Seed{Number: 9001, Priority: "high"}))
		case 3:
			w.try(w.Reply(ids[2]), w.Solve(ids[last-2]))
		}
	})
	got, cursor := w.changes("")
	w.on(h.Feed, func(int) {})
	w.settle()
	w.Advance(time.Minute)
	again, _ := w.changes(cursor)
	maps.Copy(got, again)
	if rest := missing(ids, got); len(rest) > 0 {
		t.Errorf("passed over: %v", rest)
	}
	for _, i := range []int{0, 2, last} {
		if !h.lacks(FirstResponse) && got[ids[i]].FirstResponseAt.IsZero() {
			t.Errorf("the answer to ticket %d is not seen", i+1)
		}
	}
	for _, i := range []int{1, last - 1, last - 2} {
		if s := got[ids[i]].Status; !s.Done() {
			t.Errorf("ticket %d is %s, want solved", i+1, s)
		}
	}
}

// try complains of what cannot be done, from any goroutine.
func (w *world) try(errs ...error) {
	for _, err := range errs {
		if err != nil {
			w.t.Error(err)
		}
	}
}

// changesDuringOpen takes tickets out of the list and puts some in while it is read. Those that stay where they are
// are all read: a page that shifts hides none of them.
func (h *Harness) changesDuringOpen(t *testing.T) {
	for name, change := range map[string]func(w *world, ids []string, n int){
		"tickets are solved": func(w *world, ids []string, n int) {
			w.try(w.Solve(ids[n]), w.Solve(ids[len(ids)-1-n]))
		},
		"tickets are reopened": func(w *world, ids []string, n int) {
			w.try(w.Reopen(ids[5+n]), w.Reopen(ids[len(ids)-6-n]))
		},
	} {
		t.Run(name, func(t *testing.T) {
			w, ids := h.fill(t, 5*h.ListPage/2)
			touched := map[string]bool{}
			for n := range 5 {
				for _, i := range []int{5 + n, len(ids) - 6 - n} {
					desktest.Must(t, w.Solve(ids[i]))
					touched[ids[i]] = true
				}
				touched[ids[n]], touched[ids[len(ids)-1-n]] = true, true
			}
			w.settle()
			w.Advance(time.Minute)
			w.on(h.List, func(n int) {
				if n > 1 && n <= 5 {
					change(w, ids, n-1)
				}
			})
			got := w.open()
			for _, id := range ids {
				if v, ok := got[id]; !touched[id] && (!ok || v.Status.Done()) {
					t.Errorf("ticket %s, which nobody touched, is passed over (%s)", id, v.Status)
				}
			}
		})
	}
}

// states of tickets that are looked at more than once.
const gone sla.Status = "gone"

func (all tickets) state(id string) sla.Status {
	v, ok := all[id]
	switch {
	case !ok:
		return ""
	case v.Gone:
		return gone
	}
	return v.Status
}
