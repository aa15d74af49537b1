package poll

import (
	"context"
	"fmt"
	"path/filepath"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"

	"whatsapp_sla_exporter/internal/helpdesk"
	"whatsapp_sla_exporter/internal/sla"
	"whatsapp_sla_exporter/internal/state"
	"whatsapp_sla_exporter/internal/tickets"
)

// opened is when the tickets of these tests are opened. The first is answered in time, the second never, and nobody
// reads of either before both are due.
var opened = time.Date(2026, 3, 2, 9, 0, 0, 0, time.UTC)

func promised(id string, answered bool) helpdesk.Ticket {
	t := helpdesk.Ticket{
		ID: id, Status: sla.StatusOpen, Priority: "high", CreatedAt: opened, UpdatedAt: opened,
		Native: []helpdesk.NativeTarget{{Target: sla.FirstResponse, Start: opened, Due: opened.Add(30 * time.Minute)}},
	}
	if answered {
		at := opened.Add(20 * time.Minute)
		t.Native[0].MetAt, t.FirstResponseAt, t.LastAgentReplyAt, t.UpdatedAt = at, at, at, at
	}
	return t
}

// byScript is a helpdesk that answers one call after the other as it is written.
type byScript struct {
	t                  *testing.T
	changesIn, openIn  []*helpdesk.Pass
	changesAt, openedN int
}

func (s *byScript) Changes(_ context.Context, cursor string) (*helpdesk.Pass, error) {
	if s.changesAt >= len(s.changesIn) {
		s.t.Fatalf("call %d of Changes is not in the script", s.changesAt+1)
	}
	if want := ""; s.changesAt > 0 {
		if want = fmt.Sprint(s.changesAt); cursor != want {
			s.t.Errorf("call %d of Changes goes on at %q, want %q", s.changesAt+1, cursor, want)
		}
	}
	p := *s.changesIn[s.changesAt]
	s.changesAt++
	p.Cursor = fmt.Sprint(s.changesAt)
	return &p, nil
}

func (s *byScript) Open(context.Context) (*helpdesk.Pass, error) {
	if s.openedN >= len(s.openIn) {
		s.t.Fatalf("call %d of Open is not in the script", s.openedN+1)
	}
	s.openedN++
	return s.openIn[s.openedN-1], nil
}

func (*byScript) Lookup(context.Context, []string) (*helpdesk.Pass, error) {
	return &helpdesk.Pass{}, nil
}

// natively maps no ticket to a policy: the helpdesk's own deadlines are all there is.
type natively struct{}

func (natively) Map(*helpdesk.Ticket) (helpdesk.Assignment, bool) { return helpdesk.Assignment{}, true }

func (natively) Clock(string) (tickets.Evaluator, bool) { return nil, false }

// met and breached are the outcomes of a book.
func outcomesOf(b *tickets.Book) (met, breached uint64) {
	for _, o := range b.Snapshot().Outcomes {
		met, breached = met+o.Met, breached+o.Breached
	}
	return met, breached
}

// The pass in which a due has passed is not always one that would tell of the answer. Poll after poll, over restarts too,
// nothing is counted that such an answer could belie, and in the end each ticket once.
func TestAnAnswerInTimeIsNeverCountedAsABreachHoweverItIsRead(t *testing.T) {
	unread := rowsOf(promised("answered", false), promised("silent", false))
	now := rowsOf(promised("answered", true), promised("silent", false))
	answer := rowsOf(promised("answered", true))
	nothing, more, gap := rowsOf(), &helpdesk.Pass{More: true}, &helpdesk.Pass{Gap: true}
	for name, tc := range map[string]struct {
		changes, open []*helpdesk.Pass // the first poll, before the dues, reads both tickets
		restart       int              // before which poll; 0: never
		want          [][2]uint64      // met and breached after each poll
	}{
		"changes that take three polls": {
			[]*helpdesk.Pass{unread, more, more, answer, nothing},
			[]*helpdesk.Pass{unread},
			0,
			[][2]uint64{{}, {}, {}, {1, 1}, {1, 1}},
		},
		"changes that take three polls, the exporter restarted between them": {
			[]*helpdesk.Pass{unread, more, more, answer, nothing},
			[]*helpdesk.Pass{unread, now},
			2,
			[][2]uint64{{}, {}, {1, 0}, {1, 1}, {1, 1}},
		},
		"changes that were passed over": {
			[]*helpdesk.Pass{unread, gap, nothing, nothing},
			[]*helpdesk.Pass{unread, now},
			0,
			[][2]uint64{{}, {1, 0}, {1, 1}, {1, 1}},
		},
		"changes that were passed over, and open tickets that take three polls": {
			[]*helpdesk.Pass{unread, gap, nothing, nothing, nothing},
			[]*helpdesk.Pass{unread, more, more, now},
			0,
			[][2]uint64{{}, {}, {}, {1, 0}, {1, 1}},
		},
		"changes that were passed over, the exporter restarted before the open tickets were read": {
			[]*helpdesk.Pass{unread, gap, nothing, nothing, nothing},
			[]*helpdesk.Pass{unread, more, more, now},
			2,
			[][2]uint64{{}, {}, {}, {1, 1}, {1, 1}},
		},
		"changes that were passed over again while the open tickets were read": {
			[]*helpdesk.Pass{unread, gap, gap, nothing, nothing, nothing},
			[]*helpdesk.Pass{unread, more, more, unread, now},
			0,
			[][2]uint64{{}, {}, {}, {}, {1, 0}, {1, 1}},
		},
	} {
		t.Run(name, func(t *testing.T) {
			path := filepath.Join(t.TempDir(), "state.db")
			client := &byScript{t: t, changesIn: tc.changes, openIn: tc.open}
			at := opened.Add(time.Minute)
			var store *state.Store
			var book *tickets.Book
			var h *Helpdesk
			start := func() {
				store = openStore(t, path)
				var err error
				if book, err = tickets.NewBook(tickets.Options{Helpdesk: "support", Mapper: natively{}, Clocks: natively{}, Store: store}); err != nil {
					t.Fatal(err)
				}
				h = newTestHelpdesk(client, book, store, &at)
			}
			start()
			var got [][2]uint64
			for n := range tc.changes {
				if n > 0 && n == tc.restart {
					store.Close()
					start()
				}
				if err := h.Poll(t.Context()); err != nil {
					t.Fatal(err)
				}
				met, breached := outcomesOf(book)
				got = append(got, [2]uint64{met, breached})
				at = at.Add(4 * time.Minute)
				if n == 0 {
					at = at.Add(40 * time.Minute)
				}
			}
			if x := cmp.Diff(tc.want, got); x != "" {
				t.Error(x)
			}
		})
	}
}

func rowsOf(rows ...helpdesk.Ticket) *helpdesk.Pass { return &helpdesk.Pass{Tickets: rows} }
