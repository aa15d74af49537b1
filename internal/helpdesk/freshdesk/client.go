// Package freshdesk reads the tickets of a Freshdesk account.
//
// What changed comes from the ticket list in the order of updated_at, read on by time and not by page number, so that
// tickets that change hide none and the list's limit of 300 pages is never met. A steady poll costs one call.
//
// The list cannot be asked for open tickets. All of them are those that it shows to have changed in the last weeks,
// and those that the search, which shows neither more than 300 rows nor replies, finds to be open and unchanged since:
// each of the latter is read once.
package freshdesk

import (
	"context"
	"net/http"
	"net/url"
	"strconv"
	"strings"
	"sync"
	"time"

	"github.com/go-kit/log"

	"whatsapp_sla_exporter/internal/helpdesk"
	"whatsapp_sla_exporter/internal/helpdesk/feed"
	"whatsapp_sla_exporter/internal/sla"
	"whatsapp_sla_exporter/internal/upstream"
)

// Options configure a Client.
type Options struct {
	// Upstream says where the account is (https://acme.freshdesk.com) and how to call it. Its Check is the client's.
	Upstream upstream.Options
	// Lookback bounds the history that a first pass over the changes reads. Default 1 hour: all open tickets are read
	// besides.
	Lookback time.Duration
	// Window is how long ago a ticket changed that is read from the list together with all others; open ones that
	// changed earlier are read one by one. Default 30 days.
	Window time.Duration
	// PageSize is how many rows a page has, at most 100, which is the default.
	PageSize int
	// Statuses say what the account's own statuses mean, by their number or label in lower case. Those that
	// Freshdesk has from the start are known.
	Statuses map[string]sla.Status
	// KeepField says which custom fields, by name (cf_…), the tickets keep. Nil keeps none: customers write into them.
	KeepField func(name string) bool
	Now       func() time.Time
	Logger    log.Logger
}

// Client reads one account. It is safe for concurrent use, though its passes are meant to follow each other.
type Client struct {
	o       Options
	api     *upstream.Client
	base    string // of the URLs that people open
	clock   *feed.Clock
	waiting feed.Waiting

	// wait is how a pass sits out a Retry-After; tests have no time for it.
	wait feed.Waiter

	mu       sync.Mutex
	labels   map[int]string // of statuses
	labelsAt time.Time
	met      map[int]bool // statuses that tickets were seen in
	until    time.Time    // no list is paged through before

	opening sync.Mutex                 // held by Open
	reading *reading                   // of all open tickets, in its middle
	quiet   map[string]helpdesk.Ticket // open and unchanged for longer than Window, as they were read
}

const (
	// changePages is how many pages a pass over the changes reads, so that a long history is read in several passes:
	// half of what the smallest plan allows the list a minute.
	changePages = 10
	// overlap is read again, because the second in which a pass ended may bring more.
	overlap = 2 * time.Minute
	// maxPage is the most rows that a page of the list has.
	maxPage = 100
)

// New returns a client. It does not call Freshdesk yet.
func New(o Options) (*Client, error) {
	if o.Lookback == 0 {
		o.Lookback = time.Hour
	}
	if o.Window == 0 {
		o.Window = 30 * 24 * time.Hour
	}
	if o.PageSize == 0 {
		o.PageSize = maxPage
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
	return &Client{
		o: o, api: api, base: strings.TrimSuffix(o.Upstream.BaseURL, "/"), clock: feed.NewClock(o.Now), wait: feed.Wait,
		met: make(map[int]bool), quiet: make(map[string]helpdesk.Ticket),
	}, nil
}

// get calls an endpoint and learns from the headers of its answer, good or bad.
func (c *Client) get(ctx context.Context, path string, q url.Values, v any) (*upstream.Response, error) {
	resp, err := c.api.GetJSON(ctx, path, q, v)
	if resp != nil {
		c.clock.Learn(resp)
		c.tellQuota(resp.Header)
	}
	return resp, err
}

// tellQuota tells how much of the account's credits a minute is used, and which version answered
// ("latest=v2; requested=v2").
func (c *Client) tellQuota(h http.Header) {
	total, err := strconv.ParseFloat(h.Get("X-RateLimit-Total"), 64)
	left, err2 := strconv.ParseFloat(h.Get("X-RateLimit-Remaining"), 64)
	if err == nil && err2 == nil && total > 0 && left >= 0 {
		c.api.Observer().Quota("account", (total-left)/total)
	}
	if latest, ok := strings.CutPrefix(h.Get("X-Freshdesk-API-Version"), "latest="); ok {
		latest, _, _ = strings.Cut(latest, ";")
		c.api.Observer().Version("v2", latest)
	}
}
