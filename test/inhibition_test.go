package test

import (
	"bytes"
	"encoding/json"
	"fmt"
	"maps"
	"net/http"
	"testing"
	"time"

	"whatsapp_sla_exporter/test/alertmanager"
)

type labels = map[string]string

// TestInhibition posts pairs of alerts to an Alertmanager with the shipped configuration.
func TestInhibition(t *testing.T) {
	hook := alertmanager.NewWebhook(t)
	host := alertmanager.Start(t, hurried(t, hook.URL))
	ticket := labels{"helpdesk": "support", "ticket": "1", "policy": "acme", "ticket_severity": "high", "target": "resolution"}
	group := labels{"helpdesk": "support", "policy": "acme", "ticket_severity": "high", "target": "resolution", "job": "sla"}
	number := labels{"account": "acme", "phone_number_id": "101", "job": "sla"}
	for i, tt := range []struct {
		name           string
		source, target labels
		want           bool
	}{
		{
			"a ticket inhibits the count of such tickets",
			with(ticket, "alertname", "SLABreachImminent", "severity", "critical"),
			with(group, "alertname", "SLATicketsCritical", "severity", "critical"), true,
		},
		{
			"a ticket does not inhibit the count of tickets with another target",
			with(ticket, "alertname", "SLABreachImminent", "severity", "critical"),
			with(group, "alertname", "SLATicketsCritical", "severity", "critical", "target", "follow_up"), false,
		},
		{
			"an imminent breach does not inhibit the count of breached ones",
			with(ticket, "alertname", "SLABreachImminent", "severity", "critical"),
			with(group, "alertname", "SLATicketsBreached", "severity", "critical"), false,
		},
		{
			"a count of critical tickets inhibits the count of those in warning",
			with(group, "alertname", "SLATicketsCritical", "severity", "critical"),
			with(group, "alertname", "SLATicketsWarning", "severity", "warning"), true,
		},
		{
			"a red number inhibits its own warnings",
			with(number, "alertname", "WhatsAppQualityRed", "severity", "critical", "rating", "red"),
			with(number, "alertname", "WhatsAppQualityYellow", "severity", "warning", "rating", "yellow"), true,
		},
		{
			"a red number does not inhibit warnings of another",
			with(number, "alertname", "WhatsAppQualityRed", "severity", "critical", "rating", "red"),
			with(number, "alertname", "WhatsAppQualityYellow", "severity", "warning", "phone_number_id", "102"), false,
		},
		{
			"an invalid token does not inhibit what has nothing to do with it",
			labels{"alertname": "WhatsAppTokenInvalid", "severity": "critical", "account": "acme"},
			labels{"alertname": "WhatsAppEscalationPathMissing", "severity": "warning", "account": "acme"},
			false,
		},
		{
			"a stale source inhibits that it is down",
			labels{"alertname": "SourceStale", "severity": "critical", "source": "support"},
			labels{"alertname": "SourceDown", "severity": "warning", "source": "support", "type": "zendesk"},
			true,
		},
		{
			"an outage of the platform inhibits what it causes",
			labels{"alertname": "WhatsAppPlatformOutage", "severity": "critical", "page": "meta", "service": "Cloud API"},
			labels{"alertname": "WhatsAppHealthBlocked", "severity": "critical", "account": "acme", "entity": "app", "entity_id": "1"},
			true,
		},
		{
			"an outage of the platform does not inhibit tickets",
			labels{"alertname": "WhatsAppPlatformOutage", "severity": "critical", "page": "meta", "service": "Cloud API"},
			with(ticket, "alertname", "SLABreachWarning", "severity", "warning"), false,
		},
	} {
		t.Run(tt.name, func(t *testing.T) {
			source, target := apart(i, tt.source), apart(i, tt.target)
			post(t, host, source)
			hook.Wait(t, source["alertname"], "firing")
			post(t, host, target)
			if tt.want {
				eventually(t, "it is inhibited", func() bool { return inhibited(t, host, target) })
			} else {
				hook.Wait(t, target["alertname"], "firing")
			}
		})
	}
}

func with(base labels, more ...string) labels {
	l := maps.Clone(base)
	for i := 0; i < len(more); i += 2 {
		l[more[i]] = more[i+1]
	}
	return l
}

// apart is an alert in a helpdesk, account, page and source of its own, so that the cases neither inhibit each other nor
// share a group: Alertmanager drops what is posted once and meets a group that is just being removed.
func apart(i int, alert labels) labels {
	own := maps.Clone(alert)
	for _, name := range []string{"helpdesk", "account", "page", "source"} {
		if v, has := own[name]; has {
			own[name] = fmt.Sprint(v, "-", i)
		}
	}
	return own
}

// post sends an alert that fires for longer than the test takes.
func post(t *testing.T, host string, alert labels) {
	t.Helper()
	now := time.Now()
	body, err := json.Marshal([]map[string]any{{"labels": alert, "startsAt": now.Add(-time.Minute), "endsAt": now.Add(time.Hour)}})
	must(t, err)
	resp, err := http.Post("http://"+host+"/api/v2/alerts", "application/json", bytes.NewReader(body))
	must(t, err)
	defer resp.Body.Close()
	if resp.StatusCode != http.StatusOK {
		t.Fatalf("Alertmanager answered %s", resp.Status)
	}
}

// inhibited asks Alertmanager what it makes of an alert.
func inhibited(t *testing.T, host string, alert labels) bool {
	t.Helper()
	resp, err := http.Get("http://" + host + "/api/v2/alerts")
	must(t, err)
	defer resp.Body.Close()
	var all []struct {
		Labels labels
		Status struct{ InhibitedBy []string }
	}
	must(t, json.NewDecoder(resp.Body).Decode(&all))
	for _, a := range all {
		if maps.Equal(a.Labels, alert) {
			return len(a.Status.InhibitedBy) > 0
		}
	}
	return false
}
