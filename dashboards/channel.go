package dashboards

func channel() *Dashboard {
	d := board("channel", "WhatsApp channel", "Whether the phone numbers may send, how much of the messaging limit is used, and what endangers it.", "now-7d", "1m")
	d.line(8, numbers())
	d.line(8, qualityTimeline(), statusTimeline())
	d.line(7, countdowns().wide(14), restricted())
	d.heading("Messaging limit")
	d.line(7, limitUse(), limits(), upgrade())
	d.heading("Health")
	d.line(8, healthTimeline(), healthErrors().wide(8))
	d.heading("Templates")
	d.line(8, templates().wide(8), unhealthyTemplates().wide(10), templateEvents())
	d.heading("Messages and webhooks")
	d.line(7, serviceWindows(), sendErrors(), optOuts())
	d.line(7, webhooks(), rejected())
	d.heading("Platform and QR sessions")
	d.line(7, platformTimeline(), qrTimeline(), qrStates().wide(7))
	return d
}

func numbers() Panel {
	return table("Phone numbers", "The phone numbers of the accounts with what Meta says of them now.", none,
		rows(latest("whatsapp_phone_number_info")),
		rows(coded("whatsapp_phone_number_quality_rating", "rating", ratings)),
		rows(since(latest("whatsapp_phone_number_quality_changed_timestamp_seconds"))),
		rows(coded("whatsapp_phone_number_status", "status", phoneStatuses)),
		rows(latest("whatsapp_phone_number_throughput_level")+" == 1")).
		columns(column{}, column{name: "Quality", unit: none, states: ratings}, column{name: "Since", unit: duration},
			column{name: "Status", unit: none, states: phoneStatuses}, column{}).
		order("account", "display_phone_number", "verified_name", "Value #B", "Value #C", "Value #D", "level").sorted("account", false)
}

func statusTimeline() Panel {
	return timeline("Phone number status", "Status of each phone number: flagged, restricted and banned ones stand out.", phoneStatuses,
		over(legend("display_phone_number"), numbered(coded("whatsapp_phone_number_status", "status", phoneStatuses))))
}

func countdowns() Panel {
	instant := func(event string) string { return latest("whatsapp_phone_number_" + event + "_timestamp_seconds") }
	return table("Flags and countdowns",
		"Flagged phone numbers: since when, when they are restricted unless the rating improves, how long an appeal can still be decided before that, when the flag is worked off (policy of 2024), and when a restriction ends.", duration,
		rows(numbered(since(instant("flagged")))),
		rows(numbered(until(instant("restriction_due")))),
		rows(numbered(until(instant("appeal_due")))),
		rows(numbered(until(instant("recovery_due")))),
		rows(numbered(until(instant("restricted_until"))))).
		columns(column{name: "Flagged for", unit: duration}, column{name: "Restricted in", unit: duration},
			column{name: "Time to appeal", unit: duration},
			column{name: "Reconnected in", unit: duration}, column{name: "Restriction ends in", unit: duration}).
		order("account", "display_phone_number").sorted("Restricted in", false).empty("–")
}

func restricted() Panel {
	return timeline("May start conversations", "Restricted phone numbers may only answer within a service window.", freeness,
		over(legend("display_phone_number"), numbered(latest("whatsapp_phone_number_restricted"))))
}

func limits() Panel {
	scope := legend("scope scope_id")
	p := graph("Messaging limit and use", "Unique users that may be written to in a moving 24 h (dashed), and how many were. No line where it is unlimited.", count,
		over("used "+scope, latest("whatsapp_messaging_limit_used_users")),
		over("messages "+scope, latest("whatsapp_messaging_limit_messages")),
		over("limit "+scope, latest("whatsapp_messaging_limit_users")+" < Inf"))
	return p.fromZero().dashed("limit ", Broken)
}

func upgrade() Panel {
	return bars("Way to the next level", "Use in 7 days over what the messaging policy asks for the next level.", ratio,
		now(legend("scope scope_id tier"), latest("whatsapp_messaging_limit_upgrade_progress_ratio")+
			" * on (account, scope, scope_id) group_left (tier) "+latest("whatsapp_messaging_limit_tier")+
			" or on (account, scope, scope_id) "+latest("whatsapp_messaging_limit_upgrade_progress_ratio"))).upTo(1).steps(Waiting, at(1, Good))
}

func healthTimeline() Panel {
	return timeline("May messages be sent", "Health of everything that a message depends on: phone number, WABA, business, app, template.", healthStates,
		over(legend("account entity entity_id"), coded("whatsapp_health_can_send_message", "state", healthStates)))
}

func healthErrors() Panel {
	return table("Health errors", "Errors that the entities report, by Meta's code. The runbooks say what to do about each.", none,
		rows(latest("whatsapp_health_error"))).columns(column{}).order("account", "entity", "entity_id", "code").empty("none")
}

func templates() Panel {
	return graph("Templates by status", "Message templates of the chosen accounts by review status.", count,
		over(legend("status"), sum("status", latest("whatsapp_templates")))).by(reviews).fromZero()
}

func unhealthyTemplates() Panel {
	return table("Unhealthy templates", "Templates that are not approved or rated badly, as many as the exporter is told to list.", none,
		rows(latest("whatsapp_template_unhealthy"))).columns(column{}).
		order("account", "waba_id", "template", "language", "status", "quality").text("status", reviews).text("quality", ratings).empty("none")
}

func templateEvents() Panel {
	return bars("Template changes", "Changes of templates that webhooks told in the time range: new statuses, and new ratings as quality_.", count,
		now(legend("account event"), news("whatsapp_template_events_total"))).steps(Waiting).empty("none")
}

// serviceWindows has those that close soon on top of all, in the colour of what must be done.
func serviceWindows() Panel {
	windows := func(which string) string { return sum("account", latest("whatsapp_service_windows_"+which)) }
	return graph("Service windows", "Customers who wrote in the last 24 h and may be answered freely, and those of them who are unanswered with little time left.", count,
		over("open "+legend("account"), windows("open")),
		over("closing "+legend("account"), windows("closing"))).fromZero().coloured(Good, Bad)
}

func webhooks() Panel {
	return graph("Webhook events", "Events of WhatsApp that the webhook took, by field.", perSecond,
		over(legend("field"), sum("field", rate("whatsapp_webhook_events_total")))).fromZero()
}

func rejected() Panel {
	return graph("Webhooks rejected", "Requests to the webhook that were refused, by reason. Bad signatures point to a wrong app secret or to a stranger.", perSecond,
		over(legend("reason"), sum("reason", rate("whatsapp_webhook_rejected_total")))).fromZero()
}

func sendErrors() Panel {
	return graph("Send errors", "Messages that failed, by Meta's code, from webhooks.", perSecond,
		over(legend("account code"), sum("account code", rate("whatsapp_send_errors_total")))).fromZero()
}

func optOuts() Panel {
	return graph("Marketing opt-outs", "Customers who stopped marketing messages, from webhooks. A rise comes before a worse rating.", perSecond,
		over(legend("account"), sum("account", rate("whatsapp_marketing_opt_outs_total")))).fromZero()
}

func qrTimeline() Panel {
	return timeline("QR sessions connected", "Whether each session of a QR gateway is connected to WhatsApp. A disconnected one may need a person to scan again.", yesNo,
		over(legend("session gateway"), latest("whatsapp_qr_session_connected")))
}

func qrStates() Panel {
	return table("QR session states", "State of each session, for how long, and disconnects in the time range.", count,
		rows(latest("whatsapp_qr_session_state")+" == 1"),
		rows(since(latest("whatsapp_qr_session_state_changed_timestamp_seconds"))),
		rows(growth("whatsapp_qr_session_disconnects_total"))).
		columns(column{}, column{name: "For", unit: duration}, column{name: "Disconnects", unit: count}).order("session", "gateway", "state")
}
