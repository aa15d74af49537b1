package main

import (
	"time"

	"whatsapp_sla_exporter/internal/whatsapp"
)

// Notices are what webhooks told, for the board; nothing without a webhook, as on /metrics.
func (e *exporter) Notices(now time.Time) *whatsapp.Notices {
	if e.hook.config.Load() == nil {
		return &whatsapp.Notices{}
	}
	return e.hook.Notices(now)
}
