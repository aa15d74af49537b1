package test

import (
	"bytes"
	"encoding/json"
	"fmt"
	"io"
	"net/http"
	"net/http/httptest"
	"net/http/httputil"
	"net/url"
	"slices"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/prometheus/alertmanager/api/v2/models"

	"whatsapp_sla_exporter/alerts"
	"whatsapp_sla_exporter/collector"
	"whatsapp_sla_exporter/internal/helpdesk"
	"whatsapp_sla_exporter/internal/sla"
	"whatsapp_sla_exporter/internal/whatsapp"
	"whatsapp_sla_exporter/test/alertmanager"
	"whatsapp_sla_exporter/test/pipeline"
)

// door stands before an Alertmanager and notes when it first took an alert of a name for a tenant.
type door struct {
	host string
	mu   sync.Mutex
	took map[[2]string]time.Time
}

func newDoor(t testing.TB, host string) *door {
	d := &door{took: make(map[[2]string]time.Time)}
	behind := httputil.NewSingleHostReverseProxy(&url.URL{Scheme: "http", Host: host})
	behind.ModifyResponse = func(r *http.Response) error {
		if r.StatusCode != http.StatusOK {
			t.Errorf("Alertmanager answered %s", r.Status)
		}
		return nil
	}
	s := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		body, err := io.ReadAll(r.Body)
		var batch models.PostableAlerts
		if err == nil {
			err = json.Unmarshal(body, &batch)
		}
		if err != nil {
			t.Errorf("what came is no list of alerts: %v", err)
		}
		r.Body = io.NopCloser(bytes.NewReader(body))
		behind.ServeHTTP(w, r)
		d.note(batch, time.Now())
	}))
	t.Cleanup(s.Close)
	d.host = strings.TrimPrefix(s.URL, "http://")
	return d
}

func (d *door) note(batch models.PostableAlerts, at time.Time) {
	d.mu.Lock()
	defer d.mu.Unlock()
	for _, a := range batch {
		key := [2]string{a.Labels["alertname"], a.Labels["tenant"]}
		if _, before := d.took[key]; !before {
			d.took[key] = at
		}
	}
}

// delays are how long after their instants the alerts came, in order; fewer while some have not come.
func (d *door) delays(name string, instants map[string]time.Time) []time.Duration {
	d.mu.Lock()
	defer d.mu.Unlock()
	var out []time.Duration
	for tenant, instant := range instants {
		if at, ok := d.took[[2]string{name, tenant}]; ok {
			out = append(out, at.Sub(instant))
		}
	}
	slices.Sort(out)
	return out
}

type noAccounts struct{}

func (noAccounts) Accounts() []*whatsapp.Account { return nil }

// BenchmarkInstantToAlertmanager lets tickets become critical, a few each second, and tells how much later
// Alertmanager has an alert: from the sidecar, and from Prometheus with the shipped rules, in the same run. The
// sidecar's delay does not depend on Prometheus' interval; the rules' is also told in intervals, because it does.
func BenchmarkInstantToAlertmanager(b *testing.B) {
	// Not a whole part of a second, so that instants, which are whole seconds, fall anywhere between two scrapes.
	const interval, tickets, perSecond = 1100 * time.Millisecond, 44, 4
	door := newDoor(b, alertmanager.Start(b, []byte("route: {receiver: none}\nreceivers: [{name: none}]\n")))
	d := newDesk(b)
	exporter := httptest.NewServer(collector.Handler(collector.New(noAccounts{}, d, time.Now), collector.HandlerOptions{}))
	b.Cleanup(exporter.Close)
	runSidecar(b, d, alerts.Config{Alertmanagers: endpoints(b, door.host)})
	pipeline.Start(b, pipeline.Options{
		Target: strings.TrimPrefix(exporter.URL, "http://"), RuleFiles: []string{"../alerts/rules/*.yaml"},
		Alertmanagers: []string{door.host}, Interval: interval,
	})
	var sidecar, rules []time.Duration
	for round := 0; b.Loop(); round++ {
		first := time.Now().Truncate(time.Second).Add(3 * time.Second)
		instants := make(map[string]time.Time, tickets)
		open := make([]helpdesk.Ticket, tickets)
		for i := range open {
			id, critical := fmt.Sprintf("%d-%d", round, i), first.Add(time.Duration(i/perSecond)*time.Second)
			at := critical.Add(-22*time.Minute - 30*time.Second)
			open[i] = helpdesk.Ticket{ID: id, Brand: id, Status: sla.StatusOpen, CreatedAt: at, UpdatedAt: at}
			instants[id] = critical
		}
		d.read(b, open...)
		eventually(b, "all alerts come both ways", func() bool {
			return len(door.delays("SLABreachImminent", instants)) == tickets && len(door.delays("SLATicketsCritical", instants)) == tickets
		})
		sidecar = append(sidecar, door.delays("SLABreachImminent", instants)...)
		rules = append(rules, door.delays("SLATicketsCritical", instants)...)
	}
	b.ReportMetric(0, "ns/op") // is the time that the round was set to take
	for name, delays := range map[string][]time.Duration{"sidecar": sidecar, "rules": rules} {
		slices.Sort(delays)
		median, worst := delays[len(delays)/2], delays[len(delays)-1]
		b.ReportMetric(float64(median.Microseconds())/1000, name+"-median-ms")
		b.ReportMetric(float64(worst.Microseconds())/1000, name+"-max-ms")
		if name == "rules" {
			b.ReportMetric(float64(median)/float64(interval), "rules-median-intervals")
		}
	}
}
