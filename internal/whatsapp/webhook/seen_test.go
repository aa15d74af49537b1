package webhook

import (
	"context"
	"path/filepath"
	"testing"
	"testing/synctest"
	"time"

	simulator "whatsapp_sla_exporter/internal/simulator/webhook"
	"whatsapp_sla_exporter/internal/state"
)

func newMemory(t *testing.T, limit int) (*memory, *state.Store) {
	store, err := state.Open(filepath.Join(t.TempDir(), "state.db"))
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { store.Close() })
	return &memory{bucket: []byte("m"), max: limit, known: map[uint64]struct{}{}}, store
}

func (m *memory) remember(t *testing.T, store *state.Store, memos ...memo) {
	t.Helper()
	if err := store.Update(func(tx *state.Tx) error { return m.write(tx, memos) }); err != nil {
		t.Fatal(err)
	}
	m.add(memos...)
}

func (m *memory) reload(t *testing.T, store *state.Store) *memory {
	t.Helper()
	var out *memory
	err := store.View(func(tx *state.Tx) (err error) {
		out, err = loadMemory(tx, string(m.bucket), m.max)
		return err
	})
	if err != nil {
		t.Fatal(err)
	}
	return out
}

func TestMemoryForgetsWhatIsOlderThanAWeekAndWhatIsTooMuch(t *testing.T) {
	m, store := newMemory(t, 3)
	for i := range uint64(6) {
		m.remember(t, store, memo{noon.Add(time.Duration(i) * 24 * time.Hour).Unix(), i})
	}
	check := func(when string, known ...bool) {
		t.Helper()
		for _, of := range []*memory{m, m.reload(t, store)} {
			for i, want := range known {
				if of.has(uint64(i)) != want {
					t.Errorf("%s: change %d known: %v", when, i, !want)
				}
			}
		}
	}
	check("at first", true, true, true, true, true, true)
	if err := m.forget(store, noon.Add(6*24*time.Hour)); err != nil {
		t.Fatal(err)
	}
	check("with room for three", false, false, false, true, true, true)
	if err := m.forget(store, noon.Add(11*24*time.Hour+time.Second)); err != nil {
		t.Fatal(err)
	}
	check("a week later", false, false, false, false, false, true)
}

func TestRecentsForgetTheOldest(t *testing.T) {
	r := newRecents(3)
	for i := range uint64(5) {
		r.add(i)
	}
	r.remove([]uint64{3})
	// 0 and 1 were pushed out, 3 was taken back; it comes again and pushes out 2.
	for _, c := range []struct {
		id    uint64
		fresh bool
	}{{2, false}, {4, false}, {3, true}, {2, true}} {
		if got := r.add(c.id); got != c.fresh {
			t.Errorf("%d is news: %v", c.id, got)
		}
	}
}

func TestAWeekLaterTheSameBytesAreNews(t *testing.T) {
	b := newBench(t)
	c := simulator.Violation(waba, "SCAM", noon)
	for _, step := range []struct {
		after time.Duration
		want  uint64
	}{{0, 1}, {7*24*time.Hour - time.Minute, 1}, {7*24*time.Hour + time.Minute, 2}} {
		b.now = noon.Add(step.after)
		if err := b.Refresh(b.now); err != nil {
			t.Fatal(err)
		}
		b.send(c)
		if got := b.account().Violations["scam"]; got != step.want {
			t.Errorf("after %s: %d violations, want %d", step.after, got, step.want)
		}
	}
}

func TestRunKeepsTheCountsMovingAndEnds(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		store, err := state.Open(filepath.Join(t.TempDir(), "state.db"))
		if err != nil {
			t.Fatal(err)
		}
		defer store.Close()
		b := &bench{t: t, store: store}
		o := b.options()
		o.Now = time.Now
		r, err := New(o)
		if err != nil {
			t.Fatal(err)
		}
		body, err := simulator.Body(simulator.Status(waba, phone, "wamid.1", "34611", "delivered", "regular", time.Now()))
		if err != nil {
			t.Fatal(err)
		}
		if why, err := r.take(body, simulator.Sign(secret, body)[len("sha256="):]); err != nil {
			t.Fatal(why, err)
		}
		ctx, cancel := context.WithCancel(t.Context())
		done := make(chan error)
		go func() { done <- r.Run(ctx) }()
		users := func() uint64 {
			n, _ := r.ledger.users.Count(time.Now(), wabaScope(waba))
			return n.Day
		}
		if got := users(); got != 1 {
			t.Errorf("%d users at first", got)
		}
		time.Sleep(24*time.Hour + 10*time.Minute) // of the bubble's clock
		if got := users(); got != 0 {
			t.Errorf("%d users a day later", got)
		}
		cancel()
		if err := <-done; err != nil {
			t.Error(err)
		}
	})
}
