package zendesk

import (
	"cmp"
	"slices"
	"time"

	"whatsapp_sla_exporter/internal/helpdesk/feed"
)

// The metrics of metric events.
const (
	replyTime      = "reply_time"
	agentWork      = "agent_work_time"
	requesterWait  = "requester_wait_time"
	resolutionTime = "resolution_time"
	periodicUpdate = "periodic_update_time"
	pausableUpdate = "pausable_update_time"
	groupOwnership = "group_ownership_time"
)

// run is one instance of a metric: of reply_time the first is the first reply, each later one a next reply; of the
// update metrics there is one per public comment of an agent; of the others there is one per ticket.
type run struct {
	instance  int
	start     time.Time // first activation
	fulfilled time.Time // zero while it is not, and again after a reopening
	// due is when it would have breached, as of its fulfilment; zero without a target, or where only Zendesk's
	// calendar could tell.
	due time.Time

	since    time.Time // running since; zero while paused
	elapsed  time.Duration
	target   time.Duration
	business bool
	breach   metricEvent // the last that was announced
}

// readRuns replays the events of one metric. A breach that was withdrawn when the metric was fulfilled still tells
// what its due was; any other deleted event never happened. Of a history that is partial, a run that nobody saw
// begin counts too while a breach is announced for it.
func readRuns(events []metricEvent, partial bool) []run {
	ordered := inOrder(events)
	var runs []run
	for _, e := range ordered {
		if e.Instance < 1 || e.Time.IsZero() || e.Type != "breach" {
			continue
		}
		if r := runOf(&runs, e.Instance); e.ID >= r.breach.ID {
			r.breach = e
		}
	}
	for _, e := range ordered {
		if e.Instance >= 1 && !e.Time.IsZero() && !e.Deleted {
			runOf(&runs, e.Instance).apply(e)
		}
	}
	runs = slices.DeleteFunc(runs, func(r run) bool { return r.start.IsZero() && (!partial || r.liveBreach().IsZero()) })
	slices.SortFunc(runs, func(a, b run) int { return cmp.Compare(a.instance, b.instance) })
	return runs
}

func inOrder(events []metricEvent) []metricEvent {
	ordered := slices.Clone(events)
	slices.SortStableFunc(ordered, func(a, b metricEvent) int {
		return cmp.Or(a.Time.Compare(b.Time.Time), cmp.Compare(a.ID, b.ID))
	})
	return ordered
}

func runOf(runs *[]run, instance int) *run {
	for i := range *runs {
		if (*runs)[i].instance == instance {
			return &(*runs)[i]
		}
	}
	*runs = append(*runs, run{instance: instance})
	return &(*runs)[len(*runs)-1]
}

func (r *run) apply(e metricEvent) {
	switch e.Type {
	case "activate":
		if r.start.IsZero() {
			r.start = e.Time.Time
		}
		r.since, r.fulfilled = e.Time.Time, time.Time{}
	case "pause":
		r.stop(e.Time.Time)
	case "fulfill":
		r.due = r.dueNow()
		r.fulfilled = e.Time.Time
		r.stop(e.Time.Time)
	case "apply_sla", "apply_group_sla":
		r.target, r.business = e.promise()
	}
}

func (r *run) stop(at time.Time) {
	if !r.since.IsZero() {
		r.elapsed += at.Sub(r.since)
	}
	r.since = time.Time{}
}

// dueNow is the due of a run that is running. In business hours only an announced breach tells it.
func (r *run) dueNow() time.Time {
	switch {
	case r.target <= 0 || r.since.IsZero():
		return time.Time{}
	case r.business && r.breach.Time.After(r.since):
		return r.breach.Time.Time
	case r.business:
		return time.Time{}
	}
	return r.since.Add(r.target - r.elapsed)
}

// dueAhead is the due of a run that is running, as it will be if nothing happens. In business hours only the breach
// that Zendesk announces tells it.
func (r *run) dueAhead() time.Time {
	if r.business {
		return r.liveBreach()
	}
	return r.dueNow()
}

// liveBreach is the breach that is announced, or that came, unless it was withdrawn.
func (r *run) liveBreach() time.Time {
	if r.breach.Deleted {
		return time.Time{}
	}
	return r.breach.Time.Time
}

// history is what the metric events of a ticket tell.
type history struct {
	runs map[string][]run
	// partial says that the first events are not known.
	partial bool
}

// The documented metrics and types of events. Those that are not kept say nothing that the exporter needs.
var (
	eventMetrics = []string{agentWork, pausableUpdate, periodicUpdate, replyTime, requesterWait, resolutionTime, groupOwnership}
	keptTypes    = []string{"activate", "pause", "fulfill", "apply_sla", "apply_group_sla", "breach"}
	eventTypes   = append(slices.Clone(keptTypes), "update_status", "measure")
)

// documented says whether an event has a metric and a type that the exporter knows.
func (e *metricEvent) documented() bool {
	return slices.Contains(eventMetrics, e.Metric) && slices.Contains(eventTypes, e.Type)
}

// readHistory also says whether all events are documented.
func readHistory(r *row) (h *history, documented bool) {
	h, documented = &history{runs: make(map[string][]run, len(r.MetricEvents)), partial: r.PartialEvents}, true
	for metric, events := range r.MetricEvents {
		h.runs[metric] = readRuns(events, h.partial)
		for i := range events {
			e := events[i]
			e.Metric = metric
			documented = documented && e.documented()
		}
	}
	return h, documented
}

// known says whether there were metric events at all: every ticket has some.
func (h *history) known() bool { return len(h.runs) > 0 }

func (h *history) last(metric string) *run {
	runs := h.runs[metric]
	if len(runs) == 0 {
		return nil
	}
	return &runs[len(runs)-1]
}

// firstReply is when a first public reply fulfilled the metric. Solving fulfils it too: without any reply
// (replies, where known, is zero) that was no answer.
func (h *history) firstReply(replies *int) time.Time {
	runs := h.runs[replyTime]
	if len(runs) == 0 || replies != nil && *replies == 0 {
		return time.Time{}
	}
	return runs[0].fulfilled
}

// lastReply is the last public reply of an agent: one that answered a customer (reply_time fulfilled), or one that
// nobody waited for, which ends one periodic update and in the same second begins the next. An update that ends
// alone was solving, one that begins alone may be a reopening. Solving a ticket while the customer waits is an
// answer as far as the events tell.
func (h *history) lastReply(replies *int) time.Time {
	var last time.Time
	if replies != nil && *replies == 0 {
		return last
	}
	for _, r := range h.runs[replyTime] {
		last = feed.Later(last, r.fulfilled)
	}
	updates := h.runs[periodicUpdate]
	for i := 1; i < len(updates); i++ {
		if at := updates[i].start; updates[i-1].fulfilled.Equal(at) {
			last = feed.Later(last, at)
		}
	}
	return last
}

// waiting is since when the oldest customer message has been unanswered; zero when none is.
func (h *history) waiting() time.Time {
	r := h.last(replyTime)
	if r == nil || !r.fulfilled.IsZero() {
		return time.Time{}
	}
	return r.start
}
