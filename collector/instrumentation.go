package collector

import (
	"sync"
	"time"

	"github.com/prometheus/client_golang/prometheus"

	"whatsapp_sla_exporter/internal/upstream"
)

// Namespace is the prefix of the metrics that the exporter has on itself.
const Namespace = "whatsapp_sla_exporter"

var (
	selfTable table

	sourceUp = selfTable.gauge(Namespace+"_source_up",
		"Whether the last poll of the source could read all of it.",
		"the first poll has not ended", "source", "type")
	sourceLastSuccess = selfTable.gauge(Namespace+"_source_last_success_timestamp_seconds",
		"When the source was last read whole, in Unix time.",
		"the source was never read whole", "source")
	sourceInitialRead = selfTable.gauge(Namespace+"_source_initial_read_complete",
		"Whether the source was read whole since the start. A large helpdesk may take minutes; until then its tickets are in no metric.",
		"", "source")
	sourceStaleAfter = selfTable.gauge(Namespace+"_source_stale_after_seconds",
		"How long the source may stay unread before its series go.",
		"they never go", "source")
	sourcePollDuration = selfTable.gauge(Namespace+"_source_poll_duration_seconds",
		"How long the last poll of the source took.",
		"the first poll has not ended", "source")
	sourceErrors = selfTable.counter(Namespace+"_source_errors_total",
		"Failed polls of the source by reason. All reasons are there, 0 included.",
		"", "source", "reason")
	apiRequests = selfTable.counter(Namespace+"_api_requests_total",
		"Requests to the source by HTTP status, or by the reason why there was no answer.",
		"no request had that outcome", "source", "code")
	apiQuota = selfTable.gauge(Namespace+"_api_quota_used_ratio",
		"What part of the allowance is used, as the source last told it.",
		"the source does not tell it", "source", "quota")
	apiVersion = selfTable.gauge(Namespace+"_api_version_info",
		"API version that was asked for and the one that answered; always 1.",
		"the source does not tell it", "source", "requested", "served")
	sourceSkew = selfTable.gauge(Namespace+"_source_clock_skew_seconds",
		"How far the source's clock is ahead of ours, by the date of its last answer; to the second.",
		"the source does not date its answers", "source")
	reloadSuccessful = selfTable.gauge(Namespace+"_config_last_reload_successful",
		"Whether the last reload of the configuration succeeded.",
		"no configuration was loaded")
	reloadTimestamp = selfTable.gauge(Namespace+"_config_last_reload_success_timestamp_seconds",
		"When a configuration was last put in force, in Unix time.",
		"no configuration was loaded")
)

// Instrumentation is what the exporter counts of its own work. It is told by the poll loop, by the API clients
// and by whoever reloads the configuration, and may be told by many at once.
type Instrumentation struct {
	up, lastSuccess, duration *prometheus.GaugeVec
	staleAfter, initialRead   *prometheus.GaugeVec
	errors, requests          *prometheus.CounterVec
	quota, version, skew      *prometheus.GaugeVec
	reloaded, reloadedAt      *prometheus.GaugeVec

	mu       sync.Mutex
	patience time.Duration        // with sources that are not read; zero: endless
	kinds    map[string]string    // of the known sources, by name
	versions map[string][2]string // shown of each source
}

// NewInstrumentation returns instrumentation whose metrics are in reg.
func NewInstrumentation(reg prometheus.Registerer) *Instrumentation {
	i := &Instrumentation{
		up:          sourceUp.gaugeVec(),
		lastSuccess: sourceLastSuccess.gaugeVec(),
		staleAfter:  sourceStaleAfter.gaugeVec(),
		initialRead: sourceInitialRead.gaugeVec(),
		duration:    sourcePollDuration.gaugeVec(),
		errors:      sourceErrors.counterVec(),
		requests:    apiRequests.counterVec(),
		quota:       apiQuota.gaugeVec(),
		version:     apiVersion.gaugeVec(),
		skew:        sourceSkew.gaugeVec(),
		reloaded:    reloadSuccessful.gaugeVec(),
		reloadedAt:  reloadTimestamp.gaugeVec(),
		kinds:       map[string]string{},
		versions:    map[string][2]string{},
	}
	reg.MustRegister(i.up, i.lastSuccess, i.staleAfter, i.initialRead, i.duration, i.errors, i.requests, i.quota, i.version, i.skew,
		i.reloaded, i.reloadedAt)
	return i
}

// Source makes a source known, so that its counters start at 0, and returns the observer for its API client. A
// source that is known already keeps its counts, unless it became one of another kind.
func (i *Instrumentation) Source(name, kind string) upstream.Observer {
	name, kind = valid(name), valid(kind)
	i.mu.Lock()
	defer i.mu.Unlock()
	if had, known := i.kinds[name]; known && had != kind {
		i.forget(name)
	}
	i.kinds[name] = kind
	i.initialRead.WithLabelValues(name).Add(0) // 0, or what it is
	i.showPatience(name)
	for _, r := range upstream.Reasons {
		i.errors.WithLabelValues(string(r), name)
	}
	return &apiObserver{i: i, source: name}
}

// StaleAfter says how long any source may stay unread before its series go; zero: for ever.
func (i *Instrumentation) StaleAfter(d time.Duration) {
	i.mu.Lock()
	defer i.mu.Unlock()
	i.patience = d
	for source := range i.kinds {
		i.showPatience(source)
	}
}

func (i *Instrumentation) showPatience(source string) {
	if i.patience == 0 {
		i.staleAfter.DeleteLabelValues(source)
		return
	}
	i.staleAfter.WithLabelValues(source).Set(i.patience.Seconds())
}

// Polled records the end of a poll that took so long and ended at the given instant. After an error the last
// success stands. A poll that outlived its source is not recorded.
func (i *Instrumentation) Polled(source, kind string, at time.Time, took time.Duration, err error) {
	source, kind = valid(source), valid(kind)
	i.mu.Lock()
	defer i.mu.Unlock()
	if i.kinds[source] != kind {
		return
	}
	i.duration.WithLabelValues(source).Set(took.Seconds())
	i.up.WithLabelValues(source, kind).Set(number(err == nil))
	if err != nil {
		i.errors.WithLabelValues(string(upstream.ReasonOf(err)), source).Inc()
		return
	}
	i.lastSuccess.WithLabelValues(source).Set(unix(at))
	i.initialRead.WithLabelValues(source).Set(1)
}

// Reloaded records that a configuration was put in force at the given instant, or refused.
func (i *Instrumentation) Reloaded(ok bool, at time.Time) {
	i.reloaded.WithLabelValues().Set(number(ok))
	if ok {
		i.reloadedAt.WithLabelValues().Set(unix(at))
	}
}

// Forget drops the series of a source that the configuration does not have any more.
func (i *Instrumentation) Forget(source string) {
	i.mu.Lock()
	defer i.mu.Unlock()
	i.forget(valid(source))
}

func (i *Instrumentation) forget(source string) {
	delete(i.kinds, source)
	delete(i.versions, source)
	of := prometheus.Labels{"source": source}
	for _, v := range []interface {
		DeletePartialMatch(labels prometheus.Labels) int
	}{i.up, i.lastSuccess, i.staleAfter, i.initialRead, i.duration, i.errors, i.requests, i.quota, i.version, i.skew} {
		v.DeletePartialMatch(of)
	}
}

// apiObserver is told of the calls to one source. It does nothing once the source is forgotten.
type apiObserver struct {
	i      *Instrumentation
	source string
}

// known calls f while the source is known.
func (o *apiObserver) known(f func()) {
	o.i.mu.Lock()
	defer o.i.mu.Unlock()
	if _, ok := o.i.kinds[o.source]; ok {
		f()
	}
}

func (o *apiObserver) Request(code string) {
	o.known(func() { o.i.requests.WithLabelValues(valid(code), o.source).Inc() })
}

func (o *apiObserver) Quota(quota string, used float64) {
	o.known(func() { o.i.quota.WithLabelValues(valid(quota), o.source).Set(used) })
}

// Skew implements upstream.SkewObserver.
func (o *apiObserver) Skew(ahead time.Duration) {
	o.known(func() { o.i.skew.WithLabelValues(o.source).Set(ahead.Seconds()) })
}

// Version keeps only the latest pair: what answered before is history.
func (o *apiObserver) Version(requested, served string) {
	o.known(func() {
		now := [2]string{valid(requested), valid(served)}
		if o.i.versions[o.source] == now {
			return
		}
		o.i.versions[o.source] = now
		o.i.version.DeletePartialMatch(prometheus.Labels{"source": o.source})
		o.i.version.WithLabelValues(now[0], now[1], o.source).Set(1)
	})
}
