package zendesk

import (
	"fmt"
	"maps"
	"slices"
	"strconv"
	"strings"
	"time"

	"whatsapp_sla_exporter/internal/helpdesk/feed"
	"whatsapp_sla_exporter/internal/state"
)

// eventState is how far a feed was read, as it is kept.
type eventState struct {
	URL  string  `json:"url"`
	Read int64   `json:"read"` // Unix time
	Bare []route `json:"bare"`
}

func (e *eventState) equal(other *eventState) bool {
	return e.URL == other.URL && e.Read == other.Read && slices.Equal(e.Bare, other.Bare)
}

var (
	eventStates = state.NewTable[eventState]("zendesk_metric_feeds")
	eventFacts  = state.NewTable[[]fact]("zendesk_metric_events")
)

// load takes up what an earlier process kept. What is of another account goes with the next keep.
func (f *eventFeed) load() error {
	if f.store == nil {
		return nil
	}
	err := f.store.View(func(tx *state.Tx) (err error) {
		if f.kept, _, err = eventStates.Get(tx, f.name); err != nil {
			return err
		}
		if f.on = f.kept.URL == f.url && len(f.kept.Bare) > 0; f.on {
			f.read = time.Unix(f.kept.Read, 0)
		}
		return eventFacts.Each(tx, f.name+"/", f.loadTicket)
	})
	if err != nil {
		return fmt.Errorf("reading the metric events that were kept: %w", err)
	}
	if f.on {
		for _, r := range f.kept.Bare {
			f.bare[r] = true
		}
	}
	return nil
}

func (f *eventFeed) loadTicket(key string, facts []fact) error {
	id, err := strconv.ParseInt(strings.TrimPrefix(key, f.name+"/"), 10, 64)
	if err != nil {
		return fmt.Errorf("key %q: %w", key, err)
	}
	if f.on {
		f.tickets[id] = facts
	} else {
		f.changed[id] = true
	}
	return nil
}

// keep stores what changed, so that a restart goes on from here.
func (f *eventFeed) keep() error {
	f.mu.Lock()
	defer f.mu.Unlock()
	now := f.state()
	if f.store == nil || len(f.changed) == 0 && now.equal(&f.kept) {
		clear(f.changed)
		return nil
	}
	err := f.store.Update(func(tx *state.Tx) error {
		for id := range f.changed {
			if err := f.keepTicket(tx, id); err != nil {
				return err
			}
		}
		return eventStates.Put(tx, f.name, now)
	})
	if err != nil {
		return fmt.Errorf("keeping metric events: %w", err)
	}
	f.kept = now
	clear(f.changed)
	return nil
}

// state is how far the feed was read; nothing while it is off.
func (f *eventFeed) state() (s eventState) {
	if !f.on || f.read.IsZero() {
		return s
	}
	s.URL, s.Read = f.url, f.read.Unix()
	for _, r := range slices.Sorted(maps.Keys(f.bare)) {
		if f.bare[r] {
			s.Bare = append(s.Bare, r)
		}
	}
	return s
}

func (f *eventFeed) keepTicket(tx *state.Tx, id int64) error {
	key := f.name + "/" + feed.ID(id)
	if facts := f.tickets[id]; len(facts) > 0 {
		return eventFacts.Put(tx, key, facts)
	}
	return eventFacts.Delete(tx, key)
}
