package declarative

import (
	"context"
	"errors"
	"fmt"
	"slices"
	"time"

	"github.com/go-kit/log/level"

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
	r.since = since.Add(-r.c.p.times.fold(since, r.c.clock.Now()))
	r.vars["$since"] = seconds(r.since)
	if l.Order.Value == newestFirst {
		return r.backwards(ctx, mark, since)
	}
	w, began := r.c.walk(&l.List, r.vars), mark
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
			if r.rows.Pass.More = true; taken == len(page) && !mark.After(began.Time) {
				r.leap(mark)
			}
			return nil
		}
		if !w.more {
			return nil
		}
		// From where a whole page is of one time, the list would begin with that page again.
		if last := newest(page); last.After(oldest(page)) {
			w.rebase("$since", seconds(last.Add(-r.c.p.times.fold(last, r.c.clock.Now()))))
		}
	}
}

// leap goes on with what changes from now on, where so much changed at once, by a bulk edit, that a pass would not come
// beyond what it has to read again.
func (r *pass) leap(mark feed.Watermark) {
	now := r.c.clock.Now()
	level.Warn(r.c.o.Logger).Log("msg", "more tickets changed at once than a pass reads, reading all open ones instead", "since", mark.Time)
	r.rows.Pass.Cursor = mark.Advance(now, now).String()
	r.rows.Pass.More, r.rows.Pass.Gap = false, true
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

// salvage takes what was read before a failure, where there is still time for it.
func (r *pass) salvage(ctx context.Context, rows []row) (err error) {
	if ctx.Err() == nil {
		_, err = r.take(ctx, rows)
	}
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

// promptly moves the cursor of a pass that read everything to where nothing can come late any more.
func (r *pass) promptly() {
	if l := &r.c.p.Changes; l.Prompt {
		now := r.c.clock.Now()
		mark := feed.ParseWatermark(r.rows.Pass.Cursor).Advance(now.Add(-time.Duration(l.Overlap)), now)
		r.rows.Pass.Cursor = mark.String()
	}
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
			r.rows.Pass.Unknown("watermark", "")
			continue
		}
		rows[i].at = at
	}
	return rows
}

// take takes rows of the changes, as many as the budgets allow, and says how many.
func (r *pass) take(ctx context.Context, rows []row) (int, error) {
	named, n := r.references(ctx, rows)
	tickets, carried, places := r.carried(ctx, rows[:n])
	r.holding = !r.deferring
	taken, err := r.put(ctx, tickets, carried)
	r.holding = false
	if err != nil {
		return 0, err
	}
	if taken < len(tickets) {
		n = places[taken]
	}
	return n, r.refer(ctx, named, n)
}

// carried are the rows of tickets that rows of the changes are or carry, the latter with the rows that carry them, and
// which rows that were.
func (r *pass) carried(ctx context.Context, rows []row) (tickets, carried []any, places []int) {
	l := &r.c.p.Changes
	if l.Refer.set() && !l.Ticket.set() {
		return nil, nil, nil
	}
	for i, v := range rows {
		places = append(places, i)
		if !l.Ticket.set() {
			tickets = append(tickets, v.value)
			continue
		}
		got, err := l.Ticket.run(ctx, rowTime, v.value, r.vars)
		switch {
		case err != nil:
			r.bad(err)
			fallthrough
		case got == nil:
			places = places[:len(places)-1]
		default:
			tickets, carried = append(tickets, got), append(carried, v.value)
		}
	}
	return tickets, carried, places
}

// reference is a ticket that a row of the changes names.
type reference struct {
	id    string
	place int // of the row
}

// references are the tickets that rows name, each once for as long as no later row names it, and the rows that the
// budget of look-ups reaches.
func (r *pass) references(ctx context.Context, rows []row) (named []reference, n int) {
	if !r.c.p.Changes.Refer.set() {
		return nil, len(rows)
	}
	for n, v := range rows {
		got, err := r.c.p.Changes.Refer.run(ctx, rowTime, v.value, r.vars)
		ids, isList := got.([]any)
		if !isList && got != nil {
			ids = []any{got}
		}
		for _, one := range ids {
			id, ok := scalar(one)
			if !ok || id == "" {
				err = orError(err, "names no ticket")
				continue
			}
			if r.known(id, v.at) || slices.ContainsFunc(named, func(o reference) bool { return o.id == id }) {
				continue
			}
			if r.lookups == 0 {
				return named, n
			}
			r.lookups--
			named = append(named, reference{id, n})
		}
		if err != nil {
			r.bad(err)
		}
	}
	return named, len(rows)
}

// refer looks up the tickets that the first rows name.
func (r *pass) refer(ctx context.Context, named []reference, rows int) error {
	var ids []string
	for _, o := range named {
		if o.place < rows {
			ids = append(ids, o.id)
		}
	}
	now := r.c.clock.Now()
	if err := r.lookup(ctx, ids); err != nil {
		return err
	}
	for _, id := range ids {
		r.referred[id] = now
	}
	return nil
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
