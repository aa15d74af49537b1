// Package statuspage reads status pages that Atlassian Statuspage hosts, or that answer in its form.
package statuspage

import (
	"context"
	"errors"
	"fmt"
	"net/http"
	"regexp"
	"strings"
	"time"

	"github.com/go-kit/log"

	"whatsapp_sla_exporter/internal/loose"
	"whatsapp_sla_exporter/internal/platform"
	"whatsapp_sla_exporter/internal/upstream"
)

// Type is the type of such a page in the configuration.
const Type = "statuspage"

// Options configure a Client. Name and Upstream.BaseURL are required.
type Options struct {
	Name     string // as configured: the page label
	Upstream upstream.Options
	// Services picks the components to report, by name; nil: all. Some pages have hundreds, one per carrier.
	Services *regexp.Regexp
	Now      func() time.Time
	Logger   log.Logger
}

// Client reads one page. It is for one goroutine.
type Client struct {
	o       Options
	up      *upstream.Client
	unheard *loose.Unheard
}

// New returns a client. It does not call the page.
func New(o Options) (*Client, error) {
	if o.Name == "" {
		return nil, errors.New("statuspage: no page name")
	}
	if o.Now == nil {
		o.Now = time.Now
	}
	o.Upstream.Now = o.Now
	up, err := upstream.New(o.Upstream)
	if err != nil {
		return nil, fmt.Errorf("statuspage: %w", err)
	}
	return &Client{o: o, up: up, unheard: loose.NewUnheard(o.Logger, o.Name)}, nil
}

const path = "/api/v2/summary.json"

// Read asks the page. A page that cannot be read, or that says nothing of any service or of itself, is an error.
func (c *Client) Read(ctx context.Context) (*platform.Page, error) {
	resp, err := c.up.Do(ctx, upstream.Request{Path: path, Header: http.Header{"User-Agent": {"whatsapp_sla_exporter"}}})
	if err != nil {
		return nil, err
	}
	var s summary
	if err := resp.JSON(&s); err != nil {
		return nil, err
	}
	services, err := c.services(&s)
	if err != nil {
		return nil, &upstream.Error{Reason: upstream.Decode, Call: "GET " + path, Status: resp.Status, Err: err}
	}
	page := &platform.Page{Name: c.o.Name, Type: Type, ReadAt: c.o.Now()}
	page.Services, page.Dropped = platform.Bounded(services)
	page.UnknownStates = c.unheard.Count("state")
	return page, nil
}

// services are the components of the page, or the page as a whole where it lists none.
func (c *Client) services(s *summary) ([]platform.Service, error) {
	groups, listed := s.groups(), 0
	var out []platform.Service
	for _, k := range s.Components {
		if k.Group.V {
			continue
		}
		listed++
		name := string(k.Name)
		if group := groups[k.GroupID]; group != "" {
			name = group + " / " + name
		}
		if c.o.Services == nil || c.o.Services.MatchString(name) {
			out = append(out, platform.Service{Name: name, State: c.state(componentStates, string(k.Status))})
		}
	}
	switch {
	case len(out) > 0:
		return out, nil
	case listed > 0:
		return nil, fmt.Errorf("none of the page's %d components has a name that matches %s", listed, c.o.Services)
	case s.Status.Indicator == "":
		return nil, errors.New("the answer has no components and no status: not a Statuspage summary")
	}
	return []platform.Service{{Name: Overall, State: c.state(indicators, string(s.Status.Indicator))}}, nil
}

// Overall is the service name for a page that lists no components.
const Overall = "overall"

// The values of a component and of the page's indicator. Source: Statuspage's status API.
var (
	componentStates = map[string]platform.State{
		"operational":          platform.Operational,
		"degraded_performance": platform.Degraded,
		"partial_outage":       platform.PartialOutage,
		"major_outage":         platform.MajorOutage,
		"under_maintenance":    platform.Maintenance,
	}
	indicators = map[string]platform.State{
		"none":        platform.Operational,
		"minor":       platform.Degraded,
		"major":       platform.PartialOutage,
		"critical":    platform.MajorOutage,
		"maintenance": platform.Maintenance,
	}
)

func (c *Client) state(known map[string]platform.State, word string) platform.State {
	if s, ok := known[strings.ToLower(strings.TrimSpace(word))]; ok {
		return s
	}
	c.unheard.Note("state", word)
	return platform.Unknown
}

// summary is the part of the answer that is read.
type summary struct {
	Status struct {
		Indicator loose.Text `json:"indicator"`
	} `json:"status"`
	Components []component `json:"components"`
}

type component struct {
	ID      loose.Text        `json:"id"`
	Name    loose.Text        `json:"name"`
	Status  loose.Text        `json:"status"`
	Group   loose.Value[bool] `json:"group"`
	GroupID loose.Text        `json:"group_id"`
}

// groups are the names of the groups by id: a component is "Group / Component", because many pages use one name
// in several groups.
func (s *summary) groups() map[loose.Text]string {
	out := map[loose.Text]string{}
	for _, k := range s.Components {
		if k.Group.V && k.ID != "" {
			out[k.ID] = platform.Label(string(k.Name))
		}
	}
	return out
}
