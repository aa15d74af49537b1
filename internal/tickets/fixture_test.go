package tickets_test

import (
	"path/filepath"
	"testing"
	"time"

	"whatsapp_sla_exporter/internal/helpdesk"
	"whatsapp_sla_exporter/internal/sla"
	"whatsapp_sla_exporter/internal/state"
	"whatsapp_sla_exporter/internal/tickets"
)

// start is when the tests begin, a Monday.
var start = time.Date(2026, 3, 2, 9, 0, 0, 0, time.UTC)

// after is so many minutes into the test.
func after(minutes int) time.Time { return start.Add(time.Duration(minutes) * time.Minute) }

// mapper assigns what the tests write into a ticket.
type mapper struct{}

func (mapper) Map(t *helpdesk.Ticket) (helpdesk.Assignment, bool) {
	a := helpdesk.Assignment{
		Policy: t.Group, Severity: t.Priority, Origin: t.Fields["origin"], Tenant: t.Brand, Unmapped: t.Fields["unmapped"],
	}
	switch t.Fields["valid"] {
	case "yes":
		a.Valid = helpdesk.ValidYes
	case "no":
		a.Valid = helpdesk.ValidNo
	}
	return a, t.Form != "drop"
}

// clocks are the policies of the tests, all running around the clock.
type clocks map[string]tickets.Evaluator

func (c clocks) Clock(policy string) (tickets.Evaluator, bool) {
	clock, ok := c[policy]
	return clock, ok
}

// policies are two that promise and the service window: "acme" answers in 30 minutes, updates every 4 hours, solves
// high tickets in 8 hours; "strict" asks for more of a ticket.
func policies(t testing.TB) clocks {
	t.Helper()
	all := clocks{}
	for _, p := range []*sla.Policy{
		{Name: "acme", Severities: []sla.Severity{
			{Name: "high", Number: 1, Promises: []sla.Promise{
				{Target: sla.FirstResponse, Within: 30 * time.Minute},
				{Target: sla.NextResponse, Within: time.Hour},
				{Target: sla.FollowUp, Within: 4 * time.Hour},
				{Target: sla.Resolution, Within: 8 * time.Hour},
			}},
			{Name: "low", Number: 2, Promises: []sla.Promise{
				{Target: sla.FirstResponse, Within: 24 * time.Hour},
				{Target: sla.Resolution, BestEffort: true},
			}},
		}},
		{Name: "strict", RequiresValid: true, ExcludesExternal: true, Severities: []sla.Severity{
			{Name: "high", Number: 1, Promises: []sla.Promise{{Target: sla.FirstResponse, Within: time.Hour}}},
		}},
		{Name: "whatsapp-service-window", Severities: []sla.Severity{
			{Name: sla.AnySeverity, Number: 1, Promises: []sla.Promise{{Target: sla.ServiceWindow, Within: 24 * time.Hour}}},
		}},
	} {
		clock, err := sla.NewClock(p, sla.Always())
		if err != nil {
			t.Fatal(err)
		}
		all[p.Name] = clock
	}
	return all
}

// desk is a book on a state file that can be restarted.
type desk struct {
	testing.TB
	*tickets.Book
	path  string
	store *state.Store
	set   func(*tickets.Options)
}

// newDesk returns a book that has read a helpdesk without tickets once, at the start.
func newDesk(t testing.TB, set func(*tickets.Options)) *desk {
	t.Helper()
	d := &desk{TB: t, path: filepath.Join(t.TempDir(), "state.db"), set: set}
	d.open()
	t.Cleanup(func() { d.store.Close() })
	d.reconcile(start)
	return d
}

func (d *desk) open() {
	d.Helper()
	store, err := state.Open(d.path)
	if err != nil {
		d.Fatal(err)
	}
	o := tickets.Options{Helpdesk: "support", Mapper: mapper{}, Clocks: policies(d), Store: store, Lag: -1}
	if d.set != nil {
		d.set(&o)
	}
	if d.Book, err = tickets.NewBook(o); err != nil {
		d.Fatal(err)
	}
	d.store = store
}

// restart ends the process and starts the next.
func (d *desk) restart() {
	d.Helper()
	if err := d.store.Close(); err != nil {
		d.Fatal(err)
	}
	d.open()
}

func (d *desk) apply(at time.Time, rows ...helpdesk.Ticket) {
	d.Helper()
	if err := d.Apply(&helpdesk.Pass{Tickets: rows}, at); err != nil {
		d.Fatal(err)
	}
}

func (d *desk) reconcile(at time.Time, rows ...helpdesk.Ticket) (missing []string) {
	d.Helper()
	missing, err := d.Reconcile(&helpdesk.Pass{Tickets: rows}, at)
	if err != nil {
		d.Fatal(err)
	}
	return missing
}

// counts tells the outcomes that are not 0, by policy, severity and target.
func (d *desk) counts() map[string][2]uint64 {
	got := make(map[string][2]uint64)
	for _, o := range d.Snapshot().Outcomes {
		if o.Met+o.Breached > 0 {
			got[o.Group.Policy+" "+o.Group.Severity+" "+string(o.Target)] = [2]uint64{o.Met, o.Breached}
		}
	}
	return got
}

// states tells the states of the targets at an instant, those that are not 0.
func (d *desk) states(at time.Time) map[string]int {
	got := make(map[string]int)
	for _, g := range d.Snapshot().Targets {
		for i, n := range g.Counts(at) {
			if n > 0 {
				got[g.Group.Policy+" "+g.Group.Severity+" "+string(g.Target)+" "+string(sla.States[i])] = n
			}
		}
	}
	return got
}

// due tells the due of a ticket's target, zero where it has none.
func (d *desk) due(ticket string, target sla.Target) time.Time {
	for deadline := range d.Snapshot().Endangered(start.AddDate(1, 0, 0)) {
		if deadline.Ticket == ticket && deadline.Target == target {
			return deadline.Due
		}
	}
	return time.Time{}
}

// ticket is one of policy acme, severity high, opened and last updated at an instant.
func ticket(id string, at time.Time, change ...func(*helpdesk.Ticket)) helpdesk.Ticket {
	t := helpdesk.Ticket{
		ID: id, URL: "https://help.example/tickets/" + id, Status: sla.StatusOpen, Group: "acme", Priority: "high",
		CreatedAt: at, UpdatedAt: at,
	}
	for _, c := range change {
		c(&t)
	}
	return t
}

// The changes that a ticket goes through.

func updated(at time.Time) func(*helpdesk.Ticket) {
	return func(t *helpdesk.Ticket) { t.UpdatedAt = at }
}

func status(s sla.Status, at time.Time) func(*helpdesk.Ticket) {
	return func(t *helpdesk.Ticket) { t.Status, t.UpdatedAt = s, at }
}

func solved(at time.Time) func(*helpdesk.Ticket) {
	return func(t *helpdesk.Ticket) { t.Status, t.SolvedAt, t.UpdatedAt = sla.StatusSolved, at, at }
}

func replied(at time.Time) func(*helpdesk.Ticket) {
	return func(t *helpdesk.Ticket) {
		if t.FirstResponseAt.IsZero() {
			t.FirstResponseAt = at
		}
		t.LastAgentReplyAt, t.WaitingSince, t.UpdatedAt = at, time.Time{}, at
	}
}

func asked(at time.Time) func(*helpdesk.Ticket) {
	return func(t *helpdesk.Ticket) {
		if t.WaitingSince.IsZero() {
			t.WaitingSince = at
		}
		t.LastCustomerMessageAt, t.UpdatedAt = at, at
	}
}

func policy(name string) func(*helpdesk.Ticket) {
	return func(t *helpdesk.Ticket) { t.Group = name }
}

func severity(name string) func(*helpdesk.Ticket) {
	return func(t *helpdesk.Ticket) { t.Priority = name }
}

func field(name, value string) func(*helpdesk.Ticket) {
	return func(t *helpdesk.Ticket) { t.Fields = map[string]string{name: value} }
}

func native(n ...helpdesk.NativeTarget) func(*helpdesk.Ticket) {
	return func(t *helpdesk.Ticket) { t.Native = n }
}
