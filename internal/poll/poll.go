// Package poll reads the sources again and again: it paces, backs off, tells how each read went, and knows when
// every source has had its first.
package poll

import (
	"context"
	"errors"
	"math/rand/v2"
	"sync"
	"time"

	"github.com/cenkalti/backoff/v5"
	"github.com/go-kit/log"
	"github.com/go-kit/log/level"

	"whatsapp_sla_exporter/internal/upstream"
	"whatsapp_sla_exporter/internal/whatsapp"
)

// Source is something that is polled. Its Poll publishes what it read where its readers look.
type Source interface {
	Name() string
	Type() string
	// Poll reads the source once. After an error what was published before still stands.
	Poll(ctx context.Context) error
}

// Pacer is a source that knows how much of its allowance is used.
type Pacer interface {
	// Pace is how many times longer than usual to wait before the next poll, and how long at the least.
	Pace() (factor float64, atLeast time.Duration)
}

// Whole is a source whose first reading may take several polls. They are one to those who wait for it.
type Whole interface {
	// Whole says whether the source was read whole since the start.
	Whole() bool
}

// Observer is told of every poll, but for good ones before the last of a first reading.
type Observer interface {
	Polled(source, kind string, at time.Time, took time.Duration, err error)
}

// Options configure a Loop.
type Options struct {
	Interval time.Duration
	Observer Observer
	Logger   log.Logger
	Now      func() time.Time
}

// Loop polls one source.
type Loop struct {
	source Source
	o      Options
	hint   chan struct{}
	first  chan struct{}
	once   sync.Once
}

// The longest wait after failures, and the wait after refused credentials: somebody must act first, and some
// upstreams lock an account that keeps trying.
const (
	longestWait = 5 * time.Minute
	authWait    = 5 * time.Minute
)

// NewLoop returns a loop that does nothing until Run.
func NewLoop(s Source, o Options) *Loop {
	if o.Now == nil {
		o.Now = time.Now
	}
	return &Loop{source: s, o: o, hint: make(chan struct{}, 1), first: make(chan struct{})}
}

// Hint asks for a poll soon, for example because a webhook told of a change. Hints while one is due are one.
func (l *Loop) Hint() {
	select {
	case l.hint <- struct{}{}:
	default:
	}
}

// Tried is closed once the source was read or given up on for the first time.
func (l *Loop) Tried() <-chan struct{} { return l.first }

// Run polls until ctx ends.
func (l *Loop) Run(ctx context.Context) {
	failures := newBackOff(l.o.Interval)
	for {
		err := l.poll(ctx)
		if ctx.Err() != nil {
			return
		}
		if err != nil || l.whole() {
			l.once.Do(func() { close(l.first) })
		}
		if !l.sleep(ctx, l.wait(err, failures), err == nil) {
			return
		}
	}
}

func newBackOff(interval time.Duration) *backoff.ExponentialBackOff {
	b := backoff.NewExponentialBackOff()
	b.InitialInterval = min(5*time.Second, interval)
	b.MaxInterval = max(longestWait, interval)
	return b
}

func (l *Loop) poll(ctx context.Context) error {
	start := l.o.Now()
	err := l.source.Poll(ctx)
	if ctx.Err() != nil {
		return err
	}
	took := l.o.Now().Sub(start)
	if err == nil && !l.whole() {
		return nil
	}
	l.o.Observer.Polled(l.source.Name(), l.source.Type(), l.o.Now(), took, err)
	logger := log.With(l.o.Logger, "source", l.source.Name(), "type", l.source.Type(), "took", took)
	if err != nil {
		level.Error(logger).Log("msg", "source could not be read, what was read before stands", "reason", upstream.ReasonOf(err), "err", err)
		return err
	}
	level.Debug(logger).Log("msg", "source read")
	return nil
}

// whole says whether the source was read whole at least once, when its last poll was good.
func (l *Loop) whole() bool {
	w, inParts := l.source.(Whole)
	return !inParts || w.Whole()
}

// wait is how long to leave the source alone after a poll.
func (l *Loop) wait(err error, failures *backoff.ExponentialBackOff) time.Duration {
	var d time.Duration
	var partial *whatsapp.PartialError
	switch {
	case err == nil, errors.As(err, &partial) && upstream.RetryAfterOf(err) == 0 && upstream.ReasonOf(err) != upstream.Auth:
		// What could be read of an account must not go stale because of what could not.
		failures.Reset()
		d = jitter(l.o.Interval)
	case upstream.ReasonOf(err) == upstream.Auth:
		d = jitter(max(authWait, l.o.Interval))
	default:
		d = failures.NextBackOff()
	}
	d = max(d, upstream.RetryAfterOf(err))
	if p, ok := l.source.(Pacer); ok {
		factor, atLeast := p.Pace()
		d = max(time.Duration(float64(d)*max(factor, 1)), atLeast)
	}
	return d
}

// jitter spreads polls by a tenth, so that many sources do not fall into step.
func jitter(d time.Duration) time.Duration {
	return time.Duration(float64(d) * (0.9 + 0.2*rand.Float64()))
}

// sleep waits for d, or for a hint where hints may shorten the wait, and says whether to go on.
func (l *Loop) sleep(ctx context.Context, d time.Duration, hints bool) bool {
	hint := l.hint
	if !hints {
		hint = nil
	}
	t := time.NewTimer(d)
	defer t.Stop()
	select {
	case <-ctx.Done():
		return false
	case <-t.C:
	case <-hint:
	}
	return true
}

// Once polls the source a single time, telling nobody but the caller.
func (l *Loop) Once(ctx context.Context) error { return l.source.Poll(ctx) }
