package zendesk

import (
	"maps"
	"slices"
	"time"

	"whatsapp_sla_exporter/internal/helpdesk"
	"whatsapp_sla_exporter/internal/sla"
)

// slaMetric says which target of the exporter a metric of an SLA policy is, and whose events tell of it.
type slaMetric struct {
	target sla.Target
	events string
}

var slaMetrics = map[string]slaMetric{
	"first_reply_time":      {sla.FirstResponse, replyTime},
	"next_reply_time":       {sla.NextResponse, replyTime},
	"periodic_update_time":  {sla.FollowUp, periodicUpdate},
	"pausable_update_time":  {sla.FollowUp, pausableUpdate},
	"requester_wait_time":   {sla.Resolution, requesterWait},
	"agent_work_time":       {sla.Resolution, agentWork},
	"total_resolution_time": {sla.Resolution, resolutionTime},
	groupOwnership:          {sla.GroupOwnership, groupOwnership},
}

// slaMetricNames are the metrics in an order that does not change from pass to pass.
var slaMetricNames = slices.Sorted(maps.Keys(slaMetrics))

// targetOrder is the order in which a ticket's native targets are told.
var targetOrder = append(slices.Clone(sla.Targets), sla.GroupOwnership, sla.UnknownTarget)

// runOfMetric is the run that an SLA metric measures; nil where the events do not tell. A group that owns a ticket
// without having promised anything leaves the last promise visible, as it was kept or broken.
func (h *history) runOfMetric(metric string) *run {
	runs := h.runs[slaMetrics[metric].events]
	if len(runs) == 0 {
		return nil
	}
	first, last := &runs[0], &runs[len(runs)-1]
	switch metric {
	case "first_reply_time":
		if h.partial && first.instance != 1 {
			return nil
		}
		return first
	case "next_reply_time":
		if last == first && !h.partial || last.instance == 1 {
			return nil
		}
	case groupOwnership:
		for i := range slices.Backward(runs) {
			if runs[i].target > 0 {
				return &runs[i]
			}
		}
	}
	return last
}

// natives reads Zendesk's own deadlines: those that are side-loaded as SLAs, or, where a row comes without, those
// that its metric events announce; and those that the events show to be met. Unknown is told of metrics and stages
// that are not documented, and of deadlines that Zendesk keeps to itself.
func natives(r *row, h *history, unknown func(field, value string)) []helpdesk.NativeTarget {
	var out []helpdesk.NativeTarget
	told := map[string]bool{}
	if r.SLAs != nil {
		for _, m := range r.SLAs.PolicyMetrics {
			told[m.Metric] = true
			if n, ok := native(m, h, unknown); ok {
				out = merge(out, n)
			}
		}
	}
	for _, metric := range slaMetricNames {
		if n, ok := met(metric, h); ok {
			out = merge(out, n)
		}
		// Whether group SLAs are side-loaded beside the others is not documented.
		if r.SLAs == nil || metric == groupOwnership && !told[metric] {
			if n, ok := running(metric, h, unknown); ok {
				out = merge(out, n)
			}
		}
	}
	slices.SortFunc(out, func(a, b helpdesk.NativeTarget) int {
		return slices.Index(targetOrder, a.Target) - slices.Index(targetOrder, b.Target)
	})
	return out
}

// native is a deadline as Zendesk tells it. Whatever its metric is called, it is a promise to somebody: one that
// nobody documented is the unknown target.
func native(m policyMetric, h *history, unknown func(field, value string)) (helpdesk.NativeTarget, bool) {
	n := helpdesk.NativeTarget{Target: slaMetrics[m.Metric].target}
	if n.Target == "" {
		unknown("sla_metric", m.Metric)
		n.Target = sla.UnknownTarget
	}
	if r := h.runOfMetric(m.Metric); r != nil {
		n.Start = r.start
	}
	switch m.Stage {
	case "active":
		if n.Due = m.BreachAt.Time; n.Due.IsZero() {
			unknown("sla_deadline", m.Metric)
			return n, false
		}
		return n, true
	case "paused":
		n.Paused = true
		return n, true
	case "achieved", "completed", "fulfilled": // when, and before which due, only the events tell
		return met(m.Metric, h)
	}
	unknown("sla_stage", m.Stage)
	n.Due = m.BreachAt.Time // a deadline is one in any stage
	return n, !n.Due.IsZero()
}

// met is a deadline that was met or missed by an answer, where the events tell both of its instants.
func met(metric string, h *history) (helpdesk.NativeTarget, bool) {
	r := h.runOfMetric(metric)
	if r == nil || !h.whole(metric, r) || r.fulfilled.IsZero() || r.due.IsZero() {
		return helpdesk.NativeTarget{}, false
	}
	return helpdesk.NativeTarget{Target: slaMetrics[metric].target, Start: r.start, Due: r.due, MetAt: r.fulfilled}, true
}

// running is a deadline that the metric events announce and that nobody has met. Of a clock whose beginning is not
// known, only an announced breach tells.
func running(metric string, h *history, unknown func(field, value string)) (helpdesk.NativeTarget, bool) {
	r := h.runOfMetric(metric)
	if r == nil || !r.fulfilled.IsZero() {
		return helpdesk.NativeTarget{}, false
	}
	n := helpdesk.NativeTarget{Target: slaMetrics[metric].target, Start: r.start}
	switch {
	case !h.whole(metric, r):
		n.Start, n.Due = time.Time{}, r.liveBreach()
		return n, !n.Due.IsZero()
	case r.target <= 0:
		return n, false
	case r.since.IsZero():
		n.Paused = true
		return n, true
	}
	if n.Due = r.dueAhead(); n.Due.IsZero() {
		unknown("sla_deadline", metric)
		return n, false
	}
	return n, true
}

// whole says whether everything is known of a run: replies, updates and ownership begin with each instance, the
// other metrics once, with the ticket.
func (h *history) whole(metric string, r *run) bool {
	switch slaMetrics[metric].events {
	case requesterWait, agentWork, resolutionTime:
		return !h.partial
	}
	return !r.start.IsZero()
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
func solvedAt(r *row, h *history) time.Time {
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
