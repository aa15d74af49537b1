package graph

import (
	"maps"
	"regexp"
	"slices"
	"strings"
	"time"

	"golang.org/x/time/rate"

	"whatsapp_sla_exporter/internal/whatsapp"
)

// waba is everything that is known of one WABA: what was last told, and when to ask again.
type waba struct {
	id      string
	node    *whatsapp.WABA // nil: not read yet
	numbers []whatsapp.PhoneNumber
	tiers   map[string]string // messaging limit of each number, by its id
	tier    string            // the portfolio's messaging limit
	tierAt  whatsapp.Reading

	templates    *whatsapp.Templates
	subscription *whatsapp.Subscription
	profiles     map[string]*whatsapp.Profile
	healths      map[string][]whatsapp.Health // read per number
	messages     *messages

	phonesJob, nodeJob                          job
	templatesJob, subscriptionJob, analyticsJob job
	profileJobs, healthJobs                     map[string]*job
	phonePages, templatePages                   int
	calls                                       ledger
	early                                       *rate.Limiter
	limited                                     bool // health_status is not told with the list of numbers
}

func newWABA(id string) *waba {
	return &waba{
		id:          id,
		profiles:    map[string]*whatsapp.Profile{},
		healths:     map[string][]whatsapp.Health{},
		profileJobs: map[string]*job{},
		healthJobs:  map[string]*job{},
		early:       rate.NewLimiter(rate.Every(earlyEvery), earlyCalls),
	}
}

// follow makes ids the WABAs that are read. Those that stay keep what is known of them.
func (c *Client) follow(ids []string) {
	known := map[string]*waba{}
	for _, w := range c.wabas {
		known[w.id] = w
	}
	c.wabas = c.wabas[:0:0]
	listed := map[string]bool{}
	for _, id := range ids {
		if listed[id] {
			continue // each number of it would be told twice
		}
		listed[id] = true
		w := known[id]
		if w == nil {
			w = newWABA(id)
			known[id] = w
		}
		c.wabas = append(c.wabas, w)
	}
	maps.DeleteFunc(c.answers, func(path string, _ any) bool {
		id, _, _ := strings.Cut(path[1:], "/")
		return !slices.Contains(ids, id)
	})
	c.roster.set(ids)
}

// plan is how often the parts of w are read, slowed down as Meta's usage headers ask.
func (c *Client) plan(w *waba, factor int) plan {
	p := planFor(c.o.HourlyCalls, shape{
		phonePages: w.phonePages, templatePages: w.templatePages, numbers: len(w.numbers), numberHealth: w.limited,
	})
	return p.times(factor)
}

func (p plan) times(factor int) plan {
	f := time.Duration(factor)
	return plan{
		phones: p.phones * f, node: p.node * f,
		templates: p.templates * f, analytics: p.analytics * f, subscription: p.subscription * f,
		profile: p.profile * f, health: p.health * f,
		details: max(p.details/factor, 1),
	}
}

// portfolio is the id of the business that owns w, empty while it is not known.
func (c *Client) portfolio(w *waba) string {
	if w.node != nil && w.node.PortfolioID != "" {
		return w.node.PortfolioID
	}
	for i := range w.numbers {
		if id := business(w.numbers[i].Health); id != "" {
			return id
		}
	}
	return c.o.PortfolioID
}

// business is the portfolio that health_status names.
func business(health []whatsapp.Health) string {
	for _, h := range health {
		if h.Entity == "business" {
			return h.EntityID
		}
	}
	return ""
}

// pace is the pace of w's calls: its own and its portfolio's, as Meta's headers name both.
func (c *Client) pace(w *waba, now time.Time) pace {
	p := c.meter.pace(w.id, now)
	if id := c.portfolio(w); id != "" {
		p = p.slower(c.meter.pace(id, now))
	}
	return p
}

// tierName is what a tier may look like as a label value.
var tierName = regexp.MustCompile(`^[A-Z0-9_]{1,32}$`)

// limit turns a tier into a messaging limit.
func (c *Client) limit(r whatsapp.Reading, scope whatsapp.LimitScope, id, tier string) whatsapp.MessagingLimit {
	users, known, ok := whatsapp.ParseTier(tier)
	if !ok {
		c.unknown.add("messaging_limit", tier, c)
	}
	if !tierName.MatchString(tier) {
		tier = "unknown"
	}
	return whatsapp.MessagingLimit{Reading: r, Scope: scope, ScopeID: id, Tier: tier, Users: users, Known: known}
}
