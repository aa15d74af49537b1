package chatwoot

import (
	"fmt"
	"slices"
	"time"
)

// unix is a time as Chatwoot writes it: 0 where it is unset.
func unix(t time.Time) int64 {
	if t.IsZero() {
		return 0
	}
	return t.Unix()
}

// orNull is a time that is null where it is unset.
func orNull(t time.Time) any {
	if t.IsZero() {
		return nil
	}
	return t.Unix()
}

// row is a conversation as the API shows it.
func (s *Server) row(c *conversation) map[string]any {
	last := c.lastMessage()
	row := map[string]any{
		"id": c.id, "uuid": fmt.Sprintf("00000000-0000-4000-8000-%012d", c.id), "account_id": s.o.Account, "inbox_id": c.Inbox,
		"status": c.status, "priority": nil, "labels": append([]string{}, c.Labels...), "can_reply": true, "muted": false, "unread_count": 1,
		"snoozed_until": orNull(c.snoozedUntil), "created_at": unix(c.created), "updated_at": float64(c.updated.UnixMilli()) / 1000,
		"timestamp": unix(c.activity), "last_activity_at": unix(c.activity), "first_reply_created_at": unix(c.firstReply),
		"waiting_since": unix(c.waiting), "agent_last_seen_at": 0, "assignee_last_seen_at": 0, "contact_last_seen_at": 0,
		"custom_attributes": c.Fields, "additional_attributes": map[string]any{}, "messages": []any{s.messageRow(c, &c.messages[len(c.messages)-1])},
		"last_non_activity_message": s.messageRow(c, last), "sla_policy_id": nil, "sla_events": []any{},
		"meta": map[string]any{
			"sender":  map[string]any{"id": 31, "name": "Jane Customer", "email": "jane@customer.example", "type": "contact"},
			"channel": c.Channel, "assignee": nil, "team": nil, "hmac_verified": false,
		},
	}
	if c.Priority != "" {
		row["priority"] = c.Priority
	}
	if c.Team != 0 {
		row["meta"].(map[string]any)["team"] = map[string]any{"id": c.Team, "name": "support"}
	}
	if c.SLA != nil {
		row["sla_policy_id"], row["applied_sla"] = c.SLA.ID, s.appliedSLA(c)
	}
	switch c.fault {
	case NoDate:
		row["created_at"] = nil
	case WrongType:
		row["labels"] = "none"
	case UnknownStatus:
		row["status"] = "hibernating"
	}
	return row
}

// lastMessage is the last message that is not an activity; notes are among them.
func (c *conversation) lastMessage() *message {
	for i, m := range slices.Backward(c.messages) {
		if m.kind != activity {
			return &c.messages[i]
		}
	}
	return nil
}

// messageRow is a message as the API shows it.
func (s *Server) messageRow(c *conversation, m *message) any {
	if m == nil {
		return nil
	}
	row := map[string]any{
		"id": m.id, "content": "Jane's number is +34 600 000 000", "account_id": s.o.Account, "inbox_id": c.Inbox, "conversation_id": c.id,
		"message_type": m.kind, "created_at": m.at.Unix(), "private": m.private, "status": "sent", "content_type": "text",
		"sender_type": nil,
	}
	if m.sender != "" {
		row["sender_type"] = m.sender
	}
	return row
}

// appliedSLA is an SLA as it applies to a conversation. Nothing pauses it.
func (s *Server) appliedSLA(c *conversation) map[string]any {
	due := func(start time.Time, span time.Duration) any {
		if start.IsZero() || span == 0 {
			return nil
		}
		return start.Add(span).Unix()
	}
	seconds := func(d time.Duration) any {
		if d == 0 {
			return nil
		}
		return int(d / time.Second)
	}
	out := map[string]any{
		"id": c.id, "sla_id": c.SLA.ID, "sla_status": "active", "sla_name": "p", "sla_description": "",
		"sla_first_response_time_threshold": seconds(c.SLA.FirstResponse), "sla_next_response_time_threshold": seconds(c.SLA.NextResponse),
		"sla_resolution_time_threshold": seconds(c.SLA.Resolution), "sla_only_during_business_hours": c.SLA.BusinessHours,
		"created_at": unix(c.created), "updated_at": unix(c.created),
	}
	if s.o.WithoutDueAt {
		return out
	}
	out["sla_frt_due_at"], out["sla_rt_due_at"], out["sla_nrt_due_at"] = due(c.created, c.SLA.FirstResponse), due(c.created, c.SLA.Resolution), nil
	if !c.firstReply.IsZero() {
		out["sla_nrt_due_at"] = due(c.waiting, c.SLA.NextResponse)
	}
	return out
}
