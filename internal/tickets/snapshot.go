package tickets

import (
	"iter"
	"slices"
	"sort"
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
// Its instants do not depend on the time, so whoever reads it compares them with now.
type Snapshot struct {
	Helpdesk string
	ReadAt   time.Time // end of the last good pass; zero before the first

	Open      []OpenCount      // sorted by group, status; every status of a known group, 0 included
	Uncovered []UncoveredCount // sorted by policy, reason
	Targets   []TargetGroup    // sorted by group, target
	Urgent    []Deadline       // the N most urgent open deadlines, earliest due first
	Dropped   int              // tickets with an open deadline that Urgent has no room for

	// deadlines are all open deadlines, by the instant of their warning.
	deadlines []Deadline
	// instants are all warning, critical and due instants of them, sorted.
	instants []int64
}

// OpenCount counts open tickets.
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
}

// Counts counts the targets by state at now, in the order of sla.States.
func (g *TargetGroup) Counts(now time.Time) [7]int {
	at := now.Unix()
	warning := sort.Search(len(g.Warning), func(i int) bool { return g.Warning[i] > at })
	critical := sort.Search(len(g.Critical), func(i int) bool { return g.Critical[i] > at })
	breached := sort.Search(len(g.Due), func(i int) bool { return g.Due[i] >= at })
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

// Endangered yields the open deadlines that are past their warning at now.
func (s *Snapshot) Endangered(now time.Time) iter.Seq[*Deadline] {
	return func(yield func(*Deadline) bool) {
		for i := range s.deadlines {
			if s.deadlines[i].Warning.After(now) || !yield(&s.deadlines[i]) {
				return
			}
		}
	}
}

// NextInstant is the next instant after now at which some target changes its state by itself.
func (s *Snapshot) NextInstant(now time.Time) (time.Time, bool) {
	i, _ := slices.BinarySearch(s.instants, now.Unix()+1)
	if i == len(s.instants) {
		return time.Time{}, false
	}
	return time.Unix(s.instants[i], 0), true
}
