package push

import (
	"context"
	"slices"
	"sync"
	"time"

	"github.com/cenkalti/backoff/v5"
	"github.com/go-kit/log"
	"github.com/go-kit/log/level"

	"whatsapp_sla_exporter/internal/upstream"
)

// QueueOptions configure a Queue. Lookup, EarlyPoll, Now and Logger are required.
type QueueOptions struct {
	// Lookup reads single tickets and publishes what it read.
	Lookup func(ctx context.Context, ids []string) error
	// Batch is how many tickets one look-up may name. Default 100.
	Batch int
	// Ready is closed once look-ups make sense. Nil: they always do.
	Ready <-chan struct{}
	// EarlyPoll asks for an ordinary poll in the place of look-ups, because there were more hints than fit. It must
	// not block.
	EarlyPoll func()
	// LookedUp is told how every look-up ended, Overflowed of every hint that did not fit. Nil: nobody is.
	LookedUp   func(err error)
	Overflowed func()
	Now        func() time.Time
	Logger     log.Logger
}

const (
	// capacity is how many tickets wait for their look-up.
	capacity = 1000
	// pace is how often tickets are looked up at the most: a burst of webhooks is one look-up.
	pace = time.Second
	// earlyPollPace is how often an early poll is asked for at the most.
	earlyPollPace = 30 * time.Second
	// lookupTimeout ends a look-up that sits out a throttling: the next poll is sooner.
	lookupTimeout = 30 * time.Second
	// longestPause is for how long look-ups rest after failures; after refused credentials they do at once, because
	// some upstreams lock an account that keeps trying.
	longestPause = 5 * time.Minute
)

// Queue looks up the tickets that webhooks named: each once however often it was named meanwhile, as many as the
// helpdesk takes at a time, and not more often than once a second. What cannot be looked up is left to the next poll.
type Queue struct {
	o    QueueOptions
	wake chan struct{}

	mu       sync.Mutex
	waiting  []string // in the order of arrival
	held     map[string]struct{}
	overflow bool
	polled   time.Time // when an early poll was last asked for
}

// NewQueue returns an empty queue. Nothing is looked up until Run.
func NewQueue(o QueueOptions) *Queue {
	if o.Batch == 0 {
		o.Batch = 100
	}
	if o.LookedUp == nil {
		o.LookedUp = func(error) {}
	}
	if o.Overflowed == nil {
		o.Overflowed = func() {}
	}
	return &Queue{o: o, wake: make(chan struct{}, 1), held: make(map[string]struct{})}
}

// Add notes a ticket down. It may be called from any goroutine and does not block.
func (q *Queue) Add(id string) {
	if !q.add(id) {
		q.o.Overflowed()
	}
	select {
	case q.wake <- struct{}{}:
	default:
	}
}

func (q *Queue) add(id string) bool {
	q.mu.Lock()
	defer q.mu.Unlock()
	if _, ok := q.held[id]; ok {
		return true
	}
	if len(q.waiting) >= capacity {
		q.overflow = true
		return false
	}
	q.held[id] = struct{}{}
	q.waiting = append(q.waiting, id)
	return true
}

// take takes the tickets of the next look-up out, and says whether an early poll is due.
func (q *Queue) take() (ids []string, poll bool) {
	q.mu.Lock()
	defer q.mu.Unlock()
	n := min(len(q.waiting), q.o.Batch)
	ids = slices.Clone(q.waiting[:n])
	q.waiting = slices.Delete(q.waiting, 0, n)
	for _, id := range ids {
		delete(q.held, id)
	}
	if now := q.o.Now(); q.overflow && now.Sub(q.polled) >= earlyPollPace {
		q.overflow, q.polled, poll = false, now, true
	}
	return ids, poll
}

func (q *Queue) empty() bool {
	q.mu.Lock()
	defer q.mu.Unlock()
	return len(q.waiting) == 0 && !q.overflow
}

// Run looks tickets up until ctx ends.
func (q *Queue) Run(ctx context.Context) {
	if q.o.Ready != nil {
		select {
		case <-ctx.Done():
			return
		case <-q.o.Ready:
		}
	}
	failures := newBackOff()
	for q.something(ctx) {
		ids, poll := q.take()
		if poll {
			q.o.EarlyPoll()
		}
		pause := pace
		if len(ids) > 0 {
			pause = q.pause(q.lookup(ctx, ids), failures)
		}
		if !sleep(ctx, pause) {
			return
		}
	}
}

func newBackOff() *backoff.ExponentialBackOff {
	b := backoff.NewExponentialBackOff()
	b.InitialInterval, b.MaxInterval = 2*time.Second, longestPause
	return b
}

// something waits until there is work, and says whether to go on.
func (q *Queue) something(ctx context.Context) bool {
	for q.empty() {
		select {
		case <-ctx.Done():
			return false
		case <-q.wake:
		}
	}
	return ctx.Err() == nil
}

func (q *Queue) lookup(ctx context.Context, ids []string) error {
	bounded, cancel := context.WithTimeout(ctx, lookupTimeout)
	defer cancel()
	err := q.o.Lookup(bounded, ids)
	if ctx.Err() != nil {
		return nil // the end of the program is no failure
	}
	q.o.LookedUp(err)
	if err != nil {
		_ = level.Warn(q.o.Logger).Log("msg", "tickets that webhooks named cannot be looked up, the next poll reads them", "count", len(ids),
			"reason", upstream.ReasonOf(err), "err", err)
	}
	return err
}

// pause is how long to leave the helpdesk alone after a look-up.
func (q *Queue) pause(err error, failures *backoff.ExponentialBackOff) time.Duration {
	switch {
	case err == nil:
		failures.Reset()
		return pace
	case upstream.ReasonOf(err) == upstream.Auth:
		return longestPause
	}
	return max(pace, failures.NextBackOff(), upstream.RetryAfterOf(err))
}

func sleep(ctx context.Context, d time.Duration) bool {
	t := time.NewTimer(d)
	defer t.Stop()
	select {
	case <-ctx.Done():
		return false
	case <-t.C:
		return true
	}
}
