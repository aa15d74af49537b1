package chatwoot

import (
	"testing"
	"time"

	"whatsapp_sla_exporter/internal/helpdesk"
	"whatsapp_sla_exporter/internal/helpdesk/conformance"
	"whatsapp_sla_exporter/internal/helpdesk/desktest"
	simulator "whatsapp_sla_exporter/internal/simulator/chatwoot"
	"whatsapp_sla_exporter/internal/sla"
	"whatsapp_sla_exporter/internal/upstream"
)

const token = "simulated-token"

const conversations = "/api/v1/accounts/1/conversations"

func harness(o simulator.Options) conformance.Harness {
	return conformance.Harness{
		New: func(_ testing.TB, now func() time.Time) *conformance.Desk {
			return newConformanceDesk(now, o)
		},
		Want: wantThree,
		Feed: conversations, List: conversations, ListPage: 25,
		Steady: 1, Lacks: []conformance.Fact{conformance.NativeByUrgency},
	}
}

func TestConformance(t *testing.T) { conformance.Run(t, harness(simulator.Options{})) }

// An older server pages its changes and does not tell when SLAs are due.
func TestConformanceWithAnOldServer(t *testing.T) {
	h := harness(simulator.Options{Old: true, WithoutDueAt: true})
	h.FeedPage = 25
	conformance.Run(t, h)
}

// wantThree is what Chatwoot tells of the three tickets: no type, no pauses, which SLAs do not know either, and no
// message of the customer that an agent answered before it was seen.
func wantThree(url string, number int, v *helpdesk.Ticket) {
	v.URL, v.Brand, v.Type = url+"/app/accounts/1/conversations/"+v.ID, "5", ""
	v.Pauses, v.PausesKnown = nil, false
	v.Fields = map[string]string{"provider": "meta"}
	switch number {
	case 102:
		v.StatusRaw = "open"
	case 103:
		v.Priority, v.Fields["provider"], v.LastCustomerMessageAt = "medium", "other", time.Time{}
		v.Native[1] = helpdesk.NativeTarget{Target: sla.Resolution, Start: v.CreatedAt, Due: v.CreatedAt.Add(16 * time.Hour)}
	}
}

func newConformanceDesk(now func() time.Time, o simulator.Options) *conformance.Desk {
	o.Tokens, o.Now = []string{token}, now
	s := simulator.New(o)
	with := desktest.OnNumber
	status := func(v string) func(string) error {
		return with(func(id int64) error { return s.SetStatus(id, v) })
	}
	spoil := func(f simulator.RowFault) func(string) error {
		return with(func(id int64) error { return s.Spoil(id, f) })
	}
	words := map[string]string{"normal": "medium", "high": "high", "urgent": "urgent"}
	return &conformance.Desk{
		Handler: s, Secret: token,
		Client: func(o upstream.Options, now func() time.Time) (conformance.Client, error) {
			o.HTTP = conformance.Header(o.HTTP, "api_access_token", token)
			o.BaseURL += "/app/accounts/1"
			return New(Options{
				Upstream: o, Lookback: 30 * 24 * time.Hour, Now: now,
				KeepField: func(name string) bool { return name == "provider" },
			})
		},
		Create: func(v conformance.Seed) string {
			p := conformance.Promises[v.Priority]
			seed := simulator.Seed{
				ID: v.Number, Channel: "Channel::Whatsapp", Priority: words[v.Priority], Labels: v.Tags, Team: 21,
				Fields: map[string]any{"provider": nil, "root_cause": "template_paused"},
				SLA:    &simulator.SLA{ID: 1, FirstResponse: p.FirstResponse, NextResponse: p.NextResponse, Resolution: p.Resolution},
			}
			if v.Provider != "" {
				seed.Fields["provider"] = v.Provider
			}
			return desktest.ID(s.Create(seed))
		},
		Reply: with(s.AgentReply), Note: with(s.PrivateNote), Write: with(s.CustomerMessage),
		Pend: status(simulator.StatusPending), Solve: status(simulator.StatusResolved), Reopen: with(s.CustomerMessage),
		Prioritise: func(id, priority string) error {
			return with(func(id int64) error { return s.SetPriority(id, words[priority]) })(id)
		},
		Delete:        with(s.Delete),
		UnknownStatus: spoil(simulator.UnknownStatus), BadRow: spoil(simulator.WrongType),
	}
}
