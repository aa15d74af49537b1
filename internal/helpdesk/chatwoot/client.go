// Package chatwoot reads the conversations of a Chatwoot account.
//
// What changed comes from the conversation list: newer servers list what changed within so many seconds, all at once;
// older ones pass that wish over, and their list is read from the last activity back. A steady poll costs one call.
// All open conversations cost one call per 25.
//
// A row does not say when an agent last wrote: its last message does, if it is the agent's. What was seen of
// earlier messages is remembered, and what neither tells is asked for, a bounded number of times a pass.
package chatwoot

import (
	"context"
	"errors"
	"net/url"
	"regexp"
	"sync"
	"time"

	"github.com/go-kit/log"

	"whatsapp_sla_exporter/internal/helpdesk/feed"
	"whatsapp_sla_exporter/internal/upstream"
)

// Options configure a Client.
type Options struct {
	// Upstream says where the account is and how to call it: the URL is that of its dashboard, as a browser shows it
	// (https://chat.acme.example/app/accounts/1). Its Check is the client's.
	Upstream upstream.Options
	// Lookback bounds the history that a first pass over the changes reads. Default 10 minutes: all open conversations
	// are read besides.
	Lookback time.Duration
	// KeepField says which custom attributes, by name, the tickets keep. Nil keeps none: customers write into them.
	KeepField func(name string) bool
	Now       func() time.Time
	Logger    log.Logger
}

// Client reads one account. It is safe for concurrent use, though its passes are meant to follow each other.
type Client struct {
	o       Options
	api     *upstream.Client
	path    string // of the account in the API
	browser string // of the account, for people
	clock   *feed.Clock

	// wait is how a pass sits out a Retry-After; tests have no time for it.
	wait feed.Waiter

	mu     sync.Mutex
	within knows // whether the server lists what changed within some seconds
	seen   map[string]talk
}

// knows says whether the server knows a parameter.
type knows int8

const (
	unsure knows = iota
	yes
	no
)

const (
	// listPages is how many pages of an older server's list a pass over the changes reads.
	listPages = 40
	// openPages ends a read of all open conversations that does not end by itself.
	openPages = 5000
	// overlap is read again, because a change can become visible after a later one.
	overlap = time.Minute
	// longestWithin is the longest time of which the changes are asked for at once.
	longestWithin = 48 * time.Hour
)

// New returns a client. It does not call Chatwoot yet.
func New(o Options) (*Client, error) {
	if o.Lookback == 0 {
		o.Lookback = 10 * time.Minute
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
	base, account, err := split(o.Upstream.BaseURL)
	if err != nil {
		return nil, err
	}
	o.Upstream.BaseURL = base
	o.Upstream.Check = check
	o.Upstream.Now = o.Now
	api, err := upstream.New(o.Upstream)
	if err != nil {
		return nil, err
	}
	return &Client{
		o: o, api: api, path: "/api/v1/accounts/" + account, browser: base + "/app/accounts/" + account,
		clock: feed.NewClock(o.Now), wait: feed.Wait, seen: make(map[string]talk),
	}, nil
}

var dashboard = regexp.MustCompile(`^(.*?)/app/accounts/(\d+)(?:/.*)?$`)

// split takes the account out of the URL of its dashboard.
func split(raw string) (base, account string, err error) {
	m := dashboard.FindStringSubmatch(raw)
	if m == nil {
		return "", "", errors.New("url: want that of the account's dashboard, https://HOST/app/accounts/NUMBER")
	}
	return m[1], m[2], nil
}

// get calls an endpoint of the account and learns from the headers of its answer, good or bad.
func (c *Client) get(ctx context.Context, path string, q url.Values, v any) error {
	resp, err := c.api.GetJSON(ctx, c.path+path, q, v)
	c.clock.Learn(resp)
	return err
}
