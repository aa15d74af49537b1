package tickets

import (
	"math"
	"slices"
	"strings"
	"time"
	"unique"

	"whatsapp_sla_exporter/internal/helpdesk"
	"whatsapp_sla_exporter/internal/sla"
)

// second is a Unix time in whole seconds, which is as fine as helpdesks tell. 0 is unset; times before 1970 and
// after 2106 become the nearest that fits. Four bytes, because a book holds five of them per target of a ticket.
type second uint32

func secondOf(t time.Time) second {
	if t.IsZero() {
		return 0
	}
	return second(min(max(t.Unix(), 1), math.MaxUint32))
}

// time is the zero Time where s is unset.
func (s second) time() time.Time {
	if s == 0 {
		return time.Time{}
	}
	return time.Unix(int64(s), 0).UTC()
}

// phase is the state of a run as far as it does not depend on the time.
type phase uint8

const (
	waiting    phase = iota // unanswered, with a due
	halted                  // paused
	untimed                 // unanswered and promised without a time
	met                     // answered in time, or promised without a time and answered
	late                    // answered after its due
	phaseCount int   = iota
)

func phaseOf(i *sla.Instants) phase {
	switch {
	case i.BestEffort && i.At.IsZero():
		return untimed
	case i.BestEffort:
		return met
	case !i.At.IsZero() && i.At.After(i.Due):
		return late
	case !i.At.IsZero():
		return met
	case i.Paused:
		return halted
	}
	return waiting
}

// run is one evaluated target of a ticket.
type run struct {
	set                               *series
	start, warning, critical, due, at second
	phase                             phase
}

// newRun compacts what the clock says. Warning never comes after critical, nor critical after due, so that the
// counts of a group are differences of positions in its sorted instants.
func newRun(set *series, i *sla.Instants) run {
	r := run{set: set, start: secondOf(i.Start), due: secondOf(i.Due), at: secondOf(i.At), phase: phaseOf(i)}
	r.critical = min(secondOf(i.Critical), r.due)
	r.warning = min(secondOf(i.Warning), r.critical)
	return r
}

// outranks says which of two runs of the same target of a ticket is kept: the one that is due first, and one
// that waits before one that does not.
func (r *run) outranks(other *run) bool {
	if r.phase != other.phase {
		return r.phase < other.phase
	}
	return r.due < other.due
}

// entry is one open ticket. What a snapshot reads of it (id, link, runs) never changes: a changed ticket gets a
// new entry. The rest is the book's alone.
type entry struct {
	id   string
	link link
	runs []run

	home    *group // where it counts as open; nil where the relabelling drops it
	gap     *gap   // why no policy covers it; nil where one does
	watch   *watch // what was observed of it; nil for nothing
	version int64  // of the newest row taken
	status  int8   // index in sla.OpenStatuses
}

// run is the entry's run in the set, nil where it has none.
func (e *entry) run(set *series) *run {
	for i := range e.runs {
		if e.runs[i].set == set {
			return &e.runs[i]
		}
	}
	return nil
}

// waits says whether the ticket has an open deadline.
func (e *entry) waits() bool {
	for i := range e.runs {
		if e.runs[i].phase == waiting {
			return true
		}
	}
	return false
}

func (e *entry) deadline(r *run) Deadline {
	return Deadline{
		Ticket: e.id, URL: e.link.url(e.id), Group: r.set.group, Target: r.set.target,
		Start: r.start.time(), Warning: r.warning.time(), Critical: r.critical.time(), Due: r.due.time(),
	}
}

// link is the address of a ticket, less its id: the tickets of a helpdesk share the rest.
type link struct{ head, tail unique.Handle[string] }

// hole stands for the id where a link has none.
const hole = "\x00"

func newLink(t *helpdesk.Ticket) link {
	i := strings.LastIndex(t.URL, t.ID)
	if i < 0 {
		return link{head: unique.Make(t.URL), tail: unique.Make(hole)}
	}
	return link{head: unique.Make(t.URL[:i]), tail: unique.Make(t.URL[i+len(t.ID):])}
}

func (l link) url(id string) string {
	if l.tail.Value() == hole {
		return l.head.Value()
	}
	return l.head.Value() + id + l.tail.Value()
}

// same says whether a snapshot would show both alike.
func (e *entry) same(other *entry) bool {
	return e.home == other.home && e.gap == other.gap && e.status == other.status && e.link == other.link &&
		slices.Equal(e.runs, other.runs)
}
