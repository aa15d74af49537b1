// Package front is an honest fake of Front's Core API: conversations, their messages, and the feed of events. Pages go
// on by a token inside a whole address, events come fifteen at a time, and calls are counted by the minute.
package front

import (
	"encoding/base64"
	"encoding/json"
	"fmt"
	"net/http"
	"net/url"
	"slices"
	"strconv"
	"strings"
	"sync"
	"time"

	"whatsapp_sla_exporter/internal/simulator/desk"
)

// Options configure a Server. Token and Now must be set.
type Options struct {
	Token string
	Now   func() time.Time
	// PerMinute is what the plan allows. Front: 50, 100 or 200; 0 is no limit.
	PerMinute int
}

// Server is the fake.
type Server struct {
	*desk.Desk
	o      Options
	mux    *http.ServeMux
	window desk.Window

	mu     sync.Mutex
	events []event
}

// New returns a server without conversations.
func New(o Options) *Server {
	s := &Server{Desk: desk.New(o.Now, nil), o: o, mux: http.NewServeMux()}
	s.window = desk.Window{Limit: o.PerMinute, Every: time.Minute}
	s.OnChange = s.record
	for pattern, h := range map[string]desk.Handler{
		"GET /conversations":               s.conversations,
		"GET /conversations/{id}":          s.conversation,
		"GET /conversations/{id}/messages": s.messages,
		"GET /events":                      s.feed,
	} {
		s.mux.Handle(pattern, s.allowed(h))
	}
	return s
}

// ServeHTTP answers a request.
func (s *Server) ServeHTTP(w http.ResponseWriter, r *http.Request) { s.mux.ServeHTTP(w, r) }

func refuse(status int, title, message string) desk.Reply {
	return desk.Reply{Status: status, Body: map[string]any{"_error": map[string]any{"status": status, "title": title, "message": message}}}
}

func bad(message string) desk.Reply { return refuse(http.StatusBadRequest, "Bad request", message) }

func (s *Server) allowed(h desk.Handler) desk.Handler {
	return func(r *http.Request) desk.Reply {
		if r.Header.Get("Authorization") != "Bearer "+s.o.Token {
			return refuse(http.StatusUnauthorized, "Unauthenticated", "JSON Web Token error")
		}
		left, ends, ok := s.window.Take(s.Now())
		limits := map[string]string{}
		if s.o.PerMinute > 0 {
			limits["X-Ratelimit-Limit"], limits["X-Ratelimit-Remaining"] = strconv.Itoa(s.o.PerMinute), strconv.Itoa(left)
			limits["X-Ratelimit-Reset"] = strconv.FormatInt(ends.Unix(), 10)
		}
		if !ok {
			limits["Retry-After"] = desk.Seconds(ends.Sub(s.Now()))
			out := refuse(http.StatusTooManyRequests, "Too many requests", "Rate limit exceeded")
			out.Header = limits
			return out
		}
		out := h(r)
		out.Header = limits
		return out
	}
}

// place is where a page begins: after the row with this key and number.
type place struct {
	key int64
	n   int64
}

func (p place) token() string {
	return base64.RawURLEncoding.EncodeToString(fmt.Appendf(nil, "%d/%d", p.key, p.n))
}

func readPlace(token string) (p place, ok bool) {
	raw, err := base64.RawURLEncoding.DecodeString(token)
	if err != nil {
		return p, false
	}
	n, err := fmt.Sscanf(string(raw), "%d/%d", &p.key, &p.n)
	return p, err == nil && n == 2
}

// paged cuts a page out of sorted rows, and names the next.
func paged[T any](r *http.Request, rows []T, at func(*T) place, limit int, show func(*T) any) desk.Reply {
	q := r.URL.Query()
	if token := q.Get("page_token"); token != "" {
		after, ok := readPlace(token)
		if !ok {
			return bad("page_token is not valid")
		}
		rows = slices.DeleteFunc(rows, func(row T) bool {
			p := at(&row)
			return p.key < after.key || p.key == after.key && p.n <= after.n
		})
	}
	results := []any{}
	for i := range rows[:min(limit, len(rows))] {
		results = append(results, show(&rows[i]))
	}
	var next any
	if len(rows) > limit {
		q.Set("page_token", at(&rows[limit-1]).token())
		next = (&url.URL{Scheme: "https", Host: "acme.api.frontapp.com", Path: r.URL.Path, RawQuery: q.Encode()}).String()
	}
	return desk.Reply{Body: map[string]any{
		"_pagination": map[string]any{"next": next}, "_links": map[string]any{"self": "https://acme.api.frontapp.com" + r.URL.Path}, "_results": results,
	}}
}

// search reads the q parameter: an object, of which nothing may be unknown.
func search(r *http.Request, v any) bool {
	text := r.URL.Query().Get("q")
	if text == "" {
		return true
	}
	d := json.NewDecoder(strings.NewReader(text))
	d.DisallowUnknownFields()
	return d.Decode(v) == nil
}

func (s *Server) conversations(r *http.Request) desk.Reply {
	var q struct {
		Statuses         []string `json:"statuses"`
		StatusCategories []string `json:"status_categories"`
		StatusIDs        []string `json:"status_ids"`
	}
	if name := desk.Unknown(r, "q", "limit", "page_token", "sort_by", "sort_order"); name != "" || !search(r, &q) {
		return bad("unknown parameter " + name)
	}
	limit, ok := desk.Number(r, "limit", 50, 1, 100)
	if !ok {
		return bad("limit must be at most 100")
	}
	if len(q.Statuses) > 0 && len(q.StatusCategories) > 0 {
		return bad("statuses and status_categories exclude each other")
	}
	found := s.List(func(t *desk.Ticket) bool {
		status, category := state(t)
		return !t.Deleted && (len(q.Statuses) == 0 || slices.Contains(q.Statuses, status)) &&
			(len(q.StatusCategories) == 0 || slices.Contains(q.StatusCategories, category))
	}, desk.ByUpdated)
	at := func(t **desk.Ticket) place { return place{(*t).Updated.Unix(), (*t).ID} }
	if r.URL.Query().Get("sort_order") != "asc" {
		slices.Reverse(found)
		at = func(t **desk.Ticket) place { return place{-(*t).Updated.Unix(), -(*t).ID} }
	}
	return paged(r, found, at, limit, func(t **desk.Ticket) any { return s.row(*t) })
}

// find is the conversation of the path, deleted ones included; nil where there is none.
func (s *Server) find(r *http.Request) *desk.Ticket {
	t := s.Find(ReadID(r.PathValue("id")))
	if t == nil || t.MergedInto != 0 {
		return nil
	}
	return t
}

func notFound() desk.Reply { return refuse(http.StatusNotFound, "Not found", "Unknown conversation") }

func (s *Server) conversation(r *http.Request) desk.Reply {
	t := s.find(r)
	if t == nil {
		return notFound()
	}
	return desk.Reply{Body: s.row(t)}
}

// messages are the newest first.
func (s *Server) messages(r *http.Request) desk.Reply {
	t := s.find(r)
	if t == nil {
		return notFound()
	}
	limit, ok := desk.Number(r, "limit", 50, 1, 100)
	if name := desk.Unknown(r, "limit", "page_token", "sort_by", "sort_order"); name != "" || !ok {
		return bad("unknown parameter, or limit over 100")
	}
	type numbered struct {
		n int
		m desk.Message
	}
	var list []numbered
	for n, m := range slices.Backward(t.Messages) {
		if !m.Private {
			list = append(list, numbered{n, m})
		}
	}
	at := func(m *numbered) place { return place{-m.m.At.Unix(), -int64(m.n)} }
	return paged(r, list, at, limit, func(m *numbered) any { return message(t, m.n, m.m) })
}
