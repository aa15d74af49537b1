package collector

import (
	"math"
	"testing"

	"whatsapp_sla_exporter/internal/whatsapp"
)

func TestLimits(t *testing.T) {
	expect(t, ofAccount(whatsapp.Account{
		Limits: []whatsapp.MessagingLimit{
			{Reading: read, Scope: whatsapp.ScopePortfolio, ScopeID: "7", Tier: "TIER_2K", Users: 2000, Known: true, UpgradeUsers: 1000},
			{Reading: read, Scope: whatsapp.ScopePhoneNumber, ScopeID: "101", Tier: "UNLIMITED", Users: math.Inf(1), Known: true},
			{Reading: read, Scope: whatsapp.ScopePhoneNumber, ScopeID: "102", Tier: "TIER_NOT_SET"},
		},
		Messages: []whatsapp.MessageCounts{
			{Reading: read, Scope: whatsapp.ScopePortfolio, ScopeID: "7", Day: 120, Week: 250},
			{Reading: read, Scope: whatsapp.ScopePhoneNumber, ScopeID: "101", Day: 0, Week: 9},
		},
	}), `
	# TYPE whatsapp_messaging_limit_messages gauge
	whatsapp_messaging_limit_messages{account="acme",scope="phone_number",scope_id="101"} 0
	whatsapp_messaging_limit_messages{account="acme",scope="portfolio",scope_id="7"} 120
	# TYPE whatsapp_messaging_limit_tier gauge
	whatsapp_messaging_limit_tier{account="acme",scope="phone_number",scope_id="101",tier="UNLIMITED"} 1
	whatsapp_messaging_limit_tier{account="acme",scope="phone_number",scope_id="102",tier="TIER_NOT_SET"} 1
	whatsapp_messaging_limit_tier{account="acme",scope="portfolio",scope_id="7",tier="TIER_2K"} 1
	# TYPE whatsapp_messaging_limit_upgrade_progress_ratio gauge
	whatsapp_messaging_limit_upgrade_progress_ratio{account="acme",scope="portfolio",scope_id="7"} 0.25
	# TYPE whatsapp_messaging_limit_users gauge
	whatsapp_messaging_limit_users{account="acme",scope="phone_number",scope_id="101"} +Inf
	whatsapp_messaging_limit_users{account="acme",scope="portfolio",scope_id="7"} 2000
	`, &limitTable)
}
