// Package graph reads accounts from Meta's WhatsApp Business Management API (the Graph API).
//
// One pass reads, for each WABA, the phone_numbers edge (one call per 100 numbers). The WABA node, templates,
// business profiles, subscribed apps and analytics have their own, longer intervals, so that a WABA costs at most
// the configured calls an hour (default 100 of Meta's 200; see plan.go). What a pass does not read anew, or could
// not read, stays in the account as it was, with the Reading of that time.
package graph

import (
	"errors"
	"fmt"
	"regexp"
	"time"

	"github.com/go-kit/log"
	"github.com/go-kit/log/level"

	"whatsapp_sla_exporter/internal/upstream"
	"whatsapp_sla_exporter/internal/whatsapp"
)

// The defaults of Options.
const (
	DefaultURL     = "https://graph.facebook.com"
	DefaultVersion = "v25.0" // whatsapp_business_manager_messaging_limit needs v24.0 or later
	// DefaultHourlyCalls is half of what Meta allows an app per WABA without a registered number (200 an hour;
	// 5,000 with one), so that the other tools of the app have the other half.
	DefaultHourlyCalls = 100
	// DefaultUnhealthyTemplates caps the templates that are listed by name, per WABA.
	DefaultUnhealthyTemplates = 100
)

// Options configure a Client. Account and Upstream.HTTP are required, the rest has a default.
type Options struct {
	Account string // as configured: the account label
	// Upstream is how to call the API; BaseURL defaults to DefaultURL. HTTP carries the bearer token. Check is
	// replaced.
	Upstream upstream.Options
	Version  string

	// WABAIDs are the accounts to read. Empty: those of the portfolio, and without PortfolioID those that the
	// token is for.
	WABAIDs     []string
	PortfolioID string
	// Token gives the access token to inspect by debug_token; nil: it is not inspected, and WABAIDs or
	// PortfolioID is required. It is sent in a query, as that endpoint demands, and never logged.
	Token func() (string, error)

	// LimitScope is what limits belong to under the account's messaging policy. Default: the portfolio.
	LimitScope whatsapp.LimitScope
	// HourlyCalls is the most calls an hour for one WABA.
	HourlyCalls        int
	UnhealthyTemplates int

	Now    func() time.Time
	Logger log.Logger
}

// Client reads one configured account. Read is for one goroutine; Pace and Hurry may be called from any.
type Client struct {
	o      Options
	up     *upstream.Client
	meter  *meter
	fields fieldSets
	// answers are the latest ones of lists, by path: each an answer[T].
	answers map[string]any

	wabas     []*waba // in the order of discovery
	turn      int     // index of the WABA whose details come next
	discovery job
	token     *whatsapp.Token
	tokenJob  job
	readAt    time.Time
	unknown   unknowns
	roster    roster
	warned    map[string]bool // warnings given once
}

var graphVersion = regexp.MustCompile(`^v[0-9]{1,3}\.[0-9]$`)

// New returns a client. It does not call the API.
func New(o Options) (*Client, error) {
	setDefaults(&o)
	switch {
	case o.Account == "":
		return nil, errors.New("graph: no account name")
	case !graphVersion.MatchString(o.Version):
		return nil, fmt.Errorf("graph: version %q: want for example %s", o.Version, DefaultVersion)
	case len(o.WABAIDs) == 0 && o.PortfolioID == "" && o.Token == nil:
		return nil, errors.New("graph: no waba_ids, no portfolio_id, and no token to ask for them")
	}
	for _, id := range append([]string{o.PortfolioID}, o.WABAIDs...) {
		if id != "" && !graphID.MatchString(id) {
			return nil, fmt.Errorf("graph: id %q: want digits, as Business Manager shows them", id)
		}
	}
	c := &Client{o: o, meter: newMeter(), answers: map[string]any{}, warned: map[string]bool{}}
	c.o.Upstream.Check = c.check
	up, err := upstream.New(c.o.Upstream)
	if err != nil {
		return nil, fmt.Errorf("graph: %w", err)
	}
	c.up = up
	c.follow(o.WABAIDs)
	return c, nil
}

func setDefaults(o *Options) {
	if o.Upstream.BaseURL == "" {
		o.Upstream.BaseURL = DefaultURL
	}
	if o.Version == "" {
		o.Version = DefaultVersion
	}
	if o.LimitScope == "" {
		o.LimitScope = whatsapp.ScopePortfolio
	}
	if o.HourlyCalls == 0 {
		o.HourlyCalls = DefaultHourlyCalls
	}
	if o.UnhealthyTemplates == 0 {
		o.UnhealthyTemplates = DefaultUnhealthyTemplates
	}
	if o.Now == nil {
		o.Now = time.Now
	}
	o.Upstream.Now = o.Now
	if o.Upstream.Timeout == 0 {
		o.Upstream.Timeout = 15 * time.Second
	}
	if o.Logger == nil {
		o.Logger = log.NewNopLogger()
	}
}

// check looks at every answer: at its usage and version headers, and at Graph's own error object.
func (c *Client) check(r *upstream.Response) *upstream.Error {
	now := c.o.Now()
	c.meter.note(r.Header, now)
	for name, used := range c.meter.quotas(now) {
		c.up.Observer().Quota(name, used)
	}
	c.served(r, now)
	if e := errorIn(r.Status, r.Body); e != nil {
		return classify(e)
	}
	return nil
}

// skewed is how far the clocks may differ before somebody should know: analytics are asked for by our clock.
const skewed = time.Minute

func (c *Client) served(r *upstream.Response, now time.Time) {
	if v := r.Header.Get("facebook-api-version"); graphVersion.MatchString(v) {
		c.up.Observer().Version(c.o.Version, v)
		if v != c.o.Version {
			c.warnOnce("version "+v, "msg", "another API version answers: the requested one may have ended", "requested", c.o.Version, "served", v)
		}
	}
	if skew := r.Skew(now); skew.Abs() > skewed {
		c.warnOnce("skew", "msg", "this machine's clock and Meta's differ", "ahead", -skew)
	}
}

// Pace is how the account as a whole is to be polled: how many times longer than usual to wait, and how long at
// the least. It is as fast as the least used WABA allows, because Read leaves out those that are slowed down or
// stopped: from 75 % of Meta's allowance on twice, from 90 % four times as slow, at 100 % or after a throttle error
// not before the time at which Meta says that access is regained.
func (c *Client) Pace() (factor float64, atLeast time.Duration) {
	now := c.o.Now()
	p := c.meter.pace(appKey, now)
	if ids := c.roster.list(); len(ids) > 0 {
		best := c.meter.pace(ids[0], now)
		for _, id := range ids[1:] {
			best = best.faster(c.meter.pace(id, now))
		}
		p = p.slower(best)
	}
	return float64(p.factor), max(0, p.until.Sub(now))
}

// Hurry makes the next Read ask for the numbers and the state of a WABA, and for its templates too, whatever their
// interval says: a webhook told that something changed. A WABA that is stopped by Meta's limits stays so, and one that
// was hurried too often waits for its interval.
func (c *Client) Hurry(wabaID string, templates bool) { c.roster.hurry(wabaID, templates) }

func (c *Client) warn(kv ...any) {
	_ = level.Warn(c.o.Logger).Log(append([]any{"account", c.o.Account}, kv...)...)
}

// maxWarned bounds the memory of what was warned of once.
const maxWarned = 1000

func (c *Client) warnOnce(key string, kv ...any) {
	if c.warned[key] || len(c.warned) >= maxWarned {
		return
	}
	c.warned[key] = true
	c.warn(kv...)
}
