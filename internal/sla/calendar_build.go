package sla

import "time"

// builder makes a calendar's table of openings, from the past to the future.
type builder struct {
	week       [7][]Interval // split at midnight
	holidays   []Holidays
	exceptions map[Date][]Interval

	calendar Calendar
	// opened to closed is the last open stretch, which may still grow; worked is all before it.
	opened, closed, worked int64
	// closedSince is the start of a closure longer than longestClosure; 0 when there is none.
	closedSince int64
}

// period adds the openings from one clock change of the zone to the next. In between, wall-clock time is a
// constant offset away from Unix time, and days are all alike.
func (b *builder) period(from, to time.Time) {
	_, offset := from.Zone()
	start, end := from.Unix(), to.Unix()
	const daySeconds = int64(day / time.Second)
	for n := floorDiv(start+int64(offset), daySeconds); ; n++ {
		midnight := n*daySeconds - int64(offset)
		if midnight >= end {
			return
		}
		for _, i := range b.hours(time.Unix(n*daySeconds, 0).UTC()) {
			b.open(max(start, midnight+seconds(i.Open)), min(end, midnight+seconds(i.Close)))
		}
	}
}

// constantUntil is an instant after t, at most end, until which the offset of its zone does not change.
func constantUntil(t, end time.Time) time.Time {
	_, to := t.ZoneBounds()
	if !to.IsZero() && !to.After(t) {
		// golang/go#81583: in leap years after the last change that the zone lists, the bound of the last
		// period is the 31st of December, even on that day.
		to = t.Add(day)
	}
	if to.IsZero() || to.After(end) {
		return end
	}
	return to
}

// hours are the open hours of the date that t shows.
func (b *builder) hours(t time.Time) []Interval {
	date := DateOf(t)
	if hours, ok := b.exceptions[date]; ok {
		return union(hours)
	}
	for _, h := range b.holidays {
		if h.Holiday(date.Year, date.Month, date.Day) {
			return nil
		}
	}
	return b.week[t.Weekday()]
}

// open adds an open stretch, or lengthens the last one where it goes on.
func (b *builder) open(from, to int64) {
	switch {
	case from >= to: // cut away by a clock change
	case from <= b.closed:
		b.closed = to
	default:
		if from-b.closed > longestClosure && b.closedSince == 0 {
			b.closedSince = b.closed
		}
		b.flush()
		b.opened, b.closed = from, to
	}
}

// flush writes the last open stretch into the table.
func (b *builder) flush() {
	b.calendar.opens = append(b.calendar.opens, b.opened)
	b.calendar.worked = append(b.calendar.worked, b.worked)
	b.worked += b.closed - b.opened
}

func floorDiv(a, b int64) int64 {
	q := a / b
	if a%b < 0 {
		q--
	}
	return q
}
