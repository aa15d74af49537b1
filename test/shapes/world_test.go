package shapes

import (
	"fmt"
	"time"

	simulator "whatsapp_sla_exporter/internal/simulator/graph"
)

// phoneStatuses are a number for each status that Meta is known to send.
var phoneStatuses = func() (out []struct{ id, status string }) {
	for i, s := range []string{
		"CONNECTED", "PENDING", "FLAGGED", "RESTRICTED", "RATE_LIMITED", "BANNED", "DISCONNECTED", "MIGRATED", "DELETED", "UNVERIFIED",
	} {
		out = append(out, struct{ id, status string }{fmt.Sprint(5000 + i), s})
	}
	return out
}()

// The values that the simulated numbers and WABAs take in turn.
var (
	qualities    = []string{"GREEN", "YELLOW", "RED", "NA", "UNKNOWN"}
	codeStatuses = []string{"VERIFIED", "NOT_VERIFIED", "EXPIRED", "UNVERIFIED"}
	nameStatuses = []string{"APPROVED", "AVAILABLE_WITHOUT_REVIEW", "DECLINED", "EXPIRED", "PENDING_REVIEW", "NONE"}
	throughputs  = []string{"STANDARD", "HIGH", "NOT_APPLICABLE"}
	tiers        = []string{"TIER_50", "TIER_250", "TIER_1K", "TIER_2K", "TIER_10K", "TIER_100K", "TIER_UNLIMITED"}
	reviews      = []string{"APPROVED", "PENDING", "REJECTED", "DEFERRED", "RESTRICTED"}
)

func turn(values []string, i int) string { return values[i%len(values)] }

// populate fills the simulator with an object of every kind and value that it knows.
func populate(s *simulator.Server) {
	tok := simulator.Token{Value: token, UserID: "7788", Scopes: []string{simulator.ManagementScope, simulator.BusinessScope}}
	s.SetPortfolio(simulator.Portfolio{ID: "3001", Name: "Acme SL", Limit: "TIER_2K", Clients: []string{"9004"}})
	s.SetPortfolio(simulator.Portfolio{ID: "3002", Name: "Client SA", Limit: "UNTIERED"})
	for i, review := range reviews {
		w := simulator.WABA{ID: fmt.Sprint(9001 + i), PortfolioID: "3001", Name: "Acme", Review: review, Apps: []string{"4411", "4412"}}
		if w.ID == "9004" {
			w.PortfolioID, w.Apps, w.Verification = "3002", nil, "pending_need_more_info"
			w.Health = simulator.Health{CanSend: "LIMITED", Info: []string{"Display name is not approved yet"}}
		}
		s.SetWABA(w)
		tok.WABAs = append(tok.WABAs, w.ID)
	}
	s.SetToken(tok)
	unscoped := tok
	unscoped.Value, unscoped.Unscoped = "EAAunscoped", true
	s.SetToken(unscoped)
	s.SetToken(simulator.Token{Value: "EAAexpired", UserID: "7789", Expires: noon.Add(-time.Hour), Scopes: []string{simulator.ManagementScope}})
	s.SetToken(simulator.Token{Value: "EAAnothing", UserID: "7790", Scopes: []string{"public_profile"}})
	numbers(s)
	templates(s)
}

func numbers(s *simulator.Server) {
	for i, n := range phoneStatuses {
		s.SetNumber(simulator.Number{
			ID: n.id, WABAID: "9001", Display: "+34 600 11 0" + n.id, VerifiedName: "Acme", Status: n.status,
			Quality: turn(qualities, i), NameStatus: turn(nameStatuses, i), Verification: turn(codeStatuses, i),
			Throughput: turn(throughputs, i), Tier: turn(tiers, i), NestedProfile: i%2 == 1,
			Email: "ayuda@acme.example", Address: "Calle A 1", Description: "Sillas", Picture: "https://pps.whatsapp.net/v/1",
			Websites: []string{"https://acme.example/"},
		})
	}
	s.ChangeNumber("5001", func(n *simulator.Number) {
		n.Health = simulator.Health{CanSend: "BLOCKED", SIP: "BLOCKED", Errors: []simulator.HealthError{{Code: 141006, Description: "No payment method"}}}
	})
	for i, kind := range []string{"REGULAR", "FREE_CUSTOMER_SERVICE", "FREE_ENTRY_POINT"} {
		s.Deliver(simulator.Traffic{
			NumberID: "5000", At: noon.Add(-time.Duration(i+1) * time.Hour), Template: i == 0, Type: kind, Category: "UTILITY", Count: 3,
		})
	}
}

func templates(s *simulator.Server) {
	for i, status := range []string{
		"APPROVED", "PENDING", "REJECTED", "PAUSED", "DISABLED", "IN_APPEAL", "LIMIT_EXCEEDED", "ARCHIVED", "DELETED", "PENDING_DELETION",
	} {
		s.SetTemplate(simulator.Template{
			ID: fmt.Sprint(7001 + i), WABAID: "9001", Name: "cita", Language: "es", Status: status,
			Category: turn([]string{"MARKETING", "UTILITY", "AUTHENTICATION"}, i), Quality: turn([]string{"GREEN", "YELLOW", "RED", "UNKNOWN"}, i),
		})
	}
}
