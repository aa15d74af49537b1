package zendesk

import (
	"time"

	"whatsapp_sla_exporter/internal/sla"
)

// standing is why the work on a ticket stands still.
type standing int8

const (
	works standing = iota
	waits          // pending or on hold
	ended          // solved
)

// phase is what the metric events tell of a ticket's status at some instant: agent_work_time stands still while it
// is pending or on hold, requester_wait_time while it is pending.
type phase struct {
	work      standing
	wait      standing
	waitKnown bool
}

func (p *phase) apply(e metricEvent) {
	which := &p.work
	if e.Metric == requesterWait {
		which, p.waitKnown = &p.wait, true
	}
	switch e.Type {
	case "activate":
		*which = works
	case "pause":
		*which = waits
	case "fulfill":
		*which = ended
	}
}

// pause is the span that such a phase is, and false where it is none.
func (p *phase) pause() (s sla.Status, paused bool) {
	switch {
	case p.work == works:
		return "", false
	case p.work == ended || !p.waitKnown:
		return "", true
	case p.wait == waits:
		return sla.StatusPending, true
	}
	return sla.StatusOnHold, true
}

// readPauses are the stretches in which a ticket was pending or on hold, and those in which it was solved before
// somebody reopened it: its resolution goes on where it stopped. Known is false where the events do not tell.
func readPauses(work, wait []metricEvent, done bool) (pauses []sla.Span, known bool) {
	var all []metricEvent
	for metric, events := range map[string][]metricEvent{agentWork: work, requesterWait: wait} {
		for _, e := range events {
			if !e.Deleted && !e.Time.IsZero() && e.Instance >= 1 {
				e.Metric = metric
				all = append(all, e)
			}
		}
	}
	var now phase
	var open *sla.Span
	all = inOrder(all)
	for i, e := range all {
		known = known || e.Metric == agentWork && e.Type == "activate"
		now.apply(e)
		if i+1 == len(all) || !all[i+1].Time.Equal(e.Time.Time) { // both clocks stop in the same second
			open = turn(&pauses, open, &now, e.Time.Time)
		}
	}
	if open != nil && !done {
		pauses = append(pauses, *open)
	}
	return pauses, known
}

// turn ends the pause that is open where the phase at an instant is another, and begins the next.
func turn(pauses *[]sla.Span, open *sla.Span, now *phase, at time.Time) *sla.Span {
	status, paused := now.pause()
	if open != nil && paused && open.Status == status {
		return open
	}
	if open != nil && at.After(open.From) {
		*pauses = append(*pauses, sla.Span{From: open.From, To: at, Status: open.Status})
	}
	if !paused {
		return nil
	}
	return &sla.Span{From: at, Status: status}
}
