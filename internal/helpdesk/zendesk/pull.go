package zendesk

import (
	"context"
	"errors"
	"fmt"
	"net/url"
	"strconv"
	"time"

	"github.com/go-kit/log/level"

	"whatsapp_sla_exporter/internal/helpdesk/feed"
	"whatsapp_sla_exporter/internal/upstream"
)

const (
	eventsPath = "/incremental/ticket_metric_events"
	// eventOverlap is read again: when Zendesk writes an event down, beside the time it is of, is not documented.
	eventOverlap = 3 * time.Minute
	// fullEvents is the least that a full page holds: 1,000 by time, and 100 where the export were paged by cursor.
	fullEvents = 100
	// newsBatches is how many times show_many is asked after tickets that had events and did not change.
	newsBatches = 10
)

// readEvents reads the export of metric events on, where it is needed, and leaves the export of tickets one call. What
// it read stands even after an error; only how far it was read does not move.
func (c *Client) readEvents(ctx context.Context, p *collector) error {
	now := c.serverNow()
	at, worked, ok := c.feed.start(now, now.Add(-c.o.Lookback))
	if !ok {
		return nil
	}
	err := c.eventPages(ctx, p, at)
	if reason := upstream.ReasonOf(err); err != nil && !worked && (reason == upstream.Permission || reason == upstream.NotFound) {
		level.Warn(c.o.Logger).Log("msg", "the export of metric events is not allowed: Zendesk's own deadlines are not known", "err", err)
		c.feed.unreadable(now.Add(agentFor))
		return nil
	}
	if err != nil {
		return fmt.Errorf("reading metric events: %w", err)
	}
	return nil
}

func (c *Client) eventPages(ctx context.Context, p *collector, at time.Time) error {
	var until time.Time
	var before eventSpan
	for p.exports < maxPages-1 {
		page, err := c.eventPage(ctx, p, at)
		if err != nil {
			return err
		}
		span := c.takeEvents(p, page)
		latest := c.serverNow().Add(-startMargin)
		next, end := page.next(at, latest)
		if !end && span == before {
			return broken(eventsPath, "the export of metric events repeats a page")
		}
		if until = feed.Later(until, next); until.After(latest) {
			until = latest
		}
		if end {
			p.caughtUp = c.feed.passed(until, c.serverNow(), true)
			return nil
		}
		at, before = next, span
	}
	p.pass.More = true
	p.caughtUp = c.feed.passed(until, c.serverNow(), false)
	return nil
}

// next is where the page after the one that began at an instant begins, or how far it was read where it was the
// last: where Zendesk says so, where it is not full, and where it holds breaches to come. A page that is full of
// one second holds all of it.
func (e *eventPage) next(at, latest time.Time) (next time.Time, end bool) {
	if e.EndTime == nil || len(e.Events) == 0 {
		return at, true
	}
	next = time.Unix(*e.EndTime, 0)
	switch {
	case e.EndOfStream != nil && *e.EndOfStream, len(e.Events) < fullEvents, next.After(latest), next.Before(at):
		return next, true
	case next.Equal(at):
		return at.Add(time.Second), false
	}
	return next, false
}

// eventSpan tells one page from another.
type eventSpan struct {
	n           int
	first, last int64
}

// takeEvents takes the events of a page. One that cannot be read costs only itself.
func (c *Client) takeEvents(p *collector, page *eventPage) (span eventSpan) {
	list := make([]metricEvent, 0, len(page.Events))
	for _, raw := range page.Events {
		e, err := readEvent(raw)
		if err != nil {
			p.pass.BadRows++
			continue
		}
		list = append(list, e)
	}
	for range c.feed.merge(list) {
		p.pass.Unknown("metric_event", "")
	}
	if n := len(list); n > 0 {
		span = eventSpan{n, list[0].ID, list[n-1].ID}
	}
	return span
}

// eventPage reads one page. A start that is too recent by Zendesk's clock is moved back by it.
func (c *Client) eventPage(ctx context.Context, p *collector, at time.Time) (*eventPage, error) {
	page, err := c.tryEventPage(ctx, p, at)
	if about(err, "start_time") || about(err, "starttime") {
		return c.tryEventPage(ctx, p, at)
	}
	return page, err
}

func (c *Client) tryEventPage(ctx context.Context, p *collector, at time.Time) (*eventPage, error) {
	p.exports++
	// Changes include what was withdrawn since, whatever time it is of.
	q := url.Values{"start_time": {strconv.FormatInt(c.startTime(at).Unix(), 10)}, "include_changes": {"true"}}
	var page eventPage
	if err := c.get(ctx, eventsPath, q, &page); err != nil {
		return nil, err
	}
	if page.Events == nil {
		return nil, broken(eventsPath, "an answer without ticket_metric_events")
	}
	return &page, nil
}

// startTime is the time, or the latest that an export may start at.
func (c *Client) startTime(at time.Time) time.Time {
	if latest := c.serverNow().Add(-startMargin); at.After(latest) {
		return latest
	}
	return at
}

// takeNews ends a good pass: tickets that had events and that no feed showed, because somebody edited an SLA policy,
// are read, and what is known is kept.
func (c *Client) takeNews(ctx context.Context, p *collector) error {
	var ids []string
	for _, id := range c.feed.takeNews() {
		if !p.asked[id] {
			ids = append(ids, id)
		}
	}
	switch {
	case p.caughtUp:
		level.Info(c.o.Logger).Log("msg", "all metric events are read, deadlines are known")
		p.pass.Gap = true // of the tickets that were read before, too
	case len(ids) > newsBatches*c.batch:
		p.pass.Gap = true
	case c.feed.isReady():
		if err := c.show(ctx, p, ids); err != nil {
			return err
		}
	}
	c.feed.taken()
	return c.feed.keep()
}

// sawDeadlines learns from rows whether their endpoint tells of deadlines, and says so when it changes.
func (c *Client) sawDeadlines(r route, read []row) {
	on, turned := c.feed.saw(r, read, c.o.Now())
	switch {
	case turned && on && c.isAgent():
		level.Warn(c.o.Logger).Log("msg", "tickets come without SLAs and metric events, and an agent's token cannot read the export of metric events: Zendesk's own deadlines are not known", "endpoint", r)
	case turned && on:
		level.Warn(c.o.Logger).Log("msg", "tickets come without SLAs and metric events: reading deadlines from the export of metric events", "endpoint", r)
	case turned:
		level.Info(c.o.Logger).Log("msg", "tickets come with SLAs or metric events: the export of metric events is not read any more", "endpoint", r)
	}
}

// withoutEvents ends the feed for a token that cannot read it.
func (c *Client) withoutEvents() {
	if c.feed.isReady() {
		level.Warn(c.o.Logger).Log("msg", "an agent's token cannot read the export of metric events: Zendesk's own deadlines are not known any more")
	}
	c.feed.unreadable(time.Time{})
}

// joined is both errors, the second first, because it is why a pass failed.
func joined(missed, err error) error {
	if missed == nil {
		return err
	}
	return errors.Join(err, missed)
}
