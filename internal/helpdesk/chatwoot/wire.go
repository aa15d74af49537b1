package chatwoot

import (
	"encoding/json"
	"errors"
	"math"
	"strconv"
	"time"

	"whatsapp_sla_exporter/internal/helpdesk/feed"
	"whatsapp_sla_exporter/internal/loose"
)

// rows is a list of conversations of which each is read on its own, so that one that cannot be read costs only itself.
// Nil is an answer without a list: not an empty one.
type rows []json.RawMessage

// row is a conversation as Chatwoot shows it, without what the exporter has no business with.
type row struct {
	ID           int64                      `json:"id"`
	InboxID      int64                      `json:"inbox_id"`
	Status       string                     `json:"status"`
	Priority     loose.Text                 `json:"priority"`
	Labels       []string                   `json:"labels"`
	Custom       map[string]json.RawMessage `json:"custom_attributes"`
	CreatedAt    instant                    `json:"created_at"`
	UpdatedAt    instant                    `json:"updated_at"`
	ActiveAt     instant                    `json:"last_activity_at"`
	FirstReplyAt instant                    `json:"first_reply_created_at"`
	WaitingSince instant                    `json:"waiting_since"`
	SnoozedUntil instant                    `json:"snoozed_until"`
	Last         *message                   `json:"last_non_activity_message"`
	SLA          *appliedSLA                `json:"applied_sla"`
	Meta         struct {
		Channel loose.Text `json:"channel"`
		Team    *struct {
			ID int64 `json:"id"`
		} `json:"team"`
	} `json:"meta"`
}

// message is one, without what it says.
type message struct {
	ID      int64      `json:"id"`
	Kind    int        `json:"message_type"`
	Private bool       `json:"private"`
	Sender  loose.Text `json:"sender_type"`
	At      instant    `json:"created_at"`
	Content loose.Value[struct {
		Rule loose.Text `json:"automation_rule_id"`
	}] `json:"content_attributes"`
	More loose.Value[struct {
		Campaign loose.Text `json:"campaign_id"`
	}] `json:"additional_attributes"`
}

// The types of messages that somebody wrote.
const (
	incoming = 0
	outgoing = 1
)

// byAgent says whether a human agent wrote it to the customer, which is what Chatwoot takes for a reply.
func (m *message) byAgent() bool {
	return m.Kind == outgoing && !m.Private && m.Sender == "User" && m.Content.V.Rule == "" && m.More.V.Campaign == ""
}

func (m *message) byCustomer() bool { return m.Kind == incoming && !m.Private }

// appliedSLA is an SLA of the paid edition as it applies to a conversation. Servers before 2026 do not tell when it is
// due.
type appliedSLA struct {
	FirstWithin   loose.Value[float64] `json:"sla_first_response_time_threshold"` // seconds
	NextWithin    loose.Value[float64] `json:"sla_next_response_time_threshold"`
	SolveWithin   loose.Value[float64] `json:"sla_resolution_time_threshold"`
	BusinessHours bool                 `json:"sla_only_during_business_hours"`
	FirstBy       *instant             `json:"sla_frt_due_at"`
	NextBy        *instant             `json:"sla_nrt_due_at"`
	SolveBy       *instant             `json:"sla_rt_due_at"`
}

// instant is a time in Unix seconds, with a fraction or without, or as a text. Null, 0 and nonsense are zero, because
// one bad date must not cost the row.
type instant struct{ time.Time }

func (i *instant) UnmarshalJSON(b []byte) error {
	var text loose.Text
	_ = text.UnmarshalJSON(b) // which never fails
	if t, err := time.Parse(time.RFC3339, string(text)); err == nil && t.Unix() > 0 {
		i.Time = t.UTC()
		return nil
	}
	const latest = 253402300799 // the year 9999
	if s, err := strconv.ParseFloat(string(text), 64); err == nil && s > 0 && s < latest {
		i.Time = time.UnixMilli(int64(math.Round(s * 1000))).UTC()
	}
	return nil
}

// readRow reads a conversation. The id is told even of one that cannot be read, where it has one.
func readRow(raw []byte) (row, error) {
	r, err := feed.Row(raw, func(r *row) *int64 { return &r.ID })
	if err == nil && r.CreatedAt.IsZero() {
		err = errors.New("no created_at")
	}
	return r, err
}
