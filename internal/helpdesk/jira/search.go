package jira

import (
	"context"
	"encoding/json"
	"fmt"
	"math"
	"net/http"
	"slices"
	"time"

	"github.com/go-kit/log/level"

	"whatsapp_sla_exporter/internal/helpdesk"
	"whatsapp_sla_exporter/internal/helpdesk/feed"
	"whatsapp_sla_exporter/internal/upstream"
)

const (
	searchPath = "/rest/api/3/search/jql"
	fetchPath  = "/rest/api/3/issue/bulkfetch"

	// overlap is read again with every pass: the index may be seconds late, and JQL counts in minutes.
	overlap = 5 * time.Minute
	// maxPages is how many pages of changes one pass reads, openPages ends a list that does not end by itself.
	maxPages, openPages = 50, 5000
	// batch is how many issues one request fetches by key.
	batch = 100
)

// Changes reads the issues that changed since the cursor of an earlier pass. An empty cursor, or one that is not
// understood, begins Lookback ago. A pass that fails returns what it had read, beside the error; its cursor is then
// the one it began with. A history too long for one pass ends with More; one that is too long because very much changed
// at once, with Gap.
func (c *Client) Changes(ctx context.Context, from string) (*helpdesk.Pass, error) {
	p := c.begin()
	mark := feed.ParseWatermark(from)
	if mark.IsZero() {
		mark.Time = c.clock.Now().Add(-c.o.Lookback)
	}
	err := p.changes(ctx, mark)
	if err != nil {
		p.rows.Pass.Cursor, p.rows.Pass.More = from, false
	}
	return p.end(), err
}

// Open reads all open issues, or fails.
func (c *Client) Open(ctx context.Context) (*helpdesk.Pass, error) {
	p := c.begin()
	if err := p.open(ctx); err != nil {
		return nil, err
	}
	return p.end(), nil
}

// Lookup reads single issues by their keys. Those that Jira does not show are gone; one that was moved has another
// key, and is gone under the old one.
func (c *Client) Lookup(ctx context.Context, keys []string) (*helpdesk.Pass, error) {
	p := c.begin()
	if err := p.lookup(ctx, keys); err != nil {
		return nil, err
	}
	return p.end(), nil
}

// pass is one read of a site.
type pass struct {
	c      *Client
	rows   *feed.Collector
	site   site
	budget int // of conversations
	// patient passes sit out a throttling that says when it ends.
	patient bool
}

func (c *Client) begin() *pass {
	return &pass{c: c, rows: feed.Collect(), budget: commentBudget}
}

func (p *pass) end() *helpdesk.Pass {
	p.rows.Pass.Skew = p.c.clock.Skew()
	return &p.rows.Pass
}

// question is the body of a search.
type question struct {
	JQL           string   `json:"jql"`
	Fields        []string `json:"fields"`
	MaxResults    int      `json:"maxResults"`
	NextPageToken string   `json:"nextPageToken,omitempty"`
}

// answer is a page of a search. Next is missing on the last.
type answer struct {
	Issues *[]json.RawMessage `json:"issues"`
	Next   string             `json:"nextPageToken"`
	Last   *bool              `json:"isLast"`
}

// rowFields are the fields that every issue is asked for: no summary, no description.
var rowFields = []string{
	"status", "priority", "issuetype", "project", "created", "updated", "resolutiondate", "statuscategorychangedate", "reporter", "labels", "comment",
}

func (s *site) wanted() []string {
	out := slices.Clone(rowFields)
	for id := range s.slas {
		out = append(out, id)
	}
	slices.Sort(out[len(rowFields):])
	return append(out, s.custom...)
}

func (p *pass) changes(ctx context.Context, mark feed.Watermark) (err error) {
	if p.site, err = p.c.learn(ctx); err != nil {
		return err
	}
	// JQL reads absolute times in the zone of the user's profile, relative ones from its own clock.
	minutes := int(math.Ceil(p.c.clock.Now().Sub(mark.Add(-overlap)).Minutes()))
	jql := fmt.Sprintf(`(%s) AND updated >= "-%dm" ORDER BY updated ASC`, p.site.filter, max(minutes, 1))
	began := mark
	err = p.pages(ctx, jql, maxPages, func(newest time.Time, more bool) {
		mark = mark.Advance(newest, p.c.clock.Now())
		p.rows.Pass.Cursor = mark.String()
		p.rows.Pass.More = more
	})
	if err == nil && p.rows.Pass.More && !mark.After(began.Time) {
		p.leap(mark)
	}
	return err
}

// leap goes on with what changes from now on, where so much changed at once, by a bulk edit, that a pass would not come
// beyond what it has to read again.
func (p *pass) leap(mark feed.Watermark) {
	now := p.c.clock.Now()
	level.Warn(p.c.o.Logger).Log("msg", "more issues changed at once than a pass reads, reading all open ones instead", "since", mark.Time)
	p.rows.Pass.Cursor = mark.Advance(now, now).String()
	p.rows.Pass.More, p.rows.Pass.Gap = false, true
}

func (p *pass) open(ctx context.Context) error {
	p.patient = true
	err := feed.Patiently(ctx, p.c.wait, func() (err error) {
		p.site, err = p.c.learn(ctx)
		return err
	})
	if err != nil {
		return err
	}
	more := false
	jql := fmt.Sprintf(`(%s) AND statusCategory != Done ORDER BY created ASC`, p.site.filter)
	err = p.pages(ctx, jql, openPages, func(_ time.Time, m bool) { more = m })
	if err == nil && more {
		return upstream.Broken(http.MethodPost, searchPath, fmt.Sprintf("more than %d pages of open issues", openPages))
	}
	return err
}

// pages walks through a search. Each is told of every page: the newest change on it, and whether there are more.
func (p *pass) pages(ctx context.Context, jql string, most int, each func(newest time.Time, more bool)) error {
	token, seen := "", make(map[string]bool)
	for range most {
		page, err := p.page(ctx, jql, token)
		if err != nil {
			return err
		}
		more := page.Next != "" && (page.Last == nil || !*page.Last)
		if more && seen[page.Next] {
			return upstream.Broken(http.MethodPost, searchPath, "the search repeats a page: it says there is more, and its token does not move")
		}
		seen[page.Next] = true
		each(p.add(ctx, *page.Issues), more)
		if !more {
			return nil
		}
		token = page.Next
	}
	return nil
}

// page reads a page, with fewer issues where they are too large.
func (p *pass) page(ctx context.Context, jql, token string) (page answer, err error) {
	p.c.mu.Lock()
	q := question{JQL: jql, Fields: p.site.wanted(), MaxResults: p.c.pageSize, NextPageToken: token}
	p.c.mu.Unlock()
	body, err := json.Marshal(q)
	if err != nil {
		return page, fmt.Errorf("writing a search: %w", err)
	}
	call := func() error {
		return p.c.call(ctx, upstream.Request{Method: http.MethodPost, Path: searchPath, Body: body}, &page)
	}
	if p.patient {
		err = feed.Patiently(ctx, p.c.wait, call)
	} else {
		err = call()
	}
	switch {
	case upstream.ReasonOf(err) == upstream.TooLarge && p.c.shrink():
		return p.page(ctx, jql, token)
	case err != nil:
		return page, err
	case page.Issues == nil || page.Last == nil && page.Next == "":
		return page, upstream.Broken(http.MethodPost, searchPath, "an answer without issues, or without isLast and nextPageToken")
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
	level.Warn(c.o.Logger).Log("msg", "a page of the search is too large, asking for fewer issues", "issues", c.pageSize)
	return true
}

// add takes rows and tells the newest change among them.
func (p *pass) add(ctx context.Context, raw []json.RawMessage) (newest time.Time) {
	for _, b := range raw {
		i, err := readIssue(b)
		if err != nil || i.Key == "" {
			p.rows.Bad(i.Key)
			continue
		}
		p.rows.Put(p.c.ticket(i, &p.site, p.c.converse(ctx, i, &p.budget), p.rows.Pass.Unknown))
		newest = feed.Later(newest, i.Fields.Updated.Time)
	}
	return newest
}

func (p *pass) lookup(ctx context.Context, keys []string) (err error) {
	err = feed.Patiently(ctx, p.c.wait, func() (err error) {
		p.site, err = p.c.learn(ctx)
		return err
	})
	if err != nil {
		return err
	}
	for some := range slices.Chunk(keys, batch) {
		bad := p.rows.Pass.BadRows
		body, err := json.Marshal(map[string]any{"issueIdsOrKeys": some, "fields": p.site.wanted()})
		if err != nil {
			return fmt.Errorf("writing a request: %w", err)
		}
		var page struct {
			Issues *[]json.RawMessage `json:"issues"`
			// Errors are issues that could not be shown this time.
			Errors []struct {
				ID string `json:"id"`
			} `json:"issueErrors"`
		}
		err = feed.Patiently(ctx, p.c.wait, func() error {
			return p.c.call(ctx, upstream.Request{Method: http.MethodPost, Path: fetchPath, Body: body}, &page)
		})
		if err != nil {
			return err
		}
		if page.Issues == nil {
			return upstream.Broken(http.MethodPost, fetchPath, "an answer without issues")
		}
		p.add(ctx, *page.Issues)
		if len(page.Errors) == 0 && p.rows.Pass.BadRows == bad {
			p.rows.Gone(some...)
		}
	}
	return nil
}
