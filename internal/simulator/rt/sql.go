package rt

import (
	"fmt"
	"net/http"
	"regexp"
	"slices"
	"strings"
)

// condition says whether a query holds of an object, for a user whose time zone it is read in.
type condition func(s *Server, u *User, o object) bool

// one is a comparison. A query may ask for a hundred ids: those are looked up and not compared one by one.
type one struct {
	holds condition
	field string // with equals: the number that it must be
	of    func(object) int64
	equal int64
}

// anyOf holds where one of several conditions does.
func anyOf(parts []one) one {
	if len(parts) == 1 {
		return parts[0]
	}
	wanted := make(map[int64]bool, len(parts))
	for _, p := range parts {
		if p.of == nil || p.field != parts[0].field {
			return one{holds: func(s *Server, u *User, o object) bool {
				return slices.ContainsFunc(parts, func(p one) bool { return p.holds(s, u, o) })
			}}
		}
		wanted[p.equal] = true
	}
	of := parts[0].of
	return one{holds: func(_ *Server, _ *User, o object) bool { return wanted[of(o)] }}
}

// allOf holds where all of several conditions do.
func allOf(parts []one) one {
	if len(parts) == 1 {
		return parts[0]
	}
	return one{holds: func(s *Server, u *User, o object) bool {
		return !slices.ContainsFunc(parts, func(p one) bool { return !p.holds(s, u, o) })
	}}
}

// parser reads TicketSQL and TransactionSQL: comparisons of a field with a value, AND, OR and parentheses.
type parser struct {
	query   string
	tokens  []string
	columns map[string]column
}

var token = regexp.MustCompile(`'(?:[^'\\]|\\.)*'|"(?:[^"\\]|\\.)*"|\(|\)|!=|>=|<=|=|<|>|[^\s()=<>!'"]+`)

// parse reads a query. Its error has the form of RT's, with the line of the program where RT complains.
func (s *Server) parse(query string, columns map[string]column, class string) (condition, *refusal) {
	p := &parser{query: query, tokens: token.FindAllString(query, -1), columns: columns}
	if rest := strings.TrimSpace(token.ReplaceAllString(query, "")); rest != "" {
		p.tokens = []string{rest} // a quote that does not end
	}
	holds, err := p.or()
	if err == nil && len(p.tokens) > 0 {
		err = p.expected("AGGREGATOR")
	}
	if err != nil {
		return nil, &refusal{http.StatusBadRequest, fmt.Sprintf("%v at /usr/share/request-tracker5/lib/RT/%s.pm line 918.\n", err, class)}
	}
	return holds.holds, nil
}

func (p *parser) or() (one, error) {
	parts, err := p.chain("OR", p.and)
	if err != nil {
		return one{}, err
	}
	return anyOf(parts), nil
}

func (p *parser) and() (one, error) {
	parts, err := p.chain("AND", p.part)
	if err != nil {
		return one{}, err
	}
	return allOf(parts), nil
}

// chain reads parts with a word between them.
func (p *parser) chain(word string, part func() (one, error)) (all []one, err error) {
	for {
		c, err := part()
		if err != nil {
			return nil, err
		}
		if all = append(all, c); !strings.EqualFold(p.peek(), word) {
			return all, nil
		}
		p.next()
	}
}

// part is a comparison or something in parentheses.
func (p *parser) part() (one, error) {
	if p.peek() == "(" {
		p.next()
		holds, err := p.or()
		if err == nil && p.next() != ")" {
			err = p.expected("CLOSE_PAREN")
		}
		return holds, err
	}
	if !name.MatchString(p.peek()) {
		return one{}, p.expected("KEYWORD or OPEN_PAREN")
	}
	field := p.next()
	op := strings.ToUpper(p.peek())
	if !slices.Contains([]string{"=", "!=", "<", ">", "<=", ">=", "LIKE"}, op) {
		return one{}, p.expected("OPERATOR")
	}
	p.next()
	if !value.MatchString(p.peek()) {
		return one{}, p.expected("VALUE")
	}
	compares := p.columns[field]
	if compares == nil {
		return one{}, fmt.Errorf("Unknown field: %s", field)
	}
	value := unquote(p.next())
	holds, err := compares(op, value)
	c := one{holds: holds}
	if of := numbers[field]; of != nil && op == "=" {
		c.field, c.of, c.equal = field, of, readNumber(value)
	}
	return c, err
}

var (
	name  = regexp.MustCompile(`^[A-Za-z][A-Za-z]*$`)
	value = regexp.MustCompile(`^(['"]|-?\d+$)`)
)

func (p *parser) peek() string {
	if len(p.tokens) == 0 {
		return ""
	}
	return p.tokens[0]
}

func (p *parser) next() string {
	t := p.peek()
	if t != "" {
		p.tokens = p.tokens[1:]
	}
	return t
}

func (p *parser) expected(what string) error {
	return fmt.Errorf("Wrong query, expecting a %s in '%s >%s<--here'", what, p.query, p.peek())
}

func unquote(s string) string {
	if s == "" || s[0] != '\'' && s[0] != '"' {
		return s
	}
	return regexp.MustCompile(`\\(.)`).ReplaceAllString(s[1:len(s)-1], "$1")
}
