package chatwoot

import (
	"encoding/json"
	"net/http"
	"strings"

	"whatsapp_sla_exporter/internal/upstream"
)

// apiError is the code of an error that Chatwoot itself told, and not something in front of it.
const apiError = "chatwoot"

// check makes an error of an answer that is not a success. Chatwoot says 401 both to a token that is wrong and to one
// whose user may not see a conversation: its words tell them apart.
func check(r *upstream.Response) *upstream.Error {
	text := readFailure(r.Body)
	if text == "" {
		return upstream.Failure(r, "", "")
	}
	e := upstream.Failure(r, apiError, text)
	if e != nil && r.Status == http.StatusUnauthorized && strings.Contains(strings.ToLower(text), "not authorized to do this") {
		e.Reason = upstream.Permission
	}
	return e
}

// readFailure is what an error of the API says; empty where the body is none.
func readFailure(body []byte) string {
	var f struct {
		Error   string `json:"error"`
		Message string `json:"message"`
	}
	if json.Unmarshal(body, &f) != nil {
		return ""
	}
	if f.Error != "" {
		return f.Error
	}
	return f.Message
}
