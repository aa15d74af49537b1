package dashboards

import (
	"maps"
	"regexp"
	"slices"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"
)

// documented is the metrics that the exporter promises.
const documented = `
whatsapp_access_token_data_access_expiry_timestamp_seconds
whatsapp_access_token_missing_scope
whatsapp_unknown_values_total
whatsapp_unsupported_field
whatsapp_webhook_subscribed_apps
helpdesk_excluded_tickets
helpdesk_unreadable_rows_total
helpdesk_vanished_tickets_total
whatsapp_access_token_expiry_timestamp_seconds
whatsapp_access_token_valid
whatsapp_account_ban_state
whatsapp_account_restriction
whatsapp_account_restriction_expiry_timestamp_seconds
whatsapp_account_review_status
whatsapp_account_status
whatsapp_account_violations_total
whatsapp_business_profile_contact
whatsapp_business_verification_status
whatsapp_diagnosis
whatsapp_health_can_send_message
whatsapp_health_error
whatsapp_human_escalation_path
whatsapp_human_escalation_paths_accepted
whatsapp_marketing_opt_outs_total
whatsapp_messaging_limit_messages
whatsapp_messaging_limit_tier
whatsapp_messaging_limit_upgrade_progress_ratio
whatsapp_messaging_limit_used_users
whatsapp_messaging_limit_users
whatsapp_phone_number_code_verification_status
whatsapp_phone_number_flagged_timestamp_seconds
whatsapp_phone_number_info
whatsapp_phone_number_name_status
whatsapp_phone_number_quality_changed_timestamp_seconds
whatsapp_phone_number_quality_rating
whatsapp_phone_number_recovery_due_timestamp_seconds
whatsapp_phone_number_restricted
whatsapp_phone_number_restricted_until_timestamp_seconds
whatsapp_phone_number_restriction_due_timestamp_seconds
whatsapp_phone_number_status
whatsapp_phone_number_throughput_level
whatsapp_platform_status
whatsapp_qr_session_connected
whatsapp_qr_session_disconnects_total
whatsapp_qr_session_state
whatsapp_send_errors_total
whatsapp_template_unhealthy
whatsapp_templates
whatsapp_webhook_events_total
whatsapp_webhook_rejected_total
helpdesk_open_tickets
helpdesk_sla_lead_seconds
helpdesk_sla_next_due_timestamp_seconds
helpdesk_sla_outcomes_total
helpdesk_sla_target_seconds
helpdesk_sla_tickets
helpdesk_sla_time_to_breach_seconds
helpdesk_ticket_info
helpdesk_ticket_series_dropped
helpdesk_ticket_sla_timestamp_seconds
helpdesk_uncovered_tickets
helpdesk_unmapped_values_total
whatsapp_sla_exporter_alerts_active
whatsapp_sla_exporter_alerts_failed_total
whatsapp_sla_exporter_alerts_queue_length
whatsapp_sla_exporter_alerts_sent_total
whatsapp_sla_exporter_api_quota_used_ratio
whatsapp_sla_exporter_api_requests_total
whatsapp_sla_exporter_api_version_info
whatsapp_sla_exporter_build_info
whatsapp_sla_exporter_config_last_reload_success_timestamp_seconds
whatsapp_sla_exporter_config_last_reload_successful
whatsapp_sla_exporter_source_errors_total
whatsapp_sla_exporter_source_last_success_timestamp_seconds
whatsapp_sla_exporter_source_poll_duration_seconds
whatsapp_sla_exporter_source_up
`

var metricName = regexp.MustCompile(`\b(?:whatsapp|helpdesk)_[a-z_]+[a-z]\b`)

// Every metric has a place on some board, and no board asks for one that does not exist.
func TestEveryMetricIsOnABoard(t *testing.T) {
	used := map[string]bool{}
	for _, q := range Queries() {
		for _, name := range metricName.FindAllString(q.Expr, -1) {
			used[name] = true
		}
	}
	want := strings.Fields(documented)
	slices.Sort(want)
	if diff := cmp.Diff(want, slices.Sorted(maps.Keys(used))); diff != "" {
		t.Errorf("metrics (-documented +on the boards):\n%s", diff)
	}
	if diff := cmp.Diff(want, slices.Sorted(maps.Keys(metricLabels))); diff != "" {
		t.Errorf("metrics (-documented +known to the generator):\n%s", diff)
	}
}

func TestVariablesQueryDocumentedMetrics(t *testing.T) {
	for _, v := range variables() {
		for _, name := range metricName.FindAllString(v.Definition, -1) {
			if !strings.Contains(documented, "\n"+name+"\n") {
				t.Errorf("variable %s asks for %s, which no one promises", v.Name, name)
			}
		}
	}
}

func TestExpressions(t *testing.T) {
	two := enum{{"unknown", Dim}, {"green", Good}}
	tests := []struct{ name, got, want string }{
		{"a metric is filtered by the variables whose label it has", series("helpdesk_uncovered_tickets"), `helpdesk_uncovered_tickets{helpdesk=~"$helpdesk"}`},
		{"and by none where it has none", series("whatsapp_sla_exporter_source_up"), `whatsapp_sla_exporter_source_up`},
		{
			"replicas count once", latest("helpdesk_sla_tickets", `state="breached"`),
			`max by (helpdesk, policy, severity, tenant, target) (helpdesk_sla_tickets{helpdesk=~"$helpdesk", tenant=~"$tenant", state="breached"})`,
		},
		{
			"a label that may have several values is kept", latest("whatsapp_platform_status", `state=~"a|b"`),
			`max by (page, service, state) (whatsapp_platform_status{state=~"a|b"})`,
		},
		{
			"an enum becomes the place of its value", coded("whatsapp_phone_number_quality_rating", "rating", two),
			`max by (account, phone_number_id) (0 * whatsapp_phone_number_quality_rating{account=~"$account", rating="unknown"}` +
				` or 1 * whatsapp_phone_number_quality_rating{account=~"$account", rating="green"})`,
		},
		{"the red values of an enum", platformStates.of(Broken), "major_outage"},
		{
			"a query as Prometheus gets it", Query{Expr: growth("helpdesk_unmapped_values_total")}.PromQL(),
			`max by (helpdesk, field) (increase(helpdesk_unmapped_values_total{helpdesk=~".*"}[1h]))`,
		},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			if diff := cmp.Diff(tt.want, tt.got); diff != "" {
				t.Errorf("(-want +got):\n%s", diff)
			}
		})
	}
}
