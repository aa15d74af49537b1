// Package zendesk is an honest fake of Zendesk Support's API, for the demo and the tests: the incremental ticket
// export by cursor, the ticket list, show_many, search and its export, custom statuses, SLA policies and metric
// events. It knows nothing of the client it is read by. It refuses what Zendesk refuses (credentials, roles,
// parameters, cursors), pages and throttles as Zendesk does, runs the metric clocks of its tickets, and fails in
// the ways a scenario asks for. SLA targets run on a calendar without nights or weekends.
package zendesk

import (
	"encoding/json"
	"net/http"
	"strconv"
	"strings"
	"sync"
	"time"

	"whatsapp_sla_exporter/internal/simulator/fault"
)

// Role is what the user of a token may do.
type Role string

// The roles. Incremental exports and SLA policies are for admins.
const (
	Admin Role = "admin"
	Agent Role = "agent"
)

// Credential is what a request may authenticate with: an API token (basic auth, user EMAIL/token) or an OAuth
// access token.
type Credential struct {
	Email, Token string
	Bearer       string
	Role         Role
}

// Options configure a Server. Only Credentials and Now must be set.
type Options struct {
	Credentials []Credential
	Now         func() time.Time
	Policies    []Policy
	// GroupPolicies, where there are any, make it an account of an Enterprise plan.
	GroupPolicies []GroupPolicy
	Statuses      []CustomStatus
	// ExportDelay is for how long the incremental export leaves a change out. Zendesk: one minute.
	ExportDelay time.Duration
	// EventDelay is for how long the export of metric events leaves an event out, and EventPage how many it shows
	// at once. Zendesk: not documented, and 1,000.
	EventDelay time.Duration
	EventPage  int
	// IndexDelay is how old the search index is. Zendesk: up to a few minutes.
	IndexDelay time.Duration
	// Limits per minute. Zendesk: 200 to 2,500 for the account, 10 for incremental exports, 100 for search exports
	// and for the ticket list.
	AccountLimit, IncrementalLimit, SearchExportLimit, ListLimit int
	// ListAchieved also lists the SLA metrics that were achieved. Whether Zendesk does is not documented.
	ListAchieved bool
}

// Server is the fake. Its methods change what it holds at the instant that Options.Now tells.
type Server struct {
	*fault.Injector
	o       Options
	handler http.Handler

	mu        sync.Mutex
	tickets   map[int64]*ticket
	nextID    int64
	nextEvent int64
	windows   map[string]*window
	sideloads Sideloads
}

// New returns a server without tickets.
func New(o Options) *Server {
	setDefaults(&o)
	s := &Server{
		Injector: fault.New(o.Now, fault.Bodies{
			Throttled:    throttled("Number of allowed API requests per minute exceeded").reply().body,
			Unauthorized: unauthenticated.reply().body,
		}),
		o: o, tickets: make(map[int64]*ticket), windows: make(map[string]*window),
		sideloads: Sideloads{SLAs: true, MetricEvents: true, MetricSets: true},
	}
	mux := http.NewServeMux()
	for path, h := range map[string]handler{
		"/api/v2/incremental/tickets/cursor":       s.incrementalTickets,
		"/api/v2/incremental/ticket_metric_events": s.incrementalMetricEvents,
		"/api/v2/tickets":                          s.listTickets,
		"/api/v2/tickets/show_many":                s.showMany,
		"/api/v2/search":                           s.search,
		"/api/v2/search/count":                     s.searchCount,
		"/api/v2/search/export":                    s.searchExport,
		"/api/v2/custom_statuses":                  s.customStatuses,
		"/api/v2/slas/policies":                    s.slaPolicies,
		"/api/v2/group_slas/policies":              s.groupPolicies,
	} {
		mux.Handle("GET "+path, s.endpoint(path, h))
	}
	mux.HandleFunc("/", func(w http.ResponseWriter, _ *http.Request) {
		refusal{http.StatusNotFound, "InvalidEndpoint", "Not found"}.reply().write(w)
	})
	s.handler = s.Wrap(mux)
	return s
}

func setDefaults(o *Options) {
	for _, d := range []struct {
		v        *int
		standard int
	}{{&o.AccountLimit, 700}, {&o.IncrementalLimit, 10}, {&o.SearchExportLimit, 100}, {&o.ListLimit, 100}, {&o.EventPage, 1000}} {
		if *d.v == 0 {
			*d.v = d.standard
		}
	}
	if o.ExportDelay == 0 {
		o.ExportDelay = time.Minute
	}
	if o.IndexDelay == 0 {
		o.IndexDelay = time.Minute
	}
}

// ServeHTTP answers a request. A path may end in .json, as in Zendesk.
func (s *Server) ServeHTTP(w http.ResponseWriter, r *http.Request) {
	r.URL.Path = strings.TrimSuffix(r.URL.Path, ".json")
	s.handler.ServeHTTP(w, r)
}

// handler answers an authenticated request inside its limits. It is called with the lock held.
type handler func(r *http.Request, role Role) (any, *refusal)

// endpoint wraps a handler in what every endpoint does.
func (s *Server) endpoint(path string, h handler) http.Handler {
	return http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) { s.answer(path, h, w, r).write(w) })
}

// answer runs the handler. The header tells of the limits in any case.
func (s *Server) answer(path string, h handler, w http.ResponseWriter, r *http.Request) reply {
	s.mu.Lock()
	defer s.mu.Unlock()
	w.Header().Set("X-Zendesk-Api-Version", "v2")
	role, no := s.authenticate(r)
	if no != nil {
		return no.reply()
	}
	if no := s.spend(path, w.Header()); no != nil {
		return no.reply()
	}
	v, no := h(r, role)
	if no != nil {
		return no.reply()
	}
	return okReply(v)
}

func (s *Server) authenticate(r *http.Request) (Role, *refusal) {
	user, password, basic := r.BasicAuth()
	bearer, isBearer := strings.CutPrefix(r.Header.Get("Authorization"), "Bearer ")
	for _, c := range s.o.Credentials {
		if basic && c.Token != "" && user == c.Email+"/token" && password == c.Token || isBearer && c.Bearer != "" && bearer == c.Bearer {
			return c.Role, nil
		}
	}
	return "", &unauthenticated
}

var unauthenticated = refusal{http.StatusUnauthorized, "Couldn't authenticate you", ""}

// forAdmins refuses everybody else.
func forAdmins(role Role) *refusal {
	if role == Admin {
		return nil
	}
	return &refusal{http.StatusForbidden, "Forbidden", "You do not have access to this page. Please contact the account owner of this help desk for further help."}
}

// reply is an answer before it is sent.
type reply struct {
	status      int
	contentType string
	body        []byte
}

func (r reply) write(w http.ResponseWriter) {
	w.Header().Set("Content-Type", r.contentType)
	w.WriteHeader(r.status)
	_, _ = w.Write(r.body) // a client that went away is its own affair
}

func okReply(v any) reply { return jsonReply(http.StatusOK, v) }

func jsonReply(status int, v any) reply {
	b, err := json.Marshal(v)
	if err != nil {
		return reply{http.StatusInternalServerError, "text/plain", []byte(err.Error())}
	}
	return reply{status, "application/json; charset=utf-8", b}
}

// refusal is an error of the API.
type refusal struct {
	status             int
	error, description string
}

func (f refusal) reply() reply {
	body := map[string]string{"error": f.error}
	if f.description != "" {
		body["description"] = f.description
	}
	return jsonReply(f.status, body)
}

func badValue(description string) *refusal {
	return &refusal{http.StatusBadRequest, "InvalidValue", description}
}

// number reads a parameter between 1 and most; absent, it is standard.
func number(r *http.Request, name string, standard, most int) (int, *refusal) {
	v := r.URL.Query().Get(name)
	if v == "" {
		return standard, nil
	}
	n, err := strconv.Atoi(v)
	if err != nil || n < 1 || n > most {
		return 0, badValue(name + " must be a number between 1 and " + strconv.Itoa(most))
	}
	return n, nil
}
