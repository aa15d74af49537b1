package collector

import (
	"github.com/prometheus/client_golang/prometheus"

	"whatsapp_sla_exporter/internal/helpdesk/push"
	"whatsapp_sla_exporter/internal/upstream"
)

var (
	pushTable table

	pushRequests = pushTable.counter(Namespace+"_push_requests_total",
		"Webhooks of the helpdesk by result: accepted, no_ticket, or the reason why it was refused. All results are there, 0 included.",
		"the helpdesk has no webhook", "source", "result")
	pushLookups = pushTable.counter(Namespace+"_push_lookups_total",
		"Times that tickets which webhooks named were looked up, many at once.",
		"the helpdesk has no webhook", "source")
	pushLookupErrors = pushTable.counter(Namespace+"_push_lookup_errors_total",
		"Such look-ups that failed, by reason; the next poll reads the tickets. All reasons are there, 0 included.",
		"the helpdesk has no webhook", "source", "reason")
	pushOverflows = pushTable.counter(Namespace+"_push_overflows_total",
		"Webhooks whose ticket found no room among those that wait for their look-up: an early poll reads it.",
		"the helpdesk has no webhook", "source")
)

// Pushes counts what comes of the webhooks of helpdesks. It may be told by many at once.
type Pushes struct {
	requests, lookups, errors, overflows *prometheus.CounterVec
}

// NewPushes returns counters that are in reg.
func NewPushes(reg prometheus.Registerer) *Pushes {
	p := &Pushes{
		requests: pushRequests.counterVec(), lookups: pushLookups.counterVec(), errors: pushLookupErrors.counterVec(),
		overflows: pushOverflows.counterVec(),
	}
	reg.MustRegister(p.requests, p.lookups, p.errors, p.overflows)
	return p
}

// Source makes a helpdesk with a webhook known, so that its counters start at 0.
func (p *Pushes) Source(name string) {
	name = valid(name)
	for _, r := range push.Results {
		p.requests.WithLabelValues(string(r), name)
	}
	for _, r := range upstream.Reasons {
		p.errors.WithLabelValues(string(r), name)
	}
	p.lookups.WithLabelValues(name)
	p.overflows.WithLabelValues(name)
}

// Counted counts a webhook.
func (p *Pushes) Counted(source string, r push.Result) {
	p.requests.WithLabelValues(string(r), valid(source)).Inc()
}

// LookedUp counts a look-up that ended with err.
func (p *Pushes) LookedUp(source string, err error) {
	p.lookups.WithLabelValues(valid(source)).Inc()
	if err != nil {
		p.errors.WithLabelValues(string(upstream.ReasonOf(err)), valid(source)).Inc()
	}
}

// Overflowed counts a ticket for which there was no room.
func (p *Pushes) Overflowed(source string) { p.overflows.WithLabelValues(valid(source)).Inc() }

// Forget drops the series of a helpdesk that has no webhook any more.
func (p *Pushes) Forget(source string) {
	of := prometheus.Labels{"source": valid(source)}
	for _, v := range []*prometheus.CounterVec{p.requests, p.lookups, p.errors, p.overflows} {
		v.DeletePartialMatch(of)
	}
}
