package zammad

import (
	"strings"
	"time"

	"whatsapp_sla_exporter/internal/helpdesk"
	"whatsapp_sla_exporter/internal/helpdesk/feed"
	"whatsapp_sla_exporter/internal/sla"
)

// ticket translates a row. Unknown is told of what the mapping does not know: such a ticket is taken for open,
// because a ticket nobody watches is worse than one somebody watches in vain.
func (c *Client) ticket(r *row, unknown func(field, value string)) helpdesk.Ticket {
	id := feed.ID(r.ID)
	t := helpdesk.Ticket{ID: id, URL: c.base + "/#ticket/zoom/" + id, CreatedAt: r.CreatedAt.Time, UpdatedAt: r.UpdatedAt.Time}
	s, _ := c.stateOf(r.StateID)
	status, ok := stateTypes[s.Type]
	if !ok {
		unknown("status", string(s.Type))
		status = sla.StatusOpen
	}
	t.Status, t.StatusRaw, t.Gone = status, feed.Intern(string(r.State)), s.gone()
	t.Priority, t.Type = feed.Intern(strings.ToLower(string(r.Priority))), feed.Intern(string(r.Type))
	t.Group, t.Channel = feed.Intern(feed.ID(r.GroupID)), channel(r)
	t.Fields = r.attributes(c.o.KeepField)
	t.FirstResponseAt, t.LastAgentReplyAt, t.LastCustomerMessageAt = r.FirstResponseAt.Time, r.AgentAt.Time, r.CustomerAt.Time
	if status.Done() {
		c.waiting.Forget(id)
		t.SolvedAt = feed.Later(r.ClosedAt.Time, r.LastClosedAt.Time)
	} else {
		t.WaitingSince = c.waiting.Since(id, r.CustomerAt.Time, r.AgentAt.Time)
	}
	t.Native = natives(r, &t, s)
	return t
}

// channel is where the customer wrote first: the type of the article that opened the ticket.
func channel(r *row) string {
	name := strings.ToLower(string(r.ArticleType))
	if strings.Contains(name, "whatsapp") || r.Preferences.V.WhatsApp.Set {
		return "whatsapp"
	}
	return feed.Intern(name)
}

// natives reads Zammad's own deadlines. They are null while the state ignores escalations and once they are answered.
// Of an answered one, Zammad keeps by how many working minutes it was early or late: its due is put as far from
// the answer.
func natives(r *row, t *helpdesk.Ticket, s state) (out []helpdesk.NativeTarget) {
	switch {
	case !r.FirstResponseAt.IsZero():
		out = answered(out, sla.FirstResponse, r.CreatedAt.Time, r.FirstResponseAt.Time, r.FirstResponseIn)
	case !r.FirstResponseBy.IsZero():
		out = append(out, helpdesk.NativeTarget{Target: sla.FirstResponse, Start: r.CreatedAt.Time, Due: r.FirstResponseBy.Time})
	}
	if !r.UpdateBy.IsZero() {
		out = append(out, update(r, t))
	}
	switch {
	case !r.ClosedAt.IsZero(): // a solution is promised once; a ticket that is reopened has none
		out = answered(out, sla.Resolution, r.CreatedAt.Time, r.ClosedAt.Time, r.CloseIn)
	case !r.CloseBy.IsZero():
		out = append(out, helpdesk.NativeTarget{Target: sla.Resolution, Start: r.CreatedAt.Time, Due: r.CloseBy.Time})
	case s.Ignores && !t.Status.Done() && r.underSLA():
		out = append(out, helpdesk.NativeTarget{Target: sla.Resolution, Start: r.CreatedAt.Time, Paused: true})
	}
	return out
}

func answered(out []helpdesk.NativeTarget, target sla.Target, start, at time.Time, early minutes) []helpdesk.NativeTarget {
	if early.V == nil { // nothing was promised
		return out
	}
	due := at.Add(time.Duration(*early.V) * time.Minute)
	return append(out, helpdesk.NativeTarget{Target: target, Start: start, Due: due, MetAt: at})
}

// update is the deadline of the next message of an agent. Zammad has one column for two promises: an answer to the
// customer, and an update every so often. Whether the customer waits tells which it is.
func update(r *row, t *helpdesk.Ticket) helpdesk.NativeTarget {
	if !t.WaitingSince.IsZero() {
		return helpdesk.NativeTarget{Target: sla.NextResponse, Start: t.WaitingSince, Due: r.UpdateBy.Time}
	}
	return helpdesk.NativeTarget{Target: sla.FollowUp, Start: feed.Later(r.CreatedAt.Time, r.AgentAt.Time), Due: r.UpdateBy.Time}
}

// underSLA says whether an SLA applies to a ticket whose deadlines are null.
func (r *row) underSLA() bool {
	return r.Preferences.V.Escalation.SLA != "" || r.FirstResponseIn.V != nil
}
