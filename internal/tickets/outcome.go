package tickets

import (
	"slices"
	"time"

	"whatsapp_sla_exporter/internal/helpdesk"
	"whatsapp_sla_exporter/internal/sla"
)

// outcome is how a run ended.
type outcome struct {
	ticket   string
	key      seriesKey
	start    second
	decided  second
	breached bool
}

// seriesKey is what outcomes are counted by.
type seriesKey struct {
	group  Group
	target sla.Target
}

// outcomeOf says how a run ended, if it has. One that waits has when its due passed before the horizon.
func outcomeOf(id string, r *run, horizon second) (outcome, bool) {
	o := outcome{ticket: id, key: seriesKey{r.set.group, r.set.target}, start: r.start, decided: r.due, breached: true}
	switch {
	case r.phase == waiting && r.due < horizon, r.phase == late:
		return o, true
	case r.phase == met && r.due != 0:
		o.decided, o.breached = r.at, false
		return o, true
	}
	return outcome{}, false
}

// decide queues the outcomes of a ticket's runs.
func (b *Book) decide(id string, runs []run, horizon second) {
	for i := range runs {
		if o, ended := outcomeOf(id, &runs[i], horizon); ended {
			b.ledger.queue(o)
		}
	}
}

// decideEnded queues the outcomes of runs that the new evaluation does not have any more: an answer ended them and
// the next turn of the target, or none, has begun.
func (b *Book) decideEnded(old []run, ev *evaluation, t *helpdesk.Ticket, w *watch) {
	for i := range old {
		r := old[i]
		if r.phase != waiting || !slices.Contains(ev.covers, r.set.group.Policy) || ev.has(&r) {
			continue
		}
		at := answeredAt(&r, t, w)
		if next := ev.handover(&r); next != 0 {
			at = next
		}
		r.answer(at)
		b.decide(t.ID, []run{r}, 0)
	}
}

// decideRow queues the outcomes that a row brings. On a solved ticket whatever still waited is answered.
func (b *Book) decideRow(t *helpdesk.Ticket, old *entry, w *watch, ev *evaluation) {
	for i := range ev.runs {
		if r := &ev.runs[i]; t.Status.Done() && r.phase == waiting {
			r.answer(answeredAt(r, t, w))
		}
	}
	b.decide(t.ID, ev.runs, b.horizon)
	if old != nil {
		b.decideEnded(old.runs, ev, t, w)
	}
}

// answer ends a waiting run at an instant; 0 leaves it waiting.
func (r *run) answer(at second) {
	switch r.at = at; {
	case at > r.due:
		r.phase = late
	case at != 0:
		r.phase = met
	}
}

// has says whether the run goes on, or ended visibly, perhaps with another severity.
func (ev *evaluation) has(r *run) bool {
	return slices.ContainsFunc(ev.runs, func(n run) bool {
		return n.start == r.start && n.set.target == r.set.target && n.set.group.Policy == r.set.group.Policy
	})
}

// handover is when a group gave a ticket away, which keeps its promise: when the run of the group began that has it
// now. 0 where no such run is known to have begun.
func (ev *evaluation) handover(r *run) second {
	if r.set.target != sla.GroupOwnership {
		return 0
	}
	for i := range ev.runs {
		n := &ev.runs[i]
		if n.set.target == r.set.target && n.set.group.Policy == r.set.group.Policy && n.start > r.start {
			return n.start
		}
	}
	return 0
}

// answeredAt is when a run that is over was answered, 0 where nothing says so: then somebody withdrew it.
func answeredAt(r *run, t *helpdesk.Ticket, w *watch) second {
	var answer time.Time
	switch r.set.target {
	case sla.FirstResponse:
		answer = t.FirstResponseAt
	case sla.NextResponse, sla.ServiceWindow, sla.FollowUp:
		answer = t.LastAgentReplyAt
	case sla.Resolution:
	}
	at := secondOf(answer)
	// The update that a follow-up runs from is not its answer; a reply in the second of the message is one.
	if at < r.start || at == r.start && r.set.target == sla.FollowUp {
		at = 0
	}
	if at == 0 && t.Status.Done() {
		at = secondOf(resolvedAt(t, w))
	}
	return at
}

// decidePassed queues the open runs whose due has passed beyond doubt: before the horizon of a pass that tells of
// everything that changed until then. Its instant leaves out the feed's lag, and what the helpdesk's clock is
// behind; a clock that is ahead, or says so, gains nothing.
func (b *Book) decidePassed(horizon second) {
	if horizon <= b.horizon {
		return
	}
	for _, g := range b.groups {
		for _, s := range g.sets {
			i, _ := slices.BinarySearch(s.due, int64(b.horizon))
			for ; i < len(s.due) && s.due[i] < int64(horizon); i++ {
				e := s.tickets[i]
				b.decide(e.id, []run{*e.run(s)}, horizon)
			}
		}
	}
	b.horizon = horizon
}
