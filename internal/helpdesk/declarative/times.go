package declarative

import (
	"encoding/json"
	"math"
	"math/big"
	"slices"
	"strconv"
	"strings"
	"time"

	"github.com/itchyny/gojq"
	"github.com/itchyny/timefmt-go"
)

// times reads and writes the times of one helpdesk. zone is for those without an offset.
type times struct{ zone *time.Location }

// layouts are the forms of a time with an offset that helpdesks use. Fractions of seconds are read in any of them.
var layouts = []string{time.RFC3339, "2006-01-02T15:04:05Z0700", "2006-01-02 15:04:05Z07:00", "2006-01-02 15:04:05Z0700"}

// bare are the forms without an offset.
var bare = []string{"2006-01-02 15:04:05", "2006-01-02T15:04:05", "2006-01-02 15:04", "2006-01-02"}

// read understands Unix seconds, Unix milliseconds, and the layouts. Null, empty, zero and 1970 are unset: a zero
// time. What is none of these is not ok.
func (t *times) read(v any) (at time.Time, ok bool) { return t.readBy(v, time.Time{}) }

// readBy is read for a time that has passed by now, which tells the two meanings of a time apart that was on the
// clock twice.
func (t *times) readBy(v any, now time.Time) (at time.Time, ok bool) {
	switch x := v.(type) {
	case nil:
		return time.Time{}, true
	case bool:
		return time.Time{}, !x
	case string:
		return t.readText(strings.TrimSpace(x), now)
	case int, float64, *big.Int, json.Number:
		f, ok := gojq.ToFloat64(x)
		if !ok {
			return time.Time{}, false
		}
		return fromNumber(f)
	}
	return time.Time{}, false
}

func (t *times) readText(s string, now time.Time) (time.Time, bool) {
	if s == "" {
		return time.Time{}, true
	}
	if f, err := strconv.ParseFloat(s, 64); err == nil {
		return fromNumber(f)
	}
	for _, layout := range layouts {
		if at, err := time.Parse(layout, s); err == nil {
			return unset(at), true
		}
	}
	for _, layout := range bare {
		if at, err := time.Parse(layout, s); err == nil {
			return unset(t.place(at, now)), true
		}
	}
	return time.Time{}, false
}

// The numbers that are times: beyond milliSince a number counts milliseconds (as seconds it would be the year 5138).
const (
	milliSince = 1e11
	latest     = 253402300799 // the end of the year 9999
)

func fromNumber(f float64) (time.Time, bool) {
	if math.Abs(f) > milliSince {
		f /= 1000
	}
	if math.IsNaN(f) || f < 0 || f > latest {
		return time.Time{}, false
	}
	return unset(time.UnixMilli(int64(math.Round(f * 1000)))), true
}

// unset takes the beginning of Unix time for no time, as some helpdesks mean it. A day around it allows for zones.
func unset(at time.Time) time.Time {
	if at.Unix() < 24*60*60 {
		return time.Time{}
	}
	return at.UTC()
}

// place finds the instant of a wall-clock time in the zone. Where the clock goes back there are two. Of a time that
// has passed by now the later one is taken, so that what changes in the second hour is not older than what changed in
// the first; else the earlier one, because a deadline that is too early is a lesser mistake than one that is too
// late. Where the clock goes forward there is none, and the earlier of its neighbours is taken for the same reason.
func (t *times) place(wall, now time.Time) time.Time {
	var found []time.Time
	for _, near := range []time.Duration{-24 * time.Hour, 24 * time.Hour} {
		_, offset := wall.Add(near).In(t.zone).Zone()
		at := wall.Add(-time.Duration(offset) * time.Second)
		if _, there := at.In(t.zone).Zone(); there == offset && !slices.ContainsFunc(found, at.Equal) {
			found = append(found, at)
		}
	}
	switch {
	case len(found) == 1:
		return found[0]
	case len(found) == 2 && !found[1].After(now):
		return found[1]
	case len(found) == 2:
		return found[0]
	}
	_, after := wall.Add(24 * time.Hour).In(t.zone).Zone()
	return wall.Add(-time.Duration(after) * time.Second)
}

// fold is how far back to begin so that a wall-clock time in the zone means at or something earlier: once the clock
// went back, the hour before it was on it twice.
func (t *times) fold(at, now time.Time) time.Duration {
	const memory = 3 * time.Hour
	_, before := at.Add(-memory).In(t.zone).Zone()
	_, present := now.In(t.zone).Zone()
	return time.Duration(max(before-present, 0)) * time.Second
}

// instant is a function for profiles: Unix seconds of whatever form of a time, null for one that is unset.
func (t *times) instant(v any, _ []any) any {
	at, ok := t.read(v)
	switch {
	case !ok:
		return errNotATime
	case at.IsZero():
		return nil
	}
	return float64(at.UnixMilli()) / 1000
}

// local is a function for profiles: Unix seconds as text of the given form, in the helpdesk's zone.
func (t *times) local(v any, args []any) any {
	seconds, ok := gojq.ToFloat64(v)
	form, isText := args[0].(string)
	if !ok || !isText {
		return errLocal
	}
	return timefmt.Format(time.UnixMilli(int64(math.Floor(seconds*1000))).In(t.zone), form)
}

// jqError is an error of a function.
type jqError string

func (e jqError) Error() string { return string(e) }

const (
	errNotATime = jqError("instant: not a time that is understood")
	errLocal    = jqError("local: want a number of seconds and a form such as %Y-%m-%d")
)
