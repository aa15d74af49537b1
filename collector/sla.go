package collector

import (
	"whatsapp_sla_exporter/internal/tickets"
)

var (
	slaTable table

	slaNextDue = slaTable.gauge("helpdesk_sla_next_due_timestamp_seconds",
		"Earliest due of the open targets of the group, in Unix time, whether still ahead or already breached and unanswered.",
		"no target of the group has a deadline", "helpdesk", "policy", "severity", "tenant", "target")
	slaOutcomes = slaTable.counter("helpdesk_sla_outcomes_total",
		"Targets that ended, by outcome: met or breached. Each target of each ticket counts once, over restarts.",
		"", "helpdesk", "policy", "severity", "tenant", "target", "outcome")
)

// The outcomes of a target, shared by all series.
var (
	outcomeMet      = pair("outcome", "met")
	outcomeBreached = pair("outcome", "breached")
)

var slaTargets = subject[*tickets.Snapshot]{&slaTable, buildSLATargets}

func buildSLATargets(b *builder, s *tickets.Snapshot) {
	helpdesk := pair("helpdesk", s.Helpdesk)
	for i := range s.Targets {
		t := &s.Targets[i]
		g := groupOf(t.Group)
		if due, ok := t.NextDue(); ok {
			b.timestamp(slaNextDue, due, helpdesk, g.policy, g.severity, targetPair(t.Target), g.tenant)
		}
	}
	for i := range s.Outcomes {
		o := &s.Outcomes[i]
		g, target := groupOf(o.Group), targetPair(o.Target)
		b.counter(slaOutcomes, float64(o.Breached), helpdesk, outcomeBreached, g.policy, g.severity, target, g.tenant)
		b.counter(slaOutcomes, float64(o.Met), helpdesk, outcomeMet, g.policy, g.severity, target, g.tenant)
	}
}
