package collector

import (
	dto "github.com/prometheus/client_model/go"

	"whatsapp_sla_exporter/internal/sla"
	"whatsapp_sla_exporter/internal/tickets"
)

var (
	ticketTable table

	ticketsOpen = ticketTable.gauge("helpdesk_open_tickets",
		"Open tickets by status. All statuses of a known group are there, 0 included.",
		"", "helpdesk", "policy", "severity", "tenant", "status")
	ticketsUncovered = ticketTable.gauge("helpdesk_uncovered_tickets",
		"Open tickets that no policy covers, by reason.",
		"there is no such ticket", "helpdesk", "policy", "reason")
	ticketsExcluded = ticketTable.gauge("helpdesk_excluded_tickets",
		"Open tickets that relabel_configs drop: they are in no other metric.",
		"", "helpdesk")
	ticketsVanished = ticketTable.counter("helpdesk_vanished_tickets_total",
		"Tickets that were open and that the helpdesk does not know any more.",
		"", "helpdesk")
	ticketBadRows = ticketTable.counter("helpdesk_unreadable_rows_total",
		"Rows of the helpdesk that could not be understood and were skipped.",
		"", "helpdesk")
	ticketUnmapped = ticketTable.counter("helpdesk_unmapped_values_total",
		"Values of the helpdesk that the mapping did not know, by field.",
		"no such value was read", "helpdesk", "field")
)

var openTickets = subject[*tickets.Snapshot]{&ticketTable, buildTickets}

func buildTickets(b *builder, s *tickets.Snapshot) {
	helpdesk := pair("helpdesk", s.Helpdesk)
	for i := range s.Open {
		o := &s.Open[i]
		g := groupOf(o.Group)
		b.gauge(ticketsOpen, float64(o.Count), helpdesk, g.policy, g.severity, pair("status", string(o.Status)), g.tenant)
	}
	for _, u := range s.Uncovered {
		b.gauge(ticketsUncovered, float64(u.Count), helpdesk, pair("policy", u.Policy), pair("reason", string(u.Reason)))
	}
	b.gauge(ticketsExcluded, float64(s.Excluded), helpdesk)
	b.counter(ticketsVanished, float64(s.Vanished), helpdesk)
	b.counter(ticketBadRows, float64(s.BadRows), helpdesk)
	for _, f := range s.Unmapped {
		b.counter(ticketUnmapped, float64(f.Count), pair("field", f.Field), helpdesk)
	}
}

// groupLabels are the labels that tickets are counted by.
type groupLabels struct{ policy, severity, tenant *dto.LabelPair }

func groupOf(g tickets.Group) groupLabels {
	return groupLabels{pair("policy", g.Policy), pair("severity", g.Severity), pair("tenant", g.Tenant)}
}

// targetPair is the label of a target.
func targetPair(t sla.Target) *dto.LabelPair { return pair("target", string(t)) }
