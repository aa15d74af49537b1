package tickets_test

import (
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"
	"github.com/google/go-cmp/cmp/cmpopts"

	"whatsapp_sla_exporter/internal/helpdesk"
	"whatsapp_sla_exporter/internal/sla"
	"whatsapp_sla_exporter/internal/tickets"
)

var ignoreInner = cmpopts.IgnoreUnexported(tickets.Snapshot{}, tickets.TargetGroup{})

func unixes(at ...time.Time) []int64 {
	var list []int64
	for _, a := range at {
		list = append(list, a.Unix())
	}
	return list
}

func TestASnapshotShowsEveryOpenTicket(t *testing.T) {
	d := newDesk(t, nil)
	missing := d.reconcile(after(10),
		ticket("1", start, asked(start)),
		ticket("2", after(1), replied(after(5)), status(sla.StatusPending, after(6))),
		ticket("3", after(2), severity("low")),
		ticket("4", after(3), policy("")),
		ticket("5", after(3), func(t *helpdesk.Ticket) { t.Form = "drop" }),
		ticket("6", after(3), status(sla.StatusSolved, after(4))),
	)
	if missing != nil {
		t.Errorf("missing: %v", missing)
	}
	high, low, none := tickets.Group{Policy: "acme", Severity: "high"}, tickets.Group{Policy: "acme", Severity: "low"}, tickets.Group{Severity: "high"}
	at := func(minutes int) time.Time { return after(minutes) }
	want := &tickets.Snapshot{
		Helpdesk: "support", ReadAt: after(10), Excluded: 1,
		Open: []tickets.OpenCount{
			{none, "new", 0},
			{none, "open", 1},
			{none, "pending", 0},
			{none, "on_hold", 0},
			{high, "new", 0},
			{high, "open", 1},
			{high, "pending", 1},
			{high, "on_hold", 0},
			{low, "new", 0},
			{low, "open", 1},
			{low, "pending", 0},
			{low, "on_hold", 0},
		},
		Uncovered: []tickets.UncoveredCount{{"", sla.NoPolicy, 1}},
		Targets: []tickets.TargetGroup{
			{Group: high, Target: sla.FirstResponse, Warning: unixes(at(15)), Critical: unixes(start.Add(22*time.Minute + 30*time.Second)), Due: unixes(at(30)), Met: 1},
			{Group: high, Target: sla.FollowUp, Warning: unixes(at(125)), Critical: unixes(at(185)), Due: unixes(at(245))},
			{Group: high, Target: sla.Resolution, Warning: unixes(at(240)), Critical: unixes(at(360)), Due: unixes(at(480)), Paused: 1},
			{Group: low, Target: sla.FirstResponse, Warning: unixes(at(722)), Critical: unixes(at(1082)), Due: unixes(at(1442))},
			{Group: low, Target: sla.Resolution, BestEffort: 1},
		},
		Outcomes: []tickets.OutcomeCount{
			{high, sla.FirstResponse, 2, 0},
			{high, sla.FollowUp, 0, 0},
			{high, sla.Resolution, 1, 0},
			{low, sla.FirstResponse, 0, 0},
			{low, sla.Resolution, 0, 0},
		},
		Urgent: []tickets.Deadline{
			deadline("1", high, sla.FirstResponse, start, start.Add(15*time.Minute), start.Add(22*time.Minute+30*time.Second), at(30)),
			deadline("2", high, sla.FollowUp, at(5), at(125), at(185), at(245)),
			deadline("1", high, sla.Resolution, start, at(240), at(360), at(480)),
			deadline("3", low, sla.FirstResponse, at(2), at(722), at(1082), at(1442)),
		},
	}
	if diff := cmp.Diff(want, d.Snapshot(), ignoreInner); diff != "" {
		t.Error(diff)
	}
}

func deadline(id string, g tickets.Group, target sla.Target, start, warning, critical, due time.Time) tickets.Deadline {
	return tickets.Deadline{
		Ticket: id, URL: "https://help.example/tickets/" + id, Group: g, Target: target,
		Start: start, Warning: warning, Critical: critical, Due: due,
	}
}

func TestNothingIsPublishedBeforeAllOpenTicketsWereRead(t *testing.T) {
	d := newDesk(t, nil)
	d.reconcile(after(1), ticket("1", start), ticket("2", start))
	d.restart()
	d.apply(after(2), ticket("1", start, updated(after(2))))
	if got := d.Snapshot(); !got.ReadAt.IsZero() || len(got.Open) > 0 || len(got.Targets) > 0 {
		t.Errorf("one of two tickets is published as if it were all: %+v", got)
	}
	d.reconcile(after(3), ticket("1", start, updated(after(2))), ticket("2", start))
	want := map[string]int{"acme high first_response running": 2, "acme high resolution running": 2}
	if diff := cmp.Diff(want, d.states(after(3))); diff != "" {
		t.Error(diff)
	}
}

// Where reading all open tickets took several polls, what was applied between is the later reading, and its rows the
// newer ones.
func TestWhatChangedWhileAllOpenTicketsWereReadStands(t *testing.T) {
	d := newDesk(t, nil)
	d.apply(after(10), ticket("1", start, asked(start), replied(after(8))))
	d.apply(after(25), ticket("2", after(20), asked(after(20))))
	missing := d.reconcile(after(5), ticket("1", start, asked(start)), ticket("2", after(20), asked(after(20))))
	s := d.Snapshot()
	if missing != nil || !s.ReadAt.Equal(after(25)) {
		t.Errorf("read at %v, want %v; missing %v", s.ReadAt, after(25), missing)
	}
	for _, u := range s.Urgent {
		if u.Ticket == "1" && u.Target == sla.FirstResponse {
			t.Errorf("the answer is forgotten: %+v", u)
		}
	}
}

func TestRowsMayRepeatAndComeLate(t *testing.T) {
	open := map[string]int{"acme high first_response running": 1, "acme high resolution running": 1}
	low := map[string]int{"acme low first_response running": 1, "acme low resolution best_effort": 1}
	for name, tc := range map[string]struct {
		rows []helpdesk.Ticket
		want map[string]int
	}{
		"a row that repeats changes nothing":             {[]helpdesk.Ticket{ticket("1", start), ticket("1", start)}, open},
		"the newer row of two counts":                    {[]helpdesk.Ticket{ticket("1", start), ticket("1", start, severity("low"), updated(after(1)))}, low},
		"an older row that comes late is ignored":        {[]helpdesk.Ticket{ticket("1", start, severity("low"), updated(after(1))), ticket("1", start)}, low},
		"of two rows of the same second the last counts": {[]helpdesk.Ticket{ticket("1", start), ticket("1", start, severity("low"))}, low},
		"a solved ticket stays solved":                   {[]helpdesk.Ticket{ticket("1", start, solved(after(1))), ticket("1", start)}, map[string]int{}},
		"a deleted ticket goes":                          {[]helpdesk.Ticket{ticket("1", start), {ID: "1", Gone: true}}, map[string]int{}},
		"a deleted ticket that is restored comes back":   {[]helpdesk.Ticket{{ID: "1", Gone: true, UpdatedAt: start}, ticket("1", start, updated(after(1)))}, open},
		"a date in the future keeps nothing out":         {[]helpdesk.Ticket{ticket("1", start, updated(after(600))), ticket("1", start, severity("low"), updated(after(2)))}, low},
	} {
		t.Run(name+", in one pass", func(t *testing.T) {
			d := newDesk(t, nil)
			d.apply(after(2), tc.rows...)
			if diff := cmp.Diff(tc.want, d.states(after(3))); diff != "" {
				t.Error(diff)
			}
		})
		t.Run(name+", pass by pass and over restarts", func(t *testing.T) {
			d := newDesk(t, nil)
			for i, row := range tc.rows {
				d.apply(after(2), row)
				if i == 0 && !row.Open() {
					d.restart()
					d.reconcile(after(2))
				}
			}
			if diff := cmp.Diff(tc.want, d.states(after(3))); diff != "" {
				t.Error(diff)
			}
		})
	}
}

func TestATicketThatIsNotAmongTheOpenOnesStaysUntilItWasLookedUp(t *testing.T) {
	d := newDesk(t, nil)
	d.reconcile(after(1), ticket("1", start), ticket("2", start), ticket("3", start), ticket("4", start, func(t *helpdesk.Ticket) { t.Form = "drop" }))
	missing := d.reconcile(after(2), ticket("1", start))
	if diff := cmp.Diff([]string{"2", "3"}, missing); diff != "" {
		t.Fatal(diff)
	}
	if got := d.states(after(2))["acme high first_response running"]; got != 3 {
		t.Errorf("%d tickets left before anybody looked for the missing ones, want 3", got)
	}
	if err := d.Refresh(&helpdesk.Pass{Tickets: []helpdesk.Ticket{ticket("2", start, solved(after(2)))}}, after(3)); err != nil {
		t.Fatal(err)
	}
	if err := d.Drop([]string{"3", "never seen"}, after(3)); err != nil {
		t.Fatal(err)
	}
	s := d.Snapshot()
	if got := d.states(after(3))["acme high first_response running"]; got != 1 || s.Vanished != 1 || s.Excluded != 0 {
		t.Errorf("got %d running, %d vanished, %d excluded; want 1, 1, 0", got, s.Vanished, s.Excluded)
	}
	if !s.ReadAt.Equal(after(2)) {
		t.Errorf("looking up single tickets moved ReadAt to %v: that hides that the rest was not read", s.ReadAt)
	}
}

func TestAnEmptyGroupIsZeroForADayAndThenForgotten(t *testing.T) {
	d := newDesk(t, nil)
	d.apply(after(0), ticket("1", start, severity("low")), ticket("2", start, policy("")))
	d.apply(after(1), ticket("1", start, severity("low"), solved(after(1))), ticket("2", start, policy(""), solved(after(1))))
	low := tickets.Group{Policy: "acme", Severity: "low"}
	none := tickets.Group{Severity: "high"}
	want := []tickets.OpenCount{
		{none, "new", 0},
		{none, "open", 0},
		{none, "pending", 0},
		{none, "on_hold", 0},
		{low, "new", 0},
		{low, "open", 0},
		{low, "pending", 0},
		{low, "on_hold", 0},
	}
	d.apply(after(24 * 60))
	if diff := cmp.Diff(want, d.Snapshot().Open); diff != "" {
		t.Errorf("a minute before the day is over: %s", diff)
	}
	if diff := cmp.Diff([]tickets.UncoveredCount{{"", sla.NoPolicy, 0}}, d.Snapshot().Uncovered); diff != "" {
		t.Errorf("a minute before the day is over: %s", diff)
	}
	d.apply(after(24*60 + 1))
	if s := d.Snapshot(); len(s.Open)+len(s.Targets)+len(s.Uncovered) > 0 {
		t.Errorf("after a day without tickets the group is still there: %+v", s)
	}
	wantOutcomes := []tickets.OutcomeCount{{low, sla.FirstResponse, 1, 0}}
	if diff := cmp.Diff(wantOutcomes, d.Snapshot().Outcomes); diff != "" {
		t.Errorf("a counter must not go with its group: %s", diff)
	}
}

func TestUrgentHasTheTicketsThatAreDueFirst(t *testing.T) {
	d := newDesk(t, func(o *tickets.Options) { o.Urgent = 2 })
	d.apply(after(5),
		ticket("late", after(3)), ticket("first", after(1)), ticket("second", after(2)),
		ticket("none", after(1), policy("")),
	)
	var got []string
	for _, u := range d.Snapshot().Urgent {
		got = append(got, u.Ticket+" "+string(u.Target))
	}
	want := []string{"first first_response", "second first_response", "first resolution", "second resolution"}
	if diff := cmp.Diff(want, got); diff != "" {
		t.Error(diff)
	}
	if got := d.Snapshot().Dropped; got != 1 {
		t.Errorf("dropped %d, want 1: the ticket without a deadline is not one that Urgent has no room for", got)
	}
}

func TestWhatWasNotUnderstoodIsCounted(t *testing.T) {
	d := newDesk(t, nil)
	pass := &helpdesk.Pass{Tickets: []helpdesk.Ticket{
		{URL: "https://help.example/tickets/", Status: sla.StatusOpen},
		ticket("1", start, field("unmapped", "valid")),
	}, BadRows: 2}
	pass.Unknown("status", "parked")
	if err := d.Apply(pass, after(1)); err != nil {
		t.Fatal(err)
	}
	s := d.Snapshot()
	want := []tickets.FieldCount{{"status", 1}, {"valid", 1}}
	if diff := cmp.Diff(want, s.Unmapped); diff != "" || s.BadRows != 3 {
		t.Errorf("%d bad rows, want 3: the row without an id is one too\n%s", s.BadRows, diff)
	}
}

func TestATicketWithoutADateIsOpenedWhenItWasFirstSeen(t *testing.T) {
	d := newDesk(t, nil)
	undated := ticket("1", time.Time{})
	d.apply(after(1), undated)
	d.restart()
	d.reconcile(after(20), undated)
	if got := d.due("1", sla.FirstResponse); !got.Equal(after(31)) {
		t.Errorf("due %v, want %v", got, after(31))
	}
}

func TestALinkIsKeptWhetherOrNotItHasTheTicketsID(t *testing.T) {
	for _, url := range []string{"https://help.example/tickets/77/view", "https://help.example/board", "", "77"} {
		d := newDesk(t, nil)
		d.apply(after(1), ticket("77", start, func(t *helpdesk.Ticket) { t.URL = url }))
		if got := d.Snapshot().Urgent[0].URL; got != url {
			t.Errorf("link %q became %q", url, got)
		}
	}
}
