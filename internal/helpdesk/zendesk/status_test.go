package zendesk

import (
	"testing"
	"time"

	"whatsapp_sla_exporter/internal/simulator/fault"
	simulator "whatsapp_sla_exporter/internal/simulator/zendesk"
	"whatsapp_sla_exporter/internal/sla"
)

func TestCustomStatusesKeepTheirOwnWord(t *testing.T) {
	d := newDesk(t, func(o *simulator.Options, _ *Options) {
		o.Statuses = []simulator.CustomStatus{{ID: 900, Label: "New", Category: "new"}, {ID: 950, Label: "At Meta", Category: "hold"}}
	})
	d.Create(simulator.Seed{ID: 1})
	d.Create(simulator.Seed{ID: 2})
	must(t, d.SetCustomStatus(1, 950))
	d.pass(5 * time.Minute)
	got := find(t, d.changes(t, ""), "1")
	if got.Status != sla.StatusOnHold || got.StatusRaw != "At Meta" {
		t.Errorf("status %s, %q", got.Status, got.StatusRaw)
	}
	must(t, d.Spoil(1, simulator.UnknownStatus))
	p := d.open(t)
	if got := find(t, p, "1"); got.Status != sla.StatusOnHold || len(p.Unmapped) != 0 {
		t.Errorf("the category of the custom status is not used: %s, %v", got.Status, p.Unmapped)
	}
	if n := d.Calls()["/api/v2/custom_statuses"]; n != 1 {
		t.Errorf("%d calls for the statuses, want 1", n)
	}
}

func TestCustomStatusesThatCannotBeReadCostOnlyTheirLabels(t *testing.T) {
	d := newDesk(t, func(o *simulator.Options, _ *Options) {
		o.Statuses = []simulator.CustomStatus{{ID: 950, Label: "At Meta", Category: "hold"}}
	})
	d.Create(simulator.Seed{ID: 1})
	must(t, d.SetCustomStatus(1, 950))
	d.Fail(fault.Fault{Path: "/api/v2/custom_statuses", Kind: fault.HTML})
	d.pass(5 * time.Minute)
	if got := find(t, d.open(t), "1"); got.Status != sla.StatusOnHold || got.StatusRaw != "hold" {
		t.Errorf("status %s, %q", got.Status, got.StatusRaw)
	}
}

// A status that somebody adds while the exporter runs has its word at once, a renamed one within the hour. One that
// was deactivated keeps it; of one that was deleted the category is left, and nobody asks for it again and again.
func TestCustomStatusesThatChange(t *testing.T) {
	d := newDesk(t, func(o *simulator.Options, _ *Options) {
		o.Statuses = []simulator.CustomStatus{{ID: 950, Label: "At Meta", Category: "hold"}}
	})
	d.Create(simulator.Seed{ID: 1, At: epoch.Add(-time.Hour)})
	must(t, d.SetCustomStatus(1, 950))
	d.open(t)
	check := func(what, word string, status sla.Status, calls int) {
		t.Helper()
		d.pass(time.Minute)
		n := d.spent(func() {
			if got := find(t, d.open(t), "1"); got.StatusRaw != word || got.Status != status {
				t.Errorf("%s: %s, %q", what, got.Status, got.StatusRaw)
			}
		})["/api/v2/custom_statuses"]
		if n != calls {
			t.Errorf("%s: %d calls for the statuses, want %d", what, n, calls)
		}
	}
	check("known", "At Meta", sla.StatusOnHold, 0)
	d.AddStatus(simulator.CustomStatus{ID: 951, Label: "At 360dialog", Category: "pending"})
	must(t, d.SetCustomStatus(1, 951))
	check("new", "At 360dialog", sla.StatusPending, 1)
	must(t, d.ChangeStatus(simulator.CustomStatus{ID: 951, Label: "At the BSP", Category: "pending", Inactive: true}))
	check("renamed", "At 360dialog", sla.StatusPending, 0)
	d.pass(statusesEvery)
	check("an hour later, and deactivated", "At the BSP", sla.StatusPending, 1)
	d.DeleteStatus(951)
	d.pass(statusesEvery)
	check("deleted", "pending", sla.StatusPending, 1)
	check("and still", "pending", sla.StatusPending, 0)
}
