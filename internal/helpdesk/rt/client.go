// Package rt reads the tickets of a Request Tracker 5 over REST 2.0.
//
// What changed comes from the list of transactions, by id: RT writes one for whatever happens to a ticket, and their
// ids only grow. The dates of a ticket search cannot be had so exactly: RT reads them in the time zone of the token's
// user, of which REST 2.0 does not tell, and near a daylight-saving change it reads even "90 seconds ago" an hour late.
// The transactions also tell the conversation, so that nothing has to be read ticket by ticket. A steady poll costs one
// call, and a second one where tickets changed, for their rows.
//
// All open tickets come from a ticket search, a hundred a call, and what was said in those that the client does not know
// yet from searches for the transactions of some hundred tickets together.
//
// Every list is read on from the last id seen, never by page number: a row that comes or goes meanwhile moves nothing.
package rt

import (
	"context"
	"net/http"
	"net/url"
	"strings"
	"sync"
	"time"

	"github.com/go-kit/log"

	"whatsapp_sla_exporter/internal/helpdesk/feed"
	"whatsapp_sla_exporter/internal/sla"
	"whatsapp_sla_exporter/internal/upstream"
)

// Options configure a Client.
type Options struct {
	// Upstream says where RT is (https://rt.example.com, with a path where it has one) and how to call it. Its Check
	// is the client's.
	Upstream upstream.Options
	// Lookback bounds the history that a first pass reads. Default 30 days.
	Lookback time.Duration
	// PageSize is how many rows a page has, at most 100, which is the default.
	PageSize int
	// KeepField says which custom fields, by id or by name, the tickets keep. Nil keeps none: customers write into them.
	KeepField func(id string) bool
	// Statuses maps statuses of the installation's own lifecycles, in lower case, to the model's. What is in neither
	// this nor RT's default lifecycle is open or solved, as RT's lifecycle has it, and counted.
	Statuses map[string]sla.Status
	Now      func() time.Time
	Logger   log.Logger
}

// Client reads one RT. It is safe for concurrent use: its passes wait for each other.
type Client struct {
	o     Options
	api   *upstream.Client
	base  string // of the URLs that people open
	clock *feed.Clock

	// wait is how a pass sits out a Retry-After; tests have no time for it.
	wait feed.Waiter

	mu      sync.Mutex       // held for a whole pass
	stories map[int64]*story // of open tickets
	seen    map[int64]bool   // transactions that the next pass reads again and need not look at
	newest  int64            // transaction that could be seen when all open tickets were last read; 0: unknown
	active  map[ownStatus]activity
	version bool // RT's version was told
}

const (
	// mostRows is what RT shows on a page at most, whatever it is asked for.
	mostRows = 100
	// maxPages is how many pages of transactions a pass over the changes reads, so that a long history is read in several.
	maxPages = 20
	// openPages ends a search for open tickets that does not end by itself.
	openPages = 5000
	// togetherPages is of how many pages of open tickets the stories are read together: the more, the fewer pages of
	// transactions are half empty, and the longer is the URL.
	togetherPages = 3
	// storyPages ends a search for the transactions of some tickets.
	storyPages = 1000

	// late is how long a transaction may take to appear: RT writes it, runs its scrips and sends its mails, and only then
	// commits, while others with a higher id are there already. So much is read again, though not more than half a page.
	late = time.Minute
	// zones is the furthest that a time zone is behind UTC, and an hour for daylight saving.
	zones = 13 * time.Hour
)

// New returns a client. It does not call RT yet.
func New(o Options) (*Client, error) {
	if o.Lookback == 0 {
		o.Lookback = 30 * 24 * time.Hour
	}
	if o.PageSize <= 0 || o.PageSize > mostRows {
		o.PageSize = mostRows
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
	base := strings.TrimSuffix(strings.TrimSuffix(o.Upstream.BaseURL, "/"), apiPath)
	o.Upstream.BaseURL = base
	o.Upstream.HTTP = stayAtRedirects(o.Upstream.HTTP)
	o.Upstream.Check = check
	o.Upstream.Now = o.Now
	api, err := upstream.New(o.Upstream)
	if err != nil {
		return nil, err
	}
	return &Client{
		o: o, api: api, base: base, clock: feed.NewClock(o.Now), wait: feed.Wait,
		stories: make(map[int64]*story), seen: make(map[int64]bool), active: make(map[ownStatus]activity),
	}, nil
}

// stayAtRedirects is the HTTP client without following: RT sends whom it does not know to its login page, and that
// answers with status 200.
func stayAtRedirects(c *http.Client) *http.Client {
	if c == nil {
		c = http.DefaultClient
	}
	h := *c
	h.CheckRedirect = func(*http.Request, []*http.Request) error { return http.ErrUseLastResponse }
	return &h
}

const apiPath = "/REST/2.0"

// get calls an endpoint and learns the time from its answer, good or bad.
func (c *Client) get(ctx context.Context, path string, q url.Values, v any) error {
	resp, err := c.api.GetJSON(ctx, apiPath+path, q, v)
	c.clock.Learn(resp)
	return err
}

// tellVersion asks once which version answers.
func (c *Client) tellVersion(ctx context.Context) error {
	if c.version {
		return nil
	}
	var about struct{ Version string }
	if err := c.get(ctx, "/rt", nil, &about); err != nil {
		return err
	}
	c.api.Observer().Version("REST 2.0", about.Version)
	c.version = true
	return nil
}
