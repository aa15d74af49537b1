package collector

import (
	dto "github.com/prometheus/client_model/go"

	"whatsapp_sla_exporter/internal/tickets"
)

var (
	ticketUrgentTable table

	ticketSLA = ticketUrgentTable.gauge("helpdesk_ticket_sla_timestamp_seconds",
		"When a target of the ticket enters the state, in Unix time: warning, critical, or due, when it is breached. For the most urgent tickets.",
		"the ticket is not among the most urgent, or the target is answered, paused or promised without a time",
		"helpdesk", "ticket", "policy", "severity", "tenant", "target", "event")
	ticketInfo = ticketUrgentTable.gauge("helpdesk_ticket_info",
		"Where to find the ticket; always 1. For the most urgent tickets.",
		"the ticket is not among the most urgent", "helpdesk", "ticket", "url")
	ticketSeriesDropped = ticketUrgentTable.gauge("helpdesk_ticket_series_dropped",
		"Tickets with an open deadline beyond the most urgent, which have no series of their own.",
		"", "helpdesk")
)

var urgentTickets = subject[*tickets.Snapshot]{&ticketUrgentTable, buildUrgentTickets}

// The events of a deadline, shared by all series.
var (
	eventWarning  = pair("event", "warning")
	eventCritical = pair("event", "critical")
	eventDue      = pair("event", "due")
)

func buildUrgentTickets(b *builder, s *tickets.Snapshot) {
	helpdesk := pair("helpdesk", s.Helpdesk)
	for i := range s.Urgent {
		d := &s.Urgent[i]
		g, target, ticket := groupOf(d.Group), targetPair(d.Target), pair("ticket", d.Ticket)
		labels := func(event *dto.LabelPair) []*dto.LabelPair {
			return []*dto.LabelPair{event, helpdesk, g.policy, g.severity, target, g.tenant, ticket}
		}
		b.timestamp(ticketSLA, d.Warning, labels(eventWarning)...)
		b.timestamp(ticketSLA, d.Critical, labels(eventCritical)...)
		b.timestamp(ticketSLA, d.Due, labels(eventDue)...)
		b.gauge(ticketInfo, 1, helpdesk, ticket, pair("url", d.URL))
	}
	b.gauge(ticketSeriesDropped, float64(s.Dropped), helpdesk)
}
