package chatwoot

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"net/http"
	"net/url"
	"strconv"

	"whatsapp_sla_exporter/internal/helpdesk"
	"whatsapp_sla_exporter/internal/helpdesk/feed"
	"whatsapp_sla_exporter/internal/upstream"
)

// Open reads all conversations that are not resolved.
func (c *Client) Open(ctx context.Context) (*helpdesk.Pass, error) {
	p := c.collect(openCalls)
	for _, status := range []string{"open", "pending", "snoozed"} {
		if err := c.walkStatus(ctx, p, status); err != nil {
			return nil, err
		}
	}
	p.Pass.Skew = c.clock.Skew()
	return &p.Pass, nil
}

// walkStatus reads all conversations of a status.
func (c *Client) walkStatus(ctx context.Context, p *pass, status string) error {
	w := walker{page: 1}
	for range openPages {
		var raw rows
		var count int
		err := feed.Patiently(ctx, c.wait, func() (err error) {
			raw, count, err = c.list(ctx, status, url.Values{"sort_by": {"last_activity_at_desc"}, "page": {strconv.Itoa(w.page)}})
			return err
		})
		if err != nil {
			return err
		}
		ended, err := w.next(p.add(ctx, raw), len(raw), count)
		if err != nil {
			return c.broken(err.Error())
		}
		if ended {
			return nil
		}
	}
	return c.broken(fmt.Sprintf("the list of %s conversations does not end", status))
}

// Lookup reads single conversations. One that was deleted, or that the token's user may not see, is gone.
func (c *Client) Lookup(ctx context.Context, ids []string) (*helpdesk.Pass, error) {
	p := c.collect(openCalls)
	for _, id := range ids {
		err := feed.Patiently(ctx, c.wait, func() error { return c.show(ctx, p, id) })
		if err != nil {
			return nil, err
		}
	}
	p.Pass.Skew = c.clock.Skew()
	return &p.Pass, nil
}

// show reads one conversation.
func (c *Client) show(ctx context.Context, p *pass, id string) error {
	var raw json.RawMessage
	err := c.get(ctx, listPath+"/"+url.PathEscape(id), nil, &raw)
	if e, ok := errors.AsType[*upstream.Error](err); ok && e.Code == apiError && (e.Status == http.StatusNotFound || e.Reason == upstream.Permission) {
		c.forget(id)
		p.Gone(id)
		return nil
	}
	if err == nil {
		p.add(ctx, rows{raw})
	}
	return err
}
