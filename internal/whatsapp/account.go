// Package whatsapp holds the account model that every provider's API is translated into. The packages below
// it are the clients, one per provider; they know their API and this model and nothing else.
package whatsapp

import "time"

// Account is one configured account as it was last read. Facts that were not told are zero and make no series.
type Account struct {
	Name     string // as configured: the account label
	Provider string // meta, 360dialog, ...
	ReadAt   time.Time

	WABAs        []WABA
	PhoneNumbers []PhoneNumber
	Limits       []MessagingLimit
}

// WABA is a WhatsApp Business Account.
type WABA struct {
	ID                   string
	PortfolioID          string // Meta business that owns it
	ReviewStatus         Enum   // of ReviewStatuses
	BusinessVerification Enum   // of VerificationStatuses
	Status               Enum   // of AccountStatuses
	Country              string // ISO 3166-1 alpha-2
	Health               []Health
}

// PhoneNumber is a business phone number.
type PhoneNumber struct {
	ID                     string
	WABAID                 string
	DisplayPhoneNumber     string
	VerifiedName           string
	Quality                Enum // of QualityRatings
	Status                 Enum // of PhoneStatuses
	NameStatus             Enum // of NameStatuses
	ThroughputLevel        Enum // of ThroughputLevels
	CodeVerificationStatus Enum // of CodeVerificationStatuses
	Health                 []Health
}

// Health is whether one entity lets messages be sent, from health_status.
type Health struct {
	Entity     Enum // of HealthEntities
	EntityID   string
	State      Enum  // of HealthStates
	ErrorCodes []int // reported errors, where State is not available
}

// MessagingLimit is how many unique users may be written to in a moving 24 h.
type MessagingLimit struct {
	Scope   LimitScope
	ScopeID string
	Tier    string  // as Meta spells it, for example TIER_2K
	Users   float64 // +Inf when unlimited
	// Known is false where the tier says nothing of a number (UNTIERED, TIER_NOT_SET, unheard of).
	Known bool
}

// LimitScope is what a messaging limit belongs to.
type LimitScope string

// Today's limits belong to the portfolio, those of 2024 to each number.
const (
	ScopePortfolio   LimitScope = "portfolio"
	ScopePhoneNumber LimitScope = "phone_number"
)
