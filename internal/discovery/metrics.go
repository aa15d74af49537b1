package discovery

import "github.com/prometheus/client_golang/prometheus"

const namespace = "whatsapp_sla_exporter"

// metrics are what discovery counts of itself, by mechanism: static, file, dns.
type metrics struct {
	targets  *prometheus.GaugeVec
	failures *prometheus.CounterVec
}

func newMetrics(reg prometheus.Registerer) *metrics {
	by := []string{"mechanism"}
	m := &metrics{
		targets: prometheus.NewGaugeVec(prometheus.GaugeOpts{
			Namespace: namespace, Name: "alertmanagers_discovered",
			Help: "Alertmanagers that are known, before relabelling, by how they were found.",
		}, by),
		failures: prometheus.NewCounterVec(prometheus.CounterOpts{
			Namespace: namespace, Name: "alertmanager_discovery_failures_total",
			Help: "How often looking for Alertmanagers failed, so that those that were known stayed, by how they are looked for.",
		}, by),
	}
	reg.MustRegister(m.targets, m.failures)
	return m
}
