package tickets

import (
	"cmp"
	"time"

	"whatsapp_sla_exporter/internal/helpdesk"
	"whatsapp_sla_exporter/internal/sla"
)

const (
	// nativePolicy is the policy name of the helpdesk's own deadlines.
	nativePolicy = "native"
	// windowPolicy is the policy that runs beside a ticket's other one where the customer wrote on WhatsApp.
	windowPolicy = "whatsapp-service-window"
	// whatsApp is the channel of such a ticket.
	whatsApp = "whatsapp"
)

// evaluation is a ticket run against its policies.
type evaluation struct {
	home   *group
	gap    *gap
	runs   []run
	covers []string // the policies that cover it
}

// evaluate runs every clock that applies to the ticket. Its runs are only good until the next call.
func (b *Book) evaluate(t *helpdesk.Ticket, a *helpdesk.Assignment, w *watch) evaluation {
	ev := evaluation{runs: b.scratch[:0]}
	facts := clockTicket(t, a, w)
	key := Group{Policy: a.Policy, Severity: a.Severity, Tenant: a.Tenant}
	switch clock, known := b.clock(a.Policy); {
	case known:
		coverage := b.runClock(&ev, clock, key, &facts, "")
		key.Severity = coverage.Severity
		if !coverage.Covered() {
			ev.gap = b.gapOf(a.Policy, coverage.Reason)
		}
	case len(t.Native) > 0 && (a.Policy == "" || a.Policy == nativePolicy):
		key = nativeGroup(t, a)
	default:
		ev.gap = b.gapOf(a.Policy, sla.NoPolicy)
	}
	ev.home = b.groupOf(key)
	b.runNative(&ev, t, a, w)
	if clock, known := b.clock(windowPolicy); known && t.Channel == whatsApp && a.Policy != windowPolicy {
		b.runClock(&ev, clock, Group{Policy: windowPolicy, Tenant: a.Tenant}, &facts, sla.ServiceWindow)
	}
	b.scratch = ev.runs
	return ev
}

func (b *Book) clock(policy string) (Evaluator, bool) {
	if policy == "" || policy == nativePolicy {
		return nil, false
	}
	return b.o.Clocks.Clock(policy)
}

// runClock adds the targets that a policy's clock runs, or only one of them.
func (b *Book) runClock(ev *evaluation, clock Evaluator, key Group, facts *sla.Ticket, only sla.Target) sla.Coverage {
	var coverage sla.Coverage
	coverage, b.instants = clock.Evaluate(b.instants[:0], facts)
	if !coverage.Covered() {
		return coverage
	}
	key.Severity = coverage.Severity
	ev.covers = append(ev.covers, key.Policy)
	for i := range b.instants {
		if only == "" || b.instants[i].Target == only {
			ev.add(b.groupOf(key), &b.instants[i])
		}
	}
	return coverage
}

// add adds a target. Of two runs of the same target in the same group the more urgent stays, because a target is
// one series.
func (ev *evaluation) add(g *group, i *sla.Instants) {
	r := newRun(g.series(i.Target), i)
	for k := range ev.runs {
		if ev.runs[k].set == r.set {
			if r.outranks(&ev.runs[k]) {
				ev.runs[k] = r
			}
			return
		}
	}
	ev.runs = append(ev.runs, r)
}

// clockTicket is what a clock has to know of the ticket.
func clockTicket(t *helpdesk.Ticket, a *helpdesk.Assignment, w *watch) sla.Ticket {
	facts := sla.Ticket{
		Severity: a.Severity, Topic: a.Topic, Status: t.Status,
		External: a.Origin == helpdesk.OriginExternal, Invalid: a.Valid == helpdesk.ValidNo, WhatsApp: t.Channel == whatsApp,
		OpenedAt: t.CreatedAt, FirstResponseAt: t.FirstResponseAt, LastAgentReplyAt: t.LastAgentReplyAt,
		WaitingSince: t.WaitingSince, LastCustomerMessageAt: t.LastCustomerMessageAt,
		Pauses: w.spans(t.Pauses),
	}
	if w != nil {
		facts.ValidAt = w.ValidAt.time()
		if facts.OpenedAt.IsZero() {
			facts.OpenedAt = w.Opened.time()
		}
	}
	if t.Status.Done() {
		facts.ResolvedAt = resolvedAt(t, w)
	}
	return facts
}

// resolvedAt is when a ticket was solved, or at least by when it was.
func resolvedAt(t *helpdesk.Ticket, w *watch) time.Time {
	switch {
	case !t.SolvedAt.IsZero():
		return t.SolvedAt
	case w != nil && w.Done != 0:
		return w.Done.time()
	}
	return t.UpdatedAt
}

// nativeGroup is where native deadlines count. The helpdesk's priority is the severity where the operator sets
// none.
func nativeGroup(t *helpdesk.Ticket, a *helpdesk.Assignment) Group {
	return Group{Policy: nativePolicy, Severity: cmp.Or(a.Severity, t.Priority), Tenant: a.Tenant}
}

// runNative adds the helpdesk's own deadlines. They cover a ticket even where there are none: helpdesks leave out
// those that were answered.
func (b *Book) runNative(ev *evaluation, t *helpdesk.Ticket, a *helpdesk.Assignment, w *watch) {
	ev.covers = append(ev.covers, nativePolicy)
	if len(t.Native) == 0 {
		return
	}
	g := b.groupOf(nativeGroup(t, a))
	for i := range t.Native {
		instants := nativeInstants(&t.Native[i], t, w)
		ev.add(g, &instants)
	}
}

// nativeInstants takes a native deadline as it is and puts the default leads before it: warning when half of the
// time from start to due is left, critical when a quarter is left, or 5 minutes where that is more, but never more
// than half. One without a due is paused, or as good as promised without a time.
func nativeInstants(n *helpdesk.NativeTarget, t *helpdesk.Ticket, w *watch) sla.Instants {
	i := sla.Instants{Target: n.Target, Start: nativeStart(n, t, w), Due: n.Due, At: n.MetAt}
	i.Paused = n.Paused && n.MetAt.IsZero()
	i.BestEffort = n.Due.IsZero() && !i.Paused
	if n.Due.IsZero() || i.Paused {
		i.Due = time.Time{}
		return i
	}
	length := max(n.Due.Sub(i.Start), 0)
	i.Warning = n.Due.Add(-length / 2)
	i.Critical = n.Due.Add(-min(max(length/4, 5*time.Minute), length/2))
	return i
}

func nativeStart(n *helpdesk.NativeTarget, t *helpdesk.Ticket, w *watch) time.Time {
	if !n.Start.IsZero() {
		return n.Start
	}
	if w != nil {
		if seen, ok := w.Native[n.Target]; ok {
			return seen.Start.time()
		}
		if t.CreatedAt.IsZero() {
			return w.Opened.time()
		}
	}
	return t.CreatedAt
}
