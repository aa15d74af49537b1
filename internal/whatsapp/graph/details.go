package graph

import (
	"context"
	"time"

	"whatsapp_sla_exporter/internal/loose"
	"whatsapp_sla_exporter/internal/whatsapp"
)

// Templates, profiles and the like must not hold up the numbers of the next pass: after detailStart no more of
// them is asked for, at detailEnd the one that hangs is given up.
const (
	detailStart = 10 * time.Second
	detailEnd   = 30 * time.Second
)

// readDetails reads what has longer intervals, as far as it is due, within each WABA's share of calls. Where the time
// of a pass is not enough for all WABAs, the next one goes on where this one ended.
func (c *Client) readDetails(ctx context.Context, p *pass) {
	ctx, cancel := context.WithTimeout(ctx, detailEnd)
	defer cancel()
	enough, stop := context.WithTimeout(ctx, detailStart)
	defer stop()
	if c.o.Token != nil {
		p.run(c, nil, &c.tokenJob, tokenEvery, func() (int, error) {
			_, calls, err := c.debugToken(ctx)
			return calls, err
		})
	}
	for range c.wabas {
		c.turn %= len(c.wabas)
		c.readDetailsOf(ctx, enough, p, c.wabas[c.turn])
		if enough.Err() != nil {
			return
		}
		c.turn++
	}
}

func (c *Client) readDetailsOf(ctx, enough context.Context, p *pass, w *waba) {
	plan := c.plan(w, c.pace(w, c.o.Now()).factor)
	run := func(j *job, every time.Duration, f func() (int, error)) {
		if now := c.o.Now(); enough.Err() == nil && (j.early || w.calls.room(now, plan.details)) {
			w.calls.add(now, p.run(c, w, j, every, f))
			j.early = false
		}
	}
	run(&w.subscriptionJob, plan.subscription, func() (int, error) { return c.readSubscription(ctx, w, plan) })
	run(&w.templatesJob, plan.templates, func() (int, error) { return c.readTemplates(ctx, w, plan) })
	run(&w.analyticsJob, plan.analytics, func() (int, error) { return c.readAnalytics(ctx, w, plan) })
	for i := range w.numbers {
		id := w.numbers[i].ID
		run(jobOf(w.profileJobs, id), plan.profile, func() (int, error) { return c.readProfile(ctx, w, id, plan) })
		if w.limited {
			run(jobOf(w.healthJobs, id), plan.health, func() (int, error) { return c.readHealth(ctx, w, id) })
		}
	}
}

func jobOf(jobs map[string]*job, id string) *job {
	if jobs[id] == nil {
		jobs[id] = &job{}
	}
	return jobs[id]
}

type appNode struct {
	Data struct {
		ID loose.Text `json:"id"`
	} `json:"whatsapp_business_api_data"`
}

// readSubscription reads which apps get the webhooks of w. An empty list is a good answer and bad news.
func (c *Client) readSubscription(ctx context.Context, w *waba, p plan) (int, error) {
	apps, calls, err := edge(ctx, c, endpoint{name: "subscribed_apps"}, "/"+w.id+"/subscribed_apps",
		func(n *appNode) string { return string(n.Data.ID) })
	if err == nil {
		w.subscription = &whatsapp.Subscription{Reading: whatsapp.Reading{At: c.o.Now(), Every: p.subscription}, Apps: len(apps)}
	}
	return calls, err
}
