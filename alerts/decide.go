package alerts

import (
	"time"

	"whatsapp_sla_exporter/internal/tickets"
)

// view is what the sidecar decides from: the tickets as last read, and what is known beside them.
type view struct {
	snapshots []*tickets.Snapshot
	// remembered are the dangers that were known before a restart, by helpdesk. They stand in for a helpdesk that
	// was not read since.
	remembered map[string][]memory
	// staleAfter is how long after its last read a helpdesk counts as unread; 0: never.
	staleAfter time.Duration
	diagnose   func(helpdesk string) string
}

// decide yields every alert that is due at now. It does no I/O and asks no clock.
//
// A helpdesk that cannot be read keeps its dangers, and they go on from warning to breached: the deadline runs on
// whether or not the helpdesk answers.
func (v *view) decide(now time.Time, yield func(Key, danger)) {
	for _, s := range v.snapshots {
		if s == nil {
			continue
		}
		known := danger{diagnosis: v.diagnosis(s.Helpdesk)}
		if s.ReadAt.IsZero() {
			v.recall(s.Helpdesk, known, now, yield)
			continue
		}
		if v.staleAfter > 0 && now.Sub(s.ReadAt) > v.staleAfter {
			known.lastRead = s.ReadAt
		}
		for deadline := range s.Endangered(now) {
			known.deadline = *deadline
			yield(known.key(s.Helpdesk, now), known)
		}
	}
}

// reads is when each helpdesk was last read; zero: not yet.
func (v *view) reads() map[string]time.Time {
	out := make(map[string]time.Time, len(v.snapshots))
	for _, s := range v.snapshots {
		if s != nil {
			out[s.Helpdesk] = s.ReadAt
		}
	}
	return out
}

// recall yields what was known of a helpdesk before the restart.
func (v *view) recall(helpdesk string, known danger, now time.Time, yield func(Key, danger)) {
	for _, m := range v.remembered[helpdesk] {
		known.deadline, known.lastRead = m.Deadline, m.ReadAt
		yield(known.key(helpdesk, now), known)
	}
}

func (v *view) diagnosis(helpdesk string) string {
	if v.diagnose == nil {
		return ""
	}
	return v.diagnose(helpdesk)
}

// next is the earliest instant after now at which some alert begins or becomes another, before the given limit.
func (v *view) next(now, limit time.Time) time.Time {
	earliest := func(at time.Time) {
		if at.After(now) && at.Before(limit) {
			limit = at
		}
	}
	for _, s := range v.snapshots {
		if s == nil {
			continue
		}
		if at, ok := s.NextInstant(now); ok {
			earliest(at)
		}
		if !s.ReadAt.IsZero() {
			continue
		}
		for _, m := range v.remembered[s.Helpdesk] {
			earliest(m.Deadline.Critical)
			earliest(m.Deadline.Due.Add(time.Second))
		}
	}
	return limit
}
