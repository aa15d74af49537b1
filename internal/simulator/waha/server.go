// Package waha is an honest fake of the sessions API of WAHA, the WhatsApp HTTP API, for the demo and the tests.
package waha

import (
	"cmp"
	"encoding/json"
	"maps"
	"net/http"
	"slices"
	"sync"
	"time"

	"whatsapp_sla_exporter/internal/simulator/fault"
)

// The states of a session.
const (
	Stopped  = "STOPPED"
	Starting = "STARTING"
	ScanQR   = "SCAN_QR_CODE"
	Working  = "WORKING"
	Failed   = "FAILED"
)

// Session is one session of the gateway.
type Session struct {
	Name   string
	Status string
	// Number and PushName are of the account that is linked; the gateway tells them while the session works.
	Number, PushName string
}

// Server is the fake. Its methods may be called while it answers.
type Server struct {
	*fault.Injector
	handler http.Handler
	key     string

	mu       sync.Mutex
	sessions map[string]Session
}

// New returns a gateway without sessions that wants key in the header X-Api-Key.
func New(key string, now func() time.Time) *Server {
	s := &Server{
		Injector: fault.New(now, fault.Bodies{Unauthorized: []byte(`{"message":"Unauthorized","statusCode":401}`)}),
		key:      key, sessions: map[string]Session{},
	}
	mux := http.NewServeMux()
	mux.HandleFunc("GET /api/sessions", s.list)
	mux.HandleFunc("GET /api/sessions/{name}", s.get)
	mux.HandleFunc("GET /ping", func(w http.ResponseWriter, _ *http.Request) {
		write(w, http.StatusOK, map[string]string{"message": "pong"})
	})
	mux.HandleFunc("/", func(w http.ResponseWriter, r *http.Request) {
		refuse(w, http.StatusNotFound, "Not Found", "Cannot "+r.Method+" "+r.URL.RequestURI())
	})
	s.handler = s.Wrap(s.authenticated(mux))
	return s
}

// ServeHTTP answers a request.
func (s *Server) ServeHTTP(w http.ResponseWriter, r *http.Request) { s.handler.ServeHTTP(w, r) }

// Set adds a session, or replaces the one of its name.
func (s *Server) Set(v Session) {
	s.mu.Lock()
	defer s.mu.Unlock()
	s.sessions[v.Name] = v
}

// SetStatus changes the state of a session that is there.
func (s *Server) SetStatus(name, status string) {
	s.mu.Lock()
	defer s.mu.Unlock()
	if v, ok := s.sessions[name]; ok {
		v.Status = status
		s.sessions[name] = v
	}
}

// Delete removes a session.
func (s *Server) Delete(name string) {
	s.mu.Lock()
	defer s.mu.Unlock()
	delete(s.sessions, name)
}

func (s *Server) authenticated(next http.Handler) http.Handler {
	return http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		if r.URL.Path != "/ping" && r.Header.Get("X-Api-Key") != s.key {
			write(w, http.StatusUnauthorized, map[string]any{"message": "Unauthorized", "statusCode": http.StatusUnauthorized})
			return
		}
		next.ServeHTTP(w, r)
	})
}

// list answers with the sessions that run, or with all.
func (s *Server) list(w http.ResponseWriter, r *http.Request) {
	all := r.URL.Query().Get("all")
	if all != "" && all != "true" && all != "false" {
		refuse(w, http.StatusBadRequest, "Bad Request", []string{"all must be a boolean value"})
		return
	}
	s.mu.Lock()
	defer s.mu.Unlock()
	out := []any{}
	for _, v := range slices.SortedFunc(maps.Values(s.sessions), func(a, b Session) int { return cmp.Compare(a.Name, b.Name) }) {
		if all == "true" || v.Status != Stopped {
			out = append(out, v.info())
		}
	}
	write(w, http.StatusOK, out)
}

func (s *Server) get(w http.ResponseWriter, r *http.Request) {
	s.mu.Lock()
	v, ok := s.sessions[r.PathValue("name")]
	s.mu.Unlock()
	if !ok {
		refuse(w, http.StatusNotFound, "Not Found", "Session not found")
		return
	}
	info := v.info()
	info["engine"] = map[string]any{"engine": "NOWEB"}
	write(w, http.StatusOK, info)
}

func (v Session) info() map[string]any {
	info := map[string]any{"name": v.Name, "status": v.Status, "config": map[string]any{}, "assignedWorker": "worker-1", "me": nil}
	if v.Status == Working {
		info["me"] = map[string]string{"id": v.Number + "@c.us", "pushName": v.PushName}
	}
	return info
}

// refuse says no. The message is a text, or, where parameters are not what they should be, a list of them.
func refuse(w http.ResponseWriter, status int, kind string, message any) {
	write(w, status, map[string]any{"message": message, "error": kind, "statusCode": status})
}

func write(w http.ResponseWriter, status int, v any) {
	w.Header().Set("Content-Type", "application/json; charset=utf-8")
	w.WriteHeader(status)
	_ = json.NewEncoder(w).Encode(v) // a client that went away is its own affair
}
