package test

import (
	"fmt"
	"net/http"
	"net/http/httptest"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"sync"
	"syscall"
	"testing"
	"time"

	"whatsapp_sla_exporter/internal/simulator/fault"
	"whatsapp_sla_exporter/internal/simulator/graph"
	"whatsapp_sla_exporter/internal/simulator/zendesk"
	"whatsapp_sla_exporter/test/alertmanager"
	"whatsapp_sla_exporter/test/exporter"
	"whatsapp_sla_exporter/test/pipeline"
)

// upstreams are the simulators that the exporter under test reads, with one phone number.
type upstreams struct {
	graph   *graph.Server
	zendesk *zendesk.Server
	urls    [2]string
}

func startUpstreams(t *testing.T) *upstreams {
	t.Helper()
	_, err := binary() // before any ticket begins to wait
	must(t, err)
	u := &upstreams{
		graph: graph.New(graph.Options{Now: time.Now}),
		zendesk: zendesk.New(zendesk.Options{
			Now: time.Now, ExportDelay: time.Second, IndexDelay: time.Second,
			Credentials: []zendesk.Credential{{Email: "ops@acme.example", Token: "zendesk-secret", Role: zendesk.Admin}},
		}),
	}
	u.graph.SetToken(graph.Token{Value: "graph-secret", Scopes: []string{graph.ManagementScope}, WABAs: []string{"9001"}})
	u.graph.SetPortfolio(graph.Portfolio{ID: "3001", Limit: "TIER_2K"})
	u.graph.SetWABA(graph.WABA{ID: "9001", PortfolioID: "3001", Apps: []string{"4411"}})
	u.graph.SetNumber(graph.Number{ID: "5001", WABAID: "9001", Display: "+34 600 11 22 33"})
	for i, h := range []http.Handler{u.graph, u.zendesk} {
		s := httptest.NewServer(h)
		t.Cleanup(s.Close)
		u.urls[i] = s.URL
	}
	return u
}

// binary builds the exporter once.
var binary = sync.OnceValues(func() (string, error) {
	dir, err := os.MkdirTemp("", "exporter")
	if err != nil {
		return "", err
	}
	path := filepath.Join(dir, "whatsapp_sla_exporter")
	build := exec.Command("go", "build", "-C", "..", "-o", path, "./cmd/whatsapp_sla_exporter")
	if out, err := build.CombinedOutput(); err != nil {
		return "", fmt.Errorf("%w: %s", err, out)
	}
	return path, nil
})

// configure writes the configuration and its secrets, with targets of seconds so that a test sees them pass.
func (u *upstreams) configure(t *testing.T, dir, alertmanager string) string {
	t.Helper()
	sidecar := ""
	if alertmanager != "" {
		sidecar = fmt.Sprintf("alertmanager: {static_configs: [{targets: [%q]}], resend_interval: 2s}", alertmanager)
	}
	for name, text := range map[string]string{"graph": "graph-secret", "zendesk": "zendesk-secret", "config.yml": fmt.Sprintf(`
global: {poll_interval: 10s, stale_after: 1m}
whatsapp:
  accounts:
    - {name: acme, url: %q, waba_ids: ["9001"], http_config: {authorization: {credentials_file: graph}}}
helpdesks:
  - name: support
    type: zendesk
    url: %q
    policy: seconds
    http_config: {basic_auth: {username: ops@acme.example/token, password_file: zendesk}}
policies:
  - name: seconds
    calendar: {hours: always}
    severities:
      urgent: {number: 1, first_response: {within: 40s, warning: 35s, critical: 30s}}
%s
`, u.urls[0], u.urls[1], sidecar)} {
		must(t, os.WriteFile(filepath.Join(dir, name), []byte(text), 0o600))
	}
	return filepath.Join(dir, "config.yml")
}

func startExporter(t *testing.T, config string) *exporter.Exporter {
	t.Helper()
	path, err := binary()
	must(t, err)
	return exporter.Start(t, path, config)
}

// The main job, end to end: a ticket comes in over Zendesk's API and nobody answers. The sidecar pages through a real
// Alertmanager with the shipped routes; when the agent answers, the page resolves and the outcome is counted.
func TestFromTwoAPIsToAPage(t *testing.T) {
	t.Parallel()
	hook := alertmanager.NewWebhook(t)
	u := startUpstreams(t)
	id := u.zendesk.Create(zendesk.Seed{Priority: "urgent", Channel: "web"})
	e := startExporter(t, u.configure(t, t.TempDir(), alertmanager.Start(t, hurried(t, hook.URL))))

	page, receiver := hook.Wait(t, "SLABreachImminent", "firing")
	if receiver != "on-call" || page.Labels["ticket"] != fmt.Sprint(id) || page.Labels["target"] != "first_response" ||
		page.Annotations["url"] != fmt.Sprintf("%s/agent/tickets/%d", u.urls[1], id) || page.Annotations["diagnosis"] != "none_found" {
		t.Errorf("%s got %v, %v", receiver, page.Labels, page.Annotations)
	}
	must(t, u.zendesk.AgentReply(id))
	hook.Wait(t, "SLABreachImminent", "resolved")
	e.Eventually("counting the outcome", func() bool {
		return e.Metric(`helpdesk_sla_outcomes_total{helpdesk="support",outcome="met",policy="seconds",severity="urgent",target="first_response"}`) == "1"
	})
	for _, secret := range []string{"graph-secret", "zendesk-secret"} {
		if strings.Contains(e.Log.String()+e.Get("/metrics"), secret) {
			t.Errorf("%s shows in log or metrics", secret)
		}
	}
}

// The same without the sidecar: a real Prometheus scrapes the exporter, and the shipped rules page.
func TestFromTwoAPIsToAPageByTheRules(t *testing.T) {
	t.Parallel()
	hook := alertmanager.NewWebhook(t)
	am := alertmanager.Start(t, hurried(t, hook.URL))
	u := startUpstreams(t)
	id := u.zendesk.Create(zendesk.Seed{Priority: "urgent", Channel: "web"})
	e := startExporter(t, u.configure(t, t.TempDir(), ""))
	p := pipeline.Start(t, pipeline.Options{
		Target: e.Address, RuleFiles: []string{"../alerts/rules/*.yaml"}, Alertmanagers: []string{am}, Interval: 250 * time.Millisecond,
	})
	page, receiver := hook.Wait(t, "SLATicketsCritical", "firing")
	if receiver != "on-call" || page.Labels["policy"] != "seconds" || page.Labels["ticket_severity"] != "urgent" {
		t.Errorf("%s got %v", receiver, page.Labels)
	}
	must(t, u.zendesk.AgentReply(id))
	hook.Wait(t, "SLATicketsCritical", "resolved")
	for rule, err := range p.RuleErrors() {
		t.Errorf("rule %s: %v", rule, err)
	}
}

// kill -9 and a start again: the flag's date is known, and no outcome is counted twice.
func TestNothingIsLostOrCountedTwiceOverAKill(t *testing.T) {
	t.Parallel()
	const (
		flagged = `whatsapp_phone_number_quality_changed_timestamp_seconds{account="acme",phone_number_id="5001"}`
		met     = `helpdesk_sla_outcomes_total{helpdesk="support",outcome="met",policy="seconds",severity="urgent",target="first_response"}`
	)
	u := startUpstreams(t)
	u.graph.ChangeNumber("5001", func(n *graph.Number) { n.Quality = "RED" })
	first := u.zendesk.Create(zendesk.Seed{Priority: "urgent"})
	config := u.configure(t, t.TempDir(), "")
	e := startExporter(t, config)
	must(t, u.zendesk.AgentReply(first))
	e.Eventually("counting the outcome", func() bool { return e.Metric(met) == "1" })
	before := e.Metric(flagged)
	e.End(syscall.SIGKILL)

	// While it is down, another ticket is opened and answered, and the first one is solved.
	second := u.zendesk.Create(zendesk.Seed{Priority: "urgent"})
	must(t, u.zendesk.AgentReply(second))
	must(t, u.zendesk.SetStatus(first, "solved"))
	e = startExporter(t, config)
	if after := e.Metric(flagged); after != before || before == "" {
		t.Errorf("the rating was first seen at %q, before the kill at %q", after, before)
	}
	e.Eventually("counting what was missed", func() bool { return e.Metric(met) == "2" })
}

// While the helpdesk cannot be read, no alert resolves and nothing becomes zero.
func TestADeadHelpdeskResolvesNothing(t *testing.T) {
	t.Parallel()
	hook := alertmanager.NewWebhook(t)
	am := alertmanager.Start(t, hurried(t, hook.URL))
	u := startUpstreams(t)
	u.zendesk.Create(zendesk.Seed{Priority: "urgent"})
	e := startExporter(t, u.configure(t, t.TempDir(), am))
	hook.Wait(t, "SLABreachImminent", "firing")
	u.zendesk.Fail(fault.Fault{Kind: fault.HTML})
	e.Eventually("telling that it is blind", func() bool {
		return e.Metric(`whatsapp_sla_exporter_source_up{source="support",type="zendesk"}`) == "0"
	})
	// The deadline runs on: from imminent to breached, although nobody can be asked.
	hook.Wait(t, "SLABreached", "firing")
	if got := e.Metric(`helpdesk_open_tickets{helpdesk="support",policy="seconds",severity="urgent",status="new"}`); got != "1" {
		t.Errorf("the open ticket became %q", got)
	}
}
