package sla_test

import (
	"strings"
	"testing"
	"time"
	_ "time/tzdata"

	"whatsapp_sla_exporter/internal/sla"
)

// hours makes the weekly hours of some days out of intervals such as 09:00-17:00.
func hours(t testing.TB, zone string, days []time.Weekday, intervals ...string) sla.Hours {
	t.Helper()
	h := sla.Hours{Zone: location(t, zone)}
	for _, d := range days {
		h.Week[d] = parse(t, intervals...)
	}
	return h
}

func parse(t testing.TB, intervals ...string) []sla.Interval {
	t.Helper()
	var out []sla.Interval
	for _, s := range intervals {
		i, err := sla.ParseInterval(s)
		if err != nil {
			t.Fatal(err)
		}
		out = append(out, i)
	}
	return out
}

func location(t testing.TB, zone string) *time.Location {
	t.Helper()
	loc, err := time.LoadLocation(zone)
	if err != nil {
		t.Fatal(err)
	}
	return loc
}

func calendar(t testing.TB, h sla.Hours) *sla.Calendar {
	t.Helper()
	c, err := sla.NewCalendar(h)
	if err != nil {
		t.Fatal(err)
	}
	return c
}

// ts reads an RFC 3339 time. Tests write instants with the offset in force, so that DST is plain to see.
func ts(t testing.TB, s string) time.Time {
	t.Helper()
	if s == "" {
		return time.Time{}
	}
	at, err := time.Parse(time.RFC3339, s)
	if err != nil {
		t.Fatal(err)
	}
	return at
}

var (
	everyDay = []time.Weekday{0, 1, 2, 3, 4, 5, 6}
	weekdays = []time.Weekday{1, 2, 3, 4, 5}
)

func TestAddSkipsClosedTime(t *testing.T) {
	standard := hours(t, "Europe/Berlin", weekdays, "02:00-22:00")
	lunch := hours(t, "Europe/Madrid", weekdays, "09:00-14:00", "16:00-19:00")
	night := hours(t, "America/Sao_Paulo", weekdays, "22:00-06:00")
	kathmandu := hours(t, "Asia/Kathmandu", weekdays, "10:00-17:00")
	allWeek := hours(t, "Europe/Berlin", everyDay, "00:00-24:00")
	closedFriday := hours(t, "Europe/Berlin", weekdays, "09:00-17:00")
	closedFriday.Holidays = []sla.Holidays{sla.Dates{{Year: 2026, Month: 4, Day: 3}: true, {Year: 0, Month: 4, Day: 6}: true}}
	halfDay := hours(t, "Europe/Berlin", weekdays, "09:00-17:00")
	halfDay.Holidays = []sla.Holidays{sla.Dates{{Year: 2026, Month: 12, Day: 24}: true, {Year: 0, Month: 12, Day: 25}: true}}
	halfDay.Exceptions = map[sla.Date][]sla.Interval{{Year: 2026, Month: 12, Day: 24}: parse(t, "09:00-12:00")}
	nightBeforeHoliday := night
	nightBeforeHoliday.Holidays = []sla.Holidays{sla.Dates{{Year: 2026, Month: 7, Day: 9}: true}}

	tests := []struct {
		name  string
		hours sla.Hours
		start string
		work  time.Duration
		want  string
	}{
		{"goes on after the weekend", standard, "2026-01-09T21:00:00+01:00", 4 * time.Hour, "2026-01-12T05:00:00+01:00"},
		{"starts at the next opening when it starts on a closed day", standard, "2026-01-10T12:00:00+01:00", 4 * time.Hour, "2026-01-12T06:00:00+01:00"},
		{"starts at the next opening when it starts in the night", standard, "2026-01-13T22:00:00+01:00", time.Second, "2026-01-14T02:00:01+01:00"},
		{"ends when the hours end, not at the next opening", standard, "2026-01-09T21:00:00+01:00", time.Hour, "2026-01-09T22:00:00+01:00"},
		{"runs for more than a week", standard, "2026-01-05T02:00:00+01:00", 230 * time.Hour, "2026-01-20T12:00:00+01:00"},
		{"crosses two weekends and ends at a closing", standard, "2026-01-05T02:00:00+01:00", 200 * time.Hour, "2026-01-16T22:00:00+01:00"},
		{"pauses for lunch", lunch, "2026-05-04T13:00:00+02:00", 2 * time.Hour, "2026-05-04T17:00:00+02:00"},
		{"goes on over midnight", night, "2026-07-01T23:00:00-03:00", 3 * time.Hour, "2026-07-02T02:00:00-03:00"},
		{"ends Friday's night shift on Saturday morning", night, "2026-07-03T23:00:00-03:00", 8 * time.Hour, "2026-07-06T23:00:00-03:00"},
		{"closes the small hours of a holiday that the night before runs into", nightBeforeHoliday, "2026-07-08T23:00:00-03:00", 2 * time.Hour, "2026-07-10T01:00:00-03:00"},
		{"keeps hours of a zone 5 h 45 min from UTC", kathmandu, "2026-06-01T16:00:00+05:45", 2 * time.Hour, "2026-06-02T11:00:00+05:45"},
		{"skips a holiday and one that comes every year", closedFriday, "2026-04-02T16:00:00+02:00", 2 * time.Hour, "2026-04-07T10:00:00+02:00"},
		{"keeps the hours of an exception on a holiday", halfDay, "2026-12-23T16:00:00+01:00", 5 * time.Hour, "2026-12-28T10:00:00+01:00"},
		{"counts seconds, not the wall, when summer begins", allWeek, "2026-03-29T00:00:00+01:00", 4 * time.Hour, "2026-03-29T05:00:00+02:00"},
		{"counts seconds, not the wall, when summer ends", allWeek, "2026-10-25T00:00:00+02:00", 4 * time.Hour, "2026-10-25T03:00:00+01:00"},
		{"has one hour less in the week in which summer begins", allWeek, "2026-03-28T12:00:00+01:00", 24 * time.Hour, "2026-03-29T13:00:00+02:00"},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			c := calendar(t, tt.hours)
			start, want := ts(t, tt.start), ts(t, tt.want)
			if got := c.Add(start, tt.work); !got.Equal(want) {
				t.Errorf("%s + %s = %s, want %s", tt.start, tt.work, got.In(want.Location()), tt.want)
			}
			if got := c.Between(start, want); got != tt.work {
				t.Errorf("%s to %s is %s of working time, want %s", tt.start, tt.want, got, tt.work)
			}
		})
	}
}

func TestBetweenOnDaysOfClockChanges(t *testing.T) {
	tests := []struct {
		name     string
		zone     string
		hours    string
		from, to string
		want     time.Duration
	}{
		{"the day on which summer begins is 23 hours long", "Europe/Berlin", "00:00-24:00", "2026-03-29T00:00:00+01:00", "2026-03-30T00:00:00+02:00", 23 * time.Hour},
		{"the day on which summer ends is 25 hours long", "Europe/Berlin", "00:00-24:00", "2026-10-25T00:00:00+02:00", "2026-10-26T00:00:00+01:00", 25 * time.Hour},
		{"hours from 02:30 on open at 03:00 when 02:30 is skipped", "Europe/Berlin", "02:30-05:00", "2026-03-29T00:00:00+01:00", "2026-03-30T00:00:00+02:00", 2 * time.Hour},
		{"hours inside the skipped hour do not exist", "Europe/Berlin", "02:15-02:45", "2026-03-29T00:00:00+01:00", "2026-03-30T00:00:00+02:00", 0},
		{"hours from 02:30 on open twice when 02:30 comes twice", "Europe/Berlin", "02:30-05:00", "2026-10-25T00:00:00+02:00", "2026-10-26T00:00:00+01:00", 3 * time.Hour},
		{"hours until 02:30 close, and open again at the second 02:00", "Europe/Berlin", "01:00-02:30", "2026-10-25T00:00:00+02:00", "2026-10-26T00:00:00+01:00", 2 * time.Hour},
		{"hours away from the change are not touched", "Europe/Berlin", "09:00-17:00", "2026-10-25T00:00:00+02:00", "2026-10-26T00:00:00+01:00", 8 * time.Hour},
		{"summer ends with half an hour on Lord Howe", "Australia/Lord_Howe", "01:00-03:00", "2026-04-05T00:00:00+11:00", "2026-04-06T00:00:00+10:30", 150 * time.Minute},
		{"summer begins with half an hour on Lord Howe", "Australia/Lord_Howe", "01:00-03:00", "2026-10-04T00:00:00+10:30", "2026-10-05T00:00:00+11:00", 90 * time.Minute},
		{"a change at midnight shortens the first hours of the day", "Asia/Beirut", "00:00-02:00", "2026-03-28T12:00:00+02:00", "2026-03-29T12:00:00+03:00", time.Hour},
		{"a date that the zone skipped has no hours", "Pacific/Apia", "09:00-17:00", "2011-12-29T00:00:00-10:00", "2012-01-01T00:00:00+14:00", 16 * time.Hour},
		{"is negative backwards", "UTC", "09:00-17:00", "2026-01-02T12:00:00Z", "2026-01-01T12:00:00Z", -8 * time.Hour},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			c := calendar(t, hours(t, tt.zone, everyDay, tt.hours))
			if got := c.Between(ts(t, tt.from), ts(t, tt.to)); got != tt.want {
				t.Errorf("got %s, want %s", got, tt.want)
			}
		})
	}
}

func TestOutsideItsYearsACalendarIsAlwaysOpen(t *testing.T) {
	c := calendar(t, hours(t, "Europe/Berlin", weekdays, "09:00-17:00"))
	for _, start := range []string{"1970-01-01T00:00:00Z", "2099-08-01T00:00:00Z", "0001-01-01T00:00:00Z", "9999-12-01T00:00:00Z"} {
		at := ts(t, start)
		if got, want := c.Add(at, 100*time.Hour), at.Add(100*time.Hour); !got.Equal(want) {
			t.Errorf("%s + 100h = %s, want %s", start, got, want)
		}
	}
}

// never is a holiday every day.
type never struct{}

func (never) Holiday(int, time.Month, int) bool { return true }

func TestNewCalendarRefusesHoursThatCannotWork(t *testing.T) {
	closed := hours(t, "UTC", weekdays, "09:00-17:00")
	closed.Holidays = []sla.Holidays{never{}}
	overMidnight := hours(t, "UTC", weekdays, "09:00-17:00")
	overMidnight.Exceptions = map[sla.Date][]sla.Interval{{Year: 2026, Month: 12, Day: 24}: parse(t, "22:00-06:00")}
	bad := hours(t, "UTC", weekdays, "09:00-17:00")
	bad.Week[0] = []sla.Interval{{Open: time.Hour, Close: 25 * time.Hour}}
	badException := hours(t, "UTC", weekdays, "09:00-17:00")
	badException.Exceptions = map[sla.Date][]sla.Interval{{Year: 2026, Month: 12, Day: 24}: {{Open: -time.Hour, Close: time.Hour}}}

	tests := []struct {
		name  string
		hours sla.Hours
		want  string
	}{
		{"no zone", sla.Hours{}, "needs a time zone"},
		{"no hours", sla.Hours{Zone: time.UTC}, "never opens"},
		{"a holiday every day", closed, "closed for more than a year from 2000-01-01 on"},
		{"an exception over midnight", overMidnight, "hours 22:00-06:00 of 2026-12-24 run over midnight"},
		{"an interval longer than a day", bad, "do not fit into a day"},
		{"an exception before midnight", badException, "do not fit into a day"},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			if _, err := sla.NewCalendar(tt.hours); err == nil || !strings.Contains(err.Error(), tt.want) {
				t.Errorf("got %v, want %q", err, tt.want)
			}
		})
	}
}

func TestParseInterval(t *testing.T) {
	for _, s := range []string{"00:00-24:00", "09:00-17:30", "22:00-06:00", "18:00-24:00", "12:00-00:00"} {
		i, err := sla.ParseInterval(s)
		if err != nil || i.String() != s {
			t.Errorf("%s: read as %s, %v", s, i, err)
		}
	}
	for _, s := range []string{
		"", "9:00-17:00", "09:00", "09:00-17:00 ", "09:00-17:00x", "24:00-06:00", "09:00-25:00", "09:60-10:00", "09:00-24:01",
		"09:00-09:00", "00:00-00:00", "-1:00-02:00", "+9:00-17:00", "0900-1700",
	} {
		if i, err := sla.ParseInterval(s); err == nil {
			t.Errorf("%q: read as %s, want an error", s, i)
		}
	}
}

func TestParseDate(t *testing.T) {
	if d, err := sla.ParseDate("2028-02-29"); err != nil || d != (sla.Date{Year: 2028, Month: 2, Day: 29}) {
		t.Errorf("got %v, %v", d, err)
	}
	if d, err := sla.ParseDate("2027-02-29"); err == nil {
		t.Errorf("got %v, want an error", d)
	}
}
