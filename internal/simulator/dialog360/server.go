// Package dialog360 is an honest fake of 360dialog's Partner API (a partner's channels) and of the health endpoint of
// its messaging host, for the demo and the tests. One server plays both: the paths do not overlap.
package dialog360

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

// Channel is a number that a partner looks after.
type Channel struct {
	ID                string
	Status, HubStatus string
	Quality, Limit    string // as the API spells them: High, TIER_10K; empty is null
	Number, Name      string
	WABAID            string
	WABAStatus        string
	Cancelled         bool
}

// Entity is one entity of a number's health.
type Entity struct {
	Type    string // PHONE_NUMBER, WABA, BUSINESS, APP
	ID      string
	CanSend string // AVAILABLE, LIMITED, BLOCKED
	Errors  []int
	SIP     string // can_receive_call_sip, of numbers and apps; empty: not told
}

// Options configure a Server.
type Options struct {
	PartnerID, PartnerKey string
	Now                   func() time.Time
	// Limit is how many requests on a partner are allowed in 30 s. 360dialog: 5. 0: no limit.
	Limit int
	// MaxPage is the most channels that the API gives at once, whatever it is asked for.
	MaxPage int
}

// Server is the fake. Its methods may be called while it answers.
type Server struct {
	*fault.Injector
	handler http.Handler
	o       Options

	mu       sync.Mutex
	channels []Channel
	health   map[string][]Entity // by the API key of a number
	recent   []time.Time
}

// New returns a partner without channels.
func New(o Options) *Server {
	if o.MaxPage == 0 {
		o.MaxPage = 1000
	}
	s := &Server{Injector: fault.New(o.Now, fault.Bodies{
		Throttled:    []byte(`{"meta":{"success":false,"http_code":429,"developer_message":"Rate limit exceeded"}}`),
		Unauthorized: []byte(`{"meta":{"success":false,"http_code":401,"developer_message":"Unauthorized"}}`),
	}), o: o, health: map[string][]Entity{}}
	mux := http.NewServeMux()
	mux.HandleFunc("GET /partners/{id}/channels", s.list)
	mux.HandleFunc("GET /health_status", s.healthStatus)
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

// SetHealth says what is told of the number whose API key is key.
func (s *Server) SetHealth(key string, entities ...Entity) {
	s.mu.Lock()
	defer s.mu.Unlock()
	s.health[key] = entities
}

func (s *Server) list(w http.ResponseWriter, r *http.Request) {
	s.mu.Lock()
	defer s.mu.Unlock()
	q := r.URL.Query()
	channels, okFilters := s.filtered(q.Get("filters"))
	limit, okLimit := number(q.Get("limit"), 20)
	offset, okOffset := number(q.Get("offset"), 0)
	switch {
	case r.Header.Get("x-api-key") != s.o.PartnerKey:
		refuse(w, http.StatusUnauthorized, "Unauthorized")
		return
	case r.PathValue("id") != s.o.PartnerID:
		refuse(w, http.StatusForbidden, "Forbidden")
		return
	case !s.allowed():
		refuse(w, http.StatusTooManyRequests, "Rate limit exceeded")
		return
	case !okFilters || !okLimit || !okOffset || limit == 0:
		refuse(w, http.StatusBadRequest, "Wrong payload")
		return
	}
	from := min(offset, len(channels))
	to := min(from+min(limit, s.o.MaxPage), len(channels))
	out := make([]any, 0, to-from)
	for _, c := range channels[from:to] {
		out = append(out, c.json())
	}
	write(w, http.StatusOK, map[string]any{
		"partner_channels": out, "total": len(channels), "count": len(out), "limit": limit, "offset": offset,
	})
}

// filtered is what the parameter filters leaves, {"id":"..."}: other filters are not simulated.
func (s *Server) filtered(filters string) ([]Channel, bool) {
	if filters == "" {
		return s.channels, true
	}
	var by struct{ ID string }
	d := json.NewDecoder(strings.NewReader(filters))
	d.DisallowUnknownFields()
	if d.Decode(&by) != nil || by.ID == "" {
		return nil, false
	}
	return slices.DeleteFunc(slices.Clone(s.channels), func(c Channel) bool { return c.ID != by.ID }), true
}

// allowed counts a request against the limit.
func (s *Server) allowed() bool {
	now := s.o.Now()
	s.recent = slices.DeleteFunc(s.recent, func(at time.Time) bool { return now.Sub(at) >= 30*time.Second })
	if s.o.Limit > 0 && len(s.recent) >= s.o.Limit {
		return false
	}
	s.recent = append(s.recent, now)
	return true
}

func (c Channel) json() map[string]any {
	out := map[string]any{
		"id": c.ID, "status": c.Status, "hub_status": c.HubStatus, "availability_status": "available", "cancelled_at": nil,
		"is_on_biz_app": false, "current_quality_rating": orNull(c.Quality), "current_limit": orNull(c.Limit),
		"setup_info": map[string]any{"phone_number": c.Number, "phone_name": c.Name},
		"waba_account": map[string]any{
			"id": "wa" + c.ID, "external_id": c.WABAID, "name": c.Name, "status": c.WABAStatus,
			"on_behalf_of_business_info": map[string]any{"name": c.Name},
		},
		"client_id": "cl" + c.ID,
	}
	if c.Cancelled {
		out["cancelled_at"] = "2026-03-31T22:00:00Z"
	}
	return out
}

func orNull(s string) any {
	if s == "" {
		return nil
	}
	return s
}

// worse orders what can_send_message says.
var worse = map[string]int{"AVAILABLE": 0, "LIMITED": 1, "BLOCKED": 2}

// healthStatus passes on Meta's health_status. As Meta's, the value for all together takes calling into account.
func (s *Server) healthStatus(w http.ResponseWriter, r *http.Request) {
	s.mu.Lock()
	defer s.mu.Unlock()
	entities, ok := s.health[r.Header.Get("D360-API-KEY")]
	if !ok {
		refuse(w, http.StatusUnauthorized, "Invalid api key")
		return
	}
	overall, out := "AVAILABLE", []any{}
	for _, e := range entities {
		for _, state := range []string{e.CanSend, e.SIP} {
			if worse[state] > worse[overall] {
				overall = state
			}
		}
		out = append(out, e.json())
	}
	write(w, http.StatusOK, map[string]any{"health_status": map[string]any{"can_send_message": overall, "entities": out}})
}

func (e Entity) json() map[string]any {
	out := map[string]any{"entity_type": e.Type, "id": e.ID, "can_send_message": e.CanSend}
	if e.SIP != "" {
		out["can_receive_call_sip"] = e.SIP
	}
	var errs []any
	for _, code := range e.Errors {
		errs = append(errs, map[string]any{"error_code": code, "error_description": "An error.", "possible_solution": "A solution."})
	}
	if errs != nil {
		out["errors"] = errs
	}
	if e.CanSend == "LIMITED" {
		out["additional_info"] = []string{"The display name has not been approved yet."}
	}
	return out
}

func number(v string, standard int) (int, bool) {
	if v == "" {
		return standard, true
	}
	n, err := strconv.Atoi(v)
	return n, err == nil && n >= 0
}

func refuse(w http.ResponseWriter, status int, message string) {
	write(w, status, map[string]any{"meta": map[string]any{"success": false, "http_code": status, "developer_message": message}})
}

func write(w http.ResponseWriter, status int, v any) {
	w.Header().Set("Content-Type", "application/json")
	w.WriteHeader(status)
	_ = json.NewEncoder(w).Encode(v) // a client that went away is its own affair
}
