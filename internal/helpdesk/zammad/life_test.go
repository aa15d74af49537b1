package zammad

import (
	"strings"
	"testing"
	"time"

	"whatsapp_sla_exporter/internal/helpdesk"
	"whatsapp_sla_exporter/internal/helpdesk/conformance"
	"whatsapp_sla_exporter/internal/helpdesk/desktest"
	"whatsapp_sla_exporter/internal/simulator/fault"
	simulator "whatsapp_sla_exporter/internal/simulator/zammad"
	"whatsapp_sla_exporter/internal/sla"
	"whatsapp_sla_exporter/internal/upstream"
)

type target = helpdesk.NativeTarget

var firstLate = target{Target: sla.FirstResponse, Start: minute(0), Due: minute(60), MetAt: minute(70)}

// life is what happens to a ticket, and what Zammad's own deadlines are then.
var life = []struct {
	what  string
	after int // minutes
	do    func(d *desk) error
	want  []target
}{
	{"opened", 0, func(*desk) error { return nil }, []target{
		{Target: sla.FirstResponse, Start: minute(0), Due: minute(60)},
		{Target: sla.NextResponse, Start: minute(0), Due: minute(90)},
		{Target: sla.Resolution, Start: minute(0), Due: minute(480)},
	}},
	{"answered too late", 70, func(d *desk) error { return d.AgentReply(1) }, []target{firstLate, {Target: sla.Resolution, Start: minute(0), Due: minute(480)}}},
	{"pending", 80, func(d *desk) error { return d.SetState(1, simulator.StatePendingReminder) }, []target{
		firstLate, {Target: sla.Resolution, Start: minute(0), Paused: true},
	}},
	{"the customer writes", 100, func(d *desk) error { return d.CustomerMessage(1) }, []target{
		firstLate,
		{Target: sla.NextResponse, Start: minute(100), Due: minute(190)},
		{Target: sla.Resolution, Start: minute(0), Due: minute(500)},
	}},
	{"closed in time", 110, func(d *desk) error { return d.SetState(1, simulator.StateClosed) }, []target{
		firstLate, {Target: sla.Resolution, Start: minute(0), Due: minute(500), MetAt: minute(110)},
	}},
	{"reopened, a solution is not promised again", 120, func(d *desk) error { return d.CustomerMessage(1) }, []target{
		firstLate,
		{Target: sla.NextResponse, Start: minute(100), Due: minute(200)},
		{Target: sla.Resolution, Start: minute(0), Due: minute(500), MetAt: minute(110)},
	}},
}

func TestLifeOfATicket(t *testing.T) {
	d := newDesk(t, simulator.Options{SLAs: map[string]simulator.SLA{
		"high": {ID: 1, FirstResponseTime: time.Hour, ResponseTime: 90 * time.Minute, SolutionTime: 8 * time.Hour},
	}})
	d.Create(simulator.Seed{ID: 1, Attributes: map[string]any{"severity": "high"}})
	for _, step := range life {
		d.Advance(minute(step.after).Sub(d.Now()))
		must(t, step.do(d))
		if x := diff(step.want, d.first(t).Native); x != "" {
			t.Errorf("%s: %s", step.what, x)
		}
	}
}

// The same column holds the deadline of regular updates, where the SLA promises those.
func TestUpdatesAreFollowUps(t *testing.T) {
	d := newDesk(t, simulator.Options{SLAs: map[string]simulator.SLA{"high": {ID: 1, UpdateTime: 4 * time.Hour}}})
	d.Create(simulator.Seed{ID: 1, Attributes: map[string]any{"severity": "high"}})
	d.Advance(30 * time.Minute)
	must(t, d.AgentReply(1))
	want := []target{{Target: sla.FollowUp, Start: minute(30), Due: minute(270)}}
	if x := diff(want, d.first(t).Native); x != "" {
		t.Error(x)
	}
}

func TestTicketsThatLeave(t *testing.T) {
	for name, leave := range map[string]func(d *desk) error{
		"deleted": func(d *desk) error { return d.Delete(1) },
		"merged":  func(d *desk) error { return d.Merge(1, 2) },
		"hidden":  func(d *desk) error { return d.Hide(1) },
	} {
		t.Run(name, func(t *testing.T) {
			d := newDesk(t, simulator.Options{})
			d.Create(simulator.Seed{ID: 1})
			d.Create(simulator.Seed{ID: 2})
			must(t, leave(d))
			if got := d.first(t); !got.Gone {
				t.Errorf("%+v", got)
			}
		})
	}
}

// A state that the instance gets while the client runs is known by its type.
func TestNewStatesAreRead(t *testing.T) {
	states := []simulator.State{{ID: 50, Name: "waiting for vendor", Type: "pending action", IgnoreEscalation: true}}
	d := newDesk(t, simulator.Options{States: states})
	d.Create(simulator.Seed{ID: 1})
	d.first(t)
	d.client.mu.Lock()
	delete(d.client.states, 50)
	d.client.mu.Unlock()
	must(t, d.SetState(1, "waiting for vendor"))
	d.Advance(2 * time.Minute)
	if got := d.first(t); got.Status != sla.StatusPending || got.StatusRaw != "waiting for vendor" {
		t.Errorf("%s (%s)", got.Status, got.StatusRaw)
	}
}

func TestStatesThatCannotBeReadAnyMore(t *testing.T) {
	d := newDesk(t, simulator.Options{})
	d.Create(simulator.Seed{ID: 1})
	d.first(t)
	d.Advance(2 * time.Hour)
	d.Fail(fault.Fault{Kind: fault.ServerError, Path: "/api/v1/ticket_states"})
	if got := d.first(t); got.Status != sla.StatusNew {
		t.Errorf("without states read again the ticket is %s", got.Status)
	}
	other, err := New(d.client.o)
	must(t, err)
	if _, err := other.Open(t.Context()); upstream.ReasonOf(err) != upstream.Server {
		t.Errorf("a client that never read the states: %v", err)
	}
}

// Older versions give at most 100 rows a page, or 50, whatever is asked for.
func TestPagesThatAreSmallerThanAskedFor(t *testing.T) {
	for _, most := range []int{50, 100} {
		d := newDesk(t, simulator.Options{MostRows: most})
		for id := range int64(230) {
			d.Create(simulator.Seed{ID: id + 1})
			d.Advance(time.Second)
		}
		p, err := d.client.Open(t.Context())
		must(t, err)
		if len(p.Tickets) != 230 {
			t.Errorf("%d open tickets in pages of %d, want 230", len(p.Tickets), most)
		}
	}
}

func TestErrorsTellWhatZammadSays(t *testing.T) {
	for name, tc := range map[string]struct {
		header string
		reason upstream.Reason
		text   string
	}{
		"a wrong token": {"Token token=wrong", upstream.Auth, "(HTTP 401, code zammad): Invalid token"},
		"no token":      {"", upstream.Permission, "(HTTP 403, code zammad): Authentication required"},
	} {
		t.Run(name, func(t *testing.T) {
			d := newDesk(t, simulator.Options{}, func(o *Options) {
				o.Upstream.HTTP = conformance.Header(desktest.Once(), "Authorization", tc.header)
			})
			_, err := d.client.Open(t.Context())
			if upstream.ReasonOf(err) != tc.reason || !strings.HasSuffix(err.Error(), tc.text) {
				t.Errorf("%s: %v", upstream.ReasonOf(err), err)
			}
		})
	}
}
