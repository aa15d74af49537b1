package intercom

import (
	"encoding/json"
	"slices"
	"strconv"
	"time"

	"whatsapp_sla_exporter/internal/simulator/desk"
)

// query is a condition, or several joined by AND or OR.
type query struct {
	Field    string          `json:"field"`
	Operator string          `json:"operator"`
	Value    json.RawMessage `json:"value"`
}

// The fields that can be searched, as far as they are simulated: numbers and words.
var (
	numbers = map[string]func(t *desk.Ticket) int64{
		"updated_at": func(t *desk.Ticket) int64 { return t.Updated.Unix() }, "created_at": func(t *desk.Ticket) int64 { return t.Created.Unix() },
		"waiting_since": func(t *desk.Ticket) int64 { return t.WaitingSince().Unix() },
	}
	words = map[string]func(t *desk.Ticket) string{
		"state": func(t *desk.Ticket) string { return t.Word(states) }, "priority": func(t *desk.Ticket) string { return priorities[t.Priority] },
		"source.type": func(t *desk.Ticket) string { return t.Channel }, "team_assignee_id": func(t *desk.Ticket) string { return t.Group },
	}
)

const mostNested, mostFilters = 2, 15

// problem is what is wrong with a query; empty for one that can be run.
func (q query) problem(depth int) string {
	if q.Field == "" {
		var list []query
		switch {
		case q.Operator != "AND" && q.Operator != "OR":
			return "a group of conditions is joined by AND or OR"
		case json.Unmarshal(q.Value, &list) != nil || len(list) == 0 || len(list) > mostFilters:
			return "a group has 1 to 15 conditions"
		case depth == mostNested:
			return "groups are nested too deeply"
		}
		for _, each := range list {
			if p := each.problem(depth + 1); p != "" {
				return p
			}
		}
		return ""
	}
	_, isNumber := numbers[q.Field]
	_, isWord := words[q.Field]
	switch {
	case !isNumber && !isWord:
		return q.Field + " is not a searchable field"
	case isNumber && !slices.Contains([]string{"=", "!=", ">", "<"}, q.Operator):
		return "the operator does not fit a time"
	case isWord && !slices.Contains([]string{"=", "!=", "IN", "NIN"}, q.Operator):
		return "the operator does not fit a text"
	}
	if _, err := strconv.ParseInt(string(q.Value), 10, 64); isNumber && err != nil {
		return "the value of a time is Unix seconds"
	}
	return ""
}

// matches runs a query. More and less mean "or equal" for times.
func (q query) matches(t *desk.Ticket) bool {
	if q.Field == "" {
		var list []query
		if json.Unmarshal(q.Value, &list) != nil {
			return false
		}
		hit := func(each query) bool { return each.matches(t) }
		if q.Operator == "OR" {
			return slices.ContainsFunc(list, hit)
		}
		return !slices.ContainsFunc(list, func(each query) bool { return !hit(each) })
	}
	if read, ok := numbers[q.Field]; ok {
		want, err := strconv.ParseInt(string(q.Value), 10, 64)
		have := read(t)
		return err == nil && map[string]bool{"=": have == want, "!=": have != want, ">": have >= want, "<": have <= want}[q.Operator]
	}
	have := words[q.Field](t)
	var one string
	var many []string
	switch q.Operator {
	case "=", "!=":
		return json.Unmarshal(q.Value, &one) == nil && (have == one) == (q.Operator == "=")
	}
	return json.Unmarshal(q.Value, &many) == nil && slices.Contains(many, have) == (q.Operator == "IN")
}

var priorities = map[string]string{"": "none", "low": "low", "normal": "medium", "high": "high", "urgent": "urgent"}

func (s *Server) row(t *desk.Ticket) map[string]any {
	if t.Bad {
		return map[string]any{"type": "conversation", "id": ""}
	}
	tags := []any{}
	for n, name := range t.Tags {
		tags = append(tags, map[string]any{"type": "tag", "id": strconv.Itoa(n), "name": name})
	}
	attributes := map[string]any{}
	for name, v := range t.Fields {
		attributes[name] = v
	}
	var team any
	if n, err := strconv.Atoi(t.Group); err == nil {
		team = n
	}
	state := t.Word(states)
	return map[string]any{
		"type": "conversation", "id": strconv.FormatInt(t.ID, 10), "title": "A customer's words", "created_at": stamp(t.Created), "updated_at": stamp(t.Updated),
		"waiting_since": stamp(t.WaitingSince()), "snoozed_until": nil, "open": state != "closed", "state": state, "read": true,
		"priority": priorities[t.Priority], "admin_assignee_id": 11, "team_assignee_id": team,
		"tags":     map[string]any{"type": "tag.list", "tags": tags},
		"source":   map[string]any{"type": t.Channel, "id": "1", "delivered_as": "customer_initiated", "body": "What somebody wrote", "author": map[string]any{"email": "carla@customer.example"}},
		"contacts": map[string]any{"type": "contact.list", "contacts": []any{map[string]any{"type": "contact", "id": "c31"}}}, "custom_attributes": attributes,
		"sla_applied": map[string]any{"type": "conversation_sla_summary", "sla_name": "std", "sla_status": "active"},
		"statistics": map[string]any{
			"type": "conversation_statistics", "first_contact_reply_at": stamp(t.Created), "first_admin_reply_at": stamp(t.FirstReply()),
			"last_admin_reply_at": stamp(t.LastReply()), "last_contact_reply_at": stamp(t.LastCustomer()), "last_close_at": stamp(t.Solved), "count_reopens": t.Reopens,
		},
	}
}

// stamp is a time as the API has it: whole Unix seconds, null when unset.
func stamp(at time.Time) any {
	if at.IsZero() {
		return nil
	}
	return at.Unix()
}
