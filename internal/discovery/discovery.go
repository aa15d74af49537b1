// Package discovery finds Alertmanagers as Prometheus does, in files and by DNS, with the same labels for what it
// finds.
//
// It is more careful than Prometheus about finding nobody: whoever is known stays known until an answer names
// others, because a name server or a file that is gone for a while must not end the alerts on anybody's tickets.
package discovery

import (
	"context"
	"maps"
	"net"
	"reflect"
	"slices"
	"sync"
	"time"

	"github.com/go-kit/log"
	"github.com/go-kit/log/level"
	"github.com/prometheus/client_golang/prometheus"
	"github.com/prometheus/common/model"
)

// Group lists targets, host and port each, that have labels in common.
type Group struct {
	Targets []string       `json:"targets" yaml:"targets"`
	Labels  model.LabelSet `json:"labels" yaml:"labels"`
}

// targets are the targets of the group with their labels; meta are added to them.
func (g *Group) targets(meta model.LabelSet) []model.LabelSet {
	out := make([]model.LabelSet, len(g.Targets))
	for i, t := range g.Targets {
		out[i] = g.Labels.Merge(meta).Merge(model.LabelSet{model.AddressLabel: model.LabelValue(t)})
	}
	return out
}

// Config says where to look.
type Config struct {
	Static []Group
	Files  []Files
	DNS    []DNS
}

// found is what a provider knows, by file or by name.
type found map[string][]model.LabelSet

// count is how many targets there are.
func (f found) count() (n int) {
	for _, targets := range f {
		n += len(targets)
	}
	return n
}

// provider looks for targets in one way.
type provider interface {
	mechanism() string
	// key is the same over reloads for the same question, so that what it was answered stays known.
	key() string
	interval() time.Duration
	// look asks anew. Beside an error it returns what there is to go on with: for what could not be asked, that
	// is what was known before.
	look(ctx context.Context, known found) (found, error)
}

// Options are what a Discoverer is made of.
type Options struct {
	// Changed is called when Targets became others by themselves, other than by Configure.
	Changed func()
	// Resolver asks name servers; nil: those of the system.
	Resolver   *net.Resolver
	Registerer prometheus.Registerer
	Logger     log.Logger
}

// Discoverer keeps looking for targets.
type Discoverer struct {
	o          Options
	metrics    *metrics
	configured chan struct{} // has an element when the configuration changed

	mu        sync.Mutex
	static    []model.LabelSet
	providers []provider
	known     map[string]found // by key of each provider
}

// New returns a discoverer that knows nobody before Configure.
func New(o Options) *Discoverer {
	if o.Resolver == nil {
		o.Resolver = &net.Resolver{PreferGo: true} // which heeds the end of a context
	}
	return &Discoverer{o: o, metrics: newMetrics(o.Registerer), configured: make(chan struct{}, 1)}
}

// Configure puts a configuration in force. What is asked for as before stays known, the rest is forgotten.
func (d *Discoverer) Configure(c Config) {
	d.mu.Lock()
	d.static, d.providers = nil, nil
	for i := range c.Static {
		d.static = append(d.static, c.Static[i].targets(nil)...)
	}
	for i := range c.Files {
		d.providers = append(d.providers, &c.Files[i])
	}
	for i := range c.DNS {
		d.providers = append(d.providers, &lookup{DNS: c.DNS[i], resolver: d.o.Resolver})
	}
	known := make(map[string]found, len(d.providers))
	for _, p := range d.providers {
		known[p.key()] = d.known[p.key()]
	}
	d.known = known
	d.count()
	d.mu.Unlock()
	select {
	case d.configured <- struct{}{}:
	default:
	}
}

// count shows how many targets are known.
func (d *Discoverer) count() {
	d.metrics.targets.Reset()
	if len(d.static) > 0 {
		d.metrics.targets.WithLabelValues("static").Set(float64(len(d.static)))
	}
	seen := make(map[string]bool)
	for _, p := range d.providers {
		d.metrics.failures.WithLabelValues(p.mechanism()) // starts at 0
		if !seen[p.key()] {
			d.metrics.targets.WithLabelValues(p.mechanism()).Add(float64(d.known[p.key()].count()))
		}
		seen[p.key()] = true
	}
}

// Targets are all that are known, in an order that only depends on what they are.
func (d *Discoverer) Targets() []model.LabelSet {
	d.mu.Lock()
	defer d.mu.Unlock()
	out := slices.Clone(d.static)
	for _, key := range slices.Sorted(maps.Keys(d.known)) {
		for _, source := range slices.Sorted(maps.Keys(d.known[key])) {
			out = append(out, d.known[key][source]...)
		}
	}
	return out
}

// Run looks for targets until ctx ends. It is an actor: run it once.
func (d *Discoverer) Run(ctx context.Context) error {
	for ctx.Err() == nil {
		d.runUntilConfigured(ctx)
	}
	return nil
}

func (d *Discoverer) runUntilConfigured(ctx context.Context) {
	ctx, cancel := context.WithCancel(ctx)
	var wg sync.WaitGroup
	d.mu.Lock()
	for _, p := range d.providers {
		wg.Go(func() { d.watch(ctx, p) })
	}
	d.mu.Unlock()
	select {
	case <-ctx.Done():
	case <-d.configured:
	}
	cancel()
	wg.Wait()
}

func (d *Discoverer) watch(ctx context.Context, p provider) {
	again := time.NewTicker(p.interval())
	defer again.Stop()
	for {
		d.refresh(ctx, p)
		select {
		case <-ctx.Done():
			return
		case <-again.C:
		}
	}
}

func (d *Discoverer) refresh(ctx context.Context, p provider) {
	d.mu.Lock()
	known := d.known[p.key()]
	d.mu.Unlock()
	now, err := p.look(ctx, known)
	if ctx.Err() != nil {
		return
	}
	if err != nil {
		d.metrics.failures.WithLabelValues(p.mechanism()).Inc()
		level.Error(d.o.Logger).Log("msg", "looking for alertmanagers failed, those that are known stay",
			"mechanism", p.mechanism(), "known", now.count(), "err", err)
	}
	if d.learn(p, now) && d.o.Changed != nil {
		d.o.Changed()
	}
}

// learn keeps what a provider found, unless it is not asked any more, and says whether that is new.
func (d *Discoverer) learn(p provider, now found) bool {
	d.mu.Lock()
	defer d.mu.Unlock()
	before, asked := d.known[p.key()]
	if !asked || reflect.DeepEqual(before, now) {
		return false
	}
	d.known[p.key()] = now
	d.count()
	return true
}
