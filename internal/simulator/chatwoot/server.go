// Package chatwoot is an honest fake of Chatwoot's application API, for the demo and the tests: the conversation list
// and its counts, single conversations and their messages. It knows nothing of the client it is read by. It refuses
// what Chatwoot refuses, pages and throttles as Chatwoot does, comes in several ages and editions, applies SLAs in the
// paid one, and fails in the ways a scenario asks for. Its SLAs run without business hours.
package chatwoot

import (
	"encoding/json"
	"net/http"
	"slices"
	"strconv"
	"sync"
	"time"

	"whatsapp_sla_exporter/internal/simulator/fault"
)

// SLA is a policy of the paid edition. Zero is no promise.
type SLA struct {
	ID                                      int64
	FirstResponse, NextResponse, Resolution time.Duration
	BusinessHours                           bool
}

// Options configure a Server. Only Tokens and Now must be set.
type Options struct {
	Account int64    // default 1
	Tokens  []string // of users
	Now     func() time.Time
	// PageSize is CONVERSATION_RESULTS_PER_PAGE, 25 by default.
	PageSize int
	// Old is a server that knows neither updated_within nor sort_by.
	Old bool
	// WithoutDueAt is a server that applies SLAs and does not tell their deadlines (before 2026).
	WithoutDueAt bool
	// Limit is how many requests a minute an address may do. Chatwoot: 3,000.
	Limit int
}

// Server is the fake. Its methods change what it holds at the instant that Options.Now tells.
type Server struct {
	*fault.Injector
	o       Options
	handler http.Handler

	mu            sync.Mutex
	conversations map[int64]*conversation
	nextID        int64
	nextMessage   int64
	minute        time.Time
	used          int
}

// New returns a server without conversations.
func New(o Options) *Server {
	if o.Account == 0 {
		o.Account = 1
	}
	if o.PageSize == 0 {
		o.PageSize = 25
	}
	if o.Limit == 0 {
		o.Limit = 3000
	}
	s := &Server{
		Injector: fault.New(o.Now, fault.Bodies{
			Throttled: []byte("Retry later\n"), Unauthorized: []byte(`{"error":"Invalid Access Token"}`),
		}),
		o: o, conversations: make(map[int64]*conversation),
	}
	account := "/api/v1/accounts/" + strconv.FormatInt(o.Account, 10)
	mux := http.NewServeMux()
	for path, h := range map[string]handler{
		"/conversations":               s.list,
		"/conversations/meta":          s.meta,
		"/conversations/{id}":          s.show,
		"/conversations/{id}/messages": s.messages,
	} {
		mux.Handle("GET "+account+path, s.endpoint(h))
	}
	mux.Handle("/api/", s.endpoint(func(*http.Request) (any, *refusal) { return nil, notFound }))
	mux.HandleFunc("/", func(w http.ResponseWriter, _ *http.Request) { // the dashboard answers everything else
		w.Header().Set("Content-Type", "text/html; charset=utf-8")
		_, _ = w.Write([]byte("<!doctype html><title>Chatwoot</title>"))
	})
	s.handler = s.Wrap(mux)
	return s
}

// ServeHTTP answers a request.
func (s *Server) ServeHTTP(w http.ResponseWriter, r *http.Request) { s.handler.ServeHTTP(w, r) }

// handler answers an authenticated request. It is called with the lock held.
type handler func(r *http.Request) (any, *refusal)

func (s *Server) endpoint(h handler) http.Handler {
	return http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		s.mu.Lock()
		v, no := s.answer(h, r)
		s.mu.Unlock()
		if no != nil {
			no.write(w)
			return
		}
		reply(w, http.StatusOK, v)
	})
}

func (s *Server) answer(h handler, r *http.Request) (any, *refusal) {
	if now := s.o.Now(); now.Sub(s.minute) >= time.Minute {
		s.minute, s.used = now, 0
	}
	if s.used++; s.used > s.o.Limit {
		return nil, &refusal{http.StatusTooManyRequests, "Retry later\n"}
	}
	if !slices.Contains(s.o.Tokens, r.Header.Get("api_access_token")) {
		return nil, &refusal{http.StatusUnauthorized, "Invalid Access Token"}
	}
	return h(r)
}

// refusal is an error of the API.
type refusal struct {
	status int
	text   string
}

var (
	notFound = &refusal{http.StatusNotFound, "Resource could not be found"}
	hidden   = &refusal{http.StatusUnauthorized, "You are not authorized to do this action"}
)

func (f *refusal) write(w http.ResponseWriter) {
	if f.status == http.StatusTooManyRequests {
		w.Header().Set("Content-Type", "text/plain")
		w.WriteHeader(f.status)
		_, _ = w.Write([]byte(f.text))
		return
	}
	reply(w, f.status, map[string]string{"error": f.text})
}

func reply(w http.ResponseWriter, status int, v any) {
	w.Header().Set("Content-Type", "application/json; charset=utf-8")
	w.WriteHeader(status)
	_ = json.NewEncoder(w).Encode(v) // a client that went away is its own affair
}
