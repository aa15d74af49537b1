// Package twilio reads accounts from Twilio's Senders API: every WhatsApp sender with its quality, limit and status.
package twilio

import (
	"context"
	"encoding/json"
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
const Provider = "twilio"

// DefaultURL is the address of the API.
const DefaultURL = "https://messaging.twilio.com"

// Client reads one account. It is for one goroutine.
type Client struct {
	o         provider.Options
	up        *upstream.Client
	translate *provider.Translator
}

// New returns a client. It does not call the API. Upstream.BaseURL defaults to DefaultURL; its HTTP client has the
// basic auth: the SID and the secret of an API key, or those of the account.
func New(o provider.Options) (*Client, error) {
	if err := o.Defaults(); err != nil {
		return nil, fmt.Errorf("twilio: %w", err)
	}
	if o.Upstream.BaseURL == "" {
		o.Upstream.BaseURL = DefaultURL
	}
	o.Upstream.Check = check
	up, err := upstream.New(o.Upstream)
	if err != nil {
		return nil, fmt.Errorf("twilio: %w", err)
	}
	return &Client{o: o, up: up, translate: provider.NewTranslator(o)}, nil
}

// check reads Twilio's error code. Source: Twilio's REST API responses and its dictionary of errors.
func check(r *upstream.Response) *upstream.Error {
	if r.Status < 400 {
		return nil
	}
	var answer struct {
		Code loose.Text `json:"code"`
	}
	if json.Unmarshal(r.Body, &answer) != nil {
		return nil //nolint:nilerr // no answer of Twilio's own: its status tells
	}
	e := &upstream.Error{Code: string(answer.Code)}
	switch {
	case r.Status == http.StatusUnauthorized || e.Code == "20003":
		e.Reason, e.Err = upstream.Auth, errors.New("Twilio refuses the key: check basic_auth in http_config, the SID as user and the secret as password")
	case r.Status == http.StatusTooManyRequests || e.Code == "20429":
		e.Reason, e.Err = upstream.Throttled, errors.New("too many requests at once")
	default:
		return nil
	}
	return e
}

const (
	path     = "/v2/Channels/Senders"
	pageSize = "100" // of at most 1,000
	maxPages = 500
)

// Read makes one pass and returns the account as it is told in it, or an error and no account.
func (c *Client) Read(ctx context.Context) (*whatsapp.Account, error) {
	draft := provider.NewDraft(c.o.LimitScope, c.o.Now())
	query := url.Values{"Channel": {"whatsapp"}, "PageSize": {pageSize}}
	for range maxPages {
		var page senderPage
		if _, err := c.up.GetJSON(ctx, path, query, &page); err != nil {
			return nil, err
		}
		if err := c.senders(&page, draft); err != nil {
			return nil, err
		}
		more, err := page.next(query)
		if err != nil {
			return nil, err
		}
		if !more {
			return draft.Account(c.o.Account, Provider, c.translate), nil
		}
	}
	return nil, unexpected(fmt.Sprintf("more than %d pages", maxPages))
}

// senders adds a page to the draft.
func (c *Client) senders(page *senderPage, d *provider.Draft) error {
	if page.Senders == nil {
		return unexpected("the answer has no list of senders")
	}
	fresh := 0
	for i := range page.Senders {
		s := &page.Senders[i]
		address, isWhatsApp := strings.CutPrefix(string(s.Address), "whatsapp:")
		if s.SID == "" {
			return unexpected("a sender without sid")
		}
		if !isWhatsApp && s.Address != "" { // the list may hold RCS agents
			fresh++
			continue
		}
		if d.Number(c.number(s, address), c.translate.Limit("messaging_limit", string(s.Properties.V.Limit))) {
			fresh++
		}
	}
	if len(page.Senders) > 0 && fresh == 0 {
		return unexpected("a page that repeats an earlier one")
	}
	return nil
}

// next makes the query of the page that follows. Only the token is taken from the URL that Twilio gives: the
// credentials go nowhere that an answer says.
func (p *senderPage) next(query url.Values) (more bool, err error) {
	if p.Meta.V.Next == "" {
		return false, nil
	}
	u, err := url.Parse(string(p.Meta.V.Next))
	if err != nil {
		return false, unexpected("the address of the next page cannot be read")
	}
	token := u.Query().Get("PageToken")
	switch token {
	case "":
		return false, unexpected("the address of the next page has no PageToken")
	case query.Get("PageToken"):
		return false, unexpected("the same page comes again and again")
	}
	query.Set("PageToken", token)
	if n := u.Query().Get("Page"); n != "" {
		query.Set("Page", n)
	}
	return true, nil
}

// unexpected is an answer that is JSON and still cannot be what the API sends.
func unexpected(what string) error {
	return &upstream.Error{Reason: upstream.Decode, Call: "GET " + path, Err: errors.New(what)}
}
