package zendesk

import (
	"maps"
	"strings"
	"testing"
	"time"

	"whatsapp_sla_exporter/internal/helpdesk"
	"whatsapp_sla_exporter/internal/simulator/fault"
	simulator "whatsapp_sla_exporter/internal/simulator/zendesk"
	"whatsapp_sla_exporter/internal/sla"
	"whatsapp_sla_exporter/internal/upstream"
)

type statesOf = map[string]sla.Status

func TestChangesReadsOnlyWhatChanged(t *testing.T) {
	d := newDesk(t)
	d.Create(simulator.Seed{ID: 1, Priority: "high"})
	d.Create(simulator.Seed{ID: 2, Priority: "urgent"})
	d.pass(10 * time.Minute)
	first := d.changes(t, "")
	if x := diff(statesOf{"1": "new", "2": "new"}, states(first)); x != "" {
		t.Fatal(x)
	}
	must(t, d.AgentReply(1))
	d.pass(3 * time.Minute)
	second := d.changes(t, first.Cursor)
	if got := find(t, second, "1"); got.Status != "open" || !got.FirstResponseAt.Equal(epoch.Add(10*time.Minute)) {
		t.Errorf("ticket 1 is %s, answered %v", got.Status, got.FirstResponseAt)
	}
	if second.Cursor == first.Cursor || second.More || second.Gap {
		t.Errorf("cursor %q after %q, more %v, gap %v", second.Cursor, first.Cursor, second.More, second.Gap)
	}
	must(t, d.Delete(2))
	d.pass(3 * time.Minute)
	if got := find(t, d.changes(t, second.Cursor), "2"); !got.Gone {
		t.Error("a deleted ticket is not gone")
	}
}

func TestChangesOfTheLastMinuteComeFromTheList(t *testing.T) {
	d := newDesk(t)
	d.Create(simulator.Seed{ID: 1, Priority: "high"})
	d.pass(10 * time.Minute)
	p := d.changes(t, "")
	must(t, d.AgentReply(1))
	d.pass(time.Second)
	if got := find(t, d.changes(t, p.Cursor), "1"); got.FirstResponseAt.IsZero() {
		t.Error("an answer of a second ago, which the export still leaves out, is not seen")
	}
}

func TestChangesThatOnlyTheSystemSawAreRead(t *testing.T) {
	d := newDesk(t)
	d.Create(simulator.Seed{ID: 1, Priority: "high"})
	for id := range int64(150) {
		d.Create(simulator.Seed{ID: 1000 + id, At: epoch.Add(time.Hour)})
	}
	d.pass(2 * time.Hour)
	p := d.changes(t, "")
	must(t, d.Touch(1))
	d.pass(2 * time.Minute)
	find(t, d.changes(t, p.Cursor), "1")
}

func TestChangesStayInsideTheBudgetOfALongHistory(t *testing.T) {
	d := newDesk(t, func(_ *simulator.Options, o *Options) { o.PageSize = 10 })
	for id := range int64(120) {
		d.Create(simulator.Seed{ID: id + 1, At: epoch.Add(-24 * time.Hour).Add(time.Duration(id) * time.Second)})
	}
	all, cursor, passes := statesOf{}, "", 0
	for more := true; more; passes++ {
		p := d.changes(t, cursor)
		maps.Copy(all, states(p))
		more, cursor = p.More, p.Cursor
		d.pass(time.Minute)
	}
	if len(all) != 120 || passes != 3 {
		t.Errorf("read %d tickets in %d passes, want 120 in 3 of 5 pages at most", len(all), passes)
	}
}

func TestChangesBeginNoEarlierThanTheLookback(t *testing.T) {
	d := newDesk(t, func(_ *simulator.Options, o *Options) { o.Lookback = time.Hour })
	for id := range int64(200) {
		d.Create(simulator.Seed{ID: id + 1, At: epoch.Add(-48 * time.Hour)})
	}
	d.Create(simulator.Seed{ID: 1000, At: epoch.Add(-30 * time.Minute)})
	got := states(d.changes(t, ""))
	if len(got) > fullPage || got["1000"] != "new" {
		t.Errorf("read %d tickets, want the recent one and at most a page of the list", len(got))
	}
}

func TestFailureInTheMiddleKeepsTheCursorAndWhatWasRead(t *testing.T) {
	for name, f := range map[string]struct {
		fault fault.Fault
		want  upstream.Reason
		after time.Duration
	}{
		"a page of HTML":             {fault.Fault{Kind: fault.HTML}, upstream.Decode, 0},
		"truncated JSON":             {fault.Fault{Kind: fault.Truncated}, upstream.Decode, 0},
		"throttled with Retry-After": {fault.Fault{Kind: fault.Throttled, RetryAfter: 37 * time.Second}, upstream.Throttled, 37 * time.Second},
		"throttled without":          {fault.Fault{Kind: fault.Throttled}, upstream.Throttled, 0},
		"an internal error":          {fault.Fault{Kind: fault.ServerError}, upstream.Server, 0},
		"unavailable":                {fault.Fault{Kind: fault.Unavailable, RetryAfter: 5 * time.Second}, upstream.Server, 5 * time.Second},
		"a page that repeats":        {fault.Fault{Kind: fault.Repeat}, upstream.Decode, 0},
		"credentials refused":        {fault.Fault{Kind: fault.Unauthorized}, upstream.Auth, 0},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			d := newDesk(t, func(_ *simulator.Options, o *Options) { o.PageSize = 10 })
			for id := range int64(30) {
				d.Create(simulator.Seed{ID: id + 1, At: epoch.Add(-time.Hour)})
			}
			f.fault.Path, f.fault.After = "/api/v2/incremental/tickets/cursor", 1
			d.Fail(f.fault)
			p, err := d.client.Changes(t.Context(), "")
			if got := upstream.ReasonOf(err); got != f.want || upstream.RetryAfterOf(err) != f.after {
				t.Fatalf("reason %s, Retry-After %v, want %s, %v: %v", got, upstream.RetryAfterOf(err), f.want, f.after, err)
			}
			if strings.Contains(err.Error(), secret) || strings.Contains(err.Error(), "start_time=") {
				t.Errorf("the error tells too much: %v", err)
			}
			if len(p.Tickets) != 10 || p.Cursor != "" {
				t.Errorf("%d tickets and cursor %q, want the 10 of the first page and the cursor it began with", len(p.Tickets), p.Cursor)
			}
			d.Heal()
			if got := len(d.changes(t, p.Cursor).Tickets); got != 30 {
				t.Errorf("read %d tickets after the failure, want 30", got)
			}
		})
	}
}

func TestChangesResumeAfterARestart(t *testing.T) {
	d := newDesk(t)
	d.Create(simulator.Seed{ID: 1})
	d.pass(5 * time.Minute)
	cursor := d.changes(t, "").Cursor
	d.Create(simulator.Seed{ID: 2})
	d.pass(24 * time.Hour)
	other, err := New(d.client.o)
	must(t, err)
	p, err := other.Changes(t.Context(), cursor)
	must(t, err)
	if got := states(p); got["2"] != "new" || p.More {
		t.Errorf("a new client with the old cursor reads %v", got)
	}
}

func TestCursorThatZendeskDoesNotTakeAnyMore(t *testing.T) {
	d := newDesk(t)
	d.Create(simulator.Seed{ID: 1, At: epoch.Add(-10 * time.Minute)})
	d.Create(simulator.Seed{ID: 2, At: epoch.Add(-5 * time.Minute)})
	stale := cursor{at: epoch.Add(-5 * time.Minute), export: "bm8="}.String()
	p := d.changes(t, stale)
	if x := diff(statesOf{"1": "new", "2": "new"}, states(p)); x != "" {
		t.Error(x)
	}
	if p.Cursor == stale {
		t.Error("the stale cursor is kept")
	}
}

func TestAgentsTokenReadsTheList(t *testing.T) {
	d := newDesk(t, withToken("agents-token"))
	for id := range int64(20) {
		d.Create(simulator.Seed{ID: id + 1, Priority: "high", At: epoch.Add(-time.Hour)})
	}
	p := d.changes(t, "")
	if len(p.Tickets) != 20 || p.Gap {
		t.Fatalf("%d tickets, gap %v", len(p.Tickets), p.Gap)
	}
	want := []helpdesk.NativeTarget{
		{Target: sla.FirstResponse, Start: epoch.Add(-time.Hour), Due: epoch},
		{Target: sla.Resolution, Start: epoch.Add(-time.Hour), Due: epoch.Add(7 * time.Hour)},
	}
	if x := diff(want, find(t, p, "7").Native); x != "" {
		t.Error(x)
	}
	must(t, d.AgentReply(7))
	d.pass(time.Minute)
	before := d.Calls()
	if got := find(t, d.changes(t, p.Cursor), "7"); got.FirstResponseAt.IsZero() {
		t.Error("the answer is not seen")
	}
	after := d.Calls()
	if n := after["/api/v2/incremental/tickets/cursor"] - before["/api/v2/incremental/tickets/cursor"]; n != 0 {
		t.Errorf("the export was tried %d times again right away", n)
	}
	if got := len(d.open(t).Tickets); got != 20 {
		t.Errorf("an agent reads %d open tickets, want 20", got)
	}
}

func TestAgentsTokenTellsOfAGap(t *testing.T) {
	d := newDesk(t, withToken("agents-token"))
	for id := range int64(recentPages*fullPage + 1) {
		d.Create(simulator.Seed{ID: id + 1, At: epoch.Add(-time.Hour)})
	}
	p := d.changes(t, "")
	if len(p.Tickets) != recentPages*fullPage || !p.Gap {
		t.Errorf("%d tickets, gap %v, want the newest %d and a gap", len(p.Tickets), p.Gap, recentPages*fullPage)
	}
	d.pass(time.Minute)
	if d.changes(t, p.Cursor).Gap {
		t.Error("the next pass has a gap too")
	}
}

func TestAgentWhoBecomesAdminGoesOnFromTheSameTime(t *testing.T) {
	d := newDesk(t)
	d.Create(simulator.Seed{ID: 1, At: epoch.Add(-10 * time.Minute)})
	p := d.changes(t, cursor{at: epoch.Add(-11 * time.Minute)}.String())
	if x := diff(statesOf{"1": "new"}, states(p)); x != "" {
		t.Error(x)
	}
}

func TestOddRows(t *testing.T) {
	for name, tc := range map[string]struct {
		fault    simulator.RowFault
		want     statesOf
		bad      int
		unmapped map[string]int
	}{
		"a ticket without a date is skipped and counted":  {simulator.NoDate, statesOf{"2": "new"}, 1, nil},
		"a date that is none is no date":                  {simulator.BadDate, statesOf{"2": "new"}, 1, nil},
		"a field of a strange type costs only its ticket": {simulator.WrongType, statesOf{"2": "new"}, 1, nil},
		"a status nobody mapped is taken for open":        {simulator.UnknownStatus, statesOf{"1": "open", "2": "new"}, 0, map[string]int{"status": 1}},
	} {
		t.Run(name, func(t *testing.T) {
			d := newDesk(t)
			d.Create(simulator.Seed{ID: 1})
			d.Create(simulator.Seed{ID: 2})
			must(t, d.Spoil(1, tc.fault))
			d.pass(5 * time.Minute)
			p := d.open(t)
			if x := diff(tc.want, states(p)); x != "" || p.BadRows != tc.bad {
				t.Errorf("%d bad rows, %s", p.BadRows, x)
			}
			if x := diff(tc.unmapped, p.Unmapped); x != "" {
				t.Error(x)
			}
			looked, err := d.client.Lookup(t.Context(), []string{"1"})
			must(t, err)
			if len(looked.Tickets) > 0 && looked.Tickets[0].Gone {
				t.Error("a row that cannot be read is taken for a ticket that is gone")
			}
		})
	}
}

func TestClockThatIsOff(t *testing.T) {
	for name, off := range map[string]time.Duration{"ahead": 3 * time.Hour, "behind": -3 * time.Hour} {
		t.Run(name, func(t *testing.T) {
			d := newDesk(t)
			client, err := New(func() Options {
				o := d.client.o
				o.Now = func() time.Time { return d.Now().Add(-off) }
				o.Lookback = time.Minute
				return o
			}())
			must(t, err)
			d.Create(simulator.Seed{ID: 1, At: epoch.Add(-30 * time.Second)})
			p, err := client.Changes(t.Context(), "")
			must(t, err)
			if p.Skew != off || states(p)["1"] != "new" {
				t.Errorf("skew %v, want %v; tickets %v", p.Skew, off, states(p))
			}
		})
	}
}

// A row that was updated in the future says nothing about what was read until then.
func TestADateInTheFutureMovesNoCursor(t *testing.T) {
	for name, token := range map[string]string{"an admin's token": secret, "an agent's token": "agents-token"} {
		t.Run(name, func(t *testing.T) {
			d := newDesk(t, withToken(token))
			for id := range int64(smallBatch + 2) {
				d.Create(simulator.Seed{ID: id + 1, At: epoch.Add(-time.Hour)})
			}
			must(t, d.Spoil(1, simulator.FarFuture))
			d.pass(5 * time.Minute)
			p := d.changes(t, "")
			c, ok := parseCursor(p.Cursor)
			if !ok || c.at.After(d.Now()) {
				t.Errorf("the cursor is at %v", c.at)
			}
			for id := range int64(smallBatch + 2) {
				must(t, d.AgentReply(id+1))
			}
			d.pass(5 * time.Minute)
			if got := states(d.changes(t, p.Cursor)); len(got) != smallBatch+2 {
				t.Errorf("read %d tickets, want all %d", len(got), smallBatch+2)
			}
		})
	}
}

func TestClockThatIsRightHasNoSkew(t *testing.T) {
	d := newDesk(t)
	d.SetClockOff(time.Second)
	if got := d.changes(t, "").Skew; got != 0 {
		t.Errorf("skew %v", got)
	}
}

func TestPagesThatAreTooLargeShrink(t *testing.T) {
	d := newDesk(t, func(_ *simulator.Options, o *Options) { o.Upstream.MaxBody = 100_000 })
	for id := range int64(60) {
		d.Create(simulator.Seed{ID: id + 1, At: epoch.Add(-time.Hour)})
	}
	p := d.changes(t, "")
	for p.More {
		p = d.changes(t, p.Cursor)
	}
	if d.client.pageSize >= 60 {
		t.Errorf("pages of %d rows", d.client.pageSize)
	}
}
