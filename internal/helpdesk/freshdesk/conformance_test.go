package freshdesk

import (
	"cmp"
	"testing"
	"time"

	"whatsapp_sla_exporter/internal/helpdesk"
	"whatsapp_sla_exporter/internal/helpdesk/conformance"
	"whatsapp_sla_exporter/internal/helpdesk/desktest"
	simulator "whatsapp_sla_exporter/internal/simulator/freshdesk"
	"whatsapp_sla_exporter/internal/upstream"
)

const key = "simulated-key"

// harness plays the suite with small pages, or, where pageSize is 0, with those of a real client.
func harness(pageSize int) conformance.Harness {
	return conformance.Harness{
		New: func(_ testing.TB, now func() time.Time) *conformance.Desk {
			return newConformanceDesk(now, pageSize)
		},
		Want: wantThree,
		Feed: listPath, List: listPath, FeedPage: cmp.Or(pageSize, maxPage), ListPage: cmp.Or(pageSize, maxPage),
		Settle: time.Minute, Steady: 1,
	}
}

func TestConformance(t *testing.T) { conformance.Run(t, harness(10)) }

// wantThree is what Freshdesk tells of the three tickets: no pauses, and no start of the next response.
func wantThree(url string, number int, v *helpdesk.Ticket) {
	v.URL = url + "/a/tickets/" + v.ID
	v.Pauses, v.PausesKnown = nil, false
	v.Fields = map[string]string{"cf_provider": "meta"}
	switch number {
	case 101:
		v.StatusRaw = "Open"
		v.Native[1].Start = time.Time{}
	case 102:
		v.StatusRaw = "Open"
	case 103:
		v.StatusRaw, v.Priority, v.Fields["cf_provider"] = "Pending", "medium", "other"
	}
}

var numbers = map[string]int{"normal": 2, "high": 3, "urgent": 4}

func newConformanceDesk(now func() time.Time, pageSize int) *conformance.Desk {
	o := simulator.Options{Admins: []string{key}, Now: now, SLA: map[int]simulator.Targets{}, AccountLimit: 1e6, ListLimit: 1e6}
	for priority, p := range conformance.Promises {
		o.SLA[numbers[priority]] = simulator.Targets{Respond: p.FirstResponse, NextRespond: p.NextResponse, Resolve: p.Resolution}
	}
	s := simulator.New(o)
	with := desktest.OnNumber
	status := func(v int) func(string) error {
		return with(func(id int64) error { return s.SetStatus(id, v) })
	}
	return &conformance.Desk{
		Handler: s, Secret: key,
		Client: func(o upstream.Options, now func() time.Time) (conformance.Client, error) {
			o.HTTP = conformance.Basic(o.HTTP, key, "X")
			return New(Options{
				Upstream: o, PageSize: pageSize, Lookback: 30 * 24 * time.Hour, Now: now,
				KeepField: func(name string) bool { return name == "cf_provider" },
			})
		},
		Create: func(v conformance.Seed) string {
			seed := simulator.Seed{ID: v.Number, Source: 13, Priority: numbers[v.Priority], Type: "incident", Tags: v.Tags, Group: 21}
			seed.Fields = map[string]any{"cf_provider": nil, "cf_root_cause": "template_paused"}
			if v.Provider != "" {
				seed.Fields["cf_provider"] = v.Provider
			}
			return desktest.ID(s.Create(seed))
		},
		Reply: with(s.AgentReply), Note: with(s.PrivateNote), Write: with(s.CustomerMessage),
		Pend: status(simulator.Pending), Solve: status(simulator.Resolved), Reopen: with(s.CustomerMessage),
		Prioritise: func(id, priority string) error {
			return with(func(id int64) error { return s.SetPriority(id, numbers[priority]) })(id)
		},
		Delete:        with(s.Delete),
		Merge:         desktest.OnNumbers(s.Merge),
		UnknownStatus: status(99),
		BadRow:        with(func(id int64) error { return s.Spoil(id, simulator.WrongType) }),
	}
}
