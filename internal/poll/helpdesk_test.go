package poll

import (
	"context"
	"errors"
	"path/filepath"
	"slices"
	"testing"
	"time"

	"github.com/go-kit/log"
	"github.com/google/go-cmp/cmp"

	"whatsapp_sla_exporter/internal/helpdesk"
	"whatsapp_sla_exporter/internal/state"
)

// fakeHelpdesk answers from fixed passes and remembers how it was asked.
type fakeHelpdesk struct {
	changes, open, lookup *helpdesk.Pass
	parts                 int // calls of Open that have more, before the one that brings all
	changesErr, openErr   error
	asked                 []string
}

func (f *fakeHelpdesk) Changes(_ context.Context, cursor string) (*helpdesk.Pass, error) {
	f.asked = append(f.asked, "changes since "+cursor)
	return f.changes, f.changesErr
}

func (f *fakeHelpdesk) Open(context.Context) (*helpdesk.Pass, error) {
	f.asked = append(f.asked, "open")
	if f.parts > 0 {
		f.parts--
		return &helpdesk.Pass{More: true}, nil
	}
	return f.open, f.openErr
}

func (f *fakeHelpdesk) Lookup(_ context.Context, ids []string) (*helpdesk.Pass, error) {
	f.asked = append(f.asked, "lookup "+ids[0])
	return f.lookup, nil
}

// fakeBook remembers what it was given.
type fakeBook struct{ held, applied, dropped []string }

func (b *fakeBook) Apply(p *helpdesk.Pass, _ time.Time) error {
	b.applied = append(b.applied, ids(p)...)
	return nil
}

func (b *fakeBook) Refresh(p *helpdesk.Pass, at time.Time) error { return b.Apply(p, at) }

func (b *fakeBook) Reconcile(p *helpdesk.Pass, _ time.Time) (missing []string, err error) {
	open := ids(p)
	for _, id := range b.held {
		if !slices.Contains(open, id) {
			missing = append(missing, id)
		}
	}
	return missing, nil
}

func (b *fakeBook) Drop(ids []string, _ time.Time) error {
	b.dropped = append(b.dropped, ids...)
	return nil
}

func ids(p *helpdesk.Pass) (out []string) {
	for _, t := range p.Tickets {
		out = append(out, t.ID)
	}
	return out
}

func pass(cursor string, ids ...string) *helpdesk.Pass {
	p := &helpdesk.Pass{Cursor: cursor}
	for _, id := range ids {
		p.Tickets = append(p.Tickets, helpdesk.Ticket{ID: id})
	}
	return p
}

func openStore(t *testing.T, path string) *state.Store {
	t.Helper()
	s, err := state.Open(path)
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { s.Close() })
	return s
}

func newTestHelpdesk(c HelpdeskClient, b Book, s *state.Store, now *time.Time) *Helpdesk {
	return NewHelpdesk(HelpdeskOptions{
		Name: "support", Type: "zendesk", Client: c, Book: b, Store: s, ReconcileEvery: time.Hour,
		Now: func() time.Time { return *now }, Logger: log.NewNopLogger(),
	})
}

func TestHelpdeskPoll(t *testing.T) {
	broken := errors.New("page 2 is HTML")
	for name, tc := range map[string]struct {
		client  fakeHelpdesk
		held    []string
		asked   []string
		applied []string
		dropped []string
		cursor  string
		fails   bool
	}{
		"a first poll reads the history and all open tickets": {
			client:  fakeHelpdesk{changes: pass("c1", "1"), open: pass("", "1", "2")},
			asked:   []string{"changes since ", "open"},
			applied: []string{"1"}, cursor: "c1",
		},
		"a bad page takes what came before it and does not move the watermark": {
			client:  fakeHelpdesk{changes: pass("c1", "1"), changesErr: broken},
			asked:   []string{"changes since "},
			applied: []string{"1"}, fails: true,
		},
		"a ticket that is not open any more is looked up, not dropped": {
			client: fakeHelpdesk{changes: pass("c1"), open: pass("", "1"), lookup: pass("", "7")},
			held:   []string{"1", "7"}, asked: []string{"changes since ", "open", "lookup 7"},
			applied: []string{"7"}, cursor: "c1",
		},
		"a ticket that the helpdesk does not know any more is dropped": {
			client: fakeHelpdesk{changes: pass("c1"), open: pass("", "1"), lookup: &helpdesk.Pass{Tickets: []helpdesk.Ticket{{ID: "7", Gone: true}}}},
			held:   []string{"1", "7"}, asked: []string{"changes since ", "open", "lookup 7"},
			dropped: []string{"7"}, cursor: "c1",
		},
		"a ticket whose row cannot be understood stays as it was": {
			client: fakeHelpdesk{changes: pass("c1"), open: pass("", "1"), lookup: &helpdesk.Pass{BadRows: 1}},
			held:   []string{"1", "7"}, asked: []string{"changes since ", "open", "lookup 7"}, cursor: "c1",
		},
		"open tickets that cannot be read drop nothing": {
			client: fakeHelpdesk{changes: pass("c1"), openErr: broken},
			held:   []string{"7"}, asked: []string{"changes since ", "open"}, cursor: "c1", fails: true,
		},
	} {
		t.Run(name, func(t *testing.T) {
			store := openStore(t, filepath.Join(t.TempDir(), "state.db"))
			now := time.Unix(1_790_000_000, 0)
			b := &fakeBook{held: tc.held}
			h := newTestHelpdesk(&tc.client, b, store, &now)
			if err := h.Poll(t.Context()); (err != nil) != tc.fails {
				t.Fatalf("error %v, want one: %v", err, tc.fails)
			}
			got := []any{tc.client.asked, b.applied, b.dropped, storedCursor(t, store)}
			if d := cmp.Diff([]any{tc.asked, tc.applied, tc.dropped, tc.cursor}, got); d != "" {
				t.Error(d)
			}
		})
	}
}

func storedCursor(t *testing.T, s *state.Store) (cursor string) {
	t.Helper()
	if err := s.View(func(tx *state.Tx) (err error) {
		cursor, _, err = cursors.Get(tx, "support")
		return err
	}); err != nil {
		t.Fatal(err)
	}
	return cursor
}

func TestHelpdeskGoesOnAtTheCursorAfterARestart(t *testing.T) {
	path := filepath.Join(t.TempDir(), "state.db")
	now := time.Unix(1_790_000_000, 0)
	client := &fakeHelpdesk{changes: pass("c1"), open: pass("")}
	store := openStore(t, path)
	if err := newTestHelpdesk(client, &fakeBook{}, store, &now).Poll(t.Context()); err != nil {
		t.Fatal(err)
	}
	store.Close()
	h := newTestHelpdesk(client, &fakeBook{}, openStore(t, path), &now)
	for range 3 { // the third is due for a reconciling pass again
		if err := h.Poll(t.Context()); err != nil {
			t.Fatal(err)
		}
		now = now.Add(31 * time.Minute)
	}
	want := []string{
		"changes since ", "open",
		"changes since c1", "open", "changes since c1", "changes since c1", "open",
	}
	if d := cmp.Diff(want, client.asked); d != "" {
		t.Error(d)
	}
}

func TestRefreshReadsTicketsWithoutMovingTheCursor(t *testing.T) {
	found := pass("", "7")
	found.Tickets = append(found.Tickets, helpdesk.Ticket{ID: "8", Gone: true})
	store, now := openStore(t, filepath.Join(t.TempDir(), "state.db")), time.Date(2026, 3, 2, 10, 0, 0, 0, time.UTC)
	client, book := &fakeHelpdesk{changes: pass("c1", "1"), open: pass("", "1"), lookup: found}, &fakeBook{}
	h := newTestHelpdesk(client, book, store, &now)
	if err := h.Poll(t.Context()); err != nil {
		t.Fatal(err)
	}
	if err := h.Refresh(t.Context(), []string{"7", "8"}); err != nil {
		t.Fatal(err)
	}
	if err := h.Poll(t.Context()); err != nil {
		t.Fatal(err)
	}
	want := []string{"changes since ", "open", "lookup 7", "changes since c1"}
	if d := cmp.Diff(want, client.asked); d != "" {
		t.Errorf("asked: %s", d)
	}
	if d := cmp.Diff([]string{"1", "7", "1"}, book.applied); d != "" {
		t.Errorf("taken: %s", d)
	}
	if d := cmp.Diff([]string{"8"}, book.dropped); d != "" {
		t.Errorf("dropped: %s", d)
	}
}

// slowHelpdesk refreshes tickets while it reads the changes.
type slowHelpdesk struct {
	*fakeHelpdesk
	during func()
}

func (s slowHelpdesk) Changes(ctx context.Context, cursor string) (*helpdesk.Pass, error) {
	s.during()
	return s.fakeHelpdesk.Changes(ctx, cursor)
}

func TestRefreshDuringAPollDropsNothing(t *testing.T) {
	found := pass("", "7")
	found.Tickets = append(found.Tickets, helpdesk.Ticket{ID: "8", Gone: true})
	store, now := openStore(t, filepath.Join(t.TempDir(), "state.db")), time.Date(2026, 3, 2, 10, 0, 0, 0, time.UTC)
	client, book := &fakeHelpdesk{changes: pass("c1", "1"), open: pass("", "1"), lookup: found}, &fakeBook{}
	var h *Helpdesk
	var err error
	h = newTestHelpdesk(slowHelpdesk{client, func() { err = h.Refresh(t.Context(), []string{"7", "8"}) }}, book, store, &now)
	if e := errors.Join(h.Poll(t.Context()), err); e != nil {
		t.Fatal(e)
	}
	if d := cmp.Diff([]string{"7", "1"}, book.applied); d != "" {
		t.Errorf("taken: %s", d)
	}
	if len(book.dropped) > 0 {
		t.Errorf("%v were dropped while the poll might bring them back", book.dropped)
	}
}

// deafHelpdesk cannot look up.
type deafHelpdesk struct{ *fakeHelpdesk }

func (deafHelpdesk) Lookup(context.Context, []string) (*helpdesk.Pass, error) {
	return nil, errors.New("page is HTML")
}

func TestARefreshThatFailsChangesNothing(t *testing.T) {
	now := time.Date(2026, 3, 2, 10, 0, 0, 0, time.UTC)
	book := &fakeBook{held: []string{"7"}}
	h := newTestHelpdesk(deafHelpdesk{&fakeHelpdesk{}}, book, openStore(t, filepath.Join(t.TempDir(), "state.db")), &now)
	if err := h.Refresh(t.Context(), []string{"7"}); err == nil || err.Error() != "looking up 1 tickets: page is HTML" {
		t.Errorf("%v", err)
	}
	if len(book.applied)+len(book.dropped) > 0 {
		t.Errorf("taken %v, dropped %v", book.applied, book.dropped)
	}
}

// pacedHelpdesk is a client that knows how much of its allowance is used.
type pacedHelpdesk struct{ fakeHelpdesk }

func (*pacedHelpdesk) Pace() (float64, time.Duration) { return 2, 41 * time.Second }

func TestHelpdeskIsPolledAtItsClientsPace(t *testing.T) {
	now := time.Now()
	if factor, atLeast := newTestHelpdesk(&pacedHelpdesk{}, nil, nil, &now).Pace(); factor != 2 || atLeast != 41*time.Second {
		t.Errorf("%v times, at least %v", factor, atLeast)
	}
	if factor, atLeast := newTestHelpdesk(&fakeHelpdesk{}, nil, nil, &now).Pace(); factor != 1 || atLeast != 0 {
		t.Errorf("a client without a pace: %v times, at least %v", factor, atLeast)
	}
}
