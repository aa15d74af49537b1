package platform

import (
	"strings"
	"unicode"
	"unicode/utf8"
)

// Phrase is the beginning of what a page says, in lower case, and what it means.
type Phrase struct {
	Prefix string
	State  State
}

// Match finds the phrase that text begins with, as whole words and whatever their case. The first one in the list
// wins. Text that no phrase has is Unknown, and ok is false so that it can be counted.
func Match(phrases []Phrase, text string) (s State, ok bool) {
	text = strings.ToLower(strings.TrimSpace(text))
	for _, p := range phrases {
		if rest, found := strings.CutPrefix(text, p.Prefix); found && !startsInWord(rest) {
			return p.State, true
		}
	}
	return Unknown, false
}

// startsInWord says whether the word before rest goes on in it.
func startsInWord(rest string) bool {
	r, _ := utf8.DecodeRuneInString(rest)
	return rest != "" && (r == '_' || unicode.IsLetter(r) || unicode.IsDigit(r))
}
