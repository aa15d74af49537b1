package collector

// PolicyTarget is one promise of a policy in force. A time of 0 is not promised and makes no series.
type PolicyTarget struct {
	Policy, Severity, Target string

	Seconds           float64 // working time from the start of the target to its due
	Warning, Critical float64 // working seconds left when the target enters that state
}

var (
	policyTable table

	policySeconds = policyTable.gauge("helpdesk_sla_target_seconds",
		"Working time that the policy promises for the target.",
		"the policy promises no time", "policy", "severity", "target")
	policyLead = policyTable.gauge("helpdesk_sla_lead_seconds",
		"Working time left at which the target enters the level: warning or critical.",
		"the policy promises no time", "policy", "severity", "target", "level")
)

var policies = subject[[]PolicyTarget]{&policyTable, buildPolicies}

func buildPolicies(b *builder, targets []PolicyTarget) {
	for i := range targets {
		t := &targets[i]
		if t.Seconds == 0 {
			continue
		}
		policy, severity, target := pair("policy", t.Policy), pair("severity", t.Severity), pair("target", t.Target)
		b.gauge(policySeconds, t.Seconds, policy, severity, target)
		if t.Critical > 0 {
			b.gauge(policyLead, t.Critical, pair("level", "critical"), policy, severity, target)
		}
		if t.Warning > 0 {
			b.gauge(policyLead, t.Warning, pair("level", "warning"), policy, severity, target)
		}
	}
}
