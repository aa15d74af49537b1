package zendesk

import (
	"slices"
	"sync"
	"time"

	"whatsapp_sla_exporter/internal/helpdesk/feed"
	"whatsapp_sla_exporter/internal/state"
)

// eventFeed is what the export of metric events told. It is read while the rows of tickets come without deadlines:
// with neither SLAs nor metric events. What it told is kept, in memory and in the state file, because it tells of
// what happened and not of how things are: without a ticket's first events nobody knows when its clocks are due.
type eventFeed struct {
	name  string // of the helpdesk, in the state file
	url   string // of the account: another one's tickets have the same ids
	store *state.Store

	mu      sync.Mutex
	on      bool
	bare    map[route]bool      // endpoints whose rows come without deadlines
	rich    map[route]time.Time // when an endpoint last had them
	tickets map[int64][]fact
	read    time.Time      // up to here, by Zendesk's clock; zero: not yet begun
	ready   bool           // everything is read: deadlines can be told
	news    map[int64]bool // tickets with events that no good pass has taken yet
	changed map[int64]bool // tickets that are to be kept anew, or, where they are gone, no longer
	refused time.Time      // until then the export is known not to be allowed
	kept    eventState     // as the state file has it
}

func newEventFeed(o *Options, url string) *eventFeed {
	return &eventFeed{
		name: o.Name, url: url, store: o.Store, bare: map[route]bool{}, rich: map[route]time.Time{},
		tickets: map[int64][]fact{}, news: map[int64]bool{}, changed: map[int64]bool{},
	}
}

const (
	// staysRich is for how long an endpoint that had deadlines is believed to have them, although single rows come
	// without: Zendesk may leave them out of tickets that no policy applies to.
	staysRich = 10 * time.Minute
	// eventLag is how old what was read may be before a feed that is read in parts counts as not read.
	eventLag = 15 * time.Minute
	// keepEvents is for how long the events of a ticket that is not open are kept. Zendesk closes solved tickets for
	// good after four days, unless the account wants otherwise.
	keepEvents = 7 * 24 * time.Hour
)

// saw learns from the rows of a page whether its endpoint tells of deadlines. It says whether the feed is now to be
// read, and whether that is new.
func (f *eventFeed) saw(r route, read []row, now time.Time) (on, turned bool) {
	rich, bare := false, false
	for i := range read {
		rich = rich || read[i].SLAs != nil || read[i].MetricEvents != nil
		// Zendesk may leave them out of tickets that nobody works on any more.
		bare = bare || read[i].bare() && !statuses[read[i].Status].Done()
	}
	f.mu.Lock()
	defer f.mu.Unlock()
	switch {
	case rich:
		f.rich[r], f.bare[r] = now, false
	case bare && now.Sub(f.rich[r]) >= staysRich:
		f.bare[r] = true
	}
	before := f.on
	f.on = f.anyBare() || f.on && !rich
	if before && !f.on {
		f.drop()
	}
	return f.on, f.on != before
}

func (f *eventFeed) anyBare() bool {
	for _, bare := range f.bare {
		if bare {
			return true
		}
	}
	return false
}

// drop forgets everything, because the rows tell more.
func (f *eventFeed) drop() {
	for id := range f.tickets {
		f.changed[id] = true
	}
	clear(f.tickets)
	clear(f.news)
	f.read, f.ready = time.Time{}, false
}

// start is where the feed is to be read on, if it is: a little before it was read to, or from when it is to begin. It
// says whether the feed worked before.
func (f *eventFeed) start(now, begin time.Time) (at time.Time, worked, ok bool) {
	f.mu.Lock()
	defer f.mu.Unlock()
	if !f.on || now.Before(f.refused) {
		return at, false, false
	}
	if f.read.IsZero() {
		return begin, false, true
	}
	return f.read.Add(-eventOverlap), f.ready, true
}

func (f *eventFeed) isReady() bool {
	f.mu.Lock()
	defer f.mu.Unlock()
	return f.ready
}

// merge takes events and counts those that nobody documented, once.
func (f *eventFeed) merge(list []metricEvent) (undocumented int) {
	f.mu.Lock()
	defer f.mu.Unlock()
	for i := range list {
		e := &list[i]
		if !e.documented() && e.Time.After(f.read) {
			undocumented++
		}
		kept, ok := newFact(e)
		if !ok {
			continue
		}
		facts, isNews := addFact(f.tickets[e.TicketID], kept)
		f.tickets[e.TicketID] = facts
		if isNews {
			f.news[e.TicketID], f.changed[e.TicketID] = true, true
		}
	}
	return undocumented
}

// fill gives a row that came without deadlines the events of its ticket. Until all are read it gives none: what is
// due depends on the last one. False: the row needs events that are not known.
func (f *eventFeed) fill(r *row) bool {
	if !r.bare() {
		return true
	}
	f.mu.Lock()
	defer f.mu.Unlock()
	if !f.ready || len(f.tickets[r.ID]) == 0 {
		return false
	}
	r.MetricEvents, r.PartialEvents = eventsOf(f.tickets[r.ID], r.CreatedAt.Time)
	return !r.PartialEvents
}

// bare says whether a row tells of no deadlines, and might.
func (r *row) bare() bool {
	return r.SLAs == nil && r.MetricEvents == nil && r.Status != statusDeleted
}

// passed ends a part of the feed that was read well, up to an instant by Zendesk's clock. It says whether the feed
// has just become ready.
func (f *eventFeed) passed(until, now time.Time, end bool) (ready bool) {
	f.mu.Lock()
	defer f.mu.Unlock()
	f.read = feed.Later(f.read, until)
	before := f.ready
	f.ready = end || before && now.Sub(f.read) < eventLag
	return f.ready && !before
}

// takeNews are the tickets with events that no pass has taken yet.
func (f *eventFeed) takeNews() []string {
	f.mu.Lock()
	defer f.mu.Unlock()
	var ids []string
	for id := range f.news {
		ids = append(ids, feed.ID(id))
	}
	slices.Sort(ids)
	return ids
}

// taken says that a good pass took all news.
func (f *eventFeed) taken() {
	f.mu.Lock()
	defer f.mu.Unlock()
	clear(f.news)
}

// sweep forgets tickets that are not open and in which nothing happened lately.
func (f *eventFeed) sweep(open []string, now time.Time) {
	f.mu.Lock()
	defer f.mu.Unlock()
	if len(f.tickets) == 0 {
		return
	}
	isOpen := make(map[string]bool, len(open))
	for _, id := range open {
		isOpen[id] = true
	}
	for id, facts := range f.tickets {
		if !isOpen[feed.ID(id)] && lastFact(facts, now) < now.Add(-keepEvents).Unix() {
			delete(f.tickets, id)
			f.changed[id] = true
		}
	}
}

// unreadable says that deadlines cannot be told any more: the export is not allowed.
func (f *eventFeed) unreadable(until time.Time) {
	f.mu.Lock()
	defer f.mu.Unlock()
	f.ready, f.refused = false, until
}
