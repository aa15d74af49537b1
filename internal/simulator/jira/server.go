// Package jira is an honest fake of Jira Service Management Cloud: the search by JQL, fetching by key, comments, the
// site's fields with SLA clocks among them, and its service projects. Its search index is late, its pages are opaque,
// and a row has the first twenty comments of its issue.
package jira

import (
	"bytes"
	"encoding/base64"
	"encoding/json"
	"fmt"
	"io"
	"net/http"
	"strconv"
	"strings"
	"time"

	"whatsapp_sla_exporter/internal/simulator/desk"
	"whatsapp_sla_exporter/internal/sla"
)

// Options configure a Server. Email, Token and Now must be set.
type Options struct {
	Email, Token string
	Now          func() time.Time
	Targets      map[string]desk.Targets
	// IndexDelay is how late the search is. Jira: some seconds.
	IndexDelay time.Duration
	// Anonymous answers refused credentials as to anybody, instead of refusing the request.
	Anonymous bool
	// Fields are custom fields of the site by the names of the tickets' fields.
	Fields map[string]string
	// PerMinute bounds the calls; 0 is no limit.
	PerMinute int
	// CommentsInRow is how many comments a row has. Jira: 20.
	CommentsInRow int
}

// Server is the fake. Its issues are in the project SUP.
type Server struct {
	*desk.Desk
	o      Options
	mux    *http.ServeMux
	window desk.Window
}

// New returns a server without issues.
func New(o Options) *Server {
	if o.CommentsInRow == 0 {
		o.CommentsInRow = 20
	}
	s := &Server{Desk: desk.New(o.Now, o.Targets), o: o, mux: http.NewServeMux()}
	s.window = desk.Window{Limit: o.PerMinute, Every: time.Minute}
	for pattern, h := range map[string]desk.Handler{
		"POST /rest/api/3/search/jql":               s.search,
		"POST /rest/api/3/search/approximate-count": s.count,
		"POST /rest/api/3/issue/bulkfetch":          s.bulkFetch,
		"GET /rest/api/3/issue/{key}/comment":       s.comments,
		"GET /rest/api/3/field":                     s.fieldList,
		"GET /rest/servicedeskapi/servicedesk":      s.serviceDesks,
	} {
		s.mux.Handle(pattern, s.allowed(h))
	}
	return s
}

// ServeHTTP answers a request.
func (s *Server) ServeHTTP(w http.ResponseWriter, r *http.Request) { s.mux.ServeHTTP(w, r) }

func refuse(status int, messages ...string) desk.Reply {
	return desk.Reply{Status: status, Body: map[string]any{"errorMessages": messages, "errors": map[string]string{}}}
}

func (s *Server) allowed(h desk.Handler) desk.Handler {
	return func(r *http.Request) desk.Reply {
		if email, token, ok := r.BasicAuth(); !ok || email != s.o.Email || token != s.o.Token {
			if s.o.Anonymous && r.Method == http.MethodPost {
				return desk.Reply{
					Header: map[string]string{"X-Seraph-LoginReason": "AUTHENTICATED_FAILED"},
					Body:   map[string]any{"issues": []any{}, "isLast": true},
				}
			}
			return refuse(http.StatusUnauthorized, "Client must be authenticated to access this resource.")
		}
		left, ends, ok := s.window.Take(s.Now())
		limits := map[string]string{}
		if s.o.PerMinute > 0 {
			limits["X-RateLimit-Limit"], limits["X-RateLimit-Remaining"] = strconv.Itoa(s.o.PerMinute), strconv.Itoa(left)
		}
		out := refuse(http.StatusTooManyRequests, "Rate limit exceeded.")
		if ok {
			out = h(r)
		} else {
			limits["Retry-After"], limits["RateLimit-Reason"] = desk.Seconds(ends.Sub(s.Now())), "jira-burst-based"
		}
		out.Header = limits
		return out
	}
}

// strictly decodes a body, and refuses keys that nobody documented.
func strictly(r *http.Request, v any) *desk.Reply {
	raw, err := io.ReadAll(io.LimitReader(r.Body, 1<<20))
	d := json.NewDecoder(bytes.NewReader(raw))
	d.DisallowUnknownFields()
	if err != nil || d.Decode(v) != nil {
		out := refuse(http.StatusBadRequest, "Invalid request payload. Refer to the REST API documentation and try again.")
		return &out
	}
	return nil
}

type searchRequest struct {
	JQL             string          `json:"jql"`
	Fields          []string        `json:"fields"`
	FieldsByKeys    bool            `json:"fieldsByKeys"`
	Expand          string          `json:"expand"`
	Properties      []string        `json:"properties"`
	MaxResults      int             `json:"maxResults"`
	NextPageToken   string          `json:"nextPageToken"`
	ReconcileIssues json.RawMessage `json:"reconcileIssues"`
}

const (
	mostIDs  = 5000 // rows of a page of ids and keys alone
	mostRows = 100  // of one with fields
)

func (s *Server) search(r *http.Request) desk.Reply {
	q := searchRequest{MaxResults: 50}
	if no := strictly(r, &q); no != nil {
		return *no
	}
	if q.MaxResults < 1 || q.MaxResults > mostIDs {
		return refuse(http.StatusBadRequest, "maxResults must be between 1 and 5000.")
	}
	found, order, problem := s.run(q.JQL)
	if problem != "" {
		return refuse(http.StatusBadRequest, problem)
	}
	if q.NextPageToken != "" {
		after, ok := readPlace(q.NextPageToken)
		if !ok {
			return refuse(http.StatusBadRequest, "The provided next page token is invalid.")
		}
		for len(found) > 0 && !after.before(order(found[0]), found[0].ID) {
			found = found[1:]
		}
	}
	size := q.MaxResults
	if len(q.Fields) > 0 {
		size = min(size, mostRows)
	}
	page := found[:min(size, len(found))]
	body := map[string]any{"issues": s.rows(page, q.Fields), "isLast": len(page) == len(found)}
	if len(page) < len(found) {
		last := page[len(page)-1]
		body["nextPageToken"] = place{order(last), last.ID}.token()
	}
	return desk.Reply{Body: body}
}

// place is where a page begins: after the issue with this key and id.
type place struct{ key, id int64 }

func (p place) before(key, id int64) bool { return p.key < key || p.key == key && p.id < id }

func (p place) token() string {
	return base64.StdEncoding.EncodeToString(fmt.Appendf(nil, "%d.%d", p.key, p.id))
}

func readPlace(token string) (p place, ok bool) {
	raw, err := base64.StdEncoding.DecodeString(token)
	if err != nil {
		return p, false
	}
	n, err := fmt.Sscanf(string(raw), "%d.%d", &p.key, &p.id)
	return p, err == nil && n == 2
}

func (s *Server) count(r *http.Request) desk.Reply {
	var q struct {
		JQL string `json:"jql"`
	}
	if no := strictly(r, &q); no != nil {
		return *no
	}
	found, _, problem := s.run(q.JQL)
	if problem != "" {
		return refuse(http.StatusBadRequest, problem)
	}
	return desk.Reply{Body: map[string]any{"count": len(found)}}
}

// bulkFetch answers with the issues that there are, and says nothing of the others.
func (s *Server) bulkFetch(r *http.Request) desk.Reply {
	var q struct {
		Keys         []string `json:"issueIdsOrKeys"`
		Fields       []string `json:"fields"`
		FieldsByKeys bool     `json:"fieldsByKeys"`
		Expand       []string `json:"expand"`
		Properties   []string `json:"properties"`
	}
	if no := strictly(r, &q); no != nil {
		return *no
	}
	if len(q.Keys) == 0 || len(q.Keys) > 100 {
		return refuse(http.StatusBadRequest, "issueIdsOrKeys: want 1 to 100.")
	}
	var found []*desk.Ticket
	for _, key := range q.Keys {
		if t := s.Find(ReadKey(key)); t != nil && !t.Deleted {
			found = append(found, t)
		}
	}
	return desk.Reply{Body: map[string]any{"issues": s.rows(found, q.Fields), "issueErrors": []any{}}}
}

func (s *Server) comments(r *http.Request) desk.Reply {
	t := s.Find(ReadKey(r.PathValue("key")))
	if t == nil || t.Deleted {
		return refuse(http.StatusNotFound, "Issue does not exist or you do not have permission to see it.")
	}
	start, ok := desk.Number(r, "startAt", 0, 0, 1_000_000)
	limit, ok2 := desk.Number(r, "maxResults", 100, 0, 1_000_000)
	if !ok || !ok2 {
		return refuse(http.StatusBadRequest, "startAt and maxResults must be numbers.")
	}
	limit = min(limit, 100)
	all := t.Messages[1:]
	page := all[min(start, len(all)):min(start+limit, len(all))]
	return desk.Reply{Body: map[string]any{"startAt": start, "maxResults": limit, "total": len(all), "comments": shownComments(page)}}
}

func (s *Server) serviceDesks(r *http.Request) desk.Reply {
	if start, ok := desk.Number(r, "start", 0, 0, 1000); !ok || start > 0 {
		return desk.Reply{Body: map[string]any{"size": 0, "start": start, "limit": 50, "isLastPage": true, "values": []any{}}}
	}
	return desk.Reply{Body: map[string]any{"size": 1, "start": 0, "limit": 50, "isLastPage": true, "values": []any{
		map[string]any{"id": "1", "projectId": "10000", "projectName": "Support", "projectKey": project},
	}}}
}

// The SLA clocks of the site.
var clocks = map[string]struct {
	name   string
	target sla.Target
}{
	"customfield_10030": {"Time to first response", sla.FirstResponse},
	"customfield_10031": {"Time to resolution", sla.Resolution},
	"customfield_10032": {"Time to next update", sla.NextResponse},
	"customfield_10033": {"Time to close after resolution", ""},
}

func (s *Server) fieldList(*http.Request) desk.Reply {
	list := []any{map[string]any{"id": "summary", "name": "Summary", "custom": false, "schema": map[string]any{"type": "string", "system": "summary"}}}
	for id, k := range clocks {
		n, _ := strconv.Atoi(strings.TrimPrefix(id, "customfield_"))
		list = append(list, map[string]any{"id": id, "name": k.name, "custom": true, "schema": map[string]any{
			"type": "sd-servicelevelagreement", "custom": "com.atlassian.servicedesk:sd-sla-field", "customId": n,
		}})
	}
	for name, id := range s.o.Fields {
		list = append(list, map[string]any{"id": id, "name": name, "custom": true, "schema": map[string]any{
			"type": "option", "custom": "com.atlassian.jira.plugin.system.customfieldtypes:select",
		}})
	}
	return desk.Reply{Body: list}
}
