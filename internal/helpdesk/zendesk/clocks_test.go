package zendesk

import (
	"fmt"
	"strings"
	"testing"
	"time"

	"whatsapp_sla_exporter/internal/helpdesk"
	simulator "whatsapp_sla_exporter/internal/simulator/zendesk"
	"whatsapp_sla_exporter/internal/sla"
)

// events writes metric events as "instance type minute", a target in minutes behind apply_sla, ~ for deleted.
func events(t *testing.T, lines ...string) []metricEvent {
	t.Helper()
	var out []metricEvent
	for i, line := range lines {
		var e metricEvent
		var minute, target int
		text, deleted := strings.CutPrefix(line, "~")
		n, _ := fmt.Sscanf(text, "%d %s %d %d", &e.Instance, &e.Type, &minute, &target)
		if n < 3 {
			t.Fatalf("event %q", line)
		}
		e.ID, e.Deleted = int64(i+1), deleted
		e.Time.Time = epoch.Add(time.Duration(minute) * time.Minute)
		if target != 0 {
			e.SLA = &struct {
				Target        float64 `json:"target"`
				TargetSeconds float64 `json:"target_in_seconds"`
				BusinessHours bool    `json:"business_hours"`
			}{Target: float64(max(target, -target)), BusinessHours: target < 0}
		}
		out = append(out, e)
	}
	return out
}

func minute(n int) time.Time { return epoch.Add(time.Duration(n) * time.Minute) }

func TestReplies(t *testing.T) {
	none, two := 0, 2
	type want struct{ first, last, waiting int } // minutes; -1 for none
	for name, tc := range map[string]struct {
		reply, update []string
		replies       *int
		want          want
	}{
		"nobody answered":                        {[]string{"1 activate 0"}, nil, &none, want{-1, -1, 0}},
		"answered":                               {[]string{"1 activate 0", "1 fulfill 10"}, []string{"1 activate 10"}, &two, want{10, 10, -1}},
		"the customer wrote again":               {[]string{"1 activate 0", "1 fulfill 10", "2 activate 30"}, nil, &two, want{10, 10, 30}},
		"and was answered":                       {[]string{"1 activate 0", "1 fulfill 10", "2 activate 30", "2 fulfill 40"}, nil, nil, want{10, 40, -1}},
		"events come in any order":               {[]string{"2 activate 30", "1 fulfill 10", "1 activate 0"}, nil, nil, want{10, 10, 30}},
		"an update that nobody had asked for":    {[]string{"1 activate 0", "1 fulfill 10"}, []string{"1 activate 10", "1 fulfill 50", "2 activate 50"}, &two, want{10, 50, -1}},
		"solving ends an update without a reply": {[]string{"1 activate 0", "1 fulfill 10"}, []string{"1 activate 10", "1 fulfill 50"}, &two, want{10, 10, -1}},
		"reopening begins one without a reply":   {[]string{"1 activate 0", "1 fulfill 10"}, []string{"1 activate 10", "1 fulfill 50", "2 activate 70"}, &two, want{10, 10, -1}},
		"solved without any reply is no answer":  {[]string{"1 activate 0", "1 fulfill 10"}, nil, &none, want{-1, -1, -1}},
		"a deleted event did not happen":         {[]string{"1 activate 0", "~1 fulfill 10"}, nil, nil, want{-1, -1, 0}},
		"a ticket that an agent opened":          {nil, []string{"1 activate 0"}, nil, want{-1, -1, -1}},
		"instance 0 only measures":               {[]string{"0 measure 0", "1 activate 0"}, nil, nil, want{-1, -1, 0}},
		"the first instance may have any number": {[]string{"3 activate 0", "3 fulfill 5", "4 activate 7"}, nil, nil, want{5, 5, 7}},
	} {
		t.Run(name, func(t *testing.T) {
			h, unknown := readHistory(&row{MetricEvents: map[string][]metricEvent{
				replyTime: events(t, tc.reply...), periodicUpdate: events(t, tc.update...),
			}})
			back := func(at time.Time) int {
				if at.IsZero() {
					return -1
				}
				return int(at.Sub(epoch) / time.Minute)
			}
			got := want{back(h.firstReply(tc.replies)), back(h.lastReply(tc.replies)), back(h.waiting())}
			if got != tc.want || unknown != "" {
				t.Errorf("got %+v, want %+v, unknown %q", got, tc.want, unknown)
			}
		})
	}
}

func TestPauses(t *testing.T) {
	for name, tc := range map[string]struct {
		events []string
		done   bool
		want   []sla.Span
		known  bool
	}{
		"no events tell nothing":             {nil, false, nil, false},
		"never paused":                       {[]string{"1 activate 0"}, false, nil, true},
		"paused and resumed":                 {[]string{"1 activate 0", "1 pause 10", "1 activate 30"}, false, []sla.Span{{From: minute(10), To: minute(30)}}, true},
		"still paused":                       {[]string{"1 activate 0", "1 pause 10"}, false, []sla.Span{{From: minute(10)}}, true},
		"paused from the first":              {[]string{"1 activate 0", "1 pause 0", "1 activate 5"}, false, []sla.Span{{From: minute(0), To: minute(5)}}, true},
		"paused twice":                       {[]string{"1 activate 0", "1 pause 1", "1 activate 2", "1 pause 3"}, false, []sla.Span{{From: minute(1), To: minute(2)}, {From: minute(3)}}, true},
		"solved is no pause":                 {[]string{"1 activate 0", "1 fulfill 10"}, true, nil, true},
		"solved and reopened is one":         {[]string{"1 activate 0", "1 fulfill 10", "1 activate 30"}, false, []sla.Span{{From: minute(10), To: minute(30)}}, true},
		"solved while paused, then reopened": {[]string{"1 activate 0", "1 pause 5", "1 fulfill 10", "1 activate 30"}, false, []sla.Span{{From: minute(5), To: minute(30)}}, true},
		"a pause of no length is none":       {[]string{"1 activate 0", "1 pause 5", "1 activate 5"}, false, nil, true},
	} {
		t.Run(name, func(t *testing.T) {
			got, known := readPauses(events(t, tc.events...), tc.done)
			if x := diff(tc.want, got); x != "" || known != tc.known {
				t.Errorf("known %v, %s", known, x)
			}
		})
	}
}

func TestNatives(t *testing.T) {
	active := func(metric string, n int) policyMetric {
		return policyMetric{Metric: metric, Stage: "active", BreachAt: instant{minute(n)}}
	}
	paused := func(metric string) policyMetric { return policyMetric{Metric: metric, Stage: "paused"} }
	type target = helpdesk.NativeTarget
	for name, tc := range map[string]struct {
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
		"group ownership is no promise to a customer": {metrics: []policyMetric{active("group_ownership_time", 5)}},
		"what nobody documented is told": {
			metrics: []policyMetric{active("happiness_time", 5), {Metric: "agent_work_time", Stage: "sleeping"}},
			unknown: []string{"sla_metric", "sla_stage"},
		},
		"active without a due is unknown": {metrics: []policyMetric{{Metric: "agent_work_time", Stage: "active"}}},
	} {
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
			got := natives(r, h, func(field string) { unknown = append(unknown, field) })
			if x := diff(tc.want, got); x != "" {
				t.Error(x)
			}
			if x := diff(tc.unknown, unknown); x != "" {
				t.Error(x)
			}
		})
	}
}

// A ticket lives through everything, and after each step the client tells of it what happened.
func TestLifeOfATicket(t *testing.T) {
	d := newDesk(t)
	d.Create(simulator.Seed{ID: 1, Priority: "high", Channel: "WhatsApp", At: epoch})
	read := func() helpdesk.Ticket {
		t.Helper()
		p, err := d.client.Lookup(t.Context(), []string{"1"})
		must(t, err)
		return find(t, p, "1")
	}
	step := func(what string, do func(int64) error, want func(w *helpdesk.Ticket)) {
		t.Helper()
		d.pass(10 * time.Minute)
		must(t, do(1))
		w := read()
		got := w
		want(&w)
		if x := diff(w, got); x != "" {
			t.Errorf("%s: %s", what, x)
		}
	}
	if got := read(); got.Channel != "whatsapp" || !got.WaitingSince.Equal(minute(0)) || !got.LastCustomerMessageAt.Equal(minute(0)) {
		t.Errorf("opened: %+v", got)
	}
	step("answered", d.AgentReply, func(w *helpdesk.Ticket) {
		w.Status, w.FirstResponseAt, w.LastAgentReplyAt, w.WaitingSince = sla.StatusOpen, minute(10), minute(10), time.Time{}
	})
	step("a note is no reply", d.InternalNote, func(w *helpdesk.Ticket) { w.LastAgentReplyAt = minute(10) })
	step("pending", func(id int64) error { return d.SetStatus(id, "pending") }, func(w *helpdesk.Ticket) {
		w.Status, w.Pauses = sla.StatusPending, []sla.Span{{From: minute(30)}}
		w.Native = []helpdesk.NativeTarget{
			{Target: sla.FirstResponse, Start: minute(0), Due: minute(60), MetAt: minute(10)},
			{Target: sla.FollowUp, Start: minute(10), Due: minute(130)},
			{Target: sla.Resolution, Start: minute(0), Paused: true},
		}
	})
	step("the customer writes", d.CustomerMessage, func(w *helpdesk.Ticket) {
		w.Status, w.WaitingSince, w.LastCustomerMessageAt = sla.StatusOpen, minute(40), minute(40)
		w.Pauses = []sla.Span{{From: minute(30), To: minute(40)}}
		w.Native = []helpdesk.NativeTarget{
			{Target: sla.FirstResponse, Start: minute(0), Due: minute(60), MetAt: minute(10)},
			{Target: sla.NextResponse, Start: minute(40), Due: minute(100)},
			{Target: sla.FollowUp, Start: minute(10), Due: minute(130)},
			{Target: sla.Resolution, Start: minute(0), Due: minute(490)},
		}
	})
	step("and again", d.CustomerMessage, func(w *helpdesk.Ticket) { w.WaitingSince, w.LastCustomerMessageAt = minute(40), minute(50) })
	step("answered again", d.AgentReply, func(w *helpdesk.Ticket) {
		w.FirstResponseAt, w.LastAgentReplyAt, w.WaitingSince = minute(10), minute(60), time.Time{}
		w.Native = []helpdesk.NativeTarget{
			{Target: sla.FirstResponse, Start: minute(0), Due: minute(60), MetAt: minute(10)},
			{Target: sla.NextResponse, Start: minute(40), Due: minute(100), MetAt: minute(60)},
			{Target: sla.FollowUp, Start: minute(60), Due: minute(180)},
			{Target: sla.Resolution, Start: minute(0), Due: minute(490)},
		}
	})
	step("an update that nobody had asked for", d.AgentReply, func(w *helpdesk.Ticket) { w.LastAgentReplyAt = minute(70) })
	step("solved", func(id int64) error { return d.SetStatus(id, "solved") }, func(w *helpdesk.Ticket) {
		w.Status, w.SolvedAt, w.LastAgentReplyAt = sla.StatusSolved, minute(80), minute(70)
		w.Pauses = []sla.Span{{From: minute(30), To: minute(40)}}
	})
	step("reopened", d.CustomerMessage, func(w *helpdesk.Ticket) {
		w.Status, w.SolvedAt, w.WaitingSince, w.LastAgentReplyAt = sla.StatusOpen, time.Time{}, minute(90), minute(70)
		w.Pauses = []sla.Span{{From: minute(30), To: minute(40)}, {From: minute(80), To: minute(90)}}
	})
	ended := helpdesk.NativeTarget{Target: sla.FollowUp, Start: minute(70), Due: minute(190), MetAt: minute(80)} // by solving
	step("urgent", func(id int64) error { return d.SetPriority(id, "urgent") }, func(w *helpdesk.Ticket) {
		w.Priority = "urgent"
		w.Native = []helpdesk.NativeTarget{
			{Target: sla.FirstResponse, Start: minute(0), Due: minute(60), MetAt: minute(10)},
			ended,
			{Target: sla.Resolution, Start: minute(0), Due: minute(260)},
		}
	})
	step("without a priority there is no SLA", func(id int64) error { return d.SetPriority(id, "") }, func(w *helpdesk.Ticket) {
		w.Priority = ""
		w.Native = []helpdesk.NativeTarget{{Target: sla.FirstResponse, Start: minute(0), Due: minute(60), MetAt: minute(10)}, ended}
	})
}
