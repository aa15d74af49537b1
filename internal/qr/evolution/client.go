// Package evolution reads sessions, there called instances, from Evolution API.
package evolution

import (
	"context"
	"errors"
	"fmt"
	"net/http"
	"net/url"
	"strings"
	"time"

	"github.com/go-kit/log"

	"whatsapp_sla_exporter/internal/loose"
	"whatsapp_sla_exporter/internal/qr"
	"whatsapp_sla_exporter/internal/upstream"
)

// Gateway is the name of the gateway in the configuration and in labels.
const Gateway = "evolution"

// Options configure a Client. Name, Upstream.BaseURL and Session are required.
type Options struct {
	Name string // as configured: the session label
	// Upstream is how to call the gateway. Its HTTP client sends the apikey header. Check is replaced.
	Upstream upstream.Options
	Session  string // the name of the instance in the gateway
	Now      func() time.Time
	Logger   log.Logger
}

// Client reads one instance. It is for one goroutine.
type Client struct {
	o       Options
	path    string
	up      *upstream.Client
	unheard *loose.Unheard
	// last is the record of the instance as it was last read while it was not connected; nil: not read since.
	last *record
}

// New returns a client. It does not call the gateway.
func New(o Options) (*Client, error) {
	if o.Name == "" {
		return nil, errors.New("evolution: no session name")
	}
	if o.Now == nil {
		o.Now = time.Now
	}
	segment, err := qr.Segment(o.Session)
	if err != nil {
		return nil, fmt.Errorf("evolution: %w", err)
	}
	o.Upstream.Now, o.Upstream.Check = o.Now, check
	up, err := upstream.New(o.Upstream)
	if err != nil {
		return nil, fmt.Errorf("evolution: %w", err)
	}
	return &Client{o: o, path: "/instance/connectionState/" + segment, up: up, unheard: loose.NewUnheard(o.Logger, o.Name)}, nil
}

func check(r *upstream.Response) *upstream.Error {
	switch r.Status {
	case http.StatusUnauthorized:
		return &upstream.Error{Reason: upstream.Auth, Err: errors.New("Evolution API refuses the key: check the apikey header in http_config")}
	case http.StatusNotFound:
		return &upstream.Error{Reason: upstream.NotFound, Err: errors.New("Evolution API has no such instance: check url and session")}
	}
	return nil
}

// Read asks the gateway. A gateway that cannot be read is an error, never a session that is not connected.
func (c *Client) Read(ctx context.Context) (*qr.Session, error) {
	var answer struct {
		Instance struct {
			State loose.Text `json:"state"`
		} `json:"instance"`
	}
	if _, err := c.up.GetJSON(ctx, c.path, nil, &answer); err != nil {
		return nil, err
	}
	s := &qr.Session{Name: c.o.Name, Gateway: Gateway, ReadAt: c.o.Now()}
	s.State = c.state(ctx, strings.ToLower(strings.TrimSpace(string(answer.Instance.State))))
	s.UnknownStates = c.unheard.Count("state")
	return s, nil
}

// state is what the live state of the connection means, with the gateway's record of the instance where the word
// alone does not tell.
func (c *Client) state(ctx context.Context, word string) qr.State {
	switch word {
	case "open":
		c.last = nil
		return qr.Connected
	case "connecting":
		return c.record(ctx).connecting()
	case "close":
		return c.record(ctx).closed()
	case "refused": // the QR code was shown as often as the gateway shows one
		return qr.LoggedOut
	}
	c.unheard.Note("state", word)
	return qr.Unknown
}

// record asks for the gateway's record of the instance. The live state is known by now, so a failure here is not
// one of the reading: what the record last said since the connection was lost stands.
func (c *Client) record(ctx context.Context) record {
	var list []record
	_, err := c.up.GetJSON(ctx, "/instance/fetchInstances", url.Values{"instanceName": {c.o.Session}}, &list)
	if err == nil {
		c.last = nil
		for _, r := range list {
			if string(r.Name) == c.o.Session {
				c.last = &r
			}
		}
	}
	if c.last == nil {
		return record{}
	}
	return *c.last
}
