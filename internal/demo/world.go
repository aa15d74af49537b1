// Package demo is the world that the demo command shows: simulators of the upstream APIs, a scenario that happens
// in minutes, and a configuration that reads them. What happens follows from the instant at which the demo was
// first started, so that a demo that was killed goes on where it would be by now.
package demo

import (
	"net/http"
	"sync"
	"time"

	"whatsapp_sla_exporter/internal/simulator/botmaker"
	"whatsapp_sla_exporter/internal/simulator/chatwoot"
	"whatsapp_sla_exporter/internal/simulator/dialog360"
	"whatsapp_sla_exporter/internal/simulator/evolution"
	"whatsapp_sla_exporter/internal/simulator/gowa"
	"whatsapp_sla_exporter/internal/simulator/graph"
	"whatsapp_sla_exporter/internal/simulator/infobip"
	"whatsapp_sla_exporter/internal/simulator/metastatus"
	"whatsapp_sla_exporter/internal/simulator/statuspage"
	"whatsapp_sla_exporter/internal/simulator/twilio"
	"whatsapp_sla_exporter/internal/simulator/waha"
	"whatsapp_sla_exporter/internal/simulator/webhook"
	"whatsapp_sla_exporter/internal/simulator/zendesk"
)

// world is the simulators and the clock that they live by.
type world struct {
	graph     *graph.Server
	dialog360 *dialog360.Server
	twilio    *twilio.Server
	infobip   *infobip.Server
	botmaker  *botmaker.Server

	metastatus *metastatus.Server
	statuspage *statuspage.Server // of 360dialog

	waha      *waha.Server
	evolution *evolution.Server
	gowa      *gowa.Server

	zendesk  *zendesk.Server
	chatwoot *chatwoot.Server

	// happening is held while an event happens, so that no request sees the clock of another instant.
	happening sync.RWMutex

	mu  sync.Mutex
	now func() time.Time
	// at is the instant of the event that is happening; zero between events.
	at time.Time
	// untold is what the webhooks of Meta have still to tell, hints those of Zendesk.
	untold []webhook.Change
	hints  []hint
}

func newWorld(now func() time.Time) *world {
	w := &world{now: now}
	w.graph = graph.New(graph.Options{Now: w.time})
	w.dialog360 = dialog360.New(dialog360.Options{PartnerID: partnerID, PartnerKey: partnerKey, Now: w.time, Limit: 5})
	w.twilio = twilio.New(twilio.Options{User: twilioUser, Password: twilioSecret, Now: w.time})
	w.infobip = infobip.New(infobipKey, 10, w.time)
	w.botmaker = botmaker.New(botmakerToken, 20, w.time)
	w.metastatus = metastatus.New(w.time)
	w.statuspage = statuspage.New("360dialog", w.time)
	w.waha = waha.New(wahaKey, w.time)
	w.evolution = evolution.New(evolutionKey, w.time)
	w.gowa = gowa.New(gowaUser, gowaPassword, w.time)
	w.zendesk = newZendesk(w.time)
	w.chatwoot = chatwoot.New(chatwoot.Options{Tokens: []string{chatwootToken}, Now: w.time})
	return w
}

func newZendesk(now func() time.Time) *zendesk.Server {
	return zendesk.New(zendesk.Options{
		Now:         now,
		Credentials: []zendesk.Credential{{Email: zendeskEmail, Token: zendeskToken, Role: zendesk.Admin}},
		Policies: []zendesk.Policy{{
			ID: 1, Title: "Shop", Tag: "shop", Targets: map[string]map[string]time.Duration{
				"high":   {"first_reply_time": 20 * time.Minute},
				"normal": {"first_reply_time": time.Hour, "requester_wait_time": 8 * time.Hour},
			},
		}},
		// Zendesk leaves changes out of its export and its index for a minute: too long for a demo.
		ExportDelay: time.Second, IndexDelay: time.Second,
	})
}

// handlers are the simulators, by the names that the configuration calls them.
func (w *world) handlers() map[string]http.Handler {
	return map[string]http.Handler{
		"graph": w.graph, "dialog360": w.dialog360, "twilio": w.twilio, "infobip": w.infobip, "botmaker": w.botmaker,
		"metastatus": w.metastatus, "statuspage": w.statuspage,
		"waha": w.waha, "evolution": w.evolution, "gowa": w.gowa,
		"zendesk": w.zendesk, "chatwoot": w.chatwoot,
	}
}

// between answers requests between events only. A simulator that hangs would stop the scenario, so that none is told to.
func (w *world) between(h http.Handler) http.Handler {
	return http.HandlerFunc(func(rw http.ResponseWriter, r *http.Request) {
		w.happening.RLock()
		defer w.happening.RUnlock()
		h.ServeHTTP(rw, r)
	})
}

// time is now, or the instant of an event that is made to have happened.
func (w *world) time() time.Time {
	w.mu.Lock()
	defer w.mu.Unlock()
	if w.at.IsZero() {
		return w.now()
	}
	return w.at
}

// happen lets an event happen at an instant, which may be long past.
func (w *world) happen(at time.Time, do func(*world) error) error {
	w.happening.Lock()
	defer w.happening.Unlock()
	w.setTime(at)
	defer w.setTime(time.Time{})
	return do(w)
}

func (w *world) setTime(at time.Time) {
	w.mu.Lock()
	defer w.mu.Unlock()
	w.at = at
}
