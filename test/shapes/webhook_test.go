package shapes

import (
	"testing"
	"time"

	"whatsapp_sla_exporter/internal/simulator/webhook"
)

// posts are a POST of each kind that the simulated Meta sends.
func posts(t *testing.T) [][]byte {
	t.Helper()
	const waba, phone, number, customer = "9001", "5000", "34600110000", "34611000000"
	var out [][]byte
	for _, changes := range [][]webhook.Change{
		{webhook.Message(waba, phone, "wamid.1", customer, noon)},
		{
			webhook.Status(waba, phone, "wamid.2", customer, "sent", "regular", noon),
			webhook.Status(waba, phone, "wamid.2", customer, "delivered", "free_customer_service", noon),
			webhook.Status(waba, phone, "wamid.2", customer, "delivered", "free_entry_point", noon),
			webhook.Status(waba, phone, "wamid.2", customer, "read", "", noon),
			webhook.Failure(waba, phone, "wamid.3", customer, 131049, noon),
		},
		{webhook.Restriction(waba, "RESTRICTED_BIZ_INITIATED_MESSAGING", noon.Add(24*time.Hour), noon), webhook.Violation(waba, "SCAM", noon)},
		{webhook.Ban(waba, "SCHEDULE_FOR_DISABLE", noon, noon)},
		{webhook.Alert(waba, "PROFILE_PICTURE_LOST", "WARNING", true, noon)},
		{webhook.NumberUpdate(waba, number, "FLAGGED", noon)},
		{webhook.Template(waba, "cita", "PAUSED", noon)},
		{webhook.OptOut(waba, phone, customer, "stop", noon)},
		{webhook.Security(waba, number, "PIN_CHANGED", noon)},
	} {
		body, err := webhook.Body(changes...)
		if err != nil {
			t.Fatal(err)
		}
		out = append(out, body)
	}
	return out
}

func TestWebhooksHaveTheShapesOfMetasFile(t *testing.T) {
	s := load(t, "")
	for _, body := range posts(t) {
		if err := s.Check("Webhook", body); err != nil {
			t.Errorf("%v\n%s", err, body)
		}
	}
}
