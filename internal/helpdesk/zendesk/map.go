package zendesk

import (
	"slices"
	"strings"
	"time"

	"whatsapp_sla_exporter/internal/helpdesk"
	"whatsapp_sla_exporter/internal/helpdesk/feed"
	"whatsapp_sla_exporter/internal/sla"
)

const statusDeleted = "deleted"

// mergeTag is what Zendesk puts on a ticket that it closed because it was merged into another.
const mergeTag = "closed_by_merge"

var statuses = map[string]sla.Status{
	"new": sla.StatusNew, "open": sla.StatusOpen, "pending": sla.StatusPending,
	"hold": sla.StatusOnHold, "solved": sla.StatusSolved, "closed": sla.StatusClosed,
}

// ticket translates a row. Unknown is told of what the mapping does not know: such a ticket is taken for open,
// because a ticket nobody watches is worse than one somebody watches in vain.
func (c *Client) ticket(r *row, unknown func(field, value string)) helpdesk.Ticket {
	t := helpdesk.Ticket{ID: feed.ID(r.ID), URL: c.base + "/agent/tickets/" + feed.ID(r.ID)}
	if r.Status == statusDeleted {
		t.Gone = true
		return t
	}
	t.Status, t.StatusRaw = c.status(r, unknown)
	t.Gone = t.Status.Done() && slices.Contains(r.Tags, mergeTag)
	t.Channel = feed.Intern(strings.ToLower(string(r.Via.Channel)))
	t.Priority, t.Type = feed.Intern(strings.ToLower(r.Priority)), feed.Intern(r.Type)
	t.Group, t.Brand, t.Form = feed.Intern(feed.ID(r.GroupID)), feed.Intern(feed.ID(r.BrandID)), feed.Intern(feed.ID(r.FormID))
	for _, tag := range r.Tags {
		t.Tags = append(t.Tags, feed.Intern(tag))
	}
	t.Fields = c.fields(r.Custom)
	t.CreatedAt, t.UpdatedAt = r.CreatedAt.Time, r.UpdatedAt.Time
	h, documented := readHistory(r)
	if !documented {
		unknown("metric_event", "")
	}
	switch {
	case !h.known():
		fromMetricSet(&t, r)
	case h.partial:
		fromMetricSet(&t, r)
		fromLateEvents(&t, h)
	default:
		fromEvents(&t, r, h)
	}
	if t.Status.Done() {
		t.SolvedAt, t.WaitingSince = solvedAt(r, h), time.Time{}
	}
	t.Native = natives(r, h, unknown)
	return t
}

// fromEvents takes the conversation from the metric events, which have it to the second.
func fromEvents(t *helpdesk.Ticket, r *row, h *history) {
	var replies *int
	if r.MetricSet != nil {
		replies = r.MetricSet.Replies
		t.LastCustomerMessageAt = r.MetricSet.RequesterAt.Time
	}
	t.FirstResponseAt = h.firstReply(replies)
	t.LastAgentReplyAt = h.lastReply(replies)
	t.WaitingSince = h.waiting()
	if last := h.last(replyTime); last != nil {
		t.LastCustomerMessageAt = feed.Later(t.LastCustomerMessageAt, last.start)
	}
	t.Pauses, t.PausesKnown = readPauses(r.MetricEvents[agentWork], r.MetricEvents[requesterWait], t.Status.Done())
}

// fromLateEvents adds to what the totals of a ticket tell what its last events do. The first reply and the pauses are
// in those that are not known.
func fromLateEvents(t *helpdesk.Ticket, h *history) {
	t.LastAgentReplyAt = feed.Later(t.LastAgentReplyAt, h.lastReply(nil))
	if last := h.last(replyTime); last != nil {
		t.WaitingSince = h.waiting()
		t.LastCustomerMessageAt = feed.Later(t.LastCustomerMessageAt, last.start)
	}
}

// fromMetricSet takes the conversation from the ticket's totals, where there are no events. They have the first
// reply to the minute (below it, so never late); the last reply only while there was no other; and they cannot
// tell a customer's second unanswered message from the first. What they do not tell stays unknown.
func fromMetricSet(t *helpdesk.Ticket, r *row) {
	byCustomer := r.SubmitterID == r.RequesterID
	if byCustomer {
		t.LastCustomerMessageAt = t.CreatedAt
	}
	m := r.MetricSet
	if m == nil {
		return
	}
	t.LastCustomerMessageAt = feed.Later(t.LastCustomerMessageAt, m.RequesterAt.Time)
	replies := 0
	if m.Replies != nil {
		replies = *m.Replies
	}
	if replies > 0 || m.Replies == nil {
		t.FirstResponseAt = m.firstReply(t.CreatedAt)
	}
	if replies == 1 {
		t.LastAgentReplyAt = t.FirstResponseAt
	}
	switch {
	case t.FirstResponseAt.IsZero() && byCustomer:
		t.WaitingSince = t.CreatedAt
	case !t.LastAgentReplyAt.IsZero() && m.RequesterAt.After(t.LastAgentReplyAt.Add(time.Minute)):
		t.WaitingSince = m.RequesterAt.Time
	}
}

func (m *metricSet) firstReply(created time.Time) time.Time {
	switch {
	case m.ReplySecs.Calendar != nil:
		return created.Add(time.Duration(*m.ReplySecs.Calendar * float64(time.Second)))
	case m.ReplyTime.Calendar != nil:
		return created.Add(time.Duration(*m.ReplyTime.Calendar * float64(time.Minute)))
	}
	return time.Time{}
}

// fields keeps the custom fields that somebody asked for.
func (c *Client) fields(custom []customField) map[string]string {
	var out map[string]string
	for _, f := range custom {
		id := feed.ID(f.ID)
		if f.Value == "" || !c.o.KeepField(id) {
			continue
		}
		if out == nil {
			out = make(map[string]string)
		}
		out[feed.Intern(id)] = feed.Intern(string(f.Value))
	}
	return out
}
