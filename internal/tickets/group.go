package tickets

import (
	"cmp"
	"slices"
	"strings"
	"time"

	"whatsapp_sla_exporter/internal/sla"
)

// keepEmpty is how long a group is reported as 0 after its last ticket is gone.
const keepEmpty = 24 * time.Hour

// tally counts the tickets in something and remembers since when there are none.
type tally struct {
	members int
	emptied time.Time
}

func (t *tally) join() { t.members++ }

func (t *tally) leave(at time.Time) {
	if t.members--; t.members == 0 {
		t.emptied = at
	}
}

// over says whether it was empty for so long that it is forgotten.
func (t *tally) over(at time.Time) bool { return t.members == 0 && at.Sub(t.emptied) >= keepEmpty }

// group is what the book knows of the tickets of one Group.
type group struct {
	tally
	key   Group
	homes bool   // tickets count as open here; not so for policies that run beside another
	open  [4]int // by sla.OpenStatuses
	sets  map[sla.Target]*series
}

// gap is a reason why tickets are not covered.
type gap struct {
	tally
	policy string
	reason sla.Reason
}

// series is one target of one group.
type series struct {
	group  Group
	target sla.Target
	owner  *group

	counts                 [phaseCount]int
	warning, critical, due []int64
	tickets                []*entry // those that wait, by due
	// came and gone are the waiting tickets that the slices above do not have yet and still have. The slices are
	// never written: snapshots share them.
	came, gone []*entry
}

// groupOf finds or begins a group.
func (b *Book) groupOf(key Group) *group {
	g := b.groups[key]
	if g == nil {
		g = &group{key: key, sets: make(map[sla.Target]*series)}
		b.groups[key] = g
	}
	return g
}

// series finds or begins one target of a group.
func (g *group) series(target sla.Target) *series {
	s := g.sets[target]
	if s == nil {
		s = &series{group: g.key, target: target, owner: g}
		g.sets[target] = s
	}
	return s
}

func (b *Book) gapOf(policy string, reason sla.Reason) *gap {
	for _, g := range b.gaps {
		if g.policy == policy && g.reason == reason {
			return g
		}
	}
	g := &gap{policy: policy, reason: reason}
	b.gaps = append(b.gaps, g)
	return g
}

// count adds a ticket to everything it counts in.
func (b *Book) count(e *entry) {
	if e.home == nil {
		b.excluded++
		return
	}
	e.home.join()
	e.home.homes = true
	e.home.open[e.status]++
	if e.gap != nil {
		e.gap.join()
	}
	if e.waits() {
		b.waiting++
	}
	for i := range e.runs {
		r := &e.runs[i]
		r.set.owner.join()
		r.set.counts[r.phase]++
		if r.phase == waiting {
			r.set.came = append(r.set.came, e)
		}
	}
}

// uncount takes a ticket out again.
func (b *Book) uncount(e *entry, at time.Time) {
	if e.home == nil {
		b.excluded--
		return
	}
	e.home.leave(at)
	e.home.open[e.status]--
	if e.gap != nil {
		e.gap.leave(at)
	}
	if e.waits() {
		b.waiting--
	}
	for i := range e.runs {
		r := &e.runs[i]
		r.set.owner.leave(at)
		r.set.counts[r.phase]--
		if r.phase == waiting {
			r.set.gone = append(r.set.gone, e)
		}
	}
}

// settle brings the sorted slices up to date. A ticket comes and goes at most once between two calls.
func (s *series) settle() {
	if len(s.came) == 0 && len(s.gone) == 0 {
		return
	}
	byDue := func(a, b *entry) int {
		return cmp.Or(cmp.Compare(a.run(s).due, b.run(s).due), strings.Compare(a.id, b.id))
	}
	s.warning = s.patched(s.warning, func(r *run) second { return r.warning })
	s.critical = s.patched(s.critical, func(r *run) second { return r.critical })
	s.due = s.patched(s.due, func(r *run) second { return r.due })
	slices.SortFunc(s.came, byDue)
	slices.SortFunc(s.gone, byDue)
	s.tickets = patch(s.tickets, s.gone, s.came, byDue)
	s.came, s.gone = nil, nil
}

// patched is one of the sorted instants, brought up to date.
func (s *series) patched(old []int64, instant func(*run) second) []int64 {
	of := func(entries []*entry) []int64 {
		list := make([]int64, len(entries))
		for i, e := range entries {
			list[i] = int64(instant(e.run(s)))
		}
		slices.Sort(list)
		return list
	}
	return patch(old, of(s.gone), of(s.came), cmp.Compare)
}

// patch returns old without gone and with came. All are sorted, gone is part of old, and old stays as it is. It
// copies what lies between two changes at a stroke, so that few changes cost little more than the copy.
func patch[T any](old, gone, came []T, order func(a, b T) int) []T {
	patched := make([]T, 0, len(old)-len(gone)+len(came))
	for len(gone) > 0 || len(came) > 0 {
		leaves := len(came) == 0 || len(gone) > 0 && order(gone[0], came[0]) <= 0
		next := &came
		if leaves {
			next = &gone
		}
		i, _ := slices.BinarySearchFunc(old, (*next)[0], order)
		patched = append(patched, old[:i]...)
		old = old[i:]
		if leaves {
			old = old[1:]
		} else {
			patched = append(patched, (*next)[0])
		}
		*next = (*next)[1:]
	}
	return append(patched, old...)
}
