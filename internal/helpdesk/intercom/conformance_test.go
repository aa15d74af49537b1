package intercom_test

import (
	"testing"
	"time"

	"whatsapp_sla_exporter/internal/helpdesk"
	"whatsapp_sla_exporter/internal/helpdesk/conformance"
	"whatsapp_sla_exporter/internal/helpdesk/desktest"
	"whatsapp_sla_exporter/internal/helpdesk/intercom"
	"whatsapp_sla_exporter/internal/simulator/desk"
	simulator "whatsapp_sla_exporter/internal/simulator/intercom"
	"whatsapp_sla_exporter/internal/sla"
	"whatsapp_sla_exporter/internal/upstream"
)

const secret = "simulated-token"

func harness(size int) conformance.Harness {
	return conformance.Harness{
		New: func(_ testing.TB, now func() time.Time) *conformance.Desk { return play(now, size) },
		Want: func(_ string, number int, t *helpdesk.Ticket) {
			t.URL = "https://app.intercom.com/a/inbox/abc123/inbox/conversation/" + t.ID
			t.StatusRaw = map[int]string{101: "open", 102: "open", 103: "snoozed"}[number]
			t.Priority = map[int]string{101: "high", 102: "urgent", 103: "medium"}[number]
			t.Type, t.Pauses, t.PausesKnown, t.Native = "", nil, false, nil
			t.Fields = map[string]string{"provider": map[int]string{101: "meta", 102: "meta", 103: "other"}[number]}
		},
		Feed: "/conversations/search", List: "/conversations/search", FeedPage: size, ListPage: size, Settle: 3 * time.Second, Steady: 1,
	}
}

func play(now func() time.Time, size int) *conformance.Desk {
	s := simulator.New(simulator.Options{Token: secret, Now: now, IndexDelay: 2 * time.Second})
	on := desktest.OnNumber
	status := func(to sla.Status) func(string) error {
		return on(func(id int64) error { return s.SetStatus(id, to) })
	}
	return &conformance.Desk{
		Handler: s, Secret: secret,
		Client: func(o upstream.Options, now func() time.Time) (conformance.Client, error) {
			o.HTTP = conformance.Header(o.HTTP, "Authorization", "Bearer "+secret)
			return intercom.New(intercom.Options{
				Upstream: o, Lookback: 30 * 24 * time.Hour, PageSize: size, Now: now, KeepField: func(name string) bool { return name == "provider" },
			})
		},
		Create: func(seed conformance.Seed) string {
			return desktest.ID(s.Create(desk.Seed{
				ID: seed.Number, Channel: "whatsapp", Priority: seed.Priority, Group: "21", Tags: seed.Tags, Fields: map[string]string{"provider": seed.Provider},
			}))
		},
		Reply: on(s.Reply), Note: on(s.Note), Write: on(s.Write), Delete: on(s.Delete),
		Pend: status(sla.StatusPending), Solve: status(sla.StatusSolved), Reopen: status(sla.StatusOpen),
		Prioritise: func(id, priority string) error {
			return on(func(id int64) error { return s.Prioritise(id, priority) })(id)
		},
		UnknownStatus: on(func(id int64) error { return s.SetStrange(id, "parked") }),
		BadRow:        on(func(id int64) error { return s.Spoil(id, true) }),
	}
}

func TestConformance(t *testing.T) { conformance.Run(t, harness(10)) }
