package sla

import (
	"fmt"
	"math"
	"time"
)

// A calendar knows its hours in the years from firstYear to the end of lastYear. Outside them nobody knows the
// holidays, nor the clock changes: there it counts as always open, so that elapsed time stands in for working
// time and every sum still has a result.
const (
	firstYear = 2000
	lastYear  = 2050
)

// longestClosure is how long a calendar may stay closed at a time. It bounds every deadline and catches
// calendars that as good as never open.
const longestClosure = 366 * 24 * 60 * 60

// Calendar measures working time: the elapsed seconds inside open hours. It is open exactly while a wall clock
// in its zone shows a time inside the hours. So a change to summer or winter time makes a day of all-day hours
// 23 or 25 hours long, hours that the clock skips do not exist, and hours that it shows twice count twice.
//
// It is a table of openings. Working time is an axis on which closed time has no length: opens[k] is the k-th
// opening, in Unix seconds, and worked[k] is its place on that axis. Every question is a binary search. A
// Calendar is immutable.
type Calendar struct {
	opens, worked []int64
}

// dawn and dusk are before and after all time that a ticket can tell.
const (
	dawn = math.MinInt64 / 4
	dusk = math.MaxInt64 / 4
)

// Always is the calendar that never closes.
func Always() *Calendar { return &Calendar{opens: []int64{dawn}, worked: []int64{0}} }

// NewCalendar computes the openings. It refuses hours that never open, or not for more than a year.
func NewCalendar(h Hours) (*Calendar, error) {
	if err := h.check(); err != nil {
		return nil, err
	}
	first := time.Date(firstYear, time.January, 1, 0, 0, 0, 0, h.Zone)
	end := time.Date(lastYear+1, time.January, 1, 0, 0, 0, 0, h.Zone)
	b := builder{week: h.byDay(), holidays: h.Holidays, exceptions: h.Exceptions, opened: dawn, closed: first.Unix()}
	for from := first; from.Before(end); {
		to := constantUntil(from, end)
		b.period(from, to)
		from = to
	}
	b.open(end.Unix(), dusk)
	b.flush()
	if b.closedSince != 0 {
		return nil, fmt.Errorf("the calendar is closed for more than a year from %s on: check its hours and holidays",
			time.Unix(b.closedSince, 0).In(h.Zone).Format(time.DateOnly))
	}
	return &b.calendar, nil
}

// Add is the instant at which d of working time has passed since t: the earliest one, so that time that ends
// with the hours ends when they do and not at the next opening. d must be positive.
func (c *Calendar) Add(t time.Time, d time.Duration) time.Time {
	return instant(c.at(c.position(t.Unix()) + seconds(d)))
}

// Between is the working time from a to b, negative when b is before a.
func (c *Calendar) Between(a, b time.Time) time.Duration {
	return duration(c.position(b.Unix()) - c.position(a.Unix()))
}

// position is where on the axis of working time the instant t lies.
func (c *Calendar) position(t int64) int64 {
	k := below(c.opens, t+1)
	p := c.worked[k] + t - c.opens[k]
	if k+1 < len(c.worked) {
		p = min(p, c.worked[k+1]) // closed: everything until the next opening lies there
	}
	return p
}

// at is the earliest instant at position p of the axis.
func (c *Calendar) at(p int64) int64 {
	k := below(c.worked, p)
	return c.opens[k] + p - c.worked[k]
}

// below is the index of the last element of the ascending list that is less than x, or 0.
func below(list []int64, x int64) int {
	low, high := 0, len(list)
	for high-low > 1 {
		if middle := int(uint(low+high) / 2); list[middle] < x {
			low = middle
		} else {
			high = middle
		}
	}
	return low
}

// Instants are whole seconds.
func seconds(d time.Duration) int64  { return int64(d / time.Second) }
func duration(s int64) time.Duration { return time.Duration(s) * time.Second }
func instant(unix int64) time.Time   { return time.Unix(unix, 0).UTC() }
