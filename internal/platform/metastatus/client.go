// Package metastatus reads the state of WhatsApp's business platform from the JSON behind metastatus.com. Meta
// publishes no contract for it, so whatever is not as expected is an error or an unknown state, never a good one.
package metastatus

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"net/http"
	"time"

	"github.com/go-kit/log"

	"whatsapp_sla_exporter/internal/loose"
	"whatsapp_sla_exporter/internal/platform"
	"whatsapp_sla_exporter/internal/upstream"
)

// Type is the type of such a page in the configuration.
const Type = "metastatus"

// The defaults of Options.
const (
	DefaultURL          = "https://metastatus.com"
	DefaultOrganisation = "whatsapp-business-api"
)

// Options configure a Client. Name is required.
type Options struct {
	Name     string           // as configured: the page label
	Upstream upstream.Options // BaseURL defaults to DefaultURL
	// Organisation is the id of the product on the page.
	Organisation string
	Now          func() time.Time
	Logger       log.Logger
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
		return nil, errors.New("metastatus: no page name")
	}
	if o.Upstream.BaseURL == "" {
		o.Upstream.BaseURL = DefaultURL
	}
	if o.Organisation == "" {
		o.Organisation = DefaultOrganisation
	}
	if o.Now == nil {
		o.Now = time.Now
	}
	o.Upstream.Now = o.Now
	up, err := upstream.New(o.Upstream)
	if err != nil {
		return nil, fmt.Errorf("metastatus: %w", err)
	}
	return &Client{o: o, up: up, unheard: loose.NewUnheard(o.Logger, o.Name)}, nil
}

const path = "/data/orgs.json"

// phrases are what the page has been seen to say, with the level that it gives them.
var phrases = []platform.Phrase{
	{Prefix: "no known issues", State: platform.Operational},
	{Prefix: "resolved", State: platform.Operational},
	{Prefix: "low disruption", State: platform.Degraded},
	{Prefix: "low disruptions", State: platform.Degraded},
	{Prefix: "some disruption", State: platform.Degraded},
	{Prefix: "some disruptions", State: platform.Degraded},
	{Prefix: "medium disruption", State: platform.PartialOutage},
	{Prefix: "medium disruptions", State: platform.PartialOutage},
	{Prefix: "high disruption", State: platform.MajorOutage},
	{Prefix: "high disruptions", State: platform.MajorOutage},
	{Prefix: "major outage", State: platform.MajorOutage},
}

// Read asks the page. A page that cannot be read, or that does not have the product, is an error.
func (c *Client) Read(ctx context.Context) (*platform.Page, error) {
	resp, err := c.up.Do(ctx, upstream.Request{Path: path, Header: http.Header{"User-Agent": {"whatsapp_sla_exporter"}}})
	if err != nil {
		return nil, err
	}
	var list []json.RawMessage
	if err := resp.JSON(&list); err != nil {
		return nil, err
	}
	found, ok := find(list, c.o.Organisation)
	if !ok {
		return nil, unexpected(resp, fmt.Sprintf("the page does not list %q with its services", c.o.Organisation))
	}
	page := &platform.Page{Name: c.o.Name, Type: Type, ReadAt: c.o.Now()}
	page.Services, page.Dropped = platform.Bounded(c.services(found.Services))
	page.UnknownStates = c.unheard.Count("state")
	return page, nil
}

// organisation is one product of the page.
type organisation struct {
	ID       loose.Text `json:"id"`
	Services []service  `json:"services"`
}

type service struct {
	ID     loose.Text `json:"id"`
	Name   loose.Text `json:"name"`
	Status loose.Text `json:"status"`
}

// find looks for a product among those that can be read: what another product's entry looks like is no matter.
func find(list []json.RawMessage, id string) (organisation, bool) {
	for _, raw := range list {
		var o organisation
		if json.Unmarshal(raw, &o) == nil && string(o.ID) == id && len(o.Services) > 0 {
			return o, true
		}
	}
	return organisation{}, false
}

func (c *Client) services(list []service) []platform.Service {
	out := make([]platform.Service, 0, len(list))
	for _, s := range list {
		state, ok := platform.Match(phrases, string(s.Status))
		if !ok {
			c.unheard.Note("state", string(s.Status))
		}
		name := string(s.Name)
		if platform.Label(name) == "" {
			name = "service " + string(s.ID)
		}
		out = append(out, platform.Service{Name: name, State: state})
	}
	return out
}

// unexpected is an answer that is JSON and still not the page.
func unexpected(r *upstream.Response, what string) error {
	return &upstream.Error{Reason: upstream.Decode, Call: "GET " + path, Status: r.Status, Err: errors.New(what)}
}
