package dashboards

import (
	"fmt"
	"slices"
	"strconv"
	"strings"
)

// metricLabels is the metrics that the boards query and the labels that tell their series apart, less those
// that a scrape adds.
var metricLabels = map[string]string{
	"whatsapp_phone_number_info":                                 "account phone_number_id waba_id display_phone_number verified_name provider",
	"whatsapp_phone_number_quality_rating":                       "account phone_number_id rating",
	"whatsapp_phone_number_status":                               "account phone_number_id status",
	"whatsapp_phone_number_quality_changed_timestamp_seconds":    "account phone_number_id",
	"whatsapp_phone_number_flagged_timestamp_seconds":            "account phone_number_id",
	"whatsapp_phone_number_appeal_due_timestamp_seconds":         "account phone_number_id",
	"whatsapp_phone_number_restriction_due_timestamp_seconds":    "account phone_number_id",
	"whatsapp_phone_number_recovery_due_timestamp_seconds":       "account phone_number_id",
	"whatsapp_phone_number_restricted":                           "account phone_number_id",
	"whatsapp_phone_number_restricted_until_timestamp_seconds":   "account phone_number_id",
	"whatsapp_phone_number_name_status":                          "account phone_number_id status",
	"whatsapp_phone_number_throughput_level":                     "account phone_number_id level",
	"whatsapp_phone_number_code_verification_status":             "account phone_number_id status",
	"whatsapp_health_can_send_message":                           "account entity entity_id state",
	"whatsapp_health_error":                                      "account entity entity_id code",
	"whatsapp_messaging_limit_users":                             "account scope scope_id",
	"whatsapp_messaging_limit_tier":                              "account scope scope_id tier",
	"whatsapp_messaging_limit_used_users":                        "account scope scope_id",
	"whatsapp_messaging_limit_messages":                          "account scope scope_id",
	"whatsapp_messaging_limit_upgrade_progress_ratio":            "account scope scope_id",
	"whatsapp_account_review_status":                             "account waba_id status",
	"whatsapp_business_verification_status":                      "account waba_id status",
	"whatsapp_account_status":                                    "account waba_id status",
	"whatsapp_account_restriction":                               "account waba_id restriction",
	"whatsapp_account_restriction_expiry_timestamp_seconds":      "account waba_id restriction",
	"whatsapp_account_violations_total":                          "account waba_id violation",
	"whatsapp_account_ban_state":                                 "account waba_id state",
	"whatsapp_account_ban_timestamp_seconds":                     "account waba_id",
	"whatsapp_account_alert":                                     "account waba_id alert entity entity_id severity",
	"whatsapp_account_disconnected":                              "account waba_id reason",
	"whatsapp_security_events_total":                             "account waba_id event",
	"whatsapp_templates":                                         "account waba_id status category quality",
	"whatsapp_template_series_dropped":                           "account waba_id",
	"whatsapp_template_events_total":                             "account waba_id event",
	"whatsapp_template_unhealthy":                                "account waba_id template language status quality",
	"whatsapp_business_profile_contact":                          "account phone_number_id channel",
	"whatsapp_human_escalation_path":                             "account path accepted",
	"whatsapp_human_escalation_paths_accepted":                   "account",
	"whatsapp_marketing_opt_outs_total":                          "account phone_number_id",
	"whatsapp_send_errors_total":                                 "account phone_number_id code",
	"whatsapp_service_windows_open":                              "account phone_number_id",
	"whatsapp_service_windows_closing":                           "account phone_number_id",
	"whatsapp_service_windows_uncounted_total":                   "account phone_number_id",
	"whatsapp_access_token_expiry_timestamp_seconds":             "account",
	"whatsapp_access_token_valid":                                "account",
	"whatsapp_access_token_data_access_expiry_timestamp_seconds": "account",
	"whatsapp_access_token_missing_scope":                        "account scope",
	"whatsapp_unknown_values_total":                              "account field",
	"whatsapp_unsupported_field":                                 "account endpoint field",
	"whatsapp_webhook_subscribed_apps":                           "account waba_id",
	"whatsapp_webhook_events_total":                              "field",
	"whatsapp_webhook_rejected_total":                            "reason",
	"whatsapp_webhook_duplicates_total":                          "field",
	"whatsapp_webhook_unknown_accounts_total":                    "",
	"whatsapp_webhook_unknown_values_total":                      "field",
	"whatsapp_platform_services_dropped":                         "page",
	"whatsapp_platform_status":                                   "page service state",
	"whatsapp_qr_session_connected":                              "session gateway",
	"whatsapp_qr_session_state":                                  "session gateway state",
	"whatsapp_qr_session_state_changed_timestamp_seconds":        "session gateway",
	"whatsapp_qr_session_disconnects_total":                      "session gateway",
	"whatsapp_diagnosis":                                         "account cause",

	"helpdesk_open_tickets":                   "helpdesk policy severity tenant status",
	"helpdesk_uncovered_tickets":              "helpdesk policy reason",
	"helpdesk_sla_tickets":                    "helpdesk policy severity tenant target state",
	"helpdesk_sla_next_due_timestamp_seconds": "helpdesk policy severity tenant target",
	"helpdesk_sla_time_to_breach_seconds":     "helpdesk policy severity tenant target",
	"helpdesk_sla_target_seconds":             "policy severity target",
	"helpdesk_sla_lead_seconds":               "policy severity target level",
	"helpdesk_sla_outcomes_total":             "helpdesk policy severity tenant target outcome",
	"helpdesk_ticket_sla_timestamp_seconds":   "helpdesk ticket policy severity tenant target event",
	"helpdesk_ticket_info":                    "helpdesk ticket url",
	"helpdesk_ticket_series_dropped":          "helpdesk",
	"helpdesk_excluded_tickets":               "helpdesk",
	"helpdesk_unreadable_rows_total":          "helpdesk",
	"helpdesk_vanished_tickets_total":         "helpdesk",
	"helpdesk_unmapped_values_total":          "helpdesk field",

	"whatsapp_sla_exporter_source_up":                                    "source type",
	"whatsapp_sla_exporter_source_last_success_timestamp_seconds":        "source",
	"whatsapp_sla_exporter_source_initial_read_complete":                 "source",
	"whatsapp_sla_exporter_source_poll_duration_seconds":                 "source",
	"whatsapp_sla_exporter_source_stale_after_seconds":                   "source",
	"whatsapp_sla_exporter_source_clock_skew_seconds":                    "source",
	"whatsapp_sla_exporter_source_errors_total":                          "source reason",
	"whatsapp_sla_exporter_api_requests_total":                           "source code",
	"whatsapp_sla_exporter_push_requests_total":                          "source result",
	"whatsapp_sla_exporter_push_lookups_total":                           "source",
	"whatsapp_sla_exporter_push_lookup_errors_total":                     "source reason",
	"whatsapp_sla_exporter_push_overflows_total":                         "source",
	"whatsapp_sla_exporter_api_quota_used_ratio":                         "source quota",
	"whatsapp_sla_exporter_api_version_info":                             "source requested served",
	"whatsapp_sla_exporter_config_last_reload_successful":                "instance",
	"whatsapp_sla_exporter_config_last_reload_success_timestamp_seconds": "instance",
	"whatsapp_sla_exporter_build_info":                                   "instance version revision goversion",
	"whatsapp_sla_exporter_alerts_sent_total":                            "instance alertmanager",
	"whatsapp_sla_exporter_alerts_failed_total":                          "instance alertmanager",
	"whatsapp_sla_exporter_alerts_dropped_total":                         "instance alertmanager",
	"whatsapp_sla_exporter_alerts_active":                                "instance",
	"whatsapp_sla_exporter_alerts_queue_length":                          "instance alertmanager",
	"whatsapp_sla_exporter_alertmanagers_discovered":                     "instance mechanism",
	"whatsapp_sla_exporter_alertmanager_discovery_failures_total":        "instance mechanism",
}

// filtered is the labels that the variables of the boards choose from. All of a variable is .*, which matches
// series without the label, too: a tenant is only there where the operator sets one.
var filtered = []string{"account", "helpdesk", "tenant"}

func labelsOf(metric string) []string {
	labels, ok := metricLabels[metric]
	if !ok {
		panic("dashboards: no metric " + metric)
	}
	return strings.Fields(labels)
}

// series selects a metric's series by the variables of the board and by matchers such as event="due".
func series(metric string, matchers ...string) string {
	var all []string
	for _, label := range labelsOf(metric) {
		if slices.Contains(filtered, label) {
			all = append(all, fmt.Sprintf(`%s=~"$%s"`, label, label))
		}
	}
	all = append(all, matchers...)
	if len(all) == 0 {
		return metric
	}
	return metric + "{" + strings.Join(all, ", ") + "}"
}

// latest is a metric once: two replicas of the exporter, or one that was restarted under another instance, say
// the same, and are not added up. A label that a matcher sets to one value is left out.
func latest(metric string, matchers ...string) string { return once(metric, "%s", matchers) }

// rate and growth are a counter's, per second and over the range that the board shows.
func rate(metric string) string { return once(metric, "rate(%s[$__rate_interval])", nil) }

func growth(metric string, matchers ...string) string {
	return once(metric, "increase(%s[$__range])", matchers)
}

// news is what a counter has counted in the range that the board shows, where its series may begin with the first
// event that it counts: an increase sees nothing of that one.
func news(metric string) string {
	return "(" + latest(metric) + " unless " + once(metric, "%s offset $__range", nil) + " or " + growth(metric) + ") > 0"
}

func once(metric, form string, matchers []string) string {
	labels := slices.DeleteFunc(labelsOf(metric), func(label string) bool {
		return slices.ContainsFunc(matchers, func(m string) bool { return strings.HasPrefix(m, label+`="`) })
	})
	return by("max", labels, fmt.Sprintf(form, series(metric, matchers...)))
}

func by(op string, labels []string, expr string) string {
	return fmt.Sprintf("%s by (%s) (%s)", op, strings.Join(labels, ", "), expr)
}

// sum adds up over all labels but the given ones.
func sum(labels, expr string) string {
	if labels == "" {
		return "sum(" + expr + ")"
	}
	return by("sum", strings.Fields(labels), expr)
}

// until is how long it is from now to the instants of an expression.
func until(expr string) string { return expr + " - time()" }

// since is how long ago they are.
func since(expr string) string { return "time() - " + expr }

// coded is an enum metric as one number a subject: the place of its present value, the worst where replicas
// differ.
func coded(metric, label string, values enum) string {
	var terms []string
	for i, s := range values {
		terms = append(terms, fmt.Sprintf("%d * %s", i, series(metric, fmt.Sprintf(`%s="%s"`, label, s.value))))
	}
	subject := slices.DeleteFunc(labelsOf(metric), func(l string) bool { return l == label })
	return by("max", subject, strings.Join(terms, " or "))
}

// numbered adds the number as people know it, or else the id that the provider gave it.
func numbered(expr string) string {
	const on = "on (account, phone_number_id)"
	info := by("max", []string{"account", "phone_number_id", "display_phone_number"}, series("whatsapp_phone_number_info"))
	return fmt.Sprintf(`(%s) * %s group_left (display_phone_number) %s or %s label_replace(%s, "display_phone_number", "$1", "phone_number_id", "(.*)")`,
		expr, on, info, on, expr)
}

// ticketTarget is what tells one target of one ticket from another.
const ticketTarget = "helpdesk, ticket, policy, severity, tenant, target"

// instantOf is the instant at which the targets of the most urgent tickets enter a state.
func instantOf(event string) string {
	return latest("helpdesk_ticket_sla_timestamp_seconds", `event="`+event+`"`)
}

// linked adds the address of a ticket, and keeps what has none.
func linked(expr string) string {
	return fmt.Sprintf("(%s) * on (helpdesk, ticket) group_left (url) %s or on (%s) (%s)",
		expr, latest("helpdesk_ticket_info"), ticketTarget, expr)
}

// ticketState is the place of a ticket's state in slaStates: how many of its three instants are past.
func ticketState() string {
	all := latest("helpdesk_ticket_sla_timestamp_seconds")
	return by("sum", strings.Split(ticketTarget, ", "), "time() >= bool "+all)
}

func number[N int | float64](n N) string { return strconv.FormatFloat(float64(n), 'g', -1, 64) }
