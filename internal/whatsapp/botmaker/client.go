// Package botmaker reads accounts from Botmaker: which WhatsApp channels there are and whether they are active. Its
// API tells nothing of quality, limits or health, so an account has none of these: for those, read the same numbers
// from Meta as well.
package botmaker

import (
	"context"
	"errors"
	"fmt"
	"net/http"
	"net/url"
	"strings"

	"whatsapp_sla_exporter/internal/loose"
	"whatsapp_sla_exporter/internal/upstream"
	"whatsapp_sla_exporter/internal/whatsapp"
	"whatsapp_sla_exporter/internal/whatsapp/provider"
)

// Provider is the name of the provider in the configuration and in labels.
const Provider = "botmaker"

// DefaultURL is the address of the API.
const DefaultURL = "https://api.botmaker.com/v2.0"

// Client reads one account. It is for one goroutine.
type Client struct {
	o         provider.Options
	up        *upstream.Client
	translate *provider.Translator
}

// New returns a client. It does not call the API. Upstream.BaseURL defaults to DefaultURL; its HTTP client sends the
// header access-token.
func New(o provider.Options) (*Client, error) {
	if err := o.Defaults(); err != nil {
		return nil, fmt.Errorf("botmaker: %w", err)
	}
	if o.Upstream.BaseURL == "" {
		o.Upstream.BaseURL = DefaultURL
	}
	o.Upstream.Check = check
	up, err := upstream.New(o.Upstream)
	if err != nil {
		return nil, fmt.Errorf("botmaker: %w", err)
	}
	return &Client{o: o, up: up, translate: provider.NewTranslator(o)}, nil
}

func check(r *upstream.Response) *upstream.Error {
	if r.Status == http.StatusUnauthorized || r.Status == http.StatusForbidden {
		return &upstream.Error{Reason: upstream.Auth, Err: errors.New("Botmaker refuses the token, or it has expired: check the access-token header in http_config")}
	}
	return nil
}

const (
	path     = "/channels"
	platform = "whatsapp"
	maxPages = 500
)

// channelPage is one page of the list.
type channelPage struct {
	Items []channel  `json:"items"`
	Next  loose.Text `json:"nextPage"`
}

type channel struct {
	ID       loose.Text         `json:"id"`
	Platform loose.Text         `json:"platform"`
	Active   loose.Value[*bool] `json:"active"`
	Number   loose.Text         `json:"number"`
}

// Read makes one pass and returns the account as it is told in it, or an error and no account. Channels that are
// not active are asked for as well: one that was switched off must not look like one that never was.
func (c *Client) Read(ctx context.Context) (*whatsapp.Account, error) {
	draft := provider.NewDraft(c.o.LimitScope, c.o.Now())
	query := url.Values{"platform": {platform}}
	for range maxPages {
		var page channelPage
		if _, err := c.up.GetJSON(ctx, path, query, &page); err != nil {
			return nil, err
		}
		if err := c.channels(&page, draft); err != nil {
			return nil, err
		}
		if page.Next == "" {
			return draft.Account(c.o.Account, Provider, c.translate), nil
		}
		next, err := page.next(query)
		if err != nil {
			return nil, err
		}
		query = next
	}
	return nil, unexpected(fmt.Sprintf("more than %d pages", maxPages))
}

// channels adds a page to the draft.
func (c *Client) channels(page *channelPage, d *provider.Draft) error {
	if page.Items == nil {
		return unexpected("the answer has no list of channels")
	}
	fresh := 0
	for i := range page.Items {
		ch := &page.Items[i]
		if ch.ID == "" {
			return unexpected("a channel without id")
		}
		if p := string(ch.Platform); p != "" && !strings.EqualFold(p, platform) {
			fresh++
			continue
		}
		number := whatsapp.PhoneNumber{ID: string(ch.ID), DisplayPhoneNumber: string(ch.Number), Status: c.status(ch)}
		if d.Number(number, provider.Limit{}) {
			fresh++
		}
	}
	if len(page.Items) > 0 && fresh == 0 {
		return unexpected("a page that repeats an earlier one")
	}
	return nil
}

// status is all that Botmaker tells: connected or not.
func (c *Client) status(ch *channel) whatsapp.Enum {
	switch {
	case ch.Active.V == nil:
		c.translate.Odd("active", "")
		return whatsapp.Unknown
	case *ch.Active.V:
		return "connected"
	}
	return "disconnected"
}

// next makes the query of the page that follows. Of the address that Botmaker gives only the parameters are taken:
// the token goes nowhere that an answer says.
func (p *channelPage) next(query url.Values) (url.Values, error) {
	u, err := url.Parse(string(p.Next))
	if err != nil || u.RawQuery == "" {
		return nil, unexpected("the answer says that there is another page and gives no address of it")
	}
	next := u.Query()
	next.Set("platform", platform)
	if next.Encode() == query.Encode() {
		return nil, unexpected("the same page comes again and again")
	}
	return next, nil
}

// unexpected is an answer that is JSON and still cannot be what the API sends.
func unexpected(what string) error {
	return &upstream.Error{Reason: upstream.Decode, Call: "GET " + path, Err: errors.New(what)}
}
