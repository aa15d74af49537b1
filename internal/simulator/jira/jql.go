package jira

import (
	"regexp"
	"strconv"
	"strings"
	"time"

	"whatsapp_sla_exporter/internal/simulator/desk"
)

// project is the key of the site's only project.
const project = "SUP"

// condition is one term of a search.
type condition func(t *desk.Ticket) bool

var (
	orderBy    = regexp.MustCompile(`(?i)^(.*?)\s*ORDER BY\s+(\w+)(?:\s+(ASC|DESC))?$`)
	inProject  = regexp.MustCompile(`(?i)^project\s*(?:=|in)\s*\(?([\w", ]+?)\)?$`)
	byCategory = regexp.MustCompile(`(?i)^statusCategory\s*(!=|=)\s*"?Done"?$`)
	byUpdate   = regexp.MustCompile(`(?i)^updated\s*>=\s*"-(\d+)m"$`)
	byKey      = regexp.MustCompile(`(?i)^key\s*in\s*\(([\w\-", ]+)\)$`)
)

// orders are what a search can be sorted by.
var orders = map[string]func(t *desk.Ticket) int64{
	"updated": func(t *desk.Ticket) int64 { return t.Updated.UnixMilli() },
	"created": func(t *desk.Ticket) int64 { return t.Created.UnixMilli() },
	"key":     func(t *desk.Ticket) int64 { return t.ID },
}

// run answers a search over the part of JQL that terms joined by AND are. What it does not understand is refused,
// and so is a search without any condition.
func (s *Server) run(jql string) (found []*desk.Ticket, order func(*desk.Ticket) int64, problem string) {
	order = orders["created"]
	if m := orderBy.FindStringSubmatch(strings.TrimSpace(jql)); m != nil {
		jql = m[1]
		if order = orders[strings.ToLower(m[2])]; order == nil || strings.EqualFold(m[3], "DESC") {
			return nil, nil, "Error in the JQL Query: the order is not supported here."
		}
	}
	var all []condition
	for term := range strings.SplitSeq(jql, " AND ") {
		term = strings.TrimSpace(term)
		for strings.HasPrefix(term, "(") && strings.HasSuffix(term, ")") && balanced(term[1:len(term)-1]) {
			term = strings.TrimSpace(term[1 : len(term)-1])
		}
		if term == "" {
			continue
		}
		c, problem := s.condition(term)
		if problem != "" {
			return nil, nil, problem
		}
		all = append(all, c)
	}
	if len(all) == 0 {
		return nil, nil, "Unbounded JQL queries are not allowed here. Please add a search restriction to your query."
	}
	indexed := s.Indexed(s.o.IndexDelay)
	return s.List(func(t *desk.Ticket) bool {
		for _, c := range all {
			if t.Deleted || !indexed(t) || !c(t) {
				return false
			}
		}
		return true
	}, func(a, b *desk.Ticket) int { return int(min(max(order(a)-order(b), -1), 1)) }), order, ""
}

func balanced(s string) bool {
	depth := 0
	for _, r := range s {
		switch r {
		case '(':
			depth++
		case ')':
			if depth--; depth < 0 {
				return false
			}
		}
	}
	return depth == 0
}

func (s *Server) condition(term string) (condition, string) {
	if m := inProject.FindStringSubmatch(term); m != nil {
		for key := range strings.SplitSeq(m[1], ",") {
			if key = strings.Trim(key, ` "`); key != project {
				return nil, "The value '" + key + "' does not exist for the field 'project'."
			}
		}
		return func(*desk.Ticket) bool { return true }, ""
	}
	if m := byCategory.FindStringSubmatch(term); m != nil {
		return func(t *desk.Ticket) bool { return t.Status.Done() == (m[1] == "=") }, ""
	}
	if m := byUpdate.FindStringSubmatch(term); m != nil {
		n, err := strconv.Atoi(m[1])
		if err != nil {
			return nil, "Error in the JQL Query: '" + m[1] + "' is no number."
		}
		since := s.Now().Add(-time.Duration(n) * time.Minute)
		return func(t *desk.Ticket) bool { return !t.Updated.Before(since) }, ""
	}
	if m := byKey.FindStringSubmatch(term); m != nil {
		wanted := map[int64]bool{}
		for key := range strings.SplitSeq(m[1], ",") {
			key = strings.Trim(key, ` "`)
			t := s.Find(ReadKey(key))
			if t == nil || t.Deleted {
				return nil, "An issue with key '" + key + "' does not exist for field 'key'."
			}
			wanted[t.ID] = true
		}
		return func(t *desk.Ticket) bool { return wanted[t.ID] }, ""
	}
	return nil, "Error in the JQL Query: '" + term + "' is not understood."
}
