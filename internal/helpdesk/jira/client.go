// Package jira reads the requests of Jira Service Management Cloud.
//
// Requests are issues. They come from the search by JQL, with everything in the row: the SLA clocks, which are custom
// fields that each site numbers differently and whose ids are found by their type, and the comments, of which a row
// has the first twenty. So a steady poll costs one call, and one more for each changed issue with a long conversation.
//
// The search index is a few seconds old and its times are asked for in minutes before now: what changed in the last
// five minutes is read again with every pass.
package jira

import (
	"context"
	"fmt"
	"net/http"
	"regexp"
	"strings"
	"sync"
	"time"

	"github.com/go-kit/log"
	"github.com/go-kit/log/level"

	"whatsapp_sla_exporter/internal/helpdesk/feed"
	"whatsapp_sla_exporter/internal/sla"
	"whatsapp_sla_exporter/internal/upstream"
)

// Options configure a Client.
type Options struct {
	// Upstream says where the site is (https://acme.atlassian.net) and how to call it. Its Check is the client's.
	Upstream upstream.Options
	// JQL selects the issues, for example "project in (SUP, OPS)". Empty: those of all service projects that the user
	// can see.
	JQL string
	// Clocks say which of the SLAs, by their names, are which target. Empty: DefaultClocks.
	Clocks []Clock
	// Lookback bounds the history that a first pass reads. Default one hour.
	Lookback time.Duration
	// PageSize is how many issues a page has, at most 100. Default 100.
	PageSize int
	// KeepField says which custom fields, by id (customfield_10050), the tickets keep. Nil keeps none.
	KeepField func(id string) bool
	Now       func() time.Time
	Logger    log.Logger
}

// Clock says that the SLAs whose names match are a target.
type Clock struct {
	Name   *regexp.Regexp
	Target sla.Target
}

// DefaultClocks know the SLAs of Jira's templates, and what people call those that they add. The first match counts.
var DefaultClocks = []Clock{
	{regexp.MustCompile(`(?i)first (response|reply)`), sla.FirstResponse},
	{regexp.MustCompile(`(?i)next (response|reply|update|comment)`), sla.NextResponse},
	{regexp.MustCompile(`(?i)follow.?up|periodic|update interval`), sla.FollowUp},
	{regexp.MustCompile(`(?i)^(time )?to (resolution|resolve|done)|^resolution`), sla.Resolution},
}

// Client reads one site. It is safe for concurrent use, though its passes are meant to follow each other.
type Client struct {
	o     Options
	api   *upstream.Client
	base  string // of the URLs that people open
	clock *feed.Clock

	// wait is how a pass sits out a Retry-After; tests have no time for it.
	wait feed.Waiter

	mu       sync.Mutex
	pageSize int
	site     site
	siteAt   time.Time
	comments map[string]conversation // of issues whose row does not have them all, by key
}

// site is what is found out about a site.
type site struct {
	filter string // JQL
	slas   map[string]sla.Target
	custom []string // fields that are kept
}

// siteEvery is how often the fields and the projects of a site are read.
const siteEvery = time.Hour

// New returns a client. It does not call Jira yet.
func New(o Options) (*Client, error) {
	if o.Lookback == 0 {
		o.Lookback = time.Hour
	}
	if o.PageSize == 0 {
		o.PageSize = 100
	}
	if o.Clocks == nil {
		o.Clocks = DefaultClocks
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
	o.Upstream.Check, o.Upstream.Now = check, o.Now
	api, err := upstream.New(o.Upstream)
	if err != nil {
		return nil, err
	}
	return &Client{
		o: o, api: api, base: strings.TrimSuffix(o.Upstream.BaseURL, "/"), clock: feed.NewClock(o.Now), wait: feed.Wait,
		pageSize: o.PageSize, comments: make(map[string]conversation),
	}, nil
}

// call sends a request, reads its answer into v, and learns from its headers.
func (c *Client) call(ctx context.Context, r upstream.Request, v any) error {
	resp, err := c.api.Do(ctx, r)
	if resp != nil {
		c.clock.Learn(resp)
		c.tellQuota(resp.Header)
	}
	if err != nil {
		return err
	}
	return resp.JSON(v)
}

// learn reads the fields and projects of the site, when it is time.
func (c *Client) learn(ctx context.Context) (site, error) {
	c.mu.Lock()
	known, at := c.site, c.siteAt
	c.mu.Unlock()
	if !at.IsZero() && c.o.Now().Sub(at) < siteEvery {
		return known, nil
	}
	found, err := c.discover(ctx)
	if err != nil && !at.IsZero() {
		level.Warn(c.o.Logger).Log("msg", "fields and projects cannot be read again, keeping those there are", "err", err)
		return known, nil
	}
	if err != nil {
		return site{}, err
	}
	c.mu.Lock()
	defer c.mu.Unlock()
	c.site, c.siteAt = found, c.o.Now()
	return found, nil
}

func (c *Client) discover(ctx context.Context) (found site, err error) {
	if found.slas, found.custom, err = c.fields(ctx); err != nil {
		return found, fmt.Errorf("finding out the site's fields: %w", err)
	}
	if found.filter = strings.TrimSpace(c.o.JQL); found.filter != "" {
		return found, nil
	}
	if found.filter, err = c.serviceProjects(ctx); err != nil {
		return found, fmt.Errorf("finding out the site's service projects (or configure jql): %w", err)
	}
	return found, nil
}

// slaField is the type of the fields that are SLA clocks.
const slaField = "com.atlassian.servicedesk:sd-sla-field"

// fields finds the SLA clocks among the site's fields, and the custom fields that somebody asked for.
func (c *Client) fields(ctx context.Context) (slas map[string]sla.Target, custom []string, err error) {
	var all []struct {
		ID     string `json:"id"`
		Name   string `json:"name"`
		Custom bool   `json:"custom"`
		Schema struct {
			Custom string `json:"custom"`
		} `json:"schema"`
	}
	if err := c.call(ctx, upstream.Request{Path: "/rest/api/3/field"}, &all); err != nil {
		return nil, nil, err
	}
	slas = make(map[string]sla.Target)
	for _, f := range all {
		if f.Schema.Custom != slaField {
			if f.Custom && c.o.KeepField(f.ID) {
				custom = append(custom, f.ID)
			}
			continue
		}
		target, ok := c.target(f.Name)
		if !ok {
			level.Info(c.o.Logger).Log("msg", "an SLA is none of the targets, and is left out", "name", f.Name, "field", f.ID)
			continue
		}
		slas[f.ID] = target
	}
	return slas, custom, nil
}

func (c *Client) target(name string) (sla.Target, bool) {
	for _, k := range c.o.Clocks {
		if k.Name.MatchString(name) {
			return k.Target, true
		}
	}
	return "", false
}

// maxDesks bounds the pages of service projects.
const maxDesks = 100

// serviceProjects is JQL for the service projects that the user can see.
func (c *Client) serviceProjects(ctx context.Context) (string, error) {
	var keys []string
	for range maxDesks {
		var page struct {
			Last   *bool `json:"isLastPage"`
			Values []struct {
				ProjectKey string `json:"projectKey"`
			} `json:"values"`
		}
		q := map[string][]string{"start": {fmt.Sprint(len(keys))}, "limit": {"50"}}
		if err := c.call(ctx, upstream.Request{Path: desksPath, Query: q}, &page); err != nil {
			return "", err
		}
		if page.Last == nil {
			return "", upstream.Broken(http.MethodGet, desksPath, "an answer without isLastPage")
		}
		for _, v := range page.Values {
			if projectKey.MatchString(v.ProjectKey) {
				keys = append(keys, `"`+v.ProjectKey+`"`)
			}
		}
		if *page.Last || len(page.Values) == 0 {
			break
		}
	}
	if len(keys) == 0 {
		return "", upstream.Broken(http.MethodGet, desksPath, "the user sees no service project: grant an agent's licence, or configure jql")
	}
	return "project in (" + strings.Join(keys, ", ") + ")", nil
}

const desksPath = "/rest/servicedeskapi/servicedesk"

var projectKey = regexp.MustCompile(`^[A-Z][A-Z0-9_]*$`)
