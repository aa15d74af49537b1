// Package servicenow is an honest fake of ServiceNow's Table API for incidents, their SLAs and their journal, and of
// its Batch API, which takes several requests in one call. Like ServiceNow it answers everything as text, shows references as objects unless told otherwise, and passes over a
// condition that it does not understand, which then filters nothing.
package servicenow

import (
	"fmt"
	"maps"
	"net/http"
	"net/url"
	"slices"
	"strconv"
	"strings"
	"time"

	"whatsapp_sla_exporter/internal/simulator/desk"
)

// Options configure a Server. User, Password and Now must be set.
type Options struct {
	User, Password string
	Now            func() time.Time
	Targets        map[string]desk.Targets
	// PerHour is the limit of a rate limit rule. A new instance has none, which is 0.
	PerHour int
	// HideJournal answers the journal as to a user without the right to read it: with no rows.
	HideJournal bool
	// RefuseJournal answers who asks for the journal that he may not.
	RefuseJournal bool
	// Columns are those that the instance added, without their u_, filled from the tickets' fields.
	Columns []string
}

// Server is the fake.
type Server struct {
	*desk.Desk
	o      Options
	mux    *http.ServeMux
	window desk.Window
}

// New returns a server without incidents.
func New(o Options) *Server {
	s := &Server{Desk: desk.New(o.Now, o.Targets), o: o, mux: http.NewServeMux()}
	s.window = desk.Window{Limit: o.PerHour, Every: time.Hour}
	s.mux.Handle("GET /api/now/table/{table}", s.allowed(s.rows))
	s.mux.Handle("POST /api/now/v1/batch", s.allowed(s.batched))
	return s
}

// ServeHTTP answers a request.
func (s *Server) ServeHTTP(w http.ResponseWriter, r *http.Request) { s.mux.ServeHTTP(w, r) }

func refuse(status int, message, detail string) desk.Reply {
	return desk.Reply{Status: status, Body: map[string]any{"error": map[string]any{"message": message, "detail": detail}, "status": "failure"}}
}

// allowed lets a call pass that has the credentials, within the limit. A batch is one call.
func (s *Server) allowed(h desk.Handler) desk.Handler {
	return func(r *http.Request) desk.Reply {
		if user, password, ok := r.BasicAuth(); !ok || user != s.o.User || password != s.o.Password {
			return refuse(http.StatusUnauthorized, "User Not Authenticated", "Required to provide Auth information")
		}
		_, ends, ok := s.window.Take(s.Now())
		limits := map[string]string{}
		if s.o.PerHour > 0 {
			limits["X-RateLimit-Limit"], limits["X-RateLimit-Reset"] = strconv.Itoa(s.o.PerHour), strconv.FormatInt(ends.Unix(), 10)
			limits["X-RateLimit-Rule"] = "00000000000000000000000000000009"
		}
		if !ok {
			out := refuse(http.StatusTooManyRequests, "Rate limit exceeded", "Rejected request as the rate limit is exceeded")
			limits["Retry-After"] = desk.Seconds(ends.Sub(s.Now()))
			out.Header = limits
			return out
		}
		out := h(r)
		if out.Header == nil {
			out.Header = map[string]string{}
		}
		maps.Copy(out.Header, limits)
		return out
	}
}

// rows answers from one of the tables.
func (s *Server) rows(r *http.Request) desk.Reply {
	tables := map[string]func(query string, most int) []record{"incident": s.incidents, "task_sla": s.slas, "sys_journal_field": s.journal}
	read, ok := tables[r.PathValue("table")]
	if !ok {
		return refuse(http.StatusBadRequest, "Invalid table "+r.PathValue("table"), "")
	}
	if s.o.RefuseJournal && r.PathValue("table") == "sys_journal_field" {
		return refuse(http.StatusForbidden, "User Not Authorized", "Failed API level ACL Validation")
	}
	limit, ok := desk.Number(r, "sysparm_limit", 10_000, 0, 1_000_000)
	offset, ok2 := desk.Number(r, "sysparm_offset", 0, 0, 1_000_000_000)
	if !ok || !ok2 {
		return refuse(http.StatusBadRequest, "Invalid sysparm_limit or sysparm_offset", "")
	}
	encoded := r.URL.Query().Get("sysparm_query")
	most := -1 // rows of which no more are needed, where nobody counts them and their order is that of their ids
	if q := r.URL.Query(); q.Get("sysparm_no_count") == "true" && q.Get("sysparm_suppress_pagination_header") == "true" && strings.HasSuffix(encoded, "^ORDERBYsys_id") {
		most = offset + limit
	}
	found := query(encoded, read(encoded, most))
	page := found[min(offset, len(found)):min(offset+limit, len(found))]
	out := desk.Reply{Body: map[string]any{"result": project(page, r.URL.Query())}, Header: map[string]string{}}
	if r.URL.Query().Get("sysparm_no_count") != "true" {
		out.Header["X-Total-Count"] = strconv.Itoa(len(found))
	}
	if r.URL.Query().Get("sysparm_suppress_pagination_header") != "true" && offset+limit < len(found) {
		q := r.URL.Query()
		q.Set("sysparm_offset", strconv.Itoa(offset+limit))
		out.Header["Link"] = fmt.Sprintf(`<http://%s%s?%s>;rel="next"`, r.Host, r.URL.Path, q.Encode())
	}
	return out
}

// record is a row. Columns that are references begin with a mark, which project takes away.
type record map[string]string

const reference = "\x00"

// project shows the fields that were asked for. One that the table does not have is left out.
func project(rows []record, q url.Values) []any {
	out := []any{}
	for _, row := range rows {
		names := strings.Split(q.Get("sysparm_fields"), ",")
		if q.Get("sysparm_fields") == "" {
			names = nil
			for name := range row {
				names = append(names, name)
			}
		}
		shown := map[string]any{}
		for _, name := range names {
			v, ok := row[name]
			if !ok {
				continue
			}
			id, isReference := strings.CutPrefix(v, reference)
			switch {
			case !isReference:
				shown[name] = v
			case id == "" || q.Get("sysparm_exclude_reference_link") == "true":
				shown[name] = id
			default:
				shown[name] = map[string]any{"link": "https://acme.service-now.com/api/now/table/sys_user/" + id, "value": id}
			}
		}
		if row["bad"] != "" {
			out = append(out, "unavailable")
			continue
		}
		out = append(out, shown)
	}
	return out
}

// passes says whether a row passes all terms of a query. Terms that are not understood are passed over.
func passes(encoded string, row record) bool {
	for term := range strings.SplitSeq(encoded, "^") {
		if !matches(term, row) {
			return false
		}
	}
	return true
}

// query runs an encoded query.
func query(encoded string, rows []record) []record {
	var found []record
	for _, row := range rows {
		if passes(encoded, row) {
			found = append(found, row)
		}
	}
	for term := range strings.SplitSeq(encoded, "^") {
		if by, ok := strings.CutPrefix(term, "ORDERBYDESC"); ok {
			slices.SortStableFunc(found, func(a, b record) int { return strings.Compare(b[by], a[by]) })
		} else if by, ok := strings.CutPrefix(term, "ORDERBY"); ok {
			slices.SortStableFunc(found, func(a, b record) int { return strings.Compare(a[by], b[by]) })
		}
	}
	return found
}

// comparisons are the operators, the longer ones first.
var comparisons = []struct {
	sign string
	test func(have, want string) bool
}{
	{">=", func(have, want string) bool { return have >= want }},
	{"<=", func(have, want string) bool { return have <= want }},
	{"!=", func(have, want string) bool { return have != want }},
	{">", func(have, want string) bool { return have > want }},
	{"<", func(have, want string) bool { return have < want }},
	{"=", func(have, want string) bool { return have == want }},
	{"NOT IN", func(have, want string) bool { return !slices.Contains(strings.Split(want, ","), have) }},
	{"IN", func(have, want string) bool { return slices.Contains(strings.Split(want, ","), have) }},
}

func matches(term string, row record) bool {
	for _, c := range comparisons {
		field, want, ok := strings.Cut(term, c.sign)
		if !ok {
			continue
		}
		have, known := row[field]
		return !known || c.test(strings.TrimPrefix(have, reference), want)
	}
	return true
}
