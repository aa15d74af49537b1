// Package alerts holds what alerting is made of: the rules, the Alertmanager configuration and the notification
// templates as files, and the sidecar, which sends one alert for every ticket whose SLA is in danger straight to
// Alertmanager.
//
// The sidecar decides anew whenever a helpdesk was read and at every instant at which some target changes its
// state by itself. What it decided is sent again and again while it lasts, because Alertmanager forgets; and it is
// sent as resolved only when a helpdesk that was read says that the target is answered.
package alerts

import "embed"

// Files are the rules, the Alertmanager configuration and the notification templates, for provisioning.
//
//go:embed rules/*.yaml alertmanager.yml templates/*.tmpl
var Files embed.FS

// RunbookBase is what the runbook_url of every rule in Files begins with. Who publishes docs/runbooks elsewhere
// replaces it in the files; the sidecar takes its own from the configuration.
const RunbookBase = "https://runbooks.example.com/whatsapp_sla_exporter"
