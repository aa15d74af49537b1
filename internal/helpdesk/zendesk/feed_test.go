package zendesk

import (
	"math/rand"
	"slices"
	"testing"
	"time"

	simulator "whatsapp_sla_exporter/internal/simulator/zendesk"
	"whatsapp_sla_exporter/internal/sla"
)

const exportOfEvents = "/api/v2" + eventsPath

// newBareDesk is an account whose tickets come with neither SLAs nor metric events.
func newBareDesk(t testing.TB, change ...func(*simulator.Options, *Options)) *desk {
	t.Helper()
	d := newDesk(t, change...)
	d.SetSideloads(simulator.Sideloads{MetricSets: true})
	return d
}

// caughtUp polls, without any time between, until all metric events are read, and returns the cursor.
func (d *desk) caughtUp(t testing.TB) (cursor string) {
	t.Helper()
	return d.changes(t, d.changes(t, "").Cursor).Cursor
}

// catchUp polls every minute until all metric events are read, and returns the cursor.
func (d *desk) catchUp(t testing.TB, cursor string) string {
	t.Helper()
	for range 10 {
		d.pass(time.Minute)
		p := d.changes(t, cursor)
		if cursor = p.Cursor; p.Gap {
			return cursor
		}
	}
	t.Fatal("the metric events never end")
	return ""
}

// crowd fills the first page of the ticket list, which every poll reads, with tickets of now that have no SLA.
func (d *desk) crowd() {
	for id := range int64(smallBatch) {
		d.Create(simulator.Seed{ID: 1000 + id})
	}
	d.pass(5 * time.Minute)
}

// dues are the deadlines of a ticket by target, in minutes after the epoch; -1: paused.
func dues(native []target) map[sla.Target]int {
	out := map[sla.Target]int{}
	for _, n := range native {
		if out[n.Target] = int(n.Due.Sub(epoch) / time.Minute); n.Paused {
			out[n.Target] = -1
		}
	}
	return out
}

type duesOf = map[sla.Target]int

// The first poll finds out that deadlines are missing, the second reads the events, all open tickets are then read
// again, and from then on a poll costs one call more.
func TestMetricEventsAreReadWhereTicketsComeWithoutDeadlines(t *testing.T) {
	d := newBareDesk(t)
	d.Create(simulator.Seed{ID: 1, Priority: "urgent", At: epoch.Add(-10 * time.Minute)})
	first := d.changes(t, "")
	if got := find(t, first, "1").Native; len(got) > 0 || first.Gap {
		t.Errorf("the first poll has %v, gap %v", got, first.Gap)
	}
	second := d.changes(t, first.Cursor)
	if !second.Gap {
		t.Error("nobody asks for all open tickets once the deadlines are known")
	}
	if x := diff(duesOf{sla.FirstResponse: 20, sla.Resolution: 230}, dues(find(t, d.open(t), "1").Native)); x != "" {
		t.Error(x)
	}
	d.pass(5 * time.Minute)
	want := map[string]int{"/api/v2/incremental/tickets/cursor": 1, "/api/v2/tickets": 1, exportOfEvents: 1}
	if x := diff(want, d.spent(func() { d.changes(t, second.Cursor) })); x != "" {
		t.Error(x)
	}
}

func TestAPolicyThatWasEditedBringsItsTicketsAlthoughNothingElseChanged(t *testing.T) {
	d := newBareDesk(t)
	for id := range int64(3) {
		d.Create(simulator.Seed{ID: id + 1, Priority: "urgent", At: epoch.Add(-20 * time.Minute)})
	}
	must(t, d.SetStatus(3, "solved"))
	d.pass(time.Second)
	d.crowd()
	cursor := d.caughtUp(t)
	d.EditPolicies([]simulator.Policy{{ID: 71, Targets: map[string]map[string]time.Duration{"urgent": {"first_reply_time": time.Hour}}}})
	d.pass(5 * time.Minute)
	p := d.changes(t, cursor)
	if got := states(p); got["1"] != "new" || got["2"] != "new" || got["3"] != "" {
		t.Fatal(got)
	}
	if x := diff(duesOf{sla.FirstResponse: 40}, dues(find(t, p, "1").Native)); x != "" {
		t.Error(x)
	}
	d.pass(5 * time.Minute)
	if again := states(d.changes(t, p.Cursor)); again["1"] != "" {
		t.Errorf("the same events bring %v again", again)
	}
}

func TestMoreNewsThanABudgetHasRoomForAskForAllOpenTickets(t *testing.T) {
	d := newBareDesk(t)
	d.client.batch = 1
	for id := range int64(newsBatches + 1) {
		d.Create(simulator.Seed{ID: id + 1, Priority: "urgent", At: epoch.Add(-20 * time.Minute)})
	}
	d.crowd()
	cursor := d.caughtUp(t)
	d.EditPolicies(nil)
	d.pass(5 * time.Minute)
	if p := d.changes(t, cursor); !p.Gap || states(p)["1"] != "" {
		t.Errorf("gap %v, %v", p.Gap, states(p))
	}
}

// Zendesk may write an event down later than the ticket shows it: the deadline then ends a poll later.
func TestEventsThatComeLate(t *testing.T) {
	d := newBareDesk(t, func(o *simulator.Options, _ *Options) { o.EventDelay = 100 * time.Second })
	d.Create(simulator.Seed{ID: 1, Priority: "urgent", At: epoch.Add(-10 * time.Minute)})
	cursor := d.caughtUp(t)
	must(t, d.AgentReply(1))
	d.pass(30 * time.Second)
	p := d.changes(t, cursor)
	if got := find(t, p, "1"); got.Status != sla.StatusOpen || !got.Native[0].MetAt.IsZero() {
		t.Errorf("status %s, %+v", got.Status, got.Native)
	}
	d.pass(80 * time.Second)
	if got := find(t, d.changes(t, p.Cursor), "1"); !got.Native[0].MetAt.Equal(epoch) || !got.FirstResponseAt.Equal(epoch) {
		t.Errorf("answered %v, %+v", got.FirstResponseAt, got.Native)
	}
}

func TestInBusinessHoursTheAnnouncedBreachIsTheDeadline(t *testing.T) {
	business := []simulator.Policy{{ID: 1, BusinessHours: true, Targets: policies[0].Targets}}
	d := newBareDesk(t, func(o *simulator.Options, _ *Options) { o.Policies = business })
	d.Create(simulator.Seed{ID: 1, Priority: "high"})
	d.pass(10 * time.Minute)
	cursor := d.caughtUp(t)
	must(t, d.SetPriority(1, "urgent"))
	d.pass(time.Minute)
	p := d.changes(t, cursor)
	if x := diff(duesOf{sla.FirstResponse: 30, sla.Resolution: 240}, dues(find(t, p, "1").Native)); x != "" || len(p.Unmapped) > 0 {
		t.Errorf("%s, unmapped %v", x, p.Unmapped)
	}
}

// Of a ticket that is older than what was read, the last message is known and not the first.
func TestATicketOlderThanTheMetricEventsThatWereRead(t *testing.T) {
	d := newBareDesk(t, func(_ *simulator.Options, o *Options) { o.Lookback = time.Hour })
	d.Create(simulator.Seed{ID: 1, Priority: "high"})
	d.pass(10 * time.Minute)
	must(t, d.AgentReply(1))
	d.pass(3 * time.Hour)
	must(t, d.CustomerMessage(1))
	d.pass(5 * time.Minute)
	d.caughtUp(t)
	got := find(t, d.open(t), "1")
	if x := diff(duesOf{sla.NextResponse: 250, sla.Resolution: 480}, dues(got.Native)); x != "" {
		t.Error(x)
	}
	if !got.FirstResponseAt.Equal(minute(10)) || !got.WaitingSince.Equal(minute(190)) || got.PausesKnown {
		t.Errorf("first response %v, waiting %v, pauses known %v", got.FirstResponseAt, got.WaitingSince, got.PausesKnown)
	}
}

// Rows that tell of deadlines again end the feed, and what it kept.
func TestMetricEventsAreNotReadAnyMoreOnceTicketsHaveDeadlines(t *testing.T) {
	d := newBareDesk(t)
	d.Create(simulator.Seed{ID: 1, Priority: "urgent"})
	d.pass(5 * time.Minute)
	cursor := d.caughtUp(t)
	d.open(t)
	d.SetSideloads(simulator.Sideloads{SLAs: true})
	must(t, d.AgentReply(1))
	d.pass(3 * time.Minute)
	d.open(t)
	cursor = d.changes(t, cursor).Cursor
	d.pass(time.Minute)
	if n := d.spent(func() { d.changes(t, cursor) })[exportOfEvents]; n != 0 || len(d.client.feed.tickets) != 0 {
		t.Errorf("%d calls, %d tickets kept", n, len(d.client.feed.tickets))
	}
}

// A single ticket without SLAs, on an endpoint that has them, is one that no policy applies to.
func TestOneBareTicketAmongOthersChangesNothing(t *testing.T) {
	f := newEventFeed(&Options{}, "")
	rich, bare := row{ID: 1, MetricEvents: map[string][]metricEvent{}}, row{ID: 2, Status: "open"}
	for i, step := range []struct {
		rows []row
		at   int
		on   bool
	}{
		{[]row{bare, rich}, 0, false},
		{[]row{bare}, 5, false},
		{[]row{{ID: 3, Status: "solved"}, {ID: 4, Status: statusDeleted}}, 30, false},
		{[]row{bare}, 30, true},
		{nil, 31, true},
		{[]row{rich}, 32, false},
	} {
		if on, _ := f.saw(list, step.rows, minute(step.at)); on != step.on {
			t.Errorf("step %d: on %v", i, on)
		}
	}
}

// Pages overlap, come again and in any order; what is known in the end is the same.
func TestFactsAreTheSameInWhateverOrderTheyCome(t *testing.T) {
	told := []fact{{ID: 1, At: 10}, {ID: 2, At: 20, Target: 60}, {ID: 3, At: 30}, {ID: 3, At: 30, Deleted: true}, {ID: 5, At: 5}}
	want := []fact{told[0], told[1], told[3], told[4]}
	rnd := rand.New(rand.NewSource(1))
	for range 100 {
		order := append(slices.Clone(told), told[rnd.Intn(len(told))])
		rnd.Shuffle(len(order), func(i, j int) { order[i], order[j] = order[j], order[i] })
		var got []fact
		for _, f := range order {
			got, _ = addFact(got, f)
		}
		if x := diff(want, got); x != "" {
			t.Fatalf("%v: %s", order, x)
		}
	}
}

// The feed is read on a little before where it was read to, and from the beginning where it never was.
func TestWhereMetricEventsAreReadOn(t *testing.T) {
	f := newEventFeed(&Options{}, "")
	if _, _, ok := f.start(minute(0), minute(-60)); ok {
		t.Error("read although nobody needs it")
	}
	f.on = true
	if at, worked, ok := f.start(minute(0), minute(-60)); !ok || worked || !at.Equal(minute(-60)) {
		t.Errorf("the first time at %v, worked %v", at, worked)
	}
	f.passed(minute(10), minute(11), true)
	f.passed(minute(5), minute(11), true)
	if at, worked, ok := f.start(minute(12), minute(-60)); !ok || !worked || !at.Equal(minute(7)) {
		t.Errorf("then at %v, worked %v", at, worked)
	}
	f.unreadable(minute(60))
	if _, _, ok := f.start(minute(59), minute(-60)); ok {
		t.Error("read although it is not allowed")
	}
}

func TestWherePagesOfMetricEventsEnd(t *testing.T) {
	yes, no := true, false
	for name, tc := range map[string]struct {
		events int
		end    int // minutes after the epoch; -1: null
		stream *bool
		next   int // seconds after the epoch
		last   bool
	}{
		"nothing":                                {0, -1, nil, 600, true},
		"a page that is not full":                {fullEvents - 1, 20, nil, 1200, true},
		"a full page":                            {fullEvents, 20, nil, 1200, false},
		"a full page that says it is the last":   {fullEvents, 20, &yes, 1200, true},
		"a full page that says there is more":    {fullEvents, 20, &no, 1200, false},
		"a full page that ends in the future":    {fullEvents, 90, nil, 5400, true},
		"a full page of one second":              {fullEvents, 10, nil, 601, false},
		"a full page of what changed afterwards": {fullEvents, 5, nil, 300, true},
	} {
		t.Run(name, func(t *testing.T) {
			page := eventPage{Events: make(rows, tc.events), EndOfStream: tc.stream}
			if tc.end >= 0 {
				end := minute(tc.end).Unix()
				page.EndTime = &end
			}
			next, last := page.next(minute(10), minute(60))
			if want := epoch.Add(time.Duration(tc.next) * time.Second); !next.Equal(want) || last != tc.last {
				t.Errorf("goes on at %v, last %v; want %v", next, last, want)
			}
		})
	}
}

// Of a ticket that is not open the events are kept for a week, because it may be reopened.
func TestEventsOfTicketsThatAreNotOpenAreForgottenAfterAWeek(t *testing.T) {
	f := newEventFeed(&Options{}, "")
	old, late := minute(0).Add(-keepEvents-time.Hour).Unix(), minute(0).Add(-keepEvents+time.Hour).Unix()
	f.tickets = map[int64][]fact{1: {{ID: 1, At: old}}, 2: {{ID: 2, At: old}, {ID: 3, At: minute(90).Unix()}}, 3: {{ID: 4, At: late}}, 4: {{ID: 5, At: old}}}
	f.sweep([]string{"4"}, minute(0))
	var left []int64
	for id := range f.tickets {
		left = append(left, id)
	}
	slices.Sort(left)
	if x := diff([]int64{3, 4}, left); x != "" || !f.changed[1] || !f.changed[2] {
		t.Errorf("%s, to be kept anew %v", x, f.changed)
	}
}
