package desk

import (
	"net/http"
	"net/http/httptest"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"

	"whatsapp_sla_exporter/internal/sla"
)

var epoch = time.Date(2026, 3, 2, 10, 0, 0, 0, time.UTC)

type world struct {
	*Desk
	now time.Time
	t   *testing.T
}

func newWorld(t *testing.T) *world {
	w := &world{now: epoch, t: t}
	w.Desk = New(func() time.Time { return w.now }, map[string]Targets{"high": {time.Hour, 30 * time.Minute, 8 * time.Hour}})
	return w
}

// after does something some minutes after epoch.
func (w *world) after(minutes int, errs ...func() error) {
	w.t.Helper()
	w.now = epoch.Add(time.Duration(minutes) * time.Minute)
	for _, do := range errs {
		if err := do(); err != nil {
			w.t.Fatal(err)
		}
	}
}

func minute(n int) time.Time { return epoch.Add(time.Duration(n) * time.Minute) }

func TestAConversation(t *testing.T) {
	w := newWorld(t)
	id := w.Create(Seed{Priority: "high"})
	w.after(1, func() error { return w.Note(id) })
	w.after(2, func() error { return w.Write(id) })
	if v := w.Find(id); !v.FirstReply().IsZero() || !v.WaitingSince().Equal(epoch) || !v.LastCustomer().Equal(minute(2)) || v.Status != sla.StatusNew {
		t.Errorf("unanswered: %+v", v)
	}
	before := w.Find(id)
	w.after(3, func() error { return w.Reply(id) })
	if len(before.Messages) != 3 || before.Status != sla.StatusNew {
		t.Errorf("a ticket that somebody holds has changed: %+v", before)
	}
	w.after(4, func() error { return w.Reply(id) })
	v := w.Find(id)
	if !v.FirstReply().Equal(minute(3)) || !v.LastReply().Equal(minute(4)) || !v.WaitingSince().IsZero() || v.Status != sla.StatusOpen || !v.Updated.Equal(minute(4)) {
		t.Errorf("answered: %+v", v)
	}
	w.after(5, func() error { return w.SetStatus(id, sla.StatusSolved) })
	w.after(6, func() error { return w.Write(id) })
	if v := w.Find(id); v.Status != sla.StatusOpen || v.Reopens != 1 || !v.Solved.IsZero() || !v.WaitingSince().Equal(minute(6)) {
		t.Errorf("reopened: %+v", v)
	}
}

func TestClocks(t *testing.T) {
	w := newWorld(t)
	id := w.Create(Seed{Priority: "high"})
	clock := func(target sla.Target) Clock {
		c, ok := w.Find(id).Clock(target, w.now)
		if !ok {
			return Clock{}
		}
		c.Elapsed = 0
		return c
	}
	w.after(20, func() error { return w.Reply(id) })
	if d := cmp.Diff(Clock{Target: time.Hour, Start: epoch, Due: minute(60), MetAt: minute(20)}, clock(sla.FirstResponse)); d != "" {
		t.Error(d)
	}
	if d := cmp.Diff(Clock{}, clock(sla.NextResponse)); d != "" {
		t.Error(d)
	}
	w.after(30, func() error { return w.Write(id) })
	if d := cmp.Diff(Clock{Target: 30 * time.Minute, Start: minute(30), Due: minute(60)}, clock(sla.NextResponse)); d != "" {
		t.Error(d)
	}
	w.after(60, func() error { return w.SetStatus(id, sla.StatusPending) })
	w.after(90)
	if d := cmp.Diff(Clock{Target: 8 * time.Hour, Start: epoch, Paused: true}, clock(sla.Resolution)); d != "" {
		t.Error(d)
	}
	if due, ok := w.Find(id).StaleDue(w.now); !ok || !due.Equal(minute(480)) {
		t.Errorf("the stale due is %v", due)
	}
	w.after(120, func() error { return w.SetStatus(id, sla.StatusOpen) })
	if d := cmp.Diff(Clock{Target: 8 * time.Hour, Start: epoch, Due: minute(540)}, clock(sla.Resolution)); d != "" {
		t.Error(d)
	}
	w.after(130, func() error { return w.SetStatus(id, sla.StatusSolved) })
	if d := cmp.Diff(Clock{Target: 8 * time.Hour, Start: epoch, Due: minute(540), MetAt: minute(130)}, clock(sla.Resolution)); d != "" {
		t.Error(d)
	}
	w.after(140, func() error { return w.Prioritise(id, "low") })
	if d := cmp.Diff(Clock{}, clock(sla.Resolution)); d != "" {
		t.Errorf("a priority without a promise: %s", d)
	}
}

func TestWhatIsGoneCannotChange(t *testing.T) {
	w := newWorld(t)
	one, two := w.Create(Seed{}), w.Create(Seed{})
	w.after(1, func() error { return w.Merge(one, two) }, func() error { return w.Delete(two) })
	for _, err := range []error{w.Reply(one), w.Reply(two), w.Reply(99), w.Merge(two, 99)} {
		if err == nil {
			t.Error("what is gone changes")
		}
	}
	if v := w.Find(one); !v.Deleted || v.MergedInto != two {
		t.Errorf("%+v", v)
	}
}

func TestWindowsAllowSoMany(t *testing.T) {
	w := Window{Limit: 2, Every: time.Minute}
	var got []bool
	for _, second := range []int{0, 1, 2, 59, 60, 61, 62} {
		_, _, ok := w.Take(epoch.Add(time.Duration(second) * time.Second))
		got = append(got, ok)
	}
	if d := cmp.Diff([]bool{true, true, false, false, true, true, false}, got); d != "" {
		t.Error(d)
	}
}

func TestHandlerAnswersInJSON(t *testing.T) {
	w := httptest.NewRecorder()
	Handler(func(*http.Request) Reply { return Reply{Header: map[string]string{"X-A": "b"}, Body: []int{1}} }).ServeHTTP(w, nil)
	if w.Code != http.StatusOK || w.Body.String() != "[1]" || w.Header().Get("X-A") != "b" {
		t.Errorf("%d %s %v", w.Code, w.Body, w.Header())
	}
	w = httptest.NewRecorder()
	Handler(func(*http.Request) Reply { return Reply{Status: http.StatusNoContent} }).ServeHTTP(w, nil)
	if w.Code != http.StatusNoContent || w.Body.Len() > 0 {
		t.Errorf("%d %s", w.Code, w.Body)
	}
}
