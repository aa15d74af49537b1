package declarative

import (
	"context"
	"errors"
	"fmt"
	"slices"
	"time"

	"whatsapp_sla_exporter/internal/helpdesk/feed"
)

// row is a row of the changes.
type row struct {
	value any
	at    time.Time // when it changed; zero where it does not tell
}

// changes reads what changed since the watermark.
func (r *pass) changes(ctx context.Context, mark feed.Watermark) error {
	l := &r.c.p.Changes
	since := mark.Add(-time.Duration(l.Overlap))
	r.vars = r.c.vars()
	r.vars["$since"] = seconds(since.Add(-r.c.p.times.fold(since, r.c.clock.Now())))
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
			w.rebase("$since", seconds(last.Add(-r.c.p.times.fold(last, r.c.clock.Now()))))
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
		at, ok := r.c.p.times.readBy(got, r.c.clock.Now())
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
