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
	code, text := readFailure(r.Body)
	return upstream.Failure(r, code, text)
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
		return "", code
	}
	return code, text
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
	return upstream.Broken(http.MethodGet, "/api/v2"+path, text)
}
