// Package loose decodes JSON of upstreams that change without notice: one field that is not what it was does not
// make the rest of an answer unreadable.
package loose

import (
	"bytes"
	"encoding/json"
	"unicode/utf8"
)

// Value decodes what fits T and leaves the zero value otherwise.
type Value[T any] struct {
	V T
	// Odd tells that something else than T was there.
	Odd bool
}

// UnmarshalJSON never fails.
func (v *Value[T]) UnmarshalJSON(raw []byte) error {
	*v = Value[T]{}
	if err := json.Unmarshal(raw, &v.V); err != nil {
		*v = Value[T]{Odd: true}
	}
	return nil
}

// Text is a string, or what an upstream sends in its place: a bare number for an id, anything else raw. Ids have
// up to 20 digits and never pass through a float. Null is empty.
type Text string

// UnmarshalJSON never fails.
func (t *Text) UnmarshalJSON(raw []byte) error {
	var s string
	switch {
	case plain(raw):
		*t = Text(raw[1 : len(raw)-1])
	case bytes.Equal(raw, []byte("null")):
		*t = ""
	case json.Unmarshal(raw, &s) == nil:
		*t = Text(s)
	default:
		*t = Text(raw)
	}
	return nil
}

// plain says whether raw is a string that stands for itself, as nearly all do.
func plain(raw []byte) bool {
	return len(raw) >= 2 && raw[0] == '"' && bytes.IndexByte(raw, '\\') < 0 && utf8.Valid(raw)
}

// Presence is whether a value is there, without keeping it: for personal data of which only that matters. Null,
// an empty string and false are not there.
type Presence struct {
	Told bool // the key is in the answer
	Set  bool
}

// UnmarshalJSON never fails.
func (p *Presence) UnmarshalJSON(raw []byte) error {
	p.Told = true
	switch string(raw) {
	case "null", `""`, "false":
		p.Set = false
	default:
		p.Set = true
	}
	return nil
}
