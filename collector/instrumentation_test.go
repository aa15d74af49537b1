package collector

import (
	"errors"
	"fmt"
	"strings"
	"testing"
	"time"

	"github.com/prometheus/client_golang/prometheus"
	"github.com/prometheus/client_golang/prometheus/testutil"

	"whatsapp_sla_exporter/internal/upstream"
)

func TestASourceIsNotReadWholeBeforeItsFirstGoodPoll(t *testing.T) {
	reg := prometheus.NewPedanticRegistry()
	i := NewInstrumentation(reg)
	i.Source("acme", "meta")
	i.Source("other", "meta")
	i.Polled("acme", "meta", noon, time.Second, nil)
	i.Source("acme", "meta") // a reload keeps what is known
	i.Polled("other", "meta", noon, time.Second, errors.New("disk full"))
	for source, want := range map[string]float64{"acme": 1, "other": 0} {
		if got := testutil.ToFloat64(i.initialRead.WithLabelValues(source)); got != want {
			t.Errorf("%s: %v, want %v", source, got, want)
		}
	}
}

func TestInstrumentationOfPolls(t *testing.T) {
	reg := prometheus.NewPedanticRegistry()
	i := NewInstrumentation(reg)
	i.Source("acme", "meta")
	i.Polled("acme", "meta", noon, 1500*time.Millisecond, nil)
	i.Polled("acme", "meta", noon.Add(time.Minute), time.Second, fmt.Errorf("reading: %w", &upstream.Error{Reason: upstream.Throttled}))
	i.Polled("acme", "meta", noon.Add(time.Minute), 250*time.Millisecond, errors.New("disk full"))
	i.Polled("unheard-of", "meta", noon, time.Second, nil)
	expect(t, reg, `
	# TYPE whatsapp_sla_exporter_source_errors_total counter
	whatsapp_sla_exporter_source_errors_total{reason="auth",source="acme"} 0
	whatsapp_sla_exporter_source_errors_total{reason="bad_request",source="acme"} 0
	whatsapp_sla_exporter_source_errors_total{reason="decode",source="acme"} 0
	whatsapp_sla_exporter_source_errors_total{reason="internal",source="acme"} 1
	whatsapp_sla_exporter_source_errors_total{reason="network",source="acme"} 0
	whatsapp_sla_exporter_source_errors_total{reason="not_found",source="acme"} 0
	whatsapp_sla_exporter_source_errors_total{reason="permission",source="acme"} 0
	whatsapp_sla_exporter_source_errors_total{reason="server",source="acme"} 0
	whatsapp_sla_exporter_source_errors_total{reason="throttled",source="acme"} 1
	whatsapp_sla_exporter_source_errors_total{reason="timeout",source="acme"} 0
	whatsapp_sla_exporter_source_errors_total{reason="too_large",source="acme"} 0
	# TYPE whatsapp_sla_exporter_source_initial_read_complete gauge
	whatsapp_sla_exporter_source_initial_read_complete{source="acme"} 1
	# TYPE whatsapp_sla_exporter_source_last_success_timestamp_seconds gauge
	whatsapp_sla_exporter_source_last_success_timestamp_seconds{source="acme"} 1.7724528e+09
	# TYPE whatsapp_sla_exporter_source_poll_duration_seconds gauge
	whatsapp_sla_exporter_source_poll_duration_seconds{source="acme"} 0.25
	# TYPE whatsapp_sla_exporter_source_up gauge
	whatsapp_sla_exporter_source_up{source="acme",type="meta"} 0
	`, &selfTable)
}

// apiOnly are the self metrics that the API clients fill.
var apiOnly = []string{apiRequests.name, apiQuota.name, apiVersion.name}

func TestInstrumentationOfCalls(t *testing.T) {
	reg := prometheus.NewPedanticRegistry()
	o := NewInstrumentation(reg).Source("acme", "meta")
	o.Request("200")
	o.Request("200")
	o.Request("timeout")
	o.Quota("app", 0.25)
	o.Quota("app", 0.5)
	o.Version("v25.0", "v24.0")
	o.Version("v25.0", "v25.0\xff")
	err := testutil.GatherAndCompare(reg, strings.NewReader(withHelp(`
	# TYPE whatsapp_sla_exporter_api_quota_used_ratio gauge
	whatsapp_sla_exporter_api_quota_used_ratio{quota="app",source="acme"} 0.5
	# TYPE whatsapp_sla_exporter_api_requests_total counter
	whatsapp_sla_exporter_api_requests_total{code="200",source="acme"} 2
	whatsapp_sla_exporter_api_requests_total{code="timeout",source="acme"} 1
	# TYPE whatsapp_sla_exporter_api_version_info gauge
	whatsapp_sla_exporter_api_version_info{requested="v25.0",served="v25.0�",source="acme"} 1
	`, []*table{&selfTable})), apiOnly...)
	if err != nil {
		t.Error(err)
	}
}

func TestInstrumentationOfStaleness(t *testing.T) {
	reg := prometheus.NewPedanticRegistry()
	i := NewInstrumentation(reg)
	i.Source("acme", "meta")
	i.StaleAfter(5 * time.Minute)
	i.Source("support", "zendesk")
	i.Source("gone", "zendesk")
	i.Forget("gone")
	err := testutil.GatherAndCompare(reg, strings.NewReader(withHelp(`
	# TYPE whatsapp_sla_exporter_source_stale_after_seconds gauge
	whatsapp_sla_exporter_source_stale_after_seconds{source="acme"} 300
	whatsapp_sla_exporter_source_stale_after_seconds{source="support"} 300
	`, []*table{&selfTable})), sourceStaleAfter.name)
	if err != nil {
		t.Error(err)
	}
	i.StaleAfter(0)
	if n := testutil.CollectAndCount(i.staleAfter); n != 0 {
		t.Errorf("%d series though nothing becomes stale", n)
	}
}

func TestInstrumentationForgetsASourceForGood(t *testing.T) {
	reg := prometheus.NewPedanticRegistry()
	i := NewInstrumentation(reg)
	o := i.Source("acme", "meta")
	tell := func() {
		o.Request("200")
		o.Quota("app", 0.25)
		o.Version("v25.0", "v25.0")
		i.Polled("acme", "meta", noon, time.Second, nil)
	}
	tell()
	i.Forget("acme")
	tell() // a poll that ends after the reload
	expect(t, reg, ``, &selfTable)
}

func TestInstrumentationStartsAnewWhenASourceBecomesAnother(t *testing.T) {
	reg := prometheus.NewPedanticRegistry()
	i := NewInstrumentation(reg)
	i.Source("acme", "meta").Request("200")
	i.Source("acme", "meta").Request("200")
	if n := testutil.ToFloat64(i.requests); n != 2 {
		t.Errorf("requests after the source was named again: %v, want 2", n)
	}
	i.Source("acme", "360dialog").Request("200")
	if n := testutil.ToFloat64(i.requests); n != 1 {
		t.Errorf("requests after the source became another: %v, want 1", n)
	}
}

func TestInstrumentationOfReloads(t *testing.T) {
	reg := prometheus.NewPedanticRegistry()
	i := NewInstrumentation(reg)
	i.Reloaded(true, noon)
	i.Reloaded(false, noon.Add(time.Hour))
	expect(t, reg, `
	# TYPE whatsapp_sla_exporter_config_last_reload_success_timestamp_seconds gauge
	whatsapp_sla_exporter_config_last_reload_success_timestamp_seconds 1.7724528e+09
	# TYPE whatsapp_sla_exporter_config_last_reload_successful gauge
	whatsapp_sla_exporter_config_last_reload_successful 0
	`, &selfTable)
}
