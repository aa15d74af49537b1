package tickets_test

import (
	"fmt"
	"slices"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"
	"pgregory.net/rapid"

	"whatsapp_sla_exporter/internal/helpdesk"
	"whatsapp_sla_exporter/internal/sla"
	"whatsapp_sla_exporter/internal/tickets"
)

// scripted is a clock that says of each ticket what the test wrote down for it, by topic.
type scripted map[string][]sla.Instants

func (s scripted) Clock(string) (tickets.Evaluator, bool) { return s, true }

func (s scripted) Evaluate(dst []sla.Instants, t *sla.Ticket) (sla.Coverage, []sla.Instants) {
	return sla.Coverage{Severity: "any"}, append(dst, s[t.Topic]...)
}

// byTopic tells the tickets apart.
type byTopic struct{}

func (byTopic) Map(t *helpdesk.Ticket) (helpdesk.Assignment, bool) {
	return helpdesk.Assignment{Policy: "scripted", Topic: t.ID}, true
}

// drawInstants draws a target in any state around the start of the tests.
func drawInstants(t *rapid.T, target sla.Target) sla.Instants {
	second := func(name string, from, to int) time.Time {
		return start.Add(time.Duration(rapid.IntRange(from, to).Draw(t, name)) * time.Second)
	}
	i := sla.Instants{Target: target, Start: second("start", -10, 0)}
	switch rapid.SampledFrom([]string{"waits", "answered", "paused", "best effort"}).Draw(t, "kind") {
	case "paused":
		i.Paused = true
		return i
	case "best effort":
		i.BestEffort = true
		if rapid.Bool().Draw(t, "done") {
			i.At = second("at", 0, 20)
		}
		return i
	case "answered":
		i.At = second("at", 0, 20)
	}
	i.Due = second("due", 0, 20)
	i.Critical = i.Due.Add(-time.Duration(rapid.IntRange(0, 5).Draw(t, "lead")) * time.Second)
	i.Warning = i.Critical.Add(-time.Duration(rapid.IntRange(0, 5).Draw(t, "lead")) * time.Second)
	return i
}

// TestCountsAgreeWithTheStateOfEachTarget compares the three binary searches with asking each target, at the
// instants themselves and between them.
func TestCountsAgreeWithTheStateOfEachTarget(t *testing.T) {
	d := newDesk(t, nil)
	rapid.Check(t, func(rt *rapid.T) {
		script := scripted{}
		var rows []helpdesk.Ticket
		for i := range rapid.IntRange(0, 20).Draw(rt, "tickets") {
			id := fmt.Sprint(i)
			rows = append(rows, ticket(id, start))
			script[id] = []sla.Instants{drawInstants(rt, sla.FirstResponse)}
		}
		now := start.Add(time.Duration(rapid.IntRange(-12_000, 25_000).Draw(rt, "now")) * time.Millisecond)
		if rapid.Bool().Draw(rt, "exact") {
			now = now.Truncate(time.Second)
		}
		book, err := tickets.NewBook(tickets.Options{Helpdesk: "rapid", Mapper: byTopic{}, Clocks: script, Store: d.store})
		if err != nil {
			rt.Fatal(err)
		}
		if _, err := book.Reconcile(&helpdesk.Pass{Tickets: rows}, start); err != nil {
			rt.Fatal(err)
		}
		checkAgainstScript(rt, book.Snapshot(), script, now)
	})
}

func checkAgainstScript(t *rapid.T, s *tickets.Snapshot, script scripted, now time.Time) {
	var want, got [7]int
	var endangered, gotEndangered []string
	var next time.Time
	for id, all := range script {
		i := &all[0]
		want[slices.Index(sla.States, i.State(now))]++
		if i.Open() && !i.Warning.After(now) {
			endangered = append(endangered, id)
		}
		if !i.Open() {
			continue
		}
		for _, at := range []time.Time{i.Warning, i.Critical, i.Due.Add(time.Second)} {
			changes := at.After(now) && i.State(at) != i.State(now)
			if changes && (next.IsZero() || at.Before(next)) {
				next = at
			}
		}
	}
	for _, g := range s.Targets {
		got = g.Counts(now)
	}
	for deadline := range s.Endangered(now) {
		gotEndangered = append(gotEndangered, deadline.Ticket)
	}
	slices.Sort(endangered)
	slices.Sort(gotEndangered)
	if diff := cmp.Diff(want, got); diff != "" {
		t.Errorf("counts at %v: %s", now, diff)
	}
	if diff := cmp.Diff(endangered, gotEndangered); diff != "" {
		t.Errorf("endangered at %v: %s", now, diff)
	}
	at, ok := s.NextInstant(now)
	if tooLate := !next.IsZero() && (!ok || at.After(next)); tooLate || ok && !at.After(now) {
		t.Errorf("next instant after %v: got %v, want %v", now, at, next)
	}
}

func TestNextDueIsTheEarliest(t *testing.T) {
	d := newDesk(t, nil)
	d.apply(after(5), ticket("1", after(3)), ticket("2", after(1)), ticket("3", after(2), status(sla.StatusPending, after(2))))
	got := make(map[sla.Target]time.Time)
	for _, g := range d.Snapshot().Targets {
		if due, ok := g.NextDue(); ok {
			got[g.Target] = due.UTC()
		}
	}
	want := map[sla.Target]time.Time{sla.FirstResponse: after(31), sla.Resolution: after(481)}
	if diff := cmp.Diff(want, got); diff != "" {
		t.Error(diff)
	}
}

func TestNextInstant(t *testing.T) {
	d := newDesk(t, nil)
	if _, ok := d.Snapshot().NextInstant(start); ok {
		t.Error("a helpdesk without tickets has no next instant")
	}
	d.apply(start, ticket("1", start, severity("low")))
	for _, tc := range []struct{ now, want time.Time }{
		{start, after(12 * 60)},
		{after(12 * 60), after(18 * 60)},
		{after(18 * 60).Add(time.Millisecond), after(24 * 60).Add(time.Second)},
		{after(24 * 60), after(24 * 60).Add(time.Second)},
		{after(24 * 60).Add(time.Millisecond), time.Time{}},
	} {
		got, ok := d.Snapshot().NextInstant(tc.now)
		if ok == tc.want.IsZero() || ok && !got.Equal(tc.want) {
			t.Errorf("after %v: got %v (%v), want %v", tc.now, got, ok, tc.want)
		}
	}
}

func TestEndangeredStopsWhenAsked(t *testing.T) {
	d := newDesk(t, nil)
	d.apply(after(1), ticket("1", start), ticket("2", start))
	n := 0
	for range d.Snapshot().Endangered(after(1000)) {
		n++
		break
	}
	if n != 1 {
		t.Errorf("got %d deadlines after the first", n)
	}
}
