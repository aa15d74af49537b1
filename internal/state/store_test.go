package state_test

import (
	"errors"
	"fmt"
	"os"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"

	"whatsapp_sla_exporter/internal/state"
)

// flag is a value with a date, as callers keep.
type flag struct {
	Since time.Time
	Count int
}

var (
	flags = state.NewTable[flag]("flags")
	noon  = time.Date(2026, 3, 2, 12, 0, 0, 0, time.UTC)
)

func open(t *testing.T, path string) *state.Store {
	t.Helper()
	s, err := state.Open(path)
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { s.Close() })
	return s
}

func put(t *testing.T, s *state.Store, keys ...string) {
	t.Helper()
	err := s.Update(func(tx *state.Tx) error {
		for i, k := range keys {
			if err := flags.Put(tx, k, flag{noon, i}); err != nil {
				return err
			}
		}
		return nil
	})
	if err != nil {
		t.Fatal(err)
	}
}

func each(t *testing.T, s *state.Store, prefix string) (keys []string) {
	t.Helper()
	err := s.View(func(tx *state.Tx) error {
		return flags.Each(tx, prefix, func(k string, _ flag) error {
			keys = append(keys, k)
			return nil
		})
	})
	if err != nil {
		t.Fatal(err)
	}
	return keys
}

func TestWhatWasWrittenIsThereAfterReopening(t *testing.T) {
	path := filepath.Join(t.TempDir(), "new", "directory", "state.db")
	s := open(t, path)
	put(t, s, "one", "two")
	if err := s.Close(); err != nil {
		t.Fatal(err)
	}
	s = open(t, path)
	var got flag
	var ok bool
	err := s.View(func(tx *state.Tx) (err error) {
		got, ok, err = flags.Get(tx, "two")
		return err
	})
	if err != nil || !ok {
		t.Fatalf("not found: %v", err)
	}
	if diff := cmp.Diff(flag{noon, 1}, got); diff != "" {
		t.Error(diff)
	}
}

func TestAnUpdateHappensWholeOrNotAtAll(t *testing.T) {
	s := open(t, filepath.Join(t.TempDir(), "state.db"))
	put(t, s, "kept")
	failure := errors.New("half way")
	err := s.Update(func(tx *state.Tx) error {
		if err := flags.Put(tx, "lost", flag{}); err != nil {
			return err
		}
		if err := flags.Delete(tx, "kept"); err != nil {
			return err
		}
		return failure
	})
	if !errors.Is(err, failure) {
		t.Errorf("got error %v", err)
	}
	if diff := cmp.Diff([]string{"kept"}, each(t, s, "")); diff != "" {
		t.Error(diff)
	}
}

func TestASecondProcessIsRefused(t *testing.T) {
	path := filepath.Join(t.TempDir(), "state.db")
	open(t, path)
	_, err := state.Open(path)
	want := fmt.Sprintf("state: %s is in use by another process; give each exporter a state.path of its own", path)
	if err == nil || err.Error() != want {
		t.Errorf("got error %v, want %s", err, want)
	}
}

func TestAFileThatIsNotAStoreIsRefusedAndLeftAlone(t *testing.T) {
	path := filepath.Join(t.TempDir(), "state.db")
	content := strings.Repeat("global: {poll_interval: 60s}\n", 1000)
	if err := os.WriteFile(path, []byte(content), 0o600); err != nil {
		t.Fatal(err)
	}
	if _, err := state.Open(path); err == nil || err.Error() != "state: "+path+" is damaged, or no state file (invalid database); restore it, or move it away to begin anew" {
		t.Errorf("got error %v", err)
	}
	if got, err := os.ReadFile(path); err != nil || string(got) != content {
		t.Errorf("the file was written: %v", err)
	}
	if _, err := state.Open(filepath.Join(path, "below", "state.db")); err == nil {
		t.Error("a file was taken for a directory")
	}
}

func TestAFileThatWasCutOffIsRefused(t *testing.T) {
	for _, left := range []int64{1, 4096, 8192, 20_000, 400_000} {
		path := filepath.Join(t.TempDir(), "state.db")
		s := open(t, path)
		var all []string
		for i := range 5000 {
			all = append(all, fmt.Sprint(i))
		}
		put(t, s, all...)
		if err := s.Close(); err != nil {
			t.Fatal(err)
		}
		if err := os.Truncate(path, left); err != nil {
			t.Fatal(err)
		}
		if _, err := state.Open(path); err == nil || !strings.Contains(err.Error(), path) {
			t.Errorf("%d bytes: got error %v", left, err)
		}
	}
}

func TestTheFileIsForItsOwnerAlone(t *testing.T) {
	path := filepath.Join(t.TempDir(), "state.db")
	open(t, path)
	info, err := os.Stat(path)
	if err != nil {
		t.Fatal(err)
	}
	if got := info.Mode().Perm(); got != 0o600 {
		t.Errorf("mode %o, want 600", got)
	}
}

func TestEachVisitsTheKeysOfAPrefixInOrder(t *testing.T) {
	s := open(t, filepath.Join(t.TempDir(), "state.db"))
	put(t, s, "b/2", "a/1", "b/10", "b", "c/1", "b/1")
	for prefix, want := range map[string][]string{
		"":    {"a/1", "b", "b/1", "b/10", "b/2", "c/1"},
		"b/":  {"b/1", "b/10", "b/2"},
		"b/1": {"b/1", "b/10"},
		"d":   nil,
	} {
		if diff := cmp.Diff(want, each(t, s, prefix)); diff != "" {
			t.Errorf("prefix %q: %s", prefix, diff)
		}
	}
	stop := errors.New("enough")
	err := s.View(func(tx *state.Tx) error {
		return flags.Each(tx, "", func(string, flag) error { return stop })
	})
	if !errors.Is(err, stop) {
		t.Errorf("got error %v, want that of the function", err)
	}
}

func TestDeleteBeforeTakesTheKeysThatSortFirst(t *testing.T) {
	s := open(t, filepath.Join(t.TempDir(), "state.db"))
	var all []string
	for i := range 5000 { // more than a page
		all = append(all, fmt.Sprintf("%05d", i))
	}
	put(t, s, all...)
	for _, key := range []string{"", "00000", "03000", "02000", "03000x"} {
		if err := s.Update(func(tx *state.Tx) error { return flags.DeleteBefore(tx, key) }); err != nil {
			t.Fatal(err)
		}
	}
	if diff := cmp.Diff(all[3001:], each(t, s, "")); diff != "" {
		t.Error(diff)
	}
}

func TestWithoutATableThereIsNothing(t *testing.T) {
	s := open(t, filepath.Join(t.TempDir(), "state.db"))
	err := s.Update(func(tx *state.Tx) error {
		if _, ok, err := flags.Get(tx, "x"); ok || err != nil {
			t.Errorf("got %v, %v", ok, err)
		}
		return errors.Join(flags.Delete(tx, "x"), flags.DeleteBefore(tx, "x"))
	})
	if err != nil {
		t.Error(err)
	}
	if got := each(t, s, ""); got != nil {
		t.Errorf("got %v", got)
	}
}

func TestAValueThatCannotBeReadIsNamed(t *testing.T) {
	s := open(t, filepath.Join(t.TempDir(), "state.db"))
	err := s.Update(func(tx *state.Tx) error {
		return state.NewTable[string]("flags").Put(tx, "number 7", "not a flag")
	})
	if err != nil {
		t.Fatal(err)
	}
	const want = `state: table flags, key "number 7": `
	err = s.View(func(tx *state.Tx) error {
		_, _, err := flags.Get(tx, "number 7")
		return err
	})
	if err == nil || !strings.HasPrefix(err.Error(), want) {
		t.Errorf("Get: got error %v", err)
	}
	err = s.View(func(tx *state.Tx) error {
		return flags.Each(tx, "", func(string, flag) error { return nil })
	})
	if err == nil || !strings.HasPrefix(err.Error(), want) {
		t.Errorf("Each: got error %v", err)
	}
}

func TestWhatCannotBeStoredIsRefused(t *testing.T) {
	s := open(t, filepath.Join(t.TempDir(), "state.db"))
	err := s.Update(func(tx *state.Tx) error {
		if err := state.NewTable[func()]("flags").Put(tx, "x", nil); err == nil {
			t.Error("a function was stored")
		}
		if err := flags.Put(tx, "", flag{}); err == nil || !strings.HasPrefix(err.Error(), "state: table flags") {
			t.Errorf("an empty key: got error %v", err)
		}
		return nil
	})
	if err != nil {
		t.Error(err)
	}
	err = s.View(func(tx *state.Tx) error { return flags.Put(tx, "x", flag{}) })
	if err == nil || !strings.HasPrefix(err.Error(), "state: table flags") {
		t.Errorf("writing in a View: got error %v", err)
	}
}

func BenchmarkUpdate(b *testing.B) {
	s, err := state.Open(filepath.Join(b.TempDir(), "state.db"))
	if err != nil {
		b.Fatal(err)
	}
	defer s.Close()
	for n := 0; b.Loop(); n++ {
		if err := s.Update(func(tx *state.Tx) error { return flags.Put(tx, fmt.Sprint(n), flag{noon, n}) }); err != nil {
			b.Fatal(err)
		}
	}
}
