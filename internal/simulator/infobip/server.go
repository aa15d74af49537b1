// Package infobip is an honest fake of the sender quality of Infobip's WhatsApp API, for the demo and the tests.
package infobip

import (
	"encoding/json"
	"net/http"
	"slices"
	"strings"
	"sync"
	"time"

	"whatsapp_sla_exporter/internal/simulator/fault"
)

// Sender is a number of the account.
type Sender struct {
	Number  string // digits
	Quality string // HIGH, MEDIUM, LOW, UNKNOWN
	Status  string // CONNECTED, BANNED, ...
	Limit   string // LIMIT_10K, UNLIMITED, LIMIT_NA
}

// maxSenders is the most that one request may name.
const maxSenders = 100

// Server is the fake. Its methods may be called while it answers.
type Server struct {
	*fault.Injector
	handler http.Handler
	key     string
	now     func() time.Time
	// limit is how many requests a second are allowed. Infobip: 10. 0: no limit.
	limit int

	mu      sync.Mutex
	senders []Sender
	recent  []time.Time
}

// New returns an account without senders that wants key in "Authorization: App", and allows limit requests a second
// where limit is not 0.
func New(key string, limit int, now func() time.Time) *Server {
	s := &Server{Injector: fault.New(now, fault.Bodies{
		Throttled:    body("TOO_MANY_REQUESTS", "Too many requests"),
		Unauthorized: body("UNAUTHORIZED", "Invalid login details"),
	}), key: key, now: now, limit: limit}
	mux := http.NewServeMux()
	mux.HandleFunc("GET /whatsapp/1/senders/quality", s.quality)
	mux.HandleFunc("/", func(w http.ResponseWriter, _ *http.Request) {
		refuse(w, http.StatusNotFound, "NOT_FOUND", "Requested URL not found")
	})
	s.handler = s.Wrap(mux)
	return s
}

// ServeHTTP answers a request.
func (s *Server) ServeHTTP(w http.ResponseWriter, r *http.Request) { s.handler.ServeHTTP(w, r) }

// Set adds a sender, or replaces the one of its number.
func (s *Server) Set(v Sender) {
	s.mu.Lock()
	defer s.mu.Unlock()
	if n := slices.IndexFunc(s.senders, func(x Sender) bool { return x.Number == v.Number }); n >= 0 {
		s.senders[n] = v
		return
	}
	s.senders = append(s.senders, v)
}

// Delete removes a sender.
func (s *Server) Delete(number string) {
	s.mu.Lock()
	defer s.mu.Unlock()
	s.senders = slices.DeleteFunc(s.senders, func(v Sender) bool { return v.Number == number })
}

// quality answers for the senders of the account among those that are named.
func (s *Server) quality(w http.ResponseWriter, r *http.Request) {
	s.mu.Lock()
	defer s.mu.Unlock()
	named := strings.Split(strings.Join(r.URL.Query()["senders"], ","), ",")
	switch {
	case r.Header.Get("Authorization") != "App "+s.key:
		refuse(w, http.StatusUnauthorized, "UNAUTHORIZED", "Invalid login details")
		return
	case !s.allowed():
		refuse(w, http.StatusTooManyRequests, "TOO_MANY_REQUESTS", "Too many requests")
		return
	case named[0] == "" || len(named) > maxSenders:
		refuse(w, http.StatusBadRequest, "BAD_REQUEST", "senders: size must be between 1 and 100")
		return
	}
	out := []any{}
	for _, v := range s.senders {
		if slices.Contains(named, v.Number) {
			out = append(out, map[string]string{
				"sender": v.Number, "qualityRating": v.Quality, "status": v.Status, "currentLimit": v.Limit,
				"lastUpdated": s.now().Add(-time.Minute).UTC().Format("2006-01-02T15:04:05.000Z"),
			})
		}
	}
	write(w, http.StatusOK, map[string]any{"results": out})
}

// allowed counts a request against the limit.
func (s *Server) allowed() bool {
	now := s.now()
	s.recent = slices.DeleteFunc(s.recent, func(at time.Time) bool { return now.Sub(at) >= time.Second })
	if s.limit > 0 && len(s.recent) >= s.limit {
		return false
	}
	s.recent = append(s.recent, now)
	return true
}

type refusal struct {
	Error struct {
		Service struct {
			ID   string `json:"messageId"`
			Text string `json:"text"`
		} `json:"serviceException"`
	} `json:"requestError"`
}

func newRefusal(id, text string) (r refusal) {
	r.Error.Service.ID, r.Error.Service.Text = id, text
	return r
}

func body(id, text string) []byte {
	b, _ := json.Marshal(newRefusal(id, text)) // of strings: it cannot fail
	return b
}

func refuse(w http.ResponseWriter, status int, id, text string) {
	write(w, status, newRefusal(id, text))
}

func write(w http.ResponseWriter, status int, v any) {
	w.Header().Set("Content-Type", "application/json;charset=UTF-8")
	w.WriteHeader(status)
	_ = json.NewEncoder(w).Encode(v) // a client that went away is its own affair
}
