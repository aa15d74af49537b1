package tickets

import (
	"iter"
	"slices"
	"time"

	"whatsapp_sla_exporter/internal/sla"
)

// Group is what tickets are counted by: the group labels of the ticket metrics.
type Group struct {
	Policy   string
	Severity string
	Tenant   string // empty where the operator sets none
}

// Snapshot is one helpdesk's open tickets after a pass: immutable, and small enough to count at each scrape.
// Its instants do not depend on the time, so whoever reads it compares them with now. All are whole seconds.
type Snapshot struct {
	Helpdesk string
	ReadAt   time.Time // of the last good pass; zero until all open tickets were read once

	Open      []OpenCount      // sorted by group, status; every status of a known group, 0 included
	Uncovered []UncoveredCount // sorted by policy, reason
	Targets   []TargetGroup    // sorted by group, target
	Outcomes  []OutcomeCount   // sorted by group, target; a known target of a known group starts at 0
	Urgent    []Deadline       // the open deadlines of the N most urgent tickets, earliest due first
	Dropped   int              // tickets with an open deadline that Urgent has no room for
	Excluded  int              // open tickets that the relabelling drops
	Vanished  uint64           // tickets that were open and that the helpdesk does not know any more, since the start
	BadRows   uint64           // rows that could not be understood, since the start
	Unmapped  []FieldCount     // sorted by field; values that the mapping did not know, since the start
}

// OpenCount counts open tickets. The policy of the group is empty where the ticket has none.
type OpenCount struct {
	Group  Group
	Status sla.Status
	Count  int
}

// UncoveredCount counts open tickets that no policy covers. Policy is empty where none was found.
type UncoveredCount struct {
	Policy string
	Reason sla.Reason
	Count  int
}

// OutcomeCount counts how often a target was met and breached, over restarts.
type OutcomeCount struct {
	Group         Group
	Target        sla.Target
	Met, Breached uint64
}

// FieldCount counts values of a field.
type FieldCount struct {
	Field string
	Count uint64
}

// Deadline is an open target of a ticket: unanswered, not paused, with a due.
type Deadline struct {
	Ticket string
	URL    string
	Group  Group
	Target sla.Target

	Start, Warning, Critical, Due time.Time
}

// TargetGroup is one target of one group. The open ones are kept as sorted instants (Unix seconds), so that the
// states at any time are three binary searches.
type TargetGroup struct {
	Group  Group
	Target sla.Target

	Warning, Critical, Due []int64
	// Paused, Met, BestEffort and Late (answered after its due) count the targets whose state no longer moves.
	Paused, Met, BestEffort, Late int

	// set and tickets are the open deadlines themselves, by due.
	set     *series
	tickets []*entry
}

// Counts counts the targets by state at now, in the order of sla.States. It agrees with sla.Instants.State at
// any now: warning and critical begin at their instant, breached begins after it.
func (g *TargetGroup) Counts(now time.Time) [7]int {
	warning, critical := upTo(g.Warning, now), upTo(g.Critical, now)
	breached := before(g.Due, now)
	return [7]int{
		len(g.Due) - warning, warning - critical, critical - breached, breached + g.Late,
		g.Paused, g.Met, g.BestEffort,
	}
}

// NextDue is the earliest due still ahead, or already breached and unanswered.
func (g *TargetGroup) NextDue() (time.Time, bool) {
	if len(g.Due) == 0 {
		return time.Time{}, false
	}
	return time.Unix(g.Due[0], 0), true
}

// Endangered yields the open deadlines that are past their warning at now, group by group.
func (s *Snapshot) Endangered(now time.Time) iter.Seq[*Deadline] {
	return func(yield func(*Deadline) bool) {
		for i := range s.Targets {
			if !s.Targets[i].endangered(now, yield) {
				return
			}
		}
	}
}

// endangered walks the deadlines by due until it has met all that are past their warning: whoever is due first is
// warned of first, but for tickets with calendars or leads of their own.
func (g *TargetGroup) endangered(now time.Time, yield func(*Deadline) bool) bool {
	left := upTo(g.Warning, now)
	for i := 0; left > 0 && i < len(g.tickets); i++ {
		r := g.tickets[i].run(g.set)
		if int64(r.warning) > now.Unix() {
			continue
		}
		left--
		if d := g.tickets[i].deadline(r); !yield(&d) {
			return false
		}
	}
	return true
}

// NextInstant is the next instant after now at which some target changes its state by itself. Breached begins
// after the due, so that its instant is a second later.
func (s *Snapshot) NextInstant(now time.Time) (time.Time, bool) {
	var next int64
	earliest := func(sorted []int64, i int, delay int64) {
		if i < len(sorted) && (next == 0 || sorted[i]+delay < next) {
			next = sorted[i] + delay
		}
	}
	for i := range s.Targets {
		g := &s.Targets[i]
		earliest(g.Warning, upTo(g.Warning, now), 0)
		earliest(g.Critical, upTo(g.Critical, now), 0)
		earliest(g.Due, before(g.Due, now), 1)
	}
	return time.Unix(next, 0), next != 0
}

// upTo counts the instants at or before now.
func upTo(sorted []int64, now time.Time) int {
	i, _ := slices.BinarySearch(sorted, now.Unix()+1)
	return i
}

// before counts the instants before now.
func before(sorted []int64, now time.Time) int {
	at := now.Unix()
	if now.Nanosecond() > 0 {
		at++
	}
	i, _ := slices.BinarySearch(sorted, at)
	return i
}
