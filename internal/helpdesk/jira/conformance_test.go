package jira_test

import (
	"testing"
	"time"

	"whatsapp_sla_exporter/internal/helpdesk"
	"whatsapp_sla_exporter/internal/helpdesk/conformance"
	"whatsapp_sla_exporter/internal/helpdesk/jira"
	"whatsapp_sla_exporter/internal/simulator/desk"
	simulator "whatsapp_sla_exporter/internal/simulator/jira"
	"whatsapp_sla_exporter/internal/sla"
	"whatsapp_sla_exporter/internal/upstream"
)

const (
	email  = "ops@acme.example"
	secret = "simulated-token"
)

func harness(size int) conformance.Harness {
	return conformance.Harness{
		New: func(_ testing.TB, now func() time.Time) *conformance.Desk { return play(now, size) },
		Want: func(url string, number int, t *helpdesk.Ticket) {
			t.URL = url + "/browse/" + t.ID
			t.StatusRaw = map[int]string{101: "In progress", 102: "Waiting for support", 103: "Waiting for customer"}[number]
			t.Priority = map[int]string{101: "high", 102: "highest", 103: "medium"}[number]
			t.Channel, t.Group, t.Pauses, t.PausesKnown = "", "SUP", nil, false
			t.Fields = map[string]string{"customfield_10050": map[int]string{101: "meta", 102: "meta", 103: "other"}[number]}
		},
		Feed: "/rest/api/3/search/jql", List: "/rest/api/3/search/jql", FeedPage: size, ListPage: size,
		Settle: 3 * time.Second, Steady: 1,
	}
}

func play(now func() time.Time, size int) *conformance.Desk {
	targets := map[string]desk.Targets{}
	for priority, p := range conformance.Promises {
		targets[priority] = desk.Targets{FirstResponse: p.FirstResponse, NextResponse: p.NextResponse, Resolution: p.Resolution}
	}
	s := simulator.New(simulator.Options{
		Email: email, Token: secret, Now: now, Targets: targets, IndexDelay: 2 * time.Second, Fields: map[string]string{"provider": "customfield_10050"},
	})
	on := func(f func(int64) error) func(string) error {
		return func(key string) error { return f(simulator.ReadKey(key)) }
	}
	status := func(to sla.Status) func(string) error {
		return on(func(id int64) error { return s.SetStatus(id, to) })
	}
	return &conformance.Desk{
		Handler: s, Secret: secret,
		Client: func(o upstream.Options, now func() time.Time) (conformance.Client, error) {
			o.HTTP = conformance.Basic(o.HTTP, email, secret)
			return jira.New(jira.Options{
				Upstream: o, Lookback: 30 * 24 * time.Hour, PageSize: size, Now: now,
				KeepField: func(id string) bool { return id == "customfield_10050" },
			})
		},
		Create: func(seed conformance.Seed) string {
			return simulator.Key(s.Create(desk.Seed{
				ID: seed.Number, Channel: "whatsapp", Priority: seed.Priority, Type: "incident", Tags: seed.Tags, Fields: map[string]string{"provider": seed.Provider},
			}))
		},
		Reply: on(s.Reply), Note: on(s.Note), Write: on(s.Write), Delete: on(s.Delete),
		Pend: status(sla.StatusPending), Solve: status(sla.StatusSolved), Reopen: status(sla.StatusOpen),
		Prioritise:    func(key, priority string) error { return s.Prioritise(simulator.ReadKey(key), priority) },
		UnknownStatus: on(func(id int64) error { return s.SetStrange(id, "Somewhere else") }),
		BadRow:        on(func(id int64) error { return s.Spoil(id, true) }),
	}
}

func TestConformance(t *testing.T) { conformance.Run(t, harness(10)) }
