// Package zendesk reads the tickets of a Zendesk Support account.
//
// What changed comes from the incremental ticket export, by cursor. It needs an admin's token, allows ten calls a
// minute for all integrations of the account together, and leaves out what changed in the last minute; that minute
// is read from the ticket list, newest first. So a steady poll costs two calls. An agent's token reads the list
// alone, back to where the last pass ended.
//
// All open tickets come from the search export, which has no SLAs, and from show_many, which has: two calls per
// hundred tickets. That pass also brings what the export does not tell of: a deadline that moved because somebody
// edited an SLA policy, a ticket the token may not see any more.
package zendesk

import (
	"context"
	"net/url"
	"strings"
	"sync"
	"time"

	"github.com/go-kit/log"
	"github.com/go-kit/log/level"

	"whatsapp_sla_exporter/internal/state"
	"whatsapp_sla_exporter/internal/upstream"
)

// Options configure a Client.
type Options struct {
	// Upstream says where the account is (https://acme.zendesk.com) and how to call it. Its Check is the client's.
	Upstream upstream.Options
	// Lookback bounds the history that a first pass reads. Default 30 days.
	Lookback time.Duration
	// PageSize is how many rows a page of the incremental export has, at most 1,000. Default 500: with side-loads a
	// row is some 5 kB.
	PageSize int
	// KeepField says which custom fields, by id, the tickets keep. Nil keeps none: customers write into them.
	KeepField func(id string) bool
	// Name is the helpdesk's, under which Store keeps the metric events of an account whose tickets come without
	// deadlines. Without a Store a restart reads them anew, as far back as Lookback.
	Name   string
	Store  *state.Store
	Now    func() time.Time
	Logger log.Logger
}

// Client reads one account. It is safe for concurrent use, though its passes are meant to follow each other.
type Client struct {
	o    Options
	api  *upstream.Client
	base string // of the URLs that people open

	// wait is how a pass sits out a Retry-After; tests have no time for it.
	wait func(ctx context.Context, d time.Duration) error
	// batch is how many tickets show_many and a page of the search export hold.
	batch int
	feed  *eventFeed

	mu         sync.Mutex
	skew       time.Duration
	agentUntil time.Time // until then the token is known not to be an admin's
	includes   map[route]included
	statuses   statusList
	quotas     map[string]quota
	pageSize   int // of the export
	recent     int // changes that the last walk through the list met
}

const (
	// maxPages is how many pages a pass of the incremental export reads: half of what the account is allowed a
	// minute, so that a long history is read in several passes and others have their half.
	maxPages = 5
	// recentPages is how many pages of the ticket list cover the minute that the export leaves out.
	recentPages = 5
	// catchUpPages is how far an agent's token catches up in the list, half of what the list allows a minute.
	catchUpPages = 50
	// openPages ends an export of open tickets that does not end by itself.
	openPages = 5000
	// fullPage is how many tickets show_many, a page of the list and a page of the search export hold. Zendesk takes
	// up to 1,000 for the last, and advises against it.
	fullPage = 100
	// smallBatch is the smallest page asked of the list: a steady poll expects few changes.
	smallBatch = 25

	// exportDelay is how old a change is when the export tells of it, and a little more for clocks that differ.
	exportDelay = 2 * time.Minute
	// startMargin is how far in the past an export must start (one minute), and a little more.
	startMargin = 70 * time.Second
	// overlap is read again, because two tickets can change in the second in which a pass ended.
	overlap = time.Minute
	// agentFor is how long a token that was refused as not an admin's is taken for an agent's.
	agentFor = time.Hour
)

// New returns a client. It does not call Zendesk yet.
func New(o Options) (*Client, error) {
	if o.Lookback == 0 {
		o.Lookback = 30 * 24 * time.Hour
	}
	if o.PageSize == 0 {
		o.PageSize = 500
	}
	if o.KeepField == nil {
		o.KeepField = func(string) bool { return false }
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
	base := strings.TrimSuffix(o.Upstream.BaseURL, "/")
	c := &Client{
		o: o, api: api, base: base, wait: wait, batch: fullPage, feed: newEventFeed(&o, base),
		pageSize: o.PageSize, includes: make(map[route]included), quotas: make(map[string]quota),
	}
	if err := c.feed.load(); err != nil {
		return nil, err
	}
	return c, nil
}

func wait(ctx context.Context, d time.Duration) error {
	t := time.NewTimer(d)
	defer t.Stop()
	select {
	case <-ctx.Done():
		return ctx.Err()
	case <-t.C:
		return nil
	}
}

// serverNow is what Zendesk's clock shows, as far as its answers told.
func (c *Client) serverNow() time.Time {
	c.mu.Lock()
	defer c.mu.Unlock()
	return c.o.Now().Add(c.skew)
}

// route is an endpoint whose side-loads are found out on their own.
type route string

const (
	incremental route = "incremental export"
	list        route = "ticket list"
	showMany    route = "show_many"
)

// includeSteps are the side-loads asked for, the best first. SLAs are documented for a single ticket only and work
// on lists all the same; where one is refused, the next step is tried and remembered. Where one is passed over in
// silence, the rows simply lack it.
var includeSteps = []string{"slas,metric_events,metric_sets", "metric_events,metric_sets", "slas,metric_sets", "metric_sets", ""}

// included is the step that an endpoint accepts.
type included struct {
	step  int
	until time.Time // then all are tried again: what is refused today may be granted tomorrow
}

const includedFor = time.Hour

// tickets calls an endpoint that shows tickets, with as many side-loads as it takes.
func (c *Client) tickets(ctx context.Context, r route, path string, q url.Values, v any) error {
	c.mu.Lock()
	settled := c.includes[r]
	c.mu.Unlock()
	start := settled.step
	if !c.o.Now().Before(settled.until) {
		start = 0
	}
	var first error
	for step := start; step < len(includeSteps); step++ {
		q.Del("include")
		if includeSteps[step] != "" {
			q.Set("include", includeSteps[step])
		}
		err := c.get(ctx, path, q, v)
		if err == nil {
			c.settle(r, settled, step)
			return nil
		}
		if first == nil {
			first = err
		}
		if !mayBeInclude(err) {
			return err
		}
	}
	return first
}

func (c *Client) settle(r route, before included, step int) {
	now := c.o.Now()
	if step == before.step && now.Before(before.until) {
		return
	}
	c.mu.Lock()
	c.includes[r] = included{step, now.Add(includedFor)}
	c.mu.Unlock()
	if step != before.step {
		level.Warn(c.o.Logger).Log("msg", "Zendesk takes other side-loads than before", "endpoint", r,
			"asked", includeSteps[0], "accepted", includeSteps[step])
	}
}

// get calls an endpoint and learns from the headers of its answer, good or bad.
func (c *Client) get(ctx context.Context, path string, q url.Values, v any) error {
	resp, err := c.api.GetJSON(ctx, "/api/v2"+path, q, v)
	if resp != nil {
		c.learn(resp)
	}
	return err
}

func (c *Client) learn(resp *upstream.Response) {
	now := c.o.Now()
	c.mu.Lock()
	c.skew = resp.Skew(now)
	c.mu.Unlock()
	if served := resp.Header.Get("X-Zendesk-Api-Version"); served != "" {
		c.api.Observer().Version("v2", served)
	}
	c.tellQuotas(resp.Header)
}

// currentSkew is how far Zendesk's clock is ahead. The Date header has whole seconds: less than two is nothing.
func (c *Client) currentSkew() time.Duration {
	c.mu.Lock()
	defer c.mu.Unlock()
	if c.skew.Abs() < 2*time.Second {
		return 0
	}
	return c.skew
}

// isAgent says whether the token was lately refused as not an admin's.
func (c *Client) isAgent() bool {
	c.mu.Lock()
	defer c.mu.Unlock()
	return c.o.Now().Before(c.agentUntil)
}

func (c *Client) becomeAgent(err error) {
	c.mu.Lock()
	c.agentUntil = c.o.Now().Add(agentFor)
	c.mu.Unlock()
	level.Warn(c.o.Logger).Log("msg", "the token is not an admin's: reading changes from the ticket list instead of the incremental export", "err", err)
}
