package rt

import (
	"cmp"
	"slices"
	"strconv"
	"strings"

	"whatsapp_sla_exporter/internal/helpdesk"
	"whatsapp_sla_exporter/internal/helpdesk/feed"
	"whatsapp_sla_exporter/internal/loose"
	"whatsapp_sla_exporter/internal/sla"
)

// channelField is the custom field that tells on which channel the customer wrote: RT has no such thing itself.
const channelField = "channel"

// ticket translates a row and what was said. Status says what a status of the ticket's queue stands for.
func (c *Client) ticket(r *row, s *story, status func(string) sla.Status) helpdesk.Ticket {
	id := idText(r.ID.N)
	t := helpdesk.Ticket{
		ID: id, URL: c.base + "/Ticket/Display.html?id=" + id,
		Status: status(r.Status), StatusRaw: feed.Intern(r.Status),
		Priority: feed.Intern(strings.ToLower(string(r.Priority))), Type: feed.Intern(string(r.Type)), Group: feed.Intern(idText(r.Queue.ID.N)),
		CreatedAt: r.Created.Time, UpdatedAt: r.LastUpdated.Time,
	}
	t.Channel, t.Fields = c.custom(r.Custom.V)
	t.FirstResponseAt, t.LastAgentReplyAt = s.first.time(), feed.Later(s.last.time(), r.Told.Time)
	if t.FirstResponseAt.IsZero() {
		t.FirstResponseAt = r.Told.Time
	}
	t.LastCustomerMessageAt = s.message.time()
	if !t.Status.Done() && momentOf(r.Told.Time) <= s.waiting+lag { // else somebody noted that the customer was told
		t.WaitingSince = s.waiting.time()
	}
	if t.Status.Done() {
		t.SolvedAt = r.Resolved.Time // which stays set when a ticket is reopened
	}
	t.Pauses, t.PausesKnown = s.pauses(status, r.Status, momentOf(r.LastUpdated.Time)), s.whole
	t.Native = natives(r, s, &t)
	return t
}

// custom reads the channel and keeps the custom fields that somebody asked for, by id and by name: a queue may have two
// fields of the same name, then the first that is set stands for it. RT sends them in any order.
func (c *Client) custom(fields []customField) (channel string, kept map[string]string) {
	slices.SortStableFunc(fields, func(a, b customField) int {
		return cmp.Or(cmp.Compare(len(a.ID), len(b.ID)), cmp.Compare(a.ID, b.ID))
	})
	for _, f := range fields {
		value := join(f.Values.V)
		if value == "" {
			continue
		}
		if channel == "" && strings.EqualFold(string(f.Name), channelField) {
			channel = feed.Intern(strings.ToLower(value))
		}
		for _, key := range []string{string(f.ID), string(f.Name)} {
			if key == "" || kept[key] != "" || !c.o.KeepField(key) {
				continue
			}
			if kept == nil {
				kept = make(map[string]string)
			}
			kept[feed.Intern(key)] = feed.Intern(value)
		}
	}
	return channel, kept
}

func join(values []loose.Text) string {
	parts := make([]string, len(values))
	for i, v := range values {
		parts[i] = string(v)
	}
	return strings.Join(parts, ",")
}

// natives reads RT's own deadline. RT has one, the earliest of those that its service level promises, and does not say
// of what: it is that of the answer while the customer waits for one, else that of the resolution.
func natives(r *row, s *story, t *helpdesk.Ticket) []helpdesk.NativeTarget {
	var out []helpdesk.NativeTarget
	n := helpdesk.NativeTarget{Target: sla.Resolution, Start: t.CreatedAt, Due: r.Due.Time}
	switch {
	case r.SLA == "": // somebody set it
	case t.FirstResponseAt.IsZero():
		n.Target = sla.FirstResponse
	case !t.WaitingSince.IsZero():
		n.Target, n.Start = sla.NextResponse, t.WaitingSince
	}
	if s.firstDue != 0 && n.Target != sla.FirstResponse {
		out = append(out, helpdesk.NativeTarget{Target: sla.FirstResponse, Start: t.CreatedAt, Due: s.firstDue.time(), MetAt: t.FirstResponseAt})
	}
	switch {
	case !n.Due.IsZero():
		n.MetAt = t.SolvedAt
	case r.SLA != "" && (t.Status == sla.StatusPending || t.Status == sla.StatusOnHold):
		n = helpdesk.NativeTarget{Target: sla.Resolution, Start: t.CreatedAt, Paused: true}
	default:
		return out
	}
	return append(out, n)
}

func idText(id int64) string {
	if id <= 0 {
		return ""
	}
	return strconv.FormatInt(id, 10)
}
