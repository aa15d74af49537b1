package rt

import (
	"cmp"
	"fmt"
	"slices"
	"strconv"
	"strings"
	"time"
)

// column makes the condition of one comparison; it complains as RT does.
type column func(op, value string) (condition, error)

// numbers are the columns of which many values may be asked for at once.
var numbers = map[string]func(object) int64{
	"id": object.number, "ObjectId": func(o object) int64 { return o.(*transaction).ticket },
}

// readNumber reads a number as SQL does: what is none is 0.
func readNumber(value string) int64 {
	n, err := strconv.ParseInt(value, 10, 64)
	if err != nil {
		return 0
	}
	return n
}

// numberColumn compares a number.
func numberColumn(of func(object) int64) column {
	return func(op, value string) (condition, error) {
		n := readNumber(value)
		return func(_ *Server, _ *User, o object) bool { return compare(op, cmp.Compare(of(o), n)) }, nil
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
			return nil, fmt.Errorf("Invalid Operation: %s", op)
		}
		return func(s *Server, _ *User, o object) bool { return strings.EqualFold(of(s, o), value) == (op == "=") }, nil
	}
}

// dateColumn compares a date. RT reads it in the user's zone and takes what it does not understand for 1970.
func dateColumn(of func(object) time.Time) column {
	return func(op, value string) (condition, error) {
		if op == "LIKE" || op == "!=" {
			return nil, fmt.Errorf("Invalid Date Op: %s", op)
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
	"ObjectId":   numberColumn(numbers["ObjectId"]),
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
