package main

import (
	"sync"
	"time"

	"github.com/go-kit/log"
	"github.com/go-kit/log/level"

	"whatsapp_sla_exporter/alerts"
	"whatsapp_sla_exporter/collector"
	"whatsapp_sla_exporter/config"
	"whatsapp_sla_exporter/internal/discovery"
)

// alertmanagers keep those of the sidecar what the configuration and discovery say.
type alertmanagers struct {
	sidecar   *alerts.Sidecar
	discovery *discovery.Discoverer
	log       log.Logger

	mu     sync.Mutex
	config alerts.Config // but for the Alertmanagers
	access alerts.Access
}

// sidecarConfig is what a configuration asks of the sidecar, but for where its Alertmanagers are.
func sidecarConfig(c *config.Config) (alerts.Config, alerts.Access, error) {
	out := alerts.Config{StaleAfter: time.Duration(c.Global.StaleAfter)}
	am := c.Alertmanager
	if am == nil {
		return out, alerts.Access{}, nil
	}
	client, err := config.NewHTTPClient(am.HTTPConfig, "alertmanager")
	if err != nil {
		return out, alerts.Access{}, err
	}
	out.RunbookBase, out.ResendInterval = am.RunbookURL, time.Duration(am.ResendInterval)
	return out, alerts.Access{
		Scheme: am.Scheme, PathPrefix: am.PathPrefix, Relabel: am.RelabelConfigs, Client: client, Timeout: time.Duration(am.Timeout),
	}, nil
}

// discoveryConfig says where the Alertmanagers are to be found: nowhere where there is no sidecar.
func discoveryConfig(am *config.Alertmanager) (out discovery.Config) {
	if am == nil {
		return out
	}
	for _, s := range am.StaticConfigs {
		out.Static = append(out.Static, discovery.Group(s))
	}
	for _, f := range am.FileSDConfigs {
		out.Files = append(out.Files, discovery.Files{Patterns: f.Files, RefreshInterval: time.Duration(f.RefreshInterval)})
	}
	for _, d := range am.DNSSDConfigs {
		out.DNS = append(out.DNS, discovery.DNS{
			Names: d.Names, Type: d.Type, Port: d.Port, RefreshInterval: time.Duration(d.RefreshInterval),
		})
	}
	return out
}

// configure puts a configuration in force.
func (a *alertmanagers) configure(c alerts.Config, access alerts.Access, where discovery.Config) {
	a.mu.Lock()
	defer a.mu.Unlock()
	a.config, a.access = c, access
	a.discovery.Configure(where)
	a.tell()
}

// found takes what discovery found by itself.
func (a *alertmanagers) found() {
	a.mu.Lock()
	defer a.mu.Unlock()
	a.tell()
}

// tell gives the sidecar the Alertmanagers of now. It needs the lock, so that an old list never follows a new one.
func (a *alertmanagers) tell() {
	var err error
	c := a.config
	if c.Alertmanagers, err = a.access.Endpoints(a.discovery.Targets()); err != nil {
		level.Error(a.log).Log("msg", "some alertmanagers are not told of alerts", "err", err)
	}
	a.sidecar.Configure(c)
}

// watch tells the sidecar of every poll, because it may have changed the tickets, and passes it on.
type watch struct {
	*collector.Instrumentation
	changed chan struct{}
}

func (w *watch) Polled(source, kind string, at time.Time, took time.Duration, err error) {
	w.Instrumentation.Polled(source, kind, at, took, err)
	w.tell()
}

// tell wakes the sidecar.
func (w *watch) tell() {
	select {
	case w.changed <- struct{}{}:
	default:
	}
}
