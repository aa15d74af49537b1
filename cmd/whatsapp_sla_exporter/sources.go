package main

import (
	"context"
	"sync"
	"time"

	"whatsapp_sla_exporter/internal/board"
	"whatsapp_sla_exporter/internal/helpdesk/declarative"
	"whatsapp_sla_exporter/internal/platform"
	"whatsapp_sla_exporter/internal/poll"
	"whatsapp_sla_exporter/internal/qr"
	"whatsapp_sla_exporter/internal/tickets"
	"whatsapp_sla_exporter/internal/whatsapp"
)

// source is one source in force: the loop that polls it, and what it publishes.
type source struct {
	name, kind  string
	fingerprint string // of its configuration; a reload that leaves it alone leaves the source running
	loop        *poll.Loop
	// What the source publishes: one of these.
	account func() *whatsapp.Account
	page    func() *platform.Page
	session func() *qr.Session
	tickets func() *tickets.Snapshot
	// What an account's source takes from webhooks.
	flag  func(display string, flagged bool, at time.Time) (bool, error)
	hurry func(wabaID string, templates bool) // nil where the client reads everything with each poll
	// preview reads one page of a helpdesk that is read by a profile; nil where there is none.
	preview func(ctx context.Context, tickets int) (*declarative.Report, error)
	// pushed is the way of a helpdesk's webhooks; nil where it has none.
	pushed *pushed
	// accounts are those that a page or a session matters to; empty: all.
	accounts []string

	cancel context.CancelFunc
	done   chan struct{}
}

// spec is a source that the configuration asks for.
type spec struct {
	name, kind  string
	fingerprint string
	build       func() (*source, error)
}

// sources runs the loops of the sources in force. Readers see a consistent list that a reload replaces at once.
type sources struct {
	forget func(name string) // told of every source that ends

	changing sync.Mutex      // held while sources start and end
	ctx      context.Context // of run; nil before

	mu      sync.RWMutex
	inForce []*source
}

// replace makes the wanted sources the ones in force: those whose configuration did not change go on as they
// are, others end before their successors start, because both keep state under the same name. When one cannot
// be built, everything stays as it was.
func (s *sources) replace(wanted []spec) error {
	s.changing.Lock()
	defer s.changing.Unlock()
	old := make(map[string]*source)
	for _, o := range s.list() {
		old[o.name] = o
	}
	next := make([]*source, 0, len(wanted))
	var stopped, started []*source
	for _, w := range wanted {
		o := old[w.name]
		if o != nil && o.fingerprint == w.fingerprint {
			next = append(next, o)
			delete(old, w.name)
			continue
		}
		if o != nil {
			o.stop()
			stopped = append(stopped, o)
			delete(old, w.name)
		}
		n, err := w.build()
		if err != nil {
			for _, o := range stopped {
				s.start(o)
			}
			return err
		}
		n.name, n.kind, n.fingerprint = w.name, w.kind, w.fingerprint
		next, started = append(next, n), append(started, n)
	}
	s.set(next)
	for _, o := range old {
		o.stop()
		s.forget(o.name)
	}
	for _, n := range started {
		s.start(n)
	}
	return nil
}

// run keeps the loops going until ctx ends, and returns when the last one has.
func (s *sources) run(ctx context.Context) error {
	s.changing.Lock()
	s.ctx = ctx
	for _, o := range s.list() {
		s.start(o)
	}
	s.changing.Unlock()
	<-ctx.Done()
	s.changing.Lock()
	defer s.changing.Unlock()
	for _, o := range s.list() {
		o.stop()
	}
	return nil
}

// start sets a loop going, once run has begun.
func (s *sources) start(o *source) {
	if s.ctx == nil {
		return
	}
	ctx, cancel := context.WithCancel(s.ctx)
	o.cancel, o.done = cancel, make(chan struct{})
	go func() {
		var beside sync.WaitGroup
		defer close(o.done)
		defer beside.Wait()
		if o.pushed != nil {
			beside.Go(func() { o.pushed.Run(ctx) })
		}
		o.loop.Run(ctx)
	}()
}

func (o *source) stop() {
	if o.cancel != nil {
		o.cancel()
		<-o.done
	}
}

func (s *sources) list() []*source {
	s.mu.RLock()
	defer s.mu.RUnlock()
	return s.inForce
}

func (s *sources) set(list []*source) {
	s.mu.Lock()
	defer s.mu.Unlock()
	s.inForce = list
}

// ready says whether every source was read or given up on.
func (s *sources) ready() bool {
	for _, o := range s.list() {
		select {
		case <-o.loop.Tried():
		default:
			return false
		}
	}
	return true
}

// latest collects what the sources of one kind published.
func latest[T any](s *sources, published func(*source) func() *T) []*T {
	var out []*T
	for _, o := range s.list() {
		if f := published(o); f != nil {
			if v := f(); v != nil {
				out = append(out, v)
			}
		}
	}
	return out
}

// Accounts are the WhatsApp accounts as they were last read.
func (s *sources) Accounts() []*whatsapp.Account {
	return latest(s, func(o *source) func() *whatsapp.Account { return o.account })
}

// Pages are the status pages as they were last read.
func (s *sources) Pages() []*platform.Page {
	return latest(s, func(o *source) func() *platform.Page { return o.page })
}

// Sessions are the QR sessions as they were last read.
func (s *sources) Sessions() []*qr.Session {
	return latest(s, func(o *source) func() *qr.Session { return o.session })
}

// Snapshots are the helpdesks' tickets as they were last read.
func (s *sources) Snapshots() []*tickets.Snapshot {
	return latest(s, func(o *source) func() *tickets.Snapshot { return o.tickets })
}

// LastReads tells when each source was last read, for the board.
func (s *sources) LastReads() []board.Source {
	var out []board.Source
	for _, o := range s.list() {
		out = append(out, board.Source{Name: o.name, LastRead: o.readAt()})
	}
	return out
}

// readAt is when the source was last read; zero: never.
func (o *source) readAt() time.Time {
	if o.account != nil {
		if a := o.account(); a != nil {
			return a.ReadAt
		}
	}
	if o.page != nil {
		if p := o.page(); p != nil {
			return p.ReadAt
		}
	}
	if o.session != nil {
		if q := o.session(); q != nil {
			return q.ReadAt
		}
	}
	if o.tickets != nil {
		return o.tickets().ReadAt
	}
	return time.Time{}
}
