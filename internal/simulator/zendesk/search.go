package zendesk

import (
	"fmt"
	"net/http"
	"slices"
	"strconv"
	"strings"
	"time"
)

// statusOrder is what status<solved compares by.
var statusOrder = []string{"new", "open", "pending", "hold", "solved", "closed"}

// condition is one term of a search. It is asked about a ticket as the index holds it.
type condition func(t *ticket, status string) bool

// parseSearch understands type, status, priority, tags, created and updated. Zendesk takes any other word for text
// to look for; no ticket of the simulator has any.
func parseSearch(query string) []condition {
	var out []condition
	for term := range strings.FieldsSeq(query) {
		i := strings.IndexAny(term, ":<>")
		if i < 0 {
			out = append(out, func(*ticket, string) bool { return false })
			continue
		}
		name, op, value := term[:i], term[i:i+1], term[i+1:]
		if strings.HasPrefix(value, "=") {
			op, value = op+"=", value[1:]
		}
		out = append(out, parseTerm(name, op, value))
	}
	return out
}

func parseTerm(name, op, value string) condition {
	switch name {
	case "type":
		return func(*ticket, string) bool { return value == "ticket" }
	case "status":
		want := slices.Index(statusOrder, value)
		return func(_ *ticket, status string) bool {
			return want >= 0 && compare(slices.Index(statusOrder, status)-want, op)
		}
	case "priority":
		return func(t *ticket, _ string) bool { return t.Priority == value }
	case "tags":
		return func(t *ticket, _ string) bool { return slices.Contains(t.Tags, value) }
	case "created", "updated":
		at, err := time.Parse(time.RFC3339, value)
		if err != nil {
			at, err = time.Parse(time.DateOnly, value)
		}
		return func(t *ticket, _ string) bool {
			of := t.created
			if name == "updated" {
				of = t.updated
			}
			return err == nil && compare(of.Compare(at), op)
		}
	}
	return func(*ticket, string) bool { return false }
}

func compare(n int, op string) bool {
	switch op {
	case "<":
		return n < 0
	case "<=":
		return n <= 0
	case ">":
		return n > 0
	case ">=":
		return n >= 0
	}
	return n == 0
}

// found says whether the index, which is a little old, holds a ticket that the query looks for.
func (s *Server) found(query string) func(*ticket) bool {
	indexed, conditions := s.o.Now().Add(-s.o.IndexDelay), parseSearch(query)
	return func(t *ticket) bool {
		status := t.statusOn(indexed)
		if status == "" || status == "deleted" {
			return false
		}
		return !slices.ContainsFunc(conditions, func(c condition) bool { return !c(t, status) })
	}
}

func created(t *ticket) int64 { return t.created.Unix() }

// search shows the first 1,000 tickets found, in pages by number. It has no side-loads of SLAs or metrics.
func (s *Server) search(r *http.Request, _ Role) (any, *refusal) {
	query := r.URL.Query().Get("query")
	if query == "" {
		return nil, &refusal{http.StatusUnprocessableEntity, "InvalidQuery", "query must not be empty"}
	}
	size, no := number(r, "per_page", 100, 100)
	if no != nil {
		return nil, no
	}
	page, no := number(r, "page", 1, 1_000_000)
	if no != nil {
		return nil, no
	}
	if page*size > 1000 {
		return nil, &refusal{http.StatusUnprocessableEntity, "SearchResultLimit", "Requested response size was greater than Search Response Limits"}
	}
	list := s.sorted(s.found(query), created)
	rows := s.results(r, list[min(len(list), (page-1)*size):min(len(list), page*size)])
	var next any
	if len(list) > page*size {
		next = fmt.Sprintf("http://%s/api/v2/search.json?page=%d", r.Host, page+1)
	}
	return map[string]any{"results": rows, "count": len(list), "next_page": next, "previous_page": nil, "facets": nil}, nil
}

// result is a ticket as search shows it.
type result struct {
	row
	ResultType string `json:"result_type"`
}

func (s *Server) results(r *http.Request, list []*ticket) []result {
	out := []result{}
	for _, t := range list {
		out = append(out, result{s.row(r, t, includes{}), "ticket"})
	}
	return out
}

func (s *Server) searchCount(r *http.Request, _ Role) (any, *refusal) {
	return map[string]int{"count": len(s.sorted(s.found(r.URL.Query().Get("query")), created))}, nil
}

// exportCursorLife is for how long a cursor of the search export can be used.
const exportCursorLife = time.Hour

// searchExport shows everything found, by age, with cursor paging. Its cursors expire.
func (s *Server) searchExport(r *http.Request, _ Role) (any, *refusal) {
	q := r.URL.Query()
	if q.Get("filter[type]") != "ticket" {
		return nil, badValue("filter[type] must be set; the simulator has tickets only")
	}
	now := s.o.Now()
	if cursor, stamp, stamped := strings.Cut(q.Get("page[after]"), "~"); cursor != "" {
		issued, err := strconv.ParseInt(stamp, 36, 64)
		if !stamped || err != nil || now.Sub(time.Unix(issued, 0)) > exportCursorLife {
			return nil, badValue("page[after] is not valid or has expired")
		}
		q.Set("page[after]", cursor)
		r.URL.RawQuery = q.Encode()
	}
	p, no := s.page(r, 1000, s.found(q.Get("query")), created)
	if no != nil {
		return nil, no
	}
	if cursor, ok := p.meta["after_cursor"].(string); ok {
		p.meta["after_cursor"] = cursor + "~" + strconv.FormatInt(now.Unix(), 36)
	}
	return map[string]any{"results": s.results(r, p.tickets), "facets": nil, "meta": p.meta, "links": p.links}, nil
}
