// Package hubspot is an honest fake of HubSpot's CRM API for tickets: search, batch read, the list, pipelines. It
// refuses tokens, unknown keys, operators, page sizes and results beyond the ten thousandth as HubSpot does.
package hubspot

import (
	"bytes"
	"encoding/json"
	"fmt"
	"io"
	"net/http"
	"slices"
	"strconv"
	"strings"
	"time"

	"whatsapp_sla_exporter/internal/simulator/desk"
)

// Options configure a Server. Token and Now must be set.
type Options struct {
	Token   string
	Now     func() time.Time
	Targets map[string]desk.Targets
	// PerSecond bounds searches. HubSpot: 4 or 5. 0 is no limit.
	PerSecond int
	// IndexDelay is how old the search index is. HubSpot: a few seconds.
	IndexDelay time.Duration
	// Properties are custom ones that the account has, filled from the tickets' fields.
	Properties []string
}

// Server is the fake.
type Server struct {
	*desk.Desk
	o      Options
	mux    *http.ServeMux
	search desk.Window
}

// New returns a server without tickets.
func New(o Options) *Server {
	s := &Server{Desk: desk.New(o.Now, o.Targets), o: o, mux: http.NewServeMux()}
	s.search = desk.Window{Limit: o.PerSecond, Every: time.Second}
	for pattern, h := range map[string]desk.Handler{
		"POST /crm/v3/objects/tickets/search":     s.searchTickets,
		"POST /crm/v3/objects/tickets/batch/read": s.batchRead,
		"GET /crm/v3/objects/tickets":             s.list,
		"GET /crm/v3/pipelines/tickets":           s.pipelines,
	} {
		s.mux.Handle(pattern, s.authenticated(h))
	}
	return s
}

// ServeHTTP answers a request.
func (s *Server) ServeHTTP(w http.ResponseWriter, r *http.Request) { s.mux.ServeHTTP(w, r) }

func (s *Server) authenticated(h desk.Handler) desk.Handler {
	return func(r *http.Request) desk.Reply {
		if r.Header.Get("Authorization") != "Bearer "+s.o.Token {
			return refuse(http.StatusUnauthorized, "INVALID_AUTHENTICATION", "Authentication credentials not found")
		}
		return h(r)
	}
}

func refuse(status int, category, message string) desk.Reply {
	return desk.Reply{Status: status, Body: map[string]any{"status": "error", "message": message, "category": category, "correlationId": "00000000-0000-0000-0000-000000000000"}}
}

func invalid(format string, args ...any) *desk.Reply {
	r := refuse(http.StatusBadRequest, "VALIDATION_ERROR", fmt.Sprintf(format, args...))
	return &r
}

// strictly decodes a body, and refuses keys that nobody documented.
func strictly(r *http.Request, v any) *desk.Reply {
	raw, err := io.ReadAll(io.LimitReader(r.Body, 1<<20))
	if err != nil {
		return invalid("Invalid input")
	}
	d := json.NewDecoder(bytes.NewReader(raw))
	d.DisallowUnknownFields()
	if err := d.Decode(v); err != nil {
		return invalid("Invalid input JSON: %v", err)
	}
	return nil
}

type searchRequest struct {
	FilterGroups []struct {
		Filters []filter `json:"filters"`
	} `json:"filterGroups"`
	Sorts      []json.RawMessage `json:"sorts"`
	Properties []string          `json:"properties"`
	Limit      int               `json:"limit"`
	After      json.RawMessage   `json:"after"`
	Query      string            `json:"query"`
}

// most is how many results a search has in all.
const most = 10_000

func (s *Server) searchTickets(r *http.Request) desk.Reply {
	if _, _, ok := s.search.Take(s.Now()); !ok {
		out := refuse(http.StatusTooManyRequests, "RATE_LIMITS", "You have reached your secondly limit.")
		body := out.Body.(map[string]any)
		body["errorType"], body["policyName"] = "RATE_LIMIT", "SECONDLY"
		return out
	}
	q := searchRequest{Limit: 10}
	if no := strictly(r, &q); no != nil {
		return *no
	}
	after, no := offset(q.After)
	switch {
	case no != nil:
		return *no
	case q.Limit < 1 || q.Limit > 200:
		return *invalid("limit must be between 1 and 200")
	case after+q.Limit > most:
		return *invalid("Paging through more than %d results is not supported", most)
	case len(q.FilterGroups) > 5:
		return *invalid("too many filter groups")
	}
	order, no := s.order(q.Sorts)
	if no != nil {
		return *no
	}
	for _, g := range q.FilterGroups {
		for _, f := range g.Filters {
			if no := f.check(); no != nil {
				return *no
			}
		}
	}
	indexed := s.Indexed(s.o.IndexDelay)
	found := s.List(func(t *desk.Ticket) bool {
		if t.Deleted || !indexed(t) {
			return false
		}
		property := s.reader(t)
		return len(q.FilterGroups) == 0 || slices.ContainsFunc(q.FilterGroups, func(g struct {
			Filters []filter `json:"filters"`
		},
		) bool {
			return !slices.ContainsFunc(g.Filters, func(f filter) bool { return !f.matches(property) })
		})
	}, order)
	page := found[min(after, len(found)):min(after+q.Limit, len(found))]
	body := map[string]any{"total": len(found), "results": s.results(page, q.Properties)}
	if after+q.Limit < min(len(found), most) {
		body["paging"] = map[string]any{"next": map[string]any{"after": strconv.Itoa(after + q.Limit)}}
	}
	return desk.Reply{Body: body}
}

// offset reads after, which is a number as text.
func offset(raw json.RawMessage) (int, *desk.Reply) {
	text := strings.Trim(string(raw), `"`)
	if text == "" || text == "null" {
		return 0, nil
	}
	n, err := strconv.Atoi(text)
	if err != nil || n < 0 {
		return 0, invalid("after must be a paging cursor")
	}
	return n, nil
}

func (s *Server) order(sorts []json.RawMessage) (func(a, b *desk.Ticket) int, *desk.Reply) {
	if len(sorts) > 1 {
		return nil, invalid("only one sort is supported")
	}
	if len(sorts) == 0 {
		return desk.ByID, nil
	}
	var by struct {
		PropertyName string `json:"propertyName"`
		Direction    string `json:"direction"`
	}
	if json.Unmarshal(sorts[0], &by.PropertyName) != nil && json.Unmarshal(sorts[0], &by) != nil {
		return nil, invalid("sorts: want property names")
	}
	orders := map[string]func(a, b *desk.Ticket) int{
		"hs_lastmodifieddate": desk.ByUpdated, "hs_object_id": desk.ByID,
		"createdate": func(a, b *desk.Ticket) int { return a.Created.Compare(b.Created) },
	}
	order, ok := orders[by.PropertyName]
	if !ok {
		return nil, invalid("there is no property %q to sort by", by.PropertyName)
	}
	if by.Direction == "DESCENDING" {
		return func(a, b *desk.Ticket) int { return order(b, a) }, nil
	}
	return order, nil
}

func (s *Server) batchRead(r *http.Request) desk.Reply {
	var q struct {
		Properties            []string `json:"properties"`
		PropertiesWithHistory []string `json:"propertiesWithHistory"`
		IDProperty            string   `json:"idProperty"`
		Inputs                []struct {
			ID string `json:"id"`
		} `json:"inputs"`
	}
	if no := strictly(r, &q); no != nil {
		return *no
	}
	if len(q.Inputs) == 0 || len(q.Inputs) > 100 {
		return *invalid("inputs: want 1 to 100")
	}
	var found []*desk.Ticket
	var lost []string
	for _, in := range q.Inputs {
		n, err := strconv.ParseInt(in.ID, 10, 64)
		if t := s.Find(n); err == nil && t != nil && !t.Deleted {
			found = append(found, t)
		} else {
			lost = append(lost, in.ID)
		}
	}
	body := map[string]any{"status": "COMPLETE", "results": s.results(found, q.Properties)}
	if len(lost) == 0 {
		return desk.Reply{Body: body}
	}
	body["numErrors"] = 1
	body["errors"] = []any{map[string]any{
		"status": "error", "category": "OBJECT_NOT_FOUND", "message": "Could not get some TICKET objects", "context": map[string]any{"ids": lost},
	}}
	return desk.Reply{Status: http.StatusMultiStatus, Body: body}
}

func (s *Server) list(r *http.Request) desk.Reply {
	limit, ok := desk.Number(r, "limit", 10, 1, 100)
	if name := desk.Unknown(r, "limit", "after", "properties", "archived", "associations"); !ok || name != "" {
		return *invalid("limit must be between 1 and 100, and %q is no parameter", name)
	}
	after, err := strconv.ParseInt("0"+r.URL.Query().Get("after"), 10, 64)
	if err != nil {
		return *invalid("after must be a paging cursor")
	}
	found := s.List(func(t *desk.Ticket) bool { return !t.Deleted && t.ID >= after }, desk.ByID)
	page := found[:min(limit, len(found))]
	body := map[string]any{"results": s.results(page, strings.Split(r.URL.Query().Get("properties"), ","))}
	if len(found) > limit {
		body["paging"] = map[string]any{"next": map[string]any{"after": strconv.FormatInt(found[limit].ID, 10)}}
	}
	return desk.Reply{Body: body}
}
