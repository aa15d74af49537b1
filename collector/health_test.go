package collector

import (
	"testing"

	"whatsapp_sla_exporter/internal/whatsapp"
)

func TestHealthOfEachEntityOnce(t *testing.T) {
	app := whatsapp.Health{Entity: "app", EntityID: "44", State: "available"}
	expect(t, ofAccount(whatsapp.Account{
		WABAs: []whatsapp.WABA{{Reading: read, ID: "9001", Health: []whatsapp.Health{app}}},
		PhoneNumbers: []whatsapp.PhoneNumber{{Reading: read, ID: "101", Health: []whatsapp.Health{
			app,
			{Entity: "phone_number", EntityID: "101", State: "blocked", ErrorCodes: []int{141006, 141002, 141006}},
		}}},
	}), `
	# TYPE whatsapp_health_can_send_message gauge
	whatsapp_health_can_send_message{account="acme",entity="app",entity_id="44",state="available"} 1
	whatsapp_health_can_send_message{account="acme",entity="app",entity_id="44",state="blocked"} 0
	whatsapp_health_can_send_message{account="acme",entity="app",entity_id="44",state="limited"} 0
	whatsapp_health_can_send_message{account="acme",entity="app",entity_id="44",state="unknown"} 0
	whatsapp_health_can_send_message{account="acme",entity="phone_number",entity_id="101",state="available"} 0
	whatsapp_health_can_send_message{account="acme",entity="phone_number",entity_id="101",state="blocked"} 1
	whatsapp_health_can_send_message{account="acme",entity="phone_number",entity_id="101",state="limited"} 0
	whatsapp_health_can_send_message{account="acme",entity="phone_number",entity_id="101",state="unknown"} 0
	# TYPE whatsapp_health_error gauge
	whatsapp_health_error{account="acme",code="141002",entity="phone_number",entity_id="101"} 1
	whatsapp_health_error{account="acme",code="141006",entity="phone_number",entity_id="101"} 1
	`, &healthTable)
}
