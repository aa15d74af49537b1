package collector

import (
	"testing"
	"time"

	"whatsapp_sla_exporter/internal/diagnosis"
	"whatsapp_sla_exporter/internal/platform"
	"whatsapp_sla_exporter/internal/qr"
)

// surroundings are pages, sessions and diagnoses that stand still.
type surroundings struct {
	pages    []*platform.Page
	sessions []*qr.Session
	causes   []diagnosis.Diagnosis
}

func (s surroundings) Pages() []*platform.Page                   { return s.pages }
func (s surroundings) Sessions() []*qr.Session                   { return s.sessions }
func (s surroundings) Diagnoses(time.Time) []diagnosis.Diagnosis { return s.causes }

func ofChannels(s surroundings) *ChannelCollector {
	return NewChannels(s, func() time.Duration { return 5 * time.Minute }, at(noon))
}

func TestPlatformStatus(t *testing.T) {
	expect(t, ofChannels(surroundings{pages: []*platform.Page{
		{Name: "meta", ReadAt: noon, Dropped: 2, Services: []platform.Service{{Name: "Cloud API", State: platform.MajorOutage}}},
		{Name: "old", ReadAt: noon.Add(-time.Hour), Services: []platform.Service{{Name: "x", State: platform.Operational}}},
	}}), `
	# TYPE whatsapp_platform_status gauge
	whatsapp_platform_status{page="meta",service="Cloud API",state="degraded"} 0
	whatsapp_platform_status{page="meta",service="Cloud API",state="maintenance"} 0
	whatsapp_platform_status{page="meta",service="Cloud API",state="major_outage"} 1
	whatsapp_platform_status{page="meta",service="Cloud API",state="operational"} 0
	whatsapp_platform_status{page="meta",service="Cloud API",state="partial_outage"} 0
	whatsapp_platform_status{page="meta",service="Cloud API",state="unknown"} 0
	# TYPE whatsapp_platform_services_dropped gauge
	whatsapp_platform_services_dropped{page="meta"} 2
	`, &platformTable)
}

func TestQRSessions(t *testing.T) {
	expect(t, ofChannels(surroundings{sessions: []*qr.Session{
		{Name: "reach", Gateway: "waha", ReadAt: noon, State: qr.ScanQR, ChangedAt: noon, Disconnects: 3},
	}}), `
	# TYPE whatsapp_qr_session_connected gauge
	whatsapp_qr_session_connected{gateway="waha",session="reach"} 0
	# TYPE whatsapp_qr_session_disconnects_total counter
	whatsapp_qr_session_disconnects_total{gateway="waha",session="reach"} 3
	# TYPE whatsapp_qr_session_state gauge
	whatsapp_qr_session_state{gateway="waha",session="reach",state="blocked"} 0
	whatsapp_qr_session_state{gateway="waha",session="reach",state="connected"} 0
	whatsapp_qr_session_state{gateway="waha",session="reach",state="connecting"} 0
	whatsapp_qr_session_state{gateway="waha",session="reach",state="disconnected"} 0
	whatsapp_qr_session_state{gateway="waha",session="reach",state="failed"} 0
	whatsapp_qr_session_state{gateway="waha",session="reach",state="logged_out"} 0
	whatsapp_qr_session_state{gateway="waha",session="reach",state="scan_qr"} 1
	whatsapp_qr_session_state{gateway="waha",session="reach",state="stopped"} 0
	whatsapp_qr_session_state{gateway="waha",session="reach",state="unknown"} 0
	# TYPE whatsapp_qr_session_state_changed_timestamp_seconds gauge
	whatsapp_qr_session_state_changed_timestamp_seconds{gateway="waha",session="reach"} 1.7724528e+09
	`, &qrTable)
}

func TestASessionThatTellsNothingIsNeitherConnectedNorNot(t *testing.T) {
	c := ofChannels(surroundings{sessions: []*qr.Session{{Name: "reach", Gateway: "waha", ReadAt: noon, State: qr.Unknown}}})
	for _, f := range gather(t, c) {
		if f.GetName() == "whatsapp_qr_session_connected" {
			t.Error("an unknown state became a number")
		}
	}
}

func TestDiagnoses(t *testing.T) {
	expect(t, ofChannels(surroundings{causes: []diagnosis.Diagnosis{
		{Account: "acme", Causes: []diagnosis.Cause{diagnosis.PlatformOutage, diagnosis.NumberBanned}},
	}}), `
	# TYPE whatsapp_diagnosis gauge
	whatsapp_diagnosis{account="acme",cause="account_restricted"} 0
	whatsapp_diagnosis{account="acme",cause="none_found"} 0
	whatsapp_diagnosis{account="acme",cause="number_banned"} 1
	whatsapp_diagnosis{account="acme",cause="platform_outage"} 1
	whatsapp_diagnosis{account="acme",cause="session_disconnected"} 0
	whatsapp_diagnosis{account="acme",cause="upstream_unreadable"} 0
	`, &diagnosisTable)
}
