package sla

import (
	"fmt"
	"time"
)

// Clock runs one policy on one calendar. It is immutable.
type Clock struct {
	policy   *Policy
	calendar *Calendar
	answers  map[string]*terms // the severities, by every name they answer to
	topics   map[string]*terms
	any      *terms // the severity that takes every ticket; nil without one
	limited  *terms // what Outstanding makes of a ticket; nil without it
}

// terms are what a severity promises, ready to be run.
type terms struct {
	name       string
	countdowns []countdown
	// outstanding says that the severity is one that Outstanding moves.
	outstanding bool
}

// NewClock prepares a policy to run on a calendar. The error is that of Policy.Validate.
func NewClock(p *Policy, cal *Calendar) (*Clock, error) {
	if err := p.Validate(); err != nil {
		return nil, fmt.Errorf("policy %s: %w", p.Name, err)
	}
	c := &Clock{policy: p, calendar: cal, answers: make(map[string]*terms), topics: make(map[string]*terms)}
	for i := range p.Severities {
		s := &p.Severities[i]
		t := &terms{name: s.Name}
		for _, promise := range s.Promises {
			t.countdowns = append(t.countdowns, newCountdown(p, promise, cal))
		}
		for _, key := range s.keys() {
			c.answers[key] = t
		}
	}
	for topic, severity := range p.Topics {
		c.topics[fold(topic)] = c.answers[fold(severity)]
	}
	c.any = c.answers[AnySeverity]
	if o := p.Outstanding; o.Becomes != "" {
		c.limited = c.answers[fold(o.Becomes)]
		for _, severity := range o.Severities {
			c.answers[fold(severity)].outstanding = true
		}
	}
	return c, nil
}

// Policy is the policy that the clock runs.
func (c *Clock) Policy() *Policy { return c.policy }

// Evaluate appends the instants of every target that runs, or has run, on the ticket to dst, and says whether
// the policy covers it. They hold until the ticket changes; a change of severity moves them as if the ticket
// had always had the new one.
//
// A target shows its present run only. The next answer of an agent ends a run of next_response, which is then
// gone, and one of follow_up, in whose place the next one begins: whoever counts outcomes keeps the last run and
// takes the answer (LastAgentReplyAt) for its At.
func (c *Clock) Evaluate(dst []Instants, t *Ticket) (Coverage, []Instants) {
	coverage, agreed := c.cover(t)
	if !coverage.Covered() {
		return coverage, dst
	}
	for i := range agreed.countdowns {
		d := &agreed.countdowns[i]
		if r, ok := begin(d.target, t); ok {
			dst = append(dst, d.instants(r, t))
		}
	}
	return coverage, dst
}

// Left is the working time left of a target of the ticket at now, where i is what Evaluate said of it. Once it
// is breached that is negative: the working time since. It is not known (ok is false) for a target that is
// answered or promised without a time, nor while the ticket is paused and nobody says since when.
func (c *Clock) Left(t *Ticket, i *Instants, now time.Time) (left time.Duration, ok bool) {
	coverage, agreed := c.cover(t)
	if !coverage.Covered() || !i.At.IsZero() || i.BestEffort {
		return 0, false
	}
	for k := range agreed.countdowns {
		if d := &agreed.countdowns[k]; d.target == i.Target {
			return d.left(i.Start, t, now)
		}
	}
	return 0, false
}

// cover decides whether the policy covers the ticket, and under which terms.
func (c *Clock) cover(t *Ticket) (Coverage, *terms) {
	agreed := c.severity(t)
	var coverage Coverage
	if agreed != nil {
		coverage.Severity = agreed.name
	}
	switch {
	case t.External && c.policy.ExcludesExternal:
		coverage.Reason = ExternalOrigin
	case t.Invalid && c.policy.RequiresValid:
		coverage.Reason = InvalidTicket
	case agreed == nil:
		coverage.Reason = NoSeverity
	}
	return coverage, agreed
}

// severity finds the ticket's severity: its own, or else that of its topic.
func (c *Clock) severity(t *Ticket) *terms {
	found := c.any
	switch {
	case found != nil:
	case t.Severity != "":
		found = lookup(c.answers, t.Severity)
	case t.Topic != "":
		found = lookup(c.topics, t.Topic)
	}
	resolved := t.resolved() || !t.ResolvedAt.IsZero()
	if found != nil && found.outstanding && resolved && t.OutstandingRequests > 0 {
		return c.limited
	}
	return found
}

// lookup spares a name that is written as the policy writes it the folding, and so the allocation.
func lookup(m map[string]*terms, name string) *terms {
	if t, ok := m[name]; ok {
		return t
	}
	return m[fold(name)]
}
