// Package graph is an honest fake of the part of Meta's Graph API that tells of WhatsApp accounts, for the demo and
// the tests: portfolios, WABAs, phone numbers, templates, business profiles, subscribed apps, analytics and
// debug_token. It knows nothing of the client it is read by. It refuses what Meta refuses (tokens, permissions,
// unknown fields, bad cursors and limits), pages, counts calls against the hourly allowance of a WABA, and fails in
// the ways a scenario asks for.
package graph

import (
	"encoding/json"
	"net/http"
	"net/url"
	"regexp"
	"slices"
	"strings"
	"sync"
	"time"
)

// Options configure a Server. Only Now must be set.
type Options struct {
	Now func() time.Time
	// Versions are the API versions alive, oldest first. Default: v22.0 to v26.0.
	Versions []string
	// HourlyCalls is the allowance of an app per WABA with a registered number. Meta: 5,000, and 200 without one.
	HourlyCalls int
	// AuthStatus is the HTTP status of a refused token: Meta documents 401 and was seen to send 400.
	AuthStatus int
	// NumericIDs sends ids as JSON numbers, as some of Meta's answers do.
	NumericIDs bool
	// UnnestedPricing sends pricing analytics without their own key, as one of Meta's samples does.
	UnnestedPricing bool
}

// Server is the fake. Its methods may be called at any time.
type Server struct {
	o Options

	mu         sync.Mutex
	portfolios map[string]*Portfolio
	wabas      map[string]*WABA
	order      []*WABA // in which they were added
	numbers    map[string]*Number
	listed     map[string][]*Number  // by WABA, in the order in which they were added
	templates  map[string][]Template // by WABA
	tokens     []Token
	traffic    []Traffic
	faults     []*Fault
	removed    map[removed]bool
	lastPage   map[string]reply
	told       map[string]json.RawMessage // answers of phone_numbers since the world changed
	spent      map[string][]time.Time     // calls of the last hour, by WABA
	requests   []Request
	clockOff   time.Duration
}

// Request is one request that was received, for assertions.
type Request struct {
	At            time.Time
	Method        string
	Version, Path string // path without the version
	Query         url.Values
	Authorization string
	Status        int // of the answer; 0 where there was none
}

// New returns a server that holds nothing.
func New(o Options) *Server {
	if len(o.Versions) == 0 {
		o.Versions = []string{"v22.0", "v23.0", "v24.0", "v25.0", "v26.0"}
	}
	if o.HourlyCalls == 0 {
		o.HourlyCalls = 5000
	}
	if o.AuthStatus == 0 {
		o.AuthStatus = http.StatusUnauthorized
	}
	return &Server{
		o: o, lastPage: map[string]reply{}, removed: map[removed]bool{},
		portfolios: map[string]*Portfolio{}, wabas: map[string]*WABA{}, numbers: map[string]*Number{},
		listed: map[string][]*Number{}, templates: map[string][]Template{}, spent: map[string][]time.Time{},
		told: map[string]json.RawMessage{},
	}
}

var versioned = regexp.MustCompile(`^/(v[0-9]+\.[0-9]+)(/.*)$`)

// ServeHTTP answers a request.
func (s *Server) ServeHTTP(w http.ResponseWriter, r *http.Request) {
	version, path := "", r.URL.Path
	if m := versioned.FindStringSubmatch(path); m != nil {
		version, path = m[1], m[2]
	}
	path = strings.TrimSuffix(path, "/")
	n := s.receive(r, version, path)
	fault := s.fault(path)
	if fault != nil && fault.before(r) {
		return
	}
	out := s.answer(r, version, path)
	if fault != nil {
		out = s.change(fault, path, out)
	} else {
		s.keep(path, out)
	}
	s.sent(n, out.status)
	s.mu.Lock()
	w.Header().Set("Date", s.o.Now().Add(s.clockOff).UTC().Format(http.TimeFormat))
	s.mu.Unlock()
	out.write(w)
}

func (s *Server) receive(r *http.Request, version, path string) int {
	s.mu.Lock()
	defer s.mu.Unlock()
	s.requests = append(s.requests, Request{
		At: s.o.Now(), Method: r.Method, Version: version, Path: path, Query: r.URL.Query(), Authorization: r.Header.Get("Authorization"),
	})
	return len(s.requests) - 1
}

func (s *Server) sent(n, status int) {
	s.mu.Lock()
	defer s.mu.Unlock()
	if n < len(s.requests) {
		s.requests[n].Status = status
	}
}

// Requests returns what was received since the last call of it.
func (s *Server) Requests() []Request {
	s.mu.Lock()
	defer s.mu.Unlock()
	out := s.requests
	s.requests = nil
	return out
}

// SetClockOff makes the Date header wrong by d.
func (s *Server) SetClockOff(d time.Duration) {
	s.mu.Lock()
	defer s.mu.Unlock()
	s.clockOff = d
}

// served is the version that answers: an expired one is answered by the oldest alive, one that does not exist yet
// is refused.
func (s *Server) served(requested string) (string, *refusal) {
	oldest, newest := s.o.Versions[0], s.o.Versions[len(s.o.Versions)-1]
	switch {
	case requested == "" || number(requested) < number(oldest):
		return oldest, nil
	case number(requested) > number(newest):
		return "", &refusal{status: 400, code: 2635, message: "(#2635) You are calling a version of the API that does not exist"}
	}
	return requested, nil
}

// number is the major version.
func number(version string) int {
	n := 0
	for _, r := range strings.TrimPrefix(version, "v") {
		if r < '0' || r > '9' {
			break
		}
		n = n*10 + int(r-'0')
	}
	return n
}

// call is a request that passed the door.
type call struct {
	token   *Token
	version int
	path    []string
	query   url.Values
	base    string // scheme, host and version, for paging.next
}

// answer is what Meta would say.
func (s *Server) answer(r *http.Request, version, path string) reply {
	s.mu.Lock()
	defer s.mu.Unlock()
	serving, no := s.served(version)
	if no != nil {
		return no.reply()
	}
	out := s.route(r, serving, path)
	out.header.Set("facebook-api-version", serving)
	return out
}

func (s *Server) route(r *http.Request, version, path string) reply {
	if r.Method != http.MethodGet {
		return (&refusal{status: 400, code: 100, message: "(#100) Unsupported " + strings.ToLower(r.Method) + " request"}).reply()
	}
	c := call{
		version: number(version), query: r.URL.Query(), path: strings.Split(strings.TrimPrefix(path, "/"), "/"),
		base: "https://graph.facebook.com/" + version,
	}
	if path == "/debug_token" {
		return s.debugToken(r, c)
	}
	token, no := s.authenticate(r)
	if no != nil {
		return no.reply()
	}
	c.token = token
	waba := s.owner(c.path[0])
	if waba != "" {
		if no := s.spend(waba); no != nil {
			return s.metered(no.reply(), waba)
		}
	}
	body, no := s.read(c)
	if no != nil {
		return s.metered(no.reply(), waba)
	}
	return s.metered(jsonReply(http.StatusOK, body), waba)
}

// owner is the WABA whose allowance a call about id takes from.
func (s *Server) owner(id string) string {
	if s.waba(id) != nil {
		return id
	}
	if n := s.number(id); n != nil {
		return n.WABAID
	}
	return ""
}

// read answers a call about an object.
func (s *Server) read(c call) (any, *refusal) {
	id := c.path[0]
	edge := ""
	if len(c.path) > 1 {
		edge = c.path[1]
	}
	if len(c.path) > 2 {
		return nil, unknownObject(id)
	}
	if no := c.only(taken[edge]); no != nil {
		return nil, no
	}
	switch {
	case s.waba(id) != nil:
		return s.readWABA(c, s.waba(id), edge)
	case s.number(id) != nil:
		return s.readNumber(c, s.number(id), edge)
	case s.portfolio(id) != nil:
		return s.readPortfolio(c, s.portfolio(id), edge)
	case c.token.UserID != "" && (id == c.token.UserID || id == "me") && edge == "assigned_whatsapp_business_accounts":
		return s.wabaList(c, func(w *WABA) bool { return slices.Contains(c.token.WABAs, w.ID) })
	}
	return nil, unknownObject(id)
}
