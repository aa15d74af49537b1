// Package gowa reads sessions, there called devices, from go-whatsapp-web-multidevice.
package gowa

import (
	"context"
	"errors"
	"fmt"
	"net/http"
	"net/url"
	"time"

	"github.com/go-kit/log"

	"whatsapp_sla_exporter/internal/loose"
	"whatsapp_sla_exporter/internal/qr"
	"whatsapp_sla_exporter/internal/upstream"
)

// Gateway is the name of the gateway in the configuration and in labels.
const Gateway = "gowa"

// Options configure a Client. Name and Upstream.BaseURL are required.
type Options struct {
	Name string // as configured: the session label
	// Upstream is how to call the gateway. Its HTTP client has the basic auth. Check is replaced.
	Upstream upstream.Options
	// Session is the id of the device in the gateway. Empty: its only device; versions before 8 know no other.
	Session string
	Now     func() time.Time
	Logger  log.Logger
}

// Client reads one device. It is for one goroutine.
type Client struct {
	o       Options
	header  http.Header
	up      *upstream.Client
	unheard *loose.Unheard
}

// New returns a client. It does not call the gateway.
func New(o Options) (*Client, error) {
	if o.Name == "" {
		return nil, errors.New("gowa: no session name")
	}
	if o.Now == nil {
		o.Now = time.Now
	}
	o.Upstream.Now, o.Upstream.Check = o.Now, check
	up, err := upstream.New(o.Upstream)
	if err != nil {
		return nil, fmt.Errorf("gowa: %w", err)
	}
	header := http.Header{}
	if o.Session != "" {
		header.Set("X-Device-Id", url.QueryEscape(o.Session)) // the gateway decodes it as a query value
	}
	return &Client{o: o, header: header, up: up, unheard: loose.NewUnheard(o.Logger, o.Name)}, nil
}

func check(r *upstream.Response) *upstream.Error {
	switch r.Status {
	case http.StatusUnauthorized:
		return &upstream.Error{Reason: upstream.Auth, Err: errors.New("the gateway refuses the user or password: check basic_auth in http_config")}
	case http.StatusNotFound:
		return &upstream.Error{Reason: upstream.NotFound, Err: errors.New("the gateway has no such device: check url and session")}
	case http.StatusBadRequest:
		return &upstream.Error{Reason: upstream.BadRequest, Err: errors.New("the gateway has several devices or none: set session to the id of one")}
	}
	return nil
}

// Read asks the gateway. A gateway that cannot be read is an error, never a session that is not connected.
func (c *Client) Read(ctx context.Context) (*qr.Session, error) {
	resp, err := c.up.Do(ctx, upstream.Request{Path: "/app/status", Header: c.header})
	if err != nil {
		return nil, err
	}
	var answer struct {
		Results status `json:"results"`
	}
	if err := resp.JSON(&answer); err != nil {
		return nil, err
	}
	s := &qr.Session{Name: c.o.Name, Gateway: Gateway, ReadAt: c.o.Now(), State: answer.Results.state()}
	if s.State == qr.Unknown {
		c.unheard.Note("is_connected", "")
	}
	s.UnknownStates = c.unheard.Count("is_connected")
	return s, nil
}

// status is what the gateway says of a device. Of the number it is linked to only that there is one; versions
// before 8 do not say.
type status struct {
	Connected loose.Value[*bool] `json:"is_connected"`
	LoggedIn  loose.Value[*bool] `json:"is_logged_in"`
	Owner     loose.Presence     `json:"jid"`
}

func (s status) state() qr.State {
	if s.Connected.V == nil || s.LoggedIn.V == nil {
		return qr.Unknown
	}
	connected, loggedIn := *s.Connected.V, *s.LoggedIn.V
	switch {
	case connected && loggedIn:
		return qr.Connected
	case connected && s.Owner.Set: // linked, and about to log in
		return qr.Connecting
	case connected:
		return qr.ScanQR
	case s.Owner.Told && !s.Owner.Set:
		return qr.LoggedOut
	}
	return qr.Disconnected
}
