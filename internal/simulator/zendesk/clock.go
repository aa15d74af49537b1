package zendesk

import (
	"slices"
	"time"
)

// The metrics that Zendesk runs a clock for.
const (
	replyTime      = "reply_time"
	agentWork      = "agent_work_time"
	requesterWait  = "requester_wait_time"
	resolution     = "resolution_time"
	periodicUpdate = "periodic_update_time"
	pausableUpdate = "pausable_update_time"
	groupOwnership = "group_ownership_time"
)

var everyMetric = []string{agentWork, pausableUpdate, periodicUpdate, replyTime, requesterWait, resolution}

// metrics are those that the account has: ownership by groups comes with group SLA policies.
func (s *Server) metrics() []string {
	if len(s.o.GroupPolicies) == 0 {
		return everyMetric
	}
	return append(slices.Clone(everyMetric), groupOwnership)
}

// pausedIn lists the statuses in which a metric's clock stands still.
var pausedIn = map[string][]string{
	agentWork:      {"pending", "hold"},
	requesterWait:  {"pending"},
	pausableUpdate: {"pending"},
}

// clock is one metric of a ticket in its present instance.
type clock struct {
	metric   string
	instance int
	since    time.Time     // it runs since; zero while it is paused
	elapsed  time.Duration // before since
	done     bool
	promise
	breach *event // announced, in the future or past
}

// promise is what an SLA policy promises for a clock.
type promise struct {
	policy   any // id: a number, that of a group SLA policy a string
	title    string
	target   time.Duration // 0: none
	business bool
}

// event is an entry of a ticket's metric events.
type event struct {
	ID         int64      `json:"id"`
	TicketID   int64      `json:"ticket_id"`
	Metric     string     `json:"metric"`
	InstanceID int        `json:"instance_id"`
	Type       string     `json:"type"`
	Time       time.Time  `json:"time"`
	SLA        *eventSLA  `json:"sla,omitempty"`
	GroupSLA   *eventSLA  `json:"group_sla,omitempty"`
	Status     *bothTimes `json:"status,omitempty"`
	Deleted    bool       `json:"deleted,omitempty"`

	at time.Time // when it was recorded
}

type eventSLA struct {
	Target        int         `json:"target"` // minutes
	TargetSeconds int         `json:"target_in_seconds"`
	BusinessHours bool        `json:"business_hours"`
	Policy        eventPolicy `json:"policy"`
}

type eventPolicy struct {
	ID          any     `json:"id"`
	Title       string  `json:"title"`
	Description *string `json:"description"`
}

// bothTimes are minutes; without a calendar they are the same.
type bothTimes struct {
	Calendar int `json:"calendar"`
	Business int `json:"business"`
}

func (s *Server) emit(t *ticket, e event, now time.Time) *event {
	s.nextEvent++
	e.ID, e.TicketID, e.at = s.nextEvent, t.id, now
	if e.Time.IsZero() {
		e.Time = now
	}
	t.events = append(t.events, &e)
	return &e
}

// activate starts the next instance of a metric.
func (s *Server) activate(t *ticket, metric string, now time.Time) {
	c := &clock{metric: metric, instance: 1, since: now}
	if before := t.clocks[metric]; before != nil {
		c.instance = before.instance + 1
	} else {
		s.emit(t, event{Metric: metric, Type: "measure"}, now)
	}
	t.clocks[metric] = c
	s.emit(t, event{Metric: metric, InstanceID: c.instance, Type: "activate"}, now)
	s.applySLA(t, c, now)
}

// resume goes on with a metric that was fulfilled: the ticket was reopened.
func (s *Server) resume(t *ticket, metric string, now time.Time) {
	c := t.clocks[metric]
	if c == nil || !c.done {
		return
	}
	c.done, c.since = false, now
	s.emit(t, event{Metric: metric, InstanceID: c.instance, Type: "activate"}, now)
	s.announce(t, c, now)
}

// fulfill ends the present instance of a metric.
func (s *Server) fulfill(t *ticket, metric string, now time.Time) {
	c := t.clocks[metric]
	if c == nil || c.done {
		return
	}
	c.elapsed += c.running(now)
	c.since, c.done = time.Time{}, true
	c.withdraw(now)
	s.emit(t, event{Metric: metric, InstanceID: c.instance, Type: "fulfill"}, now)
	minutes := int(c.elapsed / time.Minute)
	s.emit(t, event{Metric: metric, InstanceID: c.instance, Type: "update_status", Status: &bothTimes{minutes, minutes}}, now)
}

// applyPauses stops and starts the clocks as the ticket's status asks for.
func (s *Server) applyPauses(t *ticket, now time.Time) {
	for _, metric := range s.metrics() {
		c := t.clocks[metric]
		if c == nil || c.done {
			continue
		}
		switch paused := slices.Contains(pausedIn[metric], t.status); {
		case paused && !c.since.IsZero():
			c.elapsed += c.running(now)
			c.since = time.Time{}
			c.withdraw(now)
			s.emit(t, event{Metric: metric, InstanceID: c.instance, Type: "pause"}, now)
		case !paused && c.since.IsZero():
			c.since = now
			s.emit(t, event{Metric: metric, InstanceID: c.instance, Type: "activate"}, now)
			s.announce(t, c, now)
		}
	}
}

// retarget applies the SLA anew to every clock that is not done.
func (s *Server) retarget(t *ticket, now time.Time) {
	for _, metric := range s.metrics() {
		if c := t.clocks[metric]; c != nil && !c.done {
			s.applySLA(t, c, now)
		}
	}
}

// applySLA looks for the target of a clock. Only a ticket with a priority has one.
func (s *Server) applySLA(t *ticket, c *clock, now time.Time) {
	p := s.promised(t, c)
	if p == c.promise {
		return
	}
	c.promise = p
	e := event{Metric: c.metric, InstanceID: c.instance, Type: "apply_sla"}
	var applied *eventSLA
	if p.target > 0 {
		applied = &eventSLA{int(p.target / time.Minute), int(p.target / time.Second), p.business, eventPolicy{ID: p.policy, Title: p.title}}
	}
	if c.metric == groupOwnership {
		e.Type, e.GroupSLA = "apply_group_sla", applied
	} else {
		e.SLA = applied
	}
	s.emit(t, e, now)
	s.announce(t, c, now)
}

// announce tells when the clock will breach, in the place of what was told before.
func (s *Server) announce(t *ticket, c *clock, now time.Time) {
	c.withdraw(now)
	if due := c.breachAt(); !due.IsZero() {
		c.breach = s.emit(t, event{Metric: c.metric, InstanceID: c.instance, Type: "breach", Time: due}, now)
	}
}

// withdraw takes an announced breach back that did not come.
func (c *clock) withdraw(now time.Time) {
	if c.breach != nil && now.Before(c.breach.Time) {
		c.breach.Deleted, c.breach.at = true, now
		c.breach = nil
	}
}

func (c *clock) running(now time.Time) time.Duration {
	if c.since.IsZero() {
		return 0
	}
	return now.Sub(c.since)
}

// breachAt is zero while the clock is paused, done or without a target.
func (c *clock) breachAt() time.Time {
	if c.target == 0 || c.done || c.since.IsZero() {
		return time.Time{}
	}
	return c.since.Add(c.target - c.elapsed)
}

// slaMetric is the name of the clock in SLA policies.
func (c *clock) slaMetric() string {
	switch {
	case c.metric == replyTime && c.instance == 1:
		return "first_reply_time"
	case c.metric == replyTime:
		return "next_reply_time"
	case c.metric == resolution:
		return "total_resolution_time"
	}
	return c.metric
}
