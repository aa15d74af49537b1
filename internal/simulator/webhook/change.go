package webhook

import (
	"strconv"
	"time"
)

// Object is a JSON object.
type Object = map[string]any

// Restriction is an account_update that restricts a WABA. Until may be zero: no end is told.
func Restriction(waba, kind string, until, at time.Time) Change {
	info := Object{"restriction_type": kind}
	if !until.IsZero() {
		info["expiration"] = until.Unix()
	}
	return AccountUpdate(waba, at, Object{"event": "ACCOUNT_RESTRICTION", "restriction_info": []any{info}})
}

// Violation is an account_update that tells of a violation of the policy.
func Violation(waba, kind string, at time.Time) Change {
	return AccountUpdate(waba, at, Object{"event": "ACCOUNT_VIOLATION", "violation_info": Object{"violation_type": kind}})
}

// Ban is an account_update with a state of the ban (SCHEDULE_FOR_DISABLE, DISABLE, REINSTATE) and its day.
func Ban(waba, state string, day, at time.Time) Change {
	info := Object{"waba_ban_state": state}
	if !day.IsZero() {
		info["waba_ban_date"] = day.Format("January 2, 2006")
	}
	return AccountUpdate(waba, at, Object{"event": "DISABLED_UPDATE", "ban_info": info})
}

// AccountUpdate is an account_update of any kind.
func AccountUpdate(waba string, at time.Time, value Object) Change {
	return Change{WABA: waba, Field: "account_update", Value: value, At: at}
}

// Alert is an account_alerts that raises or, with active false, takes back an alert.
func Alert(waba, kind, severity string, active bool, at time.Time) Change {
	status := "NONE"
	if active {
		status = "ACTIVE"
	}
	return Change{WABA: waba, Field: "account_alerts", At: at, Value: Object{
		"entity_type": "BUSINESS", "entity_id": waba,
		"alert_info": Object{"alert_severity": severity, "alert_status": status, "alert_type": kind, "alert_description": "…"},
	}}
}

// NumberUpdate is a phone_number_quality_update, for example FLAGGED.
func NumberUpdate(waba, displayPhoneNumber, event string, at time.Time) Change {
	return Change{WABA: waba, Field: "phone_number_quality_update", At: at, Value: Object{
		"display_phone_number": displayPhoneNumber, "event": event, "current_limit": "TIER_2K",
	}}
}

// Template is a message_template_status_update. The id of a template is a number.
func Template(waba, name, event string, at time.Time) Change {
	return Change{WABA: waba, Field: "message_template_status_update", At: at, Value: Object{
		"event": event, "message_template_id": 7001, "message_template_name": name, "message_template_language": "es",
		"reason": nil,
	}}
}

// OptOut is a user_preferences by which a customer stops or resumes marketing messages.
func OptOut(waba, phoneNumberID, customer, value string, at time.Time) Change {
	return Change{WABA: waba, Field: "user_preferences", At: at, Value: Object{
		"messaging_product": "whatsapp", "metadata": metadata(phoneNumberID),
		"contacts": []any{Object{"profile": Object{"name": "A customer"}, "wa_id": customer}},
		"user_preferences": []any{Object{
			"wa_id": customer, "detail": "User requested to " + value + " marketing messages", "category": "marketing_messages",
			"value": value, "timestamp": at.Unix(),
		}},
	}}
}

// Security is a change of the two-step verification of a number.
func Security(waba, displayPhoneNumber, event string, at time.Time) Change {
	return Change{WABA: waba, Field: "security", At: at, Value: Object{"display_phone_number": displayPhoneNumber, "event": event}}
}

// Status is a status of a message: sent, delivered, read or failed. Pricing is its pricing type, for example regular;
// empty: without pricing, as a read that follows a delivered one.
func Status(waba, phoneNumberID, message, customer, status, pricing string, at time.Time) Change {
	s := Object{"id": message, "status": status, "timestamp": strconv.FormatInt(at.Unix(), 10), "recipient_id": customer}
	if pricing != "" {
		s["pricing"] = Object{"billable": pricing == "regular", "pricing_model": "PMP", "type": pricing, "category": "utility"}
	}
	return messages(waba, phoneNumberID, at, "statuses", s)
}

// Failure is a message that failed with one of Meta's error codes.
func Failure(waba, phoneNumberID, message, customer string, code int, at time.Time) Change {
	return messages(waba, phoneNumberID, at, "statuses", Object{
		"id": message, "status": "failed", "timestamp": strconv.FormatInt(at.Unix(), 10), "recipient_id": customer,
		"errors": []any{Object{"code": code, "title": "…", "message": "…", "error_data": Object{"details": "…"}}},
	})
}

// Message is a message of a customer.
func Message(waba, phoneNumberID, message, customer string, at time.Time) Change {
	c := messages(waba, phoneNumberID, at, "messages", Object{
		"from": customer, "id": message, "timestamp": strconv.FormatInt(at.Unix(), 10), "type": "text", "text": Object{"body": "…"},
	})
	c.Value.(Object)["contacts"] = []any{Object{"profile": Object{"name": "A customer"}, "wa_id": customer}}
	return c
}

func messages(waba, phoneNumberID string, at time.Time, kind string, element Object) Change {
	return Change{WABA: waba, Field: "messages", At: at, Value: Object{
		"messaging_product": "whatsapp", "metadata": metadata(phoneNumberID), kind: []any{element},
	}}
}

func metadata(phoneNumberID string) Object {
	return Object{"display_phone_number": "15550783881", "phone_number_id": phoneNumberID}
}
