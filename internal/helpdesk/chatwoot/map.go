package chatwoot

import (
	"context"
	"strings"
	"time"

	"whatsapp_sla_exporter/internal/helpdesk"
	"whatsapp_sla_exporter/internal/helpdesk/feed"
	"whatsapp_sla_exporter/internal/sla"
)

// statuses are what Chatwoot's mean. Pending conversations are with a bot: no human owes an answer.
var statuses = map[string]sla.Status{
	"open": sla.StatusOpen, "pending": sla.StatusPending, "snoozed": sla.StatusPending, "resolved": sla.StatusSolved,
}

// ticket translates a row. A conversation with a status that the mapping does not know is taken for open, because one
// nobody watches is worse than one somebody watches in vain.
func (p *pass) ticket(ctx context.Context, r *row) helpdesk.Ticket {
	id := feed.ID(r.ID)
	t := helpdesk.Ticket{
		ID: id, URL: p.c.browser + "/conversations/" + id, StatusRaw: feed.Intern(r.Status),
		Priority: feed.Intern(strings.ToLower(string(r.Priority))), Channel: channel(string(r.Meta.Channel)), Brand: feed.Intern(feed.ID(r.InboxID)),
		CreatedAt: r.CreatedAt.Time, UpdatedAt: r.UpdatedAt.Time, FirstResponseAt: r.FirstReplyAt.Time, Fields: feed.Fields(r.Custom, p.c.o.KeepField),
	}
	if r.Meta.Team != nil {
		t.Group = feed.Intern(feed.ID(r.Meta.Team.ID))
	}
	for _, label := range r.Labels {
		t.Tags = append(t.Tags, feed.Intern(label))
	}
	t.Status = status(r, p.Pass.Unknown)
	if t.Status.Done() { // the activity of resolving is its last
		t.SolvedAt = r.ActiveAt.Time
		if t.SolvedAt.IsZero() {
			t.SolvedAt = t.UpdatedAt
		}
		p.c.forget(id)
	} else {
		t.WaitingSince = r.WaitingSince.Time
		t.LastAgentReplyAt, t.LastCustomerMessageAt = p.talk(ctx, r)
		t.LastAgentReplyAt = feed.Later(t.LastAgentReplyAt, t.FirstResponseAt)
	}
	t.Native = natives(r, &t, p.Pass.Unknown)
	return t
}

func status(r *row, unknown func(field, value string)) sla.Status {
	s, ok := statuses[r.Status]
	switch {
	case !ok:
		unknown("status", r.Status)
		return sla.StatusOpen
	case r.Status == "snoozed" && !r.SnoozedUntil.IsZero(): // until then, and not until the customer writes
		return sla.StatusOnHold
	case s == sla.StatusOpen && r.FirstReplyAt.IsZero():
		return sla.StatusNew // which Chatwoot does not have
	}
	return s
}

// channel is the kind of inbox: "Channel::Whatsapp" is whatsapp.
func channel(class string) string {
	return feed.Intern(strings.ToLower(strings.TrimPrefix(class, "Channel::")))
}

// natives reads Chatwoot's own deadlines. Nothing pauses them.
func natives(r *row, t *helpdesk.Ticket, unknown func(field, value string)) (out []helpdesk.NativeTarget) {
	a := r.SLA
	if a == nil {
		return nil
	}
	add := func(target sla.Target, start time.Time, told *instant, within float64, answer time.Time) {
		due := time.Time{}
		switch {
		case told != nil:
			due = told.Time
		case within <= 0 || start.IsZero():
		case a.BusinessHours: // which hours they are, the conversation does not tell
			unknown("applied_sla", string(target))
		default:
			due = start.Add(time.Duration(within * float64(time.Second)))
		}
		if due.IsZero() {
			return
		}
		if answer.IsZero() && t.Status.Done() {
			answer = t.SolvedAt // resolving ends whatever was still owed
		}
		out = append(out, helpdesk.NativeTarget{Target: target, Start: start, Due: due, MetAt: answer})
	}
	add(sla.FirstResponse, t.CreatedAt, a.FirstBy, a.FirstWithin.V, t.FirstResponseAt)
	if !t.FirstResponseAt.IsZero() && !t.WaitingSince.IsZero() {
		add(sla.NextResponse, t.WaitingSince, a.NextBy, a.NextWithin.V, time.Time{})
	}
	add(sla.Resolution, t.CreatedAt, a.SolveBy, a.SolveWithin.V, time.Time{})
	return out
}
