package loose

import (
	"maps"

	"github.com/go-kit/log"
	"github.com/go-kit/log/level"
)

// Unheard counts values that an upstream sent and no list has, by field, and logs each of them once. It is for one
// goroutine, and for fields of a closed list only: never for text that people wrote.
type Unheard struct {
	logger log.Logger
	source string
	counts map[string]uint64
	told   map[string]bool
}

// The bounds of what is logged: how many values, and runes of each.
const (
	maxTold  = 100
	maxValue = 60
)

// NewUnheard returns a counter for one source, as it is named in the configuration. A nil logger logs nothing.
func NewUnheard(logger log.Logger, source string) *Unheard {
	if logger == nil {
		logger = log.NewNopLogger()
	}
	return &Unheard{logger: logger, source: source, counts: map[string]uint64{}, told: map[string]bool{}}
}

// Note counts a value of a field.
func (u *Unheard) Note(field, value string) {
	u.counts[field]++
	key := field + "\x00" + value
	if u.told[key] || len(u.told) >= maxTold {
		return
	}
	u.told[key] = true
	if runes := []rune(value); len(runes) > maxValue {
		value = string(runes[:maxValue])
	}
	_ = level.Warn(u.logger).Log("msg", "the upstream says something that is not known, it is taken for unknown", "source", u.source, "field", field, "value", value)
}

// Count is how often the field had such a value.
func (u *Unheard) Count(field string) uint64 { return u.counts[field] }

// Counts is a copy of all counts; nil while there are none.
func (u *Unheard) Counts() map[string]uint64 {
	if len(u.counts) == 0 {
		return nil
	}
	return maps.Clone(u.counts)
}
