package config

import (
	"maps"
	"path/filepath"
	"slices"
	"strings"
	"time"

	"go.yaml.in/yaml/v3"

	"whatsapp_sla_exporter/internal/sla"
)

// FromAccount, in place of a time zone, country or region, is that of the account or helpdesk.
const FromAccount = "account"

// PolicyCalendar says when a policy's clock runs.
type PolicyCalendar struct {
	Always          bool   // it always does; nothing else matters then
	TimeZone        string // IANA name, or FromAccount
	Week            [7][]sla.Interval
	Country, Region string    // whose public holidays are closed, or FromAccount; empty: nobody's
	Closed          sla.Dates // more dates that are closed
	Exceptions      map[sla.Date][]sla.Interval
}

// calendar reads the calendar section.
func (r *policyDecoder) calendar(n *yaml.Node) PolicyCalendar {
	f := r.fields(n, "a calendar", "time_zone", "hours", "holidays", "exceptions", "source")
	r.text(f["source"])
	c := PolicyCalendar{Closed: make(sla.Dates), Exceptions: make(map[sla.Date][]sla.Interval)}
	if n == nil || n.Kind != yaml.MappingNode {
		return c
	}
	c.TimeZone = r.timeZone(f["time_zone"])
	switch hours := f["hours"]; {
	case hours == nil:
		r.fail(n, "hours are missing: write hours: always, or a list of {days: mon-fri, open: [\"09:00-17:00\"]}")
	case hours.Kind == yaml.ScalarNode && hours.Value == "always":
		c.Always = true
		for _, key := range []string{"holidays", "exceptions"} {
			if f[key] != nil {
				r.fail(f[key], "%s mean nothing with hours: always; write hours: [{days: mon-sun, open: [\"00:00-24:00\"]}]", key)
			}
		}
		return c
	default:
		r.hours(hours, &c.Week)
	}
	if c.TimeZone == "" {
		r.fail(n, "time_zone is missing: write an IANA name such as Europe/Madrid, or %s for that of the account", FromAccount)
	}
	r.holidays(f["holidays"], &c)
	r.each(f["exceptions"], func(date, hours *yaml.Node) {
		if hours.Value == "closed" {
			c.Exceptions[r.date(date)] = nil
			return
		}
		c.Exceptions[r.date(date)] = r.intervals(hours)
	})
	return c
}

func (r *policyDecoder) timeZone(n *yaml.Node) string {
	zone := r.text(n)
	if zone == "" || zone == FromAccount {
		return zone
	}
	if _, err := loadZone(zone); err != nil {
		r.fail(n, "%v", err)
	}
	return zone
}

// hours reads a list of days and their intervals. Intervals of a day that comes more than once add up.
func (r *policyDecoder) hours(n *yaml.Node, week *[7][]sla.Interval) {
	if n.Kind != yaml.SequenceNode {
		r.fail(n, "hours: write always, or a list of {days: mon-fri, open: [\"09:00-17:00\"]}")
		return
	}
	for _, entry := range n.Content {
		f := r.fields(entry, "an entry of hours", "days", "open", "source")
		r.text(f["source"])
		if f["days"] == nil || f["open"] == nil {
			r.fail(entry, "an entry of hours needs days and open: {days: mon-fri, open: [\"09:00-17:00\"]}")
			continue
		}
		intervals := r.intervals(f["open"])
		for _, day := range r.days(f["days"]) {
			week[day] = append(week[day], intervals...)
		}
	}
}

var dayNames = []string{"sun", "mon", "tue", "wed", "thu", "fri", "sat"}

// days reads mon, mon-fri or a list of them. A range may go over the weekend, as sat-mon.
func (r *policyDecoder) days(n *yaml.Node) []time.Weekday {
	var days []time.Weekday
	for _, text := range r.list(n, r.text) {
		first, last, isRange := strings.Cut(strings.ToLower(text), "-")
		if !isRange {
			last = first
		}
		from, to := slices.Index(dayNames, first), slices.Index(dayNames, last)
		if from < 0 || to < 0 {
			r.fail(n, "days %q: write mon, tue, wed, thu, fri, sat, sun, or a range such as mon-fri", text)
			continue
		}
		for day := from; ; day = (day + 1) % 7 {
			days = append(days, time.Weekday(day))
			if day == to {
				break
			}
		}
	}
	return days
}

func (r *policyDecoder) intervals(n *yaml.Node) []sla.Interval {
	var intervals []sla.Interval
	for _, text := range r.list(n, r.text) {
		i, err := sla.ParseInterval(text)
		if err != nil {
			r.fail(n, "%v", err)
			continue
		}
		intervals = append(intervals, i)
	}
	return intervals
}

// date reads 2026-12-24.
func (r *policyDecoder) date(n *yaml.Node) sla.Date {
	d, err := sla.ParseDate(r.text(n))
	if err != nil {
		r.fail(n, "%v", err)
	}
	return d
}

// holidays reads the holidays section: a country's, dates (12-24 comes every year), and calendar files.
func (r *policyDecoder) holidays(n *yaml.Node, c *PolicyCalendar) {
	f := r.fields(n, "holidays", "country", "region", "dates", "ics", "source")
	r.text(f["source"])
	c.Country, c.Region = r.text(f["country"]), r.text(f["region"])
	switch {
	case c.Country == "" && c.Region != "":
		r.fail(f["region"], "region %q: name its country too", c.Region)
	case c.Country != "" && c.Country != FromAccount && c.Region != FromAccount:
		if err := checkCountry(c.Country, c.Region); err != nil {
			r.fail(f["country"], "%v", err)
		}
	case c.Region != "" && c.Region != c.Country:
		r.fail(f["region"], "region %q of country %q: they are both the account's, or neither is", c.Region, c.Country)
	}
	for _, text := range r.list(f["dates"], r.text) {
		d, err := parseHoliday(text)
		if err != nil {
			r.fail(f["dates"], "%q is no date: write 2026-12-24, or 12-24 for every year", text)
			continue
		}
		c.Closed[d] = true
	}
	for _, file := range r.list(f["ics"], r.text) {
		if !filepath.IsAbs(file) {
			file = filepath.Join(filepath.Dir(r.document.file), file)
		}
		dates, err := readICS(file)
		if err != nil {
			r.fail(f["ics"], "%v", err)
		}
		maps.Copy(c.Closed, dates)
	}
}

// parseHoliday reads 2026-12-24, or 12-24 for every year.
func parseHoliday(s string) (sla.Date, error) {
	if len(s) == len("12-24") {
		d, err := sla.ParseDate("2000-" + s) // a leap year, so that 02-29 is a date
		d.Year = 0
		return d, err
	}
	return sla.ParseDate(s)
}
