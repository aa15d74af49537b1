package collector

import (
	"strconv"

	"whatsapp_sla_exporter/internal/whatsapp"
)

var (
	profileTable table

	profileContact = profileTable.gauge("whatsapp_business_profile_contact",
		"Whether the business profile of the phone number has the contact channel: email, website, address, description, picture.",
		"the profile is not read", "account", "phone_number_id", "channel")
	escalationPath = profileTable.gauge("whatsapp_human_escalation_path",
		"Configured way to a human; accepted says whether the WhatsApp Business Policy takes it for a direct one; always 1.",
		"no path is configured", "account", "path", "accepted")
	escalationAccepted = profileTable.gauge("whatsapp_human_escalation_paths_accepted",
		"How many of the configured ways to a human the WhatsApp Business Policy accepts.",
		"", "account")
)

var profiles = subject[*whatsapp.Account]{&profileTable, buildProfiles}

func buildProfiles(b *builder, a *whatsapp.Account) {
	account := pair("account", a.Name)
	for i := range a.PhoneNumbers {
		n := &a.PhoneNumbers[i]
		if n.Profile == nil {
			continue
		}
		id := pair("phone_number_id", n.ID)
		for _, c := range n.Profile.Channels() {
			b.flag(profileContact, c.Set, account, pair("channel", c.Channel), id)
		}
	}
	accepted := 0
	for _, p := range a.EscalationPaths {
		b.gauge(escalationPath, 1, pair("accepted", strconv.FormatBool(p.Accepted)), account, pair("path", p.Path))
		if p.Accepted {
			accepted++
		}
	}
	b.gauge(escalationAccepted, float64(accepted), account)
}
