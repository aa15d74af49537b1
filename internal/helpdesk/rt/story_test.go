package rt

import (
	"testing"
	"time"

	"whatsapp_sla_exporter/internal/helpdesk"
	"whatsapp_sla_exporter/internal/helpdesk/desktest"
	"whatsapp_sla_exporter/internal/loose"
	simulator "whatsapp_sla_exporter/internal/simulator/rt"
	"whatsapp_sla_exporter/internal/sla"
)

const (
	customer  = 37
	agent     = 29
	colleague = 31
)

// happened is a transaction so many minutes after desktest.Epoch.
type happened struct {
	minute     int
	by         int64
	kind       loose.Text
	before, to string
}

func tell(events []happened) *story {
	s := &story{}
	for i, e := range events {
		t := transaction{
			ID: number{N: int64(i + 1)}, Type: e.kind, Old: loose.Text(e.before), New: loose.Text(e.to), Ticket: number{N: 1},
			Creator: reference{number{N: e.by}}, Created: instant{after(time.Duration(e.minute) * time.Minute)},
		}
		if e.kind == "Due" {
			t.Type, t.Field = "Set", "Due"
		}
		s.tell(&t, momentOf(desktest.Epoch), []int64{customer})
	}
	return s
}

func minutes(n int) moment { return momentOf(after(time.Duration(n) * time.Minute)) }

func TestWhoWroteWhen(t *testing.T) {
	type said struct{ First, Last, Message, Waiting moment }
	for name, tc := range map[string]struct {
		events []happened
		want   said
	}{
		"a customer opens": {
			[]happened{{0, customer, "Create", "", ""}},
			said{Message: minutes(0), Waiting: minutes(0)},
		},
		"an agent opens for a customer": {
			[]happened{{0, agent, "Create", "", ""}},
			said{},
		},
		"RT opens later than the ticket says, which counts": {
			[]happened{{5, customer, "Create", "", ""}},
			said{Message: minutes(0), Waiting: minutes(0)},
		},
		"a comment is no answer": {
			[]happened{{0, customer, "Create", "", ""}, {1, agent, "Comment", "", ""}},
			said{Message: minutes(0), Waiting: minutes(0)},
		},
		"RT's own words are no answer": {
			[]happened{{0, customer, "Create", "", ""}, {1, system, "Correspond", "", ""}},
			said{Message: minutes(0), Waiting: minutes(0)},
		},
		"two agents answer": {
			[]happened{{0, customer, "Create", "", ""}, {1, agent, "Correspond", "", ""}, {3, colleague, "Correspond", "", ""}},
			said{First: minutes(1), Last: minutes(3), Message: minutes(0)},
		},
		"the oldest unanswered message counts": {
			[]happened{{0, customer, "Create", "", ""}, {1, agent, "Correspond", "", ""}, {2, customer, "Correspond", "", ""}, {4, customer, "Correspond", "", ""}},
			said{First: minutes(1), Last: minutes(1), Message: minutes(4), Waiting: minutes(2)},
		},
	} {
		t.Run(name, func(t *testing.T) {
			s := tell(tc.events)
			if x := diff(tc.want, said{s.first, s.last, s.message, s.waiting}); x != "" {
				t.Error(x)
			}
		})
	}
}

func TestATransactionIsToldOnce(t *testing.T) {
	s := tell([]happened{{0, customer, "Create", "", ""}, {1, agent, "Correspond", "", ""}})
	s.tell(&transaction{ID: number{N: 2}, Type: "Correspond", Creator: reference{number{N: agent}}, Created: instant{after(time.Hour)}}, 0, nil)
	if s.last != minutes(1) {
		t.Errorf("the last answer is %v", s.last.time())
	}
}

func TestPauses(t *testing.T) {
	status := func(name string) sla.Status {
		return map[string]sla.Status{"stalled": sla.StatusPending, "vendor": sla.StatusOnHold, "resolved": sla.StatusSolved}[name]
	}
	span := func(from, to int, s sla.Status) sla.Span {
		out := sla.Span{From: minutes(from).time(), Status: s}
		if to > 0 {
			out.To = minutes(to).time()
		}
		return out
	}
	for name, tc := range map[string]struct {
		events []happened
		now    string
		want   []sla.Span
	}{
		"none": {[]happened{{0, agent, "Create", "", ""}, {1, agent, "Status", "new", "open"}}, "open", nil},
		"pending since": {
			[]happened{{0, agent, "Create", "", ""}, {1, agent, "Status", "new", "stalled"}},
			"stalled",
			[]sla.Span{span(1, 0, sla.StatusPending)},
		},
		"pending, on hold, pending from the beginning": {
			[]happened{{0, agent, "Create", "", ""}, {2, agent, "Status", "stalled", "vendor"}, {3, agent, "Status", "vendor", "open"}, {5, agent, "Status", "open", "stalled"}},
			"stalled",
			[]sla.Span{span(0, 2, sla.StatusPending), span(2, 3, sla.StatusOnHold), span(5, 0, sla.StatusPending)},
		},
		"opened as pending and still so": {
			[]happened{{0, agent, "Create", "", ""}},
			"stalled",
			[]sla.Span{span(0, 0, sla.StatusPending)},
		},
		"solved and reopened": {
			[]happened{{0, agent, "Create", "", ""}, {1, agent, "Status", "new", "resolved"}, {4, agent, "Status", "resolved", "open"}},
			"open",
			[]sla.Span{span(1, 4, "")},
		},
		"solved is no pause while it lasts": {
			[]happened{{0, agent, "Create", "", ""}, {1, agent, "Status", "new", "resolved"}}, "resolved", nil,
		},
		"to and fro within a second": {
			[]happened{{0, agent, "Create", "", ""}, {1, agent, "Status", "new", "stalled"}, {1, agent, "Status", "stalled", "open"}}, "open", nil,
		},
		"the row is ahead of what was told": {
			[]happened{{0, agent, "Create", "", ""}, {1, agent, "Status", "new", "open"}},
			"stalled",
			[]sla.Span{span(9, 0, sla.StatusPending)},
		},
	} {
		t.Run(name, func(t *testing.T) {
			if x := diff(tc.want, tell(tc.events).pauses(status, tc.now, minutes(9))); x != "" {
				t.Error(x)
			}
		})
	}
}

// RT has one due date, and how it moves tells what it was for.
func TestNativeDeadlines(t *testing.T) {
	one := func(target sla.Target, start, due, met time.Duration) helpdesk.NativeTarget {
		n := helpdesk.NativeTarget{Target: target, Start: after(start), Due: after(due)}
		if met > 0 {
			n.MetAt = after(met)
		}
		return n
	}
	const first, next, resolution = sla.FirstResponse, sla.NextResponse, sla.Resolution
	answer := simulator.Level{Response: time.Hour}
	both := simulator.Level{Response: time.Hour, Resolve: 8 * time.Hour, Ignore: []string{"stalled"}}
	solve := simulator.Level{Resolve: 8 * time.Hour}
	reply, write := (*desk).reply, (*desk).write
	for name, tc := range map[string]struct {
		level simulator.Level
		steps []func(*desk, *testing.T) // ten minutes apart
		want  []helpdesk.NativeTarget
	}{
		"an answer is due": {both, nil, []helpdesk.NativeTarget{one(first, 0, time.Hour, 0)}},
		"answered": {both, []func(*desk, *testing.T){reply}, []helpdesk.NativeTarget{
			one(first, 0, time.Hour, 10*time.Minute), one(resolution, 0, 8*time.Hour, 0),
		}},
		"answered, and only that was due": {answer, []func(*desk, *testing.T){reply}, []helpdesk.NativeTarget{
			one(first, 0, time.Hour, 10*time.Minute),
		}},
		"the customer writes again": {both, []func(*desk, *testing.T){reply, write}, []helpdesk.NativeTarget{
			one(first, 0, time.Hour, 10*time.Minute), one(next, 20*time.Minute, 80*time.Minute, 0),
		}},
		"pending": {both, []func(*desk, *testing.T){reply, (*desk).pend}, []helpdesk.NativeTarget{
			one(first, 0, time.Hour, 10*time.Minute), {Target: resolution, Start: desktest.Epoch, Paused: true},
		}},
		"solved": {both, []func(*desk, *testing.T){reply, (*desk).solve}, []helpdesk.NativeTarget{
			one(first, 0, time.Hour, 10*time.Minute), one(resolution, 0, 8*time.Hour, 20*time.Minute),
		}},
		"an answer that moves nothing was not what was due": {solve, []func(*desk, *testing.T){reply}, []helpdesk.NativeTarget{
			one(resolution, 0, 8*time.Hour, 0),
		}},
		"solved without an answer": {both, []func(*desk, *testing.T){(*desk).solve}, []helpdesk.NativeTarget{
			one(first, 0, time.Hour, 10*time.Minute),
		}},
	} {
		t.Run(name, func(t *testing.T) {
			d := newTestDesk(t, func(o *simulator.Options, _ *Options) { o.Levels = map[string]simulator.Level{"gold": tc.level} })
			id := d.Create(simulator.Seed{Level: "gold"})
			for _, step := range tc.steps {
				d.Advance(10 * time.Minute)
				step(d, t)
			}
			for way, p := range map[string]*helpdesk.Pass{"changes": d.changes(t, ""), "lookup": d.lookup(t, idText(id))} {
				if x := diff(tc.want, find(t, p, id).Native); x != "" {
					t.Errorf("%s: %s", way, x)
				}
			}
		})
	}
}

func (d *desk) reply(t *testing.T) { must(t, d.Reply(1)) }
func (d *desk) write(t *testing.T) { must(t, d.Write(1)) }
func (d *desk) pend(t *testing.T)  { must(t, d.SetStatus(1, "stalled")) }
func (d *desk) solve(t *testing.T) { must(t, d.SetStatus(1, "resolved")) }

// A due date without a service level is somebody's own.
func TestADueDateByHandIsOfTheResolution(t *testing.T) {
	d := newTestDesk(t)
	id := d.Create(simulator.Seed{})
	must(t, d.SetDue(id, after(3*time.Hour)))
	want := []helpdesk.NativeTarget{{Target: sla.Resolution, Start: desktest.Epoch, Due: after(3 * time.Hour)}}
	if x := diff(want, find(t, d.changes(t, ""), id).Native); x != "" {
		t.Error(x)
	}
}

// RT commits an answer after a message with a higher number that was seen already: the story is read anew.
func TestAnAnswerThatAppearsLateIsToldInItsPlace(t *testing.T) {
	d := newTestDesk(t)
	id := d.Create(simulator.Seed{ByAgent: true})
	d.Advance(time.Hour)
	cursor := d.changes(t, "").Cursor
	commit, err := d.ReplyLate(id)
	must(t, err)
	d.Advance(5 * time.Second)
	must(t, d.Write(id))
	cursor = d.changes(t, cursor).Cursor
	if s := d.client.stories[id]; s.first != 0 {
		t.Fatalf("it is told already: %+v", s)
	}
	commit()
	d.Advance(30 * time.Second)
	got := find(t, d.changes(t, cursor), id)
	if s := d.client.stories[id]; s.first != momentOf(after(time.Hour)) || !got.WaitingSince.Equal(after(time.Hour+5*time.Second)) {
		t.Errorf("%+v, waiting since %v", s, got.WaitingSince)
	}
}

func TestStoriesOfTicketsThatAreNotSeenAnyMoreAreForgotten(t *testing.T) {
	d := newTestDesk(t)
	for range 3 {
		d.Create(simulator.Seed{})
	}
	d.open(t)
	must(t, d.SetStatus(2, "resolved"))
	for n, want := range []int{3, 2, 2} {
		d.open(t)
		if got := len(d.client.stories); got != want {
			t.Errorf("after %d readings more: %d stories, want %d", n+1, got, want)
		}
	}
}
