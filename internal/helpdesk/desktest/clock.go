package desktest

import (
	"context"
	"sync"
	"time"
)

// Epoch is when the stories begin: a Monday morning.
var Epoch = time.Date(2026, 3, 2, 10, 0, 0, 0, time.UTC)

// Minute is an instant of a story, so many minutes after Epoch.
func Minute(n int) time.Time { return Epoch.Add(time.Duration(n) * time.Minute) }

// At reads an instant in RFC 3339.
func At(text string) time.Time {
	t, err := time.Parse(time.RFC3339Nano, text)
	if err != nil {
		panic(err)
	}
	return t
}

// Clock is the clock of a simulator and of the client that reads it. It stands still until the test moves it, and is
// safe for concurrent use.
type Clock struct {
	mu     sync.Mutex
	now    time.Time
	waited []time.Duration
}

// NewClock is a clock that shows an instant.
func NewClock(now time.Time) *Clock { return &Clock{now: now} }

// Now is what the clock shows.
func (c *Clock) Now() time.Time {
	c.mu.Lock()
	defer c.mu.Unlock()
	return c.now
}

// Advance moves the clock.
func (c *Clock) Advance(d time.Duration) {
	c.mu.Lock()
	defer c.mu.Unlock()
	c.now = c.now.Add(d)
}

// Wait is a feed.Waiter that waits by moving the clock.
func (c *Clock) Wait(_ context.Context, d time.Duration) error {
	c.mu.Lock()
	defer c.mu.Unlock()
	c.now = c.now.Add(d)
	c.waited = append(c.waited, d)
	return nil
}

// Waited is how long each Wait was.
func (c *Clock) Waited() []time.Duration {
	c.mu.Lock()
	defer c.mu.Unlock()
	return append([]time.Duration(nil), c.waited...)
}
