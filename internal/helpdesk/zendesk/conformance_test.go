package zendesk

import (
	"context"
	"strconv"
	"testing"
	"time"

	"whatsapp_sla_exporter/internal/helpdesk"
	"whatsapp_sla_exporter/internal/helpdesk/conformance"
	simulator "whatsapp_sla_exporter/internal/simulator/zendesk"
	"whatsapp_sla_exporter/internal/upstream"
)

func TestConformance(t *testing.T) {
	conformance.Run(t, conformance.Harness{
		New: newConformanceDesk,
		Want: func(url string, _ int, v *helpdesk.Ticket) {
			v.URL = url + "/agent/tickets/" + v.ID
			v.Brand, v.Form, v.Fields = "51", "61", map[string]string{"7001": "meta"}
			if v.ID == "103" {
				v.Fields["7001"] = "other"
			}
		},
		Feed: "/api/v2/incremental/tickets/cursor", List: "/api/v2/search/export", FeedPage: 10, ListPage: 10,
		Settle: time.Minute, Steady: 2,
	})
}

// promises are the suite's, as SLA policies have them.
func promises() map[string]map[string]time.Duration {
	out := make(map[string]map[string]time.Duration)
	for priority, p := range conformance.Promises {
		out[priority] = map[string]time.Duration{"first_reply_time": p.FirstResponse, "requester_wait_time": p.Resolution}
		if p.NextResponse > 0 {
			out[priority]["next_reply_time"] = p.NextResponse
		}
	}
	return out
}

func newConformanceDesk(_ testing.TB, now func() time.Time) *conformance.Desk {
	s := simulator.New(simulator.Options{
		Now: now, Policies: []simulator.Policy{{ID: 71, Title: "P1", Targets: promises()}},
		Credentials: []simulator.Credential{{Email: user, Token: secret, Role: simulator.Admin}},
	})
	number := func(id string) int64 {
		n, err := strconv.ParseInt(id, 10, 64)
		if err != nil {
			panic(err)
		}
		return n
	}
	with := func(f func(int64) error) func(string) error {
		return func(id string) error { return f(number(id)) }
	}
	status := func(v string) func(string) error {
		return with(func(id int64) error { return s.SetStatus(id, v) })
	}
	spoil := func(f simulator.RowFault) func(string) error {
		return with(func(id int64) error { return s.Spoil(id, f) })
	}
	return &conformance.Desk{
		Handler: s, Secret: secret,
		Client: func(o upstream.Options, now func() time.Time) (conformance.Client, error) {
			o.HTTP = conformance.Basic(o.HTTP, user+"/token", secret)
			c, err := New(Options{Upstream: o, PageSize: 10, Now: now, KeepField: func(id string) bool { return id == "7001" }})
			if err == nil {
				c.batch, c.wait = 10, func(context.Context, time.Duration) error { return nil }
			}
			return c, err
		},
		Create: func(v conformance.Seed) string {
			seed := simulator.Seed{ID: v.Number, Channel: "whatsapp", Priority: v.Priority, Type: "incident", Tags: v.Tags, Group: 21, Brand: 51, Form: 61}
			if v.Provider != "" {
				seed.Fields = map[int64]any{7001: v.Provider}
			}
			return strconv.FormatInt(s.Create(seed), 10)
		},
		Reply: with(s.AgentReply), Note: with(s.InternalNote), Write: with(s.CustomerMessage),
		Pend: status("pending"), Solve: status("solved"), Reopen: with(s.CustomerMessage),
		Prioritise:    func(id, priority string) error { return s.SetPriority(number(id), priority) },
		Delete:        with(s.Delete),
		Merge:         func(id, into string) error { return s.Merge(number(id), number(into)) },
		UnknownStatus: spoil(simulator.UnknownStatus), BadRow: spoil(simulator.WrongType),
	}
}
