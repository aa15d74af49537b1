package dashboards

import "strings"

// Colour is a colour of Grafana.
type Colour string

// The colours of all boards, by what they say. A wall must not say "red" for what a desk calls "orange".
const (
	Good    Colour = "green"
	Warn    Colour = "yellow"
	Bad     Colour = "orange"
	Broken  Colour = "red"
	Waiting Colour = "blue" // nobody has to do anything: paused, promised without a time, under maintenance
	Dim     Colour = "#8e8e8e"
)

// What part of an allowance is used before it is shown as short. No metric has these two: the allowances are
// Meta's, the judgement is ours.
const (
	usedWarn = 0.8
	usedBad  = 0.95
)

// enum is the values of a label of state, from unknown over best to worst. Its place is the number that stands
// for a value where a panel needs one.
type enum []state

type state struct {
	value  string
	colour Colour
}

// The states that the metrics carry, each with its colour.
var (
	slaStates = enum{
		{"running", Good},
		{"warning", Warn},
		{"critical", Bad},
		{"breached", Broken},
		{"paused", Waiting},
		{"met", Good},
		{"best_effort", Waiting},
	}
	ratings = enum{
		{"unknown", Dim},
		{"green", Good},
		{"yellow", Warn},
		{"red", Broken},
	}
	phoneStatuses = enum{
		{"unknown", Dim},
		{"connected", Good},
		{"pending", Warn},
		{"unverified", Warn},
		{"migrated", Waiting},
		{"flagged", Bad},
		{"rate_limited", Bad},
		{"disconnected", Bad},
		{"restricted", Broken},
		{"deleted", Broken},
		{"banned", Broken},
	}
	healthStates = enum{
		{"unknown", Dim},
		{"available", Good},
		{"limited", Warn},
		{"blocked", Broken},
	}
	platformStates = enum{
		{"unknown", Dim},
		{"operational", Good},
		{"maintenance", Waiting},
		{"degraded", Warn},
		{"partial_outage", Bad},
		{"major_outage", Broken},
	}
	banStates = enum{
		{"unknown", Dim},
		{"none", Good},
		{"reinstated", Good},
		{"scheduled", Bad},
		{"disabled", Broken},
	}
	causes = enum{
		{"none_found", Good},
		{"upstream_unreadable", Dim},
		{"session_disconnected", Bad},
		{"account_restricted", Bad},
		{"number_banned", Broken},
		{"platform_outage", Broken},
	}
	// reviews is the words that reviews and verifications of accounts, names and templates share.
	reviews = enum{
		{"active", Good},
		{"approved", Good},
		{"verified", Good},
		{"available_without_review", Good},
		{"pending", Warn},
		{"pending_review", Warn},
		{"pending_need_more_info", Warn},
		{"pending_submission", Warn},
		{"in_appeal", Warn},
		{"deferred", Warn},
		{"not_verified", Warn},
		{"paused", Waiting},
		{"limit_reached", Bad},
		{"limit_exceeded", Bad},
		{"expired", Bad},
		{"failed", Bad},
		{"ineligible", Bad},
		{"declined", Broken},
		{"rejected", Broken},
		{"revoked", Broken},
		{"disabled", Broken},
		{"restricted", Broken},
	}
	yesNo = enum{
		{"no", Broken},
		{"yes", Good},
	}
	freeness = enum{
		{"free", Good},
		{"restricted", Broken},
	}
)

// of is the enum's values of a colour, as a regular expression.
func (e enum) of(c Colour) string {
	var values []string
	for _, s := range e {
		if s.colour == c {
			values = append(values, s.value)
		}
	}
	return strings.Join(values, "|")
}

// mappings shows the numbers 0, 1, 2 … as the enum's values in their colours.
func (e enum) mappings() []object {
	options := object{}
	for i, s := range e {
		options[number(i)] = object{"index": i, "text": s.value, "color": s.colour}
	}
	return []object{{"type": "value", "options": options}}
}

// texts colours the enum's values where they are text already.
func (e enum) texts() []object {
	options := object{}
	for i, s := range e {
		options[s.value] = object{"index": i, "text": s.value, "color": s.colour}
	}
	return []object{{"type": "value", "options": options}}
}

// overrides colours series that are named after the enum's values.
func (e enum) overrides() []Override {
	var all []Override
	for _, s := range e {
		all = append(all, fixed("byName", s.value, s.colour))
	}
	return all
}

// fixed gives a fixed colour to the fields that the matcher finds.
func fixed(matcher, of string, c Colour) Override {
	return override(matcher, of, property("color", object{"mode": "fixed", "fixedColor": c}))
}

func override(matcher, of string, properties ...object) Override {
	return Override{Matcher: object{"id": matcher, "options": of}, Properties: properties}
}

func property(id string, value any) object { return object{"id": id, "value": value} }
