package declarative

import (
	"context"
	"errors"
	"fmt"
	"slices"
	"time"

	"github.com/go-kit/log/level"

	"whatsapp_sla_exporter/internal/helpdesk"
	"whatsapp_sla_exporter/internal/helpdesk/feed"
	"whatsapp_sla_exporter/internal/upstream"
)

// pass is one read of the helpdesk.
type pass struct {
	c       *Client
	rows    *feed.Collector
	vars    vars
	patient bool // waits for throttling to end instead of failing
	// lookups and joins are how many tickets may still be looked up because a row named them, and joined, by join.
	lookups int
	joins   map[string]int
	// deferring passes read for no ticket while they go through their list, and then for the most urgent.
	deferring bool
	// holding passes take no row that the budget of a join does not reach.
	holding bool
	since   time.Time // when the changes begin; zero where all that was ever written may be missing
	recent  map[string]*recent
	slow    int    // rows whose mapping took too long, one after the other
	late    []owed // tickets whose joins wait for their turn
	told    bool   // a row's mistake was logged
	// referred are the tickets that were looked up because a row named them, with when that was.
	referred map[string]time.Time
}

// mostSlow is how many rows in succession may take too long before the pass is given up.
const mostSlow = 10

func (c *Client) begin(patient bool) *pass {
	r := &pass{
		c: c, rows: feed.Collect(), patient: patient, lookups: c.p.Changes.Budget,
		joins: make(map[string]int), recent: make(map[string]*recent), referred: make(map[string]time.Time),
	}
	for name, j := range c.p.Joins {
		r.joins[name] = int(float64(j.Budget) * c.pace.plenty())
	}
	return r
}

// end is the pass, with the clock's skew.
func (r *pass) end() *helpdesk.Pass {
	r.rows.Pass.Skew = r.c.clock.Skew()
	if len(r.rows.Pass.Tickets) > 0 {
		r.c.puzzle(len(r.rows.Pass.Unmapped) > 0)
	}
	return &r.rows.Pass
}

// next reads a page, patiently where nobody waits for it.
func (r *pass) next(ctx context.Context, w *walk) (rows []any, err error) {
	if !r.patient {
		return w.next(ctx)
	}
	err = feed.Patiently(ctx, r.c.wait, func() (err error) {
		rows, err = w.next(ctx)
		return err
	})
	return rows, err
}

// open reads all open tickets.
func (r *pass) open(ctx context.Context) error {
	l := &r.c.p.Open
	r.vars = r.c.vars()
	w := r.c.walk(&l.List, r.vars)
	seen := 0
	for w.more {
		if w.read >= l.Page.Max {
			return r.c.broken(&l.Request, fmt.Errorf("more than %d pages of open tickets", l.Page.Max))
		}
		values, err := r.next(ctx, w)
		if err != nil {
			return err
		}
		seen += len(values)
		if _, err := r.put(ctx, values, nil); err != nil {
			return err
		}
		if l.Key.set() && len(values) > 0 {
			key, err := l.Key.run(ctx, rowTime, values[len(values)-1], r.vars)
			if err != nil {
				return r.c.broken(&l.Request, fmt.Errorf("open.key: %w", err))
			}
			w.rebase("$key", key)
		}
	}
	if seen > 0 && r.rows.Pass.BadRows == seen {
		return r.c.broken(&l.Request, fmt.Errorf("none of %d rows of open tickets could be mapped: check-config --online shows why", seen))
	}
	return nil
}

// lookup reads tickets by id, those that are not there as gone. Where a row could not be read, no ticket of the
// same answer is taken for gone.
func (r *pass) lookup(ctx context.Context, ids []string) error {
	l := &r.c.p.Lookup
	outer := r.vars
	defer func() { r.vars = outer }()
	for some := range slices.Chunk(ids, l.Batch) {
		r.vars = r.c.vars()
		r.vars["$ids"], r.vars["$id"] = list(some), some[0]
		bad := r.rows.Pass.BadRows
		w := r.c.walk(&l.List, r.vars)
		for w.more {
			if w.read >= l.Page.Max {
				return r.c.broken(&l.Request, fmt.Errorf("more than %d pages for %d tickets", l.Page.Max, len(some)))
			}
			values, err := r.next(ctx, w)
			if l.Batch == 1 && missing(err) {
				break
			}
			if err != nil {
				return err
			}
			if _, err := r.put(ctx, values, nil); err != nil {
				return err
			}
		}
		if r.rows.Pass.BadRows == bad {
			r.rows.Gone(some...)
		}
	}
	return nil
}

func list(ids []string) []any {
	out := make([]any, len(ids))
	for i, id := range ids {
		out[i] = id
	}
	return out
}

// put joins and maps rows of tickets, those that carried are the rows of the changes that had them. It says how many
// it took: all of them, unless the changes have to wait for joins.
func (r *pass) put(ctx context.Context, rows, carried []any) (int, error) {
	joins, err := r.joinings(ctx, rows, carried)
	if err != nil {
		return 0, err
	}
	n := len(rows)
	if r.holding {
		n = r.afford(joins, n)
	}
	late := make(map[int]bool)
	for _, js := range joins {
		if err := r.read(ctx, js, n, late); err != nil {
			return 0, err
		}
	}
	for i, v := range rows[:n] {
		t, err := r.ticket(ctx, v, joined(joins, i))
		if err == nil {
			r.slow = 0
			r.rows.Put(t)
			if late[i] && t.Open() {
				r.delay(v, &t)
			}
			continue
		}
		if err := r.spoilt(ctx, err); err != nil {
			return 0, err
		}
	}
	return n, nil
}

// spoilt counts a row that could not be mapped. Ten in succession that are too slow end the pass.
func (r *pass) spoilt(ctx context.Context, err error) error {
	if ctx.Err() != nil {
		return ctx.Err()
	}
	if errors.Is(err, errSlow) {
		if r.slow++; r.slow == mostSlow {
			return &upstream.Error{Reason: upstream.Decode, Call: "mapping rows", Err: fmt.Errorf("%d rows one after the other: %w", mostSlow, err)}
		}
	}
	r.bad(err)
	return nil
}

// bad counts a row that could not be understood, and tells of the first in a pass.
func (r *pass) bad(err error) {
	r.rows.Bad("")
	if !r.told {
		r.told = true
		level.Warn(r.c.o.Logger).Log("msg", "a row could not be understood, check-config --online shows more", "profile", r.c.p.Name, "err", err)
	}
}

func orError(err error, text string) error {
	if err == nil {
		return errors.New(text)
	}
	return err
}

// ticket maps a row.
func (r *pass) ticket(ctx context.Context, v any, joined map[string]any) (t helpdesk.Ticket, err error) {
	r.vars["$joined"] = joined
	out, err := r.c.p.Map.run(ctx, r.c.mapTime, v, r.vars)
	if err != nil {
		return t, err
	}
	t, unknown, err := r.c.p.times.ticket(out, r.c.o.KeepField, r.c.clock.Now())
	if err != nil {
		return t, err
	}
	for _, field := range unknown {
		value := "" // the mapping may have made it of anything
		if field == "status" {
			value = t.StatusRaw
		}
		r.rows.Pass.Unknown(field, value)
	}
	return t, nil
}
