package rt

import (
	"context"
	"slices"

	"whatsapp_sla_exporter/internal/helpdesk"
	"whatsapp_sla_exporter/internal/helpdesk/feed"
	"whatsapp_sla_exporter/internal/sla"
)

// add puts rows into a pass. Told are transactions of their tickets that were read with them; a ticket whose story is
// not known from these and earlier ones has it read.
func (c *Client) add(ctx context.Context, p *feed.Collector, rows []row, told []transaction) error {
	byTicket := make(map[int64]*row, len(rows))
	for i := range rows {
		byTicket[rows[i].ID.N] = &rows[i]
	}
	c.follow(byTicket, told)
	if err := c.readStories(ctx, p, byTicket); err != nil {
		return err
	}
	for i := range rows {
		p.Put(c.mapped(&rows[i], &p.Pass))
	}
	return nil
}

// follow goes on with the stories of tickets.
func (c *Client) follow(rows map[int64]*row, told []transaction) {
	for i := range told {
		t := &told[i]
		r := rows[t.Ticket.N]
		if r == nil {
			continue
		}
		s := c.stories[r.ID.N]
		if s == nil {
			if t.Type != "Create" {
				continue // its beginning is not here
			}
			s = &story{}
			c.stories[r.ID.N] = s
		}
		s.tell(t, momentOf(r.Created.Time), r.requestors())
	}
}

func (r *row) requestors() []int64 {
	ids := make([]int64, len(r.Requestors.V))
	for i, u := range r.Requestors.V {
		ids[i] = u.ID.N
	}
	return ids
}

// readStories reads the stories of tickets of which none is known.
func (c *Client) readStories(ctx context.Context, p *feed.Collector, rows map[int64]*row) error {
	var missing []int64
	for id := range rows {
		if c.stories[id] == nil {
			missing = append(missing, id)
		}
	}
	slices.Sort(missing)
	if len(missing) == 0 {
		return nil
	}
	told, err := c.storiesOf(ctx, p, missing)
	if err != nil {
		return err
	}
	for _, id := range missing {
		c.stories[id] = &story{version: momentOf(rows[id].LastUpdated.Time)}
	}
	c.follow(rows, told)
	return nil
}

// lag is how many seconds a ticket's LastUpdated may be behind its last transaction.
const lag = 2

// forgetOld forgets the stories of tickets that changed since they were told, so that they are read again.
func (c *Client) forgetOld(rows []row) {
	for i := range rows {
		s := c.stories[rows[i].ID.N]
		if s != nil && momentOf(rows[i].LastUpdated.Time) > s.version+lag {
			delete(c.stories, rows[i].ID.N)
		}
	}
}

// storiesOf reads the transactions of at most a hundred tickets, from their beginning.
func (c *Client) storiesOf(ctx context.Context, p *feed.Collector, ids []int64) (all []transaction, err error) {
	query := ofTickets + " AND " + oneOf("ObjectId", ids) + " AND " + storyTypes
	var after int64
	for range storyPages {
		var found []transaction
		var bad int
		var more bool
		err := feed.Patiently(ctx, c.wait, func() (err error) {
			found, bad, more, err = c.findTransactions(ctx, query, after)
			return err
		})
		if err != nil {
			return nil, err
		}
		p.Pass.BadRows += bad
		all = append(all, found...)
		if !more {
			return all, nil
		}
		after = found[len(found)-1].ID.N
	}
	return nil, broken(transactionsPath, "the transactions of a hundred tickets do not end")
}

// mapped is a row's ticket. The story of one that is done is forgotten.
func (c *Client) mapped(r *row, pass *helpdesk.Pass) helpdesk.Ticket {
	if _, ok := c.known(r.Status); !ok {
		pass.Unknown("status")
	}
	queue := r.Queue.ID.N
	s := c.stories[r.ID.N]
	s.queue = queue
	t := c.ticket(r, s, func(name string) sla.Status { return c.status(queue, name) })
	if !t.Open() {
		delete(c.stories, r.ID.N)
	}
	return t
}

// end is the pass, with the clock's skew.
func (c *Client) end(p *feed.Collector) *helpdesk.Pass {
	p.Pass.Skew = c.clock.Skew()
	return &p.Pass
}
