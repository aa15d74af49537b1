package poll

import (
	"context"
	"errors"
	"path/filepath"
	"testing"
	"testing/synctest"
	"time"

	"github.com/go-kit/log"
	"github.com/google/go-cmp/cmp"

	"whatsapp_sla_exporter/internal/helpdesk"
)

// reconciled remembers what passed for all open tickets, and when their reading began.
type reconciled struct {
	fakeBook
	at []time.Time
}

func (b *reconciled) Reconcile(p *helpdesk.Pass, at time.Time) ([]string, error) {
	b.at = append(b.at, at)
	return b.fakeBook.Reconcile(p, at)
}

func TestAllOpenTicketsMayTakeSeveralPolls(t *testing.T) {
	const each = time.Minute
	began := time.Date(2026, 3, 2, 10, 0, 0, 0, time.UTC)
	gap := pass("c2")
	gap.Gap = true
	for name, tc := range map[string]struct {
		changes []*helpdesk.Pass // of the polls, the last of which repeats
		asked   []string
		at      []time.Time
	}{
		"changes are read between": {
			[]*helpdesk.Pass{pass("c1")},
			[]string{"changes since ", "open", "changes since c1", "open", "changes since c1", "open", "changes since c1", "changes since c1"},
			[]time.Time{began},
		},
		"what was passed over meanwhile makes them be read again": {
			[]*helpdesk.Pass{pass("c1"), gap, pass("c2")},
			[]string{"changes since ", "open", "changes since c1", "open", "changes since c2", "open", "changes since c2", "open", "changes since c2"},
			[]time.Time{began, began.Add(3 * each)},
		},
	} {
		t.Run(name, func(t *testing.T) {
			now := began
			client := &fakeHelpdesk{open: pass("", "1"), parts: 2}
			book := &reconciled{}
			h := newTestHelpdesk(client, book, openStore(t, filepath.Join(t.TempDir(), "state.db")), &now)
			for n := range 5 {
				client.changes = tc.changes[min(n, len(tc.changes)-1)]
				if err := h.Poll(t.Context()); err != nil {
					t.Fatal(err)
				}
				if h.Whole() != (n >= 2) {
					t.Errorf("after poll %d it is whole: %v", n+1, h.Whole())
				}
				now = now.Add(each)
			}
			if x := cmp.Diff(tc.asked, client.asked); x != "" {
				t.Error(x)
			}
			if x := cmp.Diff(tc.at, book.at); x != "" {
				t.Error(x)
			}
		})
	}
}

// fullDisk is a book that cannot keep what changed.
type fullDisk struct{ fakeBook }

func (*fullDisk) Apply(*helpdesk.Pass, time.Time) error { return errors.New("no space left on device") }

// A client may tell of a gap once only.
func TestAGapIsRememberedWhereThePassCouldNotBeKept(t *testing.T) {
	now := time.Date(2026, 3, 2, 10, 0, 0, 0, time.UTC)
	store := openStore(t, filepath.Join(t.TempDir(), "state.db"))
	client := &fakeHelpdesk{changes: pass("c1"), open: pass("")}
	h := newTestHelpdesk(client, &fakeBook{}, store, &now)
	if err := h.Poll(t.Context()); err != nil {
		t.Fatal(err)
	}
	gap := pass("c2")
	gap.Gap = true
	client.changes, h.book = gap, &fullDisk{}
	if err := h.Poll(t.Context()); err == nil {
		t.Fatal("a full disk gave no error")
	}
	client.changes, client.asked, h.book = pass("c3"), nil, &fakeBook{}
	if err := h.Poll(t.Context()); err != nil {
		t.Fatal(err)
	}
	if x := cmp.Diff([]string{"changes since c1", "open"}, client.asked); x != "" {
		t.Error(x)
	}
}

// inParts is a source that is whole with its third poll.
type inParts struct{ polls int }

func (*inParts) Name() string                 { return "support" }
func (*inParts) Type() string                 { return "freshdesk" }
func (p *inParts) Poll(context.Context) error { p.polls++; return nil }
func (p *inParts) Whole() bool                { return p.polls >= 3 }

// The polls of a first reading are one to those who wait for the source: it is neither read nor ready before the last.
func TestAFirstReadingInPartsIsOnePoll(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		ctx, cancel := context.WithCancel(t.Context())
		source, told := &inParts{}, &polled{}
		l := NewLoop(source, Options{Interval: time.Minute, Observer: told, Logger: log.NewNopLogger()})
		go l.Run(ctx)
		<-l.Tried()
		synctest.Wait()
		if source.polls != 3 || len(*told) != 1 {
			t.Errorf("ready after %d polls, of which %d were told; want 3 and 1", source.polls, len(*told))
		}
		cancel()
		synctest.Wait()
	})
}
