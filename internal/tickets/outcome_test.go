package tickets_test

import (
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"

	"whatsapp_sla_exporter/internal/helpdesk"
	"whatsapp_sla_exporter/internal/sla"
	"whatsapp_sla_exporter/internal/tickets"
)

// step is a poll of the helpdesk: what changed by then.
type step struct {
	at   time.Time
	rows []helpdesk.Ticket
}

func TestOutcomes(t *testing.T) {
	for name, tc := range map[string]struct {
		steps []step
		want  map[string][2]uint64
	}{
		"an answer at its due is met": {
			[]step{{after(1), rows(ticket("1", start))}, {after(31), rows(ticket("1", start, replied(after(30))))}},
			map[string][2]uint64{"acme high first_response": {1, 0}},
		},
		"an answer after its due is a breach": {
			[]step{{after(1), rows(ticket("1", start))}, {after(32), rows(ticket("1", start, replied(after(31))))}},
			map[string][2]uint64{"acme high first_response": {0, 1}},
		},
		"a due that passes is a breach at the next poll, whatever it brings": {
			[]step{{after(1), rows(ticket("1", start))}, {after(31), nil}},
			map[string][2]uint64{"acme high first_response": {0, 1}},
		},
		"a breach is not counted again when the answer comes, nor when the severity changes": {
			[]step{
				{after(1), rows(ticket("1", start))},
				{after(31), nil},
				{after(40), rows(ticket("1", start, replied(after(39))))},
				{after(41), rows(ticket("1", start, replied(after(39)), severity("low"), updated(after(41))))},
			},
			map[string][2]uint64{"acme high first_response": {0, 1}},
		},
		"a paused clock does not breach": {
			[]step{
				{after(1), rows(ticket("1", start, replied(after(1))))},
				{after(11), rows(ticket("1", start, replied(after(1)), status(sla.StatusPending, after(10))))},
				{after(1000), nil},
				{after(1001), rows(ticket("1", start, replied(after(1)), status(sla.StatusOpen, after(1000))))},
			},
			map[string][2]uint64{"acme high first_response": {1, 0}, "acme high follow_up": {0, 1}},
		},
		"each message that waits and each update is a run of its own": {
			[]step{
				{after(1), rows(ticket("1", start, replied(after(1))))},
				{after(10), rows(ticket("1", start, replied(after(1)), asked(after(9))))},
				{after(30), rows(ticket("1", start, replied(after(1)), asked(after(9)), replied(after(29))))},
				{after(40), rows(ticket("1", start, replied(after(1)), replied(after(29)), asked(after(39))))},
				{after(101), rows(ticket("1", start, replied(after(1)), asked(after(39)), replied(after(100))))},
			},
			map[string][2]uint64{
				"acme high first_response": {1, 0}, "acme high next_response": {1, 1}, "acme high follow_up": {2, 0},
			},
		},
		"a message answered and followed by another between two polls": {
			[]step{
				{after(10), rows(ticket("1", start, replied(after(1)), asked(after(9))))},
				{after(30), rows(ticket("1", start, replied(after(1)), replied(after(20)), asked(after(25))))},
			},
			map[string][2]uint64{
				"acme high first_response": {1, 0}, "acme high next_response": {1, 0}, "acme high follow_up": {1, 0},
			},
		},
		"solving answers whatever still waited": {
			[]step{
				{after(1), rows(ticket("1", start))},
				{after(21), rows(ticket("1", start, solved(after(20))))},
			},
			map[string][2]uint64{"acme high first_response": {1, 0}, "acme high resolution": {1, 0}},
		},
		"a ticket opened and solved between two polls counts": {
			[]step{{after(21), rows(ticket("1", start, replied(after(5)), solved(after(20))))}},
			map[string][2]uint64{
				"acme high first_response": {1, 0}, "acme high follow_up": {1, 0}, "acme high resolution": {1, 0},
			},
		},
		"a solved ticket whose due passes later is no breach": {
			[]step{{after(21), rows(ticket("1", start, solved(after(20))))}, {after(1000), nil}},
			map[string][2]uint64{"acme high first_response": {1, 0}, "acme high resolution": {1, 0}},
		},
		"solved, reopened and solved again counts once": {
			[]step{
				{after(21), rows(ticket("1", start, solved(after(20))))},
				{after(31), rows(ticket("1", start, status(sla.StatusOpen, after(30))))},
				{after(41), rows(ticket("1", start, solved(after(40))))},
			},
			map[string][2]uint64{"acme high first_response": {1, 0}, "acme high resolution": {1, 0}},
		},
		"what was decided before the helpdesk was first read is history": {
			[]step{{after(1), rows(
				ticket("answered", start.Add(-time.Hour), replied(start.Add(-50*time.Minute))),
				ticket("breached", start.Add(-time.Hour)),
				ticket("solved", start.Add(-time.Hour), solved(start.Add(-time.Minute))),
				ticket("breached before, answered since", start.Add(-time.Hour), replied(after(1))),
			)}},
			map[string][2]uint64{},
		},
		"an old ticket counts for what happens from now on": {
			[]step{
				{after(1), rows(ticket("1", start.Add(-time.Hour), replied(start.Add(-50*time.Minute))))},
				{after(6), rows(ticket("1", start.Add(-time.Hour), replied(start.Add(-50*time.Minute)), solved(after(5))))},
			},
			map[string][2]uint64{"acme high follow_up": {1, 0}, "acme high resolution": {1, 0}},
		},
		"a promise without a time has no outcome": {
			[]step{{after(21), rows(ticket("1", start, severity("low"), solved(after(20))))}},
			map[string][2]uint64{"acme low first_response": {1, 0}},
		},
		"a run that is withdrawn has no outcome": {
			[]step{
				{after(1), rows(ticket("1", start))},
				{after(10), rows(ticket("1", start, policy("strict"), updated(after(9))))},
				{after(20), rows(ticket("1", start, policy("strict"), field("origin", "external"), replied(after(19))))},
			},
			map[string][2]uint64{},
		},
		"the policy that covers a ticket when it is answered counts": {
			[]step{
				{after(1), rows(ticket("1", start))},
				{after(50), rows(ticket("1", start, policy("strict"), replied(after(45))))},
			},
			map[string][2]uint64{"strict high first_response": {1, 0}},
		},
		"a group that hands a ticket over to another that promises, too, kept its promise or not": {
			[]step{
				{after(1), rows(ticket("in time", start, owned(start, after(45))), ticket("late", start, owned(start, after(45))))},
				{after(47), rows(
					ticket("in time", start, owned(after(45), after(90)), updated(after(45))),
					ticket("late", start, owned(after(46), after(91)), updated(after(46))),
				)},
			},
			map[string][2]uint64{"native high group_ownership": {1, 1}},
		},
		"a group that replies has its ticket still": {
			[]step{
				{after(1), rows(ticket("told", start, owned(start, after(45))), ticket("not told", start, owned(time.Time{}, after(45))))},
				{after(30), rows(
					ticket("told", start, owned(start, after(45)), replied(after(29))),
					ticket("not told", start, owned(time.Time{}, after(45)), replied(after(29))),
				)},
				{after(46), nil},
			},
			map[string][2]uint64{"native high group_ownership": {0, 2}},
		},
		"a group whose promise was withdrawn has no outcome": {
			[]step{
				{after(1), rows(ticket("1", start, owned(start, after(45))))},
				{after(30), rows(ticket("1", start, policy("native"), replied(after(29))))},
			},
			map[string][2]uint64{},
		},
		"a ticket that vanishes has no outcome": {
			[]step{{after(1), rows(ticket("1", start))}, {after(2), rows(helpdesk.Ticket{ID: "1", Gone: true, UpdatedAt: after(2)})}, {after(100), nil}},
			map[string][2]uint64{},
		},
	} {
		t.Run(name, func(t *testing.T) {
			d := newDesk(t, nil)
			for _, s := range tc.steps {
				d.apply(s.at, s.rows...)
			}
			if diff := cmp.Diff(tc.want, d.counts()); diff != "" {
				t.Error(diff)
			}
			for _, s := range tc.steps {
				d.apply(s.at, s.rows...)
			}
			if diff := cmp.Diff(tc.want, d.counts()); diff != "" {
				t.Errorf("after a replay: %s", diff)
			}
			d.restart()
			if diff := cmp.Diff(tc.want, d.counts()); diff != "" {
				t.Errorf("after a restart: %s", diff)
			}
			d.reconcile(start)
			for _, s := range tc.steps {
				d.apply(s.at, s.rows...)
			}
			if diff := cmp.Diff(tc.want, d.counts()); diff != "" {
				t.Errorf("after a restart and a replay: %s", diff)
			}
		})
	}
}

// owned is a ticket with nothing but the promise of the group that has it.
func owned(since, due time.Time) func(*helpdesk.Ticket) {
	return func(t *helpdesk.Ticket) {
		t.Group, t.Native = "native", []helpdesk.NativeTarget{{Target: sla.GroupOwnership, Start: since, Due: due}}
	}
}

func rows(r ...helpdesk.Ticket) []helpdesk.Ticket { return r }

func TestADueIsOnlyCountedAsBreachedWhenTheFeedHadTimeToTellOfAnAnswer(t *testing.T) {
	d := newDesk(t, func(o *tickets.Options) { o.Lag = 2 * time.Minute })
	d.apply(after(1), ticket("1", start), ticket("2", start))
	d.apply(after(32))
	if diff := cmp.Diff(map[string]int{"acme high first_response breached": 2, "acme high resolution running": 2}, d.states(after(32))); diff != "" {
		t.Errorf("the states do not wait: %s", diff)
	}
	if got := d.counts(); len(got) > 0 {
		t.Errorf("counted %v before the feed could tell", got)
	}
	if err := d.Refresh(&helpdesk.Pass{}, after(60)); err != nil {
		t.Fatal(err)
	}
	if _, err := d.Reconcile(&helpdesk.Pass{Tickets: rows(ticket("1", start), ticket("2", start))}, after(60)); err != nil {
		t.Fatal(err)
	}
	if got := d.counts(); len(got) > 0 {
		t.Errorf("counted %v without a word from the feed of changes", got)
	}
	d.apply(after(33), ticket("1", start, replied(after(29))))
	want := map[string][2]uint64{"acme high first_response": {1, 1}}
	if diff := cmp.Diff(want, d.counts()); diff != "" {
		t.Error(diff)
	}
}

func TestADueIsNotCountedAsBreachedWhileAnAnswerMayBeAmongUnreadChanges(t *testing.T) {
	for name, tc := range map[string]struct {
		pass      helpdesk.Pass
		reconcile bool
		want      map[string][2]uint64 // after the next whole pass, before which the answer is read or not
	}{
		"more changes follow, the answer among them":           {helpdesk.Pass{More: true}, false, map[string][2]uint64{"acme high first_response": {1, 1}}},
		"changes were passed over, and open tickets tell all":  {helpdesk.Pass{Gap: true}, true, map[string][2]uint64{"acme high first_response": {1, 1}}},
		"changes were passed over, and nothing was read since": {helpdesk.Pass{Gap: true}, false, map[string][2]uint64{"acme high first_response": {1, 0}}},
	} {
		t.Run(name, func(t *testing.T) {
			d := newDesk(t, nil)
			d.apply(after(1), ticket("1", start), ticket("2", start))
			if err := d.Apply(&tc.pass, after(60)); err != nil {
				t.Fatal(err)
			}
			if got := d.counts(); len(got) > 0 {
				t.Errorf("counted %v", got)
			}
			answered := ticket("1", start, replied(after(29)))
			if tc.reconcile {
				d.reconcile(after(60), answered, ticket("2", start))
			}
			d.apply(after(61), answered)
			if diff := cmp.Diff(tc.want, d.counts()); diff != "" {
				t.Error(diff)
			}
		})
	}
}

func TestAHelpdeskWhoseClockIsOffIsNotHeldToOurs(t *testing.T) {
	for name, tc := range map[string]struct {
		skew time.Duration
		want map[string][2]uint64
	}{
		"behind: its due comes later": {-10 * time.Minute, map[string][2]uint64{}},
		"right":                       {0, map[string][2]uint64{"acme high first_response": {0, 1}}},
		"ahead, or so it says: its due comes no earlier": {1000 * time.Hour, map[string][2]uint64{"acme high first_response": {0, 1}}},
	} {
		t.Run(name, func(t *testing.T) {
			d := newDesk(t, nil)
			d.apply(after(1), ticket("1", start))
			if err := d.Apply(&helpdesk.Pass{Skew: tc.skew}, after(31)); err != nil {
				t.Fatal(err)
			}
			if diff := cmp.Diff(tc.want, d.counts()); diff != "" {
				t.Error(diff)
			}
		})
	}
}
