// Package dialog360 reads accounts from 360dialog. A partner's account is read from the Partner API: every channel
// with its quality, limit and status. A client's account is read from the messaging host, which tells of the one
// number that the API key is for whether it may send, and nothing of quality or limits.
package dialog360

import (
	"context"
	"errors"
	"fmt"
	"net/http"
	"net/url"

	"whatsapp_sla_exporter/internal/upstream"
	"whatsapp_sla_exporter/internal/whatsapp"
	"whatsapp_sla_exporter/internal/whatsapp/provider"
)

// Provider is the name of the provider in the configuration and in labels.
const Provider = "360dialog"

// The addresses of the two APIs.
const (
	PartnerURL   = "https://hub.360dialog.io/api/v2"
	MessagingURL = "https://waba-v2.360dialog.io"
)

// partnerRate is what the Partner API allows: 5 requests in 30 s.
const (
	partnerRate  = 5.0 / 30
	partnerBurst = 5
)

// Options configure a Client.
type Options struct {
	// Upstream.BaseURL defaults to PartnerURL or MessagingURL. Its HTTP client sends the partner's key as x-api-key,
	// or the number's as D360-API-KEY.
	provider.Options
	// PartnerID is whose channels are read. Empty: the number of the API key, from the messaging host.
	PartnerID string
}

// Client reads one account. It is for one goroutine.
type Client struct {
	o         Options
	up        *upstream.Client
	translate *provider.Translator
	path      string // of the partner's channels
}

// New returns a client. It does not call the API.
func New(o Options) (*Client, error) {
	if err := o.Defaults(); err != nil {
		return nil, fmt.Errorf("360dialog: %w", err)
	}
	c := &Client{translate: provider.NewTranslator(o.Options), path: "/partners/" + url.PathEscape(o.PartnerID) + "/channels"}
	u := &o.Upstream
	switch o.PartnerID {
	case ".", "..":
		return nil, fmt.Errorf("360dialog: partner_id %q: want the id that Partner Hub shows", o.PartnerID)
	case "":
		setDefault(&u.BaseURL, MessagingURL)
	default:
		setDefault(&u.BaseURL, PartnerURL)
		if u.Rate == 0 {
			u.Rate, u.Burst = partnerRate, partnerBurst
		}
	}
	u.Check = check
	up, err := upstream.New(*u)
	if err != nil {
		return nil, fmt.Errorf("360dialog: %w", err)
	}
	c.o, c.up = o, up
	return c, nil
}

func setDefault(v *string, standard string) {
	if *v == "" {
		*v = standard
	}
}

func check(r *upstream.Response) *upstream.Error {
	switch r.Status {
	case http.StatusUnauthorized:
		return &upstream.Error{Reason: upstream.Auth, Err: errors.New("360dialog refuses the key: a partner's goes to x-api-key, a number's to D360-API-KEY, both in http_config")}
	case http.StatusForbidden:
		return &upstream.Error{Reason: upstream.Permission, Err: errors.New("the key is not for this: check partner_id, and that the host fits the kind of key")}
	case http.StatusNotFound:
		return &upstream.Error{Reason: upstream.NotFound, Err: errors.New("360dialog knows nothing there: check url and partner_id")}
	}
	return nil
}

// Read makes one pass and returns the account as it is told in it, or an error and no account.
func (c *Client) Read(ctx context.Context) (*whatsapp.Account, error) {
	draft := provider.NewDraft(c.o.LimitScope, c.o.Now())
	read := c.readChannels
	if c.o.PartnerID == "" {
		read = c.readHealth
	}
	if err := read(ctx, draft); err != nil {
		return nil, err
	}
	return draft.Account(c.o.Account, Provider, c.translate), nil
}

// unexpected is an answer that is JSON and still cannot be what the API sends.
func unexpected(path, what string) error {
	return &upstream.Error{Reason: upstream.Decode, Call: "GET " + path, Err: errors.New(what)}
}
