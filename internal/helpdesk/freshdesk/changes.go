package freshdesk

import (
	"context"
	"errors"
	"net/http"
	"net/url"
	"strconv"
	"strings"
	"time"

	"whatsapp_sla_exporter/internal/helpdesk"
	"whatsapp_sla_exporter/internal/helpdesk/feed"
	"whatsapp_sla_exporter/internal/upstream"
)

// Changes reads the tickets that changed since the cursor of an earlier pass. An empty cursor, or one that is not
// understood, begins Lookback ago. A pass that fails returns what it had read, beside the error; its cursor is then
// the one it began with. A history that is too long for one pass ends with More. Deleted tickets just leave the
// list: they are missed among all open ones.
func (c *Client) Changes(ctx context.Context, from string) (*helpdesk.Pass, error) {
	p := feed.Collect()
	next, err := c.changes(ctx, p, feed.ParsePosition(from))
	p.Pass.Cursor = next.String()
	if err != nil {
		p.Pass.Cursor = from
	}
	p.Pass.Skew = c.clock.Skew()
	return &p.Pass, err
}

func (c *Client) changes(ctx context.Context, p *feed.Collector, from feed.Position) (feed.Position, error) {
	if err := c.sitOut(ctx); err != nil {
		return from, err
	}
	mark := feed.Watermark{Time: from.At}
	switch {
	case from.At.IsZero():
		c.loadLabels(ctx, labelsEvery) // which tells Freshdesk's time, too
		from.At = c.clock.Now().Add(-c.o.Lookback)
	case from.Page == 0:
		from.At = from.At.Add(-overlap)
	}
	next, ended, err := c.walk(ctx, p, from, changePages)
	if err != nil {
		return from, err
	}
	p.Pass.More = !ended
	if ended { // a date in the future must not hide what changes until then
		next.At = mark.Advance(next.At, c.clock.Now()).Time
	}
	return next, nil
}

const listPath = "/api/v2/tickets"

// walk reads the list in the order of updated_at.
func (c *Client) walk(ctx context.Context, p *feed.Collector, from feed.Position, pages int) (feed.Position, bool, error) {
	next, ended, err := feed.Walk(from, pages, func(at feed.Position) ([]feed.Stamp, bool, error) { return c.page(ctx, p, at) })
	if errors.Is(err, feed.ErrRepeats) {
		err = upstream.Broken(http.MethodGet, listPath, err.Error())
	}
	return next, ended, err
}

// page reads one page of the list.
func (c *Client) page(ctx context.Context, p *feed.Collector, at feed.Position) ([]feed.Stamp, bool, error) {
	q := url.Values{
		"updated_since": {at.At.UTC().Format(time.RFC3339)}, "order_by": {"updated_at"}, "order_type": {"asc"},
		"include": {"stats"}, "per_page": {strconv.Itoa(c.o.PageSize)}, "page": {strconv.Itoa(at.Page)},
	}
	var list rows
	resp, err := c.get(ctx, listPath, q, &list)
	if err != nil {
		return nil, false, err
	}
	if list == nil {
		return nil, false, upstream.Broken(http.MethodGet, listPath, "an answer that is not a list of tickets")
	}
	var stamps []feed.Stamp
	for _, r := range c.add(ctx, p, list) {
		stamps = append(stamps, feed.Stamp{ID: feed.ID(r.ID), At: r.UpdatedAt.Time})
	}
	return stamps, len(list) >= c.o.PageSize || strings.Contains(resp.Header.Get("Link"), `rel="next"`), nil
}

// add reads rows and puts their tickets into the pass. A status whose label is not known makes the labels be read
// again.
func (c *Client) add(ctx context.Context, p *feed.Collector, list rows) []row {
	read := make([]row, 0, len(list))
	for _, raw := range list {
		r, err := readRow(raw)
		if err != nil {
			p.Bad(feed.ID(r.ID))
			continue
		}
		read = append(read, r)
	}
	c.meet(read)
	c.loadNewLabels(ctx, read)
	for i := range read {
		p.Put(c.ticket(&read[i], p.Pass.Unknown))
	}
	return read
}
