package sla

import (
	"slices"
	"time"
)

// countdown is a promise ready to be run: in whole seconds of working time, on its calendar.
type countdown struct {
	target                    Target
	calendar                  *Calendar
	within, warning, critical int64 // leads count from the end
	bestEffort                bool
	pauses                    []Status // none: nothing pauses it
}

func newCountdown(policy *Policy, p Promise, cal *Calendar) countdown {
	if p.Target == ServiceWindow {
		cal = Always() // WhatsApp counts elapsed time, whatever hours the business keeps
	}
	warning, critical := p.Leads()
	return countdown{
		target: p.Target, calendar: cal, bestEffort: p.BestEffort, pauses: policy.PausesOf(p.Target),
		within: seconds(p.Within), warning: seconds(warning), critical: seconds(critical),
	}
}

// instants are the deadline of a run and the instants that lead up to it.
func (d *countdown) instants(r run, t *Ticket) Instants {
	i := Instants{Target: d.target, Start: instant(r.start), BestEffort: d.bestEffort}
	if r.answered {
		i.At = instant(r.answer)
	}
	if d.bestEffort {
		return i
	}
	due, ok := d.reaches(d.within, r, t)
	if !ok {
		i.Paused = true
		return i
	}
	// Both lie before due, and so before any pause that still lasts.
	warning, _ := d.reaches(d.within-d.warning, r, t)
	critical, _ := d.reaches(d.within-d.critical, r, t)
	i.Warning, i.Critical, i.Due = instant(warning), instant(critical), instant(due)
	return i
}

// reaches is the earliest instant at which the run has taken so many seconds of working time, pauses taken out.
// ok is false when a pause that still lasts comes first.
func (d *countdown) reaches(work int64, r run, t *Ticket) (at int64, ok bool) {
	position := d.calendar.position(r.start)
	for i := range t.Pauses {
		p := &t.Pauses[i]
		if !d.pausedBy(p) {
			continue
		}
		ran := d.calendar.position(p.From.Unix()) - position
		if ran >= work {
			return d.calendar.at(position + work), true
		}
		end, over := r.end(p)
		if !over {
			return 0, false
		}
		work -= max(ran, 0)
		position = max(position, d.calendar.position(end))
	}
	if !r.answered && d.pausedNow(t) {
		return 0, false
	}
	return d.calendar.at(position + work), true
}

// left is the working time that a run has left at now. It is not known while a pause lasts that began nobody
// knows when.
func (d *countdown) left(start time.Time, t *Ticket, now time.Time) (left time.Duration, ok bool) {
	position := d.calendar.position(start.Unix())
	end := d.calendar.position(later(start, now).Unix())
	work, lasting := d.within, false
	for i := range t.Pauses {
		p := &t.Pauses[i]
		if !d.pausedBy(p) {
			continue
		}
		from, to := min(d.calendar.position(p.From.Unix()), end), end
		if lasting = p.To.IsZero(); !lasting {
			to = min(d.calendar.position(p.To.Unix()), end)
		}
		work -= max(from-position, 0)
		position = max(position, to)
	}
	return duration(work - (end - position)), lasting || !d.pausedNow(t)
}

// pausedBy says whether a pause of the ticket stops this countdown.
func (d *countdown) pausedBy(p *Span) bool {
	if len(d.pauses) == 0 {
		return false
	}
	if p.Status == StatusPending || p.Status == StatusOnHold {
		return slices.Contains(d.pauses, p.Status)
	}
	return true
}

// pausedNow says whether the ticket's present status stops this countdown.
func (d *countdown) pausedNow(t *Ticket) bool { return slices.Contains(d.pauses, t.Status) }

// end is when a pause was over. One that nobody ended was over when the run was answered.
func (r *run) end(p *Span) (unix int64, over bool) {
	if p.To.IsZero() {
		return r.answer, r.answered
	}
	return p.To.Unix(), true
}
