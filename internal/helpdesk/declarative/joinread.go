package declarative

import (
	"context"
	"errors"
	"fmt"
	"slices"

	"github.com/go-kit/log/level"
)

// read reads what is missing for the first rows, as far as the budget allows, and notes which rows must wait.
func (r *pass) read(ctx context.Context, js *joining, rows int, late map[int]bool) error {
	some := js.missing
	if i := slices.IndexFunc(some, func(w want) bool { return w.index >= rows }); i >= 0 {
		some = some[:i]
	}
	if js.Version.set() {
		n := 0
		if !r.deferring {
			n = min(r.joins[js.name], len(some))
		}
		r.joins[js.name] -= n
		for _, w := range some[n:] {
			for _, i := range js.places[w.key] {
				late[i] = true
			}
		}
		some = some[:n]
	}
	for batch := range slices.Chunk(some, js.Batch) {
		err := r.readBatch(ctx, js, batch)
		if err != nil && js.Optional && forbiddenOrMissing(err) {
			r.c.turnOff(js.name, err)
			return nil
		}
		if err != nil {
			return fmt.Errorf("join %s: %w", js.name, err)
		}
	}
	return nil
}

// readBatch reads for some tickets. One that is not there any more stays as it was listed: that it is gone is for the
// lists to tell.
func (r *pass) readBatch(ctx context.Context, js *joining, some []want) error {
	values, err := r.joinBatch(ctx, js.Join, some)
	if js.Batch == 1 && !js.Optional && missing(err) {
		return nil
	}
	if err != nil {
		return err
	}
	for i, w := range some {
		js.set(w, values[i])
		if js.Version.set() {
			r.c.keep(js.name, w, values[i], true)
		}
	}
	return nil
}

// joinBatch reads the rows that belong to some tickets, and computes the value of each ticket.
func (r *pass) joinBatch(ctx context.Context, j *Join, some []want) ([]any, error) {
	keys := make([]string, len(some))
	for i, w := range some {
		keys[i] = w.key
	}
	v := r.c.vars()
	v["$ids"], v["$id"] = list(keys), keys[0]
	groups := make(map[string][]any)
	w := r.c.walk(&j.List, v)
	for w.more {
		if w.read >= j.Page.Max {
			return nil, r.c.broken(&j.Request, fmt.Errorf("more than %d pages for %d tickets", j.Page.Max, len(some)))
		}
		rows, err := r.next(ctx, w)
		if err != nil {
			return nil, err
		}
		for _, row := range rows {
			if on, ok := r.belongs(ctx, j, row, keys[0], v); ok {
				groups[on] = append(groups[on], row)
			}
		}
	}
	values := make([]any, len(some))
	for i, key := range keys {
		v["$row"] = some[i].row
		value, err := j.value(ctx, groups[key], v)
		if err != nil {
			return nil, r.c.broken(&j.Request, err)
		}
		values[i] = value
	}
	return values, nil
}

func (r *pass) belongs(ctx context.Context, j *Join, row any, only string, v vars) (string, bool) {
	if !j.On.set() {
		return only, true
	}
	got, err := j.On.run(ctx, rowTime, row, v)
	on, ok := scalar(got)
	if err != nil || !ok {
		r.bad(orError(err, "a joined row names no ticket"))
		return "", false
	}
	return on, true
}

func (j *Join) value(ctx context.Context, rows []any, v vars) (any, error) {
	if rows == nil {
		rows = []any{}
	}
	if !j.Value.set() {
		return rows, nil
	}
	value, err := j.Value.run(ctx, pageTime, rows, v)
	if err != nil && !errors.Is(err, ctx.Err()) {
		return nil, fmt.Errorf("value: %w", err)
	}
	return value, err
}

func (c *Client) turnOff(join string, err error) {
	c.mu.Lock()
	c.joins[join].offUntil = c.o.Now().Add(offFor)
	c.mu.Unlock()
	level.Warn(c.o.Logger).Log("msg", "the credentials do not allow a join, going on without it", "join", join, "err", err)
}
