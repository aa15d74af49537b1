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
	c     *Client
	rows  *feed.Collector
	vars  vars
	quiet bool // waits for throttling to end instead of failing
	// lookups and joins are how many tickets may still be looked up because a row named them, and joined, by join.
	lookups int
	joins   map[string]int
	slow    int               // rows whose mapping took too long, one after the other
	late    []helpdesk.Ticket // whose joins wait for their turn
	told    bool              // a row's mistake was logged
	// referred are the tickets that were looked up because a row named them, with when that was.
	referred map[string]time.Time
}

// row is a row of the changes.
type row struct {
	value any
	at    time.Time // when it changed; zero where it does not tell
}

// mostSlow is how many rows in succession may take too long before the pass is given up.
const mostSlow = 10

func (c *Client) begin(quiet bool) *pass {
	r := &pass{c: c, rows: feed.Collect(), quiet: quiet, lookups: c.p.Changes.Budget, joins: make(map[string]int), referred: make(map[string]time.Time)}
	for name, j := range c.p.Joins {
		r.joins[name] = j.Budget
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
	if !r.quiet {
		return w.next(ctx)
	}
	err = feed.Patiently(ctx, r.c.wait, func() (err error) {
		rows, err = w.next(ctx)
		return err
	})
	return rows, err
}

// changes reads what changed since the watermark.
func (r *pass) changes(ctx context.Context, mark feed.Watermark) error {
	l := &r.c.p.Changes
	since := mark.Add(-time.Duration(l.Overlap))
	r.vars = r.c.vars()
	r.vars["$since"] = seconds(since.Add(-r.c.p.times.fold(since)))
	if l.Order.Value == newestFirst {
		return r.backwards(ctx, mark, since)
	}
	w := r.c.walk(&l.List, r.vars)
	for {
		values, err := r.next(ctx, w)
		if err != nil {
			return err
		}
		page := r.dated(ctx, values)
		if at := oldest(page); !at.IsZero() && seconds(at) < r.vars["$since"].(float64)-1 {
			return r.c.broken(&l.Request, fmt.Errorf("the list has rows of before $since: it does not filter, or repeats a page"))
		}
		taken, err := r.take(ctx, page)
		if err != nil {
			return err
		}
		mark = r.advance(mark, page[:taken])
		if taken < len(page) || w.more && w.read >= l.Page.Max {
			r.rows.Pass.More = true
			return nil
		}
		if !w.more {
			return nil
		}
		if last := newest(page); !last.IsZero() {
			w.rebase("$since", seconds(last.Add(-r.c.p.times.fold(last))))
		}
	}
}

// backwards reads a list, newest first, until it comes to a row older than since.
func (r *pass) backwards(ctx context.Context, mark feed.Watermark, since time.Time) error {
	l := &r.c.p.Changes
	w := r.c.walk(&l.List, r.vars)
	var all []row
	for reached := false; w.more && !reached; {
		if w.read >= l.Page.Max {
			r.rows.Pass.Gap = true
			break
		}
		values, err := r.next(ctx, w)
		if err != nil {
			return errors.Join(err, r.salvage(ctx, all))
		}
		for _, v := range r.dated(ctx, values) {
			if !v.at.IsZero() && v.at.Before(since) {
				reached = true
				continue
			}
			all = append(all, v)
		}
	}
	slices.SortStableFunc(all, func(a, b row) int { return a.at.Compare(b.at) })
	taken, err := r.take(ctx, all)
	if err != nil {
		return err
	}
	r.advance(mark, all[:taken])
	r.rows.Pass.More = taken < len(all)
	return nil
}

// salvage takes what was read before a failure.
func (r *pass) salvage(ctx context.Context, rows []row) error {
	if ctx.Err() != nil {
		return nil
	}
	_, err := r.take(ctx, rows)
	return err
}

// advance moves the cursor past rows.
func (r *pass) advance(mark feed.Watermark, rows []row) feed.Watermark {
	now := r.c.clock.Now()
	for _, v := range rows {
		mark = mark.Advance(v.at, now)
	}
	r.rows.Pass.Cursor = mark.String()
	return mark
}

func newest(rows []row) (at time.Time) {
	for _, v := range rows {
		if v.at.After(at) {
			at = v.at
		}
	}
	return at
}

func oldest(rows []row) (at time.Time) {
	for _, v := range rows {
		if !v.at.IsZero() && (at.IsZero() || v.at.Before(at)) {
			at = v.at
		}
	}
	return at
}

// dated reads the watermark of each row.
func (r *pass) dated(ctx context.Context, values []any) []row {
	rows := make([]row, len(values))
	for i, v := range values {
		rows[i].value = v
		got, err := r.c.p.Changes.Watermark.run(ctx, rowTime, v, r.vars)
		at, ok := r.c.p.times.read(got)
		if err != nil || !ok || at.IsZero() {
			r.rows.Pass.Unknown("watermark")
			continue
		}
		rows[i].at = at
	}
	return rows
}

// take takes rows of the changes, as many as the budgets allow, and says how many.
func (r *pass) take(ctx context.Context, rows []row) (int, error) {
	if r.c.p.Changes.Refer.set() {
		return r.refer(ctx, rows)
	}
	values := make([]any, len(rows))
	for i, v := range rows {
		values[i] = v.value
	}
	n := r.afford(ctx, values)
	return n, r.put(ctx, values[:n])
}

// refer looks up the tickets that rows name, each once for as long as no later row names it.
func (r *pass) refer(ctx context.Context, rows []row) (taken int, err error) {
	var ids []string
	now := r.c.clock.Now()
	for ; taken < len(rows); taken++ {
		v := rows[taken]
		got, err := r.c.p.Changes.Refer.run(ctx, rowTime, v.value, r.vars)
		if err == nil && got == nil {
			continue // a row about something else than a ticket
		}
		id, ok := scalar(got)
		if err != nil || !ok || id == "" {
			r.bad("", orError(err, "names no ticket"))
			continue
		}
		if slices.Contains(ids, id) || r.known(id, v.at) {
			continue
		}
		if r.lookups == 0 {
			break
		}
		r.lookups--
		ids = append(ids, id)
	}
	if err := r.lookup(ctx, ids); err != nil {
		return 0, err
	}
	for _, id := range ids {
		r.referred[id] = now
	}
	return taken, nil
}

// known says whether a ticket was looked up after the change, in this pass or an earlier one.
func (r *pass) known(id string, at time.Time) bool {
	r.c.mu.Lock()
	defer r.c.mu.Unlock()
	seen, ok := r.c.told[id]
	if now, here := r.referred[id]; here {
		seen, ok = now, true
	}
	return ok && !at.IsZero() && at.Before(seen.Add(-sameTime))
}

// sameTime is how much a change and a reading may differ by the clocks of both sides and still be at the same time.
const sameTime = 5 * time.Second

// remember keeps when a good pass looked up which tickets, for as long as overlaps may tell of their changes again.
func (r *pass) remember() {
	r.c.mu.Lock()
	defer r.c.mu.Unlock()
	var latest time.Time
	for id, at := range r.referred {
		if at.After(r.c.told[id]) {
			r.c.told[id] = at
		}
		if at.After(latest) {
			latest = at
		}
	}
	keep := 3 * time.Duration(r.c.p.Changes.Overlap)
	for id, at := range r.c.told {
		if latest.Sub(at) > keep {
			delete(r.c.told, id)
		}
	}
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
		if err := r.put(ctx, values); err != nil {
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
	r.c.postpone(r.late)
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
			if err := r.put(ctx, values); err != nil {
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

// put joins and maps rows of tickets.
func (r *pass) put(ctx context.Context, rows []any) error {
	joined, err := r.join(ctx, rows)
	if err != nil {
		return err
	}
	for i, v := range rows {
		t, late, err := r.ticket(ctx, v, joined[i])
		switch {
		case err == nil:
			r.slow = 0
			r.rows.Put(t)
			if late {
				r.late = append(r.late, t)
			}
			continue
		case ctx.Err() != nil:
			return ctx.Err()
		case errors.Is(err, errSlow):
			if r.slow++; r.slow == mostSlow {
				return &upstream.Error{Reason: upstream.Decode, Call: "mapping rows", Err: fmt.Errorf("%d rows one after the other: %w", mostSlow, err)}
			}
		}
		r.bad("", err)
	}
	return nil
}

// bad counts a row that could not be understood, and tells of the first in a pass.
func (r *pass) bad(id string, err error) {
	r.rows.Bad(id)
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

// ticket maps a row. Late says that a join of it waits for its turn.
func (r *pass) ticket(ctx context.Context, v any, j joined) (t helpdesk.Ticket, late bool, err error) {
	r.vars["$joined"] = j.values
	out, err := r.c.p.Map.run(ctx, r.c.mapTime, v, r.vars)
	if err != nil {
		return t, false, err
	}
	t, unknown, err := r.c.p.times.ticket(out, r.c.o.KeepField)
	if err != nil {
		return t, false, err
	}
	for _, field := range unknown {
		r.rows.Pass.Unknown(field)
	}
	return t, j.late && t.Open(), nil
}
