package demo

import (
	"cmp"
	"fmt"
	"slices"
	"time"

	"whatsapp_sla_exporter/internal/simulator/graph"
	"whatsapp_sla_exporter/internal/simulator/metastatus"
	"whatsapp_sla_exporter/internal/simulator/waha"
	"whatsapp_sla_exporter/internal/simulator/zendesk"
)

// round is how long the scenario takes before it begins again with other tickets.
const round = 15 * time.Minute

// event is something that happens so long after a round began. It may have happened before.
type event struct {
	after time.Duration
	do    func(*world) error
}

// newRound is what happens in a round, in the order in which it happens.
func newRound() []event {
	all := slices.Concat(ticketEvents(), numberEvents(), channelEvents(), webhookEvents())
	slices.SortStableFunc(all, func(a, b event) int { return cmp.Compare(a.after, b.after) })
	return all
}

// story is a ticket and what becomes of it. All instants are relative to the begin of the round.
type story struct {
	name   string
	seed   zendesk.Seed
	opened time.Duration
	then   []turn
}

// turn is something that happens to a ticket.
type turn struct {
	after time.Duration
	do    func(*zendesk.Server, int64) error
}

func reply(after time.Duration) turn    { return turn{after, (*zendesk.Server).AgentReply} }
func customer(after time.Duration) turn { return turn{after, (*zendesk.Server).CustomerMessage} }
func status(after time.Duration, s string) turn {
	return turn{after, func(z *zendesk.Server, id int64) error { return z.SetStatus(id, s) }}
}

// ticketEvents tell the stories once more, with new tickets.
func ticketEvents() []event {
	var all []event
	for _, s := range stories {
		var id int64
		all = append(all, event{s.opened, func(w *world) error {
			seed := s.seed
			seed.At = w.time()
			id = w.zendesk.Create(seed)
			return nil
		}})
		for _, t := range s.then {
			all = append(all, event{t.after, func(w *world) error { return t.do(w.zendesk, id) }})
		}
		if s.opened < 0 {
			// The ticket becomes visible when the round begins, whatever it lived through before.
			all = append(all, event{0, func(w *world) error { return w.zendesk.Touch(id) }})
		}
	}
	return all
}

const (
	m = time.Minute
	h = time.Hour
)

// stories are the tickets of a round. Reach's clock runs day and night, so that something happens whenever the
// demo is started; the others show what calendars, pauses and exclusions do.
var stories = []story{
	{
		name: "QR channel down, answered in time", opened: -9 * m,
		seed: zendesk.Seed{Priority: "urgent", Tags: []string{"vendor_reach", "sev_critical"}},
		then: []turn{reply(4 * m), status(13*m, "solved")},
	},
	{
		name: "provider changed a limit, answered too late", opened: -13 * m,
		seed: zendesk.Seed{Priority: "high", Tags: []string{"vendor_reach", "sev_moderate"}},
		then: []turn{reply(5 * m), status(14*m, "solved")},
	},
	{
		name: "QR channel down, resolution and follow-up at risk", opened: -107 * m,
		seed: zendesk.Seed{Priority: "urgent", Tags: []string{"vendor_reach", "sev_critical"}},
		then: []turn{reply(-100 * m), reply(-50 * m), reply(8 * m), status(11*m, "solved")},
	},
	{
		name: "question about a limit", opened: -100 * m,
		seed: zendesk.Seed{Priority: "low", Tags: []string{"vendor_reach", "sev_minor"}},
		then: []turn{reply(12 * m), status(14*m, "solved")},
	},
	{
		name: "banned by Meta: not Reach's failure", opened: -30 * m,
		seed: zendesk.Seed{Priority: "urgent", Tags: []string{"vendor_reach", "sev_critical", "origin_external"}},
		then: []turn{status(14*m, "solved")},
	},
	{
		name: "messages do not leave", opened: -10 * m,
		seed: zendesk.Seed{Priority: "urgent", Tags: []string{"vendor_360dialog", "topic_messaging_stopped"}},
		then: []turn{reply(10 * m), status(14*m, "solved")},
	},
	{
		name: "template rejected", opened: -3 * h,
		seed: zendesk.Seed{Priority: "normal", Tags: []string{"vendor_360dialog", "topic_templates"}},
		then: []turn{reply(-2 * h), status(-2*h+m, "pending"), customer(9 * m), status(14*m, "solved")},
	},
	{
		name: "ticket without the minimum information", opened: -1 * h,
		seed: zendesk.Seed{Priority: "normal", Tags: []string{"vendor_360dialog", "sev_standard", "incomplete"}},
		then: []turn{status(14*m, "solved")},
	},
	{
		name: "API fails for most messages", opened: -20 * h,
		seed: zendesk.Seed{Priority: "high", Tags: []string{"vendor_meta", "sev_urgent"}},
		then: []turn{reply(7 * m), status(14*m, "solved")},
	},
	{
		name: "customer waits on WhatsApp", opened: -26 * h,
		seed: zendesk.Seed{Priority: "high", Channel: "whatsapp", Tags: []string{"shop"}},
		then: []turn{reply(-25 * h), customer(-24*h + 9*m), reply(12 * m), status(14*m, "solved")},
	},
	{
		name: "customer asked, waits for the warehouse", opened: -5 * h,
		seed: zendesk.Seed{Priority: "normal", Channel: "whatsapp", Tags: []string{"shop"}},
		then: []turn{reply(-5*h + 10*m), status(-4*h, "hold"), status(14*m, "solved")},
	},
	{
		name: "new order", opened: 2 * m,
		seed: zendesk.Seed{Priority: "high", Channel: "whatsapp", Tags: []string{"shop"}},
		then: []turn{reply(6 * m), status(13*m, "solved")},
	},
	{
		name: "nobody said what it is", opened: -40 * m,
		seed: zendesk.Seed{Priority: "normal", Tags: []string{"vendor_360dialog"}},
		then: []turn{status(14*m, "solved")},
	},
}

// numberEvents are what happens to the phone numbers: one turns red and recovers, one uses up its limit, one lets
// no message through for a while.
func numberEvents() []event {
	change := func(after time.Duration, id string, f func(*graph.Number)) event {
		return event{after, func(w *world) error { w.graph.ChangeNumber(id, f); return nil }}
	}
	quality := func(after time.Duration, id, q string) event {
		return change(after, id, func(n *graph.Number) { n.Quality = q })
	}
	return []event{
		quality(m, "5002", "YELLOW"),
		quality(2*m, "5002", "RED"),
		quality(10*m, "5002", "YELLOW"),
		quality(13*m, "5002", "GREEN"),
		change(3*m, "5003", func(n *graph.Number) { n.Status = "RESTRICTED" }),
		change(9*m, "5003", func(n *graph.Number) { n.Status = "CONNECTED" }),
		change(5*m, "5004", func(n *graph.Number) {
			n.Health = graph.Health{CanSend: "BLOCKED", Errors: []graph.HealthError{{Code: 141006, Description: "payment"}}}
		}),
		change(11*m, "5004", func(n *graph.Number) { n.Health = graph.Health{} }),
		quality(2*m, "6001", "RED"),
		change(2*m, "6001", func(n *graph.Number) { n.Status = "FLAGGED" }),
		quality(8*m, "6001", "YELLOW"),
	}
}

// channelEvents are what happens around the numbers: the phone of the QR session goes offline and must be linked
// again, and Meta admits an outage.
func channelEvents() []event {
	session := func(after time.Duration, status string) event {
		return event{after, func(w *world) error { w.waha.SetStatus("default", status); return nil }}
	}
	status := func(after time.Duration, phrase string) event {
		return event{after, func(w *world) error {
			w.metastatus.Set(metastatus.WhatsApp, "Cloud API", phrase)
			return nil
		}}
	}
	return []event{
		session(3*m, waha.ScanQR), session(9*m, waha.Working),
		status(6*m, "Some disruption"), status(7*m, "Major outage"), status(10*m, "Resolved"),
	}
}

// furnish sets up what is there before anything happens: two portfolios, one under today's rules and one that is
// read under those of 2024.
func furnish(w *world, began time.Time) {
	w.waha.Set(waha.Session{Name: "default", Status: waha.Working})
	g := w.graph
	g.SetToken(graph.Token{
		Value: graphToken, UserID: "7788", Scopes: []string{graph.ManagementScope, graph.BusinessScope},
		WABAs: []string{"9001", "9002"}, Expires: began.Add(20 * 24 * time.Hour),
	})
	g.SetPortfolio(graph.Portfolio{ID: "3001", Name: "Demo Shop", Limit: "TIER_2K"})
	g.SetPortfolio(graph.Portfolio{ID: "3002", Name: "Demo Bank", Limit: "TIER_10K"})
	g.SetWABA(graph.WABA{ID: "9001", PortfolioID: "3001", Name: "Shop", Apps: []string{"4411"}})
	g.SetWABA(graph.WABA{ID: "9002", PortfolioID: "3002", Name: "Bank"})
	for i, name := range []string{"Shop orders", "Shop care", "Shop offers", "Shop returns"} {
		g.SetNumber(graph.Number{
			ID: fmt.Sprint(5001 + i), WABAID: "9001", Display: fmt.Sprintf("+34 600 11 22 3%d", i), VerifiedName: name,
			Email: "care@demo.example", Websites: []string{"https://demo.example"},
		})
	}
	g.SetNumber(graph.Number{ID: "6001", WABAID: "9002", Display: "+34 600 22 33 40", VerifiedName: "Bank"})
	for i, t := range []graph.Template{
		{Name: "order_sent", Status: "APPROVED", Category: "UTILITY", Quality: "GREEN"},
		{Name: "spring_offer", Status: "PAUSED", Category: "MARKETING", Quality: "RED"},
		{Name: "login_code", Status: "APPROVED", Category: "AUTHENTICATION", Quality: "UNKNOWN"},
	} {
		t.ID, t.WABAID, t.Language = fmt.Sprint(7001+i), "9001", "es"
		g.SetTemplate(t)
	}
	for i := range 40 {
		g.Deliver(graph.Traffic{
			NumberID: "5003", At: began.Add(-time.Duration(i) * 30 * m), Template: true, Type: "REGULAR",
			Category: "MARKETING", Count: 45,
		})
	}
}
