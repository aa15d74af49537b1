package rt

import (
	"context"
	"slices"
	"time"

	"whatsapp_sla_exporter/internal/helpdesk"
	"whatsapp_sla_exporter/internal/helpdesk/feed"
	"whatsapp_sla_exporter/internal/sla"
)

// take puts found tickets into a pass. Told are transactions of theirs that were read with them; a ticket whose story
// is not known from these and earlier ones has it read. Active says that the search was for active tickets.
func (c *Client) take(ctx context.Context, p *feed.Collector, page *ticketPage, told []transaction, active bool) error {
	if err := c.learnStatuses(ctx, page.rows, active); err != nil {
		return err
	}
	byTicket := make(map[int64]*row, len(page.rows))
	for i := range page.rows {
		byTicket[page.rows[i].ID.N] = &page.rows[i]
	}
	c.follow(byTicket, told)
	if err := c.readStories(ctx, p, byTicket); err != nil {
		return err
	}
	for i := range page.rows {
		p.Put(c.mapped(&page.rows[i], &p.Pass))
	}
	for _, id := range page.bad {
		p.Bad(idText(id))
	}
	return nil
}

// follow goes on with the stories of tickets. One to which a transaction belongs that is older than its last is forgotten,
// to be read anew: RT may have committed that later. Not so where the story was read long after it.
func (c *Client) follow(rows map[int64]*row, told []transaction) {
	for i := range told {
		t := &told[i]
		r := rows[t.Ticket.N]
		if r == nil {
			continue
		}
		s := c.stories[r.ID.N]
		switch {
		case s == nil && t.Type != "Create":
			continue // its beginning is not here
		case s == nil:
			s = &story{}
			c.stories[r.ID.N] = s
		case t.ID.N <= s.upTo && t.matters() && momentOf(t.Created.Time) > s.readAt-moment(late/time.Second):
			delete(c.stories, r.ID.N)
			continue
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
		c.stories[id] = c.begin(rows[id])
	}
	c.follow(rows, told)
	return nil
}

// begin is the story of a ticket of which nothing but its row is known.
func (c *Client) begin(r *row) *story {
	s := &story{version: momentOf(r.LastUpdated.Time), readAt: momentOf(c.clock.Now())}
	s.opened(momentOf(r.Created.Time), slices.Contains(r.requestors(), r.Creator.ID.N))
	return s
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

// forgetUnseen forgets the stories of tickets that were not among the open ones twice: somebody else follows them now. Once is
// too early, because they are looked up then.
func (c *Client) forgetUnseen(p *feed.Collector) {
	for id, s := range c.stories {
		seen := p.Has(idText(id))
		if !seen && s.unseen {
			delete(c.stories, id)
		}
		s.unseen = !seen
	}
}

// storiesOf reads what happened to tickets since they were opened.
func (c *Client) storiesOf(ctx context.Context, p *feed.Collector, ids []int64) (all []transaction, err error) {
	query := ofTickets + " AND " + oneOf("ObjectId", ids) + " AND " + storyTypes
	var after int64
	for range storyPages {
		var page *transactionPage
		err := feed.Patiently(ctx, c.wait, func() (err error) {
			page, err = c.findTransactions(ctx, query, after)
			return err
		})
		if err != nil {
			return nil, err
		}
		p.Pass.BadRows += page.bad
		all = append(all, page.found...)
		if !page.more {
			return all, nil
		}
		after = page.last
	}
	return nil, broken(transactionsPath, "the transactions of some tickets do not end")
}

// mapped is a row's ticket. The story of one that is done is forgotten.
func (c *Client) mapped(r *row, pass *helpdesk.Pass) helpdesk.Ticket {
	if _, ok := c.known(r.Status); !ok {
		pass.Unknown("status", r.Status)
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
