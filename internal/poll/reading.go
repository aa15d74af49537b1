package poll

import (
	"context"
	"fmt"
	"sync/atomic"
	"time"
)

// Reader reads something whole: a status page, a session.
type Reader[T any] interface {
	Read(ctx context.Context) (*T, error)
}

// Reading polls one thing and publishes it as it was last read.
type Reading[T any] struct {
	name, kind string
	reader     Reader[T]
	keep       func(*T, time.Time) error
	now        func() time.Time
	latest     atomic.Pointer[T]
}

// NewReading returns a source that has not read anything yet. Keep, where it is not nil, adds to what was read what
// follows from earlier reads, and stores it before it is shown.
func NewReading[T any](name, kind string, r Reader[T], keep func(*T, time.Time) error, now func() time.Time) *Reading[T] {
	return &Reading[T]{name: name, kind: kind, reader: r, keep: keep, now: now}
}

// Name is the name in the configuration.
func (r *Reading[T]) Name() string { return r.name }

// Type is the kind of upstream.
func (r *Reading[T]) Type() string { return r.kind }

// Latest is what was last published; nil before the first good read.
func (r *Reading[T]) Latest() *T { return r.latest.Load() }

// Poll reads and publishes. A reader that could read a part returns it with an error that says what is missing; one
// that could read nothing returns nil, and what was published stands.
func (r *Reading[T]) Poll(ctx context.Context) error {
	read, err := r.reader.Read(ctx)
	if read == nil {
		return err
	}
	if r.keep != nil {
		if e := r.keep(read, r.now()); e != nil {
			return fmt.Errorf("keeping what was read: %w", e)
		}
	}
	r.latest.Store(read)
	return err
}

// Pace is the reader's, where it knows how much of its allowance is used.
func (r *Reading[T]) Pace() (factor float64, atLeast time.Duration) {
	if p, ok := r.reader.(Pacer); ok {
		return p.Pace()
	}
	return 1, 0
}
