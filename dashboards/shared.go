package dashboards

import "fmt"

// nextBreaches is the time to the next deadlines of single tickets, one query a state so that each has its
// colour: critical, warning, running.
func nextBreaches(n int) []Target {
	const on = "on (" + ticketTarget + ")"
	next := fmt.Sprintf("bottomk(%d, %s > 0)", n, until(instantOf("due")))
	warned, urgent := "(time() >= "+instantOf("warning")+")", "(time() >= "+instantOf("critical")+")"
	name := legend("helpdesk ticket target")
	return []Target{
		now(name, next+" and "+on+" "+urgent),
		now(name, "("+next+" and "+on+" "+warned+") unless "+on+" "+urgent),
		now(name, next+" unless "+on+" "+warned),
	}
}

func nextBreachPanel(n int, description string) Panel {
	p := stat("Breaches next", description, duration, nextBreaches(n)...).coloured(Bad, Warn, Good)
	p.Options["textMode"] = "value_and_name"
	return p.empty("–")
}

// inState counts the targets of open tickets in a state.
func inState(state string) string {
	return sum("", latest("helpdesk_sla_tickets", `state="`+state+`"`))
}

func breachedPanel() Panel {
	return stat("Breached", "Targets of open tickets that are past due, or were answered too late.", count,
		now("", inState("breached"))).some(Broken)
}

func urgentTickets() Panel {
	return table("Most urgent tickets",
		"The open targets that come due first, breached ones on top. As many as the exporter is told to list; the count of the rest is on the SLA desk.",
		none,
		rows(linked(until(instantOf("due")))),
		rows(ticketState()),
	).columns(column{name: "Due in", unit: duration}, column{name: "State", unit: none, states: slaStates[:4]}).
		order("ticket", "Value #A", "Value #B", "target", "helpdesk", "policy", "severity", "tenant", "url").
		sorted("Due in", false).links("ticket")
}

func qualityTimeline() Panel {
	return timeline("Quality rating", "What recipients think of the messages, as Meta rates it, by phone number.", ratings,
		over(legend("display_phone_number"), numbered(coded("whatsapp_phone_number_quality_rating", "rating", ratings))))
}

func platformTimeline() Panel {
	return timeline("Platform status", "What the status pages of Meta and the providers say. Unknown is not operational.", platformStates,
		over(legend("page service"), coded("whatsapp_platform_status", "state", platformStates)))
}

func sourceTimeline() Panel {
	return timeline("Sources read", "Whether the last poll of each source could read all of it. While one cannot be read, what the boards show of it is missing or old.",
		yesNo, over(legend("source"), by("max", []string{"source"}, series("whatsapp_sla_exporter_source_up"))))
}

func limitUse() Panel {
	users := latest("whatsapp_messaging_limit_users")
	return bars("Messaging limit used",
		"Distinct recipients outside a service window in 24 h over the limit. Where webhooks do not tell them, delivered business-initiated messages, an upper bound.",
		ratio, now(legend("account scope scope_id"),
			latest("whatsapp_messaging_limit_used_users")+" / "+users+" or "+latest("whatsapp_messaging_limit_messages")+" / "+users)).used()
}

func diagnosis() Panel {
	return stat("Diagnosis", "The most likely cause on WhatsApp's side that the exporter can see for each account.", none,
		now(legend("account"), coded("whatsapp_diagnosis", "cause", causes))).shown(causes)
}
