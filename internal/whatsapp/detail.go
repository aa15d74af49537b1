package whatsapp

import "time"

// Templates are the message templates of one WABA: counts, and by name only those that need somebody.
type Templates struct {
	Reading
	Counts []TemplateCount
	// Unhealthy lists templates that are not approved, or rated red or yellow; at most the client's cap.
	Unhealthy []UnhealthyTemplate
	// UnhealthyDropped is how many more there are beyond the cap.
	UnhealthyDropped int
}

// TemplateCount is how many templates share a status, category and quality.
type TemplateCount struct {
	Status   Enum // of TemplateStatuses
	Category Enum // of TemplateCategories
	Quality  Enum // of QualityRatings
	Count    int
}

// UnhealthyTemplate is one template that cannot be sent or is about to be paused.
type UnhealthyTemplate struct {
	Name     string
	Language string
	Status   Enum // of TemplateStatuses
	Quality  Enum // of QualityRatings
}

// Subscription is which apps receive the webhooks of one WABA. Apps 0 was told, not assumed: no webhook arrives.
type Subscription struct {
	Reading
	Apps int
}

// Profile says which contact channels the business profile of a number offers. The values themselves are not
// kept.
type Profile struct {
	Reading
	Email, Website, Address, Description, Picture bool
}

// ProfileChannel is one channel of a business profile.
type ProfileChannel struct {
	Channel string // the channel label
	Set     bool
}

// Channels lists all channels of the profile in the order in which they are reported.
func (p *Profile) Channels() []ProfileChannel {
	return []ProfileChannel{
		{"email", p.Email},
		{"website", p.Website},
		{"address", p.Address},
		{"description", p.Description},
		{"picture", p.Picture},
	}
}

// Token is what the API says of the access token that the account is read with.
type Token struct {
	Reading
	Valid bool
	// Expires is when it stops to work; zero: not told, or never (then NeverExpires).
	Expires      time.Time
	NeverExpires bool
	// DataAccessExpires is when the user's consent to data access ends; zero: not told or never.
	DataAccessExpires time.Time
	// MissingScopes are the permissions that the exporter needs and the token does not have.
	MissingScopes []string
}
