package zendesk

import (
	"fmt"
	"net/http"
	"strconv"
	"time"
)

// window counts requests in one minute.
type window struct {
	start time.Time
	used  int
}

// take spends one request. It says how many are left and, where none was, when the window ends.
func (w *window) take(now time.Time, limit int) (left int, resets time.Duration, ok bool) {
	if now.Sub(w.start) >= time.Minute {
		w.start, w.used = now, 0
	}
	resets = w.start.Add(time.Minute).Sub(now)
	if w.used >= limit {
		return 0, resets, false
	}
	w.used++
	return limit - w.used, resets, true
}

// spend takes a request out of the account's allowance and out of the endpoint's own.
func (s *Server) spend(path string, h http.Header) *refusal {
	left, resets, ok := s.window("account").take(s.o.Now(), s.o.AccountLimit)
	h.Set("X-Rate-Limit", strconv.Itoa(s.o.AccountLimit))
	h.Set("X-Rate-Limit-Remaining", strconv.Itoa(left))
	h.Set("Ratelimit-Limit", strconv.Itoa(s.o.AccountLimit))
	h.Set("Ratelimit-Remaining", strconv.Itoa(left))
	h.Set("Ratelimit-Reset", strconv.Itoa(seconds(resets)))
	if !ok {
		return throttle(h, resets, "Number of allowed API requests per minute exceeded")
	}
	name, limit := s.ownLimit(path)
	if name == "" {
		return nil
	}
	left, resets, ok = s.window(name).take(s.o.Now(), limit)
	h.Set("Zendesk-Ratelimit-"+name, fmt.Sprintf("total=%d; remaining=%d; resets=%d", limit, left, seconds(resets)))
	if !ok {
		return throttle(h, resets, "Number of allowed "+name+" API requests per minute exceeded")
	}
	return nil
}

// ownLimit is the limit of an endpoint and its name. The list's name is documented, the others are made up.
func (s *Server) ownLimit(path string) (string, int) {
	switch path {
	case "/api/v2/incremental/tickets/cursor", "/api/v2/incremental/ticket_metric_events":
		return "incremental-exports", s.o.IncrementalLimit
	case "/api/v2/search/export":
		return "search-export", s.o.SearchExportLimit
	case "/api/v2/tickets":
		return "tickets-index", s.o.ListLimit
	}
	return "", 0
}

func (s *Server) window(name string) *window {
	w := s.windows[name]
	if w == nil {
		w = &window{}
		s.windows[name] = w
	}
	return w
}

func throttle(h http.Header, resets time.Duration, description string) *refusal {
	h.Set("Retry-After", strconv.Itoa(seconds(resets)))
	return throttled(description)
}

func throttled(description string) *refusal {
	return &refusal{http.StatusTooManyRequests, "APIRateLimitExceeded", description}
}

// seconds rounds up.
func seconds(d time.Duration) int { return int((d + time.Second - 1) / time.Second) }
