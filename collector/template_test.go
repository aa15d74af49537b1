package collector

import (
	"testing"

	"whatsapp_sla_exporter/internal/whatsapp"
)

func TestTemplates(t *testing.T) {
	expect(t, ofAccount(whatsapp.Account{WABAs: []whatsapp.WABA{
		{Reading: read, ID: "9001", Templates: &whatsapp.Templates{
			Reading: read,
			Counts: []whatsapp.TemplateCount{
				{Status: "paused", Category: "marketing", Quality: "red", Count: 1},
				{Status: "approved", Category: "utility", Quality: "green", Count: 40},
			},
			Unhealthy:        []whatsapp.UnhealthyTemplate{{Name: "spring_sale", Language: "es", Status: "paused", Quality: "red"}},
			UnhealthyDropped: 2,
		}},
		{Reading: read, ID: "9002"},
	}}), `
	# TYPE whatsapp_template_series_dropped gauge
	whatsapp_template_series_dropped{account="acme",waba_id="9001"} 2
	# TYPE whatsapp_template_unhealthy gauge
	whatsapp_template_unhealthy{account="acme",language="es",quality="red",status="paused",template="spring_sale",waba_id="9001"} 1
	# TYPE whatsapp_templates gauge
	whatsapp_templates{account="acme",category="marketing",quality="red",status="paused",waba_id="9001"} 1
	whatsapp_templates{account="acme",category="utility",quality="green",status="approved",waba_id="9001"} 40
	`, &templateTable)
}
