package zammad

import (
	"cmp"
	"testing"
	"time"

	"whatsapp_sla_exporter/internal/helpdesk"
	"whatsapp_sla_exporter/internal/helpdesk/conformance"
	"whatsapp_sla_exporter/internal/helpdesk/desktest"
	simulator "whatsapp_sla_exporter/internal/simulator/zammad"
	"whatsapp_sla_exporter/internal/upstream"
)

const token = "simulated-token"

// harness plays the suite with small pages, or, where pageSize is 0, with those of a real client.
func harness(pageSize int) conformance.Harness {
	return conformance.Harness{
		New: func(_ testing.TB, now func() time.Time) *conformance.Desk {
			return newConformanceDesk(now, pageSize, simulator.Options{})
		},
		Want: wantThree,
		Feed: searchPath, List: searchPath, FeedPage: cmp.Or(pageSize, maxPage), ListPage: cmp.Or(pageSize, maxPage),
		Steady: 1, Lacks: []conformance.Fact{conformance.LastMessage},
	}
}

func TestConformance(t *testing.T) { conformance.Run(t, harness(10)) }

// The other setting of last contacts tells of the customer's latest message instead of the oldest.
func TestConformanceWithTheLastCustomerArticle(t *testing.T) {
	h := harness(10)
	h.Lacks = nil
	h.New = func(_ testing.TB, now func() time.Time) *conformance.Desk {
		return newConformanceDesk(now, 10, simulator.Options{LastCustomerArticle: true})
	}
	conformance.Run(t, h)
}

// wantThree is what Zammad tells of the three tickets: neither tags, which are a call each, nor pauses.
func wantThree(url string, number int, v *helpdesk.Ticket) {
	v.URL = url + "/#ticket/zoom/" + v.ID
	v.Tags, v.Pauses, v.PausesKnown = nil, nil, false
	switch number {
	case 101:
		v.Priority, v.Fields = "3 high", map[string]string{"severity": "high", "provider": "meta"}
	case 102:
		v.Priority, v.Fields = "3 high", map[string]string{"severity": "urgent", "provider": "meta"}
	case 103:
		v.Priority, v.StatusRaw = "2 normal", "pending reminder"
		v.Fields = map[string]string{"severity": "normal", "provider": "other"}
	}
}

func newConformanceDesk(now func() time.Time, pageSize int, o simulator.Options) *conformance.Desk {
	o.Tokens, o.Now, o.SLAs = []string{token}, now, map[string]simulator.SLA{}
	o.States = []simulator.State{{ID: 50, Name: "hibernating", Type: "asleep"}}
	for severity, p := range conformance.Promises {
		o.SLAs[severity] = simulator.SLA{ID: 1, FirstResponseTime: p.FirstResponse, ResponseTime: p.NextResponse, SolutionTime: p.Resolution}
	}
	s := simulator.New(o)
	with := desktest.OnNumber
	state := func(name string) func(string) error {
		return with(func(id int64) error { return s.SetState(id, name) })
	}
	return &conformance.Desk{
		Handler: s, Secret: token,
		Client: func(o upstream.Options, now func() time.Time) (conformance.Client, error) {
			o.HTTP = conformance.Header(o.HTTP, "Authorization", "Token token="+token)
			return New(Options{
				Upstream: o, PageSize: pageSize, Lookback: 30 * 24 * time.Hour, Now: now,
				KeepField: func(name string) bool { return name == "severity" || name == "provider" || name == "title" },
			})
		},
		Create: func(v conformance.Seed) string {
			seed := simulator.Seed{
				ID: v.Number, Priority: map[string]string{"normal": "2 normal"}[v.Priority], Type: "incident", Group: 21, WhatsApp: true,
				Attributes: map[string]any{"severity": v.Priority, "root_cause": nil},
			}
			seed.Priority = cmp.Or(seed.Priority, "3 high")
			if v.Provider != "" {
				seed.Attributes["provider"] = v.Provider
			}
			return desktest.ID(s.Create(seed))
		},
		Reply: with(s.AgentReply), Note: with(s.InternalNote), Write: with(s.CustomerMessage),
		Pend: state(simulator.StatePendingReminder), Solve: state(simulator.StateClosed), Reopen: with(s.CustomerMessage),
		Prioritise: func(id, priority string) error {
			return with(func(id int64) error { return s.SetAttribute(id, "severity", priority) })(id)
		},
		Delete:        with(s.Delete),
		Merge:         desktest.OnNumbers(s.Merge),
		UnknownStatus: state("hibernating"),
		BadRow:        with(func(id int64) error { return s.Spoil(id, simulator.WrongType) }),
	}
}
