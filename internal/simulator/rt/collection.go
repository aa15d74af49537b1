package rt

import (
	"cmp"
	"encoding/json"
	"fmt"
	"math"
	"net/http"
	"net/url"
	"slices"
	"strconv"
	"strings"
)

// object is something that searches find.
type object interface {
	// number is its id.
	number() int64
	// kind is its type in references.
	kindName() string
	// field is the value of a field as RT shows it; ok is false for one that RT does not know.
	field(s *Server, q url.Values, prefix, name string) (v any, ok bool)
}

// collection shows a page of what was found. CanCount says whether the user may know how many there are.
func (s *Server) collection(r *http.Request, found []object, canCount bool) (any, *refusal) {
	q := r.URL.Query()
	perPage, page := natural(q.Get("per_page"), 20), natural(q.Get("page"), 1)
	perPage = min(perPage, 100)
	total := len(found)
	if !s.order(q, found) {
		found = nil // the SQL failed: RT logs that, and shows nothing
	}
	from := min((page-1)*perPage, len(found))
	items := []any{}
	for _, o := range found[from:min(from+perPage, len(found))] {
		items = append(items, s.item(q, o))
	}
	out := map[string]any{"count": len(items), "per_page": perPage, "page": page, "items": items, "total": nil, "pages": nil}
	if !canCount {
		return out, nil
	}
	pages := int(math.Ceil(float64(total) / float64(perPage)))
	out["total"], out["pages"] = total, pages
	if total == 0 {
		out["pages"] = json.RawMessage("0.0") // as Perl's JSON writes it
	}
	if page < pages {
		out["next_page"] = turned(r, page+1)
	}
	if page > 1 && pages > 0 {
		out["prev_page"] = turned(r, min(page-1, pages))
	}
	return out, nil
}

// turned is the address of another page, on the host that the request names.
func turned(r *http.Request, page int) string {
	q := r.URL.Query()
	q.Set("page", strconv.Itoa(page))
	return "http://" + r.Host + r.URL.Path + "?" + q.Encode()
}

// natural reads a number; RT takes nonsense for the standard.
func natural(text string, standard int) int {
	if n, err := strconv.Atoi(text); err == nil && n > 0 {
		return n
	}
	return standard
}

// order sorts; it says whether RT knows the fields to sort by.
func (s *Server) order(q url.Values, found []object) bool {
	by, orders := q["orderby"], q["order"]
	if len(by) == 0 {
		by = []string{"id"}
	}
	compare := make([]func(a, b object) int, len(by))
	for i, name := range by {
		if compare[i] = s.byField(name); compare[i] == nil {
			return false
		}
	}
	slices.SortStableFunc(found, func(a, b object) int {
		for i := range compare {
			if n := compare[i](a, b); n != 0 {
				if i < len(orders) && strings.EqualFold(orders[i], "DESC") {
					return -n
				}
				return n
			}
		}
		return 0
	})
	return true
}

// byField compares objects by a field; nil is a field that RT does not know.
func (s *Server) byField(name string) func(a, b object) int {
	switch name {
	case "id":
		return func(a, b object) int { return cmp.Compare(a.number(), b.number()) }
	case "Created", "LastUpdated", "Due", "Status", "Type":
		return func(a, b object) int {
			x, _ := a.field(s, nil, "", name)
			y, _ := b.field(s, nil, "", name)
			return strings.Compare(fmt.Sprint(x), fmt.Sprint(y))
		}
	}
	return nil
}

// item is an object in a list: a reference to it, and the fields that were asked for.
func (s *Server) item(q url.Values, o object) any {
	out := s.reference(o.kindName(), fmt.Sprint(o.number()))
	s.expand(q, o, "fields", q.Get("fields"), out)
	return out
}

func (s *Server) expand(q url.Values, o object, prefix, names string, out map[string]any) {
	if names == "" {
		return
	}
	for name := range strings.SplitSeq(names, ",") {
		v, ok := o.field(s, q, prefix, name)
		if !ok {
			v = ""
		}
		out[name] = v
	}
}

func (s *Server) reference(kind, id string) map[string]any {
	return map[string]any{"type": kind, "id": id, "_url": "http://rt.example/REST/2.0/" + kind + "/" + id}
}

// nested is a reference to another object with the fields of it that were asked for, as in fields[Queue]=Name.
func (s *Server) nested(q url.Values, prefix, name string, id string, o object) map[string]any {
	prefix += "[" + name + "]"
	out := s.reference(o.kindName(), id)
	s.expand(q, o, prefix, q.Get(prefix), out)
	return out
}

// person and room are what tickets refer to.
type (
	person struct{ User }
	room   struct{ *Queue }
)

func (p person) number() int64    { return p.ID }
func (p person) kindName() string { return "user" }
func (p person) field(_ *Server, _ url.Values, _, name string) (any, bool) {
	switch name {
	case "id":
		return p.ID, true
	case "Name":
		return p.Name, true
	case "EmailAddress":
		return p.Name + "@example.org", true
	}
	return nil, false
}

func (q room) number() int64    { return q.ID }
func (q room) kindName() string { return "queue" }
func (q room) field(_ *Server, _ url.Values, _, name string) (any, bool) {
	switch name {
	case "id":
		return q.ID, true
	case "Name":
		return q.Name, true
	case "Lifecycle":
		if q.Lifecycle == "" {
			return "default", true
		}
		return q.Lifecycle, true
	}
	return nil, false
}
