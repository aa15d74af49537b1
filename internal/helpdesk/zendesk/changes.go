package zendesk

import (
	"context"
	"fmt"
	"net/url"
	"strconv"
	"strings"
	"time"

	"github.com/go-kit/log/level"

	"whatsapp_sla_exporter/internal/helpdesk"
	"whatsapp_sla_exporter/internal/helpdesk/feed"
	"whatsapp_sla_exporter/internal/upstream"
)

// cursor is how far the changes were read. It can go on with either feed: with the export's own cursor where there
// is one, else from a time, so that a token that gains or loses its rights, or a cursor that Zendesk does not take
// any more, costs nothing but an overlap.
type cursor struct {
	at     time.Time // latest change read, by Zendesk's clock
	export string    // the export's cursor; empty with the list
}

func (c cursor) String() string { return strconv.FormatInt(c.at.Unix(), 10) + "|" + c.export }

func parseCursor(s string) (c cursor, ok bool) {
	at, export, found := strings.Cut(s, "|")
	n, err := strconv.ParseInt(at, 10, 64)
	if err != nil || !found || n < 0 {
		return c, false
	}
	return cursor{time.Unix(n, 0), export}, true
}

// Changes reads the tickets that changed since the cursor of an earlier pass. An empty cursor, or one that is not
// understood, begins Lookback ago. A pass that fails returns what it had read, beside the error; its cursor
// is then the one it began with.
//
// With an admin's token a history that is too long for one pass ends with More. With an agent's, a start or an
// outage that is too long to catch up with ends with Gap.
func (c *Client) Changes(ctx context.Context, from string) (*helpdesk.Pass, error) {
	start, ok := parseCursor(from)
	if !ok {
		start = cursor{at: c.serverNow().Add(-c.o.Lookback)}
	}
	p := c.collect()
	if err := c.changes(ctx, p, start, ok); err != nil {
		p.pass.Cursor = from
		return p.end(), err
	}
	return p.end(), nil
}

func (c *Client) changes(ctx context.Context, p *collector, start cursor, resumed bool) error {
	if !c.isAgent() {
		missed, err := c.adminChanges(ctx, p, start)
		if upstream.ReasonOf(err) != upstream.Permission {
			return joined(missed, err)
		}
		c.becomeAgent(err)
	}
	c.withoutEvents()
	pages := catchUpPages
	if !resumed {
		pages = recentPages
	}
	all, err := c.walk(ctx, p, start.at.Add(-overlap), pages)
	if err != nil {
		return err
	}
	p.pass.Gap = !all
	p.pass.Cursor = cursor{at: feed.Later(start.at, c.noLater(p.updated))}.String()
	return nil
}

// adminChanges reads what needs an admin's token, and the minute that the export leaves out. Missed is why metric
// events could not be read: then the deadlines of the tickets are those that were known before.
func (c *Client) adminChanges(ctx context.Context, p *collector, start cursor) (missed, err error) {
	missed = c.readEvents(ctx, p)
	if err = c.export(ctx, p, start); err != nil {
		return missed, err
	}
	if _, err = c.walk(ctx, p, c.serverNow().Add(-exportDelay), recentPages); err != nil || missed != nil {
		return missed, err
	}
	return nil, c.takeNews(ctx, p)
}

const exportPath = "/incremental/tickets/cursor"

// export reads the incremental export up to its end or to maxPages.
func (c *Client) export(ctx context.Context, p *collector, cur cursor) error {
	for p.exports < maxPages {
		p.exports++
		page, err := c.exportPage(ctx, &cur)
		if err != nil {
			return err
		}
		if !*page.EndOfStream && (page.AfterCursor == "" || page.AfterCursor == cur.export) {
			return broken(exportPath, "the export repeats a page: it does not end, and its cursor does not move")
		}
		p.add(ctx, incremental, page.Tickets, page.MetricSets, time.Time{})
		cur.at = feed.Later(cur.at, c.noLater(p.generated))
		if page.AfterCursor != "" {
			cur.export = page.AfterCursor
		}
		p.pass.Cursor = cur.String()
		if *page.EndOfStream {
			return nil
		}
	}
	p.pass.More = true
	return nil
}

// exportPage reads the page after a cursor. One that Zendesk refuses is left for the time that it stood for, a start
// that is too recent by Zendesk's clock is moved back by it, and a page that is too large is asked for with fewer
// rows.
func (c *Client) exportPage(ctx context.Context, cur *cursor) (*exportPage, error) {
	page, err := c.tryExportPage(ctx, *cur)
	switch {
	case cur.export != "" && about(err, "cursor"):
		level.Warn(c.o.Logger).Log("msg", "Zendesk does not take the cursor any more, reading on from its time", "err", err)
		*cur = cursor{at: cur.at.Add(-overlap)}
	case cur.export == "" && (about(err, "start_time") || about(err, "starttime")):
	case upstream.ReasonOf(err) == upstream.TooLarge && c.shrink():
		return c.exportPage(ctx, cur)
	default:
		return page, err
	}
	return c.tryExportPage(ctx, *cur)
}

// shrink halves the pages of the export, and says whether they could be halved.
func (c *Client) shrink() bool {
	c.mu.Lock()
	defer c.mu.Unlock()
	if c.pageSize <= 1 {
		return false
	}
	c.pageSize /= 2
	level.Warn(c.o.Logger).Log("msg", "a page of the incremental export is too large, asking for fewer rows", "rows", c.pageSize)
	return true
}

func (c *Client) tryExportPage(ctx context.Context, cur cursor) (*exportPage, error) {
	c.mu.Lock()
	q := url.Values{"per_page": {strconv.Itoa(c.pageSize)}}
	c.mu.Unlock()
	if cur.export != "" {
		q.Set("cursor", cur.export)
	} else {
		q.Set("start_time", strconv.FormatInt(c.startTime(cur.at).Unix(), 10))
	}
	var page exportPage
	if err := c.tickets(ctx, incremental, exportPath, q, &page); err != nil {
		return nil, err
	}
	if page.Tickets == nil || page.EndOfStream == nil {
		return nil, broken(exportPath, "an answer without tickets or end_of_stream")
	}
	return &page, nil
}

// noLater is a time of a row, or now, where the row has one to come: what changes until then must not be passed over.
func (c *Client) noLater(at time.Time) time.Time {
	if now := c.serverNow(); at.After(now) {
		return now
	}
	return at
}

const listPath = "/tickets"

// walk reads the ticket list, last changed first, until it comes to a change before until. All is false where it
// gave up after so many pages. A ticket that changes meanwhile moves to the front: it is seen again in the next
// pass, and none is passed over. The first try is one page that should hold what there is, going by the last walk.
func (c *Client) walk(ctx context.Context, p *collector, until time.Time, pages int) (all bool, err error) {
	c.mu.Lock()
	size := min(fullPage, max(smallBatch, 2*c.recent))
	c.mu.Unlock()
	if size < fullPage {
		if all, err = c.walkPages(ctx, p, until, size, 1); all || err != nil {
			return all, err
		}
	}
	return c.walkPages(ctx, p, until, fullPage, pages)
}

func (c *Client) walkPages(ctx context.Context, p *collector, until time.Time, size, pages int) (all bool, err error) {
	seen, recent := make(map[string]bool), 0
	defer func() {
		c.mu.Lock()
		c.recent = recent
		c.mu.Unlock()
	}()
	q := url.Values{"sort": {"-updated_at"}, "page[size]": {strconv.Itoa(size)}}
	for range pages {
		var page listPage
		if err := c.tickets(ctx, list, listPath, q, &page); err != nil {
			return false, err
		}
		if page.Tickets == nil || page.Meta.HasMore == nil {
			return false, broken(listPath, "an answer without tickets or meta.has_more")
		}
		n, reached := p.add(ctx, list, page.Tickets, page.MetricSets, until)
		recent += n
		if !*page.Meta.HasMore || reached {
			return true, nil
		}
		if err := next(listPath, q, page.Meta.AfterCursor, seen); err != nil {
			return false, err
		}
	}
	return false, nil
}

// next moves a list with cursor paging on, and refuses to go where it has been.
func next(path string, q url.Values, after string, seen map[string]bool) error {
	if after == "" || seen[after] {
		return broken(path, fmt.Sprintf("the list repeats a page: it says there is more, and its cursor does not move, after %d pages", len(seen)+1))
	}
	seen[after] = true
	q.Set("page[after]", after)
	return nil
}
