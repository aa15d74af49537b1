package sla

import (
	"cmp"
	"fmt"
	"slices"
	"time"
)

// Hours say when a calendar is open. All of them are wall-clock times in the zone.
type Hours struct {
	Zone *time.Location
	// Week holds the intervals of each day, by time.Weekday.
	Week [7][]Interval
	// Holidays are dates that are closed from midnight to midnight, whatever the week says.
	Holidays []Holidays
	// Exceptions are dates with hours of their own, which beat both the week and the holidays. A date without
	// an interval is closed.
	Exceptions map[Date][]Interval
}

// Holidays is a source of dates that are closed.
type Holidays interface {
	Holiday(year int, month time.Month, day int) bool
}

// Interval is a stretch of a day, from Open until just before Close, in wall-clock time since midnight. Where
// Close is not after Open the interval goes on over midnight into the next day.
type Interval struct{ Open, Close time.Duration }

// day is the wall-clock length of a day: on every day of the year the hands go round twice.
const day = 24 * time.Hour

// AllDay is the interval 00:00-24:00.
var AllDay = Interval{Open: 0, Close: day}

// ParseInterval reads an interval such as 09:00-17:30, 18:00-24:00 or, over midnight, 22:00-06:00.
func ParseInterval(s string) (Interval, error) {
	var open, openMin, end, endMin int
	const format = "%02d:%02d-%02d:%02d"
	n, err := fmt.Sscanf(s, format, &open, &openMin, &end, &endMin)
	i := Interval{Open: wall(open, openMin), Close: wall(end, endMin)}
	if n != 4 || err != nil || fmt.Sprintf(format, open, openMin, end, endMin) != s || openMin > 59 || endMin > 59 {
		return Interval{}, fmt.Errorf("hours %q are not of the form 09:00-17:30", s)
	}
	return i, i.check()
}

func wall(hours, minutes int) time.Duration {
	return time.Duration(hours)*time.Hour + time.Duration(minutes)*time.Minute
}

// String writes the interval as ParseInterval reads it.
func (i Interval) String() string {
	minutes := func(d time.Duration) (int, int) { return int(d / time.Hour), int(d % time.Hour / time.Minute) }
	open, openMin := minutes(i.Open)
	end, endMin := minutes(i.Close)
	return fmt.Sprintf("%02d:%02d-%02d:%02d", open, openMin, end, endMin)
}

func (i Interval) overMidnight() bool { return i.Close <= i.Open }

func (i Interval) check() error {
	switch {
	case i.Open < 0 || i.Open >= day || i.Close < 0 || i.Close > day:
		return fmt.Errorf("hours %s do not fit into a day: opening is 00:00 to 23:59, closing 00:00 to 24:00", i)
	case i.Open == i.Close:
		return fmt.Errorf("hours %s are empty: write 00:00-24:00 for the whole day", i)
	}
	return nil
}

// Date is a calendar date, without a zone.
type Date struct {
	Year  int
	Month time.Month
	Day   int
}

// ParseDate reads a date such as 2026-12-24.
func ParseDate(s string) (Date, error) {
	t, err := time.Parse(time.DateOnly, s)
	if err != nil {
		return Date{}, fmt.Errorf("%q is not a date such as 2026-12-24", s)
	}
	return DateOf(t), nil
}

// DateOf is the date that t shows in its own location.
func DateOf(t time.Time) Date {
	y, m, d := t.Date()
	return Date{y, m, d}
}

// Dates is a set of dates that are closed. One of year 0 is closed every year.
type Dates map[Date]bool

// Holiday says whether the date is in the set.
func (s Dates) Holiday(year int, month time.Month, day int) bool {
	return s[Date{year, month, day}] || s[Date{0, month, day}]
}

// check refuses hours that cannot make a calendar.
func (h *Hours) check() error {
	if h.Zone == nil {
		return fmt.Errorf("a calendar needs a time zone")
	}
	opens := false
	for _, intervals := range h.Week {
		for _, i := range intervals {
			if err := i.check(); err != nil {
				return err
			}
			opens = true
		}
	}
	if !opens {
		return fmt.Errorf("the calendar never opens: give it weekly hours")
	}
	for date, intervals := range h.Exceptions {
		for _, i := range intervals {
			if err := i.check(); err != nil {
				return err
			}
			if i.overMidnight() {
				return fmt.Errorf("hours %s of %04d-%02d-%02d run over midnight: end them at 24:00 and give the next date hours of its own",
					i, date.Year, date.Month, date.Day)
			}
		}
	}
	return nil
}

// byDay splits the week's intervals at midnight and joins those that touch, so that the hours of a date are a
// matter of that date alone: a holiday is closed in the small hours too.
func (h *Hours) byDay() [7][]Interval {
	var week [7][]Interval
	for d, intervals := range h.Week {
		for _, i := range intervals {
			if !i.overMidnight() {
				week[d] = append(week[d], i)
				continue
			}
			next := (d + 1) % 7
			week[d] = append(week[d], Interval{Open: i.Open, Close: day})
			if i.Close > 0 {
				week[next] = append(week[next], Interval{Open: 0, Close: i.Close})
			}
		}
	}
	for d := range week {
		week[d] = union(week[d])
	}
	return week
}

// union sorts intervals and joins those that overlap or touch.
func union(intervals []Interval) []Interval {
	sorted := slices.SortedFunc(slices.Values(intervals), func(a, b Interval) int { return cmp.Compare(a.Open, b.Open) })
	var out []Interval
	for _, i := range sorted {
		if last := len(out) - 1; last >= 0 && i.Open <= out[last].Close {
			out[last].Close = max(out[last].Close, i.Close)
			continue
		}
		out = append(out, i)
	}
	return out
}
