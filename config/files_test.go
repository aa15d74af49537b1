package config

import (
	"os"
	"path/filepath"
	"testing"

	"github.com/google/go-cmp/cmp"
)

func TestDigestsChangeWithWhatAProfileOrACalendarSays(t *testing.T) {
	dir := t.TempDir()
	put := func(name, text string) {
		if err := os.WriteFile(filepath.Join(dir, name), []byte(text), 0o600); err != nil {
			t.Fatal(err)
		}
	}
	day := func(date string) string {
		return "BEGIN:VCALENDAR\r\nVERSION:2.0\r\nPRODID:x\r\nBEGIN:VEVENT\r\nUID:1\r\nDTSTART;VALUE=DATE:" + date + "\r\nEND:VEVENT\r\nEND:VCALENDAR\r\n"
	}
	digests := func() []string {
		c, err := Parse(filepath.Join(dir, "c.yml"), []byte(`
helpdesks: [{name: own, type: declarative, profile_file: own.yaml, url: "https://own.example"}]
policies: [{name: ours, extends: 360dialog-premium, calendar: {holidays: {ics: closed.ics, source: us}}}]
`))
		if err != nil {
			t.Fatal(err)
		}
		return c.Digests
	}
	put("own.yaml", "name: own")
	put("closed.ics", day("20261224"))
	first := digests()
	if len(first) != 2 || !cmp.Equal(first, digests()) {
		t.Fatalf("the same files give %q and %q", first, digests())
	}
	put("own.yaml", "name: own # changed")
	second := digests()
	put("closed.ics", day("20261225"))
	third := digests()
	if first[0] == second[0] || first[1] != second[1] || second[0] != third[0] || second[1] == third[1] {
		t.Errorf("%q\n%q\n%q", first, second, third)
	}
}
