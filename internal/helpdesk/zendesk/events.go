package zendesk

import (
	"encoding/json"
	"errors"
	"slices"
	"time"
)

// eventPage is a page of the export of metric events. Its end_time is the time of its last event, which may be to
// come: breaches are announced. Nothing has to say that it is the last page.
type eventPage struct {
	Events      rows   `json:"ticket_metric_events"`
	EndTime     *int64 `json:"end_time"`
	EndOfStream *bool  `json:"end_of_stream"`
}

// readEvent reads an event of the export. One without a ticket, an id or a time cannot be placed.
func readEvent(raw []byte) (e metricEvent, err error) {
	if err = json.Unmarshal(raw, &e); err == nil && (e.ID <= 0 || e.TicketID <= 0 || e.Time.IsZero()) {
		err = errors.New("no id, ticket_id or time")
	}
	return e, err
}

// fact is a metric event as it is kept.
type fact struct {
	ID       int64 `json:"i"`
	At       int64 `json:"a"` // Unix time
	Target   int64 `json:"s,omitempty"`
	Instance int32 `json:"n"`
	Metric   int8  `json:"m"` // of eventMetrics, whose order stays
	Type     int8  `json:"t"` // of keptTypes, whose order stays
	Business bool  `json:"b,omitempty"`
	Deleted  bool  `json:"d,omitempty"`
}

// newFact is false for an event that says nothing that the exporter needs.
func newFact(e *metricEvent) (fact, bool) {
	metric, kind := slices.Index(eventMetrics, e.Metric), slices.Index(keptTypes, e.Type)
	if metric < 0 || kind < 0 || e.Instance < 1 || e.Instance > 1<<30 {
		return fact{}, false
	}
	target, business := e.promise()
	return fact{
		ID: e.ID, At: e.Time.Unix(), Target: int64(target / time.Second), Instance: int32(e.Instance),
		Metric: int8(metric), Type: int8(kind), Business: business, Deleted: e.Deleted,
	}, true
}

// event is the metric event that a fact was made of. False: the fact was kept by another version, or is damaged.
func (f *fact) event() (e metricEvent, ok bool) {
	if f.Metric < 0 || int(f.Metric) >= len(eventMetrics) || f.Type < 0 || int(f.Type) >= len(keptTypes) {
		return e, false
	}
	e = metricEvent{
		ID: f.ID, Instance: int(f.Instance), Metric: eventMetrics[f.Metric], Type: keptTypes[f.Type],
		Time: instant{time.Unix(f.At, 0).UTC()}, Deleted: f.Deleted,
	}
	if f.Target > 0 {
		e.SLA = &appliedSLA{TargetSeconds: float64(f.Target), BusinessHours: f.Business}
		e.GroupSLA = e.SLA
	}
	return e, true
}

// addFact puts a fact where it belongs, and says whether it is news. Pages overlap, come again and in any order: an
// event counts once, and one that was deleted stays deleted.
func addFact(facts []fact, f fact) ([]fact, bool) {
	i, have := slices.BinarySearchFunc(facts, f.ID, func(h fact, id int64) int {
		switch {
		case h.ID < id:
			return -1
		case h.ID > id:
			return 1
		}
		return 0
	})
	if !have {
		return slices.Insert(facts, i, f), true
	}
	f.Deleted = f.Deleted || facts[i].Deleted
	if facts[i] == f {
		return facts, false
	}
	facts[i] = f
	return facts, true
}

// firstEvents is how long after its creation a ticket's first event is, at the most.
const firstEvents = time.Minute

// eventsOf are a ticket's facts as they would be side-loaded. Partial says that those from its creation are missing.
func eventsOf(facts []fact, created time.Time) (out map[string][]metricEvent, partial bool) {
	out, partial = make(map[string][]metricEvent), true
	for i := range facts {
		e, ok := facts[i].event()
		if !ok {
			continue
		}
		out[e.Metric] = append(out[e.Metric], e)
		if !created.IsZero() && !e.Time.After(created.Add(firstEvents)) {
			partial = false
		}
	}
	return out, partial
}

// lastFact is when the last event took place that was not only announced.
func lastFact(facts []fact, now time.Time) (at int64) {
	for i := range facts {
		if facts[i].At <= now.Unix() {
			at = max(at, facts[i].At)
		}
	}
	return at
}
