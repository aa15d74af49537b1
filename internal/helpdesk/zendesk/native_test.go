package zendesk

import (
	"testing"

	"whatsapp_sla_exporter/internal/helpdesk"
	"whatsapp_sla_exporter/internal/sla"
)

func active(metric string, n int) policyMetric {
	return policyMetric{Metric: metric, Stage: "active", BreachAt: instant{minute(n)}}
}

func paused(metric string) policyMetric { return policyMetric{Metric: metric, Stage: "paused"} }

type target = helpdesk.NativeTarget

var nativeCases = map[string]struct {
	metrics []policyMetric
	events  map[string][]string
	want    []target
	unknown []string
}{
	"every metric but the first of the list counts too": {
		metrics: []policyMetric{active("requester_wait_time", 90), active("first_reply_time", 30)},
		want:    []target{{Target: sla.FirstResponse, Due: minute(30)}, {Target: sla.Resolution, Due: minute(90)}},
	},
	"of two resolutions the earlier due": {
		metrics: []policyMetric{active("total_resolution_time", 90), active("agent_work_time", 60), active("requester_wait_time", 70)},
		want:    []target{{Target: sla.Resolution, Due: minute(60)}},
	},
	"one that runs stands before one that is paused": {
		metrics: []policyMetric{paused("agent_work_time"), active("requester_wait_time", 70)},
		want:    []target{{Target: sla.Resolution, Due: minute(70)}},
	},
	"both update metrics are follow-ups": {
		metrics: []policyMetric{paused("pausable_update_time"), active("periodic_update_time", 70)},
		want:    []target{{Target: sla.FollowUp, Due: minute(70)}},
	},
	"paused has no due": {
		metrics: []policyMetric{{Metric: "agent_work_time", Stage: "paused", BreachAt: instant{minute(5)}}},
		want:    []target{{Target: sla.Resolution, Paused: true}},
	},
	"breached is a due in the past": {
		metrics: []policyMetric{active("next_reply_time", -30)}, want: []target{{Target: sla.NextResponse, Due: minute(-30)}},
	},
	"an achieved one tells nothing by itself": {
		metrics: []policyMetric{{Metric: "first_reply_time", Stage: "achieved", BreachAt: instant{minute(30)}}},
	},
	"and with events when it was met": {
		metrics: []policyMetric{{Metric: "first_reply_time", Stage: "achieved"}},
		events:  map[string][]string{replyTime: {"1 activate 0", "1 apply_sla 0 30", "1 fulfill 10"}},
		want:    []target{{Target: sla.FirstResponse, Start: minute(0), Due: minute(30), MetAt: minute(10)}},
	},
	"answered too late is told with its due": {
		events: map[string][]string{replyTime: {"1 activate 0", "1 apply_sla 0 30", "1 breach 30", "1 fulfill 45"}},
		want:   []target{{Target: sla.FirstResponse, Start: minute(0), Due: minute(30), MetAt: minute(45)}},
	},
	"the last target counts": {
		events: map[string][]string{replyTime: {"1 activate 0", "1 apply_sla 0 30", "1 apply_sla 2 60", "1 fulfill 10"}},
		want:   []target{{Target: sla.FirstResponse, Start: minute(0), Due: minute(60), MetAt: minute(10)}},
	},
	"a target that was taken away is none": {
		events: map[string][]string{replyTime: {"1 activate 0", "1 apply_sla 0 30", "1 apply_sla 2", "1 fulfill 10"}},
	},
	"pauses put a met resolution's due off": {
		events: map[string][]string{requesterWait: {"1 activate 0", "1 apply_sla 0 60", "1 pause 20", "1 activate 50", "1 fulfill 70"}},
		want:   []target{{Target: sla.Resolution, Start: minute(0), Due: minute(90), MetAt: minute(70)}},
	},
	"in business hours the announced breach is the due": {
		events: map[string][]string{replyTime: {"1 activate 0", "1 apply_sla 0 -30", "~1 breach 900", "1 fulfill 10"}},
		want:   []target{{Target: sla.FirstResponse, Start: minute(0), Due: minute(900), MetAt: minute(10)}},
	},
	"and without it nobody knows": {
		events: map[string][]string{replyTime: {"1 activate 0", "1 apply_sla 0 -30", "1 fulfill 10"}},
	},
	"a clock that runs starts when its events say": {
		metrics: []policyMetric{active("next_reply_time", 90), active("requester_wait_time", 100)},
		events: map[string][]string{
			replyTime:     {"1 activate 0", "1 fulfill 10", "2 activate 30"},
			requesterWait: {"1 activate 0", "1 pause 10", "1 activate 30"},
		},
		want: []target{{Target: sla.NextResponse, Start: minute(30), Due: minute(90)}, {Target: sla.Resolution, Start: minute(0), Due: minute(100)}},
	},
	"group ownership is a promise of its own": {
		metrics: []policyMetric{active("group_ownership_time", 5), active("agent_work_time", 9)},
		want:    []target{{Target: sla.Resolution, Due: minute(9)}, {Target: sla.GroupOwnership, Due: minute(5)}},
	},
	"and comes from the events where it is not beside the others": {
		metrics: []policyMetric{active("agent_work_time", 9)},
		events:  map[string][]string{groupOwnership: {"1 activate 0", "1 apply_group_sla 0 5"}, requesterWait: {"1 activate 0", "1 apply_sla 0 7"}},
		want:    []target{{Target: sla.Resolution, Due: minute(9)}, {Target: sla.GroupOwnership, Start: minute(0), Due: minute(5)}},
	},
	"a metric that nobody documented is a target without a name": {
		metrics: []policyMetric{active("happiness_time", 5), active("agent_work_time", 9)},
		want:    []target{{Target: sla.Resolution, Due: minute(9)}, {Target: sla.UnknownTarget, Due: minute(5)}},
		unknown: []string{"sla_metric"},
	},
	"a stage that nobody documented keeps its due": {
		metrics: []policyMetric{{Metric: "agent_work_time", Stage: "sleeping", BreachAt: instant{minute(5)}}, {Metric: "next_reply_time", Stage: "dozing"}},
		want:    []target{{Target: sla.Resolution, Due: minute(5)}},
		unknown: []string{"sla_stage", "sla_stage"},
	},
	"completed is achieved": {metrics: []policyMetric{{Metric: "agent_work_time", Stage: "completed"}}},
	"active without a due is told": {
		metrics: []policyMetric{{Metric: "agent_work_time", Stage: "active"}}, unknown: []string{"sla_deadline"},
	},
}

// Where rows come without SLAs, the events tell what runs.
var eventCases = map[string]struct {
	events  map[string][]string
	partial bool
	want    []target
	unknown []string
}{
	"what runs is due when its target has run": {
		events: map[string][]string{replyTime: {"1 activate 0", "1 apply_sla 0 30"}},
		want:   []target{{Target: sla.FirstResponse, Start: minute(0), Due: minute(30)}},
	},
	"a target that comes later counts from the beginning": {
		events: map[string][]string{requesterWait: {"1 activate 0", "1 apply_sla 20 60"}},
		want:   []target{{Target: sla.Resolution, Start: minute(0), Due: minute(60)}},
	},
	"pauses put it off": {
		events: map[string][]string{requesterWait: {"1 activate 0", "1 apply_sla 0 60", "1 pause 20", "1 activate 50"}},
		want:   []target{{Target: sla.Resolution, Start: minute(0), Due: minute(90)}},
	},
	"paused has no due": {
		events: map[string][]string{requesterWait: {"1 activate 0", "1 apply_sla 0 60", "~1 breach 60", "1 pause 20"}},
		want:   []target{{Target: sla.Resolution, Start: minute(0), Paused: true}},
	},
	"solved and reopened goes on where it stopped": {
		events: map[string][]string{requesterWait: {"1 activate 0", "1 apply_sla 0 60", "1 fulfill 20", "1 activate 50"}},
		want:   []target{{Target: sla.Resolution, Start: minute(0), Due: minute(90)}},
	},
	"the next reply has its own clock": {
		events: map[string][]string{replyTime: {"1 activate 0", "1 apply_sla 0 30", "1 fulfill 10", "2 activate 40", "2 apply_sla 40 60"}},
		want: []target{
			{Target: sla.FirstResponse, Start: minute(0), Due: minute(30), MetAt: minute(10)}, {Target: sla.NextResponse, Start: minute(40), Due: minute(100)},
		},
	},
	"without a target there is no deadline":  {events: map[string][]string{replyTime: {"1 activate 0"}, agentWork: {"1 activate 0", "1 apply_sla 0"}}},
	"a target that was taken away is none":   {events: map[string][]string{replyTime: {"1 activate 0", "1 apply_sla 0 30", "1 apply_sla 5"}}},
	"in business hours the breach tells":     {events: map[string][]string{replyTime: {"1 activate 0", "1 apply_sla 0 -30", "1 breach 900"}}, want: []target{{Target: sla.FirstResponse, Start: minute(0), Due: minute(900)}}},
	"the breach of business hours has come":  {events: map[string][]string{agentWork: {"1 activate 0", "1 apply_sla 0 -30", "1 breach 40", "1 pause 50", "1 activate 60"}}, want: []target{{Target: sla.Resolution, Start: minute(0), Due: minute(40)}}},
	"one that was withdrawn tells nothing":   {events: map[string][]string{replyTime: {"1 activate 0", "1 apply_sla 0 -30", "~1 breach 900"}}, unknown: []string{"sla_deadline"}},
	"the last one that was announced counts": {events: map[string][]string{replyTime: {"1 activate 0", "1 apply_sla 0 -30", "~1 breach 900", "1 breach 950"}}, want: []target{{Target: sla.FirstResponse, Start: minute(0), Due: minute(950)}}},
	"a group owns the ticket": {
		events: map[string][]string{groupOwnership: {"1 activate 0", "1 apply_group_sla 0 45"}},
		want:   []target{{Target: sla.GroupOwnership, Start: minute(0), Due: minute(45)}},
	},
	"and handed it over to one that promised nothing": {
		events: map[string][]string{groupOwnership: {"1 activate 0", "1 apply_group_sla 0 45", "1 fulfill 50", "2 activate 50"}},
		want:   []target{{Target: sla.GroupOwnership, Start: minute(0), Due: minute(45), MetAt: minute(50)}},
	},
	"of a ticket whose beginning is not known an announced breach tells": {
		partial: true, events: map[string][]string{requesterWait: {"1 activate 0", "1 apply_sla 0 60", "1 breach 500"}, agentWork: {"1 breach 600"}},
		want: []target{{Target: sla.Resolution, Due: minute(500)}},
	},
	"and no sum of what is left of its events": {
		partial: true, events: map[string][]string{requesterWait: {"1 activate 0", "1 apply_sla 0 60"}, resolutionTime: {"1 activate 0", "1 apply_sla 0 60", "1 fulfill 30"}},
	},
	"but a message of which everything is known": {
		partial: true, events: map[string][]string{replyTime: {"4 activate 10", "4 apply_sla 10 30"}},
		want: []target{{Target: sla.NextResponse, Start: minute(10), Due: minute(40)}},
	},
}

func TestNativesOfEvents(t *testing.T) {
	for name, tc := range eventCases {
		t.Run(name, func(t *testing.T) {
			r := &row{MetricEvents: map[string][]metricEvent{}, PartialEvents: tc.partial}
			for metric, lines := range tc.events {
				r.MetricEvents[metric] = events(t, lines...)
			}
			h, _ := readHistory(r)
			var unknown []string
			got := natives(r, h, func(field, _ string) { unknown = append(unknown, field) })
			if x := diff(tc.want, got); x != "" {
				t.Error(x)
			}
			if x := diff(tc.unknown, unknown); x != "" {
				t.Error(x)
			}
		})
	}
}

func TestNatives(t *testing.T) {
	for name, tc := range nativeCases {
		t.Run(name, func(t *testing.T) {
			r := &row{MetricEvents: map[string][]metricEvent{}}
			r.SLAs = &struct {
				PolicyMetrics []policyMetric `json:"policy_metrics"`
			}{tc.metrics}
			for metric, lines := range tc.events {
				r.MetricEvents[metric] = events(t, lines...)
			}
			h, _ := readHistory(r)
			var unknown []string
			got := natives(r, h, func(field, _ string) { unknown = append(unknown, field) })
			if x := diff(tc.want, got); x != "" {
				t.Error(x)
			}
			if x := diff(tc.unknown, unknown); x != "" {
				t.Error(x)
			}
		})
	}
}
