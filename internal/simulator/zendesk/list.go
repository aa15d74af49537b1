package zendesk

import (
	"fmt"
	"math"
	"net/http"
	"net/url"
	"strconv"
	"strings"
	"time"
)

// archiveAfter is how long after closing a ticket leaves the list. Zendesk: 120 days.
const archiveAfter = 120 * 24 * time.Hour

// listed says whether the list shows a ticket: not when it is deleted or archived.
func (s *Server) listed(t *ticket) bool {
	return !t.deleted && (t.status != "closed" || s.o.Now().Sub(t.updated) < archiveAfter)
}

// sortKeys are the orders of the ticket list.
var sortKeys = map[string]func(*ticket) int64{
	"":           func(t *ticket) int64 { return t.id },
	"id":         func(t *ticket) int64 { return t.id },
	"updated_at": func(t *ticket) int64 { return t.updated.Unix() },
}

// listTickets is the list of tickets with cursor paging.
func (s *Server) listTickets(r *http.Request, _ Role) (any, *refusal) {
	q := r.URL.Query()
	sort, descending := strings.CutPrefix(q.Get("sort"), "-")
	key, ok := sortKeys[sort]
	if !ok {
		return nil, badValue("sort must be id or updated_at, with - in front for descending")
	}
	in, no := s.includes(r)
	if no != nil {
		return nil, no
	}
	if descending {
		ascending := key
		key = func(t *ticket) int64 { return -ascending(t) }
	}
	p, no := s.page(r, 100, s.listed, key)
	if no != nil {
		return nil, no
	}
	rows := []row{}
	for _, t := range p.tickets {
		rows = append(rows, s.row(r, t, in))
	}
	return map[string]any{"tickets": rows, "meta": p.meta, "links": p.links}, nil
}

// page is a page of a list with cursor paging.
type page struct {
	tickets []*ticket
	meta    map[string]any
	links   map[string]any
}

func (s *Server) page(r *http.Request, most int, keep func(*ticket) bool, key func(*ticket) int64) (*page, *refusal) {
	size, no := number(r, "page[size]", 100, most)
	if no != nil {
		return nil, no
	}
	after := position{key: math.MinInt64}
	if cursor := r.URL.Query().Get("page[after]"); cursor != "" {
		var ok bool
		if after, ok = readCursor(cursor); !ok {
			return nil, &refusal{http.StatusBadRequest, "InvalidPaginationParameter", "page[after] is not valid"}
		}
	}
	list := s.sorted(func(t *ticket) bool { return keep(t) && after.before(key(t), t.id) }, key)
	p := &page{tickets: list[:min(size, len(list))]}
	p.meta = map[string]any{"has_more": len(list) > size, "after_cursor": nil, "before_cursor": nil}
	p.links = map[string]any{"next": nil, "prev": nil}
	if n := len(p.tickets); n > 0 {
		cursor := position{key(p.tickets[n-1]), p.tickets[n-1].id}.cursor()
		p.meta["after_cursor"] = cursor
		if len(list) > size {
			p.links["next"] = fmt.Sprintf("http://%s%s?page[after]=%s&page[size]=%d", r.Host, r.URL.Path, url.QueryEscape(cursor), size)
		}
	}
	return p, nil
}

// showMany shows up to 100 tickets by id. Those that are deleted or never were are left out. Its metric sets are
// beside the tickets, not in them.
func (s *Server) showMany(r *http.Request, _ Role) (any, *refusal) {
	ids := strings.Split(r.URL.Query().Get("ids"), ",")
	if len(ids) > 100 {
		return nil, badValue("ids: at most 100")
	}
	in, no := s.includes(r)
	if no != nil {
		return nil, no
	}
	rows, sets := []row{}, []*metricSetRow{}
	for _, text := range ids {
		id, err := strconv.ParseInt(text, 10, 64)
		if err != nil {
			return nil, badValue("ids must be numbers with commas between")
		}
		t := s.tickets[id]
		if t == nil || t.deleted {
			continue
		}
		v := s.row(r, t, in)
		if v.MetricSet != nil {
			sets = append(sets, v.MetricSet)
			v.MetricSet = nil
		}
		rows = append(rows, v)
	}
	out := map[string]any{"tickets": rows, "count": len(rows), "next_page": nil, "previous_page": nil}
	if in.sets {
		out["metric_sets"] = sets
	}
	return out, nil
}
