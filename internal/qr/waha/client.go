// Package waha reads sessions from WAHA, the WhatsApp HTTP API.
package waha

import (
	"context"
	"errors"
	"fmt"
	"net/http"
	"strings"
	"time"

	"github.com/go-kit/log"

	"whatsapp_sla_exporter/internal/loose"
	"whatsapp_sla_exporter/internal/qr"
	"whatsapp_sla_exporter/internal/upstream"
)

// Gateway is the name of the gateway in the configuration and in labels.
const Gateway = "waha"

// DefaultSession is what WAHA calls its first session, the only one in its free edition.
const DefaultSession = "default"

// Options configure a Client. Name and Upstream.BaseURL are required.
type Options struct {
	Name string // as configured: the session label
	// Upstream is how to call the gateway. Its HTTP client sends the X-Api-Key header. Check is replaced.
	Upstream upstream.Options
	Session  string // its name in the gateway; DefaultSession where empty
	Now      func() time.Time
	Logger   log.Logger
}

// Client reads one session. It is for one goroutine.
type Client struct {
	o       Options
	path    string
	up      *upstream.Client
	unheard *loose.Unheard
}

// New returns a client. It does not call the gateway.
func New(o Options) (*Client, error) {
	if o.Name == "" {
		return nil, errors.New("waha: no session name")
	}
	if o.Session == "" {
		o.Session = DefaultSession
	}
	if o.Now == nil {
		o.Now = time.Now
	}
	segment, err := qr.Segment(o.Session)
	if err != nil {
		return nil, fmt.Errorf("waha: %w", err)
	}
	o.Upstream.Now, o.Upstream.Check = o.Now, check
	up, err := upstream.New(o.Upstream)
	if err != nil {
		return nil, fmt.Errorf("waha: %w", err)
	}
	return &Client{o: o, path: "/api/sessions/" + segment, up: up, unheard: loose.NewUnheard(o.Logger, o.Name)}, nil
}

func check(r *upstream.Response) *upstream.Error {
	switch r.Status {
	case http.StatusUnauthorized:
		return &upstream.Error{Reason: upstream.Auth, Err: errors.New("WAHA refuses the API key: check the X-Api-Key header in http_config")}
	case http.StatusNotFound:
		return &upstream.Error{Reason: upstream.NotFound, Err: errors.New("WAHA has no such session: check url and session")}
	}
	return nil
}

// states are the values of a session's status. Source: WAHA's page on sessions.
var states = map[string]qr.State{
	"WORKING":      qr.Connected,
	"STARTING":     qr.Connecting,
	"SCAN_QR_CODE": qr.ScanQR,
	"STOPPED":      qr.Stopped,
	"FAILED":       qr.Failed,
}

// Read asks the gateway. A gateway that cannot be read is an error, never a session that is not connected.
func (c *Client) Read(ctx context.Context) (*qr.Session, error) {
	// The answer also tells whose account it is: that is not read.
	var answer struct {
		Status loose.Text `json:"status"`
	}
	if _, err := c.up.GetJSON(ctx, c.path, nil, &answer); err != nil {
		return nil, err
	}
	return &qr.Session{
		Name: c.o.Name, Gateway: Gateway, ReadAt: c.o.Now(),
		State: c.state(string(answer.Status)), UnknownStates: c.unheard.Count("status"),
	}, nil
}

func (c *Client) state(word string) qr.State {
	if s, ok := states[strings.ToUpper(strings.TrimSpace(word))]; ok {
		return s
	}
	c.unheard.Note("status", word)
	return qr.Unknown
}
