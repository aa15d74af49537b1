package config

import (
	"os"
	"path/filepath"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"

	"whatsapp_sla_exporter/internal/sla"
)

func TestReadICSTakesAllDayEventsEachTimeTheyCome(t *testing.T) {
	all, err := readICS(filepath.Join("testdata", "policy", "company.ics"))
	if err != nil {
		t.Fatal(err)
	}
	got := make(sla.Dates)
	for d := range all {
		if d.Year <= 2030 {
			got[d] = true
		}
	}
	want := sla.Dates{
		{Year: 2026, Month: 8, Day: 10}: true, {Year: 2026, Month: 8, Day: 11}: true, // until the 12th, which is not part of it
		{Year: 2025, Month: 5, Day: 4}: true, {Year: 2026, Month: 5, Day: 4}: true, // not 2027 and 2029
		{Year: 2028, Month: 5, Day: 4}: true, {Year: 2030, Month: 5, Day: 4}: true,
		{Year: 2025, Month: 11, Day: 27}: true, {Year: 2026, Month: 11, Day: 26}: true, {Year: 2027, Month: 11, Day: 25}: true,
	}
	if diff := cmp.Diff(want, got); diff != "" {
		t.Error(diff)
	}
	if last := (sla.Date{Year: 2050, Month: 5, Day: 4}); !all[last] || all[sla.Date{Year: 2051, Month: 5, Day: 4}] {
		t.Error("a yearly event is not followed to the end of 2050")
	}
}

func TestReadICSRefuses(t *testing.T) {
	event := func(lines ...string) string {
		return "BEGIN:VCALENDAR\nVERSION:2.0\nPRODID:x\nBEGIN:VEVENT\nUID:e\n" + strings.Join(lines, "\n") + "\nEND:VEVENT\nEND:VCALENDAR\n"
	}
	for _, tt := range []struct{ name, text, want string }{
		{"nothing", "", "no all-day event in it"},
		{"the middle of a file", "BEGIN:VCALENDAR\nBEGIN:VEVENT\n", "not an iCalendar file"},
		{"a date that does not exist", event("DTSTART;VALUE=DATE:20260231"), `event "e": its start`},
		{"an end that does not exist", event("DTSTART;VALUE=DATE:20260227", "DTEND;VALUE=DATE:20260231"), `event "e": its end`},
		{"a rule that is none", event("DTSTART;VALUE=DATE:20260227", "RRULE:FREQ=SOMETIMES"), `event "e": its recurrence`},
		{"a rule by the minute", event("DTSTART;VALUE=DATE:20260227", "RRULE:FREQ=MINUTELY"), "holidays come yearly"},
		{"an exception that is no date", event("DTSTART;VALUE=DATE:20260227", "RRULE:FREQ=YEARLY", "EXDATE:20270227T000000Z"), "is no date"},
	} {
		t.Run(tt.name, func(t *testing.T) {
			if dates, err := parseICS(tt.text); err == nil || !strings.Contains(err.Error(), tt.want) {
				t.Errorf("got %v, %v, want %q", dates, err, tt.want)
			}
		})
	}
	large := filepath.Join(t.TempDir(), "large.ics")
	if err := os.WriteFile(large, make([]byte, maxICSSize+1), 0o600); err != nil {
		t.Fatal(err)
	}
	if _, err := readICS(large); err == nil || !strings.Contains(err.Error(), "larger than 4 MiB") {
		t.Errorf("got %v", err)
	}
}

func FuzzParseICS(f *testing.F) {
	seed, err := os.ReadFile(filepath.Join("testdata", "policy", "company.ics"))
	if err != nil {
		f.Fatal(err)
	}
	f.Add(string(seed))
	f.Add("BEGIN:VCALENDAR\nBEGIN:VEVENT\nDTSTART:20260101\nRRULE:FREQ=YEARLY;INTERVAL=0\nEND:VEVENT\nEND:VCALENDAR\n")
	f.Add("BEGIN:VCALENDAR\nBEGIN:VEVENT\nDTSTART:20260101\nDURATION:P99999W\nRRULE:FREQ=DAILY;BYSETPOS=400\nEND:VEVENT\nEND:VCALENDAR\n")
	f.Fuzz(func(t *testing.T, text string) {
		if dates, err := parseICS(text); err != nil && dates != nil {
			t.Errorf("both dates and an error: %v", err)
		}
	})
}
