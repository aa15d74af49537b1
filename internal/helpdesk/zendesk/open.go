package zendesk

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"net/url"
	"slices"
	"strconv"
	"strings"
	"time"

	"github.com/go-kit/log/level"

	"whatsapp_sla_exporter/internal/helpdesk"
	"whatsapp_sla_exporter/internal/helpdesk/feed"
	"whatsapp_sla_exporter/internal/upstream"
)

const (
	searchPath = "/search/export"
	showPath   = "/tickets/show_many"
	openQuery  = "type:ticket status<solved"
)

// Open reads all open tickets: their ids from the search export, the tickets themselves from show_many. It returns
// all of them or an error. The search index is a few minutes old: a ticket opened since may be missing (Changes
// brings it, Lookup confirms it), and one that was solved since comes with the status it has now.
func (c *Client) Open(ctx context.Context) (*helpdesk.Pass, error) {
	p := c.collect()
	ids, err := c.openIDs(ctx, p)
	if err != nil {
		return nil, err
	}
	if err := c.show(ctx, p, ids); err != nil {
		return nil, err
	}
	c.feed.sweep(ids, c.serverNow())
	if p.blind > 0 && c.feed.isReady() {
		level.Info(c.o.Logger).Log("msg", "of tickets older than the metric events that were read, only announced breaches are known: a longer lookback reads more",
			"tickets", p.blind, "lookback", c.o.Lookback)
	}
	return p.end(), nil
}

// Lookup reads single tickets. One that Zendesk does not show, because it was deleted or is hidden from the token,
// is gone.
func (c *Client) Lookup(ctx context.Context, ids []string) (*helpdesk.Pass, error) {
	p := c.collect()
	if err := c.show(ctx, p, ids); err != nil {
		return nil, err
	}
	return p.end(), nil
}

// openIDs searches for open tickets. Pages of the export may overlap: each ticket counts once.
func (c *Client) openIDs(ctx context.Context, p *collector) (ids []string, err error) {
	q := url.Values{"query": {openQuery}, "filter[type]": {"ticket"}, "page[size]": {strconv.Itoa(c.batch)}}
	seen, known := make(map[string]bool), make(map[int64]bool)
	for range openPages {
		var page listPage
		if err := c.patiently(ctx, func() error { return c.get(ctx, searchPath, q, &page) }); err != nil {
			return nil, err
		}
		if page.Results == nil || page.Meta.HasMore == nil {
			return nil, broken(searchPath, "an answer without results or meta.has_more")
		}
		for _, b := range page.Results {
			var only struct {
				ID int64 `json:"id"`
			}
			if json.Unmarshal(b, &only) != nil || only.ID <= 0 {
				p.pass.BadRows++
				continue
			}
			if !known[only.ID] {
				known[only.ID] = true
				ids = append(ids, feed.ID(only.ID))
			}
		}
		if !*page.Meta.HasMore {
			return ids, nil
		}
		if err := next(searchPath, q, page.Meta.AfterCursor, seen); err != nil {
			return nil, err
		}
	}
	return nil, broken(searchPath, fmt.Sprintf("more than %d pages of open tickets", openPages))
}

// show reads tickets by id. Those without a row are gone.
func (c *Client) show(ctx context.Context, p *collector, ids []string) error {
	for some := range slices.Chunk(ids, c.batch) {
		q := url.Values{"ids": {strings.Join(some, ",")}}
		var page listPage
		err := c.patiently(ctx, func() error { return c.tickets(ctx, showMany, showPath, q, &page) })
		if err != nil {
			return err
		}
		if page.Tickets == nil {
			return broken(showPath, "an answer without tickets")
		}
		p.add(ctx, showMany, page.Tickets, page.MetricSets, time.Time{})
		p.gone(some)
	}
	return nil
}

const (
	// longestWait is the longest Retry-After that a pass of many calls sits out: limits are per minute.
	longestWait = 90 * time.Second
	// mostWaits is how often one call is tried again.
	mostWaits = 5
)

// patiently calls f again after a throttling that says when it ends. A pass of hundreds of calls would otherwise
// never come to its end on an account whose allowance is small.
func (c *Client) patiently(ctx context.Context, f func() error) error {
	for n := 0; ; n++ {
		err := f()
		after := upstream.RetryAfterOf(err)
		if upstream.ReasonOf(err) != upstream.Throttled || after == 0 || after > longestWait || n == mostWaits {
			return err
		}
		level.Info(c.o.Logger).Log("msg", "throttled while reading all open tickets, waiting as told", "wait", after)
		if e := c.wait(ctx, after); e != nil {
			return errors.Join(err, e)
		}
	}
}
