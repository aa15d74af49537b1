package zammad

import (
	"fmt"
	"maps"
	"time"
)

// stamp is a time as Zammad writes it; null where it is zero.
func stamp(t time.Time) any {
	if t.IsZero() {
		return nil
	}
	return t.UTC().Format("2006-01-02T15:04:05.000Z")
}

func (s *Server) rows(page []*ticket, expand bool) []map[string]any {
	out := []map[string]any{}
	for _, t := range page {
		out = append(out, s.row(t, expand))
	}
	return out
}

// row is a ticket as the API shows it; expanded, with names beside the ids.
func (s *Server) row(t *ticket, expand bool) map[string]any {
	state, _ := s.state(t.state)
	row := map[string]any{
		"id": t.id, "number": fmt.Sprintf("22%03d", t.id), "title": title, "group_id": t.Group, "state_id": state.ID,
		"priority_id": int(t.Priority[0] - '0'), "owner_id": 11, "customer_id": 31, "organization_id": nil,
		"note": nil, "type": nil, "article_count": t.articles, "preferences": map[string]any{},
		"created_at": stamp(t.created), "updated_at": stamp(t.updated),
		"first_response_at": stamp(t.firstResponse), "close_at": stamp(t.closed), "last_close_at": stamp(t.lastClosed),
		"last_contact_agent_at": stamp(t.agent), "last_contact_customer_at": stamp(t.customer), "last_contact_at": stamp(later(t.agent, t.customer)),
		"pending_time": nil, "time_unit": nil, "last_owner_update_at": nil,
	}
	if t.Type != "" {
		row["type"] = t.Type
	}
	maps.Copy(row, s.escalations(t))
	if expand {
		row["group"], row["state"], row["priority"] = "Support", t.state, t.Priority
		row["owner"], row["customer"] = "agent@acme.example", "jane@customer.example"
		row["create_article_type"], row["create_article_sender"] = "email", "Customer"
		if t.WhatsApp {
			row["create_article_type"] = "whatsapp message"
		}
	}
	maps.Copy(row, t.Attributes)
	switch t.fault {
	case NoDate:
		row["created_at"] = nil
	case WrongType:
		row["created_at"] = map[string]any{"time": stamp(t.created)}
	}
	return row
}

func later(a, b time.Time) time.Time {
	if b.After(a) {
		return b
	}
	return a
}

// escalations are the columns of a ticket's SLA.
func (s *Server) escalations(t *ticket) map[string]any {
	out := map[string]any{
		"escalation_at": nil, "first_response_escalation_at": nil, "update_escalation_at": nil, "close_escalation_at": nil,
		"first_response_in_min": nil, "first_response_diff_in_min": nil, "update_in_min": nil, "update_diff_in_min": nil,
		"close_in_min": nil, "close_diff_in_min": nil,
	}
	severity, _ := t.Attributes["severity"].(string)
	sla, ok := s.o.SLAs[severity]
	if !ok {
		return out
	}
	state, _ := s.state(t.state)
	out["preferences"] = map[string]any{"escalation_calculation": map[string]any{"sla_id": sla.ID, "escalation_disabled": state.IgnoreEscalation}}
	spent(out, "first_response", t, t.firstResponse, sla.FirstResponseTime)
	spent(out, "close", t, t.closed, sla.SolutionTime)
	if state.IgnoreEscalation {
		return out
	}
	var first time.Time
	for name, due := range map[string]time.Time{
		"first_response_escalation_at": t.due(t.created, sla.FirstResponseTime, t.firstResponse),
		"update_escalation_at":         t.updateDue(sla),
		"close_escalation_at":          t.due(t.created, sla.SolutionTime, t.closed),
	} {
		out[name] = stamp(due)
		if !due.IsZero() && (first.IsZero() || due.Before(first)) {
			first = due
		}
	}
	out["escalation_at"] = stamp(first)
	return out
}

// updateDue is when the next message of an agent is due: after the customer's (response time), or after each of the
// agent's own (update time).
func (t *ticket) updateDue(sla SLA) time.Time {
	switch {
	case sla.ResponseTime > 0 && t.customer.After(t.agent):
		return t.due(t.customer, sla.ResponseTime, time.Time{})
	case sla.UpdateTime > 0:
		return t.due(later(t.created, t.agent), sla.UpdateTime, time.Time{})
	}
	return time.Time{}
}

// due is when a time has run since start, without what was ignored; zero where it is not promised or done.
func (t *ticket) due(start time.Time, span time.Duration, done time.Time) time.Time {
	if span == 0 || !done.IsZero() {
		return time.Time{}
	}
	due := start.Add(span)
	for _, p := range t.ignored {
		if !p.to.IsZero() && p.to.After(start) && p.from.Before(due) {
			due = due.Add(p.to.Sub(later(p.from, start)))
		}
	}
	return due
}

// spent tells how many minutes something took, and how many that was below its promise.
func spent(out map[string]any, name string, t *ticket, done time.Time, promise time.Duration) {
	if done.IsZero() || promise == 0 {
		return
	}
	took := done.Sub(t.created)
	for _, p := range t.ignored {
		if p.from.Before(done) && !p.to.IsZero() {
			took -= p.to.Sub(p.from)
		}
	}
	out[name+"_in_min"] = int(took / time.Minute)
	out[name+"_diff_in_min"] = int(promise/time.Minute) - int(took/time.Minute)
}
