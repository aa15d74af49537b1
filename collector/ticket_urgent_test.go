package collector

import (
	"testing"
	"time"

	"whatsapp_sla_exporter/internal/sla"
	"whatsapp_sla_exporter/internal/tickets"
)

func TestUrgentTickets(t *testing.T) {
	deadline := tickets.Deadline{
		Ticket: "4711", URL: "https://acme.zendesk.com/agent/tickets/4711",
		Group:  tickets.Group{Policy: "360dialog-standard", Severity: "urgent", Tenant: "north"},
		Target: sla.FirstResponse, Warning: noon, Critical: noon.Add(time.Hour), Due: noon.Add(2 * time.Hour),
	}
	native := deadline
	native.Group, native.Warning, native.Critical = tickets.Group{Policy: "native"}, time.Time{}, time.Time{}
	expect(t, ofHelpdesk(tickets.Snapshot{Urgent: []tickets.Deadline{deadline, native}, Dropped: 12}), `
	# TYPE helpdesk_ticket_info gauge
	helpdesk_ticket_info{helpdesk="support",ticket="4711",url="https://acme.zendesk.com/agent/tickets/4711"} 1
	# TYPE helpdesk_ticket_series_dropped gauge
	helpdesk_ticket_series_dropped{helpdesk="support"} 12
	# TYPE helpdesk_ticket_sla_timestamp_seconds gauge
	helpdesk_ticket_sla_timestamp_seconds{event="critical",helpdesk="support",policy="360dialog-standard",severity="urgent",target="first_response",tenant="north",ticket="4711"} 1.7724564e+09
	helpdesk_ticket_sla_timestamp_seconds{event="due",helpdesk="support",policy="360dialog-standard",severity="urgent",target="first_response",tenant="north",ticket="4711"} 1.77246e+09
	helpdesk_ticket_sla_timestamp_seconds{event="due",helpdesk="support",policy="native",target="first_response",ticket="4711"} 1.77246e+09
	helpdesk_ticket_sla_timestamp_seconds{event="warning",helpdesk="support",policy="360dialog-standard",severity="urgent",target="first_response",tenant="north",ticket="4711"} 1.7724528e+09
	`, &ticketUrgentTable)
}
