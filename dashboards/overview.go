package dashboards

func overview() *Dashboard {
	d := board("overview", "SLA and WhatsApp overview",
		"Which ticket is about to breach its SLA, and whether the WhatsApp channel is about to be throttled, restricted or banned.",
		"now-6h", "30s")
	d.line(5,
		nextBreachPanel(1, "The open target that comes due first and how long that is. Colour: the state its policy puts it in.").wide(8),
		breachedPanel(),
		stat("Critical", "Targets with so little working time left that somebody should be paged.", count,
			now("", inState("critical"))).some(Bad),
		stat("Warning", "Targets with so little working time left that somebody should be told.", count,
			now("", inState("warning"))).some(Warn),
		stat("Open tickets", "All open tickets, whether a policy covers them or not.", count,
			now("", sum("", latest("helpdesk_open_tickets")))),
	)
	d.line(4,
		diagnosis().wide(8),
		stat("Numbers rated red", "Phone numbers whose quality rating is red.", count,
			now("", sum("", latest("whatsapp_phone_number_quality_rating", `rating="red"`)))).some(Broken),
		stat("Numbers restricted", "Phone numbers that may not start conversations.", count,
			now("", sum("", latest("whatsapp_phone_number_restricted")))).some(Broken),
		stat("Uncovered tickets", "Open tickets that no policy covers: nothing counts down for them.", count,
			now("", sum("", latest("helpdesk_uncovered_tickets")))).some(Warn),
		stat("Sources unreadable", "Sources whose last poll failed: what the boards show of them is missing or old.", count,
			now("", sum("", "1 - "+by("max", []string{"source"}, "whatsapp_sla_exporter_source_up")))).some(Broken),
	)
	d.line(9, urgentTickets().wide(15), targetsByState())
	d.line(8, qualityTimeline(), platformTimeline())
	d.line(7, limitUse(), sourceTimeline())
	return d
}

func targetsByState() Panel {
	return graph("Targets by state", "All targets of open tickets by the state they are in.", count,
		over(legend("state"), sum("state", latest("helpdesk_sla_tickets")))).by(slaStates).fromZero()
}
