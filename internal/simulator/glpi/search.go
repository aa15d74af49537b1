package glpi

import (
	"cmp"
	"net/http"
	"regexp"
	"slices"
	"strconv"
	"time"

	"whatsapp_sla_exporter/internal/simulator/desk"
	"whatsapp_sla_exporter/internal/sla"
)

// The users of the tickets.
const (
	requester  = 31
	technician = 11
)

var states = map[sla.Status]int{
	sla.StatusNew: 1, sla.StatusOpen: 2, sla.StatusPending: 4, sla.StatusOnHold: 4, sla.StatusSolved: 5, sla.StatusClosed: 6,
}

var priorities = map[string]int{"low": 2, "normal": 3, "high": 4, "urgent": 5}

// criterion is one condition of a search.
type criterion struct{ link, field, searchtype, value string }

var criteriaKey = regexp.MustCompile(`^criteria\[(\d+)\]\[(link|field|searchtype|value)\]$`)

func readCriteria(r *http.Request) ([]criterion, *desk.Reply) {
	var list []criterion
	for name, values := range r.URL.Query() {
		m := criteriaKey.FindStringSubmatch(name)
		if m == nil {
			continue
		}
		n, err := strconv.Atoi(m[1])
		if err != nil || n > 500 {
			out := refuse(http.StatusBadRequest, "ERROR", "too many criteria")
			return nil, &out
		}
		for len(list) <= n {
			list = append(list, criterion{})
		}
		c := &list[n]
		*map[string]*string{"link": &c.link, "field": &c.field, "searchtype": &c.searchtype, "value": &c.value}[m[2]] = values[0]
	}
	for _, c := range list {
		if _, ok := options[c.field]; !ok {
			out := refuse(http.StatusBadRequest, "ERROR", "there is no search option "+c.field)
			return nil, &out
		}
	}
	return list, nil
}

func (s *Server) matches(list []criterion, t *desk.Ticket) bool {
	all := true
	for i, c := range list {
		hit := s.hits(c, t)
		switch {
		case i == 0:
			all = hit
		case c.link == "OR":
			all = all || hit
		default:
			all = all && hit
		}
	}
	return all
}

func (s *Server) hits(c criterion, t *desk.Ticket) bool {
	if c.field == "12" && c.value == "notold" {
		return !t.Status.Done()
	}
	have := s.column(t, c.field)
	text, isText := have.(string)
	if n, ok := have.(int64); ok {
		text = strconv.FormatInt(n, 10)
	}
	switch c.searchtype {
	case "equals":
		return text == c.value
	case "morethan":
		return isText && text > c.value
	case "lessthan":
		return isText && text < c.value
	}
	return false
}

// options are the numbered columns of the search, those of the ticket itself with their names in the database.
var options = map[string][2]string{
	"1": {"glpi_tickets", "name"}, "2": {"glpi_tickets", "id"}, "3": {"glpi_tickets", "priority"}, "4": {"glpi_users", "name"}, "5": {"glpi_users", "name"},
	"7": {"glpi_itilcategories", "completename"}, "8": {"glpi_groups", "completename"}, "12": {"glpi_tickets", "status"}, "14": {"glpi_tickets", "type"},
	"15": {"glpi_tickets", "date"}, "16": {"glpi_tickets", "closedate"}, "17": {"glpi_tickets", "solvedate"}, "18": {"glpi_tickets", "time_to_resolve"},
	"19": {"glpi_tickets", "date_mod"}, "82": {"glpi_tickets", "is_late"}, "150": {"glpi_tickets", "takeintoaccount_delay_stat"},
	"151": {"glpi_tickets", "time_to_resolve"}, "155": {"glpi_tickets", "time_to_own"}, "9": {"glpi_requesttypes", "name"},
	"25": {"glpi_itilfollowups", "content"}, "27": {"glpi_itilfollowups", "id"}, "36": {"glpi_itilfollowups", "date"},
}

// datatypes are those of the options that are not of the usual kind.
var datatypes = map[string]string{"25": "text", "27": "count"}

// searchOptions lists the options under their numbers, and the headings between them under words.
func (s *Server) searchOptions(*http.Request) desk.Reply {
	out := map[string]any{"common": "Characteristics", "sla": map[string]any{"name": "SLA"}}
	for n, o := range options {
		out[n] = map[string]any{"name": "In the user's language", "table": o[0], "field": o[1], "datatype": cmp.Or(datatypes[n], "datetime")}
	}
	return desk.Reply{Body: out}
}

func displayed(r *http.Request) []string {
	shown := []string{"1", "2"}
	for name, values := range r.URL.Query() {
		if len(name) > 12 && name[:12] == "forcedisplay" {
			shown = append(shown, values...)
		}
	}
	return shown
}

func (s *Server) row(t *desk.Ticket, shown []string) any {
	if t.Bad {
		return "unavailable"
	}
	all := s.values(t)
	row := map[string]any{}
	for n, v := range all {
		if slices.Contains(shown, n) {
			row[n] = v
		}
	}
	return row
}

// column is one of a ticket; those that are searched by most without the others.
func (s *Server) column(t *desk.Ticket, field string) any {
	switch field {
	case "2":
		return t.ID
	case "19":
		return s.moment(t.Updated)
	}
	return s.values(t)[field]
}

// values are the columns of a ticket. Those without a value are null; what happens to the due of a ticket that is
// pending is decided when it is not pending any more.
func (s *Server) values(t *desk.Ticket) map[string]any {
	var status any = int64(states[t.Status])
	if t.Strange != "" {
		status = t.Strange
	}
	v := map[string]any{
		"1": "A customer's words", "2": t.ID, "3": int64(priorities[t.Priority]), "4": strconv.Itoa(requester), "5": strconv.Itoa(technician),
		"7": t.Type, "8": t.Group, "9": t.Channel, "12": status, "14": int64(1), "15": s.moment(t.Created), "16": nil, "17": s.moment(t.Solved),
		"18": nil, "19": s.moment(t.Updated), "82": int64(0), "150": int64(0), "155": nil,
		"27": int64(len(t.Messages) - 1),
	}
	if first := t.FirstReply(); !first.IsZero() {
		v["150"] = int64(first.Sub(t.Created) / time.Second)
	}
	if c, ok := t.Clock(sla.FirstResponse, s.Now()); ok {
		v["155"] = s.moment(c.Due)
	}
	if due, ok := t.StaleDue(s.Now()); ok {
		v["18"] = s.moment(due)
	}
	return v
}

// moment is a time on the clock of the server's zone.
func (s *Server) moment(at time.Time) any {
	if at.IsZero() {
		return nil
	}
	return at.In(s.o.Zone).Format("2006-01-02 15:04:05")
}
