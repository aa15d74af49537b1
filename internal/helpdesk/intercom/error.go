package intercom

import (
	"encoding/json"
	"errors"
	"net/http"
	"strconv"
	"strings"
	"time"

	"whatsapp_sla_exporter/internal/upstream"
)

// notFoundCode is how Intercom itself says that there is no such conversation; a proxy's 404 has no code.
const notFoundCode = "not_found"

// check makes an error of an answer that is not a success, with what Intercom says of it.
func (c *Client) check(r *upstream.Response) *upstream.Error {
	if r.Status >= 200 && r.Status < 300 {
		return nil
	}
	e := &upstream.Error{Reason: reason(r.Status), Err: errors.New(http.StatusText(r.Status))}
	var f struct {
		Errors []struct {
			Code    string `json:"code"`
			Message string `json:"message"`
		} `json:"errors"`
	}
	if json.Unmarshal(r.Body, &f) == nil && len(f.Errors) > 0 {
		e.Code = clip(f.Errors[0].Code)
		if text := clip(f.Errors[0].Message); text != "" {
			e.Err = errors.New(text)
		}
	}
	if e.Reason == upstream.Throttled && r.Header.Get("Retry-After") == "" {
		e.RetryAfter = c.untilReset(r.Header)
	}
	return e
}

// untilReset is how long the present allowance lasts: Intercom promises no Retry-After, and tells when it is full
// again.
func (c *Client) untilReset(h http.Header) time.Duration {
	n, err := strconv.ParseInt(h.Get("X-Ratelimit-Reset"), 10, 64)
	if err != nil || n <= 0 {
		return 0
	}
	return min(max(time.Unix(n, 0).Sub(c.clock.Now()), time.Second), time.Hour)
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
func broken(text string) error {
	return &upstream.Error{Reason: upstream.Decode, Call: http.MethodPost + " " + searchPath, Err: errors.New(text)}
}
