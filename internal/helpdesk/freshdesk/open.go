package freshdesk

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"net/http"
	"net/url"
	"slices"
	"time"

	"whatsapp_sla_exporter/internal/helpdesk"
	"whatsapp_sla_exporter/internal/helpdesk/feed"
	"whatsapp_sla_exporter/internal/upstream"
)

// reading is a read of all open tickets that may take several calls of Open, because small plans allow the list so few
// calls a minute that changes could not wait for its end.
type reading struct {
	began   time.Time
	horizon time.Time // earlier changes are not in the list that is read
	pass    *feed.Collector
	at      feed.Position
	listed  bool         // the list was read to its end
	found   []feed.Stamp // what the search found besides, once the list was read
}

const (
	// partPages and partTickets are how many pages of the list, and how many single tickets, one call of Open reads.
	partPages   = 200
	partTickets = 100
	// mostTickets ends a list that does not end by itself.
	mostTickets = 500_000
	// readFor is how long a read may take, failures among it: what it read first must not be too old.
	readFor = 3 * time.Hour
)

// Open reads all open tickets: those that changed within Window from the list, and the others one by one as the
// search finds them, once each. It ends with More where Freshdesk wants a pause or there is a lot to read; after a
// failure, too, the next call goes on.
func (c *Client) Open(ctx context.Context) (*helpdesk.Pass, error) {
	c.opening.Lock()
	defer c.opening.Unlock()
	if err := c.sitOut(ctx); err != nil {
		return nil, err
	}
	c.loadLabels(ctx, labelsEvery)
	r, err := c.begun()
	if err != nil {
		return nil, err
	}
	more, err := c.readOn(ctx, r)
	if pause, ok := feed.Pause(err); ok {
		c.pause(pause)
		more, err = true, nil
	}
	switch {
	case err != nil:
		return nil, err
	case more:
		return &helpdesk.Pass{More: true, Skew: c.clock.Skew()}, nil
	}
	c.reading = nil
	p := &r.pass.Pass
	p.Tickets = slices.DeleteFunc(p.Tickets, func(t helpdesk.Ticket) bool { return !t.Open() })
	p.Skew = c.clock.Skew()
	return p, nil
}

// begun is the read that goes on, or a new one. One that does not come to its end is given up.
func (c *Client) begun() (*reading, error) {
	now := c.clock.Now()
	if c.reading == nil {
		horizon := now.Add(-c.o.Window)
		c.reading = &reading{began: now, horizon: horizon, pass: feed.Collect(), at: feed.Position{At: horizon}}
	}
	if took := now.Sub(c.reading.began); took > readFor {
		c.reading = nil
		return nil, upstream.Broken(http.MethodGet, listPath, fmt.Sprintf("not all open tickets could be read in %v, beginning anew", readFor))
	}
	return c.reading, nil
}

// readOn reads the next part of all open tickets.
func (c *Client) readOn(ctx context.Context, r *reading) (more bool, err error) {
	if !r.listed {
		r.at, r.listed, err = c.walk(ctx, r.pass, r.at, partPages)
		if err == nil && !r.listed && len(r.pass.Pass.Tickets) >= mostTickets {
			err = upstream.Broken(http.MethodGet, listPath, "the list of tickets does not end")
		}
		if err != nil || !r.listed {
			return true, err
		}
	}
	if r.found == nil {
		if r.found, err = c.findQuiet(ctx, r.horizon); err != nil {
			return true, err
		}
	}
	return c.addQuiet(ctx, r)
}

// pause keeps the calls that page through lists away for a while.
func (c *Client) pause(d time.Duration) {
	c.mu.Lock()
	defer c.mu.Unlock()
	c.until = c.o.Now().Add(d)
}

// sitOut waits until a pause is over.
func (c *Client) sitOut(ctx context.Context) error {
	c.mu.Lock()
	d := c.until.Sub(c.o.Now())
	c.mu.Unlock()
	if d <= 0 {
		return nil
	}
	return c.wait(ctx, d)
}

func (c *Client) patiently(ctx context.Context, f func() error) error {
	return feed.Patiently(ctx, c.wait, f)
}

// Lookup reads single tickets. One that is in the trash, is spam, or that Freshdesk does not show, is gone.
func (c *Client) Lookup(ctx context.Context, ids []string) (*helpdesk.Pass, error) {
	c.loadLabels(ctx, labelsEvery)
	p := feed.Collect()
	for _, id := range ids {
		if err := c.patiently(ctx, func() error { return c.show(ctx, p, id) }); err != nil {
			return nil, err
		}
	}
	p.Pass.Skew = c.clock.Skew()
	return &p.Pass, nil
}

// show reads one ticket.
func (c *Client) show(ctx context.Context, p *feed.Collector, id string) error {
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
