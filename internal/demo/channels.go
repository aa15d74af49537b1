package demo

import (
	"time"

	"whatsapp_sla_exporter/internal/simulator/gowa"
	"whatsapp_sla_exporter/internal/simulator/metastatus"
	"whatsapp_sla_exporter/internal/simulator/waha"
)

// pageEvents are what the platforms admit: Meta an outage, and 360dialog maintenance and later an incident of its own.
func pageEvents() []event {
	meta := func(after time.Duration, phrase string) event {
		return when(after, func(w *world) { w.metastatus.Set(metastatus.WhatsApp, "Cloud API", phrase) })
	}
	dialog360 := func(after time.Duration, name, status string) event {
		return when(after, func(w *world) { w.statuspage.Set(pageGroup, name, status) })
	}
	return []event{
		meta(6*m, "Some disruption"), meta(7*m, "Major outage"), meta(10*m, "Resolved"),
		dialog360(2*m, "Hub", "under_maintenance"), dialog360(4*m, "Hub", "operational"),
		dialog360(11*m, "Messaging", "degraded_performance"), dialog360(12*m, "Messaging", "partial_outage"),
		dialog360(13*m, "Messaging", "operational"),
	}
}

const pageGroup = "WhatsApp API"

func furnishPages(w *world) {
	for _, name := range []string{"Messaging", "Webhooks", "Hub"} {
		w.statuspage.Set(pageGroup, name, "operational")
	}
}

// sessionEvents are what happens to the QR sessions: the phone of one goes offline and must be linked again, one
// reconnects by itself and is logged out later, and one loses its connection.
func sessionEvents() []event {
	reach := func(after time.Duration, status string) event {
		return when(after, func(w *world) { w.waha.SetStatus("default", status) })
	}
	open := func(w *world) { w.evolution.Open(frontDesk, "34600550002", "Clinic") }
	return []event{
		reach(3*m, waha.ScanQR), reach(9*m, waha.Working),

		when(m, func(w *world) { w.evolution.Reconnect(frontDesk) }), when(90*time.Second, open),
		when(10*m, func(w *world) { w.evolution.Close(frontDesk, 401) }),
		when(11*m, func(w *world) { w.evolution.ShowQR(frontDesk) }), when(12*m, open),

		when(12*m, func(w *world) { w.gowa.Set(ridersPhone(false)) }), when(14*m, func(w *world) { w.gowa.Set(ridersPhone(true)) }),
	}
}

// The names of the sessions at their gateways, which the configuration uses.
const (
	frontDesk = "front-desk" // of Evolution API
	riders    = "riders"     // of go-whatsapp-web-multidevice
)

func furnishSessions(w *world) {
	w.waha.Set(waha.Session{Name: "default", Status: waha.Working})
	w.evolution.Create(frontDesk, "demo-instance-token")
	w.evolution.Open(frontDesk, "34600550002", "Clinic")
	w.gowa.Set(ridersPhone(true))
}

func ridersPhone(connected bool) gowa.Device {
	return gowa.Device{ID: riders, Number: "34600440002", DisplayName: "Riders", Connected: connected, LoggedIn: connected}
}
