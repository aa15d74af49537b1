package declarative

import (
	"context"
	"errors"
	"fmt"
	"slices"
	"time"

	"github.com/go-kit/log/level"

	"whatsapp_sla_exporter/internal/helpdesk"
)

// joined is what the joins have for one row.
type joined struct {
	values map[string]any
	late   bool // a value is not known yet, because the budget was spent
}

// joinMemory keeps the values of a join with versions.
type joinMemory struct {
	values   map[string]versioned
	offUntil time.Time // the credentials did not allow it
}

type versioned struct {
	version string
	value   any
}

// maxRemembered bounds the memory of a join.
const maxRemembered = 50_000

// offFor is how long an optional join that is not allowed is left out.
const offFor = time.Hour

func newJoinMemory() *joinMemory { return &joinMemory{values: make(map[string]versioned)} }

// want is a row that needs a join.
type want struct {
	index        int
	row          any
	key, version string
}

// afford says how many rows, from the first, the budgets of the joins allow.
func (r *pass) afford(ctx context.Context, rows []any) int {
	n := len(rows)
	for name, j := range r.c.p.Joins {
		if !j.Version.set() || r.c.isOff(name) {
			continue
		}
		_, missing := r.wanted(ctx, name, j, rows)
		if len(missing) > r.joins[name] {
			n = min(n, missing[r.joins[name]].index)
		}
	}
	return n
}

// wanted lists the rows that a join has something for: those whose value is remembered, and those to be read.
func (r *pass) wanted(ctx context.Context, name string, j *Join, rows []any) (known map[int]any, missing []want) {
	known = make(map[int]any)
	for i, v := range rows {
		if j.When.set() {
			if need, err := j.When.run(ctx, rowTime, v, r.vars); err == nil && (need == false || need == nil) {
				continue
			}
		}
		w := want{index: i, row: v}
		var ok bool
		if w.key, ok = r.text(ctx, &j.Key, v); !ok {
			continue
		}
		if j.Version.set() {
			w.version, _ = r.text(ctx, &j.Version, v)
			if value, ok := r.c.remembered(name, w); ok {
				known[i] = value
				continue
			}
		}
		missing = append(missing, w)
	}
	return known, missing
}

func (r *pass) text(ctx context.Context, e *Expr, v any) (string, bool) {
	got, err := e.run(ctx, rowTime, v, r.vars)
	text, ok := scalar(got)
	return text, err == nil && ok && text != ""
}

// join computes what $joined has for each row.
func (r *pass) join(ctx context.Context, rows []any) ([]joined, error) {
	out := make([]joined, len(rows))
	for i := range out {
		out[i].values = make(map[string]any, len(r.c.p.Joins))
	}
	for name, j := range r.c.p.Joins {
		if r.c.isOff(name) {
			continue
		}
		known, missing := r.wanted(ctx, name, j, rows)
		for i, value := range known {
			out[i].values[name] = value
		}
		if j.Version.set() {
			afforded := min(r.joins[name], len(missing))
			r.joins[name] -= afforded
			for _, w := range missing[afforded:] {
				out[w.index].late = true
			}
			missing = missing[:afforded]
		}
		if err := r.joinRows(ctx, name, j, missing, out); err != nil {
			return nil, err
		}
	}
	return out, nil
}

func (r *pass) joinRows(ctx context.Context, name string, j *Join, missing []want, out []joined) error {
	for some := range slices.Chunk(missing, j.Batch) {
		values, err := r.joinBatch(ctx, j, some)
		if err != nil && j.Optional && forbiddenOrMissing(err) {
			r.c.turnOff(name, err)
			return nil
		}
		if err != nil {
			return fmt.Errorf("join %s: %w", name, err)
		}
		for i, w := range some {
			out[w.index].values[name] = values[i]
			if j.Version.set() {
				r.c.keep(name, w, values[i])
			}
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
		r.bad("", orError(err, "a joined row names no ticket"))
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

func (c *Client) isOff(join string) bool {
	c.mu.Lock()
	defer c.mu.Unlock()
	return c.o.Now().Before(c.joins[join].offUntil)
}

func (c *Client) turnOff(join string, err error) {
	c.mu.Lock()
	c.joins[join].offUntil = c.o.Now().Add(offFor)
	c.mu.Unlock()
	level.Warn(c.o.Logger).Log("msg", "the credentials do not allow a join, going on without it", "join", join, "err", err)
}

func (c *Client) remembered(join string, w want) (any, bool) {
	c.mu.Lock()
	defer c.mu.Unlock()
	have, ok := c.joins[join].values[w.key]
	return have.value, ok && have.version == w.version
}

func (c *Client) keep(join string, w want, value any) {
	c.mu.Lock()
	defer c.mu.Unlock()
	m := c.joins[join]
	if len(m.values) >= maxRemembered {
		for key := range m.values { // any half: all of them can be read again
			if delete(m.values, key); len(m.values) <= maxRemembered/2 {
				break
			}
		}
	}
	m.values[w.key] = versioned{w.version, value}
}

// postpone remembers the tickets whose joins wait for their turn, the last changed first.
func (c *Client) postpone(late []helpdesk.Ticket) {
	slices.SortStableFunc(late, func(a, b helpdesk.Ticket) int { return b.UpdatedAt.Compare(a.UpdatedAt) })
	c.mu.Lock()
	defer c.mu.Unlock()
	c.backlog = nil
	for i := range late {
		c.backlog = append(c.backlog, late[i].ID)
	}
}

// deepen spends what a pass has left on tickets that wait for their joins. It brings nothing that the pass needs:
// a failure is left for the next pass to meet.
func (r *pass) deepen(ctx context.Context) {
	n := r.lookups
	for name, j := range r.c.p.Joins {
		if j.Version.set() {
			n = min(n, r.joins[name])
		}
	}
	r.c.mu.Lock()
	n = min(n, len(r.c.backlog))
	ids := slices.Clone(r.c.backlog[:n])
	r.c.mu.Unlock()
	if n == 0 {
		return
	}
	if err := r.lookup(ctx, ids); err != nil {
		level.Info(r.c.o.Logger).Log("msg", "reading more of the open tickets has to wait", "left", n, "err", err)
		return
	}
	r.c.mu.Lock()
	defer r.c.mu.Unlock()
	if len(r.c.backlog) >= n {
		r.c.backlog = r.c.backlog[n:]
	}
}
