package jira

import (
	"maps"
	"slices"
	"strconv"
	"strings"
	"time"

	"whatsapp_sla_exporter/internal/simulator/desk"
	"whatsapp_sla_exporter/internal/sla"
)

// Key is the key of an issue.
func Key(id int64) string { return project + "-" + strconv.FormatInt(id, 10) }

// ReadKey is the other way round; 0 where it is none.
func ReadKey(key string) int64 {
	n, err := strconv.ParseInt(strings.TrimPrefix(key, project+"-"), 10, 64)
	if err != nil {
		return 0
	}
	return n
}

// status is a status with its category.
type status struct{ name, category string }

var statuses = map[sla.Status]status{
	sla.StatusNew: {"Waiting for support", "new"}, sla.StatusOpen: {"In progress", "indeterminate"},
	sla.StatusPending: {"Waiting for customer", "indeterminate"}, sla.StatusOnHold: {"Waiting for vendor", "indeterminate"},
	sla.StatusSolved: {"Resolved", "done"}, sla.StatusClosed: {"Closed", "done"},
}

var priorities = map[string]string{"low": "Low", "normal": "Medium", "high": "High", "urgent": "Highest"}

// The people of the issues.
const (
	customer = "acc-31"
	agent    = "acc-11"
)

func account(customerWrote bool) map[string]any {
	if customerWrote {
		return map[string]any{"accountId": customer, "accountType": "customer", "displayName": "Carla", "emailAddress": "carla@customer.example"}
	}
	return map[string]any{"accountId": agent, "accountType": "atlassian", "displayName": "Amir", "emailAddress": "amir@acme.example"}
}

func shownComments(list []desk.Message) []any {
	out := []any{}
	for n, m := range list {
		out = append(out, map[string]any{
			"id": strconv.Itoa(100_000 + n), "author": account(m.Customer), "created": moment(m.At), "updated": moment(m.At), "jsdPublic": !m.Private,
			"body": map[string]any{"type": "doc", "version": 1, "content": []any{map[string]any{"type": "text", "text": "What somebody wrote"}}},
		})
	}
	return out
}

// rows shows the fields that were asked for; those that the site does not have are passed over.
func (s *Server) rows(tickets []*desk.Ticket, wanted []string) []any {
	out := []any{}
	for _, t := range tickets {
		if t.Bad {
			out = append(out, map[string]any{"id": strconv.FormatInt(10_000+t.ID, 10), "key": Key(t.ID), "fields": "unavailable"})
			continue
		}
		all := s.fieldsOf(t)
		if !slices.Contains(wanted, "*all") {
			maps.DeleteFunc(all, func(name string, _ any) bool { return !slices.Contains(wanted, name) })
		}
		out = append(out, map[string]any{"id": strconv.FormatInt(10_000+t.ID, 10), "key": Key(t.ID), "self": "https://acme.atlassian.net/rest/api/3/issue/1", "fields": all})
	}
	return out
}

func (s *Server) fieldsOf(t *desk.Ticket) map[string]any {
	st := statuses[t.Status]
	if t.Strange != "" {
		st = status{t.Strange, "undefined"}
	}
	all := t.Messages[1:]
	inRow := all[:min(len(all), s.o.CommentsInRow)]
	f := map[string]any{
		"summary": "A customer's words", "status": map[string]any{"name": st.name, "statusCategory": map[string]any{"key": st.category}},
		"priority": map[string]any{"name": priorities[t.Priority]}, "issuetype": map[string]any{"name": t.Type}, "project": map[string]any{"key": project},
		"created": moment(t.Created), "updated": moment(t.Updated), "resolutiondate": moment(t.Solved), "statuscategorychangedate": moment(t.Updated),
		"assignee": account(false), "reporter": account(true), "labels": t.Tags,
		"comment": map[string]any{"comments": shownComments(inRow), "startAt": 0, "maxResults": len(inRow), "total": len(all)},
	}
	if t.Tags == nil {
		f["labels"] = []string{}
	}
	for name, id := range s.o.Fields {
		f[id] = nil
		if v := t.Fields[name]; v != "" {
			f[id] = map[string]any{"id": "10101", "value": v}
		}
	}
	for id, k := range clocks {
		f[id] = s.clock(t, k.target, k.name)
	}
	return f
}

// clock is an SLA as the API has it; null where no goal covers the issue.
func (s *Server) clock(t *desk.Ticket, target sla.Target, name string) any {
	now := s.Now()
	c, ok := t.Clock(target, now)
	if !ok {
		return nil
	}
	cycle := map[string]any{
		"startTime": date(c.Start), "goalDuration": duration(c.Target), "elapsedTime": duration(c.Elapsed), "remainingTime": duration(c.Target - c.Elapsed),
	}
	out := map[string]any{"id": "1", "name": name, "_links": map[string]any{}, "completedCycles": []any{}}
	if !c.MetAt.IsZero() {
		cycle["stopTime"], cycle["breachTime"], cycle["breached"] = date(c.MetAt), date(c.Due), c.MetAt.After(c.Due)
		out["completedCycles"] = []any{cycle}
		return out
	}
	cycle["paused"], cycle["withinCalendarHours"] = c.Paused, true
	cycle["breached"] = !c.Paused && now.After(c.Due)
	if !c.Paused {
		cycle["breachTime"] = date(c.Due)
	}
	out["ongoingCycle"] = cycle
	return out
}

func date(at time.Time) any {
	return map[string]any{"iso8601": at.UTC().Format("2006-01-02T15:04:05-0700"), "jira": moment(at), "friendly": "Today", "epochMillis": at.UnixMilli()}
}

func duration(d time.Duration) any {
	return map[string]any{"millis": d.Milliseconds(), "friendly": d.String()}
}

// moment is a time as the API has it, null when unset.
func moment(at time.Time) any {
	if at.IsZero() {
		return nil
	}
	return at.UTC().Format("2006-01-02T15:04:05.000-0700")
}
