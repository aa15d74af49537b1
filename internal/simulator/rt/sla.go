package rt

import (
	"slices"
	"time"
)

// applyLevel sets the due date as RT's service levels do: the earliest of what is promised, or none.
func (s *Server) applyLevel(t *ticket) {
	l, ok := s.o.Levels[t.level]
	if !ok || t.status == "deleted" {
		return
	}
	if slices.Contains(l.Ignore, t.status) {
		s.setDue(t, systemID, time.Time{})
		return
	}
	var due time.Time
	for _, p := range []struct {
		from time.Time
		in   time.Duration
	}{{t.waits, l.Response}, {t.inLoop, l.KeepInLoop}, {t.created, l.Resolve}} {
		if p.in == 0 || p.from.IsZero() {
			continue
		}
		if at := p.from.Add(p.in); due.IsZero() || at.Before(due) {
			due = at
		}
	}
	s.setDue(t, systemID, due)
}

func (s *Server) setDue(t *ticket, by int64, due time.Time) {
	if !due.Equal(t.due) {
		s.record(t, by, "Set", "Due", sqlDate(t.due), sqlDate(due))
		t.due = due
	}
}

// sqlDate is a date as the values of transactions have it: UTC, without saying so.
func sqlDate(t time.Time) string { return shown(t).Format(time.DateTime) }

// shown is a date as RT shows it: one that is not set is 1970.
func shown(t time.Time) time.Time {
	if t.IsZero() {
		return time.Unix(0, 0).UTC()
	}
	return t.UTC().Truncate(time.Second)
}
