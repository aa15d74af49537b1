package graph

import (
	"context"
	"errors"
	"fmt"
	"strconv"
	"time"

	"whatsapp_sla_exporter/internal/upstream"
	"whatsapp_sla_exporter/internal/whatsapp"
)

// pass is one Read.
type pass struct {
	read    int // parts read
	tried   int
	outages int   // failures in a row of the kind that a whole API has
	stop    error // what ends the pass: asking on would do harm, or only take time
	parts   []whatsapp.PartError
}

// outagesEnd is how many calls in a row may fail by network, timeout or 5xx before the rest is left for later.
const outagesEnd = 3

// Read makes one pass and returns the account as it is known then; nil while nothing was ever read.
//
// The error is a *whatsapp.PartialError where something could be read and something not; any other error means
// that nothing could. In both cases the account is worth publishing: each part of it is dated. A refused token is
// in it as well, as Token.Valid false.
func (c *Client) Read(ctx context.Context) (*whatsapp.Account, error) {
	p := &pass{}
	now := c.o.Now()
	if until := c.meter.pace(appKey, now).until; !until.IsZero() {
		p.stop = paused(until.Sub(now))
		return c.account(now), c.outcome(p)
	}
	c.discover(ctx, p)
	for _, w := range c.wabas {
		c.readWABA(ctx, p, w)
	}
	c.readDetails(ctx, p)
	err := c.outcome(p)
	if p.read > 0 || err == nil { // nothing was due: what is known is as new as the hourly calls allow
		c.readAt = now
	}
	return c.account(c.o.Now()), err
}

// paused is the error of calls that are not made because Meta said to wait.
func paused(wait time.Duration) *upstream.Error {
	return &upstream.Error{
		Reason: upstream.Throttled, Call: "not called", RetryAfter: wait,
		Err: fmt.Errorf("Meta's call limit is reached, waiting %s", wait.Round(time.Second)),
	}
}

// readWABA reads the numbers and the node of one WABA, as far as they are due.
func (c *Client) readWABA(ctx context.Context, p *pass, w *waba) {
	pace := c.pace(w, c.o.Now())
	plan := c.plan(w, pace.factor)
	c.hasten(w)
	if wait := pace.until.Sub(c.o.Now()); wait > 0 {
		stopped := paused(wait)
		stopped.RetryAfter = 0 // the other WABAs go on
		p.parts = append(p.parts, whatsapp.PartError{Part: "all", WABAID: w.id, Err: stopped})
		return
	}
	p.run(c, w, &w.phonesJob, plan.phones, func() (int, error) { return c.readPhones(ctx, w, pace.factor) })
	if late := c.plan(w, pace.factor).phones - plan.phones; late > 0 && w.phonesJob.err == nil {
		w.phonesJob.next = w.phonesJob.next.Add(late) // the list turned out longer than it was planned for
	}
	p.run(c, w, &w.nodeJob, plan.node, func() (int, error) { return c.readNode(ctx, w, plan) })
}

// Beside what is planned a WABA has earlyCalls for early reads at once, and one more every earlyEvery: at most 80 in an
// hour, for which Meta's smallest allowance has room.
const (
	earlyCalls = 20
	earlyEvery = time.Minute
)

// hasten makes due what somebody asked for. What is asked for too often waits until it is due by itself.
func (c *Client) hasten(w *waba) {
	asked, templates := c.roster.take(w.id)
	if asked && w.early.AllowN(c.o.Now(), max(w.phonePages, 1)+1) {
		w.phonesJob.next, w.nodeJob.next = time.Time{}, time.Time{}
	}
	if templates {
		w.templatesJob.next = time.Time{}
		w.templatesJob.early = w.early.AllowN(c.o.Now(), max(w.templatePages, 1))
	}
}

// run does one job if it is due and nothing speaks against calling w. The error stays with the job until the job
// succeeds, so that every pass reports it.
func (p *pass) run(c *Client, w *waba, j *job, every time.Duration, f func() (int, error)) (calls int) {
	now := c.o.Now()
	if p.stop != nil || !j.due(now, every) || w != nil && c.pace(w, now).until.After(now) {
		return 0
	}
	p.tried++
	calls, err := f()
	if err == nil {
		p.read, p.outages = p.read+1, 0
		j.done(now, every)
		c.meter.worked(appKey)
		if w != nil {
			c.meter.worked(w.id)
		}
		return calls
	}
	err = p.judge(c, w, now, err)
	j.failed(now, every, err)
	return calls
}

// judge decides what a failure means for the rest of the pass.
func (p *pass) judge(c *Client, w *waba, now time.Time, err error) error {
	u, ok := errors.AsType[*upstream.Error](err)
	if !ok {
		return err
	}
	switch u.Reason {
	case upstream.Auth:
		p.stop = err
		c.refused(now)
	case upstream.Throttled:
		if id := throttledID(w, u); id != appKey {
			c.meter.throttled(id, now)
		} else {
			u.RetryAfter = max(u.RetryAfter, c.meter.throttled(id, now))
			p.stop = err
		}
	case upstream.Network, upstream.Timeout, upstream.Server, upstream.Decode:
		if p.outages++; p.outages >= outagesEnd {
			p.stop = err
		}
	default:
		p.outages = 0
	}
	return err
}

// throttledID is whose calls a throttle error stops: one WABA's, if the code says so and it was about one.
func throttledID(w *waba, u *upstream.Error) string {
	code, err := strconv.Atoi(u.Code)
	if err == nil && w != nil && scopeOf(code) == wabaThrottle {
		return w.id
	}
	return appKey
}

// refused notes that the API refused the token: that was told, so it is known.
func (c *Client) refused(now time.Time) {
	t := whatsapp.Token{}
	if c.token != nil {
		t = *c.token
	}
	t.Reading, t.Valid = whatsapp.Reading{At: now, Every: tokenEvery}, false
	c.token = &t
}

// outcome is the error of a pass.
func (c *Client) outcome(p *pass) error {
	parts := p.parts
	if err := c.discovery.err; err != nil {
		parts = append(parts, whatsapp.PartError{Part: "discovery", Err: err})
	}
	if err := c.tokenJob.err; err != nil {
		parts = append(parts, whatsapp.PartError{Part: "token", Err: err})
	}
	for _, w := range c.wabas {
		parts = append(parts, w.errors()...)
	}
	switch {
	case p.stop != nil && p.read == 0:
		return p.stop
	case len(parts) == 0:
		return nil
	case p.read == 0 && p.tried > 0 && len(parts) == 1:
		return parts[0]
	}
	return &whatsapp.PartialError{Parts: parts}
}

// errors lists the parts of w that could not be read; of those that exist per number only the first.
func (w *waba) errors() (out []whatsapp.PartError) {
	add := func(part string, j *job) bool {
		if j.err != nil {
			out = append(out, whatsapp.PartError{Part: part, WABAID: w.id, Err: j.err})
		}
		return j.err != nil
	}
	add("phone_numbers", &w.phonesJob)
	add("waba", &w.nodeJob)
	add("message_templates", &w.templatesJob)
	add("subscribed_apps", &w.subscriptionJob)
	add("analytics", &w.analyticsJob)
	for i := range w.numbers {
		if j := w.profileJobs[w.numbers[i].ID]; j != nil && add("whatsapp_business_profile", j) {
			break
		}
	}
	for i := range w.numbers {
		if j := w.healthJobs[w.numbers[i].ID]; j != nil && add("phone_number_health", j) {
			break
		}
	}
	return out
}
