package zendesk

import (
	"encoding/json"
	"errors"
	"strings"
	"time"

	"whatsapp_sla_exporter/internal/helpdesk/feed"
)

// row is a ticket as Zendesk shows it, without what the exporter has no business with.
type row struct {
	ID           int64                    `json:"id"`
	Status       string                   `json:"status"`
	CustomStatus int64                    `json:"custom_status_id"`
	Priority     string                   `json:"priority"`
	Type         string                   `json:"type"`
	Via          struct{ Channel scalar } `json:"via"`
	CreatedAt    instant                  `json:"created_at"`
	UpdatedAt    instant                  `json:"updated_at"`
	Generated    int64                    `json:"generated_timestamp"`
	RequesterID  int64                    `json:"requester_id"`
	SubmitterID  int64                    `json:"submitter_id"`
	GroupID      int64                    `json:"group_id"`
	BrandID      int64                    `json:"brand_id"`
	FormID       int64                    `json:"ticket_form_id"`
	Tags         []string                 `json:"tags"`
	Custom       []customField            `json:"custom_fields"`

	// Side-loads; nil where Zendesk did not send them.
	SLAs *struct {
		PolicyMetrics []policyMetric `json:"policy_metrics"`
	} `json:"slas"`
	MetricEvents map[string][]metricEvent `json:"metric_events"`
	MetricSet    *metricSet               `json:"metric_set"`

	// PartialEvents says that MetricEvents are the latest and that earlier ones are not known.
	PartialEvents bool `json:"-"`
}

type customField struct {
	ID    int64  `json:"id"`
	Value scalar `json:"value"`
}

// policyMetric is a clock of an SLA policy. What it says is left (days, hours, minutes) was so when Zendesk wrote
// the row, and is not read.
type policyMetric struct {
	Metric   string  `json:"metric"`
	Stage    string  `json:"stage"`
	BreachAt instant `json:"breach_at"`
}

type metricEvent struct {
	ID       int64       `json:"id"`
	TicketID int64       `json:"ticket_id"`
	Metric   string      `json:"metric"`
	Instance int         `json:"instance_id"`
	Type     string      `json:"type"`
	Time     instant     `json:"time"`
	Deleted  bool        `json:"deleted"`
	SLA      *appliedSLA `json:"sla"`       // of apply_sla; null: the policy does not apply any more
	GroupSLA *appliedSLA `json:"group_sla"` // of apply_group_sla
}

// appliedSLA is a target as an SLA policy puts it on a ticket.
type appliedSLA struct {
	Target        float64 `json:"target"` // minutes
	TargetSeconds float64 `json:"target_in_seconds"`
	BusinessHours bool    `json:"business_hours"`
}

// longestTarget is longer than any promise: what is longer, or no number, is none.
const longestTarget = 10 * 365 * 24 * time.Hour

// promise is the target that an event puts on a ticket; 0 is none.
func (e *metricEvent) promise() (target time.Duration, business bool) {
	applied := e.SLA
	if e.Type == "apply_group_sla" {
		applied = e.GroupSLA
	}
	if applied == nil {
		return 0, false
	}
	seconds := applied.TargetSeconds
	if !(seconds > 0) {
		seconds = applied.Target * 60
	}
	if !(seconds > 0 && seconds <= longestTarget.Seconds()) {
		return 0, false
	}
	return time.Duration(seconds * float64(time.Second)), applied.BusinessHours
}

type metricSet struct {
	TicketID    int64   `json:"ticket_id"`
	SolvedAt    instant `json:"solved_at"`
	RequesterAt instant `json:"requester_updated_at"`
	Replies     *int    `json:"replies"`
	ReplyTime   span    `json:"reply_time_in_minutes"`
	ReplySecs   span    `json:"reply_time_in_seconds"` // messaging tickets
}

type span struct {
	Calendar *float64 `json:"calendar"`
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

// scalar is a string, a number or a boolean as text; several of them have commas between. Null is empty.
type scalar string

func (v *scalar) UnmarshalJSON(b []byte) error {
	var s string
	if json.Unmarshal(b, &s) == nil {
		*v = scalar(s)
		return nil
	}
	var list []scalar
	if json.Unmarshal(b, &list) == nil {
		parts := make([]string, len(list))
		for i, e := range list {
			parts[i] = string(e)
		}
		*v = scalar(strings.Join(parts, ","))
		return nil
	}
	if len(b) > 0 && b[0] != '{' {
		*v = scalar(b)
	}
	return nil
}

// rows is a list of tickets of which each is read on its own, so that one that cannot be read costs only itself.
// Nil is an answer without the list: not an empty one.
type rows []json.RawMessage

// readRow reads a ticket. The id is told even of one that cannot be read, where it has one.
func readRow(raw []byte) (row, error) {
	r, err := feed.Row(raw, func(r *row) *int64 { return &r.ID })
	if err == nil && r.CreatedAt.IsZero() && r.Status != statusDeleted {
		err = errors.New("no created_at")
	}
	return r, err
}

// exportPage is a page of the incremental export.
type exportPage struct {
	Tickets     rows       `json:"tickets"`
	MetricSets  metricSets `json:"metric_sets"`
	AfterCursor string     `json:"after_cursor"`
	EndOfStream *bool      `json:"end_of_stream"`
}

// listPage is a page of the ticket list and, with Results, of the search export.
type listPage struct {
	Tickets    rows       `json:"tickets"`
	Results    rows       `json:"results"`
	MetricSets metricSets `json:"metric_sets"`
	Meta       struct {
		HasMore     *bool  `json:"has_more"`
		AfterCursor string `json:"after_cursor"`
	} `json:"meta"`
}

// metricSets come inside the tickets or, with show_many, beside them.
type metricSets []metricSet

func (m metricSets) of(id int64) *metricSet {
	for i := range m {
		if m[i].TicketID == id {
			return &m[i]
		}
	}
	return nil
}
