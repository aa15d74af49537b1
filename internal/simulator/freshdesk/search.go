package freshdesk

import (
	"cmp"
	"net/http"
	"regexp"
	"slices"
	"strconv"
	"strings"
	"time"
)

// The limits of the search.
const (
	searchSize  = 30
	searchPages = 10
	queryLength = 512
)

// search finds tickets by a query of conditions with AND, OR and parentheses. Its rows have no stats.
func (s *Server) search(_ http.Header, r *http.Request) (any, *refusal) {
	q := r.URL.Query()
	if no := parameters(q, []string{"query", "page"}); no != nil {
		return nil, no
	}
	text := q.Get("query")
	if len(text) < 2 || len(text) > queryLength+2 || text[0] != '"' || text[len(text)-1] != '"' {
		return nil, invalid("query", "Given query is invalid or longer than 512 characters", "invalid_value")
	}
	page, no := number(q, "page", 1, searchPages)
	if no != nil {
		return nil, no
	}
	p := parser{tokens: tokens.FindAllString(text[1:len(text)-1], -1)}
	keep, ok := p.or()
	if !ok || p.at != len(p.tokens) {
		return nil, invalid("query", "Given query is invalid", "invalid_value")
	}
	var found []*ticket
	for _, t := range s.tickets {
		if indexed := t.indexed(s.o.Now().Add(-s.o.IndexDelay)); indexed != nil && !t.deleted && !t.spam && !t.hidden && keep(indexed) {
			found = append(found, t)
		}
	}
	slices.SortFunc(found, func(a, b *ticket) int { return -cmp.Compare(a.id, b.id) })
	total := len(found)
	found = found[min((page-1)*searchSize, total):]
	rows := []map[string]any{}
	for _, t := range found[:min(searchSize, len(found))] {
		rows = append(rows, s.row(t, false))
	}
	return map[string]any{"total": total, "results": rows}, nil
}

var tokens = regexp.MustCompile(`\(|\)|AND|OR|[a-z_]+:[<>]?(?:'[^']*'|-?[a-z0-9]+)|\S+`)

// parser reads a query. Each of its methods reads what its name says, from the token it is at.
type parser struct {
	tokens []string
	at     int
}

type keeps func(*indexEntry) bool

func (p *parser) next(token string) bool {
	if p.at < len(p.tokens) && p.tokens[p.at] == token {
		p.at++
		return true
	}
	return false
}

func (p *parser) or() (keeps, bool) {
	a, ok := p.and()
	for ok && p.next("OR") {
		var b keeps
		before := a
		b, ok = p.and()
		a = func(t *indexEntry) bool { return before(t) || b(t) }
	}
	return a, ok
}

func (p *parser) and() (keeps, bool) {
	a, ok := p.term()
	for ok && p.next("AND") {
		var b keeps
		before := a
		b, ok = p.term()
		a = func(t *indexEntry) bool { return before(t) && b(t) }
	}
	return a, ok
}

func (p *parser) term() (keeps, bool) {
	if p.next("(") {
		a, ok := p.or()
		return a, ok && p.next(")")
	}
	if p.at >= len(p.tokens) {
		return nil, false
	}
	field, value, found := strings.Cut(p.tokens[p.at], ":")
	p.at++
	if !found {
		return nil, false
	}
	return condition(field, value)
}

// condition reads one condition: numbers are equal, dates are compared by the day, :> and :< including it.
func condition(field, value string) (keeps, bool) {
	operator := ""
	if value != "" && (value[0] == '<' || value[0] == '>') {
		operator, value = value[:1], value[1:]
	}
	switch field {
	case "status", "priority", "group_id":
		n, err := strconv.ParseInt(value, 10, 64)
		return func(t *indexEntry) bool { return t.number(field) == n }, err == nil && operator == ""
	case "created_at", "updated_at":
		day, err := time.Parse("'2006-01-02'", value)
		return func(t *indexEntry) bool {
			at := t.created
			if field == "updated_at" {
				at = t.updated
			}
			switch at = at.Truncate(24 * time.Hour); operator {
			case "<":
				return !at.After(day)
			case ">":
				return !at.Before(day)
			}
			return at.Equal(day)
		}, err == nil
	}
	return nil, false
}

// indexEntry is a ticket as the search knows it.
type indexEntry struct {
	at               time.Time // when it became so
	status, priority int
	group            int64
	created, updated time.Time
}

func (e *indexEntry) number(field string) int64 {
	switch field {
	case "status":
		return int64(e.status)
	case "priority":
		return int64(e.priority)
	}
	return e.group
}

// indexed is what the index had of a ticket at an instant; nil for nothing.
func (t *ticket) indexed(at time.Time) *indexEntry {
	for i, e := range slices.Backward(t.index) {
		if !e.at.After(at) {
			return &t.index[i]
		}
	}
	return nil
}
