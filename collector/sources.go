package collector

import (
	"cmp"
	"slices"
	"time"

	"whatsapp_sla_exporter/internal/tickets"
	"whatsapp_sla_exporter/internal/whatsapp"
)

// source is what is kept of one account or helpdesk: the series of one snapshot of it.
type source struct {
	key      string
	snapshot any // the pointer that part was made from
	part     *part
	clock    *slaClock // of a helpdesk: the series that depend on the time of the scrape
	// expires is when some fact of the snapshot becomes too old to be shown; zero: never.
	expires time.Time
}

// current returns the sources to show at now, sorted, and whether they differ from the ones shown last.
func (c *Collector) current(now time.Time) (shown []*source, changed bool) {
	shown = make([]*source, 0, len(c.shown))
	show := func(s *source) { shown = append(shown, s) }
	if c.accounts != nil {
		for _, a := range c.accounts.Accounts() {
			if a != nil && c.fresh(a.ReadAt, now) {
				show(c.keep("account/"+a.Name, a, now, func() *source { return c.account(a, now) }))
			}
		}
	}
	if c.helpdesks != nil {
		for _, s := range c.helpdesks.Snapshots() {
			if s != nil && c.fresh(s.ReadAt, now) {
				show(c.keep("helpdesk/"+s.Helpdesk, s, now, func() *source { return helpdesk(s) }))
			}
		}
	}
	slices.SortStableFunc(shown, func(x, y *source) int { return cmp.Compare(x.key, y.key) })
	shown = slices.CompactFunc(shown, func(x, y *source) bool { return x.key == y.key })
	c.forget(shown)
	return shown, !slices.Equal(shown, c.shown)
}

// keep returns what is kept of a snapshot, and makes it where there is nothing or only something older.
func (c *Collector) keep(key string, snapshot any, now time.Time, make func() *source) *source {
	s := c.sources[key]
	if s == nil || s.snapshot != snapshot || !s.expires.IsZero() && now.After(s.expires) {
		s = make()
		s.key, s.snapshot = key, snapshot
		c.sources[key] = s
	}
	return s
}

// forget lets go of the sources that are not shown any more.
func (c *Collector) forget(shown []*source) {
	if len(c.sources) == len(shown) {
		return
	}
	clear(c.sources)
	for _, s := range shown {
		c.sources[s.key] = s
	}
}

// fresh says whether a source read at readAt keeps its series. A source never read has none.
func (c *Collector) fresh(readAt, now time.Time) bool {
	return !readAt.IsZero() && (c.config.StaleAfter == 0 || now.Sub(readAt) <= c.config.StaleAfter)
}

func (c *Collector) account(a *whatsapp.Account, now time.Time) *source {
	if c.config.StaleAfter == 0 {
		return &source{part: build(accountSubjects, a)}
	}
	return &source{
		part:    build(accountSubjects, a.Fresh(now, c.config.StaleAfter)),
		expires: nextStale(a, now, c.config.StaleAfter),
	}
}

func helpdesk(s *tickets.Snapshot) *source {
	return &source{part: build(helpdeskSubjects, s), clock: newSLAClock(s)}
}

// nextStale is the next instant after which Fresh leaves out more of the account; zero when nothing is left to
// become stale.
func nextStale(a *whatsapp.Account, now time.Time, staleAfter time.Duration) time.Time {
	var next time.Time
	for _, r := range readings(a) {
		at := r.At.Add(r.Every + staleAfter)
		if !at.Before(now) && (next.IsZero() || at.Before(next)) {
			next = at
		}
	}
	return next
}

// readings lists the reading of every fact of the account that ages by itself.
func readings(a *whatsapp.Account) []whatsapp.Reading {
	all := make([]whatsapp.Reading, 0, 3*len(a.WABAs)+2*len(a.PhoneNumbers)+len(a.Limits)+len(a.Messages)+1)
	for i := range a.WABAs {
		w := &a.WABAs[i]
		all = append(all, w.Reading)
		if w.Templates != nil {
			all = append(all, w.Templates.Reading)
		}
		if w.Subscription != nil {
			all = append(all, w.Subscription.Reading)
		}
	}
	for i := range a.PhoneNumbers {
		p := &a.PhoneNumbers[i]
		all = append(all, p.Reading)
		if p.Profile != nil {
			all = append(all, p.Profile.Reading)
		}
	}
	for i := range a.Limits {
		all = append(all, a.Limits[i].Reading)
	}
	for i := range a.Messages {
		all = append(all, a.Messages[i].Reading)
	}
	if a.Token != nil {
		all = append(all, a.Token.Reading)
	}
	return all
}
