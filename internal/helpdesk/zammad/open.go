package zammad

import (
	"context"
	"errors"
	"net/http"
	"net/url"
	"slices"
	"strconv"
	"time"

	"whatsapp_sla_exporter/internal/helpdesk"
	"whatsapp_sla_exporter/internal/helpdesk/feed"
	"whatsapp_sla_exporter/internal/upstream"
)

// Open reads all tickets in a state that is open, the oldest first. One that was closed meanwhile comes as it was
// when it was read.
func (c *Client) Open(ctx context.Context) (*helpdesk.Pass, error) {
	if err := c.loadStates(ctx); err != nil {
		return nil, err
	}
	open := condition{"is", c.openStates()}
	p := feed.Collect()
	_, ended, err := c.walk(ctx, p, feed.Position{At: time.Unix(0, 0)}, openPages, "created_at", func(at time.Time) map[string]condition {
		return map[string]condition{"ticket.state_id": open, "ticket.created_at": since(at)}
	})
	if err == nil && !ended {
		err = broken("the list of open tickets does not end")
	}
	if err != nil {
		return nil, err
	}
	p.Pass.Skew = c.clock.Skew()
	return &p.Pass, nil
}

// Lookup reads single tickets. One that Zammad does not show, because it was deleted or is hidden from the token, is
// gone. Each of those is asked for on its own before it is called so.
func (c *Client) Lookup(ctx context.Context, ids []string) (*helpdesk.Pass, error) {
	if err := c.loadStates(ctx); err != nil {
		return nil, err
	}
	p := feed.Collect()
	for some := range slices.Chunk(ids, min(c.o.PageSize, 50)) { // no version gives fewer rows
		if err := c.lookup(ctx, p, some); err != nil {
			return nil, err
		}
	}
	p.Pass.Skew = c.clock.Skew()
	return &p.Pass, nil
}

func (c *Client) lookup(ctx context.Context, p *feed.Collector, ids []string) error {
	var numbers []int64
	for _, id := range ids {
		if n, err := strconv.ParseInt(id, 10, 64); err == nil {
			numbers = append(numbers, n)
		}
	}
	if len(numbers) > 0 {
		page, err := c.search(ctx, map[string]condition{"ticket.id": {"is", numbers}}, "id", 1)
		if err != nil {
			return err
		}
		c.add(ctx, p, page)
	}
	for _, id := range ids {
		if p.Has(id) {
			continue
		}
		if err := c.show(ctx, p, id); err != nil {
			return err
		}
	}
	return nil
}

// show reads one ticket.
func (c *Client) show(ctx context.Context, p *feed.Collector, id string) error {
	raw := make(rows, 1)
	err := c.call(ctx, upstream.Request{Path: "/api/v1/tickets/" + url.PathEscape(id), Query: url.Values{"expand": {"true"}}}, &raw[0])
	if e, ok := errors.AsType[*upstream.Error](err); ok && e.Code == apiError && (e.Status == http.StatusNotFound || e.Status == http.StatusForbidden) {
		c.waiting.Forget(id)
		p.Gone(id)
		return nil
	}
	if err == nil {
		c.add(ctx, p, raw)
	}
	return err
}
