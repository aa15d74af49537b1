package collector

import "testing"

func TestPolicies(t *testing.T) {
	c := New(nil, nil, at(noon))
	expect(t, c, ``, &policyTable)
	c.Configure(Config{Policies: []PolicyTarget{
		{Policy: "reach-whatsapp-qr", Severity: "moderate", Target: "resolution"},
		{Policy: "reach-whatsapp-qr", Severity: "critical", Target: "first_response", Seconds: 900, Warning: 450, Critical: 300},
		{Policy: "own", Severity: "low", Target: "first_response", Seconds: 60, Critical: 1},
	}})
	expect(t, c, `
	# TYPE helpdesk_sla_lead_seconds gauge
	helpdesk_sla_lead_seconds{level="critical",policy="own",severity="low",target="first_response"} 1
	helpdesk_sla_lead_seconds{level="critical",policy="reach-whatsapp-qr",severity="critical",target="first_response"} 300
	helpdesk_sla_lead_seconds{level="warning",policy="reach-whatsapp-qr",severity="critical",target="first_response"} 450
	# TYPE helpdesk_sla_target_seconds gauge
	helpdesk_sla_target_seconds{policy="own",severity="low",target="first_response"} 60
	helpdesk_sla_target_seconds{policy="reach-whatsapp-qr",severity="critical",target="first_response"} 900
	`, &policyTable)
	c.Configure(Config{})
	expect(t, c, ``, &policyTable)
}
