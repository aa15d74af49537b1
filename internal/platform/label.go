package platform

import (
	"strings"
	"unicode"
)

// maxLabel bounds a service name, in runes.
const maxLabel = 80

// Label makes a name from a page fit to be a label value: valid UTF-8, one line, single spaces, bounded.
func Label(name string) string {
	name = strings.Map(func(r rune) rune {
		switch {
		case unicode.IsSpace(r):
			return ' '
		case r == unicode.ReplacementChar || !unicode.IsPrint(r):
			return -1
		}
		return r
	}, name)
	name = strings.Join(strings.Fields(name), " ")
	if runes := []rune(name); len(runes) > maxLabel {
		name = strings.TrimSpace(string(runes[:maxLabel]))
	}
	return name
}
