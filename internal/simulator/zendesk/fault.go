package zendesk

import (
	"net/http"
	"strconv"
	"time"
)

// FaultKind is a way to fail.
type FaultKind string

// The kinds of faults.
const (
	HTML          FaultKind = "html"        // a page of a proxy in the place of JSON, with status 200
	Truncated     FaultKind = "truncated"   // JSON that ends in the middle
	Throttled     FaultKind = "throttled"   // 429, with Retry-After where RetryAfter is set
	ServerError   FaultKind = "500"         // with a body that is not JSON
	Unavailable   FaultKind = "503"         // with Retry-After where RetryAfter is set
	Hang          FaultKind = "hang"        // no answer until the client gives up
	RepeatPage    FaultKind = "repeat page" // the previous answer of the endpoint again
	SessionExpiry FaultKind = "401"         // credentials refused
)

// Fault makes requests fail.
type Fault struct {
	Kind FaultKind
	Path string // of the endpoint; empty for all
	// After is how many requests still succeed, Times how many then fail; 0 is for ever.
	After, Times int
	RetryAfter   time.Duration

	seen int
}

// Fail adds a fault.
func (s *Server) Fail(f Fault) {
	s.mu.Lock()
	defer s.mu.Unlock()
	s.faults = append(s.faults, &f)
}

// Heal removes all faults.
func (s *Server) Heal() {
	s.mu.Lock()
	defer s.mu.Unlock()
	s.faults = nil
}

// SetClockOff makes the Date header wrong by d.
func (s *Server) SetClockOff(d time.Duration) {
	s.mu.Lock()
	defer s.mu.Unlock()
	s.clockOff = d
}

// fault is the fault that this request meets, nil for none.
func (s *Server) fault(path string) *Fault {
	for _, f := range s.faults {
		if f.Path != "" && f.Path != path {
			continue
		}
		f.seen++
		if f.seen > f.After && (f.Times == 0 || f.seen <= f.After+f.Times) {
			return f
		}
	}
	return nil
}

// before answers where the fault does not let the request through.
func (f *Fault) before(w http.ResponseWriter, r *http.Request) bool {
	switch f.Kind {
	case HTML:
		reply{http.StatusOK, "text/html; charset=utf-8", []byte("<!doctype html><title>Please sign in</title>")}.write(w)
	case Throttled:
		f.retryAfter(w)
		refusal{http.StatusTooManyRequests, "APIRateLimitExceeded", "Number of allowed API requests per minute exceeded"}.write(w)
	case ServerError:
		reply{http.StatusInternalServerError, "text/html", []byte("<h1>Something went wrong</h1>")}.write(w)
	case Unavailable:
		f.retryAfter(w)
		reply{http.StatusServiceUnavailable, "text/plain", []byte("database collecting")}.write(w)
	case SessionExpiry:
		refusal{http.StatusUnauthorized, "Couldn't authenticate you", ""}.write(w)
	case Hang:
		<-r.Context().Done()
	default:
		return false
	}
	return true
}

func (f *Fault) retryAfter(w http.ResponseWriter) {
	if f.RetryAfter > 0 {
		w.Header().Set("Retry-After", strconv.Itoa(seconds(f.RetryAfter)))
	}
}

// change spoils a good answer.
func (f *Fault) change(out, previous reply) reply {
	switch {
	case f.Kind == Truncated:
		out.body = out.body[:len(out.body)/2]
	case f.Kind == RepeatPage && previous.body != nil:
		return previous
	}
	return out
}

func (s *Server) last(path string) reply {
	s.mu.Lock()
	defer s.mu.Unlock()
	return s.replies[path]
}

func (s *Server) keep(path string, r reply) {
	s.mu.Lock()
	defer s.mu.Unlock()
	s.replies[path] = r
}
