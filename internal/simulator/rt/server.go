// Package rt is an honest fake of Request Tracker 5's REST 2.0, for the demo and the tests: the searches for tickets and
// for transactions, single tickets and their histories, queues. It knows nothing of the client it is read by. It
// parses TicketSQL, checks tokens and rights, pages and names fields as RT does, reads dates in the user's time zone,
// answers what RT answers to what it does not understand (often 200), and keeps the due dates of its service levels.
//
// Numbers are written as RT writes them, now as a string and now as a number; lists of which the order means nothing
// change it from call to call.
package rt

import (
	"encoding/json"
	"fmt"
	"maps"
	"net/http"
	"strings"
	"sync"
	"time"
)

// User may log in.
type User struct {
	ID       int64
	Name     string
	Token    string // API token
	Password string
	// SuperUser may see everything, and totals.
	SuperUser bool
	// Queues are those of which the user may see the tickets; nil is all.
	Queues []int64
	// Blind users have no rights to tickets and queues.
	Blind bool
	// Comments says that the user has ShowTicketComments.
	Comments bool
	// Zone is the user's Timezone preference; nil is UTC.
	Zone *time.Location
}

// Queue holds tickets.
type Queue struct {
	ID        int64
	Name      string
	Lifecycle string // empty: default
	Level     string // service level of its new tickets; empty: none
}

// Lifecycle is which statuses the tickets of a queue may have.
type Lifecycle struct{ Initial, Active, Inactive []string }

// Level is a service level, in elapsed time.
type Level struct {
	Response, KeepInLoop, Resolve time.Duration // zero: not promised
	Ignore                        []string      // statuses in which nothing is due
}

// CustomField is one of all tickets.
type CustomField struct {
	ID   int64
	Name string
}

// Options configure a Server. Users, Queues and Now must be set.
type Options struct {
	Users      []User
	Queues     []Queue
	Lifecycles map[string]Lifecycle // beside RT's default
	Levels     map[string]Level
	Fields     []CustomField
	Now        func() time.Time
	// Version is what /rt tells. Default 5.0.3.
	Version string
}

// Server is the fake. Its methods change what it holds at the instant that Options.Now tells.
type Server struct {
	o   Options
	mux *http.ServeMux

	mu           sync.Mutex
	tickets      map[int64]*ticket
	transactions []*transaction // by id
	nextTicket   int64
	answers      int // given so far
}

// The users that every RT has, and whoever writes as a customer or as an agent in this one.
const (
	systemID   = 1
	nobodyID   = 6
	customerID = 37
	agentID    = 29
)

// New returns a server without tickets.
func New(o Options) *Server {
	if o.Version == "" {
		o.Version = "5.0.3+dfsg-3~deb12u6"
	}
	lifecycles := map[string]Lifecycle{"default": {
		Initial: []string{"new"}, Active: []string{"open", "stalled"}, Inactive: []string{"resolved", "rejected", "deleted"},
	}}
	maps.Copy(lifecycles, o.Lifecycles)
	o.Lifecycles = lifecycles
	s := &Server{o: o, tickets: make(map[int64]*ticket)}
	s.mux = http.NewServeMux()
	for pattern, h := range map[string]handler{
		"GET /REST/2.0/rt":                  s.about,
		"GET /REST/2.0/tickets":             s.searchTickets,
		"GET /REST/2.0/transactions":        s.searchTransactions,
		"GET /REST/2.0/ticket/{id}":         s.showTicket,
		"GET /REST/2.0/ticket/{id}/history": s.history,
		"GET /REST/2.0/queues/all":          s.listQueues,
		"GET /REST/2.0/queue/{id}":          s.showQueue,
	} {
		s.mux.Handle(pattern, s.endpoint(h))
	}
	s.mux.HandleFunc("GET /NoAuth/Login.html", loginPage)
	s.mux.HandleFunc("GET /{$}", loginPage)
	return s
}

// ServeHTTP answers a request.
func (s *Server) ServeHTTP(w http.ResponseWriter, r *http.Request) {
	w.Header().Set("Date", s.o.Now().UTC().Format(http.TimeFormat))
	w.Header().Set("Server", "Plack::Handler::Starlet")
	if _, pattern := s.mux.Handler(r); pattern == "" {
		s.endpoint(func(*http.Request, *User) (any, *refusal) { return nil, notFound }).ServeHTTP(w, r)
		return
	}
	s.mux.ServeHTTP(w, r)
}

// handler answers somebody who is logged in. It is called with the lock held.
type handler func(r *http.Request, u *User) (any, *refusal)

func (s *Server) endpoint(h handler) http.Handler {
	return http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		u := s.authenticate(r)
		if u == nil && seemsBrowser(r) {
			w.Header().Set("Location", "/")
			w.WriteHeader(http.StatusFound)
			_, _ = w.Write([]byte("Login required"))
			return
		}
		if u == nil {
			(&refusal{http.StatusUnauthorized, "Unauthorized"}).write(w)
			return
		}
		s.mu.Lock()
		s.answers++
		v, no := h(r, u)
		s.mu.Unlock()
		if no != nil {
			no.write(w)
			return
		}
		write(w, http.StatusOK, v)
	})
}

// authenticate finds the user of a token or a password.
func (s *Server) authenticate(r *http.Request) *User {
	scheme, token, _ := strings.Cut(r.Header.Get("Authorization"), " ")
	if !strings.EqualFold(scheme, "token") {
		token = r.URL.Query().Get("token")
	}
	name, password, basic := r.BasicAuth()
	for i := range s.o.Users {
		u := &s.o.Users[i]
		if token != "" && token == u.Token || basic && u.Password != "" && name == u.Name && password == u.Password {
			return u
		}
	}
	return nil
}

// seemsBrowser is what RT takes for somebody to show the login page to.
func seemsBrowser(r *http.Request) bool {
	return strings.Contains(r.UserAgent(), "Mozilla") || r.Header.Get("Cookie") != ""
}

func loginPage(w http.ResponseWriter, _ *http.Request) {
	w.Header().Set("Content-Type", "text/html; charset=utf-8")
	_, _ = w.Write([]byte(`<!doctype html><div id="login-box"><form id="login" method="post" action="/NoAuth/Login.html"><input name="pass"></form></div>`))
}

// refusal is an error of RT's.
type refusal struct {
	status  int
	message string
}

var (
	notFound  = &refusal{http.StatusNotFound, "Not Found"}
	forbidden = &refusal{http.StatusForbidden, "Forbidden"}
)

func (f *refusal) write(w http.ResponseWriter) {
	write(w, f.status, map[string]string{"message": f.message})
}

func write(w http.ResponseWriter, status int, v any) {
	b, err := json.Marshal(v)
	if err != nil {
		status, b = http.StatusInternalServerError, fmt.Appendf(nil, "%q", err)
	}
	w.Header().Set("Content-Type", `application/json; charset="utf-8"`)
	w.WriteHeader(status)
	_, _ = w.Write(b) // a client that went away is its own affair
}

func (s *Server) about(*http.Request, *User) (any, *refusal) {
	return map[string]any{"Version": s.o.Version, "Plugins": []string{}}, nil
}

// user finds a user by id. RT has more of them than may log in here.
func (s *Server) user(id int64) User {
	for _, u := range s.o.Users {
		if u.ID == id {
			return u
		}
	}
	names := map[int64]string{systemID: "RT_System", nobodyID: "Nobody", customerID: "customer@example.org", agentID: "agent"}
	if name, ok := names[id]; ok {
		return User{ID: id, Name: name}
	}
	return User{ID: id, Name: fmt.Sprintf("user%d", id)}
}

func (s *Server) queue(id int64) *Queue {
	for i := range s.o.Queues {
		if s.o.Queues[i].ID == id {
			return &s.o.Queues[i]
		}
	}
	return nil
}

// lifecycle of a queue.
func (s *Server) lifecycle(q *Queue) Lifecycle {
	if q == nil || q.Lifecycle == "" {
		return s.o.Lifecycles["default"]
	}
	return s.o.Lifecycles[q.Lifecycle]
}
