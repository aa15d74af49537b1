package tickets

import (
	"cmp"
	"maps"
	"slices"
	"strings"
	"time"

	"whatsapp_sla_exporter/internal/sla"
)

// publish builds the next snapshot. What did not change it shares with the one before.
func (b *Book) publish(at time.Time) {
	b.forget(at)
	s := &Snapshot{
		Helpdesk: b.o.Helpdesk, ReadAt: b.readAt, Outcomes: b.outcomeCounts(), Unmapped: b.fieldCounts(),
		Excluded: b.excluded, Vanished: b.vanished, BadRows: b.badRows,
	}
	for _, g := range b.sortedGroups() {
		if g.homes {
			for i, status := range sla.OpenStatuses {
				s.Open = append(s.Open, OpenCount{Group: g.key, Status: status, Count: g.open[i]})
			}
		}
		for _, target := range slices.Sorted(maps.Keys(g.sets)) {
			s.Targets = append(s.Targets, g.sets[target].publish())
		}
	}
	for _, g := range b.gaps {
		s.Uncovered = append(s.Uncovered, UncoveredCount{Policy: g.policy, Reason: g.reason, Count: g.members})
	}
	slices.SortFunc(s.Uncovered, func(a, b UncoveredCount) int {
		return cmp.Or(strings.Compare(a.Policy, b.Policy), cmp.Compare(a.Reason, b.Reason))
	})
	s.Urgent, s.Dropped = b.urgent(s.Targets)
	b.snapshot.Store(s)
}

// forget ends the groups and gaps that have been empty for long.
func (b *Book) forget(at time.Time) {
	maps.DeleteFunc(b.groups, func(_ Group, g *group) bool { return g.over(at) })
	b.gaps = slices.DeleteFunc(b.gaps, func(g *gap) bool { return g.over(at) })
}

func (b *Book) sortedGroups() []*group {
	return slices.SortedFunc(maps.Values(b.groups), func(a, b *group) int { return compareGroups(a.key, b.key) })
}

func compareGroups(a, b Group) int {
	return cmp.Or(
		strings.Compare(a.Policy, b.Policy), strings.Compare(a.Severity, b.Severity), strings.Compare(a.Tenant, b.Tenant),
	)
}

func (s *series) publish() TargetGroup {
	return TargetGroup{
		Group: s.group, Target: s.target, Warning: s.warning, Critical: s.critical, Due: s.due,
		Paused: s.counts[halted], Met: s.counts[met], BestEffort: s.counts[untimed], Late: s.counts[late],
		set: s, tickets: s.tickets,
	}
}

// urgent picks the tickets whose earliest due comes first and lists their open deadlines. A ticket is at most
// once in a target of a group, so that the first tickets of each suffice.
func (b *Book) urgent(targets []TargetGroup) (deadlines []Deadline, dropped int) {
	type candidate struct {
		due    second
		ticket *entry
	}
	var all []candidate
	for i := range targets {
		g := &targets[i]
		for _, e := range g.tickets[:min(b.o.Urgent, len(g.tickets))] {
			all = append(all, candidate{e.run(g.set).due, e})
		}
	}
	slices.SortFunc(all, func(a, b candidate) int {
		return cmp.Or(cmp.Compare(a.due, b.due), strings.Compare(a.ticket.id, b.ticket.id))
	})
	picked := make(map[*entry]struct{}, b.o.Urgent)
	for _, c := range all {
		if _, twice := picked[c.ticket]; twice || len(picked) == b.o.Urgent {
			continue
		}
		picked[c.ticket] = struct{}{}
		deadlines = c.ticket.appendDeadlines(deadlines)
	}
	slices.SortFunc(deadlines, compareDeadlines)
	return deadlines, b.waiting - len(picked)
}

func (e *entry) appendDeadlines(to []Deadline) []Deadline {
	for i := range e.runs {
		if e.runs[i].phase == waiting {
			to = append(to, e.deadline(&e.runs[i]))
		}
	}
	return to
}

func compareDeadlines(a, b Deadline) int {
	return cmp.Or(
		a.Due.Compare(b.Due), strings.Compare(a.Ticket, b.Ticket), compareGroups(a.Group, b.Group),
		cmp.Compare(a.Target, b.Target),
	)
}

// outcomeCounts are the totals, and zeros for the known targets that have none yet.
func (b *Book) outcomeCounts() []OutcomeCount {
	counts := make([]OutcomeCount, 0, len(b.ledger.totals))
	for key, t := range b.ledger.totals {
		counts = append(counts, OutcomeCount{Group: key.group, Target: key.target, Met: t.Met, Breached: t.Breached})
	}
	for _, g := range b.groups {
		for target := range g.sets {
			if _, counted := b.ledger.totals[seriesKey{g.key, target}]; !counted {
				counts = append(counts, OutcomeCount{Group: g.key, Target: target})
			}
		}
	}
	slices.SortFunc(counts, func(a, b OutcomeCount) int {
		return cmp.Or(compareGroups(a.Group, b.Group), cmp.Compare(a.Target, b.Target))
	})
	return counts
}

func (b *Book) fieldCounts() []FieldCount {
	var counts []FieldCount
	for _, field := range slices.Sorted(maps.Keys(b.unmapped)) {
		counts = append(counts, FieldCount{Field: field, Count: b.unmapped[field]})
	}
	return counts
}
