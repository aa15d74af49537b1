// Package test runs the project against the real Prometheus and the real Alertmanager.
package test

import (
	"context"
	"fmt"
	"net/http"
	"path/filepath"
	"strconv"
	"sync"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"
	"github.com/prometheus/client_golang/prometheus"
	"github.com/prometheus/common/model"
	"go.yaml.in/yaml/v3"

	"whatsapp_sla_exporter/alerts"
	"whatsapp_sla_exporter/internal/helpdesk"
	"whatsapp_sla_exporter/internal/sla"
	"whatsapp_sla_exporter/internal/state"
	"whatsapp_sla_exporter/internal/tickets"
	"whatsapp_sla_exporter/test/alertmanager"
)

// desk is a helpdesk of which the test says what was read. Every ticket is owed an answer in 30 minutes, around
// the clock: warning after 15 minutes, critical after 22m30s.
type desk struct {
	*tickets.Book
	store   *state.Store
	changed chan struct{}
}

type mapper struct{}

func (mapper) Map(t *helpdesk.Ticket) (helpdesk.Assignment, bool) {
	return helpdesk.Assignment{Policy: "acme", Severity: "high", Tenant: t.Brand}, true
}

type clocks struct{ acme tickets.Evaluator }

func (c clocks) Clock(policy string) (tickets.Evaluator, bool) { return c.acme, policy == "acme" }

func newDesk(t testing.TB) *desk {
	t.Helper()
	store, err := state.Open(filepath.Join(t.TempDir(), "state.db"))
	must(t, err)
	t.Cleanup(func() { store.Close() })
	clock, err := sla.NewClock(&sla.Policy{Name: "acme", Severities: []sla.Severity{
		{Name: "high", Number: 1, Promises: []sla.Promise{{Target: sla.FirstResponse, Within: 30 * time.Minute}}},
	}}, sla.Always())
	must(t, err)
	book, err := tickets.NewBook(tickets.Options{Helpdesk: "support", Mapper: mapper{}, Clocks: clocks{clock}, Store: store})
	must(t, err)
	return &desk{Book: book, store: store, changed: make(chan struct{}, 1)}
}

func (d *desk) Snapshots() []*tickets.Snapshot { return []*tickets.Snapshot{d.Snapshot()} }

// read is a good pass over all open tickets.
func (d *desk) read(t testing.TB, open ...helpdesk.Ticket) {
	t.Helper()
	_, err := d.Reconcile(&helpdesk.Pass{Tickets: open}, time.Now())
	must(t, err)
	d.changed <- struct{}{}
}

// waiting is a ticket that has waited so long for its first answer.
func waiting(id string, since time.Duration) helpdesk.Ticket {
	at := time.Now().Add(-since)
	return helpdesk.Ticket{
		ID: id, URL: "https://acme.example/tickets/" + id, Status: sla.StatusOpen, CreatedAt: at, UpdatedAt: at,
	}
}

func answered(t helpdesk.Ticket) helpdesk.Ticket {
	now := time.Now()
	t.FirstResponseAt, t.LastAgentReplyAt, t.UpdatedAt = now, now, now
	return t
}

// startSidecar runs a sidecar until the test ends.
func startSidecar(t testing.TB, d *desk, host string) (*alerts.Sidecar, *prometheus.Registry) {
	t.Helper()
	s, registry, _ := runSidecar(t, d, alerts.Config{Alertmanagers: endpoints(t, host), ResendInterval: time.Second})
	return s, registry
}

// runSidecar runs a sidecar until stop or the end of the test.
func runSidecar(t testing.TB, d *desk, c alerts.Config) (s *alerts.Sidecar, r *prometheus.Registry, stop func()) {
	t.Helper()
	registry := prometheus.NewRegistry()
	s = alerts.New(alerts.Options{
		Helpdesks: d, Changed: d.changed, Store: d.store, Registerer: registry,
		Diagnose: func(string) string { return "platform_outage" },
	})
	s.Configure(c)
	ctx, cancel := context.WithCancel(context.Background())
	ended := make(chan error, 1)
	go func() { ended <- s.Run(ctx) }()
	stop = sync.OnceFunc(func() {
		cancel()
		must(t, <-ended)
	})
	t.Cleanup(stop)
	return s, registry, stop
}

func endpoints(t testing.TB, hosts ...string) []alerts.Endpoint {
	t.Helper()
	transport := &http.Transport{}
	t.Cleanup(transport.CloseIdleConnections)
	targets := make([]model.LabelSet, len(hosts))
	for i, h := range hosts {
		targets[i] = model.LabelSet{model.AddressLabel: model.LabelValue(h)}
	}
	e, err := (&alerts.Access{Scheme: "http", Client: &http.Client{Transport: transport}}).Endpoints(targets)
	must(t, err)
	return e
}

// hurried is the shipped Alertmanager configuration with a webhook as every receiver and next to no waiting.
func hurried(t testing.TB, webhook string) []byte {
	t.Helper()
	return waitingFor(t, webhook, 10*time.Millisecond, 50*time.Millisecond)
}

// waitingFor is the same with a group_wait and a group_interval for all.
func waitingFor(t testing.TB, webhook string, wait, interval time.Duration) []byte {
	t.Helper()
	raw, err := alerts.Rehearsal(webhook)
	must(t, err)
	var c map[string]any
	must(t, yaml.Unmarshal(raw, &c))
	hurry(c["route"].(map[string]any), wait, interval)
	raw, err = yaml.Marshal(c)
	must(t, err)
	return raw
}

func hurry(route map[string]any, wait, interval time.Duration) {
	for key, d := range map[string]string{"group_wait": model.Duration(wait).String(), "group_interval": model.Duration(interval).String()} {
		if _, set := route[key]; set {
			route[key] = d
		}
	}
	routes, _ := route["routes"].([]any)
	for _, r := range routes {
		hurry(r.(map[string]any), wait, interval)
	}
}

func TestATicketPagesAndItsAnswerResolves(t *testing.T) {
	hook := alertmanager.NewWebhook(t)
	host := alertmanager.Start(t, hurried(t, hook.URL))
	d := newDesk(t)
	ticket := waiting("481", 25*time.Minute)
	startSidecar(t, d, host)
	d.read(t, ticket)

	got, receiver := hook.Wait(t, "SLABreachImminent", "firing")
	if receiver != "on-call" {
		t.Errorf("receiver %q, want on-call", receiver)
	}
	due := ticket.CreatedAt.Truncate(time.Second).Add(30 * time.Minute).UTC().Format(time.RFC3339)
	want := alertmanager.Alert{
		Labels: map[string]string{
			"alertname": "SLABreachImminent", "helpdesk": "support", "ticket": "481", "policy": "acme",
			"severity": "critical", "ticket_severity": "high", "target": "first_response",
		},
		Annotations: map[string]string{
			"summary":     "A ticket is about to breach its SLA.",
			"description": "Ticket 481 of support (high) breaches first_response under acme at " + due + ". Answer now.",
			"url":         "https://acme.example/tickets/481", "due": due, "diagnosis": "platform_outage",
			"runbook_url": alerts.RunbookBase + "/sla.md#slabreachimminent",
		},
	}
	if diff := cmp.Diff(want, alertmanager.Alert{Labels: got.Labels, Annotations: got.Annotations}); diff != "" {
		t.Errorf("the page (-want +got):\n%s", diff)
	}
	d.read(t, answered(ticket))
	hook.Wait(t, "SLABreachImminent", "resolved")
}

// TestTheInstantItself waits for a ticket to become critical by time alone, without any pass.
func TestTheInstantItself(t *testing.T) {
	hook := alertmanager.NewWebhook(t)
	host := alertmanager.Start(t, hurried(t, hook.URL))
	d := newDesk(t)
	startSidecar(t, d, host)
	d.read(t, waiting("482", 22*time.Minute+28*time.Second))
	hook.Wait(t, "SLABreachWarning", "firing")
	hook.Wait(t, "SLABreachImminent", "firing")
}

// BenchmarkResend sends 10,000 alerts that last to a real Alertmanager again, over HTTP.
func BenchmarkResend(b *testing.B) {
	const alertsActive = 10_000
	host := alertmanager.Start(b, []byte("route: {receiver: none}\nreceivers: [{name: none}]\n"))
	d := newDesk(b)
	open := make([]helpdesk.Ticket, alertsActive)
	for i := range open {
		open[i] = waiting(strconv.Itoa(i), 25*time.Minute)
	}
	s, registry := startSidecar(b, d, host)
	d.read(b, open...)
	sent(b, registry, alertsActive)
	targets := endpoints(b, host)
	b.ReportAllocs()
	for i := 0; b.Loop(); i++ {
		before := sent(b, registry, 0)
		// Another interval makes another sender, which is told everything.
		s.Configure(alerts.Config{Alertmanagers: targets, ResendInterval: time.Hour + time.Duration(i)})
		sent(b, registry, before+alertsActive)
	}
	b.ReportMetric(alertsActive*float64(b.N)/b.Elapsed().Seconds(), "alerts/s")
}

// sent waits until so many alerts were taken and returns how many.
func sent(t testing.TB, registry *prometheus.Registry, atLeast float64) (n float64) {
	t.Helper()
	eventually(t, fmt.Sprintf("%v alerts are taken", atLeast), func() bool {
		families, err := registry.Gather()
		must(t, err)
		for _, f := range families {
			if f.GetName() == "whatsapp_sla_exporter_alerts_sent_total" {
				n = f.Metric[0].GetCounter().GetValue()
				return n >= atLeast
			}
		}
		return false
	})
	return n
}

// eventually waits for what happens in other goroutines.
func eventually(t testing.TB, what string, is func() bool) {
	t.Helper()
	again := time.NewTicker(time.Millisecond)
	defer again.Stop()
	late := time.After(time.Minute)
	for !is() {
		select {
		case <-again.C:
		case <-late:
			t.Fatalf("it did not come to be that %s", what)
		}
	}
}

func must(t testing.TB, err error) {
	t.Helper()
	if err != nil {
		t.Fatal(err)
	}
}
