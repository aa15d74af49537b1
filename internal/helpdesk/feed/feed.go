// Package feed holds what the clients of helpdesks that are read through lists have in common: putting the rows of
// a pass together, a cursor that is a time, what the helpdesk's clock shows, and patience with throttling.
package feed

import (
	"context"
	"errors"
	"strconv"
	"sync"
	"time"

	"whatsapp_sla_exporter/internal/helpdesk"
	"whatsapp_sla_exporter/internal/upstream"
)

// Collector puts the rows of a pass together. Of two rows of a ticket the newer stands, however they arrive.
type Collector struct {
	Pass   helpdesk.Pass
	places map[string]int
	asked  map[string]bool
}

// Collect begins a pass.
func Collect() *Collector {
	return &Collector{places: make(map[string]int), asked: make(map[string]bool)}
}

// Put adds a ticket.
func (c *Collector) Put(t helpdesk.Ticket) {
	c.asked[t.ID] = true
	i, seen := c.places[t.ID]
	switch {
	case !seen:
		c.places[t.ID] = len(c.Pass.Tickets)
		c.Pass.Tickets = append(c.Pass.Tickets, t)
	case !c.Pass.Tickets[i].UpdatedAt.After(t.UpdatedAt):
		c.Pass.Tickets[i] = t
	}
}

// Has says whether the pass has the ticket, or a row of it that could not be read.
func (c *Collector) Has(id string) bool { return c.asked[id] }

// Bad counts a row that could not be read. Its id, where known, keeps the ticket from being taken for gone.
func (c *Collector) Bad(id string) {
	c.Pass.BadRows++
	if id != "" {
		c.asked[id] = true
	}
}

// Gone adds the tickets that were asked for and of which no row came.
func (c *Collector) Gone(ids ...string) {
	for _, id := range ids {
		if !c.asked[id] {
			c.Put(helpdesk.Ticket{ID: id, Gone: true})
		}
	}
}

// Watermark is a cursor that is a time: up to when, by the helpdesk's clock, changes were read. Its text is Unix
// milliseconds. The zero value is no cursor.
type Watermark struct{ time.Time }

// ParseWatermark reads a cursor; what is not one gives the zero value.
func ParseWatermark(s string) Watermark {
	n, err := strconv.ParseInt(s, 10, 64)
	if err != nil || n <= 0 {
		return Watermark{}
	}
	return Watermark{time.UnixMilli(n).UTC()}
}

func (w Watermark) String() string {
	if w.IsZero() {
		return ""
	}
	return strconv.FormatInt(w.UnixMilli(), 10)
}

// Advance is the watermark after a row that changed at t. A row with a date in the future does not move it beyond
// now, by the helpdesk's clock: whatever changes until that date would be passed over.
func (w Watermark) Advance(t, now time.Time) Watermark {
	if t.After(now) {
		t = now
	}
	if t.After(w.Time) {
		return Watermark{t}
	}
	return w
}

// Clock is what the helpdesk's clock shows, as far as its answers told. It is safe for concurrent use.
type Clock struct {
	now  func() time.Time
	mu   sync.Mutex
	skew time.Duration
}

// NewClock returns a clock that agrees with now until an answer tells otherwise.
func NewClock(now func() time.Time) *Clock { return &Clock{now: now} }

// Learn reads the Date header of an answer.
func (c *Clock) Learn(r *upstream.Response) {
	if r == nil {
		return
	}
	skew := r.Skew(c.now())
	c.mu.Lock()
	defer c.mu.Unlock()
	c.skew = skew
}

// Now is the helpdesk's time.
func (c *Clock) Now() time.Time { return c.now().Add(c.Skew()) }

// Skew is how far the helpdesk is ahead. The Date header has whole seconds: less than two is nothing.
func (c *Clock) Skew() time.Duration {
	c.mu.Lock()
	defer c.mu.Unlock()
	if c.skew.Abs() < 2*time.Second {
		return 0
	}
	return c.skew
}

const (
	// longestWait is the longest Retry-After that a pass of many calls sits out: limits are per minute.
	longestWait = 90 * time.Second
	// mostWaits is how often one call is tried again.
	mostWaits = 5
)

// Waiter sits out a throttling.
type Waiter func(ctx context.Context, d time.Duration) error

// Wait is the Waiter of a real client.
func Wait(ctx context.Context, d time.Duration) error {
	t := time.NewTimer(d)
	defer t.Stop()
	select {
	case <-ctx.Done():
		return ctx.Err()
	case <-t.C:
		return nil
	}
}

// Pause is how long to stay away after a throttling that ends soon. Ok is false for other errors, for one that does
// not say when it ends, and for one that is too long to sit out.
func Pause(err error) (d time.Duration, ok bool) {
	d = upstream.RetryAfterOf(err)
	return d, upstream.ReasonOf(err) == upstream.Throttled && d > 0 && d <= longestWait
}

// Patiently calls f again after a throttling that says when it ends. A pass of hundreds of calls would otherwise
// never come to its end on an account whose allowance is small.
func Patiently(ctx context.Context, wait Waiter, f func() error) error {
	for n := 0; ; n++ {
		err := f()
		after, ok := Pause(err)
		if !ok || n == mostWaits {
			return err
		}
		if e := wait(ctx, after); e != nil {
			return errors.Join(err, e)
		}
	}
}
