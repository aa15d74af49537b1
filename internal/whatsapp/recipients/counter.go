// Package recipients counts distinct recipients over a moving day and a moving week, in bounded memory whatever the
// volume and without keeping any number: it is given hashes and keeps HyperLogLog sketches of them.
//
// What arrives is stored in buckets of five minutes. A bucket begins as a list of hashes with their seconds and
// becomes a sketch when the list is full. In memory there is one sketch per window, made of the buckets that lie
// wholly inside, and what lies at its edge.
//
// Accuracy. Up to some 25,000 recipients in a window the sketch is a sparse one of 2^25 places: the standard error
// at 250 is 0.03 recipients. Above, it has 2^16 registers: a standard error of 1.04/sqrt(2^16) = 0.41 %. The edge of
// the window is exact to the second while its bucket is a list; people of a fuller bucket leave up to 5 minutes late
// (day) or 30 minutes late (week), never early.
package recipients

import (
	"fmt"
	"slices"
	"sync"
	"time"

	"github.com/axiomhq/hyperloglog"

	"whatsapp_sla_exporter/internal/state"
)

// The windows: 24 h is what messaging limits count over, 7 days what upgrades look back on.
const (
	day  = 24 * 3600
	week = 7 * day
)

// The steps in which buckets leave a window, multiples of bucketSeconds.
const (
	dayStep  = bucketSeconds
	weekStep = 6 * bucketSeconds
)

// Entry is one message that was delivered outside a service window.
type Entry struct {
	Hash uint64 // of the recipient, evenly spread
	At   int64  // Unix seconds
}

// Count is how many distinct recipients there were.
type Count struct {
	Day, Week uint64
	// Since is when counting began: before Since plus the window the count is a lower bound.
	Since time.Time
}

// Counter counts in scopes, which may be united: what two scopes share is counted once. Count may be called at any
// time; the other methods are for one caller at a time.
type Counter struct {
	mu     sync.Mutex
	scopes map[string]*scope
}

type scope struct {
	since     int64
	day, week window
	listed    map[int64]int // by bucket: how many entries it has one by one
}

// Load reads all scopes as they are at now.
func Load(store *state.Store, now time.Time) (*Counter, error) {
	c := &Counter{scopes: map[string]*scope{}}
	err := store.View(func(tx *state.Tx) error {
		return eachScope(tx, func(name string) error {
			s, err := load(tx, name, now.Unix())
			c.scopes[name] = s
			return err
		})
	})
	if err != nil {
		return nil, fmt.Errorf("distinct recipients: %w", err)
	}
	return c, nil
}

func load(tx *state.Tx, name string, now int64) (*scope, error) {
	since, err := readSince(tx, name)
	if err != nil {
		return nil, err
	}
	s := newScope(since, now)
	return s, readBuckets(tx, name, now-week, s.insert, s.merge)
}

func newScope(since, now int64) *scope {
	return &scope{since: since, day: newWindow(day, dayStep, now), week: newWindow(week, weekStep, now), listed: map[int64]int{}}
}

func (s *scope) insert(e Entry) {
	s.day.insert(e)
	s.week.insert(e)
	s.listed[bucketOf(e.At)]++
}

func (s *scope) merge(start int64, k *hyperloglog.Sketch) error {
	if err := s.day.merge(start, k); err != nil {
		return err
	}
	return s.week.merge(start, k)
}

// Write stores what was delivered in a scope, in the caller's transaction, and with nothing delivered that the scope
// is being counted since now. After the transaction the same has to be told to Insert.
func (c *Counter) Write(tx *state.Tx, name string, entries []Entry, now time.Time) error {
	if err := c.write(tx, name, entries, now.Unix()); err != nil {
		return fmt.Errorf("distinct recipients: %w", err)
	}
	return nil
}

func (c *Counter) write(tx *state.Tx, name string, entries []Entry, now int64) error {
	s := c.scopes[name]
	if s == nil {
		if err := writeSince(tx, name, now); err != nil {
			return err
		}
	}
	for _, part := range byBucket(entries, now) {
		add := appendEntries
		if s != nil && s.listed[bucketOf(part[0].At)]+len(part) > listMax || len(part) > listMax {
			add = fold
		}
		if err := add(tx, name, part); err != nil {
			return err
		}
	}
	return nil
}

// byBucket splits entries by their bucket, without those that are too old for any window.
func byBucket(entries []Entry, now int64) (parts [][]Entry) {
	entries = slices.DeleteFunc(slices.Clone(entries), func(e Entry) bool { return e.At <= now-week })
	slices.SortStableFunc(entries, func(a, b Entry) int { return int(bucketOf(a.At) - bucketOf(b.At)) })
	for len(entries) > 0 {
		n := 1
		for n < len(entries) && bucketOf(entries[n].At) == bucketOf(entries[0].At) {
			n++
		}
		parts, entries = append(parts, entries[:n]), entries[n:]
	}
	return parts
}

// Insert counts what Write has stored.
func (c *Counter) Insert(name string, entries []Entry, now time.Time) {
	c.mu.Lock()
	defer c.mu.Unlock()
	s := c.scopes[name]
	if s == nil {
		s = newScope(now.Unix(), now.Unix())
		c.scopes[name] = s
	}
	for _, part := range byBucket(entries, now.Unix()) {
		bucket := bucketOf(part[0].At)
		folded := s.listed[bucket]+len(part) > listMax
		for _, e := range part {
			s.insert(e)
		}
		if folded {
			delete(s.listed, bucket)
		}
	}
}

// Refresh lets out of the windows what has left them, and forgets what is older than a week. It is due every few
// minutes.
func (c *Counter) Refresh(store *state.Store, now time.Time) error {
	at := now.Unix()
	for name, s := range c.scopes {
		if !s.day.due(at) && !s.week.due(at) {
			continue
		}
		if err := c.refresh(store, name, s, at); err != nil {
			return fmt.Errorf("distinct recipients: %w", err)
		}
	}
	return nil
}

func (c *Counter) refresh(store *state.Store, name string, old *scope, now int64) error {
	from, next := now-day, newScope(old.since, now)
	insert, merge := next.day.insert, next.day.merge
	if old.week.due(now) {
		if err := store.Update(func(tx *state.Tx) error { return deleteBuckets(tx, name, now-week) }); err != nil {
			return err
		}
		from, insert, merge = now-week, next.insert, next.merge
	} else {
		next.week, next.listed = old.week, old.listed
	}
	err := store.View(func(tx *state.Tx) error { return readBuckets(tx, name, from, insert, merge) })
	if err != nil {
		return err
	}
	c.mu.Lock()
	defer c.mu.Unlock()
	c.scopes[name] = next
	return nil
}

// Count is how many distinct recipients the scopes had together at now. False: none of them was ever counted.
func (c *Counter) Count(now time.Time, names ...string) (n Count, ok bool) {
	c.mu.Lock()
	defer c.mu.Unlock()
	var days, weeks []*window
	for _, name := range names {
		s := c.scopes[name]
		if s == nil {
			continue
		}
		days, weeks = append(days, &s.day), append(weeks, &s.week)
		// A union is complete once its last part is.
		if since := time.Unix(s.since, 0).UTC(); since.After(n.Since) {
			n.Since = since
		}
	}
	if len(days) == 0 {
		return Count{}, false
	}
	n.Day, n.Week = estimate(days, now.Unix()), estimate(weeks, now.Unix())
	return n, true
}
