package freshdesk

import (
	"cmp"
	"fmt"
	"net/http"
	"net/url"
	"slices"
	"strconv"
	"strings"
	"time"
)

// listed are the parameters of the ticket list.
var listed = []string{"filter", "requester_id", "email", "company_id", "updated_since", "order_by", "order_type", "include", "page", "per_page"}

// included is what a list or a single ticket can show besides.
var included = []string{"stats", "requester", "description", "company", "conversations", "sla_policy"}

// orders are what the list can be sorted by.
var orders = map[string]func(*ticket) int64{
	"created_at": func(t *ticket) int64 { return t.created.Unix() },
	"updated_at": func(t *ticket) int64 { return t.updated.Unix() },
	"due_by":     func(t *ticket) int64 { return t.resolveBy.Unix() },
	"status":     func(t *ticket) int64 { return int64(t.status) },
}

// parameters refuses those that the endpoint does not know.
func parameters(q url.Values, known []string) *refusal {
	for name := range q {
		if !slices.Contains(known, name) {
			return invalid(name, "Unexpected/invalid field in request", "invalid_field")
		}
	}
	for what := range strings.SplitSeq(q.Get("include"), ",") {
		if what != "" && !slices.Contains(included, what) {
			return invalid("include", "It should be one of these values: '"+strings.Join(included, ",")+"'", "invalid_value")
		}
	}
	return nil
}

// list lists tickets: without updated_since, those that were opened in the last 30 days. What was deleted or is spam is
// listed only where it is asked for.
func (s *Server) list(h http.Header, r *http.Request) (any, *refusal) {
	q := r.URL.Query()
	if no := parameters(q, listed); no != nil {
		return nil, no
	}
	keep, no := s.filter(q)
	if no != nil {
		return nil, no
	}
	by, direction := cmp.Or(q.Get("order_by"), "created_at"), cmp.Or(q.Get("order_type"), "desc")
	key, ok := orders[by]
	if !ok || direction != "asc" && direction != "desc" {
		return nil, invalid("order_by", "It should be one of these values: 'created_at,due_by,updated_at,status'", "invalid_value")
	}
	var found []*ticket
	for _, t := range s.tickets {
		if keep(t) {
			found = append(found, t)
		}
	}
	slices.SortFunc(found, func(a, b *ticket) int {
		d := cmp.Or(cmp.Compare(key(a), key(b)), cmp.Compare(a.id, b.id))
		if direction == "desc" {
			d = -d
		}
		return d
	})
	return s.page(h, r, found)
}

func (s *Server) filter(q url.Values) (func(*ticket) bool, *refusal) {
	since, opened := time.Time{}, s.o.Now().AddDate(0, 0, -30)
	if text := q.Get("updated_since"); text != "" {
		var err error
		if since, err = time.Parse(time.RFC3339, text); err != nil {
			return nil, invalid("updated_since", "It should be in the 'combined date and time ISO8601' format", "invalid_date")
		}
		opened = time.Time{}
	}
	filter := q.Get("filter")
	if !slices.Contains([]string{"", "new_and_my_open", "watching", "spam", "deleted"}, filter) {
		return nil, invalid("filter", "It should be one of these values: 'new_and_my_open,watching,spam,deleted'", "invalid_value")
	}
	return func(t *ticket) bool {
		return !t.hidden && t.deleted == (filter == "deleted") && t.spam == (filter == "spam") && !t.updated.Before(since) && !t.created.Before(opened)
	}, nil
}

// page cuts a page out of a list, and names the next in the Link header where there is one.
func (s *Server) page(h http.Header, r *http.Request, found []*ticket) (any, *refusal) {
	q := r.URL.Query()
	size, no := number(q, "per_page", 30, 100)
	if no != nil {
		return nil, no
	}
	page, no := number(q, "page", 1, 300)
	if no != nil {
		return nil, no
	}
	found = found[min((page-1)*size, len(found)):]
	if len(found) > size {
		q.Set("page", strconv.Itoa(page+1))
		h.Set("Link", fmt.Sprintf(`<https://%s%s?%s>; rel="next"`, r.Host, r.URL.Path, q.Encode()))
		found = found[:size]
	}
	rows := []map[string]any{}
	for _, t := range found {
		rows = append(rows, s.row(t, strings.Contains(q.Get("include"), "stats")))
	}
	return rows, nil
}

// number reads a parameter between 1 and most; absent, it is standard.
func number(q url.Values, name string, standard, most int) (int, *refusal) {
	if q.Get(name) == "" {
		return standard, nil
	}
	n, err := strconv.Atoi(q.Get(name))
	if err != nil || n < 1 || n > most {
		return 0, invalid(name, "It should be a Positive Integer less than or equal to "+strconv.Itoa(most), "invalid_value")
	}
	return n, nil
}

// show shows one ticket, also one that was deleted.
func (s *Server) show(_ http.Header, r *http.Request) (any, *refusal) {
	if no := parameters(r.URL.Query(), []string{"include"}); no != nil {
		return nil, no
	}
	id, _ := strconv.ParseInt(r.PathValue("id"), 10, 64)
	t := s.tickets[id]
	switch {
	case t == nil:
		return nil, &refusal{status: http.StatusNotFound}
	case t.hidden:
		return nil, &refusal{http.StatusForbidden, "access_denied", "You are not authorized to perform this action.", nil}
	}
	return s.row(t, strings.Contains(r.URL.Query().Get("include"), "stats")), nil
}
