package intercom

import (
	"encoding/json"
	"net/http"
	"strconv"
	"time"

	"whatsapp_sla_exporter/internal/upstream"
)

// notFoundCode is how Intercom itself says that there is no such conversation; a proxy's 404 has no code.
const notFoundCode = "not_found"

// check makes an error of an answer that is not a success, with what Intercom says of it.
func (c *Client) check(r *upstream.Response) *upstream.Error {
	var f struct {
		Errors []struct {
			Code    string `json:"code"`
			Message string `json:"message"`
		} `json:"errors"`
	}
	code, text := "", ""
	if json.Unmarshal(r.Body, &f) == nil && len(f.Errors) > 0 {
		code, text = f.Errors[0].Code, f.Errors[0].Message
	}
	e := upstream.Failure(r, code, text)
	if e == nil {
		return nil
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

// broken is the error of an answer that is JSON, but not the one that was promised.
func broken(text string) error {
	return upstream.Broken(http.MethodPost, searchPath, text)
}
