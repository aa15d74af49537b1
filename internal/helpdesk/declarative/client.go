package declarative

import (
	"context"
	"fmt"
	"strings"
	"sync"
	"time"

	"github.com/go-kit/log"
	"github.com/go-kit/log/level"
	"golang.org/x/time/rate"

	"whatsapp_sla_exporter/internal/helpdesk"
	"whatsapp_sla_exporter/internal/helpdesk/feed"
	"whatsapp_sla_exporter/internal/upstream"
)

// Options configure a Client.
type Options struct {
	// Profile is the helpdesk's, from Load. It belongs to the client from then on.
	Profile *Profile
	// Upstream says where the helpdesk is and how to call it. An empty BaseURL is the profile's, and so is the rate.
	// Its Check is the client's.
	Upstream upstream.Options
	// Lookback bounds the history that a first pass reads: default one hour, and never less than the profile's.
	Lookback time.Duration
	// Zone is that of the helpdesk's times where the profile leaves it to the configuration. Default UTC.
	Zone *time.Location
	// KeepField says which custom fields the tickets keep. Nil keeps none: customers write into them.
	KeepField func(id string) bool
	// Fields names the custom fields that requests ask for, in products that show only those asked for.
	Fields []string
	Now    func() time.Time
	Logger log.Logger
}

// Client reads one helpdesk. It is safe for concurrent use, though its passes are meant to follow each other.
type Client struct {
	o     Options
	p     *Profile
	api   *upstream.Client
	base  string
	clock *feed.Clock
	pace  *pace // nil where the upstream's rate is the bound

	// wait is how a pass sits out a Retry-After; tests have no time for it.
	wait feed.Waiter
	// mapTime is how long the mapping of a row may take.
	mapTime time.Duration

	mu      sync.Mutex
	session string
	tables  map[string]table
	puzzled bool // the last pass met values that the mapping did not know
	joins   map[string]*joinMemory
	// importing says that the first passes have not caught up with the history yet.
	importing bool
	backlog   []owed               // tickets whose joins were not read yet, the most urgent first
	told      map[string]time.Time // changes of tickets that were looked up because a row named them
}

type table struct {
	value any
	at    time.Time
}

// New returns a client. It does not call the helpdesk yet.
func New(o Options) (*Client, error) {
	if o.Profile == nil {
		return nil, fmt.Errorf("declarative: no profile")
	}
	o.Lookback = max(or(o.Lookback, time.Hour), time.Duration(o.Profile.Changes.Lookback))
	if o.KeepField == nil {
		o.KeepField = func(string) bool { return false }
	}
	if o.Now == nil {
		o.Now = time.Now
	}
	if o.Logger == nil {
		o.Logger = log.NewNopLogger()
	}
	c := &Client{
		o: o, p: o.Profile, clock: feed.NewClock(o.Now), wait: feed.Wait, mapTime: rowTime,
		tables: make(map[string]table), joins: make(map[string]*joinMemory), told: make(map[string]time.Time),
	}
	for name := range c.p.Joins {
		c.joins[name] = newJoinMemory()
	}
	return c, c.connect(o.Upstream)
}

func (c *Client) connect(u upstream.Options) (err error) {
	if u.BaseURL == "" {
		u.BaseURL = c.p.URL
	}
	if u.BaseURL == "" {
		return fmt.Errorf("the profile %s has no url of its own: configure one", c.p.Name)
	}
	if u.Rate == 0 && c.p.Rate.PerSecond > 0 {
		u.Rate, u.Burst = rate.Limit(c.p.Rate.PerSecond), c.p.Rate.Burst
		if c.pace = newPace(c.p.Rate); c.pace != nil {
			u.Rate, u.Burst = unbound, unbound
		}
	}
	u.Check, u.Now = c.check, c.o.Now
	if err := c.p.setZone(c.o.Zone); err != nil {
		return err
	}
	c.base = strings.TrimSuffix(u.BaseURL, "/")
	c.api, err = upstream.New(u)
	return err
}

func (p *Profile) setZone(configured *time.Location) error {
	if p.Zone.Value == "local" {
		if configured != nil {
			p.times.zone = configured
		}
		return nil
	}
	zone, err := time.LoadLocation(p.Zone.Value)
	if err != nil {
		return fmt.Errorf("zone of the profile %s: %w", p.Name, err)
	}
	p.times.zone = zone
	return nil
}

// Changes reads the tickets that changed since the cursor of an earlier pass; an empty cursor, or one that is not
// understood, begins Lookback ago. A pass that fails returns what it had read, beside the error; its cursor is then
// the one it began with. A history too long for one pass ends with More, or, in a list that is read backwards, with
// Gap.
func (c *Client) Changes(ctx context.Context, from string) (*helpdesk.Pass, error) {
	start := feed.ParseWatermark(from)
	r := c.begin(false)
	r.deferring = c.imports(start.IsZero())
	if start.IsZero() {
		start = feed.Watermark{Time: c.clock.Now().Add(-c.o.Lookback)}
	}
	err := c.loadTables(ctx)
	if err == nil {
		err = r.changes(ctx, start)
	}
	if err != nil {
		r.rows.Pass.Cursor, r.rows.Pass.More = from, false
		return r.end(), err
	}
	r.remember()
	c.settle(&r.rows.Pass, r.late)
	if !r.rows.Pass.More {
		c.imported()
		r.promptly()
		if err := r.catchUp(ctx); err != nil {
			level.Info(c.o.Logger).Log("msg", "reading more of the open tickets has to wait", "err", err)
		}
	}
	return r.end(), nil
}

// imports says whether the changes are those that a first start reads: a history that is not to wait for joins.
func (c *Client) imports(first bool) bool {
	c.mu.Lock()
	defer c.mu.Unlock()
	c.importing = c.importing || first
	return c.importing
}

func (c *Client) imported() {
	c.mu.Lock()
	defer c.mu.Unlock()
	c.importing = false
}

// Open reads all open tickets, or fails.
func (c *Client) Open(ctx context.Context) (*helpdesk.Pass, error) {
	r := c.begin(true)
	r.deferring = true
	if err := c.loadTables(ctx); err != nil {
		return nil, err
	}
	if err := r.open(ctx); err != nil {
		return nil, err
	}
	c.owe(r.late)
	if err := r.catchUp(ctx); err != nil {
		return nil, err
	}
	return r.end(), nil
}

// Lookup reads single tickets. Those that the helpdesk does not have are gone.
func (c *Client) Lookup(ctx context.Context, ids []string) (*helpdesk.Pass, error) {
	r := c.begin(true)
	if err := c.loadTables(ctx); err != nil {
		return nil, err
	}
	if err := r.lookup(ctx, ids); err != nil {
		return nil, err
	}
	return r.end(), nil
}

// loadTables reads the tables that are missing or old. One that cannot be read again stays as it was.
func (c *Client) loadTables(ctx context.Context) error {
	for name, t := range c.p.Tables {
		c.mu.Lock()
		have, ok := c.tables[name]
		c.mu.Unlock()
		if ok && c.o.Now().Sub(have.at) < time.Duration(t.Every) {
			continue
		}
		value, err := c.loadTable(ctx, t)
		switch {
		case err == nil:
		case ok:
			level.Warn(c.o.Logger).Log("msg", "a lookup table cannot be read again, keeping the one there is", "table", name, "err", err)
			continue
		case t.Optional && forbiddenOrMissing(err):
			level.Warn(c.o.Logger).Log("msg", "a lookup table cannot be read, going on without it", "table", name, "err", err)
		default:
			return fmt.Errorf("table %s: %w", name, err)
		}
		c.mu.Lock()
		c.tables[name] = table{value, c.o.Now()}
		c.mu.Unlock()
	}
	return nil
}

// puzzle makes the tables be read again when a pass meets values that the mapping does not know after one that met
// none: somebody may just have added a status.
func (c *Client) puzzle(met bool) {
	c.mu.Lock()
	defer c.mu.Unlock()
	if met && !c.puzzled {
		for name, t := range c.tables {
			c.tables[name] = table{value: t.value}
		}
	}
	c.puzzled = met
}

func (c *Client) loadTable(ctx context.Context, t *Table) (any, error) {
	v := c.vars()
	a, err := c.call(ctx, &t.Request, v)
	if err != nil {
		return nil, err
	}
	value, err := t.Value.run(ctx, pageTime, a.body, v)
	if err != nil {
		return nil, c.broken(&t.Request, err)
	}
	return value, nil
}

func forbiddenOrMissing(err error) bool {
	reason := upstream.ReasonOf(err)
	return reason == upstream.Permission || reason == upstream.NotFound
}

// vars are the variables that do not depend on what is asked.
func (c *Client) vars() vars {
	c.mu.Lock()
	defer c.mu.Unlock()
	tables := make(map[string]any, len(c.tables))
	for name, t := range c.tables {
		tables[name] = t.value
	}
	return vars{"$now": seconds(c.clock.Now()), "$base": c.base, "$tables": tables, "$fields": list(c.o.Fields)}
}

func seconds(t time.Time) float64 { return float64(t.UnixMilli()) / 1000 }
