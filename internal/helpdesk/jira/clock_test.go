package jira

import (
	"encoding/json"
	"regexp"
	"testing"

	"github.com/google/go-cmp/cmp"
	"github.com/google/go-cmp/cmp/cmpopts"

	"whatsapp_sla_exporter/internal/helpdesk"
	simulator "whatsapp_sla_exporter/internal/simulator/jira"
	"whatsapp_sla_exporter/internal/sla"
)

func TestSLAsAreFoundByTheirTypeAndNames(t *testing.T) {
	s := newSite(t, nil)
	ok(t)(s.client.Open(t.Context()))
	want := map[string]sla.Target{"customfield_10030": sla.FirstResponse, "customfield_10031": sla.Resolution, "customfield_10032": sla.NextResponse}
	if d := cmp.Diff(want, s.client.site.slas); d != "" {
		t.Error(d)
	}
	own := newSite(t, func(_ *simulator.Options, co *Options) {
		co.Clocks = []Clock{{regexp.MustCompile("after resolution"), sla.FollowUp}}
	})
	ok(t)(own.client.Open(t.Context()))
	if d := cmp.Diff(map[string]sla.Target{"customfield_10033": sla.FollowUp}, own.client.site.slas); d != "" {
		t.Error(d)
	}
}

func cycleOf(start, stop, breach string) map[string]any {
	out := map[string]any{"startTime": map[string]any{"epochMillis": at(start).UnixMilli()}}
	for name, text := range map[string]string{"stopTime": stop, "breachTime": breach} {
		if text != "" {
			out[name] = map[string]any{"epochMillis": at(text).UnixMilli()}
		}
	}
	return out
}

func TestCyclesOfAClock(t *testing.T) {
	paused := cycleOf("2026-03-02T08:00:00Z", "", "2026-03-02T12:00:00Z")
	paused["paused"] = true
	for name, c := range map[string]struct {
		clock any
		want  []helpdesk.NativeTarget
	}{
		"one that runs": {
			map[string]any{"ongoingCycle": cycleOf("2026-03-02T08:00:00Z", "", "2026-03-02T12:00:00Z"), "completedCycles": []any{cycleOf("2026-03-01T08:00:00Z", "2026-03-01T09:00:00Z", "2026-03-01T12:00:00Z")}},
			[]helpdesk.NativeTarget{{Target: sla.Resolution, Start: at("2026-03-02T08:00:00Z"), Due: at("2026-03-02T12:00:00Z")}},
		},
		"one that is paused and still shows when it would breach": {
			map[string]any{"ongoingCycle": paused}, []helpdesk.NativeTarget{{Target: sla.Resolution, Start: at("2026-03-02T08:00:00Z"), Paused: true}},
		},
		"one that was reopened and ended again": {
			map[string]any{"completedCycles": []any{cycleOf("2026-03-01T08:00:00Z", "2026-03-01T09:00:00Z", "2026-03-01T12:00:00Z"), cycleOf("2026-03-02T08:00:00Z", "2026-03-02T13:00:00Z", "2026-03-02T12:00:00Z")}},
			[]helpdesk.NativeTarget{{Target: sla.Resolution, Start: at("2026-03-02T08:00:00Z"), Due: at("2026-03-02T12:00:00Z"), MetAt: at("2026-03-02T13:00:00Z")}},
		},
		"one that no goal covers":        {nil, nil},
		"one without cycles":             {map[string]any{}, nil},
		"one that runs without a breach": {map[string]any{"ongoingCycle": cycleOf("2026-03-02T08:00:00Z", "", "")}, nil},
		"one that ended nobody knows when": {
			map[string]any{"completedCycles": []any{cycleOf("2026-03-02T08:00:00Z", "", "2026-03-02T12:00:00Z")}}, nil,
		},
	} {
		t.Run(name, func(t *testing.T) {
			row, err := json.Marshal(map[string]any{"key": "SUP-1", "fields": map[string]any{"customfield_1": c.clock}})
			must(t, err)
			i, err := readIssue(row)
			must(t, err)
			got := natives(i, map[string]sla.Target{"customfield_1": sla.Resolution}, func(f, _ string) { t.Errorf("unknown %s", f) })
			if d := cmp.Diff(c.want, got, cmpopts.EquateEmpty()); d != "" {
				t.Error(d)
			}
		})
	}
}
