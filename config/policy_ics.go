package config

import (
	"errors"
	"fmt"
	"os"
	"slices"
	"strings"
	"time"

	ics "github.com/arran4/golang-ical"
	"github.com/teambition/rrule-go"

	"whatsapp_sla_exporter/internal/sla"
)

// maxICSSize bounds a calendar file.
const maxICSSize = 4 << 20

// lastICSYear is until when events that come again and again are followed; a calendar knows no later holidays.
const lastICSYear = 2050

// readICS reads the dates of the all-day events of an iCalendar file (RFC 5545). Events with a time of day, and
// cancelled ones, are no holidays.
func readICS(file string) (sla.Dates, error) {
	raw, err := os.ReadFile(file)
	if err != nil {
		return nil, fmt.Errorf("reading holidays: %w", err)
	}
	if len(raw) > maxICSSize {
		return nil, fmt.Errorf("reading holidays: %s is larger than 4 MiB: is it a calendar of holidays?", file)
	}
	dates, err := parseICS(strings.TrimPrefix(string(raw), "\ufeff"))
	if err != nil {
		return nil, fmt.Errorf("reading holidays: %s: %w", file, err)
	}
	return dates, nil
}

func parseICS(text string) (sla.Dates, error) {
	cal, err := ics.ParseCalendar(strings.NewReader(text))
	if err != nil {
		return nil, fmt.Errorf("not an iCalendar file: %w", err)
	}
	dates := make(sla.Dates)
	for _, event := range cal.Events() {
		if err := addEvent(dates, event); err != nil {
			return nil, fmt.Errorf("event %q: %w", property(event, ics.ComponentPropertyUniqueId), err)
		}
	}
	if len(dates) == 0 {
		return nil, errors.New("no all-day event in it: a holiday starts with DTSTART;VALUE=DATE")
	}
	return dates, nil
}

// icsDate is how a date is written, and nothing else is.
const icsDate = "20060102"

// addEvent adds the dates that an all-day event takes, each time it comes.
func addEvent(dates sla.Dates, event *ics.VEvent) error {
	start := property(event, ics.ComponentPropertyDtStart)
	if len(start) != len(icsDate) || strings.EqualFold(property(event, ics.ComponentPropertyStatus), "CANCELLED") {
		return nil
	}
	first, err := time.Parse(icsDate, start)
	if err != nil {
		return fmt.Errorf("its start %q is no date", start)
	}
	days := 1
	if end := property(event, ics.ComponentPropertyDtEnd); end != "" {
		last, err := time.Parse(icsDate, end)
		if err != nil {
			return fmt.Errorf("its end %q is no date", end)
		}
		days = min(max(int(last.Sub(first)/(24*time.Hour)), 1), 366)
	}
	starts, err := occurrences(event, first)
	if err != nil {
		return err
	}
	for _, s := range starts {
		for day := range days {
			dates[sla.DateOf(s.AddDate(0, 0, day))] = true
		}
	}
	return nil
}

// occurrences are the dates on which an event starts.
func occurrences(event *ics.VEvent, first time.Time) ([]time.Time, error) {
	text := property(event, ics.ComponentPropertyRrule)
	if text == "" {
		return []time.Time{first}, nil
	}
	option, err := rrule.StrToROption(text)
	if err != nil {
		return nil, fmt.Errorf("its recurrence %q: %w", text, err)
	}
	if option.Freq > rrule.DAILY {
		return nil, fmt.Errorf("its recurrence %q: holidays come yearly, monthly, weekly or daily", text)
	}
	option.Dtstart = first
	rule, err := rrule.NewRRule(*option)
	if err != nil {
		return nil, fmt.Errorf("its recurrence %q: %w", text, err)
	}
	excluded, err := exceptions(event)
	if err != nil {
		return nil, err
	}
	starts := rule.Between(first, time.Date(lastICSYear, time.December, 31, 0, 0, 0, 0, time.UTC), true)
	return slices.DeleteFunc(starts, func(t time.Time) bool { return excluded[t] }), nil
}

// exceptions are the dates on which an event does not come although its recurrence says so.
func exceptions(event *ics.VEvent) (map[time.Time]bool, error) {
	excluded := make(map[time.Time]bool)
	for _, p := range event.GetProperties(ics.ComponentPropertyExdate) {
		for value := range strings.SplitSeq(p.Value, ",") {
			t, err := time.Parse(icsDate, value)
			if err != nil {
				return nil, fmt.Errorf("its exception %q is no date", value)
			}
			excluded[t] = true
		}
	}
	return excluded, nil
}

func property(event *ics.VEvent, name ics.ComponentProperty) string {
	if p := event.GetProperty(name); p != nil {
		return p.Value
	}
	return ""
}
