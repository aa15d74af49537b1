package demo

import (
	"fmt"
	"time"

	"whatsapp_sla_exporter/internal/simulator/graph"
)

// numberEvents are what happens to the phone numbers at Meta: one turns red and recovers, one uses up its limit, one
// lets no message through for a while and runs at a throughput that nobody has heard of, and one is flagged under the
// rules of 2024 and works its flag off.
func numberEvents() []event {
	change := func(after time.Duration, id string, f func(*graph.Number)) event {
		return when(after, func(w *world) { w.graph.ChangeNumber(id, f) })
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
		change(3*m, "5004", func(n *graph.Number) { n.Throughput = "EXPRESS" }),
		change(5*m, "5004", func(n *graph.Number) {
			n.Health = graph.Health{CanSend: "BLOCKED", Errors: []graph.HealthError{{Code: 141006, Description: "payment"}}}
		}),
		change(11*m, "5004", func(n *graph.Number) { n.Health = graph.Health{} }),
		change(12*m, "5004", func(n *graph.Number) { n.Throughput = "STANDARD" }),
		quality(2*m, "6001", "RED"),
		change(2*m, "6001", func(n *graph.Number) { n.Status = "FLAGGED" }),
		quality(8*m, "6001", "YELLOW"),
	}
}

// summerOffer is the template that changes; the webhooks tell when.
func summerOffer(status, quality string) graph.Template {
	return graph.Template{
		ID: "7004", WABAID: "9001", Name: "summer_offer", Language: "es", Status: status, Category: "MARKETING", Quality: quality,
	}
}

// templateEvents are what happens to a template whose quality falls: it is paused, and approved again.
func templateEvents() []event {
	set := func(after time.Duration, status, quality string) event {
		return when(after, func(w *world) { w.graph.SetTemplate(summerOffer(status, quality)) })
	}
	return []event{set(4*m, "PAUSED", "RED"), set(12*m, "APPROVED", "YELLOW")}
}

// furnishMeta sets up two portfolios, one under today's rules and one that is read under those of 2024. The API has lost
// a field that the exporter asks for.
func furnishMeta(g *graph.Server, began time.Time) {
	g.SetToken(graph.Token{
		Value: graphToken, UserID: "7788", Scopes: []string{graph.ManagementScope, graph.BusinessScope},
		WABAs: []string{"9001", "9002", "9003"}, Expires: began.Add(20 * 24 * h),
	})
	g.RefuseField("whatsapp_business_profile", "profile_picture_url")
	g.SetPortfolio(graph.Portfolio{ID: "3001", Name: "Demo Shop", Limit: "TIER_2K"})
	g.SetPortfolio(graph.Portfolio{ID: "3002", Name: "Demo Bank", Limit: "TIER_10K"})
	g.SetWABA(graph.WABA{ID: "9001", PortfolioID: "3001", Name: "Shop", Apps: []string{"4411"}})
	g.SetWABA(graph.WABA{ID: "9002", PortfolioID: "3002", Name: "Bank"})
	g.SetWABA(graph.WABA{ID: "9003", PortfolioID: "3001", Name: "Shop in the app", Apps: []string{"4411"}})
	furnishNumbers(g)
	furnishTemplates(g)
	for i := range 40 {
		g.Deliver(graph.Traffic{
			NumberID: "5003", At: began.Add(-time.Duration(i) * 30 * m), Template: true, Type: "REGULAR",
			Category: "MARKETING", Count: 45,
		})
	}
}

func furnishNumbers(g *graph.Server) {
	for i, name := range []string{"Shop orders", "Shop care", "Shop offers", "Shop returns"} {
		g.SetNumber(graph.Number{
			ID: fmt.Sprint(5001 + i), WABAID: "9001", Display: fmt.Sprintf("+34 600 11 22 3%d", i), VerifiedName: name,
			Email: "care@demo.example", Websites: []string{"https://demo.example"},
		})
	}
	g.SetNumber(graph.Number{
		ID: "5005", WABAID: "9003", Display: "+34 600 11 22 35", VerifiedName: "Shop counter", Extra: map[string]any{"is_on_biz_app": true},
	})
	g.SetNumber(graph.Number{ID: "6001", WABAID: "9002", Display: "+34 600 22 33 40", VerifiedName: "Bank"})
}

func furnishTemplates(g *graph.Server) {
	for i, t := range []graph.Template{
		{Name: "order_sent", Status: "APPROVED", Category: "UTILITY", Quality: "GREEN"},
		{Name: "spring_offer", Status: "PAUSED", Category: "MARKETING", Quality: "RED"},
		{Name: "login_code", Status: "APPROVED", Category: "AUTHENTICATION", Quality: "UNKNOWN"},
	} {
		t.ID, t.WABAID, t.Language = fmt.Sprint(7001+i), "9001", "es"
		g.SetTemplate(t)
	}
	g.SetTemplate(summerOffer("APPROVED", "GREEN"))
}
