package zendesk

import (
	"context"
	"time"

	"whatsapp_sla_exporter/internal/helpdesk"
	"whatsapp_sla_exporter/internal/helpdesk/feed"
)

// collector puts the rows of a pass together. Of two rows of a ticket the newer stands, however they arrive.
type collector struct {
	c    *Client
	pass helpdesk.Pass
	at   map[string]place
	// newest is the latest change seen: updated is a row's own, generated the system's.
	updated, generated time.Time
	// asked are the ids of all rows, those that could not be read too.
	asked map[string]bool
	// exports counts the calls of incremental exports, blind the open tickets whose metric events would be needed and
	// are not all known. CaughtUp says that this pass read the last of the metric events.
	exports, blind int
	caughtUp       bool
}

type place struct {
	index     int
	generated int64
}

func (c *Client) collect() *collector {
	return &collector{c: c, at: make(map[string]place), asked: make(map[string]bool)}
}

// add reads rows. It tells how many of them changed at until or later, and whether there were earlier ones.
func (p *collector) add(ctx context.Context, from route, raw rows, sets metricSets, until time.Time) (recent int, reached bool) {
	read := make([]row, 0, len(raw))
	for _, b := range raw {
		r, err := readRow(b)
		p.asked[feed.ID(r.ID)] = true
		if err != nil {
			p.pass.BadRows++
			continue
		}
		if r.MetricSet == nil {
			r.MetricSet = sets.of(r.ID)
		}
		read = append(read, r)
	}
	p.c.sawDeadlines(from, read)
	p.c.loadStatuses(ctx, read)
	for i := range read {
		r := &read[i]
		if !p.c.feed.fill(r) && !statuses[r.Status].Done() {
			p.blind++
		}
		p.put(r)
		p.updated = feed.Later(p.updated, r.UpdatedAt.Time)
		p.generated = feed.Later(p.generated, time.Unix(r.Generated, 0))
		switch {
		case r.UpdatedAt.IsZero():
		case r.UpdatedAt.Before(until):
			reached = true
		default:
			recent++
		}
	}
	return recent, reached
}

func (p *collector) put(r *row) {
	id := feed.ID(r.ID)
	before, seen := p.at[id]
	if seen && (before.generated > r.Generated || p.pass.Tickets[before.index].UpdatedAt.After(r.UpdatedAt.Time)) {
		return
	}
	t := p.c.ticket(r, p.pass.Unknown)
	if seen {
		p.pass.Tickets[before.index] = t
		p.at[id] = place{before.index, r.Generated}
		return
	}
	p.at[id] = place{len(p.pass.Tickets), r.Generated}
	p.pass.Tickets = append(p.pass.Tickets, t)
}

// gone adds the tickets that were asked for and of which no row came.
func (p *collector) gone(ids []string) {
	for _, id := range ids {
		if !p.asked[id] {
			p.asked[id] = true
			p.pass.Tickets = append(p.pass.Tickets, helpdesk.Ticket{ID: id, Gone: true})
		}
	}
}

// end is the pass, with the clock's skew.
func (p *collector) end() *helpdesk.Pass {
	p.pass.Skew = p.c.currentSkew()
	return &p.pass
}
