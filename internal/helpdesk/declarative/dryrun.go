package declarative

import (
	"context"
	"fmt"
	"maps"
	"slices"
	"strings"
	"time"

	"whatsapp_sla_exporter/internal/helpdesk"
)

// Report is what a dry run found out.
type Report struct {
	Profile string
	Rows    int // of the first page of open tickets
	More    bool
	Tickets []helpdesk.Ticket // the first of them, mapped
	// Failures are the rows that could not be mapped, by their place on the page.
	Failures []Failure
	// Missing counts, by field of the model, the rows that lack it; only fields that most tickets should have.
	Missing map[string]int
	// Unmapped counts values that the mapping did not know, by field.
	Unmapped map[string]int
}

// Failure is a row that could not be mapped.
type Failure struct {
	Row int // from 1
	Err error
}

// DryRun reads the first page of open tickets and maps its rows: what check-config --online shows of a profile. It
// keeps at most n tickets. An error is a request that failed, or an answer without rows.
func (c *Client) DryRun(ctx context.Context, n int) (*Report, error) {
	if err := c.loadTables(ctx); err != nil {
		return nil, err
	}
	r := c.begin(false)
	r.vars = c.vars()
	w := c.walk(&c.p.Open.List, r.vars)
	rows, err := w.next(ctx)
	if err != nil {
		return nil, err
	}
	joins, err := r.joinings(ctx, rows, nil)
	if err != nil {
		return nil, err
	}
	for _, js := range joins {
		if err := r.read(ctx, js, len(rows), make(map[int]bool)); err != nil {
			return nil, err
		}
	}
	out := &Report{Profile: c.p.Name, Rows: len(rows), More: w.more, Missing: make(map[string]int)}
	for i, v := range rows {
		t, err := r.ticket(ctx, v, joined(joins, i))
		if err != nil {
			out.Failures = append(out.Failures, Failure{i + 1, err})
			continue
		}
		for field, has := range expected(&t) {
			if !has {
				out.Missing[field]++
			}
		}
		if len(out.Tickets) < n {
			out.Tickets = append(out.Tickets, t)
		}
	}
	out.Unmapped = r.rows.Pass.Unmapped
	return out, nil
}

// expected says which of the fields that most tickets should have a ticket has.
func expected(t *helpdesk.Ticket) map[string]bool {
	return map[string]bool{
		"url": t.URL != "", "priority": t.Priority != "", "created_at": !t.CreatedAt.IsZero(), "updated_at": !t.UpdatedAt.IsZero(),
		"first_response_at or waiting_since": !t.FirstResponseAt.IsZero() || !t.WaitingSince.IsZero(),
	}
}

// String is the report for a person.
func (r *Report) String() string {
	var b strings.Builder
	more := ""
	if r.More {
		more = ", and there are more"
	}
	fmt.Fprintf(&b, "profile %s: %d open tickets on the first page%s, %d could not be mapped\n", r.Profile, r.Rows, more, len(r.Failures))
	for _, t := range r.Tickets {
		fmt.Fprintf(&b, "  %s\n", describeTicket(&t))
	}
	const shown = 5
	for _, f := range r.Failures[:min(shown, len(r.Failures))] {
		fmt.Fprintf(&b, "  row %d: %v\n", f.Row, f.Err)
	}
	if more := len(r.Failures) - shown; more > 0 {
		fmt.Fprintf(&b, "  and %d more rows\n", more)
	}
	for _, field := range slices.Sorted(maps.Keys(r.Missing)) {
		fmt.Fprintf(&b, "  without %s: %d of %d\n", field, r.Missing[field], r.Rows-len(r.Failures))
	}
	for _, field := range slices.Sorted(maps.Keys(r.Unmapped)) {
		fmt.Fprintf(&b, "  %s: %d values that the mapping does not know\n", field, r.Unmapped[field])
	}
	return b.String()
}

func describeTicket(t *helpdesk.Ticket) string {
	var b strings.Builder
	fmt.Fprintf(&b, "%s: %s (%s)", t.ID, t.Status, or(t.StatusRaw, "no word of its own"))
	for _, p := range []struct{ name, value string }{
		{"priority", t.Priority}, {"type", t.Type}, {"channel", t.Channel}, {"group", t.Group}, {"tags", strings.Join(t.Tags, ",")},
	} {
		if p.value != "" {
			fmt.Fprintf(&b, ", %s %s", p.name, p.value)
		}
	}
	for _, id := range slices.Sorted(maps.Keys(t.Fields)) {
		fmt.Fprintf(&b, ", field %s %s", id, t.Fields[id])
	}
	for _, p := range []struct {
		name string
		at   time.Time
	}{
		{"created", t.CreatedAt}, {"first response", t.FirstResponseAt}, {"last reply", t.LastAgentReplyAt}, {"waiting since", t.WaitingSince},
	} {
		if !p.at.IsZero() {
			fmt.Fprintf(&b, ", %s %s", p.name, p.at.Format(time.RFC3339))
		}
	}
	for _, n := range t.Native {
		switch {
		case n.Paused:
			fmt.Fprintf(&b, ", %s paused", n.Target)
		case !n.MetAt.IsZero():
			fmt.Fprintf(&b, ", %s answered %s", n.Target, n.MetAt.Format(time.RFC3339))
		default:
			fmt.Fprintf(&b, ", %s due %s", n.Target, n.Due.Format(time.RFC3339))
		}
	}
	return b.String()
}
