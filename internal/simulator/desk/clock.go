package desk

import (
	"time"

	"whatsapp_sla_exporter/internal/sla"
)

// Clock is an SLA clock of a ticket.
type Clock struct {
	Target     time.Duration
	Start, Due time.Time // Due is zero while paused
	MetAt      time.Time
	Paused     bool
	// Elapsed is the time that counted until now, or until it was met.
	Elapsed time.Duration
}

// FirstReply is the first public answer, zero while there is none.
func (t *Ticket) FirstReply() time.Time {
	for _, m := range t.Messages {
		if !m.Customer && !m.Private {
			return m.At
		}
	}
	return time.Time{}
}

// LastReply is the last public answer.
func (t *Ticket) LastReply() (at time.Time) {
	for _, m := range t.Messages {
		if !m.Customer && !m.Private {
			at = m.At
		}
	}
	return at
}

// LastCustomer is the customer's last message.
func (t *Ticket) LastCustomer() (at time.Time) {
	for _, m := range t.Messages {
		if m.Customer {
			at = m.At
		}
	}
	return at
}

// WaitingSince is the customer's oldest message without an answer; zero when there is none, or the ticket is done.
func (t *Ticket) WaitingSince() (at time.Time) {
	for _, m := range t.Messages {
		switch {
		case m.Private:
		case !m.Customer:
			at = time.Time{}
		case at.IsZero():
			at = m.At
		}
	}
	if t.Status.Done() {
		return time.Time{}
	}
	return at
}

// Clock is the ticket's clock for a target; false where it has none.
func (t *Ticket) Clock(target sla.Target, now time.Time) (Clock, bool) {
	promised := t.targets[t.Priority]
	switch target {
	case sla.FirstResponse:
		return t.plain(promised.FirstResponse, t.Created, t.FirstReply(), now)
	case sla.NextResponse:
		if t.FirstReply().IsZero() || t.WaitingSince().IsZero() {
			return Clock{}, false
		}
		return t.plain(promised.NextResponse, t.WaitingSince(), time.Time{}, now)
	case sla.Resolution:
		return t.resolution(promised.Resolution, now)
	}
	return Clock{}, false
}

// plain is a clock that nothing pauses. Solving the ticket ends it.
func (t *Ticket) plain(target time.Duration, start, met, now time.Time) (Clock, bool) {
	if target == 0 {
		return Clock{}, false
	}
	if met.IsZero() && t.Status.Done() {
		met = t.Solved
	}
	c := Clock{Target: target, Start: start, Due: start.Add(target), MetAt: met, Elapsed: now.Sub(start)}
	if !met.IsZero() {
		c.Elapsed = met.Sub(start)
	}
	return c, true
}

// resolution runs while the ticket is new or open.
func (t *Ticket) resolution(target time.Duration, now time.Time) (Clock, bool) {
	if target == 0 {
		return Clock{}, false
	}
	c := Clock{Target: target, Start: t.Created}
	for i, h := range t.history {
		if h.status != sla.StatusNew && h.status != sla.StatusOpen {
			continue
		}
		until := now
		if i+1 < len(t.history) {
			until = t.history[i+1].at
		}
		c.Elapsed += until.Sub(h.at)
	}
	switch {
	case t.Status.Done():
		c.MetAt, c.Due = t.Solved, t.Solved.Add(target-c.Elapsed)
	case t.Status == sla.StatusPending || t.Status == sla.StatusOnHold:
		c.Paused = true
	default:
		c.Due = now.Add(target - c.Elapsed)
	}
	return c, true
}

// StaleDue is the due of the resolution that a product shows which does not clear it while paused: what it was when
// the pause began.
func (t *Ticket) StaleDue(now time.Time) (time.Time, bool) {
	c, ok := t.Clock(sla.Resolution, now)
	if !ok || !c.Paused {
		return c.Due, ok
	}
	return t.history[len(t.history)-1].at.Add(c.Target - c.Elapsed), true
}

// PausedSince is when the present pause began; zero without one.
func (t *Ticket) PausedSince() time.Time {
	if t.Status == sla.StatusPending || t.Status == sla.StatusOnHold {
		return t.history[len(t.history)-1].at
	}
	return time.Time{}
}
