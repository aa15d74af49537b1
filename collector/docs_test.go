package collector

import (
	"flag"
	"fmt"
	"os"
	"slices"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"
)

var update = flag.Bool("update", false, "write the tables of docs/metrics.md")

// The tables of the docs stand between these lines; the rest is written by hand.
const (
	docsFile  = "../docs/metrics.md"
	docsBegin = "<!-- tables: made by `go test ./collector -run Docs -update` -->\n"
	docsEnd   = "<!-- end of tables -->\n"
)

// docs are the tables of all families.
func docs() string {
	var b strings.Builder
	for _, s := range tables() {
		fmt.Fprintf(&b, "\n## %s\n\n| metric | type | labels | meaning | no series when |\n|---|---|---|---|---|\n", s.title)
		families := slices.Clone(s.table.families)
		slices.SortFunc(families, func(x, y *family) int { return strings.Compare(x.name, y.name) })
		for _, f := range families {
			fmt.Fprintf(&b, "| `%s` | %s | %s | %s | %s |\n", f.name, strings.ToLower(f.kind.String()), labelsOf(f), f.help, f.absent)
		}
		for _, f := range families {
			if f.label != "" {
				fmt.Fprintf(&b, "\n`%s` of `%s`: %s.\n", f.label, f.name, strings.Join(f.values, ", "))
			}
		}
	}
	return b.String() + "\n"
}

func labelsOf(f *family) string {
	quoted := make([]string, len(f.labels))
	for i, l := range f.labels {
		quoted[i] = "`" + l + "`"
	}
	return strings.Join(quoted, ", ")
}

func TestDocsTellWhatIsServed(t *testing.T) {
	file, err := os.ReadFile(docsFile)
	if err != nil {
		t.Fatal(err)
	}
	before, rest, ok := strings.Cut(string(file), docsBegin)
	was, after, ok2 := strings.Cut(rest, docsEnd)
	if !ok || !ok2 {
		t.Fatalf("%s has no lines %q and %q", docsFile, docsBegin, docsEnd)
	}
	if *update {
		if err := os.WriteFile(docsFile, []byte(before+docsBegin+docs()+docsEnd+after), 0o644); err != nil {
			t.Fatal(err)
		}
		return
	}
	if diff := cmp.Diff(was, docs()); diff != "" {
		t.Errorf("%s is out of date, run this test with -update (-file +families):\n%s", docsFile, diff)
	}
}
