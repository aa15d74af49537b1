// Package collector turns the latest snapshots into Prometheus metrics: snapshot in, metrics out. It knows the
// models and Prometheus, nothing about any API, and never waits for an upstream.
//
// Most series are kept as families ready to be encoded and made anew only when the snapshot they come from
// changes, because a scrape of a hundred thousand series would otherwise spend its time making them. Families
// that were handed out are never changed: other scrapes may still be encoding them.
//
// Each subject has one file with the table of its families and the function that fills them. A new subject is
// one file and one line in accountSubjects or helpdeskSubjects.
package collector

import (
	"sync"
	"time"

	dto "github.com/prometheus/client_model/go"

	"whatsapp_sla_exporter/internal/tickets"
	"whatsapp_sla_exporter/internal/whatsapp"
)

// Accounts gives the latest snapshot of every account. A pointer changes exactly when the snapshot does.
type Accounts interface {
	Accounts() []*whatsapp.Account
}

// Helpdesks gives the latest snapshot of every helpdesk. A pointer changes exactly when the snapshot does.
type Helpdesks interface {
	Snapshots() []*tickets.Snapshot
}

// Config is what a reload of the configuration can change.
type Config struct {
	// StaleAfter is how long the series of a source outlive its last successful read. Zero: for ever.
	StaleAfter time.Duration
	// Policies are the promises of the policies in force.
	Policies []PolicyTarget
}

// Collector is a prometheus.Gatherer of everything that is known about accounts and tickets.
type Collector struct {
	accounts  Accounts
	helpdesks Helpdesks
	now       func() time.Time

	mu      sync.Mutex
	config  Config
	sources map[string]*source // what is kept, by kind and name of the source
	static  *part              // what depends on the configuration alone
	shown   []*source          // the sources whose series are in kept
	kept    []*dto.MetricFamily
}

// New returns a collector of the given sources, of which either may be nil. It shows nothing of a policy before
// Configure.
func New(accounts Accounts, helpdesks Helpdesks, now func() time.Time) *Collector {
	return &Collector{accounts: accounts, helpdesks: helpdesks, now: now, sources: map[string]*source{}}
}

// Configure puts a configuration in force, at the start and at each reload.
func (c *Collector) Configure(config Config) {
	c.mu.Lock()
	defer c.mu.Unlock()
	c.config = config
	c.static = build(policySubjects, config.Policies)
	c.sources, c.shown, c.kept = map[string]*source{}, nil, nil
}

// Gather implements prometheus.Gatherer. The families are sorted by name and belong to nobody: whoever wants to
// change one copies it.
func (c *Collector) Gather() ([]*dto.MetricFamily, error) {
	now := c.now()
	kept, shown := c.refresh(now)
	return sorted(append(clockFamilies(shown, now), kept...)), nil
}

// refresh makes the kept families anew where something changed. What it returns is never written to again.
func (c *Collector) refresh(now time.Time) ([]*dto.MetricFamily, []*source) {
	c.mu.Lock()
	defer c.mu.Unlock()
	shown, changed := c.current(now)
	if changed || c.kept == nil {
		c.kept, c.shown = joinFamilies(c.static, shown), shown
	}
	return c.kept, c.shown
}
