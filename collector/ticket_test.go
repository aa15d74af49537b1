package collector

import (
	"testing"

	"whatsapp_sla_exporter/internal/sla"
	"whatsapp_sla_exporter/internal/tickets"
)

func TestOpenTickets(t *testing.T) {
	critical := tickets.Group{Policy: "360dialog-premium", Severity: "critical", Tenant: "acme"}
	expect(t, ofHelpdesk(tickets.Snapshot{
		Open: []tickets.OpenCount{
			{Group: tickets.Group{}, Status: sla.StatusOpen, Count: 4},
			{Group: critical, Status: sla.StatusNew, Count: 0},
			{Group: critical, Status: sla.StatusOnHold, Count: 3},
		},
		Uncovered: []tickets.UncoveredCount{
			{Reason: sla.NoPolicy, Count: 4},
			{Policy: "reach-whatsapp-qr", Reason: sla.ExternalOrigin, Count: 2},
		},
		Excluded: 7, Vanished: 1, BadRows: 2,
		Unmapped: []tickets.FieldCount{{Field: "status", Count: 5}},
	}), `
	# TYPE helpdesk_excluded_tickets gauge
	helpdesk_excluded_tickets{helpdesk="support"} 7
	# TYPE helpdesk_open_tickets gauge
	helpdesk_open_tickets{helpdesk="support",policy="360dialog-premium",severity="critical",status="new",tenant="acme"} 0
	helpdesk_open_tickets{helpdesk="support",policy="360dialog-premium",severity="critical",status="on_hold",tenant="acme"} 3
	helpdesk_open_tickets{helpdesk="support",status="open"} 4
	# TYPE helpdesk_uncovered_tickets gauge
	helpdesk_uncovered_tickets{helpdesk="support",policy="reach-whatsapp-qr",reason="external_origin"} 2
	helpdesk_uncovered_tickets{helpdesk="support",reason="no_policy"} 4
	# TYPE helpdesk_unmapped_values_total counter
	helpdesk_unmapped_values_total{field="status",helpdesk="support"} 5
	# TYPE helpdesk_unreadable_rows_total counter
	helpdesk_unreadable_rows_total{helpdesk="support"} 2
	# TYPE helpdesk_vanished_tickets_total counter
	helpdesk_vanished_tickets_total{helpdesk="support"} 1
	`, &ticketTable)
}
