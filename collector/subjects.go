package collector

import (
	"whatsapp_sla_exporter/internal/tickets"
	"whatsapp_sla_exporter/internal/whatsapp"
)

// Every subject, one line each.
var (
	accountSubjects = []subject[*whatsapp.Account]{
		phoneNumbers,
		health,
		limits,
		wabas,
		templates,
		profiles,
		tokens,
	}
	helpdeskSubjects = []subject[*tickets.Snapshot]{
		openTickets,
		slaTargets,
		urgentTickets,
	}
	policySubjects = []subject[[]PolicyTarget]{
		policies,
	}
)

// tables lists the families of all subjects, in the order of the docs.
func tables() []section {
	return []section{
		{"Phone numbers", &phoneNumberTable},
		{"Health", &healthTable},
		{"Messaging limits", &limitTable},
		{"WhatsApp Business Accounts", &accountTable},
		{"Message templates", &templateTable},
		{"Restrictions, bans and violations", &restrictionTable},
		{"Messages, users and service windows", &recipientsTable},
		{"Webhook", &webhookTable},
		{"Contact and escalation", &profileTable},
		{"Access tokens", &tokenTable},
		{"Platform status", &platformTable},
		{"QR sessions", &qrTable},
		{"Diagnosis", &diagnosisTable},
		{"Open tickets", &ticketTable},
		{"SLA targets", &slaTable},
		{"SLA state now", &slaClockTable},
		{"Most urgent tickets", &ticketUrgentTable},
		{"Policies", &policyTable},
		{"Webhooks of helpdesks", &pushTable},
		{"The exporter on itself", &selfTable},
	}
}

// section is a table under the heading it has in the docs.
type section struct {
	title string
	table *table
}
