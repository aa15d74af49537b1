package sla_test

import (
	"fmt"
	"testing"
	"time"

	"pgregory.net/rapid"

	"whatsapp_sla_exporter/internal/sla"
)

// zones change their clocks in every way there is: by an hour, by half an hour, at midnight, around Ramadan, over
// the date line, and not at all.
var zones = []string{
	"UTC", "Europe/Berlin", "America/New_York", "America/St_Johns", "Asia/Kathmandu", "Australia/Lord_Howe",
	"America/Sao_Paulo", "Africa/Casablanca", "Pacific/Apia", "Pacific/Chatham", "Asia/Beirut", "Asia/Tehran",
}

func drawInterval(t *rapid.T) sla.Interval {
	const step = 15 * time.Minute
	if rapid.IntRange(0, 9).Draw(t, "all day") == 0 {
		return sla.AllDay
	}
	open := rapid.IntRange(0, 95).Draw(t, "open")
	length := rapid.IntRange(1, 95).Draw(t, "length")
	end := time.Duration(open+length) * step
	if end > 24*time.Hour {
		end -= 24 * time.Hour
	}
	return sla.Interval{Open: time.Duration(open) * step, Close: end}
}

// drawHours draws hours with several intervals a day, some over midnight, holidays and exceptions, and a start
// not far from them.
func drawHours(t *rapid.T) (sla.Hours, time.Time) {
	loc, err := time.LoadLocation(rapid.SampledFrom(zones).Draw(t, "zone"))
	if err != nil {
		t.Fatal(err)
	}
	h := sla.Hours{Zone: loc, Exceptions: make(map[sla.Date][]sla.Interval)}
	for range rapid.IntRange(1, 8).Draw(t, "intervals") {
		d := rapid.IntRange(0, 6).Draw(t, "weekday")
		h.Week[d] = append(h.Week[d], drawInterval(t))
	}
	start := time.Unix(rapid.Int64Range(1262304000, 2240611200).Draw(t, "start"), 0).In(loc) // 2010 to 2040
	holidays := make(sla.Dates)
	for range rapid.IntRange(0, 5).Draw(t, "holidays") {
		holidays[sla.DateOf(start.AddDate(0, 0, rapid.IntRange(0, 20).Draw(t, "holiday")))] = true
	}
	h.Holidays = []sla.Holidays{holidays}
	for range rapid.IntRange(0, 3).Draw(t, "exceptions") {
		date := sla.DateOf(start.AddDate(0, 0, rapid.IntRange(0, 20).Draw(t, "exception")))
		i := drawInterval(t)
		if i.Close > i.Open {
			h.Exceptions[date] = append(h.Exceptions[date], i)
		} else {
			h.Exceptions[date] = nil
		}
	}
	return h, start
}

// open says whether a wall clock in the zone shows a time inside the hours: what a calendar means, spelled out.
func open(h *sla.Hours, t time.Time) bool {
	t = t.In(h.Zone)
	date := sla.DateOf(t)
	clock := time.Duration(t.Hour())*time.Hour + time.Duration(t.Minute())*time.Minute + time.Duration(t.Second())*time.Second
	if intervals, ok := h.Exceptions[date]; ok {
		for _, i := range intervals {
			if i.Open <= clock && clock < i.Close {
				return true
			}
		}
		return false
	}
	for _, s := range h.Holidays {
		if s.Holiday(date.Year, date.Month, date.Day) {
			return false
		}
	}
	for _, i := range h.Week[t.Weekday()] {
		if i.Open <= clock && (clock < i.Close || i.Close <= i.Open) {
			return true
		}
	}
	for _, i := range h.Week[(t.Weekday()+6)%7] {
		if i.Close <= i.Open && clock < i.Close {
			return true
		}
	}
	return false
}

func TestCalendarCountsExactlyTheSecondsAtWhichTheClockShowsOpenHours(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		h, start := drawHours(t)
		c, err := sla.NewCalendar(h)
		if err != nil {
			t.Fatal(err)
		}
		start = start.Truncate(time.Minute)
		var want time.Duration
		const step = 5 * time.Minute
		start = start.Truncate(step)
		for at := start; at.Before(start.Add(9 * 24 * time.Hour)); at = at.Add(step) {
			if open(&h, at) {
				want += step
			}
			if got := c.Between(start, at.Add(step)); got != want {
				t.Fatalf("%s to %s: %s of working time, want %s", start, at.Add(step), got, want)
			}
		}
	})
}

func TestAddThenMeasureGivesTheDurationBack(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		h, start := drawHours(t)
		c, err := sla.NewCalendar(h)
		if err != nil {
			t.Fatal(err)
		}
		work := time.Duration(rapid.IntRange(1, 400*3600).Draw(t, "seconds")) * time.Second
		due := c.Add(start, work)
		if due.Year() > 2050 { // a minute a week: the calendar's own years are over, see Calendar
			return
		}
		if got := c.Between(start, due); got != work {
			t.Fatalf("%s + %s = %s, which is %s of working time", start, work, due, got)
		}
		if last := due.Add(-time.Second); !open(&h, last) {
			t.Fatalf("%s + %s = %s, inside closed time", start, work, due.In(h.Zone))
		}
	})
}

// ExampleCalendar shows a weekend.
func ExampleCalendar() {
	berlin, _ := time.LoadLocation("Europe/Berlin")
	h := sla.Hours{Zone: berlin}
	for d := time.Monday; d <= time.Friday; d++ {
		h.Week[d] = []sla.Interval{{Open: 2 * time.Hour, Close: 22 * time.Hour}}
	}
	c, _ := sla.NewCalendar(h)
	friday := time.Date(2026, time.January, 9, 21, 0, 0, 0, berlin)
	fmt.Println(c.Add(friday, 4*time.Hour).In(berlin).Format("Mon 15:04"))
	// Output: Mon 05:00
}
