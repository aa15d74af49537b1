package whatsapp

import (
	"slices"
	"strings"
)

// Unknown is the value an enum takes for whatever an upstream invents.
const Unknown Enum = "unknown"

// Enum is one lower-case value of a closed list, or Unknown. Empty: not told.
type Enum string

// The values of each enum, as labels carry them. Source: Meta's Graph API reference and webhook pages.
var (
	QualityRatings = []Enum{"green", "yellow", "red", Unknown}
	PhoneStatuses  = []Enum{
		"connected", "pending", "flagged", "restricted", "rate_limited", "banned", "disconnected", "unverified",
		"migrated", "deleted", Unknown,
	}
	NameStatuses = []Enum{
		"approved", "available_without_review", "declined", "expired", "pending_review", "none", Unknown,
	}
	ThroughputLevels         = []Enum{"standard", "high", "not_applicable", Unknown}
	CodeVerificationStatuses = []Enum{"verified", "not_verified", "expired", Unknown}
	ReviewStatuses           = []Enum{"pending", "approved", "rejected", "deferred", "limit_reached", "restricted", Unknown}
	VerificationStatuses     = []Enum{
		"verified", "not_verified", "pending", "pending_need_more_info", "pending_submission", "expired", "failed",
		"ineligible", "rejected", "revoked", Unknown,
	}
	AccountStatuses = []Enum{"active", "pending", "restricted", "disabled", Unknown}
	HealthEntities  = []Enum{"phone_number", "waba", "business", "app", "message_template", Unknown}
	HealthStates    = []Enum{"available", "limited", "blocked", Unknown}

	TemplateStatuses = []Enum{
		"approved", "pending", "rejected", "paused", "disabled", "in_appeal", "limit_exceeded", "archived", "deleted",
		"pending_deletion", Unknown,
	}
	TemplateCategories = []Enum{"marketing", "utility", "authentication", Unknown}
)

// ParseEnum reads an upstream's spelling of a value. Empty stays empty (not told); a value that the list does
// not have becomes Unknown, and ok is false so that it can be counted.
func ParseEnum(list []Enum, raw string) (e Enum, ok bool) {
	if raw == "" {
		return "", true
	}
	e = Enum(strings.ToLower(raw))
	if slices.Contains(list, e) {
		return e, true
	}
	return Unknown, false
}

// ParseQuality reads a quality rating as Meta (GREEN, NA) or a provider that quotes Meta's user interface (High)
// spells it. NA and UNKNOWN are known values: there is no rating yet.
func ParseQuality(raw string) (e Enum, ok bool) {
	switch strings.ToLower(strings.TrimSpace(raw)) {
	case "":
		return "", true
	case "green", "high":
		return "green", true
	case "yellow", "medium":
		return "yellow", true
	case "red", "low":
		return "red", true
	case "na", "unknown":
		return Unknown, true
	}
	return Unknown, false
}
