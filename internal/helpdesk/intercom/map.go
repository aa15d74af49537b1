package intercom

import (
	"encoding/json"
	"regexp"
	"strconv"
	"strings"
	"time"

	"whatsapp_sla_exporter/internal/helpdesk"
	"whatsapp_sla_exporter/internal/helpdesk/feed"
	"whatsapp_sla_exporter/internal/loose"
	"whatsapp_sla_exporter/internal/sla"
)

// conversation is a row, without what the exporter has no business with.
type conversation struct {
	ID           loose.Text              `json:"id"`
	Created      unix                    `json:"created_at"`
	Updated      unix                    `json:"updated_at"`
	WaitingSince unix                    `json:"waiting_since"`
	State        loose.Text              `json:"state"`
	Priority     loose.Text              `json:"priority"`
	Team         loose.Text              `json:"team_assignee_id"`
	Source       loose.Value[source]     `json:"source"`
	Tags         loose.Value[tags]       `json:"tags"`
	Attributes   loose.Value[attributes] `json:"custom_attributes"`
	Statistics   loose.Value[statistics] `json:"statistics"`
}

type source struct {
	Type        string `json:"type"`
	DeliveredAs string `json:"delivered_as"`
}

type tags struct {
	Tags []struct {
		Name string `json:"name"`
	} `json:"tags"`
}

type attributes map[string]json.RawMessage

type statistics struct {
	FirstAdminReply  unix `json:"first_admin_reply_at"`
	LastAdminReply   unix `json:"last_admin_reply_at"`
	LastContactReply unix `json:"last_contact_reply_at"`
	LastClose        unix `json:"last_close_at"`
}

// unix is Unix seconds, or null, or nonsense: the last two are zero, because one bad date must not cost the row.
type unix struct{ time.Time }

// farFuture is where Intercom's old rows have the time of what has not happened.
const farFuture = 4_102_444_800 // 2100

func (u *unix) UnmarshalJSON(b []byte) error {
	n, err := strconv.ParseFloat(strings.Trim(string(b), `"`), 64)
	if err == nil && n > 0 && n < farFuture {
		u.Time = time.Unix(int64(n), 0).UTC()
	}
	return nil
}

// customerInitiated is how a conversation began that a customer wrote first. The others begin with a message of the
// team, or of the workspace in its name: nobody waits for a first response there.
const customerInitiated = "customer_initiated"

// stateClosed and stateSnoozed are the states that are not open.
const (
	stateOpen    = "open"
	stateSnoozed = "snoozed" // until the customer answers, or a date
	stateClosed  = "closed"
)

// workspaceID is what the id of a workspace looks like, which goes into links.
var workspaceID = regexp.MustCompile(`^[A-Za-z0-9_-]+$`)

// ticket translates a conversation. Unknown is told of what the mapping does not know.
func (c *Client) ticket(r *conversation, inbox string, unknown func(field, value string)) helpdesk.Ticket {
	s := r.Statistics.V
	t := helpdesk.Ticket{
		ID: string(r.ID), Channel: feed.Intern(strings.ToLower(r.Source.V.Type)), StatusRaw: feed.Intern(string(r.State)),
		Priority: priority(string(r.Priority)), Group: feed.Intern(string(r.Team)),
		CreatedAt: r.Created.Time, UpdatedAt: r.Updated.Time,
		FirstResponseAt: s.FirstAdminReply.Time, LastAgentReplyAt: s.LastAdminReply.Time, LastCustomerMessageAt: s.LastContactReply.Time,
		WaitingSince: r.WaitingSince.Time,
	}
	if inbox != "" {
		t.URL = inbox + t.ID
	}
	byCustomer := r.Source.V.DeliveredAs == customerInitiated || r.Source.V.DeliveredAs == ""
	switch {
	case byCustomer && t.LastCustomerMessageAt.IsZero():
		t.LastCustomerMessageAt = t.CreatedAt
	case !byCustomer:
		if t.FirstResponseAt.IsZero() {
			t.FirstResponseAt = t.CreatedAt
		}
		if t.LastAgentReplyAt.IsZero() {
			t.LastAgentReplyAt = t.CreatedAt
		}
	}
	if t.FirstResponseAt.IsZero() && t.WaitingSince.IsZero() {
		t.WaitingSince = t.CreatedAt
	}
	if t.Status = status(string(r.State), !t.FirstResponseAt.IsZero(), unknown); t.Status.Done() {
		t.SolvedAt, t.WaitingSince = s.LastClose.Time, time.Time{}
		if t.SolvedAt.IsZero() {
			t.SolvedAt = t.UpdatedAt
		}
	}
	for _, tag := range r.Tags.V.Tags {
		t.Tags = append(t.Tags, feed.Intern(tag.Name))
	}
	t.Fields = c.keep(r.Attributes.V)
	return t
}

func status(state string, answered bool, unknown func(field, value string)) sla.Status {
	switch {
	case state == stateClosed:
		return sla.StatusClosed
	case state == stateSnoozed:
		return sla.StatusPending
	case state != stateOpen:
		unknown("status", state)
		return sla.StatusOpen
	case !answered:
		return sla.StatusNew
	}
	return sla.StatusOpen
}

// priority is Intercom's own word, empty for those that say that there is none.
func priority(p string) string {
	p = strings.ToLower(p)
	if p == "none" || p == "not_priority" {
		return ""
	}
	return feed.Intern(p)
}

// keep takes the custom attributes that somebody asked for.
func (c *Client) keep(all attributes) map[string]string {
	var out map[string]string
	for name, raw := range all {
		var v loose.Text
		if !c.o.KeepField(name) || json.Unmarshal(raw, &v) != nil || v == "" {
			continue
		}
		if out == nil {
			out = make(map[string]string)
		}
		out[feed.Intern(name)] = feed.Intern(string(v))
	}
	return out
}
