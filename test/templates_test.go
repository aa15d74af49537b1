package test

import (
	"net/url"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"
	amalert "github.com/prometheus/alertmanager/alert"
	amconfig "github.com/prometheus/alertmanager/config"
	"github.com/prometheus/alertmanager/template"
	"github.com/prometheus/common/model"
)

var templateNow = time.Date(2026, 3, 2, 9, 10, 1, 0, time.UTC)

// texts are what the receivers of the shipped configuration would send, rendered by Alertmanager's own engine.
type texts struct {
	SlackTitle, SlackLink, SlackColor, SlackText string
	PagerDuty                                    string
	PagerDutyDetails, Webhook                    any
	Subject, HTML, EmailText                     string
}

func render(t *testing.T, group model.LabelSet, alerts ...*amalert.Alert) texts {
	t.Helper()
	c, err := amconfig.LoadFile("../alerts/alertmanager.yml")
	must(t, err)
	realNow := template.DefaultFuncs["now"]
	template.DefaultFuncs["now"] = func() time.Time { return templateNow }
	t.Cleanup(func() { template.DefaultFuncs["now"] = realNow })
	engine, err := template.FromGlobs(c.Templates)
	must(t, err)
	engine.ExternalURL = &url.URL{Scheme: "https", Host: "alertmanager.example"}
	data := engine.Data("on-call", group, nil, "", alerts...)
	text := func(s string) string {
		t.Helper()
		out, err := engine.ExecuteTextString(s, data)
		must(t, err)
		return out
	}
	receivers := make(map[string]amconfig.Receiver)
	for _, r := range c.Receivers {
		receivers[r.Name] = r
	}
	onCall, digest, tenant := receivers["on-call"], receivers["digest"], receivers["tenant-example"]
	slack, pager, mail := onCall.SlackConfigs[0], onCall.PagerdutyConfigs[0], digest.EmailConfigs[0]
	html, err := engine.ExecuteHTMLString(mail.HTML, data)
	must(t, err)
	out := texts{
		SlackTitle: text(slack.Title), SlackLink: text(slack.TitleLink), SlackColor: text(slack.Color), SlackText: text(slack.Text),
		PagerDuty: text(pager.Description),
		Subject:   text(mail.Headers["Subject"]), HTML: html, EmailText: text(mail.Text),
	}
	// Payloads are read as YAML after they are rendered.
	structured := func(v any) any {
		t.Helper()
		out, err := template.DeepCopyWithTemplate(v, func(s string) (string, error) { return text(s), nil })
		must(t, err)
		return out
	}
	out.Webhook, out.PagerDutyDetails = structured(tenant.WebhookConfigs[0].Payload), structured(pager.Details["alerts"])
	return out
}

// onTicket is an alert of the sidecar on a ticket that is due in 4m59s.
func onTicket(status string) *amalert.Alert {
	a := &amalert.Alert{Alert: model.Alert{
		Labels: model.LabelSet{
			"alertname": "SLABreachImminent", "helpdesk": "support", "ticket": "481", "policy": "reach-whatsapp-qr",
			"severity": "critical", "ticket_severity": "moderate", "target": "first_response",
		},
		Annotations: model.LabelSet{
			"summary":     "A ticket is about to breach its SLA.",
			"description": "Ticket 481 of support (moderate) breaches first_response. Answer now.",
			"url":         "https://acme.example/tickets/481?a=1&b=2", "due": "2026-03-02T09:15:00Z",
			"diagnosis": "session_disconnected", "runbook_url": "https://wiki.example/sla.md#slabreachimminent",
		},
		StartsAt: templateNow.Add(-time.Second), EndsAt: templateNow.Add(24 * 365 * time.Hour * 100),
	}}
	if status == "resolved" {
		a.EndsAt = templateNow.Add(-time.Millisecond)
	}
	return a
}

func TestTheNotificationOnATicket(t *testing.T) {
	const (
		title = "[FIRING:1] SLABreachImminent support #481, 4m 59s left"
		facts = "Due 2026-03-02T09:15:00Z: 4m 59s left. Diagnosis: session_disconnected"
		plain = "Ticket 481 of support (moderate) breaches first_response. Answer now.\n" + facts + "\n" +
			"Ticket: https://acme.example/tickets/481?a=1&b=2\nRunbook: https://wiki.example/sla.md#slabreachimminent\n\n"
	)
	alerts := []any{map[string]any{
		"status": "firing", "alertname": "SLABreachImminent", "severity": "critical", "ticket": "481",
		"summary": "A ticket is about to breach its SLA.", "description": "Ticket 481 of support (moderate) breaches first_response. Answer now.",
		"url": "https://acme.example/tickets/481?a=1&b=2", "due": "2026-03-02T09:15:00Z", "left": "4m 59s",
		"diagnosis": "session_disconnected", "last_read": "", "runbook_url": "https://wiki.example/sla.md#slabreachimminent",
		"labels": map[string]any{
			"alertname": "SLABreachImminent", "helpdesk": "support", "ticket": "481", "policy": "reach-whatsapp-qr",
			"severity": "critical", "ticket_severity": "moderate", "target": "first_response",
		},
	}}
	want := texts{
		SlackTitle: title, SlackLink: "https://acme.example/tickets/481?a=1&b=2", SlackColor: "danger",
		SlackText: ":rotating_light: *<https://acme.example/tickets/481?a=1&b=2|support #481>* " +
			"Ticket 481 of support (moderate) breaches first_response. Answer now.\n" + facts + "\n" +
			"<https://wiki.example/sla.md#slabreachimminent|Runbook>\n\n",
		PagerDuty: title, PagerDutyDetails: alerts,
		Webhook: map[string]any{"status": "firing", "alerts": alerts},
		Subject: title, EmailText: plain,
		HTML: "<!DOCTYPE html>\n<html><body style=\"font-family: sans-serif\">\n<h2>" + title + "</h2>\n" +
			"<p>Ticket 481 of support (moderate) breaches first_response. Answer now.<br><b>" + facts + "</b>" +
			"<br><a href=\"https://acme.example/tickets/481?a=1&amp;b=2\">Ticket</a>" +
			"<br><a href=\"https://wiki.example/sla.md#slabreachimminent\">Runbook</a></p>\n</body></html>",
	}
	got := render(t, model.LabelSet{"alertname": "SLABreachImminent", "helpdesk": "support"}, onTicket("firing"))
	if d := cmp.Diff(want, got); d != "" {
		t.Errorf("texts (-want +got):\n%s", d)
	}
}

func TestTheNotificationOfAnAnswer(t *testing.T) {
	got := render(t, model.LabelSet{"alertname": "SLABreachImminent", "helpdesk": "support"}, onTicket("resolved"))
	if want := "[RESOLVED] SLABreachImminent support #481"; got.SlackTitle != want || got.SlackColor != "good" {
		t.Errorf("title %q, color %q, want %q in good", got.SlackTitle, got.SlackColor, want)
	}
	want := "RESOLVED: Ticket 481 of support (moderate) breaches first_response. Answer now.\n" +
		"Due 2026-03-02T09:15:00Z. Diagnosis: session_disconnected\n" +
		"Ticket: https://acme.example/tickets/481?a=1&b=2\nRunbook: https://wiki.example/sla.md#slabreachimminent\n\n"
	if d := cmp.Diff(want, got.EmailText); d != "" {
		t.Errorf("text (-want +got):\n%s", d)
	}
}

func TestTheNotificationOnSeveralTickets(t *testing.T) {
	overdue := onTicket("firing")
	overdue.Labels["ticket"] = "482"
	overdue.Annotations["due"] = "2026-03-02T08:10:00Z"
	overdue.Annotations["last_read"] = "2026-03-02T08:00:00Z"
	delete(overdue.Annotations, "diagnosis")
	got := render(t, model.LabelSet{"alertname": "SLABreachImminent", "helpdesk": "support"}, onTicket("firing"), overdue)
	if want := "[FIRING:2] SLABreachImminent support"; got.SlackTitle != want {
		t.Errorf("title %q, want %q", got.SlackTitle, want)
	}
	want := "Ticket 481 of support (moderate) breaches first_response. Answer now.\n" +
		"Due 2026-03-02T09:15:00Z: 4m 59s left. Diagnosis: session_disconnected\n" +
		"Ticket: https://acme.example/tickets/481?a=1&b=2\nRunbook: https://wiki.example/sla.md#slabreachimminent\n\n" +
		"Ticket 481 of support (moderate) breaches first_response. Answer now.\n" +
		"Due 2026-03-02T08:10:00Z: overdue by 1h 0m 1s. Helpdesk last read 2026-03-02T08:00:00Z\n" +
		"Ticket: https://acme.example/tickets/481?a=1&b=2\nRunbook: https://wiki.example/sla.md#slabreachimminent\n\n"
	if d := cmp.Diff(want, got.EmailText); d != "" {
		t.Errorf("text (-want +got):\n%s", d)
	}
}

func TestTheNotificationOnANumber(t *testing.T) {
	red := &amalert.Alert{Alert: model.Alert{
		Labels: model.LabelSet{"alertname": "WhatsAppQualityRed", "account": "acme", "phone_number_id": "101", "severity": "warning"},
		Annotations: model.LabelSet{
			"description": "Number 101 of acme is rated red.", "runbook_url": "https://wiki.example/whatsapp_numbers.md#whatsappqualityred",
		},
		StartsAt: templateNow, EndsAt: templateNow.Add(24 * 365 * time.Hour * 100),
	}}
	got := render(t, model.LabelSet{"alertname": "WhatsAppQualityRed", "account": "acme"}, red)
	want := ":warning: Number 101 of acme is rated red.\n<https://wiki.example/whatsapp_numbers.md#whatsappqualityred|Runbook>\n\n"
	if d := cmp.Diff(want, got.SlackText); d != "" || got.SlackColor != "warning" {
		t.Errorf("color %s, text (-want +got):\n%s", got.SlackColor, d)
	}
	if got.SlackTitle != "[FIRING:1] WhatsAppQualityRed acme" || got.SlackLink != "https://wiki.example/whatsapp_numbers.md#whatsappqualityred" {
		t.Errorf("title %q leads to %q", got.SlackTitle, got.SlackLink)
	}
}
