package alerts

import (
	"context"
	"slices"
	"sync"
	"time"

	"github.com/go-kit/log"
	"github.com/go-kit/log/level"
	"github.com/prometheus/client_golang/prometheus"

	"whatsapp_sla_exporter/internal/state"
	"whatsapp_sla_exporter/internal/tickets"
)

const (
	defaultResend = 30 * time.Second
	// lifetimes is how many intervals an alert outlives its last sending, as Prometheus has it: three may be lost.
	lifetimes = 4
	// resolvedFor is how long the end of an alert is sent again, for an Alertmanager that was away, as Prometheus does.
	resolvedFor = 15 * time.Minute
	// queueCapacity bounds what waits for one Alertmanager.
	queueCapacity = 50_000
	// drainTime bounds the last sending, so that the process stops within 5 s.
	drainTime = 3 * time.Second
)

// Helpdesks gives the latest snapshot of every configured helpdesk.
type Helpdesks interface {
	Snapshots() []*tickets.Snapshot
}

// Config is what a reload of the configuration can change.
type Config struct {
	Alertmanagers []Endpoint
	// RunbookBase is what runbook_url begins with. Default RunbookBase of this package.
	RunbookBase string
	// ResendInterval is how often alerts are sent again while they last: after a read of their helpdesk when half
	// of it is over, by itself when no read came for three. They outlive their last sending by four. Default 30 s.
	ResendInterval time.Duration
	// StaleAfter is how long after its last read a helpdesk counts as unread; 0: never.
	StaleAfter time.Duration
}

// Options are what a Sidecar is made of.
type Options struct {
	Helpdesks Helpdesks
	// Changed has an element when some snapshot may have changed.
	Changed <-chan struct{}
	// Diagnose says where a failure that the helpdesk's tickets are about comes from; nil: nobody knows.
	Diagnose func(helpdesk string) string
	// Store keeps the alerts over a restart; nil: they are forgotten.
	Store      *state.Store
	Registerer prometheus.Registerer
	Logger     log.Logger
	Now        func() time.Time
}

// Sidecar sends one alert for every ticket whose SLA is in danger.
type Sidecar struct {
	o       Options
	metrics *metrics

	mu         sync.Mutex
	config     Config
	configured chan struct{} // has an element when config changed

	// Of the goroutine in Run alone:
	set     *set
	senders map[string]*running
	pace    pace
}

// running is a sender at work. Stop lets it send what is queued, abandon lets it end at once.
type running struct {
	*sender
	stop, abandon func()
	done          chan struct{}
}

// New returns a sidecar that tells nobody before Configure.
func New(o Options) *Sidecar {
	if o.Now == nil {
		o.Now = time.Now
	}
	if o.Logger == nil {
		o.Logger = log.NewNopLogger()
	}
	s := &Sidecar{
		o: o, metrics: newMetrics(o.Registerer), configured: make(chan struct{}, 1), senders: make(map[string]*running),
	}
	s.Configure(Config{})
	return s
}

// Configure puts a configuration in force, at the start, at each reload, and when other Alertmanagers are discovered.
func (s *Sidecar) Configure(c Config) {
	if c.RunbookBase == "" {
		c.RunbookBase = RunbookBase
	}
	if c.ResendInterval == 0 {
		c.ResendInterval = defaultResend
	}
	s.mu.Lock()
	s.config = c
	s.mu.Unlock()
	select {
	case s.configured <- struct{}{}:
	default:
	}
}

// Run sends alerts until ctx ends. Then it sends what waits, for 3 s at most, and returns; it resolves nothing,
// because the end of the exporter answers no ticket. It is an actor: run it once.
func (s *Sidecar) Run(ctx context.Context) error {
	remembered, err := recollect(s.o.Store)
	if err != nil {
		return err
	}
	s.set, s.pace = newSet(remembered), make(pace)
	defer s.stopAll()

	wake := time.NewTimer(0)
	defer wake.Stop()
	for {
		select {
		case <-ctx.Done():
			return nil
		case <-s.o.Changed:
		case <-s.configured:
		case <-wake.C:
		}
		wake.Reset(s.step(ctx))
	}
}

// step decides, sends what changed, and everything of whom it is time for, and returns how long nothing will change
// by itself. Without anybody to tell it decides and remembers nothing.
func (s *Sidecar) step(ctx context.Context) time.Duration {
	s.mu.Lock()
	c := s.config
	s.mu.Unlock()
	newcomers := s.follow(ctx, c)
	if len(s.senders) == 0 {
		return c.ResendInterval
	}

	now := s.o.Now()
	v := view{
		snapshots: s.o.Helpdesks.Snapshots(), remembered: s.set.remembered, staleAfter: c.StaleAfter,
		diagnose: s.o.Diagnose,
	}
	news, changes := s.set.update(&v, now, c.RunbookBase)
	if err := changes.keep(s.o.Store); err != nil {
		level.Error(s.o.Logger).Log("msg", "alerts would not survive a restart", "err", err)
	}
	s.set.forget(now.Add(-resolvedFor))
	due := s.pace.due(s.set.reads(&v), now, c.ResendInterval)
	again := s.set.of(func(helpdesk string) bool { return due[helpdesk] })
	news = slices.DeleteFunc(news, func(m message) bool { return due[m.key.Helpdesk] }) // which again has
	s.tell(append(again, news...), newcomers)
	return v.next(now, s.pace.next(now, c.ResendInterval)).Sub(now)
}

// tell puts messages into the queues, and everything into those of the newcomers.
func (s *Sidecar) tell(messages []message, newcomers map[string]bool) {
	var everything []message
	if len(newcomers) > 0 {
		everything = s.set.of(func(string) bool { return true })
	}
	for name, r := range s.senders {
		m := messages
		if newcomers[name] {
			m = everything
		}
		r.counts.dropped.Add(float64(r.queue.put(m)))
		r.counts.queued.Set(float64(r.queue.length()))
		r.counts.active.Set(float64(len(s.set.active)))
	}
}

// follow starts and stops senders so that they are those of the configuration, and returns the names of those that are new.
func (s *Sidecar) follow(ctx context.Context, c Config) map[string]bool {
	wanted := make(map[string]Endpoint, len(c.Alertmanagers))
	for _, e := range c.Alertmanagers {
		wanted[e.name()] = e
	}
	for name, r := range s.senders {
		if e, ok := wanted[name]; !ok || !r.is(&e, c) {
			r.abandon()
			<-r.done
			delete(s.senders, name)
			if !ok {
				s.metrics.forget(name)
			}
		}
	}
	newcomers := make(map[string]bool)
	for name, e := range wanted {
		if s.senders[name] == nil {
			s.senders[name] = s.start(ctx, &e, c)
			newcomers[name] = true
		}
	}
	return newcomers
}

// is says whether the sender already does what is asked for.
func (r *running) is(e *Endpoint, c Config) bool {
	return r.origin == e.Client && r.url == e.URL.String() && r.lasting == lifetimes*c.ResendInterval
}

func (s *Sidecar) start(ctx context.Context, e *Endpoint, c Config) *running {
	name := e.name()
	drain, abandon := context.WithCancel(context.WithoutCancel(ctx))
	ctx, stop := context.WithCancel(ctx)
	context.AfterFunc(drain, stop)
	r := &running{
		sender:  newSender(e, s.metrics.of(name), lifetimes*c.ResendInterval, s.o.Now, s.o.Logger),
		stop:    stop,
		abandon: abandon,
		done:    make(chan struct{}),
	}
	go func() {
		defer close(r.done)
		r.run(ctx, drain)
	}()
	return r
}

// stopAll waits for the senders to send what is queued, until the time for that is over.
func (s *Sidecar) stopAll() {
	for _, r := range s.senders {
		r.stop()
		defer time.AfterFunc(drainTime, r.abandon).Stop()
	}
	for _, r := range s.senders {
		<-r.done
		r.abandon()
	}
}
