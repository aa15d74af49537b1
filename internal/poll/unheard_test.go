package poll

import (
	"path/filepath"
	"strings"
	"testing"
	"time"

	"github.com/go-kit/log"
	"github.com/google/go-cmp/cmp"
)

// The same row comes with poll after poll, and whoever repairs the mapping needs the word itself.
func TestAValueThatNoMappingHasIsLoggedOnceWithItsWord(t *testing.T) {
	now := time.Date(2026, 3, 2, 10, 0, 0, 0, time.UTC)
	odd := pass("c1", "1")
	odd.Unknown("status", "parked")
	odd.Unknown("status", "parked")
	odd.Unknown("status", "frozen")
	odd.Unknown("stats", "")
	var logged strings.Builder
	h := NewHelpdesk(HelpdeskOptions{
		Name: "support", Type: "zendesk", Client: &fakeHelpdesk{changes: odd, open: odd}, Book: &fakeBook{},
		Store: openStore(t, filepath.Join(t.TempDir(), "state.db")), ReconcileEvery: time.Hour,
		Now: func() time.Time { return now }, Logger: log.NewLogfmtLogger(&logged),
	})
	for range 3 {
		if err := h.Poll(t.Context()); err != nil {
			t.Fatal(err)
		}
	}
	seen := make(map[string]int)
	for line := range strings.Lines(logged.String()) {
		if _, fact, ok := strings.Cut(strings.TrimSpace(line), "source=support field="); ok {
			seen[fact]++
		}
	}
	want := map[string]int{"status value=parked": 1, "status value=frozen": 1, `stats value=`: 1}
	if diff := cmp.Diff(want, seen); diff != "" {
		t.Errorf("%s\n%s", diff, &logged)
	}
}
