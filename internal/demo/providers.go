package demo

import (
	"time"

	"whatsapp_sla_exporter/internal/simulator/botmaker"
	"whatsapp_sla_exporter/internal/simulator/dialog360"
	"whatsapp_sla_exporter/internal/simulator/fault"
	"whatsapp_sla_exporter/internal/simulator/infobip"
	"whatsapp_sla_exporter/internal/simulator/twilio"
)

// providerEvents are what happens to the numbers that are read through providers: quality falls and recovers, a limit
// grows, a number goes offline, and two of the APIs fail, one for half a minute and one until its facts are stale.
func providerEvents() []event {
	travel := func(after time.Duration, quality string) event {
		return when(after, func(w *world) { w.dialog360.Set(travelChannel(quality)) })
	}
	courier := func(after time.Duration, status, quality string, reasons ...string) event {
		return when(after, func(w *world) { w.twilio.Set(courierSender(status, quality, reasons...)) })
	}
	clinic := func(after time.Duration, limit string) event {
		return when(after, func(w *world) { w.infobip.Set(clinicSender(limit)) })
	}
	gym := func(after time.Duration, active bool) event {
		return when(after, func(w *world) { w.botmaker.Set(gymChannel(active)) })
	}
	return []event{
		travel(m, "Medium"), travel(4*m, "Low"), travel(6*m, "Medium"), travel(7*m, "High"),

		courier(5*m, "ONLINE", "MEDIUM"), courier(7*m, "ONLINE", "HIGH"),
		courier(10*m, "OFFLINE", "HIGH", "63112"), courier(10*m+30*time.Second, "ONLINE", "HIGH"),
		when(11*m, func(w *world) { w.twilio.Fail(fault.Fault{Kind: fault.ServerError}) }),
		when(13*m+30*time.Second, func(w *world) { w.twilio.Heal() }),

		clinic(0, "LIMIT_2K"), clinic(5*m, "LIMIT_10K"),
		when(8*m, func(w *world) { w.infobip.Fail(fault.Fault{Kind: fault.Unavailable}) }),
		when(8*m+30*time.Second, func(w *world) { w.infobip.Heal() }),

		gym(2*m, false), gym(4*m, true),
	}
}

// furnishProviders sets up an account at each, with a number or two.
func furnishProviders(w *world) {
	w.dialog360.Set(travelChannel("High"))
	w.dialog360.Set(dialog360.Channel{
		ID: "Tr0002CH", Status: "ready", HubStatus: "running", Quality: "High", Limit: "TIER_250", Number: "34600330002",
		Name: "Travel agents", WABAID: "9101", WABAStatus: "approved",
	})
	w.twilio.Set(courierSender("ONLINE", "HIGH"))
	w.infobip.Set(clinicSender("LIMIT_2K"))
	w.botmaker.Set(gymChannel(true))
}

func travelChannel(quality string) dialog360.Channel {
	return dialog360.Channel{
		ID: "Tr0001CH", Status: "ready", HubStatus: "running", Quality: quality, Limit: "TIER_10K", Number: "34600330001",
		Name: "Travel bookings", WABAID: "9101", WABAStatus: "approved",
	}
}

func courierSender(status, quality string, reasons ...string) twilio.Sender {
	return twilio.Sender{
		SID: "XE00000000000000000000000000000001", Number: "+34600440001", Status: status, Quality: quality,
		Limit: "10K Customers/24hr", WABAID: "9201", Name: "Courier", Reasons: reasons,
	}
}

// clinicNumber is named in the configuration: Infobip has no list.
const clinicNumber = "34600550001"

func clinicSender(limit string) infobip.Sender {
	return infobip.Sender{Number: clinicNumber, Quality: "HIGH", Status: "CONNECTED", Limit: limit}
}

func gymChannel(active bool) botmaker.Channel {
	return botmaker.Channel{ID: "demogym-whatsapp-34600660001", Platform: "whatsapp", Name: "Gym", Number: "34600660001", Active: active}
}
