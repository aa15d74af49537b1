package messaging

import (
	"errors"
	"fmt"
	"maps"
	"slices"

	"whatsapp_sla_exporter/internal/whatsapp"
)

// check lists what is wrong with a policy.
func (p *Policy) check() (errs []error) {
	bad := func(format string, args ...any) { errs = append(errs, fmt.Errorf(format, args...)) }
	if p.Name == "" {
		bad("name is missing")
	}
	if p.Kind != Kind {
		bad("kind is %q, want %q", p.Kind, Kind)
	}
	if p.Source == "" {
		bad("source is missing: which document do the values come from?")
	}
	values := p.values()
	for _, what := range slices.Sorted(maps.Keys(values)) {
		v := values[what]
		if v.told && v.source == "" {
			bad("%s has no source: quote the sentence, or say why it was decided so", what)
		}
		if v.required && !v.told {
			bad("%s is missing", what)
		}
	}
	enums := p.enums()
	for _, what := range slices.Sorted(maps.Keys(enums)) {
		e := enums[what]
		for _, v := range e.values {
			if !slices.Contains(e.list, v) {
				bad("%s: %q is not one of %v", what, v, e.list)
			}
		}
	}
	return append(errs, p.checkRules()...)
}

// value is one value of a policy as validation sees it.
type value struct {
	source         string
	told, required bool
}

func sourced[T comparable](v Sourced[T], required bool) value {
	var zero T
	return value{v.Source, v.Value != zero, required}
}

func sourcedList[T any](v Sourced[[]T], required bool) value {
	return value{v.Source, len(v.Value) > 0, required}
}

func (p *Policy) values() map[string]value {
	out := map[string]value{
		"quality.window":       sourced(p.Quality.Window, true),
		"flag.statuses":        sourcedList(p.Flag.Statuses, false),
		"flag.ratings":         sourcedList(p.Flag.Ratings, false),
		"flag.restricts_after": sourced(p.Flag.RestrictsAfter, false),
		"flag.recovers_after":  sourced(p.Flag.RecoversAfter, false),
		"restricted.statuses":  sourcedList(p.Restricted.Statuses, true),
		"restricted.free":      sourcedList(p.Restricted.Free, true),
		"limit.scope":          sourced(p.Limit.Scope, true),
		"limit.window":         sourced(p.Limit.Window, true),
		"limit.levels":         {p.Limit.Levels.Source, len(p.Limit.Levels.Values) > 0, true},
		"upgrade.times_limit":  sourced(p.Upgrade.TimesLimit, true),
		"upgrade.within":       sourced(p.Upgrade.Within, true),
		"upgrade.ratings":      sourcedList(p.Upgrade.Ratings, true),
		"appeal.how":           sourced(p.Appeal.How, true),
		"appeal.when":          sourced(p.Appeal.When, true),
		"escalation.accepted":  sourcedList(p.Escalation.Accepted, true),
		"escalation.refused":   sourcedList(p.Escalation.Refused, true),
	}
	out["appeal.decided_within"] = sourced(p.Appeal.DecidedWithin, false)
	for rating, meaning := range p.Quality.Ratings {
		out["quality.ratings."+string(rating)] = sourced(meaning, true)
	}
	return out
}

type enumValues struct{ list, values []whatsapp.Enum }

func (p *Policy) enums() map[string]enumValues {
	var rated []whatsapp.Enum
	for rating := range p.Quality.Ratings {
		rated = append(rated, rating)
	}
	return map[string]enumValues{
		"quality.ratings":     {whatsapp.QualityRatings, rated},
		"flag.statuses":       {whatsapp.PhoneStatuses, p.Flag.Statuses.Value},
		"flag.ratings":        {whatsapp.QualityRatings, p.Flag.Ratings.Value},
		"restricted.statuses": {whatsapp.PhoneStatuses, p.Restricted.Statuses.Value},
		"restricted.free":     {whatsapp.PhoneStatuses, p.Restricted.Free.Value},
		"upgrade.ratings":     {whatsapp.QualityRatings, p.Upgrade.Ratings.Value},
	}
}

// checkRules looks at what values mean together.
func (p *Policy) checkRules() (errs []error) {
	if s := p.Limit.Scope.Value; s != "" && s != whatsapp.ScopePortfolio && s != whatsapp.ScopePhoneNumber {
		errs = append(errs, fmt.Errorf("limit.scope: %q is not one of [%s %s]", s, whatsapp.ScopePortfolio, whatsapp.ScopePhoneNumber))
	}
	if p.Upgrade.TimesLimit.Value < 0 {
		errs = append(errs, errors.New("upgrade.times_limit is below 0"))
	}
	if p.Flag.RestrictsAfter.Value > 0 && p.Flag.RecoversAfter.Value == 0 {
		errs = append(errs, errors.New("flag.restricts_after needs flag.recovers_after: a restriction would never end"))
	}
	before := 0.0
	for i, l := range p.Limit.Levels.Values {
		switch {
		case l.Unlimited == (l.Users > 0):
			errs = append(errs, fmt.Errorf("limit.levels: entry %d wants either users or unlimited: true", i+1))
		case l.Limit() <= before:
			errs = append(errs, fmt.Errorf("limit.levels: entry %d is not above the one before it", i+1))
		case l.Upgrade != nil && (l.Upgrade.Users <= 0 || l.Upgrade.Within <= 0 || l.Upgrade.Source == ""):
			errs = append(errs, fmt.Errorf("limit.levels: entry %d: upgrade wants users, within and source", i+1))
		}
		before = l.Limit()
	}
	for _, path := range p.Escalation.Accepted.Value {
		if slices.Contains(p.Escalation.Refused.Value, path) {
			errs = append(errs, fmt.Errorf("escalation: %q is both accepted and refused", path))
		}
	}
	return errs
}
