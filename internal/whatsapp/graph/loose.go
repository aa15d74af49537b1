package graph

import (
	"bytes"
	"encoding/json"
	"strings"
	"time"
	"unicode/utf8"
)

// loose decodes what fits and leaves the zero value otherwise, so that one field which Meta changed does not
// make the rest of an answer unreadable. Odd tells that something else than T was there.
type loose[T any] struct {
	V   T
	Odd bool
}

// UnmarshalJSON never fails.
func (l *loose[T]) UnmarshalJSON(raw []byte) error {
	var v T
	if err := json.Unmarshal(raw, &v); err != nil {
		l.Odd = true
		return nil //nolint:nilerr // Odd tells it
	}
	l.V = v
	return nil
}

// text is a string, or what Meta sometimes sends in its place: a bare number for an id, anything else raw. Ids
// have up to 20 digits and never pass through a float.
type text string

// UnmarshalJSON never fails.
func (t *text) UnmarshalJSON(raw []byte) error {
	var s string
	switch {
	case plain(raw):
		*t = text(raw[1 : len(raw)-1])
	case bytes.Equal(raw, []byte("null")):
		*t = ""
	case json.Unmarshal(raw, &s) == nil:
		*t = text(s)
	default:
		*t = text(raw)
	}
	return nil
}

// plain says whether raw is a string that stands for itself, as nearly all do.
func plain(raw []byte) bool {
	return len(raw) >= 2 && raw[0] == '"' && bytes.IndexByte(raw, '\\') < 0 && utf8.Valid(raw)
}

// digits keeps only the digits of a phone number.
func digits(s string) string {
	return strings.Map(func(r rune) rune {
		if r < '0' || r > '9' {
			return -1
		}
		return r
	}, s)
}

// unixTime is the instant of a Unix time in seconds; 0 and below are not an instant.
func unixTime(sec int64) time.Time {
	if sec <= 0 {
		return time.Time{}
	}
	return time.Unix(sec, 0).UTC()
}
