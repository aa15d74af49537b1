// Package whatsapp holds the account model that every provider's API is translated into. The packages below
// it are the clients, one per provider; they know their API and this model and nothing else.
package whatsapp

import "time"

// Account is one configured account as it is known after a poll. It is a snapshot: nobody changes it once it is
// published. Facts that were not told are zero and make no series.
//
// A poll may fail in part. What could not be read then stays as it was last known, with the Reading of that
// time, so that age decides about it and not the failure: Fresh leaves out what is too old to be shown.
type Account struct {
	Name     string    // as configured: the account label
	Provider string    // meta, 360dialog, ...
	ReadAt   time.Time // of the last pass that could read anything

	WABAs        []WABA
	PhoneNumbers []PhoneNumber
	Limits       []MessagingLimit
	Messages     []MessageCounts
	Users        []UserCounts // from webhooks, not from the provider's client
	Token        *Token       // nil: not inspected

	// EscalationPaths are the configured ones, judged by the messaging policy. Set by messaging.Tracker.
	EscalationPaths []EscalationPath

	// UnknownValues counts, by field, values that an upstream sent and no list has, since the client started.
	UnknownValues map[string]uint64
	// UnsupportedFields are the fields that the API refused and that are no longer asked for: what they would
	// tell is missing, not zero.
	UnsupportedFields []UnsupportedField
}

// WABA is a WhatsApp Business Account.
type WABA struct {
	Reading
	ID                   string
	PortfolioID          string // Meta business that owns it
	ReviewStatus         Enum   // of ReviewStatuses
	BusinessVerification Enum   // of VerificationStatuses
	Status               Enum   // of AccountStatuses
	Country              string // ISO 3166-1 alpha-2
	Health               []Health
	Templates            *Templates    // nil: not read
	Subscription         *Subscription // nil: not read
}

// PhoneNumber is a business phone number.
type PhoneNumber struct {
	Reading
	ID                     string
	WABAID                 string
	DisplayPhoneNumber     string
	VerifiedName           string
	Quality                Enum // of QualityRatings; unknown also while Meta has no rating yet (NA)
	Status                 Enum // of PhoneStatuses
	NameStatus             Enum // of NameStatuses
	ThroughputLevel        Enum // of ThroughputLevels
	CodeVerificationStatus Enum // of CodeVerificationStatuses
	Health                 []Health
	Profile                *Profile // nil: not read
	NumberFacts                     // set by messaging.Tracker, not by a provider's client
}

// Health is whether one entity lets messages be sent, from health_status. The same entity (a portfolio, an app)
// is reported with every WABA and number that depends on it: Account.Health has each once.
type Health struct {
	Entity     Enum // of HealthEntities
	EntityID   string
	State      Enum  // of HealthStates
	ErrorCodes []int // reported errors, where State is not available
}

// MessagingLimit is how many unique users may be written to in a moving 24 h.
type MessagingLimit struct {
	Reading
	Scope   LimitScope
	ScopeID string
	Tier    string  // as Meta spells it, for example TIER_2K
	Users   float64 // +Inf when unlimited
	// Known is false where the tier says nothing of a number (UNTIERED, TIER_NOT_SET, unheard of).
	Known bool
	// UpgradeUsers is how many users the messaging policy wants written to in 7 days before it gives the next
	// level; 0: no next level, or not known. Set by messaging.Tracker, not by a provider's client.
	UpgradeUsers float64
}

// MessageCounts are delivered messages that the business initiated, from the provider's analytics: an upper
// bound of how much of the limit is used, because one person with three messages counts three times. They
// arrive late and are approximate.
type MessageCounts struct {
	Reading
	Scope   LimitScope
	ScopeID string
	Day     float64 // in the last 24 h
	Week    float64 // in the last 7 days
}

// LimitScope is what a messaging limit belongs to.
type LimitScope string

// Today's limits belong to the portfolio, those of 2024 to each number.
const (
	ScopePortfolio   LimitScope = "portfolio"
	ScopePhoneNumber LimitScope = "phone_number"
)

// UnsupportedField is a field that an endpoint of the API refused.
type UnsupportedField struct {
	Endpoint string // for example phone_numbers
	Field    string
}
