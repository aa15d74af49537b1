package declarative

import (
	"context"
	"errors"
	"fmt"
	"maps"
	"slices"

	"whatsapp_sla_exporter/internal/upstream"
)

// recent is what a pass has read of the joined rows of all tickets, from the newest on.
type recent struct {
	walk *walk
	rows map[string][]any // by what they belong to
	over bool             // no more is to be read
}

// fill makes values that are missing of the recent rows, where the join has such a list: one call for many tickets. It
// reads back until nothing is missing, or until there is nothing more to be found, and never more pages than it would
// take to read the tickets one by one.
func (r *pass) fill(ctx context.Context, js *joining) error {
	if js.Recent.Path.Value == "" || len(js.missing) == 0 || r.c.isAlone(js.name) {
		return nil
	}
	pending := make(map[string]want, len(js.missing))
	for _, w := range js.missing {
		pending[w.key] = w
	}
	list := r.recentOf(js)
	keys := slices.Collect(maps.Keys(list.rows))
	for {
		if err := r.complete(ctx, js, list, keys, pending); err != nil {
			return err
		}
		if len(pending) == 0 || list.over || list.walk.read >= len(pending) {
			break
		}
		var err error
		if keys, err = r.readRecent(ctx, js, list); err != nil {
			if forbiddenOrMissing(err) || upstream.ReasonOf(err) == upstream.BadRequest {
				r.c.leaveAlone(js.name, err)
				break
			}
			return fmt.Errorf("join %s: %w", js.name, err)
		}
	}
	js.missing = slices.DeleteFunc(js.missing, func(w want) bool { _, still := pending[w.key]; return !still })
	return nil
}

// complete tries whether the rows that there are now make values whole, for some keys.
func (r *pass) complete(ctx context.Context, js *joining, list *recent, keys []string, pending map[string]want) error {
	for _, key := range keys {
		w, missing := pending[key]
		if !missing {
			continue
		}
		value, whole, err := r.added(ctx, js, w, list.rows[key])
		if err != nil {
			return err
		}
		if whole {
			r.c.keep(js.name, w, value, true)
			js.set(w, value)
			delete(pending, key)
		}
	}
	return nil
}

// recentOf is the pass's reading of a join's recent rows.
func (r *pass) recentOf(js *joining) *recent {
	if r.recent[js.name] == nil {
		v := r.c.vars()
		r.recent[js.name] = &recent{walk: r.c.walk(&js.Recent.List, v), rows: make(map[string][]any)}
	}
	return r.recent[js.name]
}

// readRecent reads a page, and says which tickets have rows on it.
func (r *pass) readRecent(ctx context.Context, js *joining, list *recent) (keys []string, err error) {
	rows, err := r.next(ctx, list.walk)
	if err != nil {
		return nil, err
	}
	list.over = !list.walk.more || list.walk.read >= js.Recent.Page.Max
	for _, row := range rows {
		on, ok := r.belongs(ctx, js.Join, row, "", list.walk.vars)
		if !ok {
			continue
		}
		list.rows[on] = append(list.rows[on], row)
		keys = append(keys, on)
		got, err := js.Recent.At.run(ctx, rowTime, row, list.walk.vars)
		at, ok := r.c.p.times.readBy(got, r.c.clock.Now())
		if err != nil || !ok {
			return nil, r.c.broken(&js.Recent.Request, errors.New("recent.at: gives no time"))
		}
		list.over = list.over || !at.IsZero() && at.Before(r.since)
	}
	slices.Sort(keys)
	return slices.Compact(keys), nil
}
