package servicewindow

import (
	"path/filepath"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"
	"go.etcd.io/bbolt"

	"whatsapp_sla_exporter/internal/state"
)

var start = time.Date(2026, 9, 21, 10, 0, 0, 0, time.UTC)

func open(t *testing.T, path string) *state.Store {
	t.Helper()
	s, err := state.Open(path)
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { s.Close() })
	return s
}

type bench struct {
	t *testing.T
	*Tracker
	store *state.Store
}

func newBench(t *testing.T, l Limits) *bench {
	s := open(t, filepath.Join(t.TempDir(), "state.db"))
	tr, err := Load(s, l, start)
	if err != nil {
		t.Fatal(err)
	}
	return &bench{t, tr, s}
}

func (b *bench) take(now time.Time, phone string, ops ...Op) {
	b.t.Helper()
	by := map[string][]Op{phone: b.Needed(phone, ops, now)}
	if err := b.store.Update(func(tx *state.Tx) error { return b.Write(tx, by) }); err != nil {
		b.t.Fatal(err)
	}
	b.Apply(by, now)
}

func asked(who uint64, at time.Duration) Op { return Op{Hash: who, At: start.Add(at).Unix()} }

func answered(who uint64, at time.Duration) Op {
	return Op{Hash: who, At: start.Add(at).Unix(), Answer: true}
}

func TestWindows(t *testing.T) {
	for name, c := range map[string]struct {
		ops  []Op
		at   time.Duration
		want Counts
	}{
		"a message opens a window":                           {[]Op{asked(1, 0)}, time.Hour, Counts{Open: 1}},
		"an unanswered one closes in less than two hours":    {[]Op{asked(1, 0)}, 22*time.Hour + time.Second, Counts{Open: 1, Closing: 1}},
		"with two hours left it is not closing yet":          {[]Op{asked(1, 0)}, 22 * time.Hour, Counts{Open: 1}},
		"an answered one does not count as closing":          {[]Op{asked(1, 0), answered(1, time.Minute)}, 23 * time.Hour, Counts{Open: 1}},
		"a second question is unanswered again":              {[]Op{asked(1, 0), answered(1, time.Minute), asked(1, time.Hour)}, 23*time.Hour + time.Second, Counts{Open: 1, Closing: 1}},
		"after 24 hours it is closed":                        {[]Op{asked(1, 0)}, 24 * time.Hour, Counts{}},
		"a new message renews it":                            {[]Op{asked(1, 0), asked(1, 10*time.Hour)}, 25 * time.Hour, Counts{Open: 1}},
		"an older message that comes later changes nothing":  {[]Op{asked(1, 10*time.Hour), asked(1, 0)}, 25 * time.Hour, Counts{Open: 1}},
		"an answer from before the question is none":         {[]Op{asked(1, time.Hour), answered(1, 0)}, 24 * time.Hour, Counts{Open: 1, Closing: 1}},
		"a message to somebody who did not ask opens none":   {[]Op{answered(1, 0)}, time.Hour, Counts{}},
		"an answer that comes before its question":           {[]Op{answered(1, time.Minute), asked(1, 0)}, 23 * time.Hour, Counts{Open: 1}},
		"an answer to the last of two that come late":        {[]Op{asked(1, 0), answered(1, 2*time.Hour), asked(1, time.Hour)}, 24 * time.Hour, Counts{Open: 1}},
		"a second answer that comes before its question":     {[]Op{asked(1, 0), answered(1, 1), answered(1, 2*time.Hour), asked(1, time.Hour)}, 24 * time.Hour, Counts{Open: 1}},
		"an answer of long before the question is none":      {[]Op{answered(1, -time.Hour), asked(1, 0)}, 23 * time.Hour, Counts{Open: 1, Closing: 1}},
		"an answer to another customer is none":              {[]Op{answered(2, time.Minute), asked(1, 0)}, 23 * time.Hour, Counts{Open: 1, Closing: 1}},
		"customers are told apart":                           {[]Op{asked(1, 0), asked(2, 0), answered(2, 0)}, 23 * time.Hour, Counts{Open: 2, Closing: 1}},
		"the same webhook again changes nothing":             {[]Op{asked(1, 0), answered(1, 1), asked(1, 0), answered(1, 1)}, 23 * time.Hour, Counts{Open: 1}},
		"a message that is a day old when it comes is over":  {[]Op{asked(1, -24*time.Hour)}, 0, Counts{}},
		"an answer in the same second as the question is it": {[]Op{asked(1, 0), answered(1, 0)}, 23 * time.Hour, Counts{Open: 1}},
	} {
		t.Run(name, func(t *testing.T) {
			b := newBench(t, Limits{})
			b.take(start, "5001", c.ops...)
			if d := cmp.Diff(c.want, b.Counts("5001", start.Add(c.at))); d != "" {
				t.Error(d)
			}
			one := newBench(t, Limits{})
			for _, o := range c.ops {
				one.take(start, "5001", o)
			}
			if d := cmp.Diff(c.want, one.Counts("5001", start.Add(c.at))); d != "" {
				t.Error("one by one:", d)
			}
		})
	}
}

func TestRoomIsBoundedAndWhatHasNoneIsCounted(t *testing.T) {
	b := newBench(t, Limits{Total: 5, Number: 3})
	for i := range uint64(4) {
		b.take(start, "5001", asked(i, 0))
		b.take(start, "5002", asked(i, 0))
	}
	want := [2]Counts{{Open: 3, Uncounted: 1}, {Open: 2, Uncounted: 2}}
	if got := [2]Counts{b.Counts("5001", start), b.Counts("5002", start)}; got != want {
		t.Errorf("%+v, want %+v", got, want)
	}
	next := start.Add(24 * time.Hour)
	if err := b.Refresh(b.store, next); err != nil {
		t.Fatal(err)
	}
	b.take(next, "5002", asked(9, 24*time.Hour))
	if got, want := b.Counts("5002", next), (Counts{Open: 1, Uncounted: 2}); got != want {
		t.Errorf("after a day: %+v, want %+v", got, want)
	}
}

func TestWindowsSurviveARestartAndTheLogIsTidied(t *testing.T) {
	b := newBench(t, Limits{})
	for i := range uint64(20) {
		b.take(start, "5001", asked(i, 0))
	}
	var ops []Op
	for i := range uint64(4 * tidyAt) {
		ops = append(ops, asked(i%7000, time.Duration(i/7000+1)*time.Minute))
	}
	ops = append(ops, answered(3, time.Hour))
	b.take(start.Add(time.Hour), "5001", ops...)
	b.take(start.Add(time.Hour), "5002", asked(1, 0))
	now := start.Add(23 * time.Hour)
	restarted := func() *Tracker {
		path := filepath.Join(t.TempDir(), "copy.db")
		if err := b.store.View(func(tx *bbolt.Tx) error { return tx.CopyFile(path, 0o600) }); err != nil {
			t.Fatal(err)
		}
		tr, err := Load(open(t, path), Limits{}, now)
		if err != nil {
			t.Fatal(err)
		}
		return tr
	}
	want := [2]Counts{{Open: 7000, Closing: 6999}, {Open: 1, Closing: 1}}
	check := func(when string, tr *Tracker) {
		if got := [2]Counts{tr.Counts("5001", now), tr.Counts("5002", now)}; got != want {
			t.Errorf("%s: %+v, want %+v", when, got, want)
		}
	}
	check("at first", b.Tracker)
	check("restarted", restarted())
	if err := b.Refresh(b.store, now); err != nil {
		t.Fatal(err)
	}
	tidied := restarted()
	check("tidied and restarted", tidied)
	if tidied.logged > 7010 {
		t.Errorf("%d operations are left on disk for 7001 windows", tidied.logged)
	}
}

func TestALogThatWasCutOffIsRefused(t *testing.T) {
	for _, record := range []string{"\x04500", "\x045001\x00\x00\x00\x09", "\x045001\x00\x00\x00\x01123"} {
		s := open(t, filepath.Join(t.TempDir(), "state.db"))
		err := s.Update(func(tx *state.Tx) error {
			b, err := tx.CreateBucket(bucket)
			if err != nil {
				return err
			}
			return b.Put([]byte{1}, []byte(record))
		})
		if err != nil {
			t.Fatal(err)
		}
		if _, err := Load(s, Limits{}, start); err == nil {
			t.Errorf("%q: no error", record)
		}
	}
}

func TestAnAnswerFromAnotherNumberIsNone(t *testing.T) {
	b := newBench(t, Limits{})
	b.take(start, "5002", answered(1, time.Minute))
	b.take(start, "5001", asked(1, 0))
	if got, want := b.Counts("5001", start.Add(23*time.Hour)), (Counts{Open: 1, Closing: 1}); got != want {
		t.Errorf("%+v, want %+v", got, want)
	}
}

func TestTheOldestAnswersAreForgotten(t *testing.T) {
	a := newAnswers(2)
	for _, key := range []uint64{1, 2, 1, 3, 4} {
		a.note(key, 10*int64(key))
	}
	a.note(4, 5) // told late
	got := map[uint64]int64{}
	for key := range uint64(6) {
		if at, ok := a.to(key, 1); ok {
			got[key] = at
		}
	}
	if d := cmp.Diff(map[uint64]int64{3: 30, 4: 40}, got); d != "" || len(a.at) != 2 {
		t.Errorf("%d known: %s", len(a.at), d)
	}
	if _, ok := a.to(4, 41); ok {
		t.Error("a message after the answer is answered")
	}
}
