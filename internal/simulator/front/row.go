package front

import (
	"strconv"
	"strings"
	"time"

	"whatsapp_sla_exporter/internal/simulator/desk"
	"whatsapp_sla_exporter/internal/sla"
)

// ID is the id of a conversation in the API.
func ID(id int64) string { return "cnv_" + strconv.FormatInt(id, 36) }

// ReadID is the other way round; 0 where it is none.
func ReadID(id string) int64 {
	n, err := strconv.ParseInt(strings.TrimPrefix(id, "cnv_"), 36, 64)
	if err != nil {
		return 0
	}
	return n
}

// state is the status of a conversation and, with ticketing, its category.
func state(t *desk.Ticket) (status, category string) {
	switch t.Status {
	case sla.StatusNew:
		status, category = "unassigned", "open"
	case sla.StatusPending, sla.StatusOnHold:
		status, category = "assigned", "waiting"
	case sla.StatusSolved, sla.StatusClosed:
		status, category = "archived", "resolved"
	default:
		status, category = "assigned", "open"
	}
	if t.Deleted {
		return "deleted", category
	}
	if t.Strange != "" {
		category = t.Strange
	}
	return status, category
}

func (s *Server) row(t *desk.Ticket) any {
	if t.Bad {
		return map[string]any{"id": []string{"unavailable"}, "type": "conversation"}
	}
	status, category := state(t)
	tags := []any{}
	for n, name := range t.Tags {
		tags = append(tags, map[string]any{"id": "tag_" + strconv.Itoa(n), "name": name, "is_private": false})
	}
	var assignee any
	if status == "assigned" {
		assignee = map[string]any{"id": "tea_11", "email": "agent@acme.example", "first_name": "Amir"}
	}
	fields := map[string]any{}
	for name, v := range t.Fields {
		fields[name] = v
	}
	return map[string]any{
		"_links": map[string]any{"self": "https://acme.api.frontapp.com/conversations/" + ID(t.ID)},
		"id":     ID(t.ID), "type": "conversation", "subject": "A customer's words", "status": status, "status_id": "sts_1", "status_category": category,
		"ticket_ids": []string{"TICKET-" + strconv.FormatInt(t.ID, 10)}, "assignee": assignee,
		"recipient": map[string]any{"handle": "+10000000031", "role": "from"}, "tags": tags, "links": []any{}, "custom_fields": fields,
		"created_at": stamp(t.Created), "updated_at": stamp(t.Updated), "waiting_since": stamp(t.WaitingSince()),
		"is_private": false, "scheduled_reminders": []any{}, "metadata": map[string]any{},
	}
}

func message(t *desk.Ticket, n int, m desk.Message) any {
	var author any
	if !m.Customer {
		author = map[string]any{"id": "tea_11", "email": "agent@acme.example", "first_name": "Amir"}
	}
	return map[string]any{
		"id": "msg_" + strconv.FormatInt(t.ID*1000+int64(n), 36), "type": t.Channel, "is_inbound": m.Customer, "created_at": stamp(m.At),
		"blurb": "What somebody wrote", "body": "What somebody wrote", "author": author, "is_draft": false,
		"recipients": []any{map[string]any{"handle": "+10000000031", "role": "from"}},
	}
}

// stamp is a time as the API has it: seconds with a fraction, null when unset.
func stamp(at time.Time) any {
	if at.IsZero() {
		return nil
	}
	return float64(at.UnixMilli()) / 1000
}
