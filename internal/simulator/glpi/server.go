// Package glpi is an honest fake of GLPI's legacy REST API for tickets: sessions, the search engine with its numbered
// options, and followups. Its times are on the clock of the server's zone and do not say so.
package glpi

import (
	"fmt"
	"net/http"
	"strconv"
	"strings"
	"sync"
	"time"

	"whatsapp_sla_exporter/internal/simulator/desk"
)

// Options configure a Server. UserToken, AppToken and Now must be set.
type Options struct {
	UserToken, AppToken string
	Now                 func() time.Time
	Targets             map[string]desk.Targets
	Zone                *time.Location // default UTC
}

// Server is the fake. Its API is below /apirest.php.
type Server struct {
	*desk.Desk
	o   Options
	mux *http.ServeMux

	mu       sync.Mutex
	sessions map[string]bool
	begun    int
	written  map[int64][]int64 // numbers of the followups, by ticket
	last     int64
}

// New returns a server without tickets.
func New(o Options) *Server {
	if o.Zone == nil {
		o.Zone = time.UTC
	}
	s := &Server{Desk: desk.New(o.Now, o.Targets), o: o, mux: http.NewServeMux(), sessions: map[string]bool{}, written: map[int64][]int64{}}
	s.OnChange = s.write
	s.mux.Handle("GET /apirest.php/initSession", desk.Handler(s.initSession))
	for pattern, h := range map[string]desk.Handler{
		"GET /apirest.php/killSession":              s.killSession,
		"GET /apirest.php/listSearchOptions/Ticket": s.searchOptions,
		"GET /apirest.php/search/Ticket":            s.search,
		"GET /apirest.php/Ticket/{id}/ITILFollowup": s.followups,
		"GET /apirest.php/ITILFollowup":             s.allFollowups,
	} {
		s.mux.Handle(pattern, s.inSession(h))
	}
	return s
}

// ServeHTTP answers a request.
func (s *Server) ServeHTTP(w http.ResponseWriter, r *http.Request) { s.mux.ServeHTTP(w, r) }

// Expire ends all sessions.
func (s *Server) Expire() {
	s.mu.Lock()
	defer s.mu.Unlock()
	clear(s.sessions)
}

// Begun is how many sessions there were.
func (s *Server) Begun() int {
	s.mu.Lock()
	defer s.mu.Unlock()
	return s.begun
}

func refuse(status int, code, message string) desk.Reply {
	return desk.Reply{Status: status, Body: []string{code, message}}
}

func (s *Server) initSession(r *http.Request) desk.Reply {
	switch {
	case r.Header.Get("App-Token") != s.o.AppToken:
		return refuse(http.StatusBadRequest, "ERROR_WRONG_APP_TOKEN_PARAMETER", "parameter app_token seems wrong")
	case r.Header.Get("Authorization") != "user_token "+s.o.UserToken:
		return refuse(http.StatusUnauthorized, "ERROR_GLPI_LOGIN_USER_TOKEN", "parameter user_token seems invalid")
	}
	s.mu.Lock()
	defer s.mu.Unlock()
	s.begun++
	token := fmt.Sprintf("session-of-%s-%d", s.o.UserToken, s.begun)
	s.sessions[token] = true
	return desk.Reply{Body: map[string]any{"session_token": token}}
}

func (s *Server) killSession(r *http.Request) desk.Reply {
	s.mu.Lock()
	defer s.mu.Unlock()
	delete(s.sessions, r.Header.Get("Session-Token"))
	return desk.Reply{}
}

func (s *Server) inSession(h desk.Handler) desk.Handler {
	return func(r *http.Request) desk.Reply {
		token := r.Header.Get("Session-Token")
		s.mu.Lock()
		known := s.sessions[token]
		s.mu.Unlock()
		switch {
		case r.Header.Get("App-Token") != s.o.AppToken:
			return refuse(http.StatusBadRequest, "ERROR_WRONG_APP_TOKEN_PARAMETER", "parameter app_token seems wrong")
		case token == "":
			return refuse(http.StatusBadRequest, "ERROR_SESSION_TOKEN_MISSING", "parameter session_token is missing or empty")
		case !known:
			return refuse(http.StatusUnauthorized, "ERROR_SESSION_TOKEN_INVALID", "session_token seems invalid")
		}
		return h(r)
	}
}

// mostRows is the longest range.
const mostRows = 990

// ranged reads the rows asked for, of so many.
func ranged(r *http.Request, total int) (from, to int, no *desk.Reply) {
	text := r.URL.Query().Get("range")
	if text == "" {
		return 0, min(total, 50), nil
	}
	first, last, _ := strings.Cut(text, "-")
	from, err := strconv.Atoi(first)
	to, err2 := strconv.Atoi(last)
	switch {
	case err != nil || err2 != nil || to < from || to-from+1 > mostRows:
		out := refuse(http.StatusBadRequest, "ERROR_RANGE_TOO_LARGE", "range: want first-last, at most "+strconv.Itoa(mostRows))
		return 0, 0, &out
	case from >= total && from > 0:
		out := refuse(http.StatusBadRequest, "ERROR_RANGE_EXCEED_TOTAL", "Provided range exceed total count of data: "+strconv.Itoa(total))
		return 0, 0, &out
	}
	return from, min(to+1, total), nil
}

func answer(from, to, total int, body any) desk.Reply {
	status := http.StatusOK
	if to-from < total {
		status = http.StatusPartialContent
	}
	return desk.Reply{Status: status, Body: body, Header: map[string]string{
		"Content-Range": fmt.Sprintf("%d-%d/%d", from, to-1, total), "Accept-Range": "Ticket " + strconv.Itoa(mostRows),
	}}
}

func (s *Server) search(r *http.Request) desk.Reply {
	list, no := readCriteria(r)
	if no != nil {
		return *no
	}
	order, no := s.order(r)
	if no != nil {
		return *no
	}
	found := s.List(func(t *desk.Ticket) bool { return !t.Deleted && s.matches(list, t) }, order)
	from, to, no := ranged(r, len(found))
	if no != nil {
		return *no
	}
	body := map[string]any{"totalcount": len(found), "count": to - from, "sort": []int{19}, "order": []string{"ASC"}}
	if to > from { // an empty answer has no data at all
		rows := []any{}
		shown := displayed(r)
		for _, t := range found[from:to] {
			rows = append(rows, s.row(t, shown))
		}
		body["data"] = rows
		body["content-range"] = fmt.Sprintf("%d-%d/%d", from, to-1, len(found))
	}
	return answer(from, to, len(found), body)
}

func (s *Server) order(r *http.Request) (func(a, b *desk.Ticket) int, *desk.Reply) {
	orders := map[string]func(a, b *desk.Ticket) int{"": desk.ByID, "2": desk.ByID, "19": desk.ByUpdated}
	order, ok := orders[r.URL.Query().Get("sort")]
	if !ok {
		out := refuse(http.StatusBadRequest, "ERROR", "there is no search option to sort by")
		return nil, &out
	}
	if r.URL.Query().Get("order") == "DESC" {
		return func(a, b *desk.Ticket) int { return order(b, a) }, nil
	}
	return order, nil
}
