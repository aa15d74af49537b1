// Package zammad is an honest fake of Zammad's REST API, for the demo and the tests: the ticket search by condition,
// the ticket list, single tickets and ticket states. It knows nothing of the client it is read by. It refuses what
// Zammad refuses, caps pages as Zammad does, runs the escalations of its tickets, and fails in the ways a scenario
// asks for. Its SLAs run on a calendar without nights or weekends. It has no Elasticsearch: a search by query finds
// words of titles, as Zammad's does without one.
package zammad

import (
	"encoding/json"
	"net/http"
	"slices"
	"strings"
	"sync"
	"time"

	"whatsapp_sla_exporter/internal/simulator/fault"
)

// State is a ticket state as the instance defines it.
type State struct {
	ID               int64
	Name, Type       string
	IgnoreEscalation bool
}

// The names of the seeded states.
const (
	StateNew             = "new"
	StateOpen            = "open"
	StatePendingReminder = "pending reminder"
	StatePendingClose    = "pending close"
	StateClosed          = "closed"
	StateMerged          = "merged"
)

// states are those that an instance is seeded with.
var states = []State{
	{1, StateNew, "new", false},
	{2, StateOpen, "open", false},
	{3, StatePendingReminder, "pending reminder", true},
	{4, StateClosed, "closed", true},
	{5, StateMerged, "merged", true},
	{7, StatePendingClose, "pending action", true},
}

// SLA promises times to the tickets whose attribute severity it names. Zero is no promise.
type SLA struct {
	ID                                                        int64
	FirstResponseTime, ResponseTime, UpdateTime, SolutionTime time.Duration
}

// Options configure a Server. Only Tokens and Now must be set.
type Options struct {
	Tokens []string // of agents
	Now    func() time.Time
	// SLAs by the attribute severity that the instance added to tickets.
	SLAs map[string]SLA
	// States are ones that the instance added.
	States []State
	// LastCustomerArticle is the setting by which last_contact_customer_at is the time of the customer's very last
	// article; as seeded, it is that of the first one which nobody answered.
	LastCustomerArticle bool
	// MostRows is how many rows a page of the search has at most: 200, in older versions fewer.
	MostRows int
}

// Server is the fake. Its methods change what it holds at the instant that Options.Now tells.
type Server struct {
	*fault.Injector
	o       Options
	handler http.Handler

	mu      sync.Mutex
	tickets map[int64]*ticket
	nextID  int64
}

// New returns a server without tickets.
func New(o Options) *Server {
	if o.MostRows == 0 {
		o.MostRows = 200
	}
	s := &Server{
		Injector: fault.New(o.Now, fault.Bodies{Unauthorized: []byte(`{"error":"Invalid BasicAuth credentials"}`)}),
		o:        o, tickets: make(map[int64]*ticket),
	}
	mux := http.NewServeMux()
	for pattern, h := range map[string]handler{
		"GET /api/v1/tickets/search":  s.search,
		"POST /api/v1/tickets/search": s.search,
		"GET /api/v1/tickets":         s.list,
		"GET /api/v1/tickets/{id}":    s.show,
		"GET /api/v1/ticket_states":   s.listStates,
	} {
		mux.Handle(pattern, s.endpoint(h))
	}
	mux.HandleFunc("/", func(w http.ResponseWriter, r *http.Request) {
		refuse(http.StatusNotFound, "No route matches ["+r.Method+"] "+r.URL.Path).write(w)
	})
	s.handler = s.Wrap(mux)
	return s
}

// ServeHTTP answers a request.
func (s *Server) ServeHTTP(w http.ResponseWriter, r *http.Request) { s.handler.ServeHTTP(w, r) }

// handler answers an authenticated request. It is called with the lock held.
type handler func(r *http.Request, p params) (any, *refusal)

func (s *Server) endpoint(h handler) http.Handler {
	return http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		if no := s.authenticate(r); no != nil {
			no.write(w)
			return
		}
		p, no := readParams(r)
		if no != nil {
			no.write(w)
			return
		}
		s.mu.Lock()
		v, no := h(r, p)
		s.mu.Unlock()
		if no != nil {
			no.write(w)
			return
		}
		reply(w, http.StatusOK, v)
	})
}

func (s *Server) authenticate(r *http.Request) *refusal {
	token, ok := strings.CutPrefix(r.Header.Get("Authorization"), "Token token=")
	if !ok {
		return refuse(http.StatusForbidden, "Authentication required")
	}
	if !slices.Contains(s.o.Tokens, token) {
		return refuse(http.StatusUnauthorized, "Invalid token")
	}
	return nil
}

// refusal is an error of the API.
type refusal struct {
	status int
	text   string
}

func refuse(status int, text string) *refusal { return &refusal{status, text} }

func (f *refusal) write(w http.ResponseWriter) {
	reply(w, f.status, map[string]string{"error": f.text, "error_human": f.text})
}

func reply(w http.ResponseWriter, status int, v any) {
	w.Header().Set("Content-Type", "application/json; charset=utf-8")
	w.WriteHeader(status)
	_ = json.NewEncoder(w).Encode(v) // a client that went away is its own affair
}

// listStates lists the states, with the names of their types where the answer is expanded.
func (s *Server) listStates(_ *http.Request, p params) (any, *refusal) {
	out := []map[string]any{}
	for _, v := range s.states() {
		row := map[string]any{
			"id": v.ID, "name": v.Name, "state_type_id": typeID(v.Type), "ignore_escalation": v.IgnoreEscalation, "active": true,
		}
		if p.expand {
			row["state_type"] = v.Type
		}
		out = append(out, row)
	}
	return out, nil
}

func (s *Server) states() []State { return slices.Concat(states, s.o.States) }

func (s *Server) state(name string) (State, bool) {
	for _, v := range s.states() {
		if v.Name == name {
			return v, true
		}
	}
	return State{}, false
}

// typeID is the id of a state type in a seeded instance.
func typeID(name string) int64 {
	for i, t := range []string{"new", "open", "pending reminder", "pending action", "closed", "merged"} {
		if t == name {
			return int64(i + 1)
		}
	}
	return 99
}
