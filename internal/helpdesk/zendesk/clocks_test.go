package zendesk

import (
	"fmt"
	"strings"
	"testing"
	"time"

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
			e.SLA = &appliedSLA{Target: float64(max(target, -target)), BusinessHours: target < 0}
			e.GroupSLA = e.SLA
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
			h, documented := readHistory(&row{MetricEvents: map[string][]metricEvent{
				replyTime: events(t, tc.reply...), periodicUpdate: events(t, tc.update...),
			}})
			back := func(at time.Time) int {
				if at.IsZero() {
					return -1
				}
				return int(at.Sub(epoch) / time.Minute)
			}
			got := want{back(h.firstReply(tc.replies)), back(h.lastReply(tc.replies)), back(h.waiting())}
			if got != tc.want || !documented {
				t.Errorf("got %+v, want %+v, documented %v", got, tc.want, documented)
			}
		})
	}
}

func TestPauses(t *testing.T) {
	span := func(from, to int, status sla.Status) sla.Span {
		s := sla.Span{From: minute(from), Status: status}
		if to >= 0 {
			s.To = minute(to)
		}
		return s
	}
	for name, tc := range map[string]struct {
		work, wait []string
		done       bool
		want       []sla.Span
		known      bool
	}{
		"no events tell nothing":             {nil, nil, false, nil, false},
		"the wait alone tells nothing":       {nil, []string{"1 activate 0"}, false, nil, false},
		"never paused":                       {[]string{"1 activate 0"}, []string{"1 activate 0"}, false, nil, true},
		"paused, nobody knows for whom":      {[]string{"1 activate 0", "1 pause 10", "1 activate 30"}, nil, false, []sla.Span{span(10, 30, "")}, true},
		"pending":                            {[]string{"1 activate 0", "1 pause 10", "1 activate 30"}, []string{"1 activate 0", "1 pause 10", "1 activate 30"}, false, []sla.Span{span(10, 30, "pending")}, true},
		"on hold":                            {[]string{"1 activate 0", "1 pause 10", "1 activate 30"}, []string{"1 activate 0"}, false, []sla.Span{span(10, 30, "on_hold")}, true},
		"pending, then on hold until now":    {[]string{"1 activate 0", "1 pause 10"}, []string{"1 activate 0", "1 pause 10", "1 activate 20"}, false, []sla.Span{span(10, 20, "pending"), span(20, -1, "on_hold")}, true},
		"still paused":                       {[]string{"1 activate 0", "1 pause 10"}, nil, false, []sla.Span{span(10, -1, "")}, true},
		"paused from the first":              {[]string{"1 activate 0", "1 pause 0", "1 activate 5"}, nil, false, []sla.Span{span(0, 5, "")}, true},
		"paused twice":                       {[]string{"1 activate 0", "1 pause 1", "1 activate 2", "1 pause 3"}, nil, false, []sla.Span{span(1, 2, ""), span(3, -1, "")}, true},
		"solved is no pause":                 {[]string{"1 activate 0", "1 fulfill 10"}, nil, true, nil, true},
		"solved and reopened is one":         {[]string{"1 activate 0", "1 fulfill 10", "1 activate 30"}, []string{"1 activate 0", "1 fulfill 10", "1 activate 30"}, false, []sla.Span{span(10, 30, "")}, true},
		"solved while pending, and reopened": {[]string{"1 activate 0", "1 pause 5", "1 fulfill 10", "1 activate 30"}, []string{"1 activate 0", "1 pause 5", "1 fulfill 10", "1 activate 30"}, false, []sla.Span{span(5, 10, "pending"), span(10, 30, "")}, true},
		"a pause of no length is none":       {[]string{"1 activate 0", "1 pause 5", "1 activate 5"}, nil, false, nil, true},
		"a deleted pause is none":            {[]string{"1 activate 0", "~1 pause 5"}, nil, false, nil, true},
	} {
		t.Run(name, func(t *testing.T) {
			got, known := readPauses(events(t, tc.work...), events(t, tc.wait...), tc.done)
			if x := diff(tc.want, got); x != "" || known != tc.known {
				t.Errorf("known %v, %s", known, x)
			}
		})
	}
}
