package zendesk

import (
	"slices"
	"time"

	"whatsapp_sla_exporter/internal/helpdesk"
	"whatsapp_sla_exporter/internal/sla"
)

// slaMetrics says which target of the exporter a metric of an SLA policy is, and whose events tell of it.
// group_ownership_time is a promise between groups of agents, not to the customer, and left out.
var slaMetrics = map[string]struct {
	target sla.Target
	events string
}{
	"first_reply_time":      {sla.FirstResponse, replyTime},
	"next_reply_time":       {sla.NextResponse, replyTime},
	"periodic_update_time":  {sla.FollowUp, periodicUpdate},
	"pausable_update_time":  {sla.FollowUp, pausableUpdate},
	"requester_wait_time":   {sla.Resolution, requesterWait},
	"agent_work_time":       {sla.Resolution, agentWork},
	"total_resolution_time": {sla.Resolution, resolutionTime},
}

const groupOwnership = "group_ownership_time"

// runOfMetric is the run that an SLA metric measures; nil where the events do not tell.
func (h history) runOfMetric(metric string) *run {
	runs := h[slaMetrics[metric].events]
	switch {
	case len(runs) == 0 || metric == "next_reply_time" && len(runs) == 1:
		return nil
	case metric == "first_reply_time":
		return &runs[0]
	}
	return &runs[len(runs)-1]
}

// natives reads Zendesk's own deadlines: all that are side-loaded as SLAs, and those that the metric events show to
// be met. Unknown is told of metrics and stages that are not documented.
func natives(r *row, h history, unknown func(field string)) []helpdesk.NativeTarget {
	var out []helpdesk.NativeTarget
	if r.SLAs != nil {
		for _, m := range r.SLAs.PolicyMetrics {
			if n, ok := native(m, h, unknown); ok {
				out = merge(out, n)
			}
		}
	}
	for metric := range slaMetrics {
		if n, ok := met(metric, h); ok {
			out = merge(out, n)
		}
	}
	slices.SortFunc(out, func(a, b helpdesk.NativeTarget) int {
		return slices.Index(sla.Targets, a.Target) - slices.Index(sla.Targets, b.Target)
	})
	return out
}

func native(m policyMetric, h history, unknown func(string)) (helpdesk.NativeTarget, bool) {
	known, ok := slaMetrics[m.Metric]
	if !ok {
		if m.Metric != groupOwnership {
			unknown("sla_metric")
		}
		return helpdesk.NativeTarget{}, false
	}
	n := helpdesk.NativeTarget{Target: known.target}
	if r := h.runOfMetric(m.Metric); r != nil {
		n.Start = r.start
	}
	switch m.Stage {
	case "active":
		n.Due = m.BreachAt.Time
		return n, !n.Due.IsZero()
	case "paused":
		n.Paused = true
		return n, true
	case "achieved": // when, and before which due, only the events tell
		return met(m.Metric, h)
	}
	unknown("sla_stage")
	return n, false
}

// met is a deadline that was met or missed by an answer, where the events tell both of its instants.
func met(metric string, h history) (helpdesk.NativeTarget, bool) {
	r := h.runOfMetric(metric)
	if r == nil || r.fulfilled.IsZero() || r.due.IsZero() {
		return helpdesk.NativeTarget{}, false
	}
	return helpdesk.NativeTarget{Target: slaMetrics[metric].target, Start: r.start, Due: r.due, MetAt: r.fulfilled}, true
}

// merge adds a deadline. Of two for the same target, one that runs stands before one that is paused, and that
// before one that was met; of two that run or were met, the earlier due.
func merge(list []helpdesk.NativeTarget, n helpdesk.NativeTarget) []helpdesk.NativeTarget {
	i := slices.IndexFunc(list, func(have helpdesk.NativeTarget) bool { return have.Target == n.Target })
	if i < 0 {
		return append(list, n)
	}
	if have := list[i]; rank(n) < rank(have) || rank(n) == rank(have) && n.Due.Before(have.Due) {
		list[i] = n
	}
	return list
}

func rank(n helpdesk.NativeTarget) int {
	switch {
	case n.MetAt.IsZero() && !n.Paused:
		return 0
	case n.Paused:
		return 1
	}
	return 2
}

// solvedAt is when a ticket that is done was solved: by its metric set, else by its events, else, for one that is
// solved and not yet closed, by its last change.
func solvedAt(r *row, h history) time.Time {
	if r.MetricSet != nil && !r.MetricSet.SolvedAt.IsZero() {
		return r.MetricSet.SolvedAt.Time
	}
	if last := h.last(resolutionTime); last != nil && !last.fulfilled.IsZero() {
		return last.fulfilled
	}
	if r.Status == "solved" {
		return r.UpdatedAt.Time
	}
	return time.Time{}
}
