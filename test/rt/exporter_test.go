//go:build rt

package rt

import (
	"fmt"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"whatsapp_sla_exporter/test/alertmanager"
	"whatsapp_sla_exporter/test/exporter"
)

// An RT ticket that nobody answers pages through a real Alertmanager; when an agent answers it in RT, the page resolves and the
// outcome is counted. The exporter is the real binary.
func TestFromRTToAPage(t *testing.T) {
	queue, _, user := rt.desk(t)
	hook := alertmanager.NewWebhook(t)
	config := configure(t, user, alertmanager.Start(t, routes(hook.URL)))
	binary := os.Getenv("EXPORTER")
	if binary == "" {
		t.Fatal("EXPORTER is not set: run.sh builds the exporter, because the ticket must not wait for it")
	}
	id, err := rt.create(nil, ticket{Queue: queue, Priority: 95, CustomFields: map[string]string{"Provider": "meta"}})
	must(t, err)
	e := exporter.Start(t, binary, config)

	page, _ := hook.Wait(t, "SLABreachImminent", "firing")
	for label, want := range map[string]string{"helpdesk": "support", "ticket": id, "policy": "prompt", "ticket_severity": "urgent", "target": "first_response", "tenant": "meta"} {
		if page.Labels[label] != want {
			t.Errorf("the page has %s=%q, want %q", label, page.Labels[label], want)
		}
	}
	if want := rt.url + "/Ticket/Display.html?id=" + id; page.Annotations["url"] != want {
		t.Errorf("the page leads to %q, want %s", page.Annotations["url"], want)
	}

	must(t, rt.write(nil, "agent", id, "correspond"))
	hook.Wait(t, "SLABreachImminent", "resolved")
	e.Eventually("counting the outcome", func() bool {
		return strings.Contains(e.Get("/metrics"), `helpdesk_sla_outcomes_total{helpdesk="support",outcome="met",policy="prompt",severity="urgent",target="first_response",tenant="meta"} 1`)
	})
	for _, private := range []string{token(user), "customer", "words"} {
		if said := e.Log.String() + e.Get("/metrics"); strings.Contains(said, private) {
			t.Errorf("%q shows in log or metrics", private)
		}
	}
}

// configure writes a configuration that pages two seconds after a ticket was opened, and the token of a user.
func configure(t *testing.T, user, alertmanager string) string {
	t.Helper()
	dir := t.TempDir()
	for name, text := range map[string]string{"token": token(user), "config.yml": fmt.Sprintf(`
global: {poll_interval: 10s, stale_after: 1m}
helpdesks:
  - name: support
    type: request_tracker
    url: %q
    policy: prompt
    poll_interval: 10s
    http_config: {authorization: {type: token, credentials_file: token}}
    relabel_configs:
      - {source_labels: [__meta_ticket_priority], regex: "9[0-9]|100", target_label: severity, replacement: urgent}
      - {source_labels: [__meta_ticket_field_Provider], target_label: tenant}
policies:
  - name: prompt
    calendar: {hours: always}
    severities:
      urgent: {number: 1, first_response: {within: 10m, warning: 599s, critical: 598s}}
alertmanager: {static_configs: [{targets: [%q]}], resend_interval: 2s}
`, rt.url, alertmanager)} {
		must(t, os.WriteFile(filepath.Join(dir, name), []byte(text), 0o600))
	}
	return filepath.Join(dir, "config.yml")
}

// routes is an Alertmanager configuration that waits for nothing.
func routes(webhook string) []byte {
	return fmt.Appendf(nil, `
route: {receiver: hook, group_by: [alertname, ticket], group_wait: 10ms, group_interval: 50ms, repeat_interval: 1h}
receivers: [{name: hook, webhook_configs: [{url: %q, send_resolved: true}]}]
`, webhook)
}
