package qr

import (
	"path/filepath"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"

	"whatsapp_sla_exporter/internal/state"
)

var noon = time.Date(2026, 3, 2, 12, 0, 0, 0, time.UTC)

// reading is one reading of a session, minutes after noon, and what the tracker adds to it.
type reading struct {
	Minute      int
	State       State
	Changed     int // minutes after noon
	Disconnects uint64
}

func TestDisconnectsAreCountedWhereAConnectionWasLost(t *testing.T) {
	for name, script := range map[string][]reading{
		"a session that was never connected loses nothing": {
			{0, ScanQR, 0, 0}, {1, LoggedOut, 1, 0}, {2, Stopped, 2, 0},
		},
		"one loss is one disconnect, however it goes on": {
			{0, Connected, 0, 0}, {1, Connected, 0, 0}, {2, Connecting, 2, 1}, {3, ScanQR, 3, 1}, {9, ScanQR, 3, 1}, {10, Connected, 10, 1},
		},
		"each loss counts": {
			{0, Connected, 0, 0}, {1, Disconnected, 1, 1}, {2, Connected, 2, 1}, {3, Blocked, 3, 2},
		},
		"not knowing is not losing": {
			{0, Connected, 0, 0}, {1, Unknown, 1, 0}, {2, Connected, 2, 0},
		},
		"a loss behind an unknown state is still one": {
			{0, Connected, 0, 0}, {1, Unknown, 1, 0}, {2, Failed, 2, 1},
		},
		"unread for hours, and connected before and after": {
			{0, Connected, 0, 0}, {300, Connected, 0, 0},
		},
	} {
		for _, restart := range []bool{false, true} {
			t.Run(name, func(t *testing.T) { play(t, script, restart) })
		}
	}
}

// play feeds a script to a tracker, with a restart between all readings or none.
func play(t *testing.T, script []reading, restart bool) {
	t.Helper()
	path := filepath.Join(t.TempDir(), "state.db")
	store := open(t, path)
	defer func() { store.Close() }()
	var got []reading
	for _, r := range script {
		s := &Session{Name: "reach", Gateway: "waha", State: r.State}
		if err := NewTracker(store).Observe(s, noon.Add(time.Duration(r.Minute)*time.Minute)); err != nil {
			t.Fatal(err)
		}
		got = append(got, reading{r.Minute, s.State, int(s.ChangedAt.Sub(noon).Minutes()), s.Disconnects})
		if restart {
			store.Close()
			store = open(t, path)
		}
	}
	if d := cmp.Diff(script, got); d != "" {
		t.Error(d)
	}
}

func open(t *testing.T, path string) *state.Store {
	t.Helper()
	store, err := state.Open(path)
	if err != nil {
		t.Fatal(err)
	}
	return store
}

func TestSessionsAreTrackedEachForItself(t *testing.T) {
	store := open(t, filepath.Join(t.TempDir(), "state.db"))
	defer store.Close()
	tracker := NewTracker(store)
	observe := func(gateway string, state State) uint64 {
		s := &Session{Name: "reach", Gateway: gateway, State: state}
		if err := tracker.Observe(s, noon); err != nil {
			t.Fatal(err)
		}
		return s.Disconnects
	}
	observe("waha", Connected)
	observe("gowa", Connected)
	if n := observe("waha", Failed); n != 1 {
		t.Errorf("waha lost %d connections", n)
	}
	if n := observe("gowa", Connected); n != 0 {
		t.Errorf("gowa lost %d connections", n)
	}
}

func TestAStoreThatCannotBeWrittenIsAnError(t *testing.T) {
	store := open(t, filepath.Join(t.TempDir(), "state.db"))
	store.Close()
	if err := NewTracker(store).Observe(&Session{Name: "reach", State: Connected}, noon); err == nil {
		t.Error("no error")
	}
}
