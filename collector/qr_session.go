package collector

import "whatsapp_sla_exporter/internal/qr"

var (
	qrTable table

	qrConnected = qrTable.gauge("whatsapp_qr_session_connected",
		"Whether messages pass through the session.",
		"the gateway does not tell it", "gateway", "session")
	qrState = enum(&qrTable, "whatsapp_qr_session_state",
		"State of the session: 1 for the present one. In scan_qr and logged_out a person with the phone must act.",
		"", "state", qr.States, "gateway", "session")
	qrChanged = qrTable.gauge("whatsapp_qr_session_state_changed_timestamp_seconds",
		"When the present state was first seen, in Unix time.",
		"", "gateway", "session")
	qrDisconnects = qrTable.counter("whatsapp_qr_session_disconnects_total",
		"How often the session was seen connected and then not, over restarts.",
		"", "gateway", "session")
)

var qrSessions = subject[*channels]{&qrTable, buildQRSessions}

func buildQRSessions(b *builder, c *channels) {
	for _, s := range c.sessions {
		gateway, session := pair("gateway", s.Gateway), pair("session", s.Name)
		if connected, known := s.Connected(); known {
			b.flag(qrConnected, connected, gateway, session)
		}
		enumOf(b, qrState, s.State, gateway, session)
		b.timestamp(qrChanged, s.ChangedAt, gateway, session)
		b.counter(qrDisconnects, float64(s.Disconnects), gateway, session)
	}
}
