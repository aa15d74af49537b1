package zammad

import (
	"context"
	"errors"
	"time"

	"whatsapp_sla_exporter/internal/helpdesk"
	"whatsapp_sla_exporter/internal/helpdesk/feed"
)

// Changes reads the tickets that changed since the cursor of an earlier pass. An empty cursor, or one that is not
// understood, begins Lookback ago. A pass that fails returns what it had read, beside the error; its cursor is then
// the one it began with. A history that is too long for one pass ends with More.
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
	if err := c.loadStates(ctx); err != nil { // which tells Zammad's time, too
		return from, err
	}
	mark := feed.Watermark{Time: from.At}
	switch {
	case from.At.IsZero():
		from.At = c.clock.Now().Add(-c.o.Lookback)
	case from.Page == 0:
		from.At = from.At.Add(-overlap)
	}
	next, ended, err := c.walk(ctx, p, from, changePages, "updated_at", func(at time.Time) map[string]condition {
		return map[string]condition{"ticket.updated_at": since(at)}
	})
	if err != nil {
		return from, err
	}
	p.Pass.More = !ended
	if ended { // a date in the future must not hide what changes until then
		next.At = mark.Advance(next.At, c.clock.Now()).Time
	}
	return next, nil
}

// walk reads tickets in the order of a column.
func (c *Client) walk(ctx context.Context, p *feed.Collector, from feed.Position, pages int, column string, where func(time.Time) map[string]condition) (feed.Position, bool, error) {
	next, ended, err := feed.Walk(from, pages, func(at feed.Position) ([]feed.Stamp, bool, error) {
		page, err := c.search(ctx, where(at.At), column, at.Page)
		if err != nil {
			return nil, false, err
		}
		stamps := make([]feed.Stamp, 0, len(page))
		for _, r := range c.add(ctx, p, page) {
			s := feed.Stamp{ID: feed.ID(r.ID), At: r.CreatedAt.Time}
			if column == "updated_at" {
				s.At = r.UpdatedAt.Time
			}
			stamps = append(stamps, s)
		}
		return stamps, c.full(len(page)), nil
	})
	if errors.Is(err, feed.ErrRepeats) {
		err = broken(err.Error())
	}
	return next, ended, err
}

// add reads the rows of a page and puts their tickets into the pass. A state that is not known yet makes the states be
// read again.
func (c *Client) add(ctx context.Context, p *feed.Collector, page rows) []row {
	read := make([]row, 0, len(page))
	for _, raw := range page {
		r, err := readRow(raw)
		if err != nil {
			p.Bad(feed.ID(r.ID))
			continue
		}
		read = append(read, r)
	}
	c.loadNewStates(ctx, read)
	for i := range read {
		p.Put(c.ticket(&read[i], p.Pass.Unknown))
	}
	return read
}
