package test

import (
	"fmt"
	"net/http"
	"net/http/httptest"
	"strings"
	"sync/atomic"
	"testing"
	"time"

	"whatsapp_sla_exporter/test/alertmanager"
	"whatsapp_sla_exporter/test/pipeline"
)

// TestRulesReachTheWebhook goes from exposition to webhook with the shipped rules and routes.
func TestRulesReachTheWebhook(t *testing.T) {
	hook := alertmanager.NewWebhook(t)
	host := alertmanager.Start(t, hurried(t, hook.URL))
	var critical atomic.Int64
	critical.Store(2)
	exporter := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, _ *http.Request) {
		w.Header().Set("Content-Type", "text/plain; version=0.0.4")
		fmt.Fprintf(w, "whatsapp_sla_exporter_build_info{version=\"test\"} 1\n"+
			"helpdesk_ticket_series_dropped{helpdesk=\"support\"} 0\n"+
			"helpdesk_sla_tickets{helpdesk=\"support\",policy=\"acme\",severity=\"high\",target=\"resolution\",state=\"critical\"} %d\n",
			critical.Load())
	}))
	t.Cleanup(exporter.Close)
	p := pipeline.Start(t, pipeline.Options{
		Target: strings.TrimPrefix(exporter.URL, "http://"), RuleFiles: []string{"../alerts/rules/*.yaml"},
		Alertmanagers: []string{host}, Interval: 100 * time.Millisecond,
	})

	got, receiver := hook.Wait(t, "SLATicketsCritical", "firing")
	if receiver != "on-call" || got.Labels["ticket_severity"] != "high" || got.Labels["severity"] != "critical" {
		t.Errorf("%s got %v", receiver, got.Labels)
	}
	if v, err := p.Query(t.Context(), `helpdesk_sla_tickets{state="critical"}`); err != nil || len(v) != 1 || v[0].F != 2 {
		t.Errorf("Query = %v, %v", v, err)
	}
	critical.Store(0)
	hook.Wait(t, "SLATicketsCritical", "resolved")
	for rule, err := range p.RuleErrors() {
		t.Errorf("rule %s: %v", rule, err)
	}
}
