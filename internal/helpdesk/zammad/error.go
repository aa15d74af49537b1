package zammad

import (
	"encoding/json"
	"net/http"

	"whatsapp_sla_exporter/internal/upstream"
)

// apiError is the code of an error that Zammad itself told, and not something in front of it.
const apiError = "zammad"

// check makes an error of an answer that is not a success. Zammad says what is wrong in error; its words name
// attributes and permissions, no persons.
func check(r *upstream.Response) *upstream.Error {
	text := readFailure(r.Body)
	if text == "" {
		return upstream.Failure(r, "", "")
	}
	return upstream.Failure(r, apiError, text)
}

// readFailure is what an error of the API says; empty where the body is none.
func readFailure(body []byte) string {
	var f struct {
		Error string `json:"error"`
	}
	if json.Unmarshal(body, &f) != nil {
		return ""
	}
	return f.Error
}

// broken is the error of an answer that is JSON, but not the one that was promised.
func broken(text string) error { return upstream.Broken(http.MethodPost, searchPath, text) }
