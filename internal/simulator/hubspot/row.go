package hubspot

import (
	"net/http"
	"slices"
	"strconv"
	"time"

	"whatsapp_sla_exporter/internal/simulator/desk"
	"whatsapp_sla_exporter/internal/sla"
)

// The stages of the pipeline that every account begins with, and one for third parties.
var stages = map[sla.Status]string{
	sla.StatusNew: "1", sla.StatusPending: "2", sla.StatusOpen: "3", sla.StatusSolved: "4", sla.StatusClosed: "4", sla.StatusOnHold: "5",
}

var priorities = map[string]string{"low": "LOW", "normal": "MEDIUM", "high": "HIGH", "urgent": "URGENT"}

func (s *Server) pipelines(*http.Request) desk.Reply {
	stage := func(id, label, state, closed string) map[string]any {
		return map[string]any{"id": id, "label": label, "archived": false, "metadata": map[string]any{"ticketState": state, "isClosed": closed}}
	}
	return desk.Reply{Body: map[string]any{"results": []any{map[string]any{
		"id": "0", "label": "Support Pipeline", "archived": false, "stages": []any{
			stage("1", "New", "OPEN", "false"), stage("2", "Waiting on contact", "OPEN", "false"),
			stage("3", "Waiting on us", "OPEN", "false"), stage("4", "Closed", "CLOSED", "true"),
			stage("5", "On hold with vendor", "OPEN", "false"),
		},
	}}}}
}

// properties are all properties of a ticket, as text. Unset ones are missing.
func (s *Server) properties(t *desk.Ticket) map[string]string {
	p := map[string]string{
		"hs_object_id": strconv.FormatInt(t.ID, 10), "subject": "A customer's words", "content": "More of a customer's words",
		"hs_pipeline": "0", "hs_pipeline_stage": t.Word(stages), "hs_ticket_category": t.Type, "hubspot_team_id": t.Group,
		"hubspot_owner_id": "11", "source_type": t.Channel,
		"hs_ticket_priority": priorities[t.Priority],
	}
	for _, at := range []struct {
		name string
		at   time.Time
	}{
		{"createdate", t.Created},
		{"hs_lastmodifieddate", t.Updated},
		{"first_agent_reply_date", t.FirstReply()},
		{"hs_last_message_sent_at", t.LastReply()},
		{"hs_last_message_received_at", t.LastCustomer()},
		{"closed_date", t.Solved},
	} {
		setTime(p, at.name, at.at)
	}
	for _, name := range s.o.Properties {
		p[name] = t.Fields[name]
	}
	s.clocks(t, p)
	for name, v := range p {
		if v == "" {
			delete(p, name)
		}
	}
	return p
}

// reader reads single properties of a ticket, those that searches mostly ask for without the others.
func (s *Server) reader(t *desk.Ticket) func(name string) (string, bool) {
	var all map[string]string
	return func(name string) (string, bool) {
		switch name {
		case "hs_object_id":
			return strconv.FormatInt(t.ID, 10), true
		case "hs_lastmodifieddate":
			return strconv.FormatInt(t.Updated.UnixMilli(), 10), true
		case "hs_pipeline_stage":
			return t.Word(stages), true
		}
		if all == nil {
			all = s.properties(t)
		}
		v, ok := all[name]
		return v, ok
	}
}

func (s *Server) clocks(t *desk.Ticket, p map[string]string) {
	now := s.Now()
	for target, name := range map[sla.Target]string{
		sla.FirstResponse: "hs_time_to_first_response_sla", sla.NextResponse: "hs_time_to_next_response_sla", sla.Resolution: "hs_time_to_close_sla",
	} {
		c, ok := t.Clock(target, now)
		if !ok {
			continue
		}
		setTime(p, name+"_at", c.Due)
		p[name+"_status"] = status(c, now)
		if c.Paused {
			p["hs_sla_pause_status"] = "PAUSED"
		}
	}
}

// status is the code of a clock: 0 active, 1 overdue, 3 completed on time, 4 completed late.
func status(c desk.Clock, now time.Time) string {
	switch {
	case c.MetAt.IsZero() && (c.Paused || !now.After(c.Due)):
		return "0"
	case c.MetAt.IsZero():
		return "1"
	case c.MetAt.After(c.Due):
		return "4"
	}
	return "3"
}

func setTime(p map[string]string, name string, at time.Time) {
	if !at.IsZero() {
		p[name] = at.UTC().Format("2006-01-02T15:04:05.000Z")
	}
}

// results are the objects with the properties that were asked for, and those that are always there.
func (s *Server) results(tickets []*desk.Ticket, wanted []string) []any {
	out := []any{}
	for _, t := range tickets {
		all := s.properties(t)
		shown := map[string]any{}
		for _, name := range append([]string{"hs_object_id", "createdate", "hs_lastmodifieddate"}, wanted...) {
			v, ok := all[name]
			known := ok || slices.Contains(documented, name) || slices.Contains(s.o.Properties, name)
			switch {
			case ok:
				shown[name] = v
			case known:
				shown[name] = nil
			}
		}
		row := map[string]any{
			"id": all["hs_object_id"], "properties": shown, "createdAt": all["createdate"], "updatedAt": all["hs_lastmodifieddate"],
			"archived": false, "url": "https://app.hubspot.com/contacts/1/record/0-5/" + all["hs_object_id"],
		}
		if t.Bad {
			row["properties"] = "unavailable"
		}
		out = append(out, row)
	}
	return out
}

// documented are the properties that every account has.
var documented = []string{
	"hs_object_id", "subject", "content", "hs_pipeline", "hs_pipeline_stage", "hs_ticket_priority", "hs_ticket_category", "createdate",
	"hs_lastmodifieddate", "first_agent_reply_date", "last_reply_date", "hs_last_message_received_at", "hs_last_message_sent_at",
	"closed_date", "hs_ticket_reopened_at", "hubspot_owner_id", "hubspot_team_id", "source_type", "hs_sla_pause_status",
	"hs_time_to_first_response_sla_at", "hs_time_to_first_response_sla_status", "hs_time_to_next_response_sla_at",
	"hs_time_to_next_response_sla_status", "hs_time_to_close_sla_at", "hs_time_to_close_sla_status",
}
