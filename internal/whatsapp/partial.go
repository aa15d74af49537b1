package whatsapp

import (
	"fmt"
	"strings"
)

// PartialError is a poll that read something, but not everything. The account that comes with it holds the new
// facts, and for the parts named here the last known ones with the Reading of that time.
type PartialError struct{ Parts []PartError }

// PartError is one part of an account that could not be read.
type PartError struct {
	Part   string // for example phone_numbers
	WABAID string // empty: the account as a whole
	Err    error
}

func (e PartError) Error() string {
	if e.WABAID == "" {
		return fmt.Sprintf("%s: %v", e.Part, e.Err)
	}
	return fmt.Sprintf("%s of WABA %s: %v", e.Part, e.WABAID, e.Err)
}

func (e PartError) Unwrap() error { return e.Err }

// partsNamed is how many parts an error text spells out: an account may have hundreds.
const partsNamed = 3

func (e *PartialError) Error() string {
	var b strings.Builder
	fmt.Fprintf(&b, "%d part(s) could not be read", len(e.Parts))
	for i, p := range e.Parts {
		if i == partsNamed {
			fmt.Fprintf(&b, "; and %d more", len(e.Parts)-partsNamed)
			break
		}
		b.WriteString("; " + p.Error())
	}
	return b.String()
}

// Unwrap gives every part's error.
func (e *PartialError) Unwrap() []error {
	out := make([]error, len(e.Parts))
	for i, p := range e.Parts {
		out[i] = p
	}
	return out
}
