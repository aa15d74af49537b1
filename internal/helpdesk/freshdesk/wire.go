package freshdesk

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

// row is a ticket as Freshdesk shows it, without what the exporter has no business with.
type row struct {
	ID        int64                      `json:"id"`
	Status    int                        `json:"status"`
	Priority  int                        `json:"priority"`
	Source    int                        `json:"source"`
	Type      loose.Text                 `json:"type"`
	GroupID   int64                      `json:"group_id"`
	ProductID int64                      `json:"product_id"`
	Tags      []string                   `json:"tags"`
	Custom    map[string]json.RawMessage `json:"custom_fields"`
	CreatedAt instant                    `json:"created_at"`
	UpdatedAt instant                    `json:"updated_at"`
	FirstBy   instant                    `json:"fr_due_by"`
	NextBy    instant                    `json:"nr_due_by"`
	SolveBy   instant                    `json:"due_by"`
	Spam      bool                       `json:"spam"`
	Deleted   bool                       `json:"deleted"`
	Stats     *struct {
		Agent     instant `json:"agent_responded_at"`
		Requester instant `json:"requester_responded_at"`
		First     instant `json:"first_responded_at"`
		Resolved  instant `json:"resolved_at"`
		Closed    instant `json:"closed_at"`
	} `json:"stats"`
}

// instant is a time that may be null, empty or nonsense: all of them are zero, because one bad date must not cost
// the row.
type instant struct{ time.Time }

func (i *instant) UnmarshalJSON(b []byte) error {
	if len(b) < 2 || b[0] != '"' {
		return nil
	}
	t, err := time.Parse(time.RFC3339, string(b[1:len(b)-1])) // no date has anything escaped
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
	return r, err
}

// statusChoices are the labels of statuses by number, the agents' and the customers'. The choices of other fields have
// other shapes and are passed over.
type statusChoices map[string]string

func (s *statusChoices) UnmarshalJSON(b []byte) error {
	var both loose.Value[map[string][]string]
	_ = both.UnmarshalJSON(b) // which never fails
	*s = make(statusChoices, len(both.V))
	for number, labels := range both.V {
		if len(labels) > 0 {
			(*s)[number] = labels[0]
		}
	}
	return nil
}
