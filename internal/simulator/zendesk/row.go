package zendesk

import (
	"cmp"
	"fmt"
	"maps"
	"net/http"
	"slices"
	"strings"
	"time"
)

// Sideloads say which side-loads of tickets the account has. The written documentation promises SLAs for a single
// ticket only.
type Sideloads struct {
	SLAs, MetricEvents, MetricSets bool
	// Refuse answers 400 to a request for one that is off, instead of leaving it out.
	Refuse bool
}

// SetSideloads replaces the side-loads; at first, all are on.
func (s *Server) SetSideloads(v Sideloads) {
	s.mu.Lock()
	defer s.mu.Unlock()
	s.sideloads = v
}

// includes are the side-loads of one request. Names that are not known are passed over, as in Zendesk.
type includes struct{ slas, events, sets bool }

func (s *Server) includes(r *http.Request) (includes, *refusal) {
	var in includes
	for name := range strings.SplitSeq(r.URL.Query().Get("include"), ",") {
		var on bool
		switch name {
		case "slas":
			on = s.sideloads.SLAs
			in.slas = on
		case "metric_events":
			on = s.sideloads.MetricEvents
			in.events = on
		case "metric_sets":
			on = s.sideloads.MetricSets
			in.sets = on
		default:
			continue
		}
		if !on && s.sideloads.Refuse {
			return in, &refusal{http.StatusBadRequest, "InvalidInclude", "The side-load " + name + " is not supported here"}
		}
	}
	return in, nil
}

// row is a ticket as the API shows it. Created, Status and Tags are any because a scenario may spoil them.
type row struct {
	ID            int64              `json:"id"`
	URL           string             `json:"url"`
	ExternalID    *string            `json:"external_id"`
	Via           via                `json:"via"`
	CreatedAt     any                `json:"created_at"`
	UpdatedAt     time.Time          `json:"updated_at"`
	Generated     int64              `json:"generated_timestamp"`
	Type          *string            `json:"type"`
	Subject       string             `json:"subject"`
	RawSubject    string             `json:"raw_subject"`
	Description   string             `json:"description"`
	Priority      *string            `json:"priority"`
	Status        string             `json:"status"`
	CustomStatus  *int64             `json:"custom_status_id,omitempty"`
	RequesterID   int64              `json:"requester_id"`
	SubmitterID   int64              `json:"submitter_id"`
	AssigneeID    *int64             `json:"assignee_id"`
	GroupID       *int64             `json:"group_id"`
	BrandID       *int64             `json:"brand_id"`
	FormID        *int64             `json:"ticket_form_id"`
	IsPublic      bool               `json:"is_public"`
	FromMessaging bool               `json:"from_messaging_channel"`
	Tags          any                `json:"tags"`
	Custom        []field            `json:"custom_fields"`
	SLAs          *slas              `json:"slas,omitempty"`
	MetricEvents  map[string][]event `json:"metric_events,omitempty"`
	MetricSet     *metricSetRow      `json:"metric_set,omitempty"`
}

type via struct {
	Channel string         `json:"channel"`
	Source  map[string]any `json:"source"`
}

type field struct {
	ID    int64 `json:"id"`
	Value any   `json:"value"`
}

type slas struct {
	PolicyMetrics []policyMetric `json:"policy_metrics"`
}

const (
	customer = 31 // ids of users
	agent    = 11
)

func (s *Server) row(r *http.Request, t *ticket, in includes) row {
	v := row{
		ID: t.id, URL: fmt.Sprintf("http://%s/api/v2/tickets/%d.json", r.Host, t.id),
		Via:       via{t.Channel, map[string]any{"from": map[string]any{}, "to": map[string]any{}, "rel": nil}},
		CreatedAt: t.created.UTC(), UpdatedAt: t.updated.UTC(), Generated: t.generated.Unix(),
		Type: orNull(t.Type), Priority: orNull(t.Priority), Status: t.status, CustomStatus: orNull(t.custom),
		Subject: "Ana Souza cannot log in", RawSubject: "Ana Souza cannot log in", Description: "Please call +55 11 91234-5678",
		RequesterID: customer, SubmitterID: customer, GroupID: orNull(t.Group), BrandID: orNull(t.Brand), FormID: orNull(t.Form),
		IsPublic: true, FromMessaging: t.Channel == "whatsapp", Tags: append([]string{}, t.Tags...), Custom: []field{},
	}
	if t.ByAgent {
		v.SubmitterID = agent
	}
	if !t.set.assignee.IsZero() {
		v.AssigneeID = orNull(int64(agent))
	}
	for _, id := range slices.Sorted(maps.Keys(t.Fields)) {
		v.Custom = append(v.Custom, field{id, t.Fields[id]})
	}
	if in.slas {
		v.SLAs = &slas{s.policyMetrics(t, s.o.Now())}
	}
	if in.events {
		v.MetricEvents = s.metricEvents(t, s.o.Now())
	}
	if in.sets {
		v.MetricSet = t.metricSetRow()
	}
	v.spoil(t.fault)
	return v
}

func (v *row) spoil(f RowFault) {
	switch f {
	case NoDate:
		v.CreatedAt = nil
	case BadDate:
		v.CreatedAt = "the day before yesterday"
	case UnknownStatus:
		v.Status = "hibernating"
	case WrongType:
		v.Tags = "none"
	case FarFuture:
		v.UpdatedAt = time.Date(2099, 1, 1, 0, 0, 0, 0, time.UTC)
		v.Generated = v.UpdatedAt.Unix()
	}
}

// orNull is how the API writes what is not set.
func orNull[T comparable](v T) *T {
	var zero T
	if v == zero {
		return nil
	}
	return &v
}

// metricEvents groups a ticket's events by metric. Breaches that are announced carry a time to come.
func (s *Server) metricEvents(t *ticket, now time.Time) map[string][]event {
	out := make(map[string][]event)
	for _, m := range s.metrics() {
		out[m] = []event{}
	}
	for _, e := range t.events {
		if !e.at.After(now) {
			v := *e
			v.Time = v.Time.UTC()
			out[e.Metric] = append(out[e.Metric], v)
		}
	}
	return out
}

type metricSetRow struct {
	TicketID    int64      `json:"ticket_id"`
	CreatedAt   time.Time  `json:"created_at"`
	UpdatedAt   time.Time  `json:"updated_at"`
	SolvedAt    *time.Time `json:"solved_at"`
	RequesterAt *time.Time `json:"requester_updated_at"`
	AssigneeAt  *time.Time `json:"assignee_updated_at"`
	CommentAt   *time.Time `json:"latest_comment_added_at"`
	StatusAt    *time.Time `json:"status_updated_at"`
	Replies     int        `json:"replies"`
	Reopens     int        `json:"reopens"`
	ReplyTime   maybeTimes `json:"reply_time_in_minutes"`
	FirstSolved maybeTimes `json:"first_resolution_time_in_minutes"`
	FullSolved  maybeTimes `json:"full_resolution_time_in_minutes"`
}

type maybeTimes struct {
	Calendar *int `json:"calendar"`
	Business *int `json:"business"`
}

func (t *ticket) metricSetRow() *metricSetRow {
	since := func(at time.Time) maybeTimes {
		if at.IsZero() {
			return maybeTimes{}
		}
		n := int(at.Sub(t.created) / time.Minute)
		return maybeTimes{&n, &n}
	}
	solved := t.set.solved
	if t.status != "solved" && t.status != "closed" {
		solved = time.Time{}
	}
	return &metricSetRow{
		TicketID: t.id, CreatedAt: t.created.UTC(), UpdatedAt: t.updated.UTC(), SolvedAt: orNull(solved.UTC()),
		RequesterAt: orNull(t.set.requester.UTC()), AssigneeAt: orNull(t.set.assignee.UTC()), CommentAt: orNull(t.set.comment.UTC()),
		StatusAt: orNull(t.history[len(t.history)-1].at.UTC()), Replies: t.set.replies, Reopens: t.set.reopens,
		ReplyTime: since(t.set.firstReply), FirstSolved: since(t.set.firstSolved), FullSolved: since(solved),
	}
}

// sorted lists the tickets that keep says, by order and id.
func (s *Server) sorted(keep func(*ticket) bool, order func(*ticket) int64) []*ticket {
	type keyed struct {
		key int64
		*ticket
	}
	var list []keyed
	for _, t := range s.tickets {
		if keep(t) {
			list = append(list, keyed{order(t), t})
		}
	}
	slices.SortFunc(list, func(a, b keyed) int { return cmp.Or(cmp.Compare(a.key, b.key), cmp.Compare(a.id, b.id)) })
	out := make([]*ticket, len(list))
	for i, k := range list {
		out[i] = k.ticket
	}
	return out
}
