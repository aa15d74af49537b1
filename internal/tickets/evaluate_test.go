package tickets_test

import (
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"

	"whatsapp_sla_exporter/internal/helpdesk"
	"whatsapp_sla_exporter/internal/sla"
	"whatsapp_sla_exporter/internal/tickets"
)

func onWhatsApp(t *helpdesk.Ticket) { t.Channel = "whatsapp" }

func TestWhichClocksRunOnATicket(t *testing.T) {
	reply := helpdesk.NativeTarget{Target: sla.FirstResponse, Due: after(50)}
	for name, tc := range map[string]struct {
		ticket    helpdesk.Ticket
		states    map[string]int
		uncovered []tickets.UncoveredCount
		open      tickets.Group
	}{
		"a policy": {
			ticket: ticket("1", start),
			states: map[string]int{"acme high first_response running": 1, "acme high resolution running": 1},
			open:   tickets.Group{Policy: "acme", Severity: "high"},
		},
		"a severity by its number": {
			ticket: ticket("1", start, severity("sev1")),
			states: map[string]int{"acme high first_response running": 1, "acme high resolution running": 1},
			open:   tickets.Group{Policy: "acme", Severity: "high"},
		},
		"a policy, native deadlines and the service window, apart from each other": {
			ticket: ticket("1", start, asked(start), native(reply), onWhatsApp, func(t *helpdesk.Ticket) { t.Brand = "shop" }),
			states: map[string]int{
				"acme high first_response running": 1, "acme high resolution running": 1,
				"native high first_response running": 1, "whatsapp-service-window any service_window running": 1,
			},
			open: tickets.Group{Policy: "acme", Severity: "high", Tenant: "shop"},
		},
		"native deadlines alone": {
			ticket: ticket("1", start, policy(""), native(reply)),
			states: map[string]int{"native high first_response running": 1},
			open:   tickets.Group{Policy: "native", Severity: "high"},
		},
		"the service window as the ticket's policy": {
			ticket: ticket("1", start, policy("whatsapp-service-window"), asked(start), onWhatsApp),
			states: map[string]int{"whatsapp-service-window any service_window running": 1},
			open:   tickets.Group{Policy: "whatsapp-service-window", Severity: "any"},
		},
		"nothing": {
			ticket: ticket("1", start, policy("")), states: map[string]int{},
			uncovered: []tickets.UncoveredCount{{"", sla.NoPolicy, 1}}, open: tickets.Group{Severity: "high"},
		},
		"the service window alone does not cover a ticket": {
			ticket:    ticket("1", start, policy(""), asked(start), onWhatsApp),
			states:    map[string]int{"whatsapp-service-window any service_window running": 1},
			uncovered: []tickets.UncoveredCount{{"", sla.NoPolicy, 1}}, open: tickets.Group{Severity: "high"},
		},
		"native without native deadlines": {
			ticket: ticket("1", start, policy("native")), states: map[string]int{},
			uncovered: []tickets.UncoveredCount{{"native", sla.NoPolicy, 1}}, open: tickets.Group{Policy: "native", Severity: "high"},
		},
		"a policy that does not exist": {
			ticket: ticket("1", start, policy("acne")), states: map[string]int{},
			uncovered: []tickets.UncoveredCount{{"acne", sla.NoPolicy, 1}}, open: tickets.Group{Policy: "acne", Severity: "high"},
		},
		"a severity that does not exist": {
			ticket: ticket("1", start, severity("huge")), states: map[string]int{},
			uncovered: []tickets.UncoveredCount{{"acme", sla.NoSeverity, 1}}, open: tickets.Group{Policy: "acme"},
		},
		"a failure that is not the vendor's own": {
			ticket: ticket("1", start, policy("strict"), field("origin", "external")), states: map[string]int{},
			uncovered: []tickets.UncoveredCount{{"strict", sla.ExternalOrigin, 1}}, open: tickets.Group{Policy: "strict", Severity: "high"},
		},
		"a ticket that lacks information": {
			ticket: ticket("1", start, policy("strict"), field("valid", "no")), states: map[string]int{},
			uncovered: []tickets.UncoveredCount{{"strict", sla.InvalidTicket, 1}}, open: tickets.Group{Policy: "strict", Severity: "high"},
		},
		"native deadlines on a ticket that its policy does not cover": {
			ticket:    ticket("1", start, policy("strict"), field("origin", "external"), native(reply)),
			states:    map[string]int{"native high first_response running": 1},
			uncovered: []tickets.UncoveredCount{{"strict", sla.ExternalOrigin, 1}}, open: tickets.Group{Policy: "strict", Severity: "high"},
		},
	} {
		t.Run(name, func(t *testing.T) {
			d := newDesk(t, nil)
			d.apply(after(1), tc.ticket)
			if diff := cmp.Diff(tc.states, d.states(after(1))); diff != "" {
				t.Error(diff)
			}
			s := d.Snapshot()
			if diff := cmp.Diff(tc.uncovered, s.Uncovered); diff != "" {
				t.Error(diff)
			}
			if want := (tickets.OpenCount{Group: tc.open, Status: sla.StatusOpen, Count: 1}); len(s.Open) != 4 || s.Open[1] != want {
				t.Errorf("open: %v, want once, as %v", s.Open, want)
			}
		})
	}
}

func TestNativeDeadlinesAreTakenAsTheyAre(t *testing.T) {
	g := tickets.Group{Policy: "native", Severity: "high"}
	at := func(minutes ...int) (unix []int64) {
		for _, m := range minutes {
			unix = append(unix, after(m).Unix())
		}
		return unix
	}
	for name, tc := range map[string]struct {
		native []helpdesk.NativeTarget
		want   tickets.TargetGroup
	}{
		"from the ticket's start": {
			[]helpdesk.NativeTarget{{Target: sla.FirstResponse, Due: after(80)}},
			tickets.TargetGroup{Target: sla.FirstResponse, Warning: at(40), Critical: at(60), Due: at(80)},
		},
		"from its own start": {
			[]helpdesk.NativeTarget{{Target: sla.NextResponse, Start: after(40), Due: after(80)}},
			tickets.TargetGroup{Target: sla.NextResponse, Warning: at(60), Critical: at(70), Due: at(80)},
		},
		"with a short time at least five minutes before": {
			[]helpdesk.NativeTarget{{Target: sla.FirstResponse, Due: after(12)}},
			tickets.TargetGroup{Target: sla.FirstResponse, Warning: at(6), Critical: at(7), Due: at(12)},
		},
		"with a very short time at half of it": {
			[]helpdesk.NativeTarget{{Target: sla.FirstResponse, Due: after(4)}},
			tickets.TargetGroup{Target: sla.FirstResponse, Warning: at(2), Critical: at(2), Due: at(4)},
		},
		"due before it starts": {
			[]helpdesk.NativeTarget{{Target: sla.FirstResponse, Start: after(20), Due: after(10)}},
			tickets.TargetGroup{Target: sla.FirstResponse, Warning: at(10), Critical: at(10), Due: at(10)},
		},
		"paused, whatever the stale due says": {
			[]helpdesk.NativeTarget{{Target: sla.Resolution, Due: after(80), Paused: true}},
			tickets.TargetGroup{Target: sla.Resolution, Paused: 1},
		},
		"without a due": {
			[]helpdesk.NativeTarget{{Target: sla.Resolution}},
			tickets.TargetGroup{Target: sla.Resolution, BestEffort: 1},
		},
		"met": {
			[]helpdesk.NativeTarget{{Target: sla.Resolution, Due: after(80), MetAt: after(80)}},
			tickets.TargetGroup{Target: sla.Resolution, Met: 1},
		},
		"met, nobody knows in time for what": {
			[]helpdesk.NativeTarget{{Target: sla.Resolution, MetAt: after(80)}},
			tickets.TargetGroup{Target: sla.Resolution, Met: 1},
		},
		"met too late": {
			[]helpdesk.NativeTarget{{Target: sla.Resolution, Due: after(80), MetAt: after(81)}},
			tickets.TargetGroup{Target: sla.Resolution, Late: 1},
		},
		"two of the same target: the one that is due first": {
			[]helpdesk.NativeTarget{
				{Target: sla.Resolution, Due: after(160)},
				{Target: sla.Resolution, Due: after(80)},
				{Target: sla.Resolution, Paused: true},
				{Target: sla.Resolution, Due: after(20), MetAt: after(10)},
			},
			tickets.TargetGroup{Target: sla.Resolution, Warning: at(40), Critical: at(60), Due: at(80)},
		},
	} {
		t.Run(name, func(t *testing.T) {
			d := newDesk(t, nil)
			d.apply(start, ticket("1", start, policy(""), native(tc.native...)))
			tc.want.Group = g
			if diff := cmp.Diff([]tickets.TargetGroup{tc.want}, d.Snapshot().Targets, ignoreInner); diff != "" {
				t.Error(diff)
			}
		})
	}
}

func TestANativeDeadlineWithoutAStartRunsFromWhenItWasFirstSeen(t *testing.T) {
	next := func(due, met int) func(*helpdesk.Ticket) {
		n := helpdesk.NativeTarget{Target: sla.NextResponse, Due: after(due)}
		if met > 0 {
			n.MetAt = after(met)
		}
		return native(n)
	}
	d := newDesk(t, nil)
	warning := func() time.Time { return d.Snapshot().Urgent[0].Warning }
	d.apply(after(101), ticket("1", start, policy(""), updated(after(100)), next(160, 0)))
	if got := warning(); !got.Equal(after(130)) {
		t.Errorf("warning %v, want half way from the message to the due", got)
	}
	d.restart()
	d.reconcile(after(111), ticket("1", start, policy(""), updated(after(110)), next(160, 0)))
	if got := warning(); !got.Equal(after(130)) {
		t.Errorf("warning moved to %v with an update that is no message", got)
	}
	d.apply(after(121), ticket("1", start, policy(""), updated(after(120)), next(160, 119)))
	d.apply(after(122), ticket("1", start, policy(""), updated(after(120)), next(160, 119)))
	d.apply(after(201), ticket("1", start, policy(""), updated(after(200)), next(260, 0)))
	if got := warning(); !got.Equal(after(230)) {
		t.Errorf("warning %v, want half way from the second message to the due", got)
	}
	d.apply(after(262), ticket("1", start, policy(""), replied(after(261))))
	want := map[string][2]uint64{"native high next_response": {1, 1}}
	if diff := cmp.Diff(want, d.counts()); diff != "" {
		t.Error(diff)
	}
}
