package collector

import (
	"strconv"

	"whatsapp_sla_exporter/internal/whatsapp"
)

var (
	healthTable table

	healthCanSend = enum(&healthTable, "whatsapp_health_can_send_message",
		"Whether the entity lets messages be sent: 1 for the present state. The worst where readings differ.",
		"the provider does not tell it", "state", whatsapp.HealthStates, "account", "entity", "entity_id")
	healthError = healthTable.gauge("whatsapp_health_error",
		"Error that the entity reports, by the provider's own code; always 1.",
		"the entity reports no error", "account", "entity", "entity_id", "code")
)

var health = subject[*whatsapp.Account]{&healthTable, buildHealth}

func buildHealth(b *builder, a *whatsapp.Account) {
	account := pair("account", a.Name)
	for _, h := range a.Health() {
		entity, id := pair("entity", string(h.Entity)), pair("entity_id", h.EntityID)
		enumOf(b, healthCanSend, h.State, account, entity, id)
		for _, code := range h.ErrorCodes {
			b.gauge(healthError, 1, account, pair("code", strconv.Itoa(code)), entity, id)
		}
	}
}
