package zendesk

import (
	"encoding/json"
	"errors"
	"net/http"
	"strings"

	"whatsapp_sla_exporter/internal/upstream"
)

// failure is the body of an error. Zendesk has three forms: error is a word with a description beside it, or an
// object with title and message, or there is a list of errors with code and title.
type failure struct {
	Error       json.RawMessage `json:"error"`
	Description string          `json:"description"`
	Errors      []struct {
		Code  string `json:"code"`
		Title string `json:"title"`
	} `json:"errors"`
}

// check makes an error of an answer that is not a success, with what Zendesk says of it: its words name endpoints,
// parameters and limits, no persons.
func check(r *upstream.Response) *upstream.Error {
	if r.Status >= 200 && r.Status < 300 {
		return nil
	}
	code, text := readFailure(r.Body)
	if text == "" {
		text = http.StatusText(r.Status)
	}
	return &upstream.Error{Reason: reason(r.Status), Code: code, Err: errors.New(text)}
}

func readFailure(body []byte) (code, text string) {
	var f failure
	if json.Unmarshal(body, &f) != nil {
		return "", ""
	}
	var object struct{ Title, Message string }
	switch {
	case json.Unmarshal(f.Error, &code) == nil:
		text = f.Description
	case json.Unmarshal(f.Error, &object) == nil:
		code, text = object.Title, object.Message
	case len(f.Errors) > 0:
		code, text = f.Errors[0].Code, f.Errors[0].Title
	}
	if text == "" {
		return "", clip(code)
	}
	return clip(code), clip(text)
}

// clip keeps a foreign text on one line and short.
func clip(s string) string {
	s = strings.Join(strings.Fields(strings.ToValidUTF8(s, "?")), " ")
	if len(s) > 200 {
		s = strings.ToValidUTF8(s[:200], "") + "…"
	}
	return s
}

func reason(status int) upstream.Reason {
	switch {
	case status == http.StatusUnauthorized:
		return upstream.Auth
	case status == http.StatusForbidden:
		return upstream.Permission
	case status == http.StatusNotFound || status == http.StatusGone:
		return upstream.NotFound
	case status == http.StatusTooManyRequests:
		return upstream.Throttled
	case status == http.StatusRequestTimeout:
		return upstream.Timeout
	case status >= 500:
		return upstream.Server
	}
	return upstream.BadRequest
}

// about says whether Zendesk refused a request because of the parameter that word names.
func about(err error, word string) bool {
	e, ok := errors.AsType[*upstream.Error](err)
	if !ok || e.Reason != upstream.BadRequest {
		return false
	}
	text := strings.ToLower(e.Code)
	if e.Err != nil {
		text += " " + strings.ToLower(e.Err.Error())
	}
	return strings.Contains(text, word)
}

// mayBeInclude says whether a refused request may be accepted with fewer side-loads.
func mayBeInclude(err error) bool {
	return upstream.ReasonOf(err) == upstream.BadRequest &&
		!about(err, "cursor") && !about(err, "start_time") && !about(err, "starttime") && !about(err, "page[")
}

// broken is the error of an answer that is JSON, but not the one that was promised.
func broken(path, text string) error {
	return &upstream.Error{Reason: upstream.Decode, Call: http.MethodGet + " /api/v2" + path, Err: errors.New(text)}
}
