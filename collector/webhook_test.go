package collector

import (
	"slices"
	"testing"
	"time"

	"github.com/prometheus/client_golang/prometheus"
	"github.com/prometheus/client_golang/prometheus/testutil/promlint"
	dto "github.com/prometheus/client_model/go"

	"whatsapp_sla_exporter/internal/whatsapp"
)

type fixedNotices struct{ of *whatsapp.Notices }

func (f fixedNotices) Notices(time.Time) *whatsapp.Notices { return f.of }

func ofNotices(n whatsapp.Notices) prometheus.Gatherer { return NewNotices(fixedNotices{&n}, at(noon)) }

// allNotices fill every family.
func allNotices() whatsapp.Notices {
	one := map[string]uint64{"x": 1}
	return whatsapp.Notices{
		Events: one, Duplicates: one, Rejected: one, UnknownValues: one,
		Accounts: []whatsapp.AccountNotices{{
			Account: "acme", WABAID: "9001", Ban: "scheduled", BanDate: noon, Disconnected: "x", Violations: one, TemplateEvents: one,
			SecurityEvents: one, Restrictions: []whatsapp.Restriction{{Type: "x", Until: noon}}, Alerts: []whatsapp.AccountAlert{{Type: "x"}},
		}},
		Numbers: []whatsapp.NumberNotices{{Account: "acme", PhoneNumberID: "101", SendErrors: map[string]uint64{"131026": 1}}},
		Users:   []whatsapp.AccountUsers{{Account: "acme", UserCounts: whatsapp.UserCounts{Scope: whatsapp.ScopePortfolio, ScopeID: "7", Since: noon}}},
	}
}

func TestWebhooks(t *testing.T) {
	expect(t, ofNotices(whatsapp.Notices{
		Events: map[string]uint64{"messages": 12, "account_update": 0}, Duplicates: map[string]uint64{"messages": 1},
		Rejected: map[string]uint64{"bad_signature": 2, "unsigned": 0}, UnknownValues: map[string]uint64{"violation_type": 1}, UnknownAccounts: 3,
	}), `
	# TYPE whatsapp_webhook_duplicates_total counter
	whatsapp_webhook_duplicates_total{field="messages"} 1
	# TYPE whatsapp_webhook_events_total counter
	whatsapp_webhook_events_total{field="account_update"} 0
	whatsapp_webhook_events_total{field="messages"} 12
	# TYPE whatsapp_webhook_rejected_total counter
	whatsapp_webhook_rejected_total{reason="bad_signature"} 2
	whatsapp_webhook_rejected_total{reason="unsigned"} 0
	# TYPE whatsapp_webhook_unknown_accounts_total counter
	whatsapp_webhook_unknown_accounts_total 3
	# TYPE whatsapp_webhook_unknown_values_total counter
	whatsapp_webhook_unknown_values_total{field="violation_type"} 1
	`, &webhookTable)
}

func TestRestrictionsBansAndViolations(t *testing.T) {
	expect(t, ofNotices(whatsapp.Notices{Accounts: []whatsapp.AccountNotices{
		{Account: "acme", WABAID: "9001", Ban: "none"},
		{
			Account: "acme", WABAID: "9002", Ban: "scheduled", BanDate: noon, Disconnected: "primary_inactivity",
			Restrictions: []whatsapp.Restriction{{Type: "restricted_biz_initiated_messaging", Until: noon}, {Type: "restricted_utility_templates"}},
			Alerts:       []whatsapp.AccountAlert{{Type: "oba_rejected", Severity: "critical", Entity: "business", EntityID: "3001"}},
			Violations:   map[string]uint64{"scam": 2}, TemplateEvents: map[string]uint64{"paused": 1}, SecurityEvents: map[string]uint64{"pin_changed": 1},
		},
	}}), `
	# TYPE whatsapp_account_alert gauge
	whatsapp_account_alert{account="acme",alert="oba_rejected",entity="business",entity_id="3001",severity="critical",waba_id="9002"} 1
	# TYPE whatsapp_account_ban_state gauge
	whatsapp_account_ban_state{account="acme",state="disabled",waba_id="9001"} 0
	whatsapp_account_ban_state{account="acme",state="disabled",waba_id="9002"} 0
	whatsapp_account_ban_state{account="acme",state="none",waba_id="9001"} 1
	whatsapp_account_ban_state{account="acme",state="none",waba_id="9002"} 0
	whatsapp_account_ban_state{account="acme",state="reinstated",waba_id="9001"} 0
	whatsapp_account_ban_state{account="acme",state="reinstated",waba_id="9002"} 0
	whatsapp_account_ban_state{account="acme",state="scheduled",waba_id="9001"} 0
	whatsapp_account_ban_state{account="acme",state="scheduled",waba_id="9002"} 1
	whatsapp_account_ban_state{account="acme",state="unknown",waba_id="9001"} 0
	whatsapp_account_ban_state{account="acme",state="unknown",waba_id="9002"} 0
	# TYPE whatsapp_account_ban_timestamp_seconds gauge
	whatsapp_account_ban_timestamp_seconds{account="acme",waba_id="9002"} 1.7724528e+09
	# TYPE whatsapp_account_disconnected gauge
	whatsapp_account_disconnected{account="acme",reason="primary_inactivity",waba_id="9002"} 1
	# TYPE whatsapp_account_restriction gauge
	whatsapp_account_restriction{account="acme",restriction="restricted_biz_initiated_messaging",waba_id="9002"} 1
	whatsapp_account_restriction{account="acme",restriction="restricted_utility_templates",waba_id="9002"} 1
	# TYPE whatsapp_account_restriction_expiry_timestamp_seconds gauge
	whatsapp_account_restriction_expiry_timestamp_seconds{account="acme",restriction="restricted_biz_initiated_messaging",waba_id="9002"} 1.7724528e+09
	# TYPE whatsapp_account_violations_total counter
	whatsapp_account_violations_total{account="acme",violation="scam",waba_id="9002"} 2
	# TYPE whatsapp_security_events_total counter
	whatsapp_security_events_total{account="acme",event="pin_changed",waba_id="9002"} 1
	# TYPE whatsapp_template_events_total counter
	whatsapp_template_events_total{account="acme",event="paused",waba_id="9002"} 1
	`, &restrictionTable)
}

func TestMessagesUsersAndServiceWindows(t *testing.T) {
	expect(t, ofNotices(whatsapp.Notices{
		Numbers: []whatsapp.NumberNotices{{
			Account: "acme", PhoneNumberID: "101", OptOuts: 3, SendErrors: map[string]uint64{"131048": 7, "131026": 1},
			WindowsOpen: 9, WindowsClosing: 2, WindowsUncounted: 4,
		}},
		Users: []whatsapp.AccountUsers{{Account: "acme", UserCounts: whatsapp.UserCounts{Scope: whatsapp.ScopePortfolio, ScopeID: "7", Day: 240, Week: 900, Since: noon}}},
	}), `
	# TYPE whatsapp_marketing_opt_outs_total counter
	whatsapp_marketing_opt_outs_total{account="acme",phone_number_id="101"} 3
	# TYPE whatsapp_messaging_limit_used_since_timestamp_seconds gauge
	whatsapp_messaging_limit_used_since_timestamp_seconds{account="acme",scope="portfolio",scope_id="7"} 1.7724528e+09
	# TYPE whatsapp_messaging_limit_used_users gauge
	whatsapp_messaging_limit_used_users{account="acme",scope="portfolio",scope_id="7"} 240
	# TYPE whatsapp_messaging_limit_used_users_7d gauge
	whatsapp_messaging_limit_used_users_7d{account="acme",scope="portfolio",scope_id="7"} 900
	# TYPE whatsapp_send_errors_total counter
	whatsapp_send_errors_total{account="acme",code="131026",phone_number_id="101"} 1
	whatsapp_send_errors_total{account="acme",code="131031",phone_number_id="101"} 0
	whatsapp_send_errors_total{account="acme",code="131042",phone_number_id="101"} 0
	whatsapp_send_errors_total{account="acme",code="131048",phone_number_id="101"} 7
	whatsapp_send_errors_total{account="acme",code="368",phone_number_id="101"} 0
	# TYPE whatsapp_service_windows_closing gauge
	whatsapp_service_windows_closing{account="acme",phone_number_id="101"} 2
	# TYPE whatsapp_service_windows_open gauge
	whatsapp_service_windows_open{account="acme",phone_number_id="101"} 9
	# TYPE whatsapp_service_windows_uncounted_total counter
	whatsapp_service_windows_uncounted_total{account="acme",phone_number_id="101"} 4
	`, &recipientsTable)
}

func TestNoticesAreMadeOncePerSnapshot(t *testing.T) {
	g := ofNotices(whatsapp.Notices{Events: map[string]uint64{"messages": 1}})
	first, err := g.Gather()
	if err != nil {
		t.Fatal(err)
	}
	again, err := g.Gather()
	if err != nil {
		t.Fatal(err)
	}
	if len(first) == 0 || first[0] != again[0] {
		t.Error("the families were made again")
	}
	problems, err := promlint.NewWithMetricFamilies(first).Lint()
	if err != nil || len(problems) > 0 {
		t.Errorf("%v %v", problems, err)
	}
}

func TestUpgradeProgressPrefersUsersOnceTheyWereCountedForAWeek(t *testing.T) {
	limit := []whatsapp.MessagingLimit{{Reading: read, Scope: whatsapp.ScopePortfolio, ScopeID: "7", Users: 2000, Known: true, UpgradeUsers: 1000}}
	messages := []whatsapp.MessageCounts{{Reading: read, Scope: whatsapp.ScopePortfolio, ScopeID: "7", Week: 900}}
	users := func(since time.Duration) []whatsapp.UserCounts {
		return []whatsapp.UserCounts{{Scope: whatsapp.ScopePortfolio, ScopeID: "7", Week: 500, Since: noon.Add(-since)}}
	}
	for name, c := range map[string]struct {
		account whatsapp.Account
		want    string
	}{
		"users of a whole week":           {whatsapp.Account{Limits: limit, Messages: messages, Users: users(7 * 24 * time.Hour)}, "0.5"},
		"users of less, and messages":     {whatsapp.Account{Limits: limit, Messages: messages, Users: users(6 * 24 * time.Hour)}, "0.9"},
		"users of less, and nothing else": {whatsapp.Account{Limits: limit, Users: users(time.Hour)}, "0.5"},
		"no webhooks":                     {whatsapp.Account{Limits: limit, Messages: messages}, "0.9"},
	} {
		t.Run(name, func(t *testing.T) {
			expect(t, onlyFamily(ofAccount(c.account), limitUpgradeProgress), `
			# TYPE whatsapp_messaging_limit_upgrade_progress_ratio gauge
			whatsapp_messaging_limit_upgrade_progress_ratio{account="acme",scope="portfolio",scope_id="7"} `+c.want+"\n", &limitTable)
		})
	}
}

// onlyFamily gathers one family of g.
func onlyFamily(g prometheus.Gatherer, f *family) prometheus.Gatherer {
	return prometheus.GathererFunc(func() ([]*dto.MetricFamily, error) {
		all, err := g.Gather()
		return slices.DeleteFunc(all, func(m *dto.MetricFamily) bool { return m.GetName() != f.name }), err
	})
}
