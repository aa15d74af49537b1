package alerts

import (
	"strings"
	"time"

	"github.com/go-openapi/strfmt"
	"github.com/prometheus/alertmanager/api/v2/models"

	"whatsapp_sla_exporter/internal/sla"
	"whatsapp_sla_exporter/internal/tickets"
)

// Name is the alertname of an alert of the sidecar.
type Name string

// The alerts of the sidecar, one for each state in which a deadline is in danger.
const (
	SLABreachWarning  Name = "SLABreachWarning"
	SLABreachImminent Name = "SLABreachImminent"
	SLABreached       Name = "SLABreached"
)

// Key is what makes an alert of the sidecar one and the same: its labels. Two replicas come to the same keys, so
// that Alertmanager takes their alerts for one.
type Key struct {
	Name     Name
	Helpdesk string
	Ticket   string
	Group    tickets.Group
	Target   sla.Target
}

// labels are the labels of the alert. Severity is that of Prometheus: what to do about it; the ticket's own is
// ticket_severity.
func (k Key) labels() models.LabelSet {
	severity := "critical"
	if k.Name == SLABreachWarning {
		severity = "warning"
	}
	l := models.LabelSet{
		"alertname":       string(k.Name),
		"helpdesk":        k.Helpdesk,
		"ticket":          k.Ticket,
		"policy":          k.Group.Policy,
		"severity":        severity,
		"ticket_severity": k.Group.Severity,
		"target":          string(k.Target),
	}
	if k.Group.Tenant != "" {
		l["tenant"] = k.Group.Tenant
	}
	return l
}

// danger is a deadline that is past its warning, and what is told of it beside the deadline.
type danger struct {
	deadline  tickets.Deadline
	lastRead  time.Time // of its helpdesk, where that is too long ago; zero otherwise
	diagnosis string
}

// name says which of the alerts the danger is at now. Breached begins after the due.
func (d *danger) name(now time.Time) Name {
	switch {
	case now.After(d.deadline.Due):
		return SLABreached
	case !now.Before(d.deadline.Critical):
		return SLABreachImminent
	}
	return SLABreachWarning
}

// since is the instant at which the alert began, the same on every replica.
func (d *danger) since(n Name) time.Time {
	switch n {
	case SLABreached:
		return d.deadline.Due
	case SLABreachImminent:
		return d.deadline.Critical
	}
	return d.deadline.Warning
}

func (d *danger) key(helpdesk string, now time.Time) Key {
	return Key{
		Name: d.name(now), Helpdesk: helpdesk, Ticket: d.deadline.Ticket, Group: d.deadline.Group,
		Target: d.deadline.Target,
	}
}

// alert is what Alertmanager is told. Its end is set when it is sent.
func (d *danger) alert(k Key, runbookBase string) *models.PostableAlert {
	a := &models.PostableAlert{
		StartsAt:    strfmt.DateTime(d.since(k.Name)),
		Annotations: d.annotations(k, runbookBase),
	}
	a.Labels = k.labels()
	if strfmt.Default.Validates("uri", d.deadline.URL) { // Alertmanager refuses the whole batch for one that is not
		a.GeneratorURL = strfmt.URI(d.deadline.URL)
	}
	return a
}

func (d *danger) annotations(k Key, runbookBase string) models.LabelSet {
	due := d.deadline.Due.UTC().Format(time.RFC3339)
	texts := texts[k.Name]
	l := models.LabelSet{
		"summary": texts.summary,
		"description": strings.NewReplacer("{ticket}", k.Ticket, "{helpdesk}", k.Helpdesk, "{target}", string(k.Target),
			"{policy}", k.Group.Policy, "{severity}", k.Group.Severity, "{due}", due).Replace(texts.description),
		"due":         due,
		"runbook_url": runbookBase + "/sla.md#" + strings.ToLower(string(k.Name)),
	}
	if k.Target == sla.ServiceWindow {
		l["description"] += " Once the window is closed, WhatsApp only takes approved templates."
	}
	if d.deadline.URL != "" {
		l["url"] = d.deadline.URL
	}
	if d.diagnosis != "" {
		l["diagnosis"] = d.diagnosis
	}
	if !d.lastRead.IsZero() {
		l["last_read"] = d.lastRead.UTC().Format(time.RFC3339)
		l["description"] += " The helpdesk could not be read since " + l["last_read"] +
			": the ticket may be answered already."
	}
	return l
}

// texts are the summary, which is the same for all tickets, and the description of each alert.
var texts = map[Name]struct{ summary, description string }{
	SLABreachWarning: {
		"A ticket is past half of its SLA target.",
		"Ticket {ticket} of {helpdesk} ({severity}) is due for {target} under {policy} at {due}. Have somebody take it.",
	},
	SLABreachImminent: {
		"A ticket is about to breach its SLA.",
		"Ticket {ticket} of {helpdesk} ({severity}) breaches {target} under {policy} at {due}. Answer now.",
	},
	SLABreached: {
		"A ticket has breached its SLA and is still unanswered.",
		"Ticket {ticket} of {helpdesk} ({severity}) was due for {target} under {policy} at {due}. Answer, then tell the customer why it took so long.",
	},
}
