package main

import (
	"fmt"
	"os"
	"strings"
	"time"

	"github.com/go-kit/log"
	promconfig "github.com/prometheus/common/config"

	"whatsapp_sla_exporter/config"
	"whatsapp_sla_exporter/internal/helpdesk"
	"whatsapp_sla_exporter/internal/helpdesk/zendesk"
	"whatsapp_sla_exporter/internal/poll"
	"whatsapp_sla_exporter/internal/upstream"
	"whatsapp_sla_exporter/internal/whatsapp"
	"whatsapp_sla_exporter/internal/whatsapp/graph"
)

// helpdeskClients makes the client of each type of helpdesk: a new one is one line here, and its name in
// config.HelpdeskTypes.
var helpdeskClients = map[string]func(*config.Helpdesk, *helpdesk.Mapper, parts) (poll.HelpdeskClient, error){
	"zendesk": newZendesk,
}

// accountClients makes the client of each provider: a new one is one line here, and its name in config.Providers.
var accountClients = map[string]func(*config.Account, whatsapp.LimitScope, parts) (poll.AccountClient, error){
	"meta": newGraph,
}

// parts are what every client is made of.
type parts struct {
	upstream upstream.Options
	logger   log.Logger
	now      func() time.Time
}

// newParts prepares the way to one source: its HTTP client with its credentials, its limits, its observer.
func newParts(name, url string, h promconfig.HTTPClientConfig, global config.Global, o upstream.Observer, logger log.Logger, now func() time.Time) (parts, error) {
	client, err := config.NewHTTPClient(h, name)
	if err != nil {
		return parts{}, err
	}
	return parts{
		upstream: upstream.Options{
			BaseURL: url, HTTP: client, Timeout: time.Duration(global.Timeout), Observer: o, Now: now,
		},
		logger: log.With(logger, "source", name),
		now:    now,
	}, nil
}

func newZendesk(h *config.Helpdesk, m *helpdesk.Mapper, p parts) (poll.HelpdeskClient, error) {
	return zendesk.New(zendesk.Options{
		Upstream: p.upstream, Lookback: time.Duration(h.Lookback), KeepField: m.UsesField, Now: p.now, Logger: p.logger,
	})
}

func newGraph(a *config.Account, scope whatsapp.LimitScope, p parts) (poll.AccountClient, error) {
	return graph.New(graph.Options{
		Account: a.Name, Upstream: p.upstream, Version: a.APIVersion, WABAIDs: a.WABAIDs, PortfolioID: a.PortfolioID,
		Token: bearerToken(a.HTTPConfig), LimitScope: scope, Now: p.now, Logger: p.logger,
	})
}

// bearerToken reads the token of an http_config block, for the one endpoint that takes it as a parameter: the one
// that tells when it expires. Nil where the block has no bearer token.
func bearerToken(h promconfig.HTTPClientConfig) func() (string, error) {
	a := h.Authorization
	switch {
	case a == nil:
		return nil
	case a.CredentialsFile != "":
		return func() (string, error) {
			raw, err := os.ReadFile(a.CredentialsFile)
			if err != nil {
				return "", fmt.Errorf("reading the token: %w", err)
			}
			return strings.TrimSpace(string(raw)), nil
		}
	case a.CredentialsRef != "":
		return func() (string, error) { return config.Secret(a.CredentialsRef) }
	}
	return nil
}
