package collector

import (
	"testing"

	"whatsapp_sla_exporter/internal/sla"
	"whatsapp_sla_exporter/internal/tickets"
)

func TestSLANextDueAndOutcomes(t *testing.T) {
	group := tickets.Group{Policy: "meta-direct-support", Severity: "urgent"}
	expect(t, ofHelpdesk(tickets.Snapshot{
		Targets: []tickets.TargetGroup{
			{Group: group, Target: sla.FirstResponse, Due: []int64{noon.Unix() - 60, noon.Unix() + 60}},
			{Group: group, Target: sla.Resolution, Paused: 1},
		},
		Outcomes: []tickets.OutcomeCount{{Group: group, Target: sla.FirstResponse, Met: 90, Breached: 0}},
	}), `
	# TYPE helpdesk_sla_next_due_timestamp_seconds gauge
	helpdesk_sla_next_due_timestamp_seconds{helpdesk="support",policy="meta-direct-support",severity="urgent",target="first_response"} 1.77245274e+09
	# TYPE helpdesk_sla_outcomes_total counter
	helpdesk_sla_outcomes_total{helpdesk="support",outcome="breached",policy="meta-direct-support",severity="urgent",target="first_response"} 0
	helpdesk_sla_outcomes_total{helpdesk="support",outcome="met",policy="meta-direct-support",severity="urgent",target="first_response"} 90
	`, &slaTable)
}
