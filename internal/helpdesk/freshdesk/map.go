package freshdesk

import (
	"strconv"
	"time"

	"whatsapp_sla_exporter/internal/helpdesk"
	"whatsapp_sla_exporter/internal/helpdesk/feed"
	"whatsapp_sla_exporter/internal/sla"
)

// priorities and channels are what numbers mean. The number of WhatsApp is not documented.
var (
	priorities = map[int]string{1: "low", 2: "medium", 3: "high", 4: "urgent"}
	channels   = map[int]string{
		1: "email", 2: "portal", 3: "phone", 5: "twitter", 6: "facebook", 7: "chat", 9: "feedback_widget",
		outbound: "outbound_email", 13: "whatsapp",
	}
)

// outbound is the source of a ticket that an agent opened by writing to the customer.
const outbound = 10

// ticket translates a row. Unknown is told of what the mapping does not know: a ticket with an unknown status is taken
// for open, because a ticket nobody watches is worse than one somebody watches in vain.
func (c *Client) ticket(r *row, unknown func(field, value string)) helpdesk.Ticket {
	id := feed.ID(r.ID)
	t := helpdesk.Ticket{ID: id, URL: c.base + "/a/tickets/" + id, CreatedAt: r.CreatedAt.Time, UpdatedAt: r.UpdatedAt.Time}
	if t.Gone = r.Deleted || r.Spam; t.Gone {
		c.waiting.Forget(id)
		return t
	}
	var known bool
	if t.Status, t.StatusRaw, known = c.status(r.Status); !known {
		unknown("status", strconv.Itoa(r.Status))
	}
	t.Priority = name(priorities, r.Priority, "priority", unknown)
	t.Channel = name(channels, r.Source, "source", unknown)
	t.Type, t.Group, t.Brand = feed.Intern(string(r.Type)), feed.Intern(feed.ID(r.GroupID)), feed.Intern(feed.ID(r.ProductID))
	for _, tag := range r.Tags {
		t.Tags = append(t.Tags, feed.Intern(tag))
	}
	t.Fields = feed.Fields(r.Custom, c.o.KeepField)
	c.conversation(&t, r, unknown)
	if known && t.Status == sla.StatusOpen && !t.WaitingSince.IsZero() && t.FirstResponseAt.IsZero() {
		t.Status = sla.StatusNew // which Freshdesk does not have
	}
	t.Native = natives(r, &t)
	return t
}

func name(names map[int]string, number int, field string, unknown func(field, value string)) string {
	if n, ok := names[number]; ok {
		return n
	}
	word := feed.Intern(strconv.Itoa(number))
	unknown(field, word)
	return word
}

// conversation takes who wrote when from the stats. Of the customer they have the last message, and nothing before
// the second.
func (c *Client) conversation(t *helpdesk.Ticket, r *row, unknown func(field, value string)) {
	if r.Stats == nil {
		unknown("stats", "")
		return
	}
	t.FirstResponseAt, t.LastAgentReplyAt, t.LastCustomerMessageAt = r.Stats.First.Time, r.Stats.Agent.Time, r.Stats.Requester.Time
	byCustomer := r.Source != outbound
	if t.LastCustomerMessageAt.IsZero() && byCustomer {
		t.LastCustomerMessageAt = t.CreatedAt
	}
	switch {
	case t.Status.Done():
		c.waiting.Forget(t.ID)
		t.SolvedAt = r.Stats.Resolved.Time
		if t.SolvedAt.IsZero() {
			t.SolvedAt = r.Stats.Closed.Time
		}
	case byCustomer && t.FirstResponseAt.IsZero() && t.LastAgentReplyAt.IsZero():
		t.WaitingSince = t.CreatedAt
	default:
		t.WaitingSince = c.waiting.Since(t.ID, t.LastCustomerMessageAt, t.LastAgentReplyAt)
	}
}

// natives reads Freshdesk's own deadlines. A row keeps them when they are answered, and while the timers stand still,
// which the status tells.
func natives(r *row, t *helpdesk.Ticket) (out []helpdesk.NativeTarget) {
	paused := t.Status == sla.StatusPending || t.Status == sla.StatusOnHold
	add := func(target sla.Target, start, due, answer time.Time) {
		n := helpdesk.NativeTarget{Target: target, Start: start, Due: due, MetAt: answer}
		switch {
		case due.IsZero():
			return
		case answer.IsZero() && t.Status.Done():
			n.MetAt = t.SolvedAt // solving ends whatever was still owed
		case answer.IsZero() && paused:
			n.Due, n.Paused = time.Time{}, true
		}
		out = append(out, n)
	}
	add(sla.FirstResponse, t.CreatedAt, r.FirstBy.Time, t.FirstResponseAt)
	next := time.Time{}
	if t.WaitingSince.IsZero() {
		next = t.LastAgentReplyAt
	}
	add(sla.NextResponse, time.Time{}, r.NextBy.Time, next)
	add(sla.Resolution, t.CreatedAt, r.SolveBy.Time, time.Time{})
	return out
}
