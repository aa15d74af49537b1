package alerts

import (
	"testing"
	"time"

	"github.com/go-openapi/strfmt"
	"github.com/google/go-cmp/cmp"
	"github.com/prometheus/alertmanager/api/v2/models"

	"whatsapp_sla_exporter/internal/sla"
	"whatsapp_sla_exporter/internal/tickets"
)

var monday = time.Date(2026, 3, 2, 9, 0, 0, 0, time.UTC)

func aDanger() danger {
	return danger{
		deadline: tickets.Deadline{
			Ticket: "481", URL: "https://acme.example/tickets/481",
			Group:   tickets.Group{Policy: "reach-whatsapp-qr", Severity: "moderate", Tenant: "acme"},
			Target:  sla.FirstResponse,
			Warning: monday.Add(450 * time.Second), Critical: monday.Add(10 * time.Minute), Due: monday.Add(15 * time.Minute),
		},
		diagnosis: "session_disconnected",
	}
}

func TestTheAlertOfATicket(t *testing.T) {
	d := aDanger()
	now := monday.Add(10 * time.Minute)
	want := &models.PostableAlert{
		StartsAt: strfmt.DateTime(now),
		Annotations: models.LabelSet{
			"summary":     "A ticket is about to breach its SLA.",
			"description": "Ticket 481 of support (moderate) breaches first_response under reach-whatsapp-qr at 2026-03-02T09:15:00Z. Answer now.",
			"url":         "https://acme.example/tickets/481",
			"due":         "2026-03-02T09:15:00Z",
			"diagnosis":   "session_disconnected",
			"runbook_url": "https://wiki.example/sla.md#slabreachimminent",
		},
		Alert: models.Alert{
			GeneratorURL: "https://acme.example/tickets/481",
			Labels: models.LabelSet{
				"alertname": "SLABreachImminent", "helpdesk": "support", "ticket": "481", "policy": "reach-whatsapp-qr",
				"severity": "critical", "ticket_severity": "moderate", "target": "first_response", "tenant": "acme",
			},
		},
	}
	got := d.alert(d.key("support", now), "https://wiki.example")
	if diff := cmp.Diff(want, got); diff != "" {
		t.Errorf("alert (-want +got):\n%s", diff)
	}
	if err := got.Validate(strfmt.Default); err != nil {
		t.Errorf("Alertmanager would refuse it: %v", err)
	}
}

func TestTheAlertOfATicketThatWasNotReadLately(t *testing.T) {
	d := aDanger()
	d.deadline.Target, d.deadline.URL, d.diagnosis = sla.ServiceWindow, "not a url", ""
	d.lastRead = monday
	got := d.alert(d.key("support", monday.Add(10*time.Minute)), "https://wiki.example")
	want := models.LabelSet{
		"summary": "A ticket is about to breach its SLA.",
		"description": "Ticket 481 of support (moderate) breaches service_window under reach-whatsapp-qr at 2026-03-02T09:15:00Z. Answer now. " +
			"Once the window is closed, WhatsApp only takes approved templates. " +
			"The helpdesk could not be read since 2026-03-02T09:00:00Z: the ticket may be answered already.",
		"url":         "not a url",
		"due":         "2026-03-02T09:15:00Z",
		"last_read":   "2026-03-02T09:00:00Z",
		"runbook_url": "https://wiki.example/sla.md#slabreachimminent",
	}
	if diff := cmp.Diff(want, got.Annotations); diff != "" {
		t.Errorf("annotations (-want +got):\n%s", diff)
	}
	if got.GeneratorURL != "" {
		t.Errorf("generatorURL %q would make Alertmanager refuse the batch", got.GeneratorURL)
	}
}

func TestWhichAlertADeadlineIs(t *testing.T) {
	d := aDanger()
	for _, tt := range []struct {
		at       time.Duration
		want     Name
		severity string
		since    time.Time
	}{
		{450 * time.Second, SLABreachWarning, "warning", d.deadline.Warning},
		{10*time.Minute - 1, SLABreachWarning, "warning", d.deadline.Warning},
		{10 * time.Minute, SLABreachImminent, "critical", d.deadline.Critical},
		{15 * time.Minute, SLABreachImminent, "critical", d.deadline.Critical}, // answered now it would be met
		{15*time.Minute + 1, SLABreached, "critical", d.deadline.Due},
	} {
		k := d.key("support", monday.Add(tt.at))
		if k.Name != tt.want || k.labels()["severity"] != tt.severity || !d.since(k.Name).Equal(tt.since) {
			t.Errorf("after %v: %s, %s since %v; want %s, %s since %v", tt.at, k.Name, k.labels()["severity"],
				d.since(k.Name), tt.want, tt.severity, tt.since)
		}
	}
}
