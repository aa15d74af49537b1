package jira

import (
	"encoding/json"
	"errors"
	"net/http"
	"strconv"
	"strings"

	"whatsapp_sla_exporter/internal/upstream"
)

// check makes an error of an answer that is not a success, and of one that Jira gave to nobody in particular: some
// endpoints take refused credentials for no credentials, and show what the whole world may see, which is nothing.
func check(r *upstream.Response) *upstream.Error {
	if reason := r.Header.Get("X-Seraph-Loginreason"); strings.Contains(reason, "FAILED") || strings.Contains(reason, "DENIED") {
		return &upstream.Error{Reason: upstream.Auth, Code: reason, Err: errors.New("the credentials were not accepted, and the answer is the one for anybody")}
	}
	code := ""
	if r.Status == http.StatusTooManyRequests {
		code = r.Header.Get("RateLimit-Reason") // jira-burst-based, jira-quota-…
	}
	return upstream.Failure(r, code, said(r.Body))
}

// said is what Jira says of a failure.
func said(body []byte) string {
	var f struct {
		Messages []string          `json:"errorMessages"`
		Errors   map[string]string `json:"errors"`
		Message  string            `json:"message"`
	}
	if json.Unmarshal(body, &f) != nil {
		return ""
	}
	all := f.Messages
	for field, text := range f.Errors {
		all = append(all, field+": "+text)
	}
	if len(all) == 0 {
		return f.Message
	}
	return strings.Join(all, "; ")
}

func (c *Client) tellQuota(h http.Header) {
	limit, err := strconv.ParseFloat(h.Get("X-Ratelimit-Limit"), 64)
	left, err2 := strconv.ParseFloat(h.Get("X-Ratelimit-Remaining"), 64)
	if err == nil && err2 == nil && limit > 0 && left >= 0 {
		c.api.Observer().Quota("burst", (limit-left)/limit)
	}
}
