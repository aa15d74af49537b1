package collector

import "whatsapp_sla_exporter/internal/whatsapp"

var (
	restrictionTable table

	accountRestriction = restrictionTable.gauge("whatsapp_account_restriction",
		"Restriction of the WhatsApp Business Account that is in force; always 1.",
		"the account is not restricted, or its webhooks do not arrive", "account", "waba_id", "restriction")
	accountRestrictionExpiry = restrictionTable.gauge("whatsapp_account_restriction_expiry_timestamp_seconds",
		"When the restriction in force ends, in Unix time.",
		"no end was told", "account", "waba_id", "restriction")
	accountBanState = enum(&restrictionTable, "whatsapp_account_ban_state",
		"Ban of the WhatsApp Business Account: 1 for the present state.",
		"no webhook of the account has arrived", "state", whatsapp.BanStates, "account", "waba_id")
	accountBanDate = restrictionTable.gauge("whatsapp_account_ban_timestamp_seconds",
		"Beginning, in UTC, of the day on which the WhatsApp Business Account is or was disabled, in Unix time.",
		"no day was told", "account", "waba_id")
	accountViolations = restrictionTable.counter("whatsapp_account_violations_total",
		"Violations of WhatsApp's policies that Meta told, by type. Survives restarts.",
		"no violation was told", "account", "waba_id", "violation")
	accountDisconnected = restrictionTable.gauge("whatsapp_account_disconnected",
		"WhatsApp Business Account that is not connected to the platform any more, by reason; always 1.",
		"the account is connected, or its webhooks do not arrive", "account", "waba_id", "reason")
	accountAlert = restrictionTable.gauge("whatsapp_account_alert",
		"Alert on the WhatsApp Business Account that Meta has raised and not taken back; always 1.",
		"there is no alert, or the account's webhooks do not arrive", "account", "waba_id", "alert", "severity", "entity", "entity_id")
	accountTemplateEvents = restrictionTable.counter("whatsapp_template_events_total",
		"Changes of message templates that Meta told: statuses, and quality_ with the new rating. Survives restarts.",
		"no change was told", "account", "waba_id", "event")
	accountSecurityEvents = restrictionTable.counter("whatsapp_security_events_total",
		"Changes of the two-step verification of phone numbers that Meta told. Survives restarts.",
		"no change was told", "account", "waba_id", "event")
)

var restrictions = subject[*whatsapp.Notices]{&restrictionTable, buildRestrictions}

func buildRestrictions(b *builder, n *whatsapp.Notices) {
	for i := range n.Accounts {
		a := &n.Accounts[i]
		account, waba := pair("account", a.Account), pair("waba_id", a.WABAID)
		for _, r := range a.Restrictions {
			kind := pair("restriction", r.Type)
			b.gauge(accountRestriction, 1, account, kind, waba)
			b.timestamp(accountRestrictionExpiry, r.Until, account, kind, waba)
		}
		enumOf(b, accountBanState, a.Ban, account, waba)
		b.timestamp(accountBanDate, a.BanDate, account, waba)
		if a.Disconnected != "" {
			b.gauge(accountDisconnected, 1, account, pair("reason", string(a.Disconnected)), waba)
		}
		for _, l := range a.Alerts {
			b.gauge(accountAlert, 1, account, pair("alert", l.Type), pair("entity", l.Entity), pair("entity_id", l.EntityID),
				pair("severity", l.Severity), waba)
		}
		for violation, n := range a.Violations {
			b.counter(accountViolations, float64(n), account, pair("violation", violation), waba)
		}
		for event, n := range a.TemplateEvents {
			b.counter(accountTemplateEvents, float64(n), account, pair("event", event), waba)
		}
		for event, n := range a.SecurityEvents {
			b.counter(accountSecurityEvents, float64(n), account, pair("event", event), waba)
		}
	}
}
