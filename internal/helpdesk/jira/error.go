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
	if r.Status >= 200 && r.Status < 300 {
		return nil
	}
	e := &upstream.Error{Reason: reason(r.Status), Err: errors.New(http.StatusText(r.Status))}
	if text := said(r.Body); text != "" {
		e.Err = errors.New(text)
	}
	if e.Reason == upstream.Throttled {
		e.Code = clip(r.Header.Get("RateLimit-Reason")) // jira-burst-based, jira-quota-…
	}
	return e
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
		return clip(f.Message)
	}
	return clip(strings.Join(all, "; "))
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

// broken is the error of an answer that is JSON, but not the one that was promised.
func broken(method, path, text string) error {
	return &upstream.Error{Reason: upstream.Decode, Call: method + " " + path, Err: errors.New(text)}
}

func (c *Client) tellQuota(h http.Header) {
	limit, err := strconv.ParseFloat(h.Get("X-Ratelimit-Limit"), 64)
	left, err2 := strconv.ParseFloat(h.Get("X-Ratelimit-Remaining"), 64)
	if err == nil && err2 == nil && limit > 0 && left >= 0 {
		c.api.Observer().Quota("burst", (limit-left)/limit)
	}
}
