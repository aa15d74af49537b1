package webhook

import (
	"maps"
	"time"

	"whatsapp_sla_exporter/internal/whatsapp"
)

// account is what webhooks have told of one WABA and what no API tells again. Each fact has the time of the event
// that told it, so that an older event that comes later changes nothing.
type account struct {
	Restrictions map[string]restriction `json:"restrictions,omitempty"` // by type
	// ClearedAt is when all restrictions were last lifted, LiftedAt when those without an end were.
	ClearedAt time.Time            `json:"cleared_at,omitzero"`
	LiftedAt  time.Time            `json:"lifted_at,omitzero"`
	Ban       ban                  `json:"ban,omitzero"`
	Link      link                 `json:"link,omitzero"`
	Alerts    map[alertKey]alert   `json:"alerts,omitempty"`
	Counts    map[category]tallies `json:"counts,omitempty"`
}

type restriction struct {
	At    time.Time `json:"at"`
	Until time.Time `json:"until,omitzero"` // zero: open-ended
	Lift  bool      `json:"lift,omitempty"` // it was taken back
}

type ban struct {
	At    time.Time     `json:"at"`
	State whatsapp.Enum `json:"state"`
	Date  time.Time     `json:"date,omitzero"`
}

// link is whether the account is connected to the platform.
type link struct {
	At     time.Time     `json:"at"`
	Reason whatsapp.Enum `json:"reason,omitempty"` // why it is not; empty: it is
}

type alert struct {
	At       time.Time `json:"at"`
	Severity string    `json:"severity"`
	Active   bool      `json:"active"`
}

// category is what is counted by value.
type category string

const (
	violations     category = "violations"
	templateCounts category = "template_events"
	securityCounts category = "security_events"
)

type tallies map[string]uint64

// clone is a copy that may be changed.
func (a *account) clone() *account {
	if a == nil {
		return &account{}
	}
	c := *a
	c.Restrictions, c.Alerts, c.Counts = maps.Clone(a.Restrictions), maps.Clone(a.Alerts), maps.Clone(a.Counts)
	for k, v := range c.Counts {
		c.Counts[k] = maps.Clone(v)
	}
	return &c
}

func (a *account) count(c category, value string) {
	if a.Counts == nil {
		a.Counts = map[category]tallies{}
	}
	if a.Counts[c] == nil {
		a.Counts[c] = tallies{}
	}
	a.Counts[c][value]++
}

// number is what webhooks have told of one phone number.
type number struct {
	WABA    string  `json:"waba"`
	OptOuts uint64  `json:"opt_outs,omitempty"`
	Errors  tallies `json:"errors,omitempty"` // by code
}

func (n *number) clone() *number {
	if n == nil {
		return &number{}
	}
	c := *n
	c.Errors = maps.Clone(n.Errors)
	return &c
}

// maxCodes bounds the codes that are told apart for one number.
const maxCodes = 100

func (n *number) failed(code int64) {
	if n.Errors == nil {
		n.Errors = tallies{}
	}
	label := formatCode(code)
	if _, known := n.Errors[label]; code == 0 || !known && len(n.Errors) >= maxCodes {
		label = unknown
	}
	n.Errors[label]++
}

// fact is something that happened to an account or to one of its numbers.
type fact interface {
	// apply changes a, and n where the webhook names a number, else nil. At is when it happened.
	apply(a *account, n *number, at time.Time)
}

type restricted struct {
	kind  string
	until time.Time
}

func (f restricted) apply(a *account, _ *number, at time.Time) {
	had := a.Restrictions[f.kind]
	if at.Before(had.At) || at.Before(a.ClearedAt) || f.until.IsZero() && at.Before(a.LiftedAt) {
		return
	}
	if at.Equal(had.At) && !had.Lift && (had.Until.IsZero() || !f.until.IsZero() && had.Until.After(f.until)) {
		return // told in one second, in whatever order: the longer one is in force
	}
	if a.Restrictions == nil {
		a.Restrictions = map[string]restriction{}
	}
	a.Restrictions[f.kind] = restriction{At: at, Until: f.until}
}

// lifted takes back the restrictions told before: all of them, or those without an end.
type lifted struct{ all bool }

func (f lifted) apply(a *account, _ *number, at time.Time) {
	if at.After(a.LiftedAt) {
		a.LiftedAt = at
	}
	if f.all && at.After(a.ClearedAt) {
		a.ClearedAt = at
	}
	for kind, r := range a.Restrictions {
		if !r.At.After(at) && (f.all || r.Until.IsZero()) {
			a.Restrictions[kind] = restriction{At: at, Until: r.Until, Lift: true}
		}
	}
}

type banned struct {
	state whatsapp.Enum
	date  time.Time
}

func (f banned) apply(a *account, _ *number, at time.Time) {
	if at.Before(a.Ban.At) {
		return
	}
	if f.date.IsZero() && f.state == BanDisabled && a.Ban.State == BanScheduled {
		f.date = a.Ban.Date
	}
	a.Ban = ban{At: at, State: f.state, Date: f.date}
}

// linked is an account that is disconnected, for a reason, or connected again.
type linked struct{ reason whatsapp.Enum }

func (f linked) apply(a *account, _ *number, at time.Time) {
	if !at.Before(a.Link.At) {
		a.Link = link{At: at, Reason: f.reason}
	}
}

type counted struct {
	category category
	value    string
}

func (f counted) apply(a *account, _ *number, _ time.Time) { a.count(f.category, f.value) }

type optedOut struct{}

func (optedOut) apply(_ *account, n *number, _ time.Time) {
	if n != nil {
		n.OptOuts++
	}
}
