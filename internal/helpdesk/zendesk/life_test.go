package zendesk

import (
	"testing"
	"time"

	"whatsapp_sla_exporter/internal/helpdesk"
	simulator "whatsapp_sla_exporter/internal/simulator/zendesk"
	"whatsapp_sla_exporter/internal/sla"
)

var (
	firstMet  = target{Target: sla.FirstResponse, Start: minute(0), Due: minute(60), MetAt: minute(10)}
	updateMet = target{Target: sla.FollowUp, Start: minute(70), Due: minute(190), MetAt: minute(80)} // by solving
)

// life is what happens to a ticket, ten minutes apart, and what changes in what the client tells of it.
var life = []struct {
	what string
	do   func(d *desk) error
	then func(w *helpdesk.Ticket)
}{
	{"answered", func(d *desk) error { return d.AgentReply(1) }, func(w *helpdesk.Ticket) {
		w.Status, w.StatusRaw = sla.StatusOpen, "open"
		w.FirstResponseAt, w.LastAgentReplyAt, w.WaitingSince = minute(10), minute(10), time.Time{}
		w.Native = []target{
			firstMet, {Target: sla.FollowUp, Start: minute(10), Due: minute(130)}, {Target: sla.Resolution, Start: minute(0), Due: minute(480)},
		}
	}},
	{"a note is no reply", func(d *desk) error { return d.InternalNote(1) }, func(*helpdesk.Ticket) {}},
	{"pending", func(d *desk) error { return d.SetStatus(1, "pending") }, func(w *helpdesk.Ticket) {
		w.Status, w.StatusRaw, w.Pauses = sla.StatusPending, "pending", []sla.Span{{From: minute(30), Status: sla.StatusPending}}
		w.Native = []target{
			firstMet, {Target: sla.FollowUp, Start: minute(10), Due: minute(130)}, {Target: sla.Resolution, Start: minute(0), Paused: true},
		}
	}},
	{"the customer writes", func(d *desk) error { return d.CustomerMessage(1) }, func(w *helpdesk.Ticket) {
		w.Status, w.StatusRaw, w.Pauses = sla.StatusOpen, "open", []sla.Span{{From: minute(30), To: minute(40), Status: sla.StatusPending}}
		w.WaitingSince, w.LastCustomerMessageAt = minute(40), minute(40)
		w.Native = []target{
			firstMet,
			{Target: sla.NextResponse, Start: minute(40), Due: minute(100)},
			{Target: sla.FollowUp, Start: minute(10), Due: minute(130)},
			{Target: sla.Resolution, Start: minute(0), Due: minute(490)},
		}
	}},
	{"and again", func(d *desk) error { return d.CustomerMessage(1) }, func(w *helpdesk.Ticket) { w.LastCustomerMessageAt = minute(50) }},
	{"answered again", func(d *desk) error { return d.AgentReply(1) }, func(w *helpdesk.Ticket) {
		w.LastAgentReplyAt, w.WaitingSince = minute(60), time.Time{}
		w.Native = []target{
			firstMet,
			{Target: sla.NextResponse, Start: minute(40), Due: minute(100), MetAt: minute(60)},
			{Target: sla.FollowUp, Start: minute(60), Due: minute(180)},
			{Target: sla.Resolution, Start: minute(0), Due: minute(490)},
		}
	}},
	{"an update that nobody had asked for", func(d *desk) error { return d.AgentReply(1) }, func(w *helpdesk.Ticket) {
		w.LastAgentReplyAt = minute(70)
		w.Native[2] = target{Target: sla.FollowUp, Start: minute(70), Due: minute(190)}
	}},
	{"solved", func(d *desk) error { return d.SetStatus(1, "solved") }, func(w *helpdesk.Ticket) {
		w.Status, w.StatusRaw, w.SolvedAt = sla.StatusSolved, "solved", minute(80)
		w.Native[2], w.Native[3].MetAt = updateMet, minute(80)
	}},
	{"reopened", func(d *desk) error { return d.CustomerMessage(1) }, func(w *helpdesk.Ticket) {
		w.Status, w.StatusRaw, w.SolvedAt = sla.StatusOpen, "open", time.Time{}
		w.WaitingSince, w.LastCustomerMessageAt = minute(90), minute(90)
		w.Pauses = []sla.Span{{From: minute(30), To: minute(40), Status: sla.StatusPending}, {From: minute(80), To: minute(90)}}
		w.Native = []target{
			firstMet,
			{Target: sla.NextResponse, Start: minute(90), Due: minute(150)},
			updateMet,
			{Target: sla.Resolution, Start: minute(0), Due: minute(500)},
		}
	}},
	{"urgent", func(d *desk) error { return d.SetPriority(1, "urgent") }, func(w *helpdesk.Ticket) {
		w.Priority = "urgent"
		w.Native = []target{firstMet, updateMet, {Target: sla.Resolution, Start: minute(0), Due: minute(260)}}
	}},
	{"without a priority there is no SLA", func(d *desk) error { return d.SetPriority(1, "") }, func(w *helpdesk.Ticket) {
		w.Priority, w.Native = "", []target{firstMet, updateMet}
	}},
	{"merged", func(d *desk) error { return d.Merge(1, 2) }, func(w *helpdesk.Ticket) {
		w.Status, w.StatusRaw, w.SolvedAt, w.WaitingSince = sla.StatusClosed, "closed", minute(120), time.Time{}
		w.LastAgentReplyAt = minute(120) // the end of a ticket is an answer to whoever waited
		w.Tags, w.Gone = []string{"closed_by_merge"}, true
	}},
}

// opened is the ticket before anything happened to it.
func opened(url string) helpdesk.Ticket {
	return helpdesk.Ticket{
		ID: "1", URL: url + "/agent/tickets/1", Channel: "whatsapp", Priority: "high", Status: sla.StatusNew, StatusRaw: "new",
		CreatedAt: minute(0), UpdatedAt: minute(0), LastCustomerMessageAt: minute(0), WaitingSince: minute(0), PausesKnown: true,
		Native: []target{{Target: sla.FirstResponse, Start: minute(0), Due: minute(60)}, {Target: sla.Resolution, Start: minute(0), Due: minute(480)}},
	}
}

// live plays the life of a ticket. Read is what the client tells of it after each step.
func live(t *testing.T, d *desk, read func() *helpdesk.Pass) {
	t.Helper()
	w := opened(d.url)
	check := func(what string) {
		t.Helper()
		if x := diff(w, find(t, read(), "1")); x != "" {
			t.Errorf("%s: %s", what, x)
		}
	}
	check("opened")
	for _, step := range life {
		d.pass(10 * time.Minute)
		must(t, step.do(d))
		w.UpdatedAt = d.Now()
		step.then(&w)
		check(step.what)
	}
}

// After each step of its life the client tells of a ticket what happened, and nothing else.
func TestLifeOfATicket(t *testing.T) {
	d := newDesk(t)
	d.Create(simulator.Seed{ID: 1, Priority: "high", Channel: "WhatsApp"})
	d.Create(simulator.Seed{ID: 2})
	live(t, d, func() *helpdesk.Pass {
		p, err := d.client.Lookup(t.Context(), []string{"1"})
		must(t, err)
		return p
	})
}

// The export of metric events alone tells the same, poll by poll.
func TestLifeOfATicketByMetricEvents(t *testing.T) {
	d := newBareDesk(t)
	d.Create(simulator.Seed{ID: 1, Priority: "high", Channel: "WhatsApp"})
	d.Create(simulator.Seed{ID: 2})
	cursor := d.caughtUp(t)
	live(t, d, func() *helpdesk.Pass {
		p := d.changes(t, cursor)
		cursor = p.Cursor
		return p
	})
}
