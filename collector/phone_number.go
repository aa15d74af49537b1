package collector

import (
	"cmp"
	"slices"

	"whatsapp_sla_exporter/internal/whatsapp"
)

var (
	phoneNumberTable table

	phoneNumberInfo = phoneNumberTable.gauge("whatsapp_phone_number_info",
		"Business phone number of the account; always 1.",
		"", "account", "phone_number_id", "waba_id", "display_phone_number", "verified_name", "provider")
	phoneNumberQuality = enum(&phoneNumberTable, "whatsapp_phone_number_quality_rating",
		"Quality rating of the phone number: 1 for the present one. Unknown also while there is no rating yet.",
		"the provider does not tell it", "rating", whatsapp.QualityRatings, "account", "phone_number_id")
	phoneNumberStatus = enum(&phoneNumberTable, "whatsapp_phone_number_status",
		"Status of the phone number: 1 for the present one.",
		"the provider does not tell it", "status", whatsapp.PhoneStatuses, "account", "phone_number_id")
	phoneNumberNameStatus = enum(&phoneNumberTable, "whatsapp_phone_number_name_status",
		"Review of the display name: 1 for the present status.",
		"the provider does not tell it", "status", whatsapp.NameStatuses, "account", "phone_number_id")
	phoneNumberThroughput = enum(&phoneNumberTable, "whatsapp_phone_number_throughput_level",
		"Throughput level of the phone number: 1 for the present one.",
		"the provider does not tell it", "level", whatsapp.ThroughputLevels, "account", "phone_number_id")
	phoneNumberVerification = enum(&phoneNumberTable, "whatsapp_phone_number_code_verification_status",
		"Verification of the phone number by code: 1 for the present status.",
		"the provider does not tell it", "status", whatsapp.CodeVerificationStatuses, "account", "phone_number_id")
	phoneNumberQualityChanged = phoneNumberTable.gauge("whatsapp_phone_number_quality_changed_timestamp_seconds",
		"When the present quality rating was first seen, in Unix time.",
		"no rating was seen yet", "account", "phone_number_id")
	phoneNumberFlagged = phoneNumberTable.gauge("whatsapp_phone_number_flagged_timestamp_seconds",
		"Since when the phone number is flagged, in Unix time: by status, by webhook, or by a red rating under the 2024 policy.",
		"the number is not flagged", "account", "phone_number_id")
	phoneNumberRestrictionDue = phoneNumberTable.gauge("whatsapp_phone_number_restriction_due_timestamp_seconds",
		"When the phone number is restricted unless its quality improves, in Unix time: 7 days after it was flagged.",
		"the number is not flagged, or its policy is not that of 2024", "account", "phone_number_id")
	phoneNumberAppealDue = phoneNumberTable.gauge("whatsapp_phone_number_appeal_due_timestamp_seconds",
		"Until when an appeal against the flag is likely to be decided before the restriction, in Unix time: what a decision takes, before it.",
		"the number is not flagged, or its policy is not that of 2024", "account", "phone_number_id")
	phoneNumberRecoveryDue = phoneNumberTable.gauge("whatsapp_phone_number_recovery_due_timestamp_seconds",
		"When the phone number is connected again if its rating stays, in Unix time: after 7 days of green or yellow.",
		"no flag is being worked off, or the policy is not that of 2024", "account", "phone_number_id")
	phoneNumberRestricted = phoneNumberTable.gauge("whatsapp_phone_number_restricted",
		"Whether the phone number may not start conversations.",
		"it is not known", "account", "phone_number_id")
	phoneNumberRestrictedUntil = phoneNumberTable.gauge("whatsapp_phone_number_restricted_until_timestamp_seconds",
		"When the phone number may start conversations again, in Unix time.",
		"the number is not restricted, or the end is not known", "account", "phone_number_id")
)

var phoneNumbers = subject[*whatsapp.Account]{&phoneNumberTable, buildPhoneNumbers}

func buildPhoneNumbers(b *builder, a *whatsapp.Account) {
	account, provider := pair("account", a.Name), pair("provider", a.Provider)
	for _, n := range byID(a.PhoneNumbers, func(n *whatsapp.PhoneNumber) string { return n.ID }) {
		id := pair("phone_number_id", n.ID)
		b.gauge(phoneNumberInfo, 1, account, pair("display_phone_number", n.DisplayPhoneNumber), id, provider,
			pair("verified_name", n.VerifiedName), pair("waba_id", n.WABAID))
		enumOf(b, phoneNumberQuality, n.Quality, account, id)
		enumOf(b, phoneNumberStatus, n.Status, account, id)
		enumOf(b, phoneNumberNameStatus, n.NameStatus, account, id)
		enumOf(b, phoneNumberVerification, n.CodeVerificationStatus, account, id)
		enumOf(b, phoneNumberThroughput, n.ThroughputLevel, account, id)
		b.timestamp(phoneNumberQualityChanged, n.QualityChangedAt, account, id)
		b.timestamp(phoneNumberFlagged, n.FlaggedAt, account, id)
		b.timestamp(phoneNumberRestrictionDue, n.RestrictionDue, account, id)
		b.timestamp(phoneNumberAppealDue, n.AppealDue, account, id)
		b.timestamp(phoneNumberRecoveryDue, n.RecoveryDue, account, id)
		b.timestamp(phoneNumberRestrictedUntil, n.RestrictedUntil, account, id)
		if n.Restricted != nil {
			b.flag(phoneNumberRestricted, *n.Restricted, account, id)
		}
	}
}

// byID lists pointers to the elements in the order of their ids, so that the series come out sorted.
func byID[T any](all []T, id func(*T) string) []*T {
	out := make([]*T, len(all))
	for i := range all {
		out[i] = &all[i]
	}
	slices.SortStableFunc(out, func(x, y *T) int { return cmp.Compare(id(x), id(y)) })
	return out
}
