package demo

import (
	"time"

	"whatsapp_sla_exporter/internal/simulator/zendesk"
)

// story is a ticket and what becomes of it. All instants are relative to the begin of the round.
type story struct {
	name   string
	opened time.Duration
	open   func(*world) (id int64)
	then   []turn
}

// turn is something that happens to a ticket.
type turn struct {
	after time.Duration
	do    func(w *world, d helpdesk, id int64) error
}

// helpdesk is what people do to tickets, in Zendesk and in Chatwoot alike.
type helpdesk interface {
	AgentReply(id int64) error
	CustomerMessage(id int64) error
	SetStatus(id int64, status string) error
}

func reply(after time.Duration) turn {
	return turn{after, func(_ *world, d helpdesk, id int64) error { return d.AgentReply(id) }}
}

func customer(after time.Duration) turn {
	return turn{after, func(_ *world, d helpdesk, id int64) error { return d.CustomerMessage(id) }}
}

func status(after time.Duration, s string) turn {
	return turn{after, func(_ *world, d helpdesk, id int64) error { return d.SetStatus(id, s) }}
}

// told are the events of stories, told once more with new tickets. A ticket that was opened before the round becomes
// visible when the round begins, whatever it lived through before: show makes it so.
func told(stories []story, desk func(*world) helpdesk, show func(*world, int64) error) []event {
	var all []event
	for _, s := range stories {
		var id int64
		all = append(all, when(s.opened, func(w *world) { id = s.open(w) }))
		for _, t := range s.then {
			all = append(all, event{t.after, func(w *world) error { return t.do(w, desk(w), id) }})
		}
		if s.opened < 0 {
			all = append(all, event{0, func(w *world) error { return show(w, id) }})
		}
	}
	return all
}

// ticketEvents are the stories of Zendesk's tickets. Zendesk tells of them by webhook.
func ticketEvents() []event {
	return told(ticketStories,
		func(w *world) helpdesk { return hinting{w} },
		func(w *world, id int64) error { return w.zendesk.Touch(id) })
}

func ticket(seed zendesk.Seed) func(*world) int64 {
	return func(w *world) int64 {
		seed.At = w.time()
		id := w.zendesk.Create(seed)
		w.hint(id, "ticket.created")
		return id
	}
}

// ticketStories are the tickets of a round. Reach's clock runs day and night, so that something happens whenever the
// demo is started; the others show what calendars, pauses and exclusions do.
var ticketStories = []story{
	{
		name: "QR channel down, answered in time", opened: -9 * m,
		open: ticket(zendesk.Seed{Priority: "urgent", Tags: []string{"vendor_reach", "sev_critical"}}),
		then: []turn{reply(4 * m), status(13*m, "solved")},
	},
	{
		name: "provider changed a limit, answered too late", opened: -13 * m,
		open: ticket(zendesk.Seed{Priority: "high", Tags: []string{"vendor_reach", "sev_moderate"}}),
		then: []turn{reply(5 * m), status(14*m, "solved")},
	},
	{
		name: "QR channel down, resolution and follow-up at risk", opened: -107 * m,
		open: ticket(zendesk.Seed{Priority: "urgent", Tags: []string{"vendor_reach", "sev_critical"}}),
		then: []turn{reply(-100 * m), reply(-50 * m), reply(8 * m), status(11*m, "solved")},
	},
	{
		name: "question about a limit", opened: -100 * m,
		open: ticket(zendesk.Seed{Priority: "low", Tags: []string{"vendor_reach", "sev_minor"}}),
		then: []turn{reply(12 * m), status(14*m, "solved")},
	},
	{
		name: "banned by Meta: not Reach's failure", opened: -30 * m,
		open: ticket(zendesk.Seed{Priority: "urgent", Tags: []string{"vendor_reach", "sev_critical", "origin_external"}}),
		then: []turn{status(14*m, "solved")},
	},
	{
		name: "messages do not leave", opened: -10 * m,
		open: ticket(zendesk.Seed{Priority: "urgent", Tags: []string{"vendor_360dialog", "topic_messaging_stopped"}}),
		then: []turn{reply(10 * m), status(14*m, "solved")},
	},
	{
		name: "template rejected", opened: -3 * h,
		open: ticket(zendesk.Seed{Priority: "normal", Tags: []string{"vendor_360dialog", "topic_templates"}}),
		then: []turn{reply(-2 * h), status(-2*h+m, "pending"), customer(9 * m), status(14*m, "solved")},
	},
	{
		name: "ticket without the minimum information", opened: -1 * h,
		open: ticket(zendesk.Seed{Priority: "normal", Tags: []string{"vendor_360dialog", "sev_standard", "incomplete"}}),
		then: []turn{status(14*m, "solved")},
	},
	{
		name: "API fails for most messages", opened: -20 * h,
		open: ticket(zendesk.Seed{Priority: "high", Tags: []string{"vendor_meta", "sev_urgent"}}),
		then: []turn{reply(7 * m), status(14*m, "solved")},
	},
	{
		name: "customer waits on WhatsApp", opened: -26 * h,
		open: ticket(zendesk.Seed{Priority: "high", Channel: "whatsapp", Tags: []string{"shop"}}),
		then: []turn{reply(-25 * h), customer(-24*h + 9*m), reply(12 * m), status(14*m, "solved")},
	},
	{
		name: "customer asked, waits for the warehouse", opened: -5 * h,
		open: ticket(zendesk.Seed{Priority: "normal", Channel: "whatsapp", Tags: []string{"shop"}}),
		then: []turn{reply(-5*h + 10*m), status(-4*h, "hold"), status(14*m, "solved")},
	},
	{
		name: "new order", opened: 2 * m,
		open: ticket(zendesk.Seed{Priority: "high", Channel: "whatsapp", Tags: []string{"shop"}}),
		then: []turn{reply(6 * m), status(13*m, "solved")},
	},
	{
		name: "nobody said what it is", opened: -40 * m,
		open: ticket(zendesk.Seed{Priority: "normal", Tags: []string{"vendor_360dialog"}}),
		then: []turn{status(14*m, "solved")},
	},
}
