package freshdesk

import (
	"encoding/json"

	"whatsapp_sla_exporter/internal/upstream"
)

// failure is the body of an error. Freshdesk has two forms: a code with a message, or a description with the fields
// that are wrong.
type failure struct {
	Code        string `json:"code"`
	Message     string `json:"message"`
	Description string `json:"description"`
	Errors      []struct {
		Field   string `json:"field"`
		Message string `json:"message"`
		Code    string `json:"code"`
	} `json:"errors"`
}

// check makes an error of an answer that is not a success, with what Freshdesk says of it: its words name fields and
// permissions, no persons.
func check(r *upstream.Response) *upstream.Error {
	code, text := readFailure(r.Body)
	return upstream.Failure(r, code, text)
}

func readFailure(body []byte) (code, text string) {
	var f failure
	switch {
	case json.Unmarshal(body, &f) != nil:
		return "", ""
	case len(f.Errors) > 0:
		return f.Errors[0].Code, f.Errors[0].Field + ": " + f.Errors[0].Message
	case f.Message != "":
		return f.Code, f.Message
	}
	return f.Code, f.Description
}
