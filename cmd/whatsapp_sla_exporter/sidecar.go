package main

import (
	"net/url"
	"path"
	"time"

	"whatsapp_sla_exporter/alerts"
	"whatsapp_sla_exporter/collector"
	"whatsapp_sla_exporter/config"
)

// sidecarConfig is what a configuration asks of the sidecar: nothing where it has no Alertmanager.
func sidecarConfig(c *config.Config) (alerts.Config, error) {
	out := alerts.Config{StaleAfter: time.Duration(c.Global.StaleAfter)}
	am := c.Alertmanager
	if am == nil {
		return out, nil
	}
	client, err := config.NewHTTPClient(am.HTTPConfig, "alertmanager")
	if err != nil {
		return out, err
	}
	out.RunbookBase, out.ResendInterval = am.RunbookURL, time.Duration(am.ResendInterval)
	for _, s := range am.StaticConfigs {
		for _, target := range s.Targets {
			out.Alertmanagers = append(out.Alertmanagers, alerts.Endpoint{
				URL:    &url.URL{Scheme: am.Scheme, Host: target, Path: path.Join("/", am.PathPrefix, "api/v2/alerts")},
				Client: client, Timeout: time.Duration(am.Timeout),
			})
		}
	}
	return out, nil
}

// watch tells the sidecar of every poll, because it may have changed the tickets, and passes it on.
type watch struct {
	*collector.Instrumentation
	changed chan struct{}
}

func (w *watch) Polled(source, kind string, at time.Time, took time.Duration, err error) {
	w.Instrumentation.Polled(source, kind, at, took, err)
	select {
	case w.changed <- struct{}{}:
	default:
	}
}
