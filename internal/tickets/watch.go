package tickets

import (
	"maps"
	"math"
	"slices"
	"time"

	"whatsapp_sla_exporter/internal/helpdesk"
	"whatsapp_sla_exporter/internal/sla"
)

// watch is what was observed of a ticket from pass to pass because its helpdesk does not tell. It is kept in the
// state file under short names, because there is one for every ticket that was ever paused.
type watch struct {
	// Opened stands in for a creation date that the helpdesk does not give: when the ticket was first seen.
	Opened second `json:"o,omitempty"`
	// Pauses are the stretches of pending, on hold, and solved before it was reopened. The last may still last.
	Pauses []stretch `json:"p,omitempty"`
	// Invalid says that the ticket lacked the minimum information when last seen, ValidAt when it ceased to.
	Invalid bool   `json:"i,omitempty"`
	ValidAt second `json:"v,omitempty"`
	// Native are the native deadlines whose start the helpdesk does not tell.
	Native map[sla.Target]sighting `json:"n,omitempty"`
	// Done is since when the ticket is solved or gone, Version that of the row that said so: older rows that
	// still call it open are late.
	Done    second `json:"d,omitempty"`
	Version int64  `json:"u,omitempty"`
}

// sighting is when a native deadline was first seen, which stands in for its start, and whether it is answered.
type sighting struct {
	Start second `json:"s"`
	Met   bool   `json:"m,omitempty"`
}

// stretch is a time in one status. To is 0 while it lasts.
type stretch struct {
	From   second     `json:"f"`
	To     second     `json:"t,omitempty"`
	Status sla.Status `json:"s"`
}

func (w *watch) clone() watch {
	if w == nil {
		return watch{}
	}
	c := *w
	c.Pauses, c.Native = slices.Clone(w.Pauses), maps.Clone(w.Native)
	return c
}

func (w *watch) equal(other *watch) bool {
	a, b := w.clone(), other.clone()
	return a.Opened == b.Opened && a.Invalid == b.Invalid && a.ValidAt == b.ValidAt && a.Done == b.Done &&
		a.Version == b.Version && slices.Equal(a.Pauses, b.Pauses) && maps.Equal(a.Native, b.Native)
}

// observed returns w after a row said t at the instant when, nil where there is nothing to remember.
func (w *watch) observed(t *helpdesk.Ticket, valid helpdesk.Validity, when second) *watch {
	n := w.clone()
	if t.CreatedAt.IsZero() && n.Opened == 0 {
		n.Opened = when
	}
	n.reopened(t, when)
	if !t.PausesKnown {
		n.paused(t.Status, when)
	}
	n.judged(valid, when)
	n.native(t, when)
	if n.equal(nil) {
		return nil
	}
	return &n
}

// done returns what to remember of a ticket that a row says to be solved, closed or deleted.
func (w *watch) done(t *helpdesk.Ticket, when second, version int64) *watch {
	n := w.clone()
	if n.Done == 0 {
		n.Done = when
		if solved := secondOf(t.SolvedAt); solved != 0 && solved < when {
			n.Done = solved
		}
		n.paused(sla.StatusSolved, n.Done)
	}
	if version != math.MaxInt64 {
		n.Version = version
	}
	return &n
}

// reopened turns the stretch in which the ticket was solved into a pause.
func (w *watch) reopened(t *helpdesk.Ticket, when second) {
	if w.Done == 0 || t.Status.Done() {
		return
	}
	if w.Done < when {
		w.Pauses = append(w.Pauses, stretch{From: w.Done, To: when, Status: sla.StatusSolved})
	}
	w.Done, w.Version = 0, 0
}

// paused follows the status.
func (w *watch) paused(status sla.Status, when second) {
	last := len(w.Pauses) - 1
	if last >= 0 {
		when = max(when, w.Pauses[last].From, w.Pauses[last].To)
		if w.Pauses[last].To == 0 {
			if w.Pauses[last].Status == status {
				return
			}
			w.Pauses[last].To = when
		}
	}
	if status == sla.StatusPending || status == sla.StatusOnHold {
		w.Pauses = append(w.Pauses, stretch{From: when, Status: status})
	}
}

// judged follows whether the ticket has the minimum information; who does not know does not say it lacks any.
func (w *watch) judged(valid helpdesk.Validity, when second) {
	lacks := valid == helpdesk.ValidNo
	if w.Invalid && !lacks && w.ValidAt == 0 {
		w.ValidAt = when
	}
	w.Invalid = lacks
}

// native remembers since when deadlines run whose start the helpdesk does not tell. An answer ends a run, and the
// next deadline is of a new one; but a reply does not end the turn of a group that owns the ticket.
func (w *watch) native(t *helpdesk.Ticket, when second) {
	var sightings map[sla.Target]sighting
	for i := range t.Native {
		n := &t.Native[i]
		if !startsUnseen(n) {
			continue
		}
		if sightings == nil {
			sightings = make(map[sla.Target]sighting, 1)
		}
		isMet := !n.MetAt.IsZero()
		start := when
		replied := secondOf(t.LastAgentReplyAt)
		if n.Target == sla.GroupOwnership {
			replied = 0
		}
		if seen, ok := w.Native[n.Target]; ok && (isMet || !seen.Met && seen.Start >= replied) {
			start = seen.Start
		}
		sightings[n.Target] = sighting{Start: start, Met: isMet}
	}
	w.Native = sightings
}

// startsUnseen says whether the start of a native deadline has to be observed. First response and resolution
// start with the ticket.
func startsUnseen(n *helpdesk.NativeTarget) bool {
	return n.Start.IsZero() && n.Target != sla.FirstResponse && n.Target != sla.Resolution
}

// spans are the pauses that the helpdesk tells and those that were observed, in order.
func (w *watch) spans(told []sla.Span) []sla.Span {
	if w == nil || len(w.Pauses) == 0 {
		return told
	}
	all := make([]sla.Span, 0, len(told)+len(w.Pauses))
	all = append(all, told...)
	for _, p := range w.Pauses {
		all = append(all, sla.Span{From: p.From.time(), To: p.To.time(), Status: p.Status})
	}
	slices.SortStableFunc(all, func(a, b sla.Span) int { return a.From.Compare(b.From) })
	return all
}

// tolerance is how far in the future a date may lie before it counts as wrong.
const tolerance = time.Minute

// versionOf orders the rows of a ticket: by when they were updated (Unix nanoseconds). A row without a date, or
// with one in the future, is as new as the pass that brought it: whatever a wrong clock said, it never keeps out
// what comes after. A deletion often has no date; it ends the ticket, and the least later row brings it back.
func versionOf(t *helpdesk.Ticket, at time.Time) int64 {
	switch {
	case t.UpdatedAt.IsZero() && t.Gone:
		return math.MaxInt64
	case t.UpdatedAt.IsZero() || t.UpdatedAt.After(at.Add(tolerance)):
		return at.UnixNano()
	}
	return t.UpdatedAt.UnixNano()
}

// happened is when the change of a row took place, by the helpdesk's clock where its date can be believed.
func happened(t *helpdesk.Ticket, at time.Time, skew time.Duration) second {
	ahead := min(max(skew, 0), 24*time.Hour)
	if t.UpdatedAt.IsZero() || t.UpdatedAt.After(at.Add(ahead+tolerance)) {
		return secondOf(at)
	}
	return secondOf(t.UpdatedAt)
}
