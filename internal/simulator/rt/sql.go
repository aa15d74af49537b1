package rt

import (
	"fmt"
	"net/http"
	"regexp"
	"slices"
	"strconv"
	"strings"
	"time"
)

// condition says whether a query holds of an object, for a user whose time zone it is read in.
type condition func(s *Server, u *User, o object) bool

// column makes the condition of one comparison; it complains as RT does.
type column func(op, value string) (condition, error)

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
	return holds, nil
}

func (p *parser) or() (condition, error) {
	parts, err := p.chain("OR", p.and)
	return func(s *Server, u *User, o object) bool {
		for _, holds := range parts {
			if holds(s, u, o) {
				return true
			}
		}
		return false
	}, err
}

func (p *parser) and() (condition, error) {
	parts, err := p.chain("AND", p.one)
	return func(s *Server, u *User, o object) bool {
		for _, holds := range parts {
			if !holds(s, u, o) {
				return false
			}
		}
		return true
	}, err
}

// chain reads parts with a word between them.
func (p *parser) chain(word string, part func() (condition, error)) (all []condition, err error) {
	for {
		one, err := part()
		if err != nil {
			return nil, err
		}
		if all = append(all, one); !strings.EqualFold(p.peek(), word) {
			return all, nil
		}
		p.next()
	}
}

func (p *parser) one() (condition, error) {
	if p.peek() == "(" {
		p.next()
		holds, err := p.or()
		if err == nil && p.next() != ")" {
			err = p.expected("CLOSE_PAREN")
		}
		return holds, err
	}
	if !name.MatchString(p.peek()) {
		return nil, p.expected("KEYWORD or OPEN_PAREN")
	}
	field := p.next()
	op := strings.ToUpper(p.peek())
	if !slices.Contains([]string{"=", "!=", "<", ">", "<=", ">=", "LIKE"}, op) {
		return nil, p.expected("OPERATOR")
	}
	p.next()
	if !value.MatchString(p.peek()) {
		return nil, p.expected("VALUE")
	}
	compares := p.columns[field]
	if compares == nil {
		return nil, fmt.Errorf("Unknown field: %s", field) //nolint:staticcheck // RT's words
	}
	return compares(op, unquote(p.next()))
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
	return fmt.Errorf("Wrong query, expecting a %s in '%s >%s<--here'", what, p.query, p.peek()) //nolint:staticcheck // RT's words
}

func unquote(s string) string {
	if s == "" || s[0] != '\'' && s[0] != '"' {
		return s
	}
	return regexp.MustCompile(`\\(.)`).ReplaceAllString(s[1:len(s)-1], "$1")
}

// numberColumn compares a number.
func numberColumn(of func(object) int64) column {
	return func(op, value string) (condition, error) {
		n, err := strconv.ParseInt(value, 10, 64)
		if err != nil {
			n = 0 // as SQL reads it
		}
		if op == "=" { // of which there may be a hundred in a query
			return func(_ *Server, _ *User, o object) bool { return of(o) == n }, nil
		}
		return func(_ *Server, _ *User, o object) bool { return compare(op, int(of(o)-n)) }, nil
	}
}

// textColumn compares a text, without regard to case.
func textColumn(of func(s *Server, o object) string) column {
	return func(op, value string) (condition, error) {
		if op == "LIKE" {
			return func(s *Server, _ *User, o object) bool {
				return strings.Contains(strings.ToLower(of(s, o)), strings.ToLower(value))
			}, nil
		}
		if op != "=" && op != "!=" {
			return nil, fmt.Errorf("Invalid Operation: %s", op) //nolint:staticcheck // RT's words
		}
		return func(s *Server, _ *User, o object) bool { return strings.EqualFold(of(s, o), value) == (op == "=") }, nil
	}
}

// dateColumn compares a date. RT reads it in the user's zone and takes what it does not understand for 1970.
func dateColumn(of func(object) time.Time) column {
	return func(op, value string) (condition, error) {
		if op == "LIKE" || op == "!=" {
			return nil, fmt.Errorf("Invalid Date Op: %s", op) //nolint:staticcheck // RT's words
		}
		return func(_ *Server, u *User, o object) bool {
			zone := u.Zone
			if zone == nil {
				zone = time.UTC
			}
			at, err := time.ParseInLocation(time.DateTime, value, zone)
			if err != nil {
				at = time.Unix(0, 0)
			}
			have := of(o).Truncate(time.Second)
			if op == "=" { // means the day
				day := time.Date(at.Year(), at.Month(), at.Day(), 0, 0, 0, 0, zone)
				return !have.Before(day) && have.Before(day.AddDate(0, 0, 1))
			}
			return !have.IsZero() && compare(op, have.Compare(at))
		}, nil
	}
}

func compare(op string, n int) bool {
	switch op {
	case "=":
		return n == 0
	case "!=":
		return n != 0
	case "<":
		return n < 0
	case ">":
		return n > 0
	case "<=":
		return n <= 0
	}
	return n >= 0
}

var ticketColumns = map[string]column{
	"id":          numberColumn(object.number),
	"Priority":    numberColumn(func(o object) int64 { return int64(o.(*ticket).priority) }),
	"Queue":       queueColumn(func(o object) int64 { return o.(*ticket).queue }),
	"Status":      statusColumn,
	"SLA":         textColumn(func(_ *Server, o object) string { return o.(*ticket).level }),
	"Type":        textColumn(func(_ *Server, o object) string { return o.(*ticket).kind }),
	"Owner":       textColumn(func(s *Server, o object) string { return s.user(o.(*ticket).owner).Name }),
	"Created":     dateColumn(func(o object) time.Time { return o.(*ticket).created }),
	"LastUpdated": dateColumn(func(o object) time.Time { return o.(*ticket).updated }),
	"Resolved":    dateColumn(func(o object) time.Time { return o.(*ticket).resolved }),
	"Due":         dateColumn(func(o object) time.Time { return o.(*ticket).due }),
	"Told":        dateColumn(func(o object) time.Time { return o.(*ticket).told }),
}

var transactionColumns = map[string]column{
	"id":         numberColumn(object.number),
	"ObjectId":   numberColumn(func(o object) int64 { return o.(*transaction).ticket }),
	"ObjectType": textColumn(func(*Server, object) string { return "RT::Ticket" }),
	"Type":       textColumn(func(_ *Server, o object) string { return o.(*transaction).kind }),
	"Field":      textColumn(func(_ *Server, o object) string { return o.(*transaction).fieldName }),
	"Creator":    textColumn(func(s *Server, o object) string { return s.user(o.(*transaction).creator).Name }),
	"Created":    dateColumn(func(o object) time.Time { return o.(*transaction).created }),
}

// queueColumn compares a queue by id or name. One that does not exist has no tickets.
func queueColumn(of func(object) int64) column {
	return func(op, value string) (condition, error) {
		return func(s *Server, _ *User, o object) bool {
			q := s.queue(of(o))
			is := q != nil && (strings.EqualFold(q.Name, value) || fmt.Sprint(q.ID) == value)
			return is == (op == "=")
		}, nil
	}
}

// statusColumn compares a status, or whether it is one of the active ones of the queue's lifecycle.
func statusColumn(op, value string) (condition, error) {
	return func(s *Server, _ *User, o object) bool {
		t := o.(*ticket)
		is := strings.EqualFold(t.status, value)
		switch strings.ToLower(value) {
		case "__active__":
			l := s.lifecycle(s.queue(t.queue))
			is = slices.Contains(l.Initial, t.status) || slices.Contains(l.Active, t.status)
		case "__inactive__":
			is = slices.Contains(s.lifecycle(s.queue(t.queue)).Inactive, t.status)
		}
		return is == (op == "=")
	}, nil
}
