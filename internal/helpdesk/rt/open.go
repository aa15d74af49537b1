package rt

import (
	"context"
	"fmt"
	"net/url"
	"slices"
	"strconv"

	"whatsapp_sla_exporter/internal/helpdesk"
	"whatsapp_sla_exporter/internal/helpdesk/feed"
	"whatsapp_sla_exporter/internal/upstream"
)

const openQuery = "Status = '__Active__'"

// Open reads all open tickets, or returns an error. A token that lacks the rights to see any gets an error too: RT shows it
// empty lists.
func (c *Client) Open(ctx context.Context) (*helpdesk.Pass, error) {
	c.mu.Lock()
	defer c.mu.Unlock()
	p := feed.Collect()
	if err := c.open(ctx, p); err != nil {
		return nil, err
	}
	return c.end(p), nil
}

func (c *Client) open(ctx context.Context, p *feed.Collector) error {
	if err := c.tellVersion(ctx); err != nil {
		return err
	}
	newest, err := c.findNewest(ctx)
	if err != nil {
		return err
	}
	some := &ticketPage{}
	for n := range openPages {
		page, err := c.findTickets(ctx, openQuery, some.last)
		if err != nil {
			return err
		}
		some.append(page)
		if page.more && n%togetherPages < togetherPages-1 {
			continue
		}
		c.forgetOld(some.rows)
		if err := c.take(ctx, p, some, nil, true); err != nil {
			return err
		}
		if !page.more {
			c.newest = newest
			c.forgetUnseen(p)
			return c.checkRights(ctx, p)
		}
		some = &ticketPage{last: page.last}
	}
	return broken(ticketsPath, fmt.Sprintf("more than %d pages of open tickets", openPages))
}

// findNewest is the newest transaction that the token may see, 0 where the newest hundred are all hidden from it.
func (c *Client) findNewest(ctx context.Context) (int64, error) {
	q := url.Values{"query": {feedQuery}, "orderby": {"id"}, "order": {"DESC"}, "per_page": {strconv.Itoa(c.o.PageSize)}}
	var page list[reference]
	if err := c.patiently(ctx, transactionsPath, q, &page); err != nil {
		return 0, err
	}
	if len(page.Items) == 0 {
		return 0, nil
	}
	return page.Items[0].ID.N, nil
}

// checkRights looks whether a token that was shown no open ticket may see any at all.
func (c *Client) checkRights(ctx context.Context, p *feed.Collector) error {
	if len(p.Pass.Tickets) > 0 || p.Pass.BadRows > 0 {
		return nil
	}
	sees, err := c.sees(ctx, "id > 0")
	if err != nil {
		return err
	}
	if !sees {
		return denied(ticketsPath, "RT shows no ticket at all, open or not: the user of the token needs the rights ShowTicket and SeeQueue")
	}
	return nil
}

// sees says whether the token is shown any ticket that a query finds.
func (c *Client) sees(ctx context.Context, query string) (bool, error) {
	var page list[reference]
	if err := c.patiently(ctx, ticketsPath, url.Values{"query": {query}, "per_page": {"1"}}, &page); err != nil {
		return false, err
	}
	if page.Items == nil {
		return false, broken(ticketsPath, "an answer without items")
	}
	return len(page.Items) > 0, nil
}

// Lookup reads single tickets. One that was deleted, merged or moved out of sight is gone.
func (c *Client) Lookup(ctx context.Context, ids []string) (*helpdesk.Pass, error) {
	c.mu.Lock()
	defer c.mu.Unlock()
	p := feed.Collect()
	if err := c.lookup(ctx, p, ids); err != nil {
		return nil, err
	}
	return c.end(p), nil
}

func (c *Client) lookup(ctx context.Context, p *feed.Collector, ids []string) error {
	wanted := make(map[int64]bool, len(ids))
	for _, text := range ids {
		if id, err := strconv.ParseInt(text, 10, 64); err == nil && id > 0 && idText(id) == text {
			wanted[id] = true
		} else {
			p.Gone(text) // RT has no such ids
		}
	}
	for some := range slices.Chunk(sorted(wanted), c.o.PageSize) {
		page, err := c.findTickets(ctx, oneOf("id", some), 0)
		if err != nil {
			return err
		}
		c.forgetOld(page.rows)
		if err := c.take(ctx, p, page, nil, false); err != nil {
			return err
		}
		if err := c.askAfter(ctx, p, some); err != nil {
			return err
		}
	}
	return nil
}

// askAfter asks for each ticket that no search finds.
func (c *Client) askAfter(ctx context.Context, p *feed.Collector, ids []int64) error {
	for _, id := range ids {
		if p.Has(idText(id)) {
			continue
		}
		gone, err := c.isGone(ctx, id)
		if err != nil {
			return err
		}
		if gone {
			delete(c.stories, id)
			p.Gone(idText(id))
		}
	}
	return nil
}

// isGone says whether a ticket that no search finds was deleted, merged into another, or moved out of sight.
func (c *Client) isGone(ctx context.Context, id int64) (bool, error) {
	var now struct {
		ID     number `json:"id"`
		Status string `json:"Status"`
	}
	path := "/ticket/" + idText(id)
	var resp *upstream.Response
	err := feed.Patiently(ctx, c.wait, func() (err error) {
		resp, err = c.api.GetJSON(ctx, apiPath+path, nil, &now)
		c.clock.Learn(resp)
		return err
	})
	switch {
	case err == nil:
		return now.Status == statusDeleted || now.ID.Told && now.ID.N != id, nil
	case upstream.ReasonOf(err) == upstream.Permission:
		return c.isHidden(ctx, path, id)
	case upstream.ReasonOf(err) == upstream.NotFound && message(resp.Body) != "": // RT says it, and no proxy
		return true, nil
	}
	return false, err
}

// isHidden says whether a ticket was moved to where the token may not see it. A token that is shown no other ticket of
// the queue either has lost its rights: then nothing is known of the ticket.
func (c *Client) isHidden(ctx context.Context, path string, id int64) (bool, error) {
	query := "id > 0"
	if s := c.stories[id]; s != nil && s.queue > 0 {
		query = fmt.Sprintf("Queue = '%d'", s.queue)
	}
	sees, err := c.sees(ctx, query)
	if err != nil {
		return false, err
	}
	if !sees {
		return false, denied(path, "RT does not show the ticket any more, nor any other of its queue: the user of the token needs the rights ShowTicket and SeeQueue there")
	}
	return true, nil
}
