package declarative

import (
	"context"
	"errors"
	"fmt"
)

// Join brings rows of another list to each ticket.
type Join struct {
	List `yaml:",inline"`
	// Key is jq on the ticket's row, On on the joined row: they belong together where both are the same text.
	Key Expr `yaml:"key"`
	On  Expr `yaml:"on"`
	// When is jq on the ticket's row: whether it needs the join. Default always.
	When  Expr `yaml:"when"`
	Batch int  `yaml:"batch"`
	// Value is jq on the list of the ticket's joined rows: what $joined has of them. Default the list itself.
	Value Expr `yaml:"value"`
	// Version is jq on the ticket's row. Set, the value is kept until the version changes, and Budget bounds how many
	// tickets are read in one pass. Until its turn comes $joined has what was last known of a ticket, or null.
	Version Expr `yaml:"version"`
	Budget  int  `yaml:"budget"`
	// Tells is jq on a row of the changes, or of any list of tickets where the changes are tickets: the joined rows that
	// it carries, which need no call. Null where it carries none or does not tell.
	Tells  Expr   `yaml:"tells"`
	Recent Recent `yaml:"recent"`
	// Whole is jq on a value of rows that came by Tells or Recent: whether nothing is missing in it. Otherwise the
	// ticket is read.
	Whole Expr `yaml:"whole"`
	// Optional joins are left out where the credentials do not allow them.
	Optional bool `yaml:"optional"`
}

// Recent is a list of the joined rows of all tickets, the newest first: one call for all that are missing.
type Recent struct {
	List `yaml:",inline"`
	// At is jq on a row: when it was written.
	At Expr `yaml:"at"`
}

// want is a row that needs a join.
type want struct {
	index        int
	row          any
	key, version string
	have         versioned
}

// joining is a join for the rows of an answer.
type joining struct {
	*Join
	name    string
	values  map[int]any      // by row: what is known
	missing []want           // what has to be read for, each ticket once
	places  map[string][]int // the rows of a ticket that is missing, by its key
	vars    vars
}

// set gives all rows of a ticket that was missing their value.
func (js *joining) set(w want, value any) {
	for _, i := range js.places[w.key] {
		js.values[i] = value
	}
}

// miss notes that a ticket has to be read.
func (js *joining) miss(w want) {
	if js.places[w.key] = append(js.places[w.key], w.index); len(js.places[w.key]) == 1 {
		js.missing = append(js.missing, w)
	}
}

// joinings finds out what the joins have for rows, and what they have to read. Carried are the rows of the changes
// that carried these rows, nil where the rows came by another list.
func (r *pass) joinings(ctx context.Context, rows, carried []any) ([]*joining, error) {
	var all []*joining
	for name, j := range r.c.p.Joins {
		if r.c.isOff(name) {
			continue
		}
		js := &joining{Join: j, name: name, values: make(map[int]any), places: make(map[string][]int), vars: r.c.vars()}
		for i, v := range rows {
			if err := r.look(ctx, js, i, v, carried); err != nil {
				return nil, err
			}
		}
		if err := r.fill(ctx, js); err != nil {
			return nil, err
		}
		all = append(all, js)
	}
	return all, nil
}

// look finds what is known for a row.
func (r *pass) look(ctx context.Context, js *joining, i int, v any, carried []any) error {
	if js.When.set() {
		if need, err := js.When.run(ctx, rowTime, v, r.vars); err == nil && (need == false || need == nil) {
			return nil
		}
	}
	w := want{index: i, row: v}
	var ok bool
	if w.key, ok = r.text(ctx, &js.Key, v); !ok {
		return nil
	}
	if !js.Version.set() {
		js.miss(w)
		return nil
	}
	w.version, _ = r.text(ctx, &js.Version, v)
	w.have = r.c.remembered(js.name, w.key)
	current := w.have.whole && w.have.version == w.version
	if w.have.value != nil {
		js.values[i] = w.have.value
	}
	if current && carried == nil {
		return nil
	}
	told, err := r.tells(ctx, js, w, carried)
	switch {
	case err != nil:
		return err
	case told != nil && (len(told) > 0 || w.have.whole && !current):
		if current, err = r.fold(ctx, js, w, told); err != nil {
			return err
		}
	}
	if !current {
		js.miss(w)
	}
	return nil
}

// tells gives the joined rows that a row of the changes carries; nil where it does not tell.
func (r *pass) tells(ctx context.Context, js *joining, w want, carried []any) ([]any, error) {
	row := w.row
	switch {
	case !js.Tells.set(), carried == nil && r.c.p.Changes.Ticket.set():
		return nil, nil
	case carried != nil:
		row = carried[w.index]
	}
	js.vars["$row"], js.vars["$have"], js.vars["$part"] = w.row, w.have.value, true
	got, err := js.Tells.run(ctx, rowTime, row, js.vars)
	rows, ok := got.([]any)
	if err == nil && got != nil && !ok {
		err = errors.New("gives no list")
	}
	if err != nil {
		return nil, r.c.broken(&js.Request, fmt.Errorf("tells: %w", err))
	}
	return rows, nil
}

// fold adds rows that the changes carry to what is known of a ticket, and says whether it is whole then. What is not
// is kept only where nothing better was known.
func (r *pass) fold(ctx context.Context, js *joining, w want, rows []any) (whole bool, err error) {
	value, whole, err := r.added(ctx, js, w, rows)
	if err == nil && (whole || !w.have.whole) {
		js.values[w.index] = value
		r.c.keep(js.name, w, value, whole)
	}
	return whole, err
}

// added is what is known of a ticket with some more rows, and whether nothing is missing in it.
func (r *pass) added(ctx context.Context, js *joining, w want, rows []any) (value any, whole bool, err error) {
	js.vars["$row"], js.vars["$have"], js.vars["$part"] = w.row, w.have.value, true
	if value, err = js.value(ctx, rows, js.vars); err != nil {
		return nil, false, r.c.broken(&js.Request, err)
	}
	got, err := js.Whole.run(ctx, rowTime, value, js.vars)
	if err != nil {
		return nil, false, r.c.broken(&js.Request, fmt.Errorf("whole: %w", err))
	}
	return value, got == true, nil
}

func (r *pass) text(ctx context.Context, e *Expr, v any) (string, bool) {
	got, err := e.run(ctx, rowTime, v, r.vars)
	text, ok := scalar(got)
	return text, err == nil && ok && text != ""
}

// joined is what the mapping of a row finds in $joined.
func joined(all []*joining, row int) map[string]any {
	out := make(map[string]any, len(all))
	for _, js := range all {
		if value, ok := js.values[row]; ok {
			out[js.name] = value
		}
	}
	return out
}

// afford says how many rows, from the first, the budgets allow to read for.
func (r *pass) afford(all []*joining, rows int) int {
	for _, js := range all {
		if left := r.joins[js.name]; js.Version.set() && len(js.missing) > left {
			rows = min(rows, js.missing[left].index)
		}
	}
	return rows
}
