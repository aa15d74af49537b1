// Package intercom is an honest fake of Intercom's API for conversations: the search with its query language, single
// conversations, and who the token belongs to. Its index is late, its pages go on by opaque cursors, and it tells its
// limits in headers without a Retry-After.
package intercom

import (
	"bytes"
	"encoding/base64"
	"encoding/json"
	"fmt"
	"io"
	"net/http"
	"slices"
	"strconv"
	"time"

	"whatsapp_sla_exporter/internal/simulator/desk"
	"whatsapp_sla_exporter/internal/sla"
)

// Options configure a Server. Token and Now must be set.
type Options struct {
	Token string
	Now   func() time.Time
	// IndexDelay is how late the search is. Intercom: seconds, up to minutes.
	IndexDelay time.Duration
	// Per10Seconds bounds the calls. Intercom spreads what a minute allows over such windows; 0 is no limit.
	Per10Seconds int
	Region       string // default US
}

// Version is the version of the API that is served.
const Version = "2.16"

// Server is the fake.
type Server struct {
	*desk.Desk
	o      Options
	mux    *http.ServeMux
	window desk.Window
}

// New returns a server without conversations.
func New(o Options) *Server {
	if o.Region == "" {
		o.Region = "US"
	}
	s := &Server{Desk: desk.New(o.Now, nil), o: o, mux: http.NewServeMux()}
	s.window = desk.Window{Limit: o.Per10Seconds, Every: 10 * time.Second}
	s.mux.Handle("POST /conversations/search", s.allowed(s.search))
	s.mux.Handle("GET /conversations/{id}", s.allowed(s.single))
	s.mux.Handle("GET /me", s.allowed(s.me))
	return s
}

// ServeHTTP answers a request.
func (s *Server) ServeHTTP(w http.ResponseWriter, r *http.Request) { s.mux.ServeHTTP(w, r) }

func refuse(status int, code, message string) desk.Reply {
	return desk.Reply{Status: status, Body: map[string]any{
		"type": "error.list", "request_id": "0", "errors": []any{map[string]any{"code": code, "message": message}},
	}}
}

func (s *Server) allowed(h desk.Handler) desk.Handler {
	return func(r *http.Request) desk.Reply {
		switch {
		case r.Header.Get("Authorization") != "Bearer "+s.o.Token:
			return refuse(http.StatusUnauthorized, "unauthorized", "Access Token Invalid")
		case r.Header.Get("Intercom-Version") != "" && r.Header.Get("Intercom-Version") != Version:
			return refuse(http.StatusBadRequest, "intercom_version_invalid", "The requested version could not be found")
		}
		left, ends, ok := s.window.Take(s.Now())
		out := refuse(http.StatusTooManyRequests, "rate_limit_exceeded", "Exceeded rate limit")
		if ok {
			out = h(r)
		}
		out.Header = map[string]string{"Intercom-Version": Version}
		if s.o.Per10Seconds > 0 {
			out.Header["X-RateLimit-Limit"], out.Header["X-RateLimit-Remaining"] = strconv.Itoa(s.o.Per10Seconds), strconv.Itoa(left)
			out.Header["X-RateLimit-Reset"] = strconv.FormatInt(ends.Unix(), 10)
		}
		return out
	}
}

func (s *Server) me(*http.Request) desk.Reply {
	return desk.Reply{Body: map[string]any{
		"type": "admin", "id": "11", "email": "ops@acme.example", "app": map[string]any{"type": "app", "id_code": "abc123", "region": s.o.Region},
	}}
}

func (s *Server) single(r *http.Request) desk.Reply {
	n, err := strconv.ParseInt(r.PathValue("id"), 10, 64)
	t := s.Find(n)
	if err != nil || t == nil || t.Deleted {
		return refuse(http.StatusNotFound, "not_found", "Resource Not Found")
	}
	row := s.row(t)
	row["conversation_parts"] = map[string]any{"type": "conversation_part.list", "conversation_parts": []any{}, "total_count": len(t.Messages)}
	return desk.Reply{Body: row}
}

type searchRequest struct {
	Query      query `json:"query"`
	Pagination struct {
		PerPage       *int    `json:"per_page"`
		StartingAfter *string `json:"starting_after"`
	} `json:"pagination"`
	Sort json.RawMessage `json:"sort"`
}

func (s *Server) search(r *http.Request) desk.Reply {
	raw, err := io.ReadAll(io.LimitReader(r.Body, 1<<20))
	d := json.NewDecoder(bytes.NewReader(raw))
	d.DisallowUnknownFields()
	var q searchRequest
	if err != nil || d.Decode(&q) != nil {
		return refuse(http.StatusBadRequest, "parameter_invalid", "The query is not valid")
	}
	size, after := 20, place{}
	if q.Pagination.PerPage != nil {
		size = *q.Pagination.PerPage
	}
	if size < 1 || size > 150 {
		return refuse(http.StatusBadRequest, "parameter_invalid", "per_page must be between 1 and 150")
	}
	if c := q.Pagination.StartingAfter; c != nil && *c != "" {
		var ok bool
		if after, ok = readPlace(*c); !ok {
			return refuse(http.StatusBadRequest, "parameter_invalid", "starting_after is not a valid cursor")
		}
	}
	if problem := q.Query.problem(0); problem != "" {
		return refuse(http.StatusBadRequest, "invalid_field", problem)
	}
	indexed := s.Indexed(s.o.IndexDelay)
	found := s.List(func(t *desk.Ticket) bool { return !t.Deleted && indexed(t) && q.Query.matches(t) }, desk.ByUpdated)
	slices.Reverse(found) // the last changed first
	total := len(found)
	if after != (place{}) {
		found = slices.DeleteFunc(found, func(t *desk.Ticket) bool { return !after.before(t) })
	}
	page := found[:min(size, len(found))]
	rows := []any{}
	for _, t := range page {
		rows = append(rows, s.row(t))
	}
	pages := map[string]any{"type": "pages", "page": 1, "per_page": size, "total_pages": (total + size - 1) / size}
	if len(found) > size {
		pages["next"] = map[string]any{"per_page": size, "starting_after": placeOf(page[size-1]).cursor()}
	}
	return desk.Reply{Body: map[string]any{"type": "conversation.list", "conversations": rows, "total_count": total, "pages": pages}}
}

// place is where a page ended.
type place struct{ updated, id int64 }

func placeOf(t *desk.Ticket) place { return place{t.Updated.Unix(), t.ID} }

func (p place) before(t *desk.Ticket) bool {
	at := t.Updated.Unix()
	return at < p.updated || at == p.updated && t.ID < p.id
}

func (p place) cursor() string {
	return base64.StdEncoding.EncodeToString(fmt.Appendf(nil, "[%d,%d]", p.updated, p.id))
}

func readPlace(cursor string) (p place, ok bool) {
	raw, err := base64.StdEncoding.DecodeString(cursor)
	if err != nil {
		return p, false
	}
	n, err := fmt.Sscanf(string(raw), "[%d,%d]", &p.updated, &p.id)
	return p, err == nil && n == 2
}

var states = map[sla.Status]string{
	sla.StatusNew: "open", sla.StatusOpen: "open", sla.StatusPending: "snoozed", sla.StatusOnHold: "snoozed", sla.StatusSolved: "closed", sla.StatusClosed: "closed",
}
