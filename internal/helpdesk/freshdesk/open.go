package freshdesk

import (
	"context"
	"encoding/json"
	"errors"
	"net/http"
	"net/url"
	"slices"

	"whatsapp_sla_exporter/internal/helpdesk"
	"whatsapp_sla_exporter/internal/helpdesk/feed"
	"whatsapp_sla_exporter/internal/upstream"
)

// Open reads all open tickets: those that changed within Window from the list, and the others one by one as the
// search finds them, once each.
func (c *Client) Open(ctx context.Context) (*helpdesk.Pass, error) {
	c.loadLabels(ctx, labelsEvery)
	p := feed.Collect()
	horizon := c.clock.Now().Add(-c.o.Window)
	_, ended, err := c.walk(ctx, p, feed.Position{At: horizon}, openPages, c.patiently(ctx))
	if err == nil && !ended {
		err = feed.Broken(http.MethodGet, listPath, "the list of tickets does not end")
	}
	if err != nil {
		return nil, err
	}
	if err := c.addQuiet(ctx, p, horizon); err != nil {
		return nil, err
	}
	p.Pass.Tickets = slices.DeleteFunc(p.Pass.Tickets, func(t helpdesk.Ticket) bool { return !t.Open() })
	p.Pass.Skew = c.clock.Skew()
	return &p.Pass, nil
}

func (c *Client) patiently(ctx context.Context) func(func() error) error {
	return func(f func() error) error { return feed.Patiently(ctx, c.wait, f) }
}

// Lookup reads single tickets. One that is in the trash, is spam, or that Freshdesk does not show, is gone.
func (c *Client) Lookup(ctx context.Context, ids []string) (*helpdesk.Pass, error) {
	c.loadLabels(ctx, labelsEvery)
	p := feed.Collect()
	for _, id := range ids {
		if err := c.show(ctx, p, id); err != nil {
			return nil, err
		}
	}
	p.Pass.Skew = c.clock.Skew()
	return &p.Pass, nil
}

// show reads one ticket.
func (c *Client) show(ctx context.Context, p *feed.Collector, id string) error {
	return c.patiently(ctx)(func() error {
		var raw json.RawMessage
		resp, err := c.get(ctx, listPath+"/"+url.PathEscape(id), url.Values{"include": {"stats"}}, &raw)
		if notShown(resp, err) {
			c.waiting.Forget(id)
			p.Gone(id)
			return nil
		}
		if err == nil {
			c.add(ctx, p, rows{raw})
		}
		return err
	})
}

// notShown says whether Freshdesk itself says that there is no such ticket, or none for this agent. Its 404 has no
// body; one that has may come from something in front of it, or from another place than an account.
func notShown(resp *upstream.Response, err error) bool {
	e, ok := errors.AsType[*upstream.Error](err)
	if !ok || resp == nil {
		return false
	}
	return e.Status == http.StatusNotFound && (len(resp.Body) == 0 || e.Code != "") || e.Status == http.StatusForbidden && e.Code == "access_denied"
}
