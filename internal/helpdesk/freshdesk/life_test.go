package freshdesk

import (
	"strings"
	"testing"
	"time"

	"whatsapp_sla_exporter/internal/helpdesk"
	simulator "whatsapp_sla_exporter/internal/simulator/freshdesk"
	"whatsapp_sla_exporter/internal/sla"
	"whatsapp_sla_exporter/internal/upstream"
)

type target = helpdesk.NativeTarget

var firstMet = target{Target: sla.FirstResponse, Start: minute(0), Due: minute(60), MetAt: minute(10)}

// life is what happens to a ticket, ten minutes apart, and what Freshdesk's own deadlines are then.
var life = []struct {
	what string
	do   func(d *desk) error
	want []target
}{
	{"answered", func(d *desk) error { return d.AgentReply(1) }, []target{firstMet, {Target: sla.Resolution, Start: minute(0), Due: minute(480)}}},
	{"the customer writes", func(d *desk) error { return d.CustomerMessage(1) }, []target{
		firstMet, {Target: sla.NextResponse, Due: minute(80)}, {Target: sla.Resolution, Start: minute(0), Due: minute(480)},
	}},
	{"pending, where the row keeps its deadlines", func(d *desk) error { return d.SetStatus(1, simulator.Pending) }, []target{
		firstMet, {Target: sla.NextResponse, Paused: true}, {Target: sla.Resolution, Start: minute(0), Paused: true},
	}},
	{"open again, ten minutes later", func(d *desk) error { return d.SetStatus(1, simulator.Open) }, []target{
		firstMet, {Target: sla.NextResponse, Due: minute(90)}, {Target: sla.Resolution, Start: minute(0), Due: minute(490)},
	}},
	{"urgent", func(d *desk) error { return d.SetPriority(1, 4) }, []target{
		{Target: sla.FirstResponse, Start: minute(0), Due: minute(30), MetAt: minute(10)}, {Target: sla.Resolution, Start: minute(0), Due: minute(240)},
	}},
	{"resolved", func(d *desk) error { return d.SetStatus(1, simulator.Resolved) }, []target{
		{Target: sla.FirstResponse, Start: minute(0), Due: minute(30), MetAt: minute(10)}, {Target: sla.Resolution, Start: minute(0), Due: minute(240), MetAt: minute(60)},
	}},
}

func TestLifeOfATicket(t *testing.T) {
	d := newDesk(t, simulator.Options{SLA: map[int]simulator.Targets{
		3: {Respond: time.Hour, NextRespond: time.Hour, Resolve: 8 * time.Hour}, 4: {Respond: 30 * time.Minute, Resolve: 4 * time.Hour},
	}})
	d.Create(simulator.Seed{ID: 1, Priority: 3})
	for _, step := range life {
		d.Advance(10 * time.Minute)
		must(t, step.do(d))
		if x := diff(step.want, d.first(t).Native); x != "" {
			t.Errorf("%s: %s", step.what, x)
		}
	}
}

func TestTicketsThatLeave(t *testing.T) {
	for name, leave := range map[string]func(d *desk) error{
		"into the trash": func(d *desk) error { return d.Delete(1) },
		"for ever":       func(d *desk) error { return d.Purge(1) },
		"as spam":        func(d *desk) error { return d.Spam(1) },
		"out of sight":   func(d *desk) error { return d.Hide(1) },
	} {
		t.Run(name, func(t *testing.T) {
			d := newDesk(t, simulator.Options{})
			d.Create(simulator.Seed{ID: 1})
			must(t, leave(d))
			if got := d.first(t); !got.Gone {
				t.Errorf("%+v", got)
			}
		})
	}
}

func TestStatuses(t *testing.T) {
	custom := []simulator.Status{{ID: 8, Label: "Waiting for Meta", TimerOff: true}, {ID: 9, Label: "Dreaming"}}
	for name, tc := range map[string]struct {
		key      string
		status   int
		statuses map[string]sla.Status
		want     sla.Status
		raw      string
		unmapped int
	}{
		"one that Freshdesk has from the start":      {key, simulator.WaitingOnThird, nil, sla.StatusOnHold, "Waiting on Third Party", 0},
		"the same, for a key that is no admin's":     {"agents-key", simulator.WaitingOnCustomer, nil, sla.StatusPending, "6", 0},
		"one of the account's own, mapped by label":  {key, 8, map[string]sla.Status{"waiting for meta": sla.StatusOnHold}, sla.StatusOnHold, "Waiting for Meta", 0},
		"one of the account's own, mapped by number": {"agents-key", 8, map[string]sla.Status{"8": sla.StatusOnHold}, sla.StatusOnHold, "8", 0},
		"one that nobody mapped":                     {key, 9, nil, sla.StatusOpen, "Dreaming", 1},
	} {
		t.Run(name, func(t *testing.T) {
			d := newDesk(t, simulator.Options{Keys: []string{"agents-key"}, Admins: []string{key}, Statuses: custom}, func(o *Options) {
				o.Statuses = tc.statuses
			}, withKey(tc.key))
			d.Create(simulator.Seed{ID: 1, Status: tc.status})
			p, err := d.client.Open(t.Context())
			must(t, err)
			if len(p.Tickets) != 1 || p.Tickets[0].Status != tc.want || p.Tickets[0].StatusRaw != tc.raw || p.Unmapped["status"] != tc.unmapped {
				t.Errorf("%+v, unmapped %v", p.Tickets, p.Unmapped)
			}
		})
	}
}

// An outbound ticket is opened by the agent: nobody waits until the customer writes.
func TestOutboundTicket(t *testing.T) {
	d := newDesk(t, simulator.Options{})
	d.Create(simulator.Seed{ID: 1, Source: outbound})
	if got := d.first(t); got.Status != sla.StatusOpen || !got.WaitingSince.IsZero() || !got.LastCustomerMessageAt.IsZero() {
		t.Errorf("%+v", got)
	}
	d.Advance(time.Minute)
	must(t, d.CustomerMessage(1))
	if got := d.first(t); !got.WaitingSince.Equal(minute(1)) {
		t.Errorf("%+v", got)
	}
}

func TestErrorsTellWhatFreshdeskSays(t *testing.T) {
	d := newDesk(t, simulator.Options{}, withKey("wrong"))
	_, err := d.client.Open(t.Context())
	if upstream.ReasonOf(err) != upstream.Auth || !strings.HasSuffix(err.Error(), "(HTTP 401, code invalid_credentials): You have to be logged in to perform this action.") {
		t.Error(err)
	}
	d = newDesk(t, simulator.Options{}, func(o *Options) { o.PageSize = 1000 })
	_, err = d.client.Changes(t.Context(), "")
	if upstream.ReasonOf(err) != upstream.BadRequest || !strings.HasSuffix(err.Error(), "(HTTP 400, code invalid_value): per_page: It should be a Positive Integer less than or equal to 100") {
		t.Error(err)
	}
}
