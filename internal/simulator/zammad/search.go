package zammad

import (
	"cmp"
	"encoding/json"
	"io"
	"net/http"
	"slices"
	"strconv"
	"strings"
	"time"
)

// params are the parameters of a request, from its query or its JSON body. Others than these are passed over, as by
// Zammad.
type params struct {
	query           string
	condition       map[string]condition
	sortBy, orderBy []string
	page, perPage   int
	expand          bool
}

type condition struct {
	Operator string          `json:"operator"`
	Value    json.RawMessage `json:"value"`
}

func readParams(r *http.Request) (p params, no *refusal) {
	raw := map[string]string{}
	for k, v := range r.URL.Query() {
		raw[k] = v[0]
	}
	body, err := io.ReadAll(r.Body)
	if err != nil {
		return p, refuse(http.StatusBadRequest, "The body cannot be read")
	}
	if len(body) > 0 {
		var all map[string]json.RawMessage
		if json.Unmarshal(body, &all) != nil {
			return p, refuse(http.StatusBadRequest, "There was a problem in the JSON you submitted")
		}
		for k, v := range all {
			if k == "condition" && json.Unmarshal(v, &p.condition) != nil {
				return p, refuse(http.StatusUnprocessableEntity, "Invalid condition")
			}
			raw[k] = strings.Trim(string(v), `"`)
		}
	}
	p.query, p.expand = raw["query"], raw["expand"] == "true"
	p.page, p.perPage = number(raw["page"], 1), number(raw["per_page"], 0)
	p.sortBy, p.orderBy = list(raw["sort_by"]), list(raw["order_by"])
	return p, nil
}

// number reads a number as Ruby does: what is none is 0.
func number(text string, absent int) int {
	if text == "" {
		return absent
	}
	n, _ := strconv.Atoi(text)
	return n
}

func list(text string) []string {
	if text == "" {
		return nil
	}
	return strings.FieldsFunc(text, func(r rune) bool { return r == ',' || r == ' ' })
}

// paginate takes a page out of tickets, of at most most rows.
func paginate(all []*ticket, p params, standard, most int) ([]*ticket, *refusal) {
	size := p.perPage
	if size == 0 {
		size = standard
	}
	size = min(size, most)
	if p.page < 1 || size < 1 {
		return nil, refuse(http.StatusUnprocessableEntity, "OFFSET must not be negative")
	}
	all = all[min((p.page-1)*size, len(all)):]
	return all[:min(size, len(all))], nil
}

// search finds tickets by condition or, without Elasticsearch, by a word of the title.
func (s *Server) search(_ *http.Request, p params) (any, *refusal) {
	keep, no := s.filter(p)
	if no != nil {
		return nil, no
	}
	var found []*ticket
	for _, t := range s.tickets {
		if keep(t) {
			found = append(found, t)
		}
	}
	if no := order(found, p); no != nil {
		return nil, no
	}
	page, no := paginate(found, p, 50, s.o.MostRows)
	if no != nil {
		return nil, no
	}
	if p.expand {
		return s.rows(page, true), nil
	}
	ids, assets := []int64{}, map[string]any{}
	for _, t := range page {
		ids = append(ids, t.id)
		assets[strconv.FormatInt(t.id, 10)] = s.row(t, false)
	}
	return map[string]any{"tickets": ids, "tickets_count": len(ids), "assets": map[string]any{"Ticket": assets}}, nil
}

// filter is what a search keeps: what meets all conditions and has the word of the query.
func (s *Server) filter(p params) (func(*ticket) bool, *refusal) {
	var all []func(*ticket) bool
	for name, c := range p.condition {
		f, ok := s.compile(name, c)
		if !ok {
			return nil, refuse(http.StatusUnprocessableEntity, "Invalid condition, operator '"+c.Operator+"' is invalid for "+name)
		}
		all = append(all, f)
	}
	if p.query != "" && !strings.Contains(strings.ToLower(title), strings.ToLower(p.query)) {
		all = append(all, func(*ticket) bool { return false })
	}
	return func(t *ticket) bool {
		for _, f := range all {
			if !f(t) {
				return false
			}
		}
		return !t.hidden
	}, nil
}

// compile reads one condition. Only some of Zammad's attributes and operators are known.
func (s *Server) compile(name string, c condition) (func(*ticket) bool, bool) {
	switch name {
	case "ticket.id":
		ids, ok := c.ids()
		return func(t *ticket) bool { return slices.Contains(ids, t.id) }, ok
	case "ticket.state_id":
		ids, ok := c.ids()
		var names []string
		for _, v := range s.states() {
			if slices.Contains(ids, v.ID) {
				names = append(names, v.Name)
			}
		}
		return func(t *ticket) bool { return slices.Contains(names, t.state) }, ok
	case "ticket.created_at":
		f, ok := c.time()
		return func(t *ticket) bool { return f(t.created) }, ok
	case "ticket.updated_at":
		f, ok := c.time()
		return func(t *ticket) bool { return f(t.updated) }, ok
	}
	return nil, false
}

func (c condition) ids() (ids []int64, ok bool) {
	err := json.Unmarshal(c.Value, &ids)
	return ids, err == nil && c.Operator == "is" && len(ids) > 0
}

// time reads a comparison with an instant. Both operators include the instant itself.
func (c condition) time() (func(time.Time) bool, bool) {
	var than time.Time
	if json.Unmarshal(c.Value, &than) != nil {
		return nil, false
	}
	switch c.Operator {
	case "after (absolute)":
		return func(at time.Time) bool { return !at.Before(than) }, true
	case "before (absolute)":
		return func(at time.Time) bool { return !at.After(than) }, true
	}
	return nil, false
}

// columns are what tickets can be sorted by.
var columns = map[string]func(*ticket) int64{
	"id":         func(t *ticket) int64 { return t.id },
	"created_at": func(t *ticket) int64 { return t.created.UnixMilli() },
	"updated_at": func(t *ticket) int64 { return t.updated.UnixMilli() },
}

// order sorts as it is asked for, else the last changed first. Where neither tells two apart, the order is by chance.
func order(all []*ticket, p params) *refusal {
	by, direction := p.sortBy, p.orderBy
	if len(by) == 0 {
		by, direction = []string{"updated_at"}, []string{"desc"}
	}
	for i, c := range by {
		if columns[c] == nil {
			return refuse(http.StatusInternalServerError, "Found invalid column '"+c+"' for sorting.")
		}
		if i < len(direction) && direction[i] != "asc" && direction[i] != "desc" {
			return refuse(http.StatusInternalServerError, "Found invalid order by value "+direction[i]+". Please use 'asc' or 'desc'.")
		}
	}
	slices.SortFunc(all, func(a, b *ticket) int {
		for i, c := range by {
			d := cmp.Compare(columns[c](a), columns[c](b))
			if i < len(direction) && direction[i] == "desc" {
				d = -d
			}
			if d != 0 {
				return d
			}
		}
		return 0
	})
	return nil
}

// list lists all tickets by id, closed ones too.
func (s *Server) list(_ *http.Request, p params) (any, *refusal) {
	all := make([]*ticket, 0, len(s.tickets))
	for _, t := range s.tickets {
		if !t.hidden {
			all = append(all, t)
		}
	}
	slices.SortFunc(all, func(a, b *ticket) int { return cmp.Compare(a.id, b.id) })
	page, no := paginate(all, p, 100, 100)
	if no != nil {
		return nil, no
	}
	return s.rows(page, p.expand), nil
}

// show shows one ticket.
func (s *Server) show(r *http.Request, p params) (any, *refusal) {
	id, _ := strconv.ParseInt(r.PathValue("id"), 10, 64)
	t := s.tickets[id]
	switch {
	case t == nil:
		return nil, refuse(http.StatusNotFound, "Couldn't find Ticket with 'id'="+strconv.FormatInt(id, 10))
	case t.hidden:
		return nil, refuse(http.StatusForbidden, "Not authorized")
	}
	return s.row(t, p.expand), nil
}
