// Package freshdesk is an honest fake of Freshdesk's API v2, for the demo and the tests: the ticket list, single
// tickets, the ticket search and ticket fields. It knows nothing of the client it is read by. It refuses what
// Freshdesk refuses (keys, fields, pages), charges credits and throttles as Freshdesk does, hides what was deleted,
// runs the SLA deadlines of its tickets, and fails in the ways a scenario asks for. Its SLAs run on a calendar without
// nights or weekends.
package freshdesk

import (
	"encoding/json"
	"net/http"
	"slices"
	"strconv"
	"strings"
	"sync"
	"time"

	"whatsapp_sla_exporter/internal/simulator/fault"
)

// The statuses that every account has.
const (
	Open              = 2
	Pending           = 3
	Resolved          = 4
	Closed            = 5
	WaitingOnCustomer = 6
	WaitingOnThird    = 7
)

// Status is a ticket status of the account.
type Status struct {
	ID    int
	Label string
	// TimerOff says that SLA timers stand still in it.
	TimerOff bool
}

// statuses are those that an account starts with.
var statuses = []Status{
	{Open, "Open", false},
	{Pending, "Pending", true},
	{Resolved, "Resolved", true},
	{Closed, "Closed", true},
	{WaitingOnCustomer, "Waiting on Customer", true},
	{WaitingOnThird, "Waiting on Third Party", true},
}

// Targets are what an SLA policy promises for a priority. Zero is no promise.
type Targets struct{ Respond, NextRespond, Resolve time.Duration }

// Options configure a Server. Only Keys and Now must be set.
type Options struct {
	Keys []string // API keys of agents
	// Admins are the keys that may read ticket fields.
	Admins []string
	Now    func() time.Time
	SLA    map[int]Targets // by priority, 1 to 4
	// Statuses are ones that the account added, from 8 up.
	Statuses []Status
	// AccountLimit and ListLimit are credits and list calls a minute. Freshdesk: 100 to 700, and 20 to 200.
	AccountLimit, ListLimit int
	// IndexDelay is how old the search index is. Freshdesk: a few minutes.
	IndexDelay time.Duration
}

// Server is the fake. Its methods change what it holds at the instant that Options.Now tells.
type Server struct {
	*fault.Injector
	o       Options
	handler http.Handler

	mu      sync.Mutex
	tickets map[int64]*ticket
	nextID  int64
	windows map[string]*window
}

// New returns a server without tickets.
func New(o Options) *Server {
	if o.AccountLimit == 0 {
		o.AccountLimit = 700
	}
	if o.ListLimit == 0 {
		o.ListLimit = 200
	}
	if o.IndexDelay == 0 {
		o.IndexDelay = time.Minute
	}
	s := &Server{
		Injector: fault.New(o.Now, fault.Bodies{
			Throttled:    []byte(`{"message":"You have exceeded the limit of requests per minute"}`),
			Unauthorized: []byte(`{"code":"invalid_credentials","message":"You have to be logged in to perform this action."}`),
		}),
		o: o, tickets: make(map[int64]*ticket), windows: make(map[string]*window),
	}
	mux := http.NewServeMux()
	for pattern, h := range map[string]handler{
		"GET /api/v2/tickets":        s.list,
		"GET /api/v2/tickets/{id}":   s.show,
		"GET /api/v2/search/tickets": s.search,
		"GET /api/v2/ticket_fields":  s.fields,
	} {
		mux.Handle(pattern, s.endpoint(h))
	}
	mux.HandleFunc("/", func(w http.ResponseWriter, _ *http.Request) { w.WriteHeader(http.StatusNotFound) })
	s.handler = s.Wrap(mux)
	return s
}

// ServeHTTP answers a request.
func (s *Server) ServeHTTP(w http.ResponseWriter, r *http.Request) { s.handler.ServeHTTP(w, r) }

// handler answers an authenticated request. It is called with the lock held, and sets headers of its own.
type handler func(h http.Header, r *http.Request) (any, *refusal)

func (s *Server) endpoint(handle handler) http.Handler {
	return http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		w.Header().Set("X-Freshdesk-Api-Version", "latest=v2; requested=v2")
		key, _, _ := r.BasicAuth()
		if !contains(s.o.Keys, key) && !contains(s.o.Admins, key) {
			(&refusal{http.StatusUnauthorized, "invalid_credentials", "You have to be logged in to perform this action.", nil}).write(w)
			return
		}
		s.mu.Lock()
		v, no := s.answer(handle, w.Header(), r)
		s.mu.Unlock()
		if no != nil {
			no.write(w)
			return
		}
		reply(w, http.StatusOK, v)
	})
}

func (s *Server) answer(handle handler, h http.Header, r *http.Request) (any, *refusal) {
	if no := s.spend(h, r); no != nil {
		return nil, no
	}
	return handle(h, r)
}

func contains(keys []string, key string) bool { return key != "" && slices.Contains(keys, key) }

// refusal is an error of the API.
type refusal struct {
	status        int
	code, message string
	errors        []fieldError
}

type fieldError struct {
	Field   string `json:"field"`
	Message string `json:"message"`
	Code    string `json:"code"`
}

func invalid(field, message, code string) *refusal {
	return &refusal{http.StatusBadRequest, "", "", []fieldError{{field, message, code}}}
}

func (f *refusal) write(w http.ResponseWriter) {
	switch {
	case f.errors != nil:
		reply(w, f.status, map[string]any{"description": "Validation failed", "errors": f.errors})
	case f.message != "":
		reply(w, f.status, map[string]string{"code": f.code, "message": f.message})
	default:
		w.WriteHeader(f.status) // a 404 has no body
	}
}

func reply(w http.ResponseWriter, status int, v any) {
	w.Header().Set("Content-Type", "application/json; charset=utf-8")
	w.WriteHeader(status)
	_ = json.NewEncoder(w).Encode(v) // a client that went away is its own affair
}

// fields lists the ticket fields, of which only the status is of interest. They are for admins.
func (s *Server) fields(_ http.Header, r *http.Request) (any, *refusal) {
	if key, _, _ := r.BasicAuth(); !contains(s.o.Admins, key) {
		return nil, &refusal{http.StatusForbidden, "access_denied", "You are not authorized to perform this action.", nil}
	}
	choices := map[string][]string{}
	for _, v := range s.statuses() {
		choices[strconv.Itoa(v.ID)] = []string{v.Label, v.Label}
	}
	return []map[string]any{
		{"id": 1, "name": "subject", "type": "default_subject"},
		{"id": 2, "name": "status", "type": "default_status", "choices": choices},
		{"id": 3, "name": "priority", "type": "default_priority", "choices": map[string]int{"Low": 1, "Medium": 2, "High": 3, "Urgent": 4}},
	}, nil
}

func (s *Server) statuses() []Status {
	return slices.Concat(statuses, s.o.Statuses)
}

func (s *Server) timerOff(status int) bool {
	for _, v := range s.statuses() {
		if v.ID == status {
			return v.TimerOff
		}
	}
	return false
}

// window counts what was spent in one minute.
type window struct {
	start time.Time
	used  int
}

// take spends an amount. It says how much is left and, where it was not enough, when the window ends.
func (w *window) take(now time.Time, amount, limit int) (left int, resets time.Duration, ok bool) {
	if now.Sub(w.start) >= time.Minute {
		w.start, w.used = now, 0
	}
	resets = w.start.Add(time.Minute).Sub(now)
	if w.used+amount > limit {
		return limit - w.used, resets, false
	}
	w.used += amount
	return limit - w.used, resets, true
}

// spend charges a call: one credit, and two more for each thing included.
func (s *Server) spend(h http.Header, r *http.Request) *refusal {
	credits := 1
	if include := r.URL.Query().Get("include"); include != "" {
		credits += 2 * (1 + strings.Count(include, ","))
	}
	left, resets, ok := s.window("account").take(s.o.Now(), credits, s.o.AccountLimit)
	h.Set("X-Ratelimit-Total", strconv.Itoa(s.o.AccountLimit))
	h.Set("X-Ratelimit-Remaining", strconv.Itoa(max(left, 0)))
	h.Set("X-Ratelimit-Used-Currentrequest", strconv.Itoa(credits))
	if ok && r.URL.Path == "/api/v2/tickets" {
		_, resets, ok = s.window("list").take(s.o.Now(), 1, s.o.ListLimit)
	}
	if !ok {
		h.Set("Retry-After", strconv.Itoa(int((resets+time.Second-1)/time.Second)))
		return &refusal{http.StatusTooManyRequests, "", "You have exceeded the limit of requests per minute", nil}
	}
	return nil
}

func (s *Server) window(name string) *window {
	w := s.windows[name]
	if w == nil {
		w = &window{}
		s.windows[name] = w
	}
	return w
}
