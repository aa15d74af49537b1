package demo

import (
	"time"

	"whatsapp_sla_exporter/internal/simulator/chatwoot"
)

const (
	// noChat is the number before that of the first conversation: none has the number of a ticket.
	noChat = 4000

	whatsappChannel = "Channel::Whatsapp"
)

func furnishChat(w *world) error {
	return w.chatwoot.Delete(w.chatwoot.Create(chatwoot.Seed{ID: noChat}))
}

// chatEvents are the stories of Chatwoot's conversations. No webhook tells of them: they are polled.
func chatEvents() []event {
	return told(chatStories,
		func(w *world) helpdesk { return w.chatwoot },
		// To mend what is whole changes nothing but the instant of the last change.
		func(w *world, id int64) error { return w.chatwoot.Spoil(id, "") })
}

func chat(seed chatwoot.Seed) func(*world) int64 {
	return func(w *world) int64 { return w.chatwoot.Create(seed) }
}

// spoil makes the row of a conversation wrong; an empty fault mends it.
func spoil(after time.Duration, f chatwoot.RowFault) turn {
	return turn{after, func(w *world, _ helpdesk, id int64) error { return w.chatwoot.Spoil(id, f) }}
}

// chatStories are the conversations of a round. The community edition has no clocks of its own: what no policy is for
// has WhatsApp's service window, or none.
var chatStories = []story{
	{
		name: "session lost, told by an agent of the shop", opened: -11 * m,
		open: chat(chatwoot.Seed{Priority: "urgent", Labels: []string{"qr_channel"}}),
		then: []turn{reply(2 * m), customer(5 * m), reply(10 * m), status(13*m, chatwoot.StatusResolved)},
	},
	{
		name: "question about the session", opened: -95 * m,
		open: chat(chatwoot.Seed{Labels: []string{"qr_channel"}}),
		then: []turn{reply(9 * m), status(14*m, chatwoot.StatusResolved)},
	},
	{
		name: "customer waits on WhatsApp since yesterday", opened: -22 * h,
		open: chat(chatwoot.Seed{Channel: whatsappChannel, Priority: "high"}),
		then: []turn{reply(11 * m), status(14*m, chatwoot.StatusResolved)},
	},
	{
		name: "with the bot, then with a human", opened: -15 * m,
		open: chat(chatwoot.Seed{Channel: whatsappChannel, Status: chatwoot.StatusPending}),
		then: []turn{status(4*m, chatwoot.StatusOpen), reply(9 * m), status(13*m, chatwoot.StatusResolved)},
	},
	{
		name: "on the web, which nothing was promised for", opened: -1 * h,
		open: chat(chatwoot.Seed{}),
		then: []turn{spoil(m, chatwoot.UnknownStatus), spoil(12*m, ""), reply(12 * m), status(14*m, chatwoot.StatusResolved)},
	},
}
