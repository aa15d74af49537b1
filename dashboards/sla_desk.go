package dashboards

import (
	"fmt"
	"strings"
	"time"
)

const slaGroup = "helpdesk policy severity target"

func slaDesk() *Dashboard {
	d := board("desk", "SLA desk", "Open tickets by helpdesk, policy and severity, what comes due, and how well the promises were kept.", "now-24h", "30s")
	d.line(10, urgentTickets().wide(16), comingDue())
	d.heading("By group")
	d.line(9, groups().wide(14), timeToBreach())
	d.line(7, targetsByState(), openByStatus())
	d.heading("Attainment over the time range")
	d.line(8, attainment(), outcomeTable())
	d.heading("What the policies promise")
	d.line(8, promises())
	d.heading("Not counted down")
	d.line(7, uncovered(), leftOut(), unmapped(), beyondCap().wide(4))
	return d
}

// comingDue looks at single tickets, so only at the most urgent ones, which are the ones that come due first.
func comingDue() Panel {
	left := until(instantOf("due"))
	var targets []Target
	for _, hours := range []int{1, 2, 4, 8, 24} {
		within := (time.Duration(hours) * time.Hour).Seconds()
		targets = append(targets, now(fmt.Sprintf("in %d h", hours),
			fmt.Sprintf("sum((%s > bool 0) * (%s <= bool %s))", left, left, number(within))))
	}
	return bars("Coming due", "How many targets of the most urgent tickets come due in the next hours, breached ones not counted.", count, targets...).steps(Waiting)
}

// groups has one column a state.
func groups() Panel {
	shown := slaStates[:5]
	var targets []Target
	var columns []column
	for _, s := range shown {
		targets = append(targets, rows(sum(slaGroup, latest("helpdesk_sla_tickets", `state="`+s.value+`"`))))
		columns = append(columns, column{name: s.value, unit: count, colour: steps("transparent", at(1, s.colour))})
	}
	next := by("min", strings.Fields(slaGroup), latest("helpdesk_sla_next_due_timestamp_seconds"))
	targets = append(targets, rows(until(next)))
	columns = append(columns, column{name: "next due in", unit: duration})
	return table("Targets by group and state", "Targets of open tickets of each helpdesk, policy and severity by the state they are in, and when the next is due.", count, targets...).
		columns(columns...).sorted("breached", true)
}

// timeToBreach has the critical leads of the groups that have a deadline as dashed lines, so that what is near
// is judged by its own policy.
func timeToBreach() Panel {
	left := by("min", []string{"policy", "severity", "target"}, latest("helpdesk_sla_time_to_breach_seconds"))
	lead := latest("helpdesk_sla_lead_seconds", `level="critical"`) + " and on (policy, severity, target) " + left
	p := graph("Time to the next breach",
		"Time from now to the earliest due of each group, below 0 once breached. Dashed: the working time that is left when it becomes critical.", seconds,
		over(legend("policy severity target"), left), over("lead "+legend("policy severity target"), lead))
	return p.dashed("lead ", Bad)
}

func openByStatus() Panel {
	return graph("Open tickets by status", "Open tickets of all helpdesks chosen, covered by a policy or not.", count,
		over(legend("helpdesk status"), sum("helpdesk status", latest("helpdesk_open_tickets")))).fromZero()
}

func attainment() Panel {
	const group = "policy severity target"
	met := sum(group, growth("helpdesk_sla_outcomes_total", `outcome="met"`))
	all := sum(group, growth("helpdesk_sla_outcomes_total"))
	return bars("Attainment", "Targets met over all targets decided in the time range. Read it beside the counts: few tickets make a ratio jump.", ratio,
		now(legend(group), met+" / ("+all+" > 0)")).upTo(1).steps(Waiting)
}

func outcomeTable() Panel {
	outcome := func(o string) Target {
		return rows(sum(slaGroup, growth("helpdesk_sla_outcomes_total", `outcome="`+o+`"`)))
	}
	return table("Outcomes", "Targets met and breached in the time range, each counted once; estimated between scrapes, hence not always whole.", count,
		outcome("met"), outcome("breached")).
		columns(column{name: "met", unit: count}, column{name: "breached", unit: count, colour: steps("transparent", at(0.5, Broken))}).
		sorted("breached", true)
}

func promises() Panel {
	return table("Targets and leads", "What each policy in force promises, and how much working time is left when a target goes to warning and to critical.", duration,
		rows(latest("helpdesk_sla_target_seconds")),
		rows(latest("helpdesk_sla_lead_seconds", `level="warning"`)),
		rows(latest("helpdesk_sla_lead_seconds", `level="critical"`))).
		columns(column{name: "Promise", unit: duration}, column{name: "Warning with left", unit: duration}, column{name: "Critical with left", unit: duration}).
		order(strings.Fields("policy severity target")...).sorted("policy", false)
}

func uncovered() Panel {
	return bars("Uncovered tickets", "Open tickets that no policy covers, by reason: nothing counts down for them.", count,
		now(legend("helpdesk policy reason"), latest("helpdesk_uncovered_tickets"))).some(Warn)
}

func leftOut() Panel {
	return bars("Left out of the counts", "Open tickets that relabelling drops; in the time range, rows that could not be read, and open tickets that the helpdesk does not know any more.", count,
		now(legend("helpdesk")+" excluded", latest("helpdesk_excluded_tickets")),
		now(legend("helpdesk")+" unreadable", growth("helpdesk_unreadable_rows_total")),
		now(legend("helpdesk")+" vanished", growth("helpdesk_vanished_tickets_total"))).some(Warn)
}

func unmapped() Panel {
	return bars("Unmapped values", "Values of the helpdesk that the mapping did not know, in the time range. A ticket may have gone to the wrong policy.", count,
		now(legend("helpdesk field"), news("helpdesk_unmapped_values_total"))).some(Warn)
}

func beyondCap() Panel {
	return stat("Tickets not listed", "Tickets with an open deadline beyond the most urgent, which have no series of their own. They are in all counts.", count,
		now(legend("helpdesk"), latest("helpdesk_ticket_series_dropped"))).steps(Waiting)
}
