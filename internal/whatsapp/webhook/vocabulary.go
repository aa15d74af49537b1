package webhook

import "strings"

// The fields of the WhatsApp webhooks, as Meta lists them.
const (
	fieldMessages        = "messages"
	fieldEchoes          = "smb_message_echoes"
	fieldCalls           = "calls"
	fieldAccountUpdate   = "account_update"
	fieldAccountAlerts   = "account_alerts"
	fieldReview          = "account_review_update"
	fieldQuality         = "phone_number_quality_update"
	fieldName            = "phone_number_name_update"
	fieldCapability      = "business_capability_update"
	fieldTemplateStatus  = "message_template_status_update"
	fieldTemplateQuality = "message_template_quality_update"
	fieldCategory        = "template_category_update"
	fieldPreferences     = "user_preferences"
	fieldSecurity        = "security"
	fieldUnknown         = "unknown"
)

// fields are the values of the field label; a field that is not here is unknown.
var fields = []string{
	fieldAccountAlerts, fieldReview, fieldAccountUpdate, "automatic_events", fieldCapability, fieldCalls, "flows", "history",
	"message_template_components_update", fieldTemplateQuality, fieldTemplateStatus, fieldMessages, "partner_solutions",
	"payment_configuration_update", fieldName, fieldQuality, fieldSecurity, "smb_app_state_sync", fieldEchoes,
	fieldCategory, fieldPreferences, fieldUnknown,
}

// Reason is why a request was refused.
type Reason string

// The reasons.
const (
	WrongMethod    Reason = "method"           // neither GET nor POST
	BadVerifyToken Reason = "bad_verify_token" // a handshake that does not know the token
	Unsigned       Reason = "unsigned"
	BadSignature   Reason = "bad_signature"
	TooLarge       Reason = "too_large" // more than 3 MB
	Unreadable     Reason = "body"      // the sender went away in the middle
	Malformed      Reason = "malformed" // signed, and not a webhook
	Busy           Reason = "busy"      // more at once than there is room for
	NoSecret       Reason = "secret"    // the app secret or verify token cannot be read, or is empty
	StorageFailed  Reason = "storage"
)

// Reasons are all reasons.
var Reasons = []Reason{
	WrongMethod, BadVerifyToken, Unsigned, BadSignature, TooLarge, Unreadable, Malformed, Busy, NoSecret, StorageFailed,
}

const unknown = "unknown"

// vocabulary is a closed list of lower-case values.
type vocabulary map[string]bool

func words(list string) vocabulary {
	v := vocabulary{}
	for w := range strings.FieldsSeq(list) {
		v[w] = true
	}
	return v
}

// The values that Meta documents. What is not here is unknown, and counted as such.
var (
	violationTypes = words(`adult alcohol animals body_parts_fluids dating digital_services_products drugs gambling
		healthcare illegal_products misleading overtly_sexualized_positioning real_fake_currency scam spam supplements
		third_party_infringements tobacco unauthorized_media weapons`)
	restrictionTypes = words(`restricted_add_phone_number_action restricted_biz_initiated_messaging
		restricted_customer_initiated_messaging restricted_utility_templates restricted_direct_send_utility_templates
		restricted_business_initiated_calling restricted_user_initiated_calling
		restricted_biz_initiated_and_user_initiated_calling restricted_user_initiated_calling_call_button_hidden`)
	banStates         = map[string]string{"schedule_for_disable": BanScheduled, "disable": BanDisabled, "reinstate": BanReinstated}
	disconnectReasons = words(`account_disconnected business_downgrade change_number companion_inactivity
		primary_inactivity user_re_registered`)
	severities = words(`critical warning informational`)
	alertTypes = words(`increased_capabilities_eligibility_deferred increased_capabilities_eligibility_failed
		increased_capabilities_eligibility_need_more_info oba_approved oba_rejected profile_picture_lost`)
	alertStatuses  = words(`active none`)
	templateEvents = words(`approved archived unarchived deleted disabled flagged in_appeal limit_exceeded locked paused
		pending reinstated pending_deletion rejected`)
	qualities      = words(`green yellow red unknown`)
	securityEvents = words(`pin_changed pin_reset_request pin_request_success`)
	accountEvents  = words(`account_deleted account_restriction account_violation disabled_update account_offboarded
		account_reconnected ad_account_linked auth_intl_price_eligibility_update
		business_primary_location_country_update mm_lite_terms_signed partner_added partner_app_installed
		partner_app_uninstalled partner_client_certification_status_update partner_removed
		volume_based_pricing_tier_update`)
	numberEvents = words(`onboarding throughput_upgrade flagged unflagged upgrade downgrade`)
)

// The states of a ban, as labels carry them.
const (
	BanNone       = "none"
	BanScheduled  = "scheduled"
	BanDisabled   = "disabled"
	BanReinstated = "reinstated"
)
