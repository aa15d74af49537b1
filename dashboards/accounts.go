package dashboards

func accounts() *Dashboard {
	d := board("accounts", "WhatsApp accounts and compliance",
		"Reviews, verifications, restrictions and bans of the accounts, what the WhatsApp Business Policy asks of them, and their access tokens.", "now-7d", "1m")
	d.line(5, diagnosis(), tokens(), tokenExpiry(), acceptedPaths())
	d.heading("Standing")
	d.line(8, standing(), bans())
	d.line(7, restrictions(), violations())
	d.line(7, accountAlerts().wide(16), securityEvents())
	d.heading("WhatsApp Business Policy")
	d.line(8, escalation(), contacts(), names())
	d.heading("What the exporter can read")
	d.line(6, subscriptions(), missing(), unknownValues())
	return d
}

func tokens() Panel {
	return stat("Access tokens", "Whether Meta takes the access token of each account.", none,
		now(legend("account"), latest("whatsapp_access_token_valid"))).shown(yesNo).steps(Broken, at(1, Good))
}

func tokenExpiry() Panel {
	return stat("Tokens expire in", "Time until the access token of each account, or the consent behind it, stops to work; tokens that never expire are left out.", duration,
		now(legend("account"), until(latest("whatsapp_access_token_expiry_timestamp_seconds"))+" < Inf"),
		now(legend("account")+" data access", until(latest("whatsapp_access_token_data_access_expiry_timestamp_seconds")))).steps(Broken, at(0, Waiting)).empty("never")
}

func acceptedPaths() Panel {
	return stat("Ways to a human", "How many of the configured ways to a human the WhatsApp Business Policy accepts. It asks for one.", count,
		now(legend("account"), latest("whatsapp_human_escalation_paths_accepted"))).steps(Broken, at(1, Good))
}

func standing() Panel {
	return table("Reviews and verifications", "Present status of each WhatsApp Business Account, of its review and of its business's verification.", none,
		rows(labelled("account status", "whatsapp_account_status")+" or "+labelled("account review", "whatsapp_account_review_status")+
			" or "+labelled("business verification", "whatsapp_business_verification_status"))).
		columns(column{}).order("account", "waba_id", "what", "status").sorted("account", false).text("status", reviews)
}

// labelled is the present value of an enum metric with the label what.
func labelled(what, metric string) string {
	return `label_replace(` + latest(metric) + ` == 1, "what", "` + what + `", "", "")`
}

func bans() Panel {
	return timeline("Bans", "Whether a ban of the account is scheduled or in force.", banStates,
		over(legend("account waba_id"), coded("whatsapp_account_ban_state", "state", banStates)))
}

func restrictions() Panel {
	return table("Restrictions in force", "What the accounts may not do, for how long where Meta tells it, and when an account is or was disabled.", duration,
		rows(latest("whatsapp_account_restriction")+" == 1"),
		rows(until(latest("whatsapp_account_restriction_expiry_timestamp_seconds"))),
		rows(until(latest("whatsapp_account_ban_timestamp_seconds")))).
		columns(column{}, column{name: "Ends in", unit: duration}, column{name: "Account disabled in", unit: duration}).
		order("account", "waba_id", "restriction").empty("none")
}

func violations() Panel {
	return bars("Violations", "Violations of WhatsApp's policies that Meta told in the time range, by type.", count,
		now(legend("account violation"), news("whatsapp_account_violations_total"))).some(Broken).empty("none")
}

func accountAlerts() Panel {
	return table("Alerts and disconnections", "Alerts that Meta has raised on the accounts and not taken back, and accounts that are not connected any more.", none,
		rows(latest("whatsapp_account_alert")+" or "+latest("whatsapp_account_disconnected"))).
		columns(column{}).order("account", "waba_id", "severity", "alert", "entity", "entity_id", "reason").empty("none")
}

func securityEvents() Panel {
	return bars("Two-step verification", "Changes of the two-step verification of phone numbers in the time range. One that nobody on the team made is somebody else's.", count,
		now(legend("account event"), news("whatsapp_security_events_total"))).some(Warn).empty("none")
}

func escalation() Panel {
	return table("Escalation paths", "Configured ways to a human, and whether the policy accepts each: social networks, help centres and app links are not accepted.", none,
		rows(latest("whatsapp_human_escalation_path"))).columns(column{}).order("account", "path", "accepted").sorted("accepted", false)
}

func contacts() Panel {
	return table("Business profile", "Contact information of the business profile, which the policy asks to keep. 1: it is there.", count,
		rows(latest("whatsapp_business_profile_contact"))).
		columns(column{name: "Set", unit: none, states: yesNo}).order("account", "phone_number_id", "channel").sorted("Set", false)
}

func names() Panel {
	return table("Names and codes", "Review of each phone number's display name and its verification by code.", none,
		rows(numbered(labelled("display name", "whatsapp_phone_number_name_status")+" or "+
			labelled("code verification", "whatsapp_phone_number_code_verification_status")))).
		columns(column{}).order("account", "display_phone_number", "what", "status").text("status", reviews)
}

func subscriptions() Panel {
	return stat("Webhook subscriptions", "Apps that receive the webhooks of each WhatsApp Business Account. With none, restrictions and bans are learnt late or never.", count,
		now(legend("account waba_id"), latest("whatsapp_webhook_subscribed_apps"))).steps(Broken, at(1, Good))
}

func missing() Panel {
	return table("Not readable", "Permissions that the access token lacks, and fields that the provider refused: what they would tell is missing on all boards.", none,
		rows(`label_replace(`+latest("whatsapp_access_token_missing_scope")+`, "what", "permission $1", "scope", "(.*)") or `+
			`label_replace(`+latest("whatsapp_unsupported_field")+`, "what", "field $1", "field", "(.*)")`)).
		columns(column{}).order("account", "what").empty("none")
}

func unknownValues() Panel {
	return bars("Unknown values", "Values that the provider sent in the time range and the exporter does not know, by field.", count,
		now(legend("account field"), news("whatsapp_unknown_values_total")),
		now("webhook "+legend("field"), news("whatsapp_webhook_unknown_values_total"))).some(Warn).empty("none")
}
