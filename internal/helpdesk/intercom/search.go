package intercom

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"net/http"
	"net/url"
	"time"

	"github.com/go-kit/log/level"

	"whatsapp_sla_exporter/internal/helpdesk"
	"whatsapp_sla_exporter/internal/helpdesk/feed"
	"whatsapp_sla_exporter/internal/upstream"
)

const (
	searchPath = "/conversations/search"

	// overlap is read again with every pass: the search index may be late.
	overlap = 5 * time.Minute
	// maxPages is how many pages of changes one pass reads, openPages ends a list that does not end by itself.
	maxPages, openPages = 200, 5000
)

// Changes reads the conversations that changed since the cursor of an earlier pass. An empty cursor, or one that is
// not understood, begins Lookback ago. A pass that fails returns what it had read, beside the error; its cursor is
// then the one it began with. Rows come in no order that is documented, so a history too long for one pass (30,000
// conversations) cannot be gone on with, and ends with Gap.
func (c *Client) Changes(ctx context.Context, from string) (*helpdesk.Pass, error) {
	p := c.begin()
	mark := feed.ParseWatermark(from)
	if mark.IsZero() {
		mark.Time = c.clock.Now().Add(-c.o.Lookback)
	}
	ended, err := p.search(ctx, where("updated_at", ">", mark.Add(-overlap).Unix()), maxPages)
	if err != nil {
		p.rows.Pass.Cursor = from
		return p.end(), err
	}
	p.rows.Pass.Gap = !ended
	p.rows.Pass.Cursor = mark.Advance(p.newest, c.clock.Now()).String()
	return p.end(), nil
}

// Open reads all conversations that are not closed, or fails.
func (c *Client) Open(ctx context.Context) (*helpdesk.Pass, error) {
	p := c.begin()
	p.patient = true
	ended, err := p.search(ctx, where("state", "!=", stateClosed), openPages)
	if err != nil {
		return nil, err
	}
	if !ended {
		return nil, broken(fmt.Sprintf("more than %d pages of open conversations", openPages))
	}
	return p.end(), nil
}

// Lookup reads single conversations. Those that Intercom does not know are gone.
func (c *Client) Lookup(ctx context.Context, ids []string) (*helpdesk.Pass, error) {
	p := c.begin()
	p.patient = true
	inbox := c.findInbox(ctx)
	for _, id := range ids {
		var raw json.RawMessage
		err := p.call(ctx, upstream.Request{Path: "/conversations/" + url.PathEscape(id)}, &raw)
		if e, ok := errors.AsType[*upstream.Error](err); ok && e.Reason == upstream.NotFound && e.Code == notFoundCode {
			p.rows.Gone(id)
			continue
		}
		if err != nil {
			return nil, err
		}
		p.add(raw, inbox)
	}
	return p.end(), nil
}

// pass is one read of a workspace.
type pass struct {
	c      *Client
	rows   *feed.Collector
	newest time.Time
	// patient passes sit out a throttling that says when it ends.
	patient bool
}

func (c *Client) begin() *pass { return &pass{c: c, rows: feed.Collect()} }

func (p *pass) end() *helpdesk.Pass {
	p.rows.Pass.Skew = p.c.clock.Skew()
	return &p.rows.Pass
}

func (p *pass) call(ctx context.Context, r upstream.Request, v any) error {
	if !p.patient {
		return p.c.call(ctx, r, v)
	}
	return feed.Patiently(ctx, p.c.wait, func() error { return p.c.call(ctx, r, v) })
}

// filter is the condition of a search.
type filter struct {
	Field    string `json:"field"`
	Operator string `json:"operator"`
	Value    any    `json:"value"`
}

func where(field, operator string, value any) filter { return filter{field, operator, value} }

// question is the body of a search.
type question struct {
	Query      filter     `json:"query"`
	Pagination pagination `json:"pagination"`
}

type pagination struct {
	PerPage       int    `json:"per_page"`
	StartingAfter string `json:"starting_after,omitempty"`
}

// answer is a page of a search. Next is missing on the last.
type answer struct {
	Conversations *[]json.RawMessage `json:"conversations"`
	Pages         *struct {
		Next *struct {
			StartingAfter string `json:"starting_after"`
		} `json:"next"`
	} `json:"pages"`
}

// search walks through the pages. Ended is false where it gave up after so many.
func (p *pass) search(ctx context.Context, f filter, most int) (ended bool, err error) {
	inbox := p.c.findInbox(ctx)
	after, seen := "", make(map[string]bool)
	for range most {
		page, err := p.page(ctx, f, after)
		if err != nil {
			return false, err
		}
		for _, raw := range *page.Conversations {
			p.add(raw, inbox)
		}
		if page.Pages.Next == nil || page.Pages.Next.StartingAfter == "" {
			return true, nil
		}
		if after = page.Pages.Next.StartingAfter; seen[after] {
			return false, broken("the search repeats a page: it says there is more, and its cursor does not move")
		}
		seen[after] = true
	}
	return false, nil
}

// page reads a page, with fewer conversations where they are too large.
func (p *pass) page(ctx context.Context, f filter, after string) (page answer, err error) {
	p.c.mu.Lock()
	q := question{f, pagination{p.c.pageSize, after}}
	p.c.mu.Unlock()
	body, err := json.Marshal(q)
	if err != nil {
		return page, fmt.Errorf("writing a search: %w", err)
	}
	err = p.call(ctx, upstream.Request{Method: http.MethodPost, Path: searchPath, Body: body}, &page)
	switch {
	case upstream.ReasonOf(err) == upstream.TooLarge && p.c.shrink():
		return p.page(ctx, f, after)
	case err != nil:
		return page, err
	case page.Conversations == nil || page.Pages == nil:
		return page, broken("an answer without conversations or pages")
	}
	return page, nil
}

// shrink halves the pages, and says whether they could be halved.
func (c *Client) shrink() bool {
	c.mu.Lock()
	defer c.mu.Unlock()
	if c.pageSize <= 1 {
		return false
	}
	c.pageSize /= 2
	level.Warn(c.o.Logger).Log("msg", "a page of the search is too large, asking for fewer conversations", "conversations", c.pageSize)
	return true
}

// add takes a row.
func (p *pass) add(raw json.RawMessage, inbox string) {
	var r conversation
	if err := json.Unmarshal(raw, &r); err != nil || r.ID == "" {
		p.rows.Bad(string(r.ID))
		return
	}
	p.rows.Put(p.c.ticket(&r, inbox, p.rows.Pass.Unknown))
	if r.Updated.After(p.newest) {
		p.newest = r.Updated.Time
	}
}
