package rt

import (
	"context"
	"strconv"
	"testing"
	"time"

	"go.uber.org/goleak"

	"whatsapp_sla_exporter/internal/helpdesk"
	"whatsapp_sla_exporter/internal/helpdesk/conformance"
	"whatsapp_sla_exporter/internal/helpdesk/desktest"
	simulator "whatsapp_sla_exporter/internal/simulator/rt"
	"whatsapp_sla_exporter/internal/upstream"
)

func TestMain(m *testing.M) { goleak.VerifyTestMain(m) }

const secret = "1-14-0123456789abcdef0123456789abcdef"

// levels promise what the suite's priorities do. RT's levels do not follow the priority: the ticket gets its own.
var levels = map[string]simulator.Level{
	"urgent": {Response: 30 * time.Minute, Resolve: 4 * time.Hour},
	"high":   {Response: time.Hour, Resolve: 8 * time.Hour},
	"normal": {Response: 4 * time.Hour, Resolve: 16 * time.Hour, Ignore: []string{"stalled"}},
}

var priorities = map[string]int{"urgent": 100, "high": 75, "normal": 50, "low": 0}

const (
	providerField = 3
	channelID     = 4
)

// options are an RT with a queue like those of installations.
func options(now func() time.Time) simulator.Options {
	return simulator.Options{
		Now: now, Levels: levels,
		Users:  []simulator.User{{ID: 33, Name: "exporter", Token: secret, Password: "exporter-password", Comments: true}},
		Queues: []simulator.Queue{{ID: 21, Name: "Support", Lifecycle: "support"}, {ID: 22, Name: "Elsewhere"}},
		Lifecycles: map[string]simulator.Lifecycle{"support": {
			Initial: []string{"new"}, Active: []string{"open", "stalled", "escalated"}, Inactive: []string{"resolved", "archived", "rejected", "deleted"},
		}},
		Fields: []simulator.CustomField{{ID: 2, Name: "Severity"}, {ID: providerField, Name: "Provider"}, {ID: channelID, Name: "Channel"}},
	}
}

func harness(size int) conformance.Harness {
	return conformance.Harness{
		New: func(_ testing.TB, now func() time.Time) *conformance.Desk { return newDesk(now, size) },
		Want: func(url string, number int, t *helpdesk.Ticket) {
			if number == 103 {
				t.StatusRaw = "stalled"
			}
			t.URL = url + "/Ticket/Display.html?id=" + t.ID
			t.Priority, t.Type, t.Tags = strconv.Itoa(priorities[t.Priority]), "ticket", nil
			t.Fields = map[string]string{"Provider": map[bool]string{true: "other", false: "meta"}[t.ID == "103"]}
			t.Native = oneDeadline(t.Native)
		},
		Feed: apiPath + transactionsPath, List: apiPath + ticketsPath, FeedPage: size, ListPage: size,
		Steady: 2,
		Lacks:  []conformance.Fact{conformance.NativeByUrgency},
	}
}

// oneDeadline leaves of several deadlines that run the earliest: RT has one.
func oneDeadline(all []helpdesk.NativeTarget) (out []helpdesk.NativeTarget) {
	running := false
	for _, n := range all {
		if n.MetAt.IsZero() && !n.Due.IsZero() {
			if running {
				continue
			}
			running = true
		}
		out = append(out, n)
	}
	return out
}

func newDesk(now func() time.Time, size int) *conformance.Desk {
	s := simulator.New(options(now))
	on := desktest.OnNumber
	status := func(name string) func(string) error {
		return on(func(id int64) error { return s.SetStatus(id, name) })
	}
	return &conformance.Desk{
		Handler: s, Secret: secret,
		Client: func(o upstream.Options, now func() time.Time) (conformance.Client, error) {
			o.HTTP = conformance.Header(o.HTTP, "Authorization", "token "+secret)
			c, err := New(Options{Upstream: o, Now: now, PageSize: size, KeepField: func(id string) bool { return id == "Provider" }})
			if err == nil {
				c.wait = func(context.Context, time.Duration) error { return nil }
			}
			return c, err
		},
		Create: func(seed conformance.Seed) string {
			id := s.Create(simulator.Seed{
				ID: seed.Number, Priority: priorities[seed.Priority], Level: seed.Priority,
				Fields: map[int64]string{providerField: seed.Provider, channelID: "WhatsApp"},
			})
			return desktest.ID(id)
		},
		Reply: on(s.Reply), Note: on(s.Comment), Write: on(s.Write), Delete: on(s.Delete),
		Pend: status("stalled"), Solve: status("resolved"), Reopen: status("open"), UnknownStatus: status("escalated"),
		Prioritise: func(id, priority string) error {
			return on(func(id int64) error { return s.SetPriority(id, priorities[priority]) })(id)
		},
		Merge:  desktest.OnNumbers(s.Merge),
		BadRow: on(func(id int64) error { return s.Spoil(id, true) }),
	}
}

// A page holds the four rows of a reply and those that are read again.
func TestConformance(t *testing.T) { conformance.Run(t, harness(20)) }
