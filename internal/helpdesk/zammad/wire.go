package zammad

import (
	"encoding/json"
	"errors"
	"time"

	"whatsapp_sla_exporter/internal/helpdesk/feed"
	"whatsapp_sla_exporter/internal/loose"
)

// rows is a list of tickets of which each is read on its own, so that one that cannot be read costs only itself. Nil
// is an answer without a list: not an empty one.
type rows []json.RawMessage

// row is a ticket as Zammad shows it expanded, without what the exporter has no business with.
type row struct {
	ID          int64              `json:"id"`
	GroupID     int64              `json:"group_id"`
	StateID     int64              `json:"state_id"`
	State       loose.Text         `json:"state"`
	Priority    loose.Text         `json:"priority"`
	Type        loose.Text         `json:"type"`
	ArticleType loose.Text         `json:"create_article_type"`
	CreatedAt   instant            `json:"created_at"`
	UpdatedAt   instant            `json:"updated_at"`
	Preferences loose.Value[prefs] `json:"preferences"`

	FirstResponseAt instant `json:"first_response_at"`
	FirstResponseBy instant `json:"first_response_escalation_at"`
	FirstResponseIn minutes `json:"first_response_diff_in_min"`
	UpdateBy        instant `json:"update_escalation_at"`
	CloseBy         instant `json:"close_escalation_at"`
	CloseIn         minutes `json:"close_diff_in_min"`
	ClosedAt        instant `json:"close_at"`
	LastClosedAt    instant `json:"last_close_at"`
	AgentAt         instant `json:"last_contact_agent_at"`
	CustomerAt      instant `json:"last_contact_customer_at"`

	raw json.RawMessage // for the attributes that the instance added
}

// prefs tell whether an SLA applies, and whether the ticket came in on WhatsApp.
type prefs struct {
	Escalation struct {
		SLA loose.Text `json:"sla_id"`
	} `json:"escalation_calculation"`
	WhatsApp loose.Presence `json:"whatsapp"`
}

// minutes are what was left of a promise when it was answered; negative where it was broken.
type minutes = loose.Value[*float64]

// instant is a time that may be null, empty or nonsense: all of them are zero. Another type than a text is an error.
type instant struct{ time.Time }

func (i *instant) UnmarshalJSON(b []byte) error {
	var text *string
	if err := json.Unmarshal(b, &text); err != nil {
		return err
	}
	if text == nil {
		return nil
	}
	t, err := time.Parse(time.RFC3339, *text)
	if err == nil && t.Unix() > 0 {
		i.Time = t.UTC()
	}
	return nil
}

// readRow reads a ticket. The id is told even of one that cannot be read, where it has one.
func readRow(raw []byte) (row, error) {
	r, err := feed.Row(raw, func(r *row) *int64 { return &r.ID })
	if err == nil && r.CreatedAt.IsZero() {
		err = errors.New("no created_at")
	}
	if err == nil {
		r.raw = raw
	}
	return r, err
}

// standard are the attributes of every ticket: the instance did not add them, and some hold what people wrote.
var standard = map[string]bool{
	"id": true, "number": true, "title": true, "note": true, "type": true, "preferences": true, "customer": true, "owner": true,
	"organization": true, "created_by": true, "updated_by": true, "article_ids": true, "articles": true, "time_unit": true,
}

// attributes are those of the instance that somebody asked for.
func (r *row) attributes(keep func(string) bool) map[string]string {
	var all map[string]json.RawMessage
	if keep == nil || json.Unmarshal(r.raw, &all) != nil {
		return nil
	}
	return feed.Fields(all, func(name string) bool { return !standard[name] && keep(name) })
}
