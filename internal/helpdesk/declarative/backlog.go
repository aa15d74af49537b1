package declarative

import (
	"context"
	"slices"
	"time"

	"whatsapp_sla_exporter/internal/helpdesk"
)

// owed is a ticket whose joins wait for their turn: as it was published, and the row it was made of.
type owed struct {
	row any
	id  string
	// due is when it is first due, or since when it waits for an answer; zero where it does neither.
	due, updated time.Time
}

// mostOwed is how many tickets wait at once. All open tickets are read again within the hour, in which fewer have
// their turn.
const mostOwed = 5_000

func newOwed(row any, t *helpdesk.Ticket) owed {
	return owed{row: row, id: t.ID, due: urgency(t), updated: t.UpdatedAt}
}

// urgency is the nearest of a ticket's own deadlines, or since when it waits for an answer.
func urgency(t *helpdesk.Ticket) time.Time {
	at := t.WaitingSince
	for _, n := range t.Native {
		if n.MetAt.IsZero() && !n.Paused && !n.Due.IsZero() && (at.IsZero() || n.Due.Before(at)) {
			at = n.Due
		}
	}
	return at
}

// before puts what is due or waits for an answer first, the longest, and of the rest what changed last.
func (o owed) before(other owed) int {
	switch {
	case o.due.IsZero() != other.due.IsZero():
		if o.due.IsZero() {
			return 1
		}
		return -1
	case !o.due.Equal(other.due):
		return o.due.Compare(other.due)
	}
	return other.updated.Compare(o.updated)
}

// bound keeps the most urgent.
func bound(all []owed) []owed {
	slices.SortStableFunc(all, owed.before)
	return slices.Clip(all[:min(mostOwed, len(all))])
}

// delay notes that a ticket was published before its joins were read.
func (r *pass) delay(row any, t *helpdesk.Ticket) {
	if r.late = append(r.late, newOwed(row, t)); len(r.late) >= 2*mostOwed {
		r.late = bound(r.late)
	}
}

// owe takes what all open tickets lack in the place of what was known to be missing.
func (c *Client) owe(late []owed) {
	c.mu.Lock()
	defer c.mu.Unlock()
	c.backlog = bound(late)
}

// settle forgets what was owed for the tickets of a pass, and takes what they lack now.
func (c *Client) settle(p *helpdesk.Pass, late []owed) {
	seen := make(map[string]bool, len(p.Tickets))
	for i := range p.Tickets {
		seen[p.Tickets[i].ID] = true
	}
	c.mu.Lock()
	defer c.mu.Unlock()
	c.backlog = bound(append(slices.DeleteFunc(c.backlog, func(o owed) bool { return seen[o.id] }), late...))
}

// catchUp spends what a pass has left on the tickets that wait for their joins.
func (r *pass) catchUp(ctx context.Context) error {
	n := -1
	for name, j := range r.c.p.Joins {
		if left := r.joins[name]; j.Version.set() && (n < 0 || left < n) {
			n = left
		}
	}
	r.c.mu.Lock()
	n = min(n, len(r.c.backlog))
	rows := make([]any, max(n, 0))
	for i := range rows {
		rows[i] = r.c.backlog[i].row
	}
	r.c.mu.Unlock()
	if n <= 0 {
		return nil
	}
	r.deferring, r.late = false, nil
	if _, err := r.put(ctx, rows, nil); err != nil {
		return err
	}
	r.c.mu.Lock()
	defer r.c.mu.Unlock()
	if len(r.c.backlog) >= n {
		r.c.backlog = r.c.backlog[n:]
	}
	return nil
}
