package upstream

import (
	"errors"
	"net/http"
	"strings"
)

// Failure is the error of an answer that is not a success: what its status stands for, with the code and the words
// that the API has for it, each cut to one short line. It is for the Check of clients; nil for a success.
func Failure(r *Response, code, text string) *Error {
	if r.Status >= 200 && r.Status < 300 {
		return nil
	}
	code, text = clip(code), clip(text)
	if text == "" {
		text = http.StatusText(r.Status)
	}
	return &Error{Reason: statusReason(r.Status), Code: code, Err: errors.New(text)}
}

// Broken is the error of an answer that is JSON, but not the one that was promised.
func Broken(method, path, text string) *Error {
	return &Error{Reason: Decode, Call: method + " " + path, Err: errors.New(text)}
}

// longestText is how much of a foreign text is told, in bytes.
const longestText = 200

// clip keeps a foreign text on one line and short.
func clip(s string) string {
	s = strings.Join(strings.Fields(strings.ToValidUTF8(s, "?")), " ")
	if len(s) > longestText {
		s = strings.ToValidUTF8(s[:longestText], "") + "…"
	}
	return s
}
