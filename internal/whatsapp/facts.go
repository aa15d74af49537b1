package whatsapp

import "time"

// NumberFacts are what follows from the observed rating and status of a phone number over time, under the
// account's messaging policy. They survive restarts. Zero instants are not known and make no series.
type NumberFacts struct {
	// QualityChangedAt is when the present rating was first seen.
	QualityChangedAt time.Time
	// FlaggedAt is since when the number is flagged: by status, by webhook, or by a red rating under the
	// 2024 policy. Zero while it is not flagged.
	FlaggedAt time.Time
	// RestrictionDue is when a flag that is not worked off restricts the number: flagged + 7 days, 2024 policy.
	RestrictionDue time.Time
	// AppealDue is the last instant at which an appeal is likely to be decided before RestrictionDue: that less what
	// the policy says a decision takes.
	AppealDue time.Time
	// RecoveryDue is when the number reconnects if its rating stays: green or yellow + 7 days while a flag is
	// being worked off, 2024 policy.
	RecoveryDue time.Time
	// Restricted says whether the number may not start conversations; nil: not known.
	Restricted *bool
	// RestrictedUntil is when it may again, where that is known.
	RestrictedUntil time.Time
}

// EscalationPath is a way to a human that the operator says customers have.
type EscalationPath struct {
	Path     string
	Accepted bool // the messaging policy takes it for a direct human path
}
