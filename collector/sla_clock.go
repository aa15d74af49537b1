package collector

import (
	"slices"
	"time"

	dto "github.com/prometheus/client_model/go"

	"whatsapp_sla_exporter/internal/sla"
	"whatsapp_sla_exporter/internal/tickets"
)

var (
	slaClockTable table

	slaTickets = enum(&slaClockTable, "helpdesk_sla_tickets",
		"Open tickets by the state that the target is in at the scrape. All states of a known group are there, 0 included.",
		"", "state", sla.States, "helpdesk", "policy", "severity", "tenant", "target")
	slaTimeToBreach = slaClockTable.gauge("helpdesk_sla_time_to_breach_seconds",
		"Time from the scrape to the earliest due of the open targets of the group; negative once breached.",
		"no target of the group has a deadline", "helpdesk", "policy", "severity", "tenant", "target")
)

// slaClock is what is kept of a helpdesk for the families that depend on the time of the scrape: their labels.
// Only the values are made at each scrape.
type slaClock struct {
	groups []tickets.TargetGroup
	states []stateSeries
	dues   []dueSeries
}

// stateSeries is one state of one target group.
type stateSeries struct {
	labels       []*dto.LabelPair
	group, state int
}

// dueSeries is one target group with a deadline.
type dueSeries struct {
	labels []*dto.LabelPair
	due    time.Time
}

func newSLAClock(s *tickets.Snapshot) *slaClock {
	c := &slaClock{groups: s.Targets}
	helpdesk := pair("helpdesk", s.Helpdesk)
	for i := range s.Targets {
		t := &s.Targets[i]
		g, target := groupOf(t.Group), targetPair(t.Target)
		for k, state := range sla.States {
			labels := list(helpdesk, g.policy, g.severity, statePairs[state], target, g.tenant)
			c.states = append(c.states, stateSeries{labels, i, k})
		}
		if due, ok := t.NextDue(); ok {
			c.dues = append(c.dues, dueSeries{list(helpdesk, g.policy, g.severity, target, g.tenant), due})
		}
	}
	slices.SortStableFunc(c.states, func(x, y stateSeries) int { return compareLists(x.labels, y.labels) })
	return c
}

// statePairs are the labels of the states, shared by all series.
var statePairs = func() map[sla.State]*dto.LabelPair {
	pairs := map[sla.State]*dto.LabelPair{}
	for _, s := range sla.States {
		pairs[s] = pair("state", string(s))
	}
	return pairs
}()

// list is the labels without the nil ones.
func list(labels ...*dto.LabelPair) []*dto.LabelPair {
	return slices.DeleteFunc(labels, func(l *dto.LabelPair) bool { return l == nil })
}

// clockFamilies makes the families that depend on the time, anew for each scrape.
func clockFamilies(sources []*source, now time.Time) []*dto.MetricFamily {
	var states, dues int
	for _, s := range sources {
		if s.clock != nil {
			states, dues = states+len(s.clock.states), dues+len(s.clock.dues)
		}
	}
	byState, toBreach := newGauges(states), newGauges(dues)
	for _, s := range sources {
		if s.clock != nil {
			s.clock.tell(byState, toBreach, now)
		}
	}
	// Room for the kept families, which the caller appends.
	out := make([]*dto.MetricFamily, 0, 64)
	if states > 0 {
		out = append(out, slaTickets.dto(byState.series))
	}
	if dues > 0 {
		out = append(out, slaTimeToBreach.dto(toBreach.series))
	}
	return out
}

func (c *slaClock) tell(byState, toBreach *gauges, now time.Time) {
	counts := make([][7]int, len(c.groups))
	for i := range c.groups {
		counts[i] = c.groups[i].Counts(now)
	}
	for i := range c.states {
		s := &c.states[i]
		byState.add(s.labels, float64(counts[s.group][s.state]))
	}
	for i := range c.dues {
		toBreach.add(c.dues[i].labels, c.dues[i].due.Sub(now).Seconds())
	}
}

// gauges are the series of one gauge, made in one go.
type gauges struct {
	series  []*dto.Metric
	metrics []dto.Metric
	gauges  []dto.Gauge
	values  []float64
}

func newGauges(n int) *gauges {
	return &gauges{make([]*dto.Metric, 0, n), make([]dto.Metric, n), make([]dto.Gauge, n), make([]float64, n)}
}

func (g *gauges) add(labels []*dto.LabelPair, value float64) {
	i := len(g.series)
	g.values[i] = value
	g.gauges[i].Value = &g.values[i]
	g.metrics[i].Label, g.metrics[i].Gauge = labels, &g.gauges[i]
	g.series = append(g.series, &g.metrics[i])
}
