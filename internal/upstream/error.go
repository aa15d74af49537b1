package upstream

import (
	"context"
	"errors"
	"fmt"
	"io/fs"
	"net"
	"net/http"
	"net/url"
	"regexp"
	"strconv"
	"strings"
	"time"
)

// Reason is the kind of a failure: the reason label of source_errors_total and what decides about trying again.
type Reason string

// The reasons a call or a whole pass fails for.
const (
	Auth       Reason = "auth"        // the credentials are refused: somebody must act
	Permission Reason = "permission"  // accepted, but not for this: a partial view
	NotFound   Reason = "not_found"   // no such object, or not for these credentials
	BadRequest Reason = "bad_request" // the upstream does not understand us
	Throttled  Reason = "throttled"   // over a limit
	Server     Reason = "server"      // the upstream failed: 5xx
	Timeout    Reason = "timeout"     // no answer in time
	Network    Reason = "network"     // no connection
	Decode     Reason = "decode"      // an answer that cannot be read: HTML, truncated JSON
	TooLarge   Reason = "too_large"   // an answer over the body limit
	Internal   Reason = "internal"    // our own failure, for example the state file
)

// Reasons lists all reasons, so that their counters start at 0.
var Reasons = []Reason{Auth, Permission, NotFound, BadRequest, Throttled, Server, Timeout, Network, Decode, TooLarge, Internal}

// Error is a failed call. Its text names method and path, never the query, a header or the body.
type Error struct {
	Reason Reason
	Call   string // method and path
	Status int    // HTTP status, 0 without an answer
	Code   string // the upstream's own error code, where it has one
	// RetryAfter is how long the upstream asks to be left alone; 0 when it does not say.
	RetryAfter time.Duration
	Err        error // what went wrong, in words
}

func (e *Error) Error() string {
	var b strings.Builder
	b.WriteString(e.Call)
	b.WriteString(": ")
	b.WriteString(string(e.Reason))
	if e.Status != 0 {
		fmt.Fprintf(&b, " (HTTP %d", e.Status)
		if e.Code != "" {
			fmt.Fprintf(&b, ", code %s", e.Code)
		}
		b.WriteString(")")
	}
	if e.Err != nil {
		fmt.Fprintf(&b, ": %v", e.Err)
	}
	return b.String()
}

func (e *Error) Unwrap() error { return e.Err }

// ReasonOf is the reason of a failure that may have passed through other packages.
func ReasonOf(err error) Reason {
	if e, ok := errors.AsType[*Error](err); ok {
		return e.Reason
	}
	if errors.Is(err, context.DeadlineExceeded) {
		return Timeout
	}
	return Internal
}

// RetryAfterOf is how long the upstream asked to be left alone, 0 when it did not say.
func RetryAfterOf(err error) time.Duration {
	if e, ok := errors.AsType[*Error](err); ok {
		return e.RetryAfter
	}
	return 0
}

// transient says whether the same call may succeed in a moment.
func (e *Error) transient() bool {
	return e.Reason == Server || e.Reason == Network || e.Reason == Timeout
}

// statusReason classifies an HTTP status that is not a success.
func statusReason(status int) Reason {
	switch {
	case status == http.StatusUnauthorized:
		return Auth
	case status == http.StatusForbidden:
		return Permission
	case status == http.StatusNotFound || status == http.StatusGone:
		return NotFound
	case status == http.StatusTooManyRequests:
		return Throttled
	case status == http.StatusRequestTimeout:
		return Timeout
	case status >= 500:
		return Server
	}
	return BadRequest
}

// redirectError is a redirect that was not followed. Trying again leads to the same place.
type redirectError struct{ text string }

func (e *redirectError) Error() string { return e.text }

// transportReason classifies a failure to get any answer.
func transportReason(err error) Reason {
	if _, ok := errors.AsType[*redirectError](err); ok {
		return BadRequest
	}
	if _, ok := errors.AsType[*fs.PathError](err); ok {
		return Auth // a file with the credentials cannot be read
	}
	var n net.Error
	if errors.Is(err, context.DeadlineExceeded) || errors.As(err, &n) && n.Timeout() {
		return Timeout
	}
	return Network
}

// cut takes out of an error of net/http and net/url what may be a secret: the URL that was asked for, and the query
// of any other that it quotes.
func cut(err error) error {
	if u, ok := errors.AsType[*url.Error](err); ok {
		err = u.Err
	}
	if text := err.Error(); query.MatchString(text) {
		return &cutError{query.ReplaceAllString(text, "?<cut>"), err}
	}
	return err
}

var query = regexp.MustCompile(`\?[^\s"]+`)

// cutError is an error with a text of its own.
type cutError struct {
	text string
	err  error
}

func (e *cutError) Error() string { return e.text }
func (e *cutError) Unwrap() error { return e.err }

// maxRetryAfter is the longest time that an upstream is left alone on its own word.
const maxRetryAfter = 24 * time.Hour

// RetryAfter reads the Retry-After header, which is seconds or a date; 0 when it is absent or unreadable, and a day
// at the most. A date is one of the upstream's clock, which its Date header tells.
func RetryAfter(h http.Header, now time.Time) time.Duration {
	v := strings.TrimSpace(h.Get("Retry-After"))
	if s, err := strconv.ParseFloat(v, 64); err == nil {
		if !(s > 0) {
			return 0
		}
		return time.Duration(min(s, maxRetryAfter.Seconds()) * float64(time.Second))
	}
	at, err := http.ParseTime(v)
	if err != nil {
		return 0
	}
	if date, err := http.ParseTime(h.Get("Date")); err == nil {
		now = date
	}
	return min(max(at.Sub(now), 0), maxRetryAfter)
}
