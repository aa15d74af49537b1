// Package zammad reads the tickets of a Zammad instance.
//
// Tickets are searched by condition and not by query: such a search is done in the database, so it is up to date to
// the second and works without Elasticsearch. What changed is asked for in the order of updated_at, all open tickets
// in the order of created_at, and both by time instead of by page number, so that rows that move hide none. A steady
// poll costs one call, all open tickets one per 200.
package zammad

import (
	"context"
	"encoding/json"
	"net/http"
	"strings"
	"sync"
	"time"

	"github.com/go-kit/log"

	"whatsapp_sla_exporter/internal/helpdesk/feed"
	"whatsapp_sla_exporter/internal/upstream"
)

// Options configure a Client.
type Options struct {
	// Upstream says where the instance is (https://support.acme.example) and how to call it. Its Check is the client's.
	Upstream upstream.Options
	// Lookback bounds the history that a first pass reads. Default 1 hour: all open tickets are read besides.
	Lookback time.Duration
	// PageSize is how many rows a page has, at most 200, which is the default.
	PageSize int
	// KeepField says which attributes, by name, the tickets keep. Nil keeps none: customers write into them.
	KeepField func(name string) bool
	Now       func() time.Time
	Logger    log.Logger
}

// Client reads one instance. It is safe for concurrent use, though its passes are meant to follow each other.
type Client struct {
	o       Options
	api     *upstream.Client
	base    string // of the URLs that people open
	clock   *feed.Clock
	waiting feed.Waiting

	mu       sync.Mutex
	states   map[int64]state
	statesAt time.Time
	largest  int // page seen
}

const (
	// changePages is how many pages a pass over the changes reads, so that a long history is read in several.
	changePages = 10
	// openPages ends a read of all open tickets that does not end by itself.
	openPages = 5000
	// overlap is read again, because a change can become visible after a later one: transactions overlap.
	overlap = time.Minute
	// maxPage is the most rows that Zammad's search gives.
	maxPage = 200
)

// New returns a client. It does not call Zammad yet.
func New(o Options) (*Client, error) {
	if o.Lookback == 0 {
		o.Lookback = time.Hour
	}
	if o.PageSize == 0 {
		o.PageSize = maxPage
	}
	if o.Now == nil {
		o.Now = time.Now
	}
	if o.Logger == nil {
		o.Logger = log.NewNopLogger()
	}
	o.Upstream.Check = check
	o.Upstream.Now = o.Now
	api, err := upstream.New(o.Upstream)
	if err != nil {
		return nil, err
	}
	return &Client{o: o, api: api, base: strings.TrimSuffix(o.Upstream.BaseURL, "/"), clock: feed.NewClock(o.Now)}, nil
}

// call does a request and learns from the headers of its answer, good or bad.
func (c *Client) call(ctx context.Context, r upstream.Request, v any) error {
	resp, err := c.api.Do(ctx, r)
	c.clock.Learn(resp)
	if err != nil {
		return err
	}
	return resp.JSON(v)
}

const searchPath = "/api/v1/tickets/search"

// condition is one of a search.
type condition struct {
	Operator string `json:"operator"`
	Value    any    `json:"value"`
}

// since includes the instant itself.
func since(t time.Time) condition {
	return condition{"after (absolute)", t.UTC().Format("2006-01-02T15:04:05.000Z")}
}

// search reads a page of the tickets that meet all conditions, in the order of a column.
func (c *Client) search(ctx context.Context, where map[string]condition, column string, page int) (rows, error) {
	body, err := json.Marshal(map[string]any{
		"condition": where, "sort_by": column + ",id", "order_by": "asc,asc", "page": page, "per_page": c.o.PageSize, "expand": true,
	})
	if err != nil {
		return nil, err
	}
	var out rows
	if err := c.call(ctx, upstream.Request{Method: http.MethodPost, Path: searchPath, Body: body}, &out); err != nil {
		return nil, err
	}
	if out == nil {
		return nil, broken("an answer that is not a list of tickets")
	}
	return out, nil
}

// full says whether a page may be followed by another. Older versions give fewer rows than are asked for, 50 or 100:
// such a page is taken for full until a larger one was seen.
func (c *Client) full(n int) bool {
	c.mu.Lock()
	defer c.mu.Unlock()
	c.largest = max(c.largest, n)
	return n >= c.o.PageSize || n == c.largest && (n == 50 || n == 100)
}
