// Package intercom reads the conversations of an Intercom workspace.
//
// They come from the search, whose rows have all there is to know of a conversation: its statistics tell who wrote
// last and when it was first answered. A steady poll costs one call. Intercom tells no deadlines (an SLA is "missed"
// once somebody has answered too late), so all clocks are computed by the policies.
package intercom

import (
	"context"
	"net/http"
	"strconv"
	"sync"
	"time"

	"github.com/go-kit/log"
	"github.com/go-kit/log/level"

	"whatsapp_sla_exporter/internal/helpdesk/feed"
	"whatsapp_sla_exporter/internal/upstream"
)

// Version is the version of the API that is asked for.
const Version = "2.16"

// The addresses of the API by where a workspace is hosted.
const (
	US = "https://api.intercom.io"
	EU = "https://api.eu.intercom.io"
	AU = "https://api.au.intercom.io"
)

// Options configure a Client.
type Options struct {
	// Upstream says where the workspace is (US, EU or AU; empty is US) and how to call it. Its Check is the client's.
	Upstream upstream.Options
	// Lookback bounds the history that a first pass reads. Default one hour.
	Lookback time.Duration
	// PageSize is how many conversations a page has, at most 150. Default 150.
	PageSize int
	// KeepField says which custom attributes, by name, the tickets keep. Nil keeps none.
	KeepField func(name string) bool
	Now       func() time.Time
	Logger    log.Logger
}

// Client reads one workspace. It is safe for concurrent use, though its passes are meant to follow each other.
type Client struct {
	o     Options
	api   *upstream.Client
	clock *feed.Clock

	// wait is how a pass sits out a Retry-After; tests have no time for it.
	wait feed.Waiter

	mu       sync.Mutex
	pageSize int
	inbox    string // of the URLs that people open; empty until it is known
	askedAt  time.Time
}

// New returns a client. It does not call Intercom yet.
func New(o Options) (*Client, error) {
	if o.Upstream.BaseURL == "" {
		o.Upstream.BaseURL = US
	}
	if o.Lookback == 0 {
		o.Lookback = time.Hour
	}
	if o.PageSize == 0 {
		o.PageSize = 150
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
	c := &Client{o: o, clock: feed.NewClock(o.Now), wait: feed.Wait, pageSize: o.PageSize}
	o.Upstream.Check, o.Upstream.Now = c.check, o.Now
	var err error
	c.api, err = upstream.New(o.Upstream)
	return c, err
}

// call sends a request, reads its answer into v, and learns from its headers.
func (c *Client) call(ctx context.Context, r upstream.Request, v any) error {
	r.Header = http.Header{"Intercom-Version": {Version}}
	resp, err := c.api.Do(ctx, r)
	if resp != nil {
		c.learn(resp)
	}
	if err != nil {
		return err
	}
	return resp.JSON(v)
}

func (c *Client) learn(resp *upstream.Response) {
	c.clock.Learn(resp)
	if served := resp.Header.Get("Intercom-Version"); served != "" {
		c.api.Observer().Version(Version, served)
	}
	limit, err := strconv.ParseFloat(resp.Header.Get("X-Ratelimit-Limit"), 64)
	left, err2 := strconv.ParseFloat(resp.Header.Get("X-Ratelimit-Remaining"), 64)
	if err == nil && err2 == nil && limit > 0 && left >= 0 {
		c.api.Observer().Quota("app", (limit-left)/limit)
	}
}

// askEvery is how often at most the workspace is asked for its id while it is not known.
const askEvery = time.Hour

// inboxes are where people work, by the region of the workspace.
var inboxes = map[string]string{
	"US": "https://app.intercom.com", "EU": "https://app.eu.intercom.com", "AU": "https://app.au.intercom.com",
}

// findInbox finds out where people open conversations. Without it tickets have no link, which is no reason to fail.
func (c *Client) findInbox(ctx context.Context) string {
	c.mu.Lock()
	inbox, due := c.inbox, c.askedAt.IsZero() || c.o.Now().Sub(c.askedAt) >= askEvery
	if due {
		c.askedAt = c.o.Now()
	}
	c.mu.Unlock()
	if inbox != "" || !due {
		return inbox
	}
	var me struct {
		App struct {
			ID     string `json:"id_code"`
			Region string `json:"region"`
		} `json:"app"`
	}
	err := c.call(ctx, upstream.Request{Path: "/me"}, &me)
	host := inboxes[me.App.Region]
	if host == "" {
		host = inboxes["US"]
	}
	if err != nil || !workspaceID.MatchString(me.App.ID) {
		level.Warn(c.o.Logger).Log("msg", "the workspace's id is not known, tickets have no link", "err", err)
		return ""
	}
	inbox = host + "/a/inbox/" + me.App.ID + "/inbox/conversation/"
	c.mu.Lock()
	defer c.mu.Unlock()
	c.inbox = inbox
	return inbox
}
