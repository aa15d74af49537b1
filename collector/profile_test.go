package collector

import (
	"testing"

	"whatsapp_sla_exporter/internal/whatsapp"
)

func TestProfilesAndEscalationPaths(t *testing.T) {
	expect(t, ofAccount(whatsapp.Account{
		PhoneNumbers: []whatsapp.PhoneNumber{
			{Reading: read, ID: "101", Profile: &whatsapp.Profile{Reading: read, Email: true, Picture: true}},
			{Reading: read, ID: "102"},
		},
		EscalationPaths: []whatsapp.EscalationPath{{Path: "phone", Accepted: true}, {Path: "help_center"}},
	}), `
	# TYPE whatsapp_business_profile_contact gauge
	whatsapp_business_profile_contact{account="acme",channel="address",phone_number_id="101"} 0
	whatsapp_business_profile_contact{account="acme",channel="description",phone_number_id="101"} 0
	whatsapp_business_profile_contact{account="acme",channel="email",phone_number_id="101"} 1
	whatsapp_business_profile_contact{account="acme",channel="picture",phone_number_id="101"} 1
	whatsapp_business_profile_contact{account="acme",channel="website",phone_number_id="101"} 0
	# TYPE whatsapp_human_escalation_path gauge
	whatsapp_human_escalation_path{accepted="false",account="acme",path="help_center"} 1
	whatsapp_human_escalation_path{accepted="true",account="acme",path="phone"} 1
	# TYPE whatsapp_human_escalation_paths_accepted gauge
	whatsapp_human_escalation_paths_accepted{account="acme"} 1
	`, &profileTable)
}
