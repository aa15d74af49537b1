// Package demo is the world that the demo command shows: simulators of the upstream APIs, a scenario that happens
// in minutes, and a configuration that reads them. What happens follows from the instant at which the demo was
// first started, so that a demo that was killed goes on where it would be by now.
package demo

import (
	"errors"
	"fmt"
	"net"
	"net/http"
	"sync"
	"time"

	"whatsapp_sla_exporter/internal/simulator/graph"
	"whatsapp_sla_exporter/internal/simulator/metastatus"
	"whatsapp_sla_exporter/internal/simulator/waha"
	"whatsapp_sla_exporter/internal/simulator/webhook"
	"whatsapp_sla_exporter/internal/simulator/zendesk"
)

// The credentials of the simulators. They open nothing else.
const (
	graphToken   = "demo-graph-token"
	zendeskToken = "demo-zendesk-token"
	zendeskEmail = "ops@demo.example"
	wahaKey      = "demo-waha-key"
)

// world is the simulators and the clock that they live by.
type world struct {
	graph      *graph.Server
	metastatus *metastatus.Server
	waha       *waha.Server
	zendesk    *zendesk.Server

	mu  sync.Mutex
	now func() time.Time
	// at is the instant of the event that is happening; zero between events.
	at time.Time
	// untold is what webhooks have still to tell.
	untold []webhook.Change
}

func newWorld(now func() time.Time) *world {
	w := &world{now: now}
	w.graph = graph.New(graph.Options{Now: w.time})
	w.metastatus = metastatus.New(w.time)
	w.waha = waha.New(wahaKey, w.time)
	w.zendesk = zendesk.New(zendesk.Options{
		Now: w.time,
		Credentials: []zendesk.Credential{
			{Email: zendeskEmail, Token: zendeskToken, Role: zendesk.Admin},
		},
		Policies: []zendesk.Policy{{
			ID: 1, Title: "Shop", Tag: "shop", Targets: map[string]map[string]time.Duration{
				"high":   {"first_reply_time": 20 * time.Minute},
				"normal": {"first_reply_time": time.Hour, "requester_wait_time": 8 * time.Hour},
			},
		}},
		// Zendesk leaves changes out of its export and its index for a minute: too long for a demo.
		ExportDelay: time.Second, IndexDelay: time.Second,
	})
	return w
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
	w.setTime(at)
	defer w.setTime(time.Time{})
	return do(w)
}

func (w *world) setTime(at time.Time) {
	w.mu.Lock()
	defer w.mu.Unlock()
	w.at = at
}

// server is one simulator on a port of its own.
type server struct {
	url  string
	http *http.Server
	done chan error
}

func serve(h http.Handler) (*server, error) {
	l, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		return nil, fmt.Errorf("listening for a simulator: %w", err)
	}
	s := &server{
		url: "http://" + l.Addr().String(), done: make(chan error, 1),
		http: &http.Server{Handler: h, ReadHeaderTimeout: 10 * time.Second},
	}
	go func() { s.done <- s.http.Serve(l) }()
	return s, nil
}

func (s *server) close() error {
	err := s.http.Close()
	if e := <-s.done; !errors.Is(e, http.ErrServerClosed) {
		err = errors.Join(err, e)
	}
	return err
}

// handlers are the simulators, by the names that the configuration calls them.
func (w *world) handlers() map[string]http.Handler {
	return map[string]http.Handler{
		"graph": w.graph, "metastatus": w.metastatus, "waha": w.waha, "zendesk": w.zendesk,
	}
}
