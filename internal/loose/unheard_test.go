package loose

import (
	"strconv"
	"strings"
	"testing"

	"github.com/go-kit/log"
	"github.com/google/go-cmp/cmp"
)

func TestUnheardValuesAreCountedAlwaysAndLoggedOnce(t *testing.T) {
	var logged strings.Builder
	u := NewUnheard(log.NewLogfmtLogger(&logged), "meta")
	if u.Counts() != nil {
		t.Errorf("before anything: %v", u.Counts())
	}
	for _, v := range []string{"wobbly", "shaky", "wobbly", strings.Repeat("x", 200)} {
		u.Note("status", v)
	}
	u.Note("quality", "wobbly")
	if d := cmp.Diff(map[string]uint64{"status": 4, "quality": 1}, u.Counts()); d != "" || u.Count("status") != 4 {
		t.Error(d)
	}
	lines := strings.Split(strings.TrimSpace(logged.String()), "\n")
	if len(lines) != 4 {
		t.Fatalf("%d lines:\n%s", len(lines), logged.String())
	}
	if want := " source=meta field=status value=wobbly"; !strings.HasSuffix(lines[0], want) {
		t.Errorf("%q, want the end %q", lines[0], want)
	}
	if !strings.HasSuffix(lines[2], "value="+strings.Repeat("x", maxValue)) {
		t.Errorf("%q is not cut", lines[2])
	}
}

func TestAnUpstreamThatInventsValuesDoesNotFillTheLog(t *testing.T) {
	var logged strings.Builder
	u := NewUnheard(log.NewLogfmtLogger(&logged), "meta")
	for i := range 10 * maxTold {
		u.Note("status", strconv.Itoa(i))
	}
	if n := strings.Count(logged.String(), "\n"); n != maxTold || u.Count("status") != 10*maxTold {
		t.Errorf("%d lines, %d counted", n, u.Count("status"))
	}
}
