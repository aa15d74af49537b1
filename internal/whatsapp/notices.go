package whatsapp

import "time"

// BanStates are the states of an account's ban.
var BanStates = []Enum{"none", "scheduled", "disabled", "reinstated", Unknown}

// Notices are what webhooks have told up to an instant. They are a snapshot: nobody changes them once they are
// published. What was told of accounts that are not configured is kept and not here.
type Notices struct {
	Accounts []AccountNotices // one for each name under which a WABA is configured
	Numbers  []NumberNotices
	Users    []AccountUsers

	Events     map[string]uint64 // changes taken, by field
	Duplicates map[string]uint64 // changes that were a retry of one that was taken, by field
	Rejected   map[string]uint64 // requests refused, by reason
	// UnknownValues counts, by field, values that Meta sent and no list has.
	UnknownValues map[string]uint64
	// UnknownAccounts counts changes of WABAs that no configured account has.
	UnknownAccounts uint64
}

// AccountNotices are what webhooks have told of one WABA.
type AccountNotices struct {
	Account, WABAID string
	Restrictions    []Restriction // those in force, sorted by type
	Ban             Enum          // of BanStates
	// BanDate is the day on which the account is or was disabled, in UTC; zero: not told.
	BanDate time.Time
	// Disconnected is why the account is not connected any more; empty while it is, or nothing was told.
	Disconnected Enum
	Alerts       []AccountAlert
	// The counters below survive restarts.
	Violations     map[string]uint64 // by type
	TemplateEvents map[string]uint64 // by event
	SecurityEvents map[string]uint64 // by event
}

// Restriction is something that a WABA may not do.
type Restriction struct {
	Type  string
	Until time.Time // zero: open-ended
}

// AccountAlert is an alert that Meta has raised and not taken back.
type AccountAlert struct {
	Type     string
	Severity string
	Entity   string // type of the entity, as in the webhook
	EntityID string
}

// NumberNotices are what webhooks have told of one phone number.
type NumberNotices struct {
	Account, PhoneNumberID string
	OptOuts                uint64            // marketing messages stopped by customers; survives restarts
	SendErrors             map[string]uint64 // by code; survives restarts
	// WindowsOpen are customers to whom the number may reply freely, WindowsClosing those of them whose last
	// message is unanswered with less than 2 h left. WindowsUncounted counts customers there was no room for.
	WindowsOpen, WindowsClosing int
	WindowsUncounted            uint64
}

// AccountUsers are the UserCounts of an account.
type AccountUsers struct {
	Account string
	UserCounts
}

// UserCounts are distinct users to whom messages were delivered outside a service window, as webhooks told.
type UserCounts struct {
	Scope   LimitScope
	ScopeID string
	Day     float64 // in the last 24 h
	Week    float64 // in the last 7 days
	// Since is when counting began: until a day, or a week, has passed the count is a lower bound.
	Since time.Time
}
