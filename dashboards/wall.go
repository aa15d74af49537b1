package dashboards

import "fmt"

// wall is read from five metres: big, few words, nothing that is well.
func wall() *Dashboard {
	d := board("wall", "SLA wall", "What breaches next and when, and what is red. For a screen on a wall: open it with ?kiosk.", "now-15m", "10s")
	d.line(14,
		nextBreachPanel(3, "The open targets that come due next and how long that is. Colour: the state that their policy puts them in.").
			big(40, 90).wide(17),
		breachedPanel().big(40, 200),
	)
	d.line(11, red().big(48, 48))
	return d
}

// red is everything that the other boards show in red, by name. It has no green counterpart: an empty panel
// says that nothing is known to be red, and blindness is in the list itself.
func red() Panel {
	is := func(metric, label string, states enum) string {
		return latest(metric, fmt.Sprintf(`%s=~"%s"`, label, states.of(Broken))) + " == 1"
	}
	p := stat("Red now", "Phone numbers, accounts, platforms, sessions, tokens and sources that are broken. Nothing here means that nothing is known to be.", none,
		now(legend("display_phone_number")+" quality "+legend("rating"), numbered(is("whatsapp_phone_number_quality_rating", "rating", ratings))),
		now(legend("display_phone_number status"), numbered(is("whatsapp_phone_number_status", "status", phoneStatuses))),
		now(legend("display_phone_number")+" may not start conversations", numbered(latest("whatsapp_phone_number_restricted")+" == 1")),
		now(legend("account entity state"), is("whatsapp_health_can_send_message", "state", healthStates)),
		now(legend("account")+" ban "+legend("state"), is("whatsapp_account_ban_state", "state", banStates)),
		now(legend("account")+" token invalid", latest("whatsapp_access_token_valid")+" == 0"),
		now(legend("page service state"), is("whatsapp_platform_status", "state", platformStates)),
		now(legend("session")+" disconnected", latest("whatsapp_qr_session_connected")+" == 0"),
		now(legend("source")+" unreadable", by("max", []string{"source"}, "whatsapp_sla_exporter_source_up")+" == 0"),
		now("exporter not scraped", "absent(whatsapp_sla_exporter_build_info)"),
	)
	return p.steps(Broken).named().empty("–")
}
