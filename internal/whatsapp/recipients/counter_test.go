package recipients

import (
	"math/rand/v2"
	"path/filepath"
	"testing"
	"time"

	"go.etcd.io/bbolt"

	"whatsapp_sla_exporter/internal/state"
)

var start = time.Date(2026, 9, 21, 10, 2, 30, 0, time.UTC)

func open(t *testing.T, path string) *state.Store {
	t.Helper()
	s, err := state.Open(path)
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { s.Close() })
	return s
}

// bench is a counter and its store.
type bench struct {
	t *testing.T
	*Counter
	store *state.Store
}

func newBench(t *testing.T) *bench {
	s := open(t, filepath.Join(t.TempDir(), "state.db"))
	c, err := Load(s, start)
	if err != nil {
		t.Fatal(err)
	}
	return &bench{t, c, s}
}

func (b *bench) add(scope string, now time.Time, entries ...Entry) {
	b.t.Helper()
	if err := b.store.Update(func(tx *state.Tx) error { return b.Write(tx, scope, entries, now) }); err != nil {
		b.t.Fatal(err)
	}
	b.Insert(scope, entries, now)
}

func (b *bench) refresh(now time.Time) {
	b.t.Helper()
	if err := b.Refresh(b.store, now); err != nil {
		b.t.Fatal(err)
	}
}

func (b *bench) counts(now time.Time, scopes ...string) (d, w int) {
	n, _ := b.Count(now, scopes...)
	return int(n.Day), int(n.Week)
}

// flow is recipients at a steady or an uneven pace, each at an instant of its own; every tenth is one seen before.
func flow(seed uint64, n int, over time.Duration, bursts bool) []Entry {
	r := rand.New(rand.NewPCG(seed, 7))
	out := make([]Entry, n)
	for i := range out {
		at := start.Unix() + int64(float64(i)/float64(n)*over.Seconds())
		if bursts {
			at -= at % 3600 // all of an hour at once
		}
		out[i] = Entry{Hash: r.Uint64(), At: at}
		if i%10 == 9 {
			out[i].Hash = out[r.IntN(i)].Hash
		}
	}
	return out
}

func abs(n int) int { return max(n, -n) }

func TestABurstStaysForItsWindowAndLeavesItAtMostOneStepLater(t *testing.T) {
	b := newBench(t)
	r := rand.New(rand.NewPCG(1, 1))
	burst := make([]Entry, 20000)
	for i := range burst {
		burst[i] = Entry{Hash: r.Uint64(), At: start.Unix()}
	}
	b.add("waba", start, burst...)
	for _, c := range []struct {
		after     time.Duration
		day, week bool
	}{
		{24*time.Hour - time.Second, true, true},
		{24*time.Hour + 5*time.Minute, false, true},
		{7*24*time.Hour - time.Second, false, true},
		{7*24*time.Hour + 30*time.Minute, false, false},
	} {
		b.refresh(start.Add(c.after))
		if d, w := b.counts(start.Add(c.after), "waba"); (d > 19900) != c.day || (w > 19900) != c.week || !c.week && w != 0 || !c.day && d != 0 {
			t.Errorf("after %s: %d a day, %d a week", c.after, d, w)
		}
	}
}

func TestWhatTwoScopesShareIsCountedOnce(t *testing.T) {
	b := newBench(t)
	b.add("9001", start, Entry{1 << 40, start.Unix()}, Entry{2 << 40, start.Unix()})
	b.add("9002", start.Add(time.Minute), Entry{2 << 40, start.Unix()}, Entry{3 << 40, start.Unix()})
	n, ok := b.Count(start.Add(time.Minute), "9001", "9002", "unheard of")
	if want := (Count{Day: 3, Week: 3, Since: start.Add(time.Minute)}); n != want || !ok {
		t.Errorf("%+v, want %+v", n, want)
	}
	if n, ok := b.Count(start, "unheard of"); ok {
		t.Errorf("%+v of a scope that was never counted", n)
	}
}

func TestAScopeWithoutDeliveriesIsCountedAsZero(t *testing.T) {
	b := newBench(t)
	b.add("9001", start)
	if n, ok := b.Count(start, "9001"); !ok || n != (Count{Since: start}) {
		t.Errorf("%+v %v", n, ok)
	}
}

func TestLateOnesCountWhereTheyBelong(t *testing.T) {
	b := newBench(t)
	ago := func(d time.Duration) Entry { return Entry{uint64(d) << 20, start.Add(-d).Unix()} }
	b.add("waba", start, ago(time.Hour), ago(24*time.Hour-time.Second), ago(24*time.Hour), ago(6*24*time.Hour), ago(7*24*time.Hour), ago(30*24*time.Hour))
	if d, w := b.counts(start, "waba"); d != 2 || w != 4 {
		t.Errorf("%d a day, %d a week", d, w)
	}
}

func TestCountsSurviveARestart(t *testing.T) {
	b := newBench(t)
	all := flow(3, 40000, 4*24*time.Hour, true)
	now := start.Add(4*24*time.Hour + 7*time.Minute)
	b.add("waba", now, all...)
	b.add("waba", now, Entry{42 << 50, now.Unix()})
	b.refresh(now)
	want, _ := b.Count(now, "waba")
	path := filepath.Join(t.TempDir(), "copy.db")
	if err := b.store.View(func(tx *bbolt.Tx) error { return tx.CopyFile(path, 0o600) }); err != nil {
		t.Fatal(err)
	}
	c, err := Load(open(t, path), now)
	if err != nil {
		t.Fatal(err)
	}
	if got, _ := c.Count(now, "waba"); got != want {
		t.Errorf("%+v, before the restart %+v", got, want)
	}
}

func TestABucketIsBoundedAndAWeekOldIsForgotten(t *testing.T) {
	b := newBench(t)
	r := rand.New(rand.NewPCG(1, 1))
	for range 100 {
		entries := make([]Entry, 3000)
		for i := range entries {
			entries[i] = Entry{Hash: r.Uint64(), At: start.Unix()}
		}
		b.add("waba", start, entries...)
	}
	size := func() (keys, bytes int) {
		_ = b.store.View(func(tx *state.Tx) error {
			return existing(tx, "waba").ForEach(func(k, v []byte) error {
				if len(k) == keySize {
					keys, bytes = keys+1, bytes+len(v)
				}
				return nil
			})
		})
		return
	}
	if keys, bytes := size(); keys > 2 || bytes > 1<<precision+listMax*entrySize+64 {
		t.Errorf("%d values of %d bytes", keys, bytes)
	}
	b.refresh(start.Add(7*24*time.Hour + time.Hour))
	if keys, bytes := size(); keys != 0 {
		t.Errorf("after a week %d values of %d bytes", keys, bytes)
	}
}

func TestTheEdgeOfAWindowIsBounded(t *testing.T) {
	w := newWindow(day, dayStep, start.Unix())
	edge := w.from - 1
	for i := range uint64(3 * maxEdge) {
		w.insert(Entry{Hash: i * 0x9e3779b97f4a7c15, At: edge})
	}
	if got := int(estimate([]*window{&w}, start.Unix())); len(w.edge) > maxEdge || abs(got-3*maxEdge) > 3*maxEdge/50 {
		t.Errorf("%d entries kept, %d counted of %d", len(w.edge), got, 3*maxEdge)
	}
	w.insert(Entry{Hash: 1, At: edge - dayStep})
	if w.base.Estimate() != 0 {
		t.Error("what is before the window is counted")
	}
}

func TestAStateThatCannotBeReadIsNamed(t *testing.T) {
	for name, c := range map[string]struct{ key, value []byte }{
		"a list":   {key(bucketOf(start.Unix()), listKind, 1), []byte("123")},
		"a sketch": {key(bucketOf(start.Unix()), sketchKind, 0), []byte("not a sketch")},
		"since":    {sinceKey, []byte("1")},
	} {
		t.Run(name, func(t *testing.T) {
			b := newBench(t)
			b.add("waba", start)
			if err := b.store.Update(func(tx *state.Tx) error { return existing(tx, "waba").Put(c.key, c.value) }); err != nil {
				t.Fatal(err)
			}
			if _, err := Load(b.store, start); err == nil {
				t.Error("no error")
			} else {
				t.Log(err)
			}
		})
	}
}
