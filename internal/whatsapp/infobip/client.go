// Package infobip reads accounts from Infobip's WhatsApp API: the quality, limit and status of the senders that the
// operator names, because the API has no list of them.
package infobip

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"net/http"
	"net/url"
	"regexp"
	"slices"
	"strings"

	"whatsapp_sla_exporter/internal/loose"
	"whatsapp_sla_exporter/internal/upstream"
	"whatsapp_sla_exporter/internal/whatsapp"
	"whatsapp_sla_exporter/internal/whatsapp/provider"
)

// Provider is the name of the provider in the configuration and in labels.
const Provider = "infobip"

// Options configure a Client.
type Options struct {
	// Upstream.BaseURL is required: every Infobip account has a host of its own. Its HTTP client sends
	// "Authorization: App <key>".
	provider.Options
	// Senders are the numbers, digits only.
	Senders []string
}

// Client reads one account. It is for one goroutine.
type Client struct {
	o         Options
	up        *upstream.Client
	translate *provider.Translator
	last      *whatsapp.Account
}

var number = regexp.MustCompile(`^[1-9][0-9]{4,14}$`)

// New returns a client. It does not call the API.
func New(o Options) (*Client, error) {
	if err := o.Defaults(); err != nil {
		return nil, fmt.Errorf("infobip: %w", err)
	}
	if len(o.Senders) == 0 {
		return nil, errors.New("infobip: no senders: the API has no list of them, name the numbers")
	}
	for _, s := range o.Senders {
		if !number.MatchString(s) {
			return nil, fmt.Errorf("infobip: sender %q: want a number in international form, digits only", s)
		}
	}
	o.Upstream.Check = check
	up, err := upstream.New(o.Upstream)
	if err != nil {
		return nil, fmt.Errorf("infobip: %w", err)
	}
	return &Client{o: o, up: up, translate: provider.NewTranslator(o.Options)}, nil
}

// check reads Infobip's error id.
func check(r *upstream.Response) *upstream.Error {
	if r.Status < 400 {
		return nil
	}
	var answer struct {
		Error struct {
			Service struct {
				ID loose.Text `json:"messageId"`
			} `json:"serviceException"`
		} `json:"requestError"`
	}
	_ = json.Unmarshal(r.Body, &answer) // without the id the status says enough
	e := &upstream.Error{Code: string(answer.Error.Service.ID)}
	switch r.Status {
	case http.StatusUnauthorized:
		e.Reason, e.Err = upstream.Auth, errors.New("Infobip refuses the key: check authorization in http_config, with type App")
	case http.StatusForbidden:
		e.Reason, e.Err = upstream.Permission, errors.New("the key may not read this: give it the API scope for managing WhatsApp")
	case http.StatusTooManyRequests:
		e.Reason, e.Err = upstream.Throttled, errors.New("more than 10 requests in a second")
	default:
		return nil
	}
	return e
}

const (
	path      = "/whatsapp/1/senders/quality"
	batchSize = 100 // the most senders that one request may name
)

// result is what the API says of one sender.
type result struct {
	Sender  loose.Text `json:"sender"`
	Quality loose.Text `json:"qualityRating"`
	Status  loose.Text `json:"status"`
	Limit   loose.Text `json:"currentLimit"`
}

// Read makes one pass and returns the account as it is told in it, or an error and no account. Senders that are not
// in the answer make a *whatsapp.PartialError; in the account they are as they were last told.
func (c *Client) Read(ctx context.Context) (*whatsapp.Account, error) {
	draft, missing := provider.NewDraft(c.o.LimitScope, c.o.Now()), []string(nil)
	for batch := range slices.Chunk(c.o.Senders, batchSize) {
		results, err := c.ask(ctx, batch)
		if err != nil {
			return nil, err
		}
		for _, sender := range batch {
			r, ok := results[sender]
			if !ok {
				missing = append(missing, sender)
				continue
			}
			draft.Number(c.number(&r), c.translate.Limit("currentLimit", string(r.Limit)))
		}
	}
	if len(missing) == len(c.o.Senders) {
		return nil, c.missing(len(missing))
	}
	a := draft.Account(c.o.Account, Provider, c.translate)
	c.keep(a, missing)
	c.last = a
	if len(missing) == 0 {
		return a, nil
	}
	return a, &whatsapp.PartialError{Parts: []whatsapp.PartError{{Part: "senders", Err: c.missing(len(missing))}}}
}

// ask reads the senders of one batch, by number.
func (c *Client) ask(ctx context.Context, batch []string) (map[string]result, error) {
	var answer struct {
		Results []result `json:"results"`
	}
	if _, err := c.up.GetJSON(ctx, path, url.Values{"senders": {strings.Join(batch, ",")}}, &answer); err != nil {
		return nil, err
	}
	if answer.Results == nil {
		return nil, &upstream.Error{Reason: upstream.Decode, Call: "GET " + path, Err: errors.New("the answer has no list of results")}
	}
	out := make(map[string]result, len(answer.Results))
	for _, r := range answer.Results {
		out[string(r.Sender)] = r
	}
	return out, nil
}

// keep adds to the account what was last told of the senders that are missing in it.
func (c *Client) keep(a *whatsapp.Account, missing []string) {
	if c.last == nil {
		return
	}
	for _, n := range c.last.PhoneNumbers {
		if slices.Contains(missing, n.ID) {
			a.PhoneNumbers = append(a.PhoneNumbers, n)
		}
	}
	for _, l := range c.last.Limits {
		if slices.Contains(missing, l.ScopeID) {
			a.Limits = append(a.Limits, l)
		}
	}
}

func (c *Client) missing(n int) error {
	return &upstream.Error{
		Reason: upstream.NotFound, Call: "GET " + path,
		Err: fmt.Errorf("%d of %d senders are not in the answer: check that they belong to this account", n, len(c.o.Senders)),
	}
}

func (c *Client) number(r *result) whatsapp.PhoneNumber {
	return whatsapp.PhoneNumber{
		ID:                 string(r.Sender),
		DisplayPhoneNumber: string(r.Sender),
		Quality:            c.translate.Quality("qualityRating", string(r.Quality)),
		Status:             c.translate.Enum(whatsapp.PhoneStatuses, "status", string(r.Status)), // passed on from Meta
	}
}
