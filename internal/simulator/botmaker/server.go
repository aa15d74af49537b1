// Package botmaker is an honest fake of the channel list of Botmaker's API, for the demo and the tests.
package botmaker

import (
	"encoding/base64"
	"encoding/json"
	"net/http"
	"slices"
	"strconv"
	"sync"
	"time"

	"whatsapp_sla_exporter/internal/simulator/fault"
)

// Channel is one channel of the account.
type Channel struct {
	ID, Platform string
	Name, Number string
	Active       bool
}

// Server is the fake. Its methods may be called while it answers.
type Server struct {
	*fault.Injector
	handler  http.Handler
	token    string
	pageSize int

	mu       sync.Mutex
	channels []Channel
}

// New returns an account without channels that wants token in the header access-token and gives pageSize channels at
// once.
func New(token string, pageSize int, now func() time.Time) *Server {
	s := &Server{
		Injector: fault.New(now, fault.Bodies{Unauthorized: []byte(`{"error":{"code":401,"message":"Invalid access token"}}`)}),
		token:    token, pageSize: pageSize,
	}
	mux := http.NewServeMux()
	mux.HandleFunc("GET /v2.0/channels", s.list)
	mux.HandleFunc("/", func(w http.ResponseWriter, _ *http.Request) { refuse(w, http.StatusNotFound, "Not found") })
	s.handler = s.Wrap(mux)
	return s
}

// ServeHTTP answers a request.
func (s *Server) ServeHTTP(w http.ResponseWriter, r *http.Request) { s.handler.ServeHTTP(w, r) }

// Set adds a channel, or replaces the one of its id.
func (s *Server) Set(c Channel) {
	s.mu.Lock()
	defer s.mu.Unlock()
	if n := slices.IndexFunc(s.channels, func(v Channel) bool { return v.ID == c.ID }); n >= 0 {
		s.channels[n] = c
		return
	}
	s.channels = append(s.channels, c)
}

func (s *Server) list(w http.ResponseWriter, r *http.Request) {
	s.mu.Lock()
	defer s.mu.Unlock()
	q := r.URL.Query()
	if r.Header.Get("access-token") != s.token {
		refuse(w, http.StatusUnauthorized, "Invalid access token")
		return
	}
	if a := q.Get("active"); a != "" && a != "true" && a != "false" {
		refuse(w, http.StatusBadRequest, "active must be a boolean")
		return
	}
	var picked []Channel
	for _, c := range s.channels {
		if (q.Get("platform") == "" || q.Get("platform") == c.Platform) && (q.Get("active") == "" || q.Get("active") == strconv.FormatBool(c.Active)) {
			picked = append(picked, c)
		}
	}
	from, ok := offset(q.Get("page-token"), len(picked))
	if !ok {
		refuse(w, http.StatusBadRequest, "Invalid page token")
		return
	}
	to := min(from+s.pageSize, len(picked))
	items := make([]any, 0, to-from)
	for _, c := range picked[from:to] {
		items = append(items, map[string]any{
			"id": c.ID, "platform": c.Platform, "active": c.Active, "name": c.Name, "number": c.Number, "webhookId": "wh-" + c.ID,
		})
	}
	out := map[string]any{"items": items}
	if to < len(picked) {
		q.Set("page-token", token(to)) // with what else was asked for
		out["nextPage"] = "https://api.botmaker.com/v2.0/channels?" + q.Encode()
	}
	write(w, http.StatusOK, out)
}

// A page token names the channel that the page begins with.
func token(n int) string {
	return base64.RawURLEncoding.EncodeToString([]byte("from:" + strconv.Itoa(n)))
}

func offset(pageToken string, channels int) (int, bool) {
	if pageToken == "" {
		return 0, true
	}
	for n := range channels {
		if token(n) == pageToken {
			return n, true
		}
	}
	return 0, false
}

func refuse(w http.ResponseWriter, status int, message string) {
	write(w, status, map[string]any{"error": map[string]any{"code": status, "message": message}})
}

func write(w http.ResponseWriter, status int, v any) {
	w.Header().Set("Content-Type", "application/json")
	w.WriteHeader(status)
	_ = json.NewEncoder(w).Encode(v) // a client that went away is its own affair
}
