// Package messaging holds the rules of quality ratings, flags, limits and levels as data, and turns observed
// accounts into the dates that follow from them.
package messaging

import (
	"bytes"
	"errors"
	"fmt"
	"math"
	"slices"
	"time"

	"github.com/prometheus/common/model"
	"go.yaml.in/yaml/v3"

	"whatsapp_sla_exporter/internal/whatsapp"
)

// Kind is the kind of policy that this package reads.
const Kind = "messaging"

// Sourced is a value and the sentence it was taken from, or why it was decided so.
type Sourced[T any] struct {
	Value  T      `yaml:"value"`
	Source string `yaml:"source"`
}

// Policy is one era's messaging rules.
type Policy struct {
	Name        string     `yaml:"name"`
	Kind        string     `yaml:"kind"`
	Description string     `yaml:"description"`
	Source      string     `yaml:"source"`
	Quality     Quality    `yaml:"quality"`
	Flag        Flag       `yaml:"flag"`
	Restricted  Restricted `yaml:"restricted"`
	Limit       Limit      `yaml:"limit"`
	Upgrade     Upgrade    `yaml:"upgrade"`
	Appeal      Appeal     `yaml:"appeal"`
	Escalation  Escalation `yaml:"escalation"`
}

// Quality is what a rating means and which time it looks back on.
type Quality struct {
	Window  Sourced[model.Duration]           `yaml:"window"`
	Ratings map[whatsapp.Enum]Sourced[string] `yaml:"ratings"`
}

// Flag says what flags a number and what becomes of it.
type Flag struct {
	Statuses Sourced[[]whatsapp.Enum] `yaml:"statuses"`
	Ratings  Sourced[[]whatsapp.Enum] `yaml:"ratings"`
	// RestrictsAfter is how long after the flag the number is restricted if the rating is not mended; 0: never.
	RestrictsAfter Sourced[model.Duration] `yaml:"restricts_after"`
	// RecoversAfter is how long the rating must be good again before the flag is gone; 0: at once.
	RecoversAfter Sourced[model.Duration] `yaml:"recovers_after"`
}

// Restricted lists the statuses in which a number may not start conversations, and those in which it may. Of the
// others it is not known.
type Restricted struct {
	Statuses Sourced[[]whatsapp.Enum] `yaml:"statuses"`
	Free     Sourced[[]whatsapp.Enum] `yaml:"free"`
}

// Limit is whom a messaging limit belongs to, the time it counts over, and its levels.
type Limit struct {
	Scope  Sourced[whatsapp.LimitScope] `yaml:"scope"`
	Window Sourced[model.Duration]      `yaml:"window"`
	Levels struct {
		Source string  `yaml:"source"`
		Values []Level `yaml:"values"`
	} `yaml:"levels"`
}

// Level is one step of the messaging limit.
type Level struct {
	Level     int  `yaml:"level"`
	Users     int  `yaml:"users,omitempty"`
	Unlimited bool `yaml:"unlimited,omitempty"`
	// Upgrade is what this level takes to be left, where it is not the policy's general rule.
	Upgrade *LevelUpgrade `yaml:"upgrade,omitempty"`
}

// LevelUpgrade is an upgrade rule of one level.
type LevelUpgrade struct {
	Users  int            `yaml:"users"`
	Within model.Duration `yaml:"within"`
	Source string         `yaml:"source"`
}

// Limit is the size of the level in users, +Inf when unlimited.
func (l Level) Limit() float64 {
	if l.Unlimited {
		return math.Inf(1)
	}
	return float64(l.Users)
}

// Upgrade is what the next level takes: users written to, as a multiple of the limit, within a time, and a rating.
type Upgrade struct {
	TimesLimit Sourced[float64]         `yaml:"times_limit"`
	Within     Sourced[model.Duration]  `yaml:"within"`
	Ratings    Sourced[[]whatsapp.Enum] `yaml:"ratings"`
}

// Appeal is how a decision of Meta is contested. DecidedWithin 0: not told.
type Appeal struct {
	How           Sourced[string]         `yaml:"how"`
	When          Sourced[string]         `yaml:"when"`
	DecidedWithin Sourced[model.Duration] `yaml:"decided_within"`
}

// Escalation lists the ways to a human that count, and those that do not.
type Escalation struct {
	Accepted Sourced[[]string] `yaml:"accepted"`
	Refused  Sourced[[]string] `yaml:"refused"`
}

// Parse reads a policy file. Unknown keys are errors, and so is a value without its source. name is for the error
// text: the file.
func Parse(name string, raw []byte) (*Policy, error) {
	d := yaml.NewDecoder(bytes.NewReader(raw))
	d.KnownFields(true)
	p := &Policy{}
	if err := d.Decode(p); err != nil {
		return nil, fmt.Errorf("%s: %w", name, err)
	}
	if err := errors.Join(p.check()...); err != nil {
		return nil, fmt.Errorf("%s: %w", name, err)
	}
	return p, nil
}

// Escalations judges the configured paths. One that the policy does not know is not accepted.
func (p *Policy) Escalations(paths []string) []whatsapp.EscalationPath {
	out := make([]whatsapp.EscalationPath, 0, len(paths))
	for _, path := range paths {
		out = append(out, whatsapp.EscalationPath{Path: path, Accepted: slices.Contains(p.Escalation.Accepted.Value, path)})
	}
	return out
}

// CheckEscalation says what is wrong with configured paths: such that the policy has never heard of.
func (p *Policy) CheckEscalation(paths []string) error {
	known := slices.Concat(p.Escalation.Accepted.Value, p.Escalation.Refused.Value)
	for _, path := range paths {
		if !slices.Contains(known, path) {
			return fmt.Errorf("escalation path %q is not one of %v", path, known)
		}
	}
	return nil
}

// LevelOf is the level whose limit is users; false where the policy has no such level.
func (p *Policy) LevelOf(users float64) (Level, bool) {
	i := slices.IndexFunc(p.Limit.Levels.Values, func(l Level) bool { return l.Limit() == users })
	if i < 0 {
		return Level{}, false
	}
	return p.Limit.Levels.Values[i], true
}

// Next is the level above a limit; false at the top.
func (p *Policy) Next(users float64) (Level, bool) {
	i := slices.IndexFunc(p.Limit.Levels.Values, func(l Level) bool { return l.Limit() > users })
	if i < 0 {
		return Level{}, false
	}
	return p.Limit.Levels.Values[i], true
}

// UpgradeTakes is how many users must be written to, and within which time, before the level above the limit is
// given; 0 where there is none.
func (p *Policy) UpgradeTakes(limit float64) (users float64, within time.Duration) {
	if _, more := p.Next(limit); !more || limit <= 0 {
		return 0, 0
	}
	if l, ok := p.LevelOf(limit); ok && l.Upgrade != nil {
		return float64(l.Upgrade.Users), time.Duration(l.Upgrade.Within)
	}
	return limit * p.Upgrade.TimesLimit.Value, time.Duration(p.Upgrade.Within.Value)
}
