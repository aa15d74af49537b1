package zendesk

import (
	"testing"
	"time"

	simulator "whatsapp_sla_exporter/internal/simulator/zendesk"
	"whatsapp_sla_exporter/internal/sla"
)

// Groups promise each other to solve a ticket or to hand it over, whichever way Zendesk tells of it.
func TestGroupsKeepTheirPromises(t *testing.T) {
	for name, have := range map[string]simulator.Sideloads{
		"side-loaded":                   {SLAs: true, MetricEvents: true, MetricSets: true},
		"in the events beside a ticket": {MetricEvents: true, MetricSets: true},
		"in the export of events":       {MetricSets: true},
	} {
		t.Run(name, func(t *testing.T) {
			d := newDesk(t, func(o *simulator.Options, _ *Options) {
				o.Policies = nil
				o.GroupPolicies = []simulator.GroupPolicy{{ID: "01H0", Title: "Tier 1", Groups: []int64{21}, Targets: map[string]time.Duration{"high": 45 * time.Minute}}}
			})
			d.SetSideloads(have)
			d.Create(simulator.Seed{ID: 1, Priority: "high", Group: 21})
			cursor := d.caughtUp(t)
			for _, step := range []struct {
				what string
				do   func() error
				want []target
			}{
				{"owned", func() error { return nil }, []target{{Target: sla.GroupOwnership, Start: minute(0), Due: minute(45)}}},
				{"waiting for the customer", func() error { return d.SetStatus(1, "pending") }, []target{{Target: sla.GroupOwnership, Start: minute(0), Due: minute(45)}}},
				{"handed over to who promised nothing", func() error { return d.SetGroup(1, 22) }, []target{{Target: sla.GroupOwnership, Start: minute(0), Due: minute(45), MetAt: minute(30)}}},
				{"and back", func() error { return d.SetGroup(1, 21) }, []target{{Target: sla.GroupOwnership, Start: minute(40), Due: minute(85)}}},
				{"solved", func() error { return d.SetStatus(1, "solved") }, []target{{Target: sla.GroupOwnership, Start: minute(40), Due: minute(85), MetAt: minute(50)}}},
				{"reopened", func() error { return d.CustomerMessage(1) }, []target{{Target: sla.GroupOwnership, Start: minute(60), Due: minute(105)}}},
			} {
				d.pass(10 * time.Minute)
				must(t, step.do())
				p := d.changes(t, cursor)
				cursor = p.Cursor
				if x := diff(step.want, find(t, p, "1").Native); x != "" || len(p.Unmapped) > 0 {
					t.Errorf("%s: %s, unmapped %v", step.what, x, p.Unmapped)
				}
			}
		})
	}
}
