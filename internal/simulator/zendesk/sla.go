package zendesk

import (
	"net/http"
	"slices"
	"time"
)

// Policy is an SLA policy: it applies to the tickets with Tag, or to all, and the first that applies wins.
type Policy struct {
	ID    int64
	Title string
	Tag   string
	// Targets by priority and metric (first_reply_time, next_reply_time, periodic_update_time,
	// pausable_update_time, requester_wait_time, agent_work_time, total_resolution_time), in whole minutes.
	Targets map[string]map[string]time.Duration
	// BusinessHours is what the API says of the targets; the clocks run day and night all the same.
	BusinessHours bool
}

// GroupPolicy is a group SLA policy: within Targets, by priority, a group is to solve the ticket or hand it over. The
// first that applies wins. Zendesk has them on its Enterprise plans.
type GroupPolicy struct {
	ID            string
	Title         string
	Groups        []int64 // none: every group
	Targets       map[string]time.Duration
	BusinessHours bool
}

// promised is what the policies promise for a clock.
func (s *Server) promised(t *ticket, c *clock) promise {
	if t.Priority == "" {
		return promise{}
	}
	if c.metric == groupOwnership {
		return s.groupPromise(t)
	}
	for i := range s.o.Policies {
		p := &s.o.Policies[i]
		if p.Tag != "" && !slices.Contains(t.Tags, p.Tag) {
			continue
		}
		if d := p.Targets[t.Priority][c.slaMetric()]; d > 0 {
			return promise{p.ID, p.Title, d, p.BusinessHours}
		}
		break
	}
	return promise{}
}

func (s *Server) groupPromise(t *ticket) promise {
	for _, p := range s.o.GroupPolicies {
		if len(p.Groups) > 0 && !slices.Contains(p.Groups, t.Group) {
			continue
		}
		if d := p.Targets[t.Priority]; d > 0 {
			return promise{p.ID, p.Title, d, p.BusinessHours}
		}
		break
	}
	return promise{}
}

// EditPolicies replaces the SLA policies. Clocks that run get their new targets; the rows of their tickets do not
// count as changed.
func (s *Server) EditPolicies(policies []Policy) {
	s.mu.Lock()
	defer s.mu.Unlock()
	s.o.Policies = policies
	for _, t := range s.tickets {
		if !t.deleted {
			s.retarget(t, s.o.Now())
		}
	}
}

// policyMetric is an SLA metric as it is side-loaded with a ticket. Of Days, Hours and Minutes one tells what was
// left when the row was read.
type policyMetric struct {
	BreachAt *time.Time `json:"breach_at"`
	Stage    string     `json:"stage"`
	Metric   string     `json:"metric"`
	Days     *int       `json:"days,omitempty"`
	Hours    *int       `json:"hours,omitempty"`
	Minutes  *int       `json:"minutes,omitempty"`
}

func (s *Server) policyMetrics(t *ticket, now time.Time) []policyMetric {
	out := []policyMetric{}
	for _, name := range s.metrics() {
		c := t.clocks[name]
		if c == nil || c.target == 0 || c.done && !s.o.ListAchieved {
			continue
		}
		m := policyMetric{Metric: c.slaMetric(), Stage: "active"}
		switch due := c.breachAt(); {
		case c.done:
			m.Stage = "achieved"
		case due.IsZero():
			m.Stage = "paused"
		default:
			m.BreachAt = &due
			m.left(due.Sub(now))
		}
		out = append(out, m)
	}
	return out
}

func (m *policyMetric) left(d time.Duration) {
	n := int(d / time.Minute)
	switch {
	case d >= 48*time.Hour:
		n /= 24 * 60
		m.Days = &n
	case d >= 2*time.Hour:
		n /= 60
		m.Hours = &n
	default:
		m.Minutes = &n
	}
}

// slaPolicies lists the policies, for admins.
func (s *Server) slaPolicies(_ *http.Request, role Role) (any, *refusal) {
	if no := forAdmins(role); no != nil {
		return nil, no
	}
	type target struct {
		Priority      string `json:"priority"`
		Metric        string `json:"metric"`
		Target        int    `json:"target"`
		BusinessHours bool   `json:"business_hours"`
	}
	type policy struct {
		ID       int64    `json:"id"`
		Title    string   `json:"title"`
		Position int      `json:"position"`
		Metrics  []target `json:"policy_metrics"`
	}
	out := []policy{}
	for i, p := range s.o.Policies {
		v := policy{ID: p.ID, Title: p.Title, Position: i + 1}
		for priority, targets := range p.Targets {
			for metric, d := range targets {
				v.Metrics = append(v.Metrics, target{priority, metric, int(d / time.Minute), p.BusinessHours})
			}
		}
		out = append(out, v)
	}
	return map[string]any{"sla_policies": out, "count": len(out), "next_page": nil, "previous_page": nil}, nil
}

// groupPolicies lists the group SLA policies, for admins of accounts that have such.
func (s *Server) groupPolicies(_ *http.Request, role Role) (any, *refusal) {
	if no := forAdmins(role); no != nil {
		return nil, no
	}
	if len(s.o.GroupPolicies) == 0 {
		return nil, forAdmins("") // another plan
	}
	type target struct {
		Priority      string `json:"priority"`
		Metric        string `json:"metric"`
		Target        int    `json:"target"`
		BusinessHours bool   `json:"business_hours"`
	}
	type policy struct {
		ID       string   `json:"id"`
		Title    string   `json:"title"`
		Position int      `json:"position"`
		Metrics  []target `json:"policy_metrics"`
	}
	out := []policy{}
	for i, p := range s.o.GroupPolicies {
		v := policy{ID: p.ID, Title: p.Title, Position: i + 1}
		for priority, d := range p.Targets {
			v.Metrics = append(v.Metrics, target{priority, groupOwnership, int(d / time.Minute), p.BusinessHours})
		}
		out = append(out, v)
	}
	return map[string]any{"group_sla_policies": out, "count": len(out), "next_page": nil, "previous_page": nil}, nil
}
