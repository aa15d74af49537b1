package alerts

import "github.com/prometheus/client_golang/prometheus"

const namespace = "whatsapp_sla_exporter"

// metrics are what the sidecar counts of itself, by Alertmanager.
type metrics struct {
	sent, failed, dropped *prometheus.CounterVec
	active, queued        *prometheus.GaugeVec
}

func newMetrics(reg prometheus.Registerer) *metrics {
	by := []string{"alertmanager"}
	counter := func(name, help string) *prometheus.CounterVec {
		return prometheus.NewCounterVec(prometheus.CounterOpts{Namespace: namespace, Name: name, Help: help}, by)
	}
	gauge := func(name, help string) *prometheus.GaugeVec {
		return prometheus.NewGaugeVec(prometheus.GaugeOpts{Namespace: namespace, Name: name, Help: help}, by)
	}
	m := &metrics{
		sent:    counter("alerts_sent_total", "Alerts that the Alertmanager took, each time one is sent."),
		failed:  counter("alerts_failed_total", "Alerts in requests that the Alertmanager did not take or answer, each time one is sent."),
		dropped: counter("alerts_dropped_total", "Alerts dropped because the queue of the Alertmanager was full."),
		active:  gauge("alerts_active", "Alerts of the sidecar that last."),
		queued:  gauge("alerts_queue_length", "Alerts that wait to be sent to the Alertmanager."),
	}
	reg.MustRegister(m.sent, m.failed, m.dropped, m.active, m.queued)
	return m
}

// counters are those of one Alertmanager. Asking for them lets them start at 0.
type counters struct {
	sent, failed, dropped prometheus.Counter
	active, queued        prometheus.Gauge
}

func (m *metrics) of(alertmanager string) *counters {
	return &counters{
		sent:    m.sent.WithLabelValues(alertmanager),
		failed:  m.failed.WithLabelValues(alertmanager),
		dropped: m.dropped.WithLabelValues(alertmanager),
		active:  m.active.WithLabelValues(alertmanager),
		queued:  m.queued.WithLabelValues(alertmanager),
	}
}

// forget drops the series of an Alertmanager that is not told any more.
func (m *metrics) forget(alertmanager string) {
	for _, v := range []interface{ DeleteLabelValues(...string) bool }{m.sent, m.failed, m.dropped, m.active, m.queued} {
		v.DeleteLabelValues(alertmanager)
	}
}
