package main

import (
	"cmp"
	"fmt"
	"os"
	"regexp"
	"strings"
	"time"

	"github.com/go-kit/log"
	promconfig "github.com/prometheus/common/config"

	"whatsapp_sla_exporter/config"
	"whatsapp_sla_exporter/internal/helpdesk"
	"whatsapp_sla_exporter/internal/helpdesk/chatwoot"
	"whatsapp_sla_exporter/internal/helpdesk/declarative"
	"whatsapp_sla_exporter/internal/helpdesk/freshdesk"
	"whatsapp_sla_exporter/internal/helpdesk/intercom"
	"whatsapp_sla_exporter/internal/helpdesk/jira"
	"whatsapp_sla_exporter/internal/helpdesk/rt"
	"whatsapp_sla_exporter/internal/helpdesk/zammad"
	"whatsapp_sla_exporter/internal/helpdesk/zendesk"
	"whatsapp_sla_exporter/internal/platform"
	"whatsapp_sla_exporter/internal/platform/metastatus"
	"whatsapp_sla_exporter/internal/platform/statuspage"
	"whatsapp_sla_exporter/internal/poll"
	"whatsapp_sla_exporter/internal/qr"
	"whatsapp_sla_exporter/internal/qr/evolution"
	"whatsapp_sla_exporter/internal/qr/gowa"
	"whatsapp_sla_exporter/internal/qr/waha"
	"whatsapp_sla_exporter/internal/sla"
	"whatsapp_sla_exporter/internal/state"
	"whatsapp_sla_exporter/internal/upstream"
	"whatsapp_sla_exporter/internal/whatsapp"
	"whatsapp_sla_exporter/internal/whatsapp/botmaker"
	"whatsapp_sla_exporter/internal/whatsapp/dialog360"
	"whatsapp_sla_exporter/internal/whatsapp/graph"
	"whatsapp_sla_exporter/internal/whatsapp/infobip"
	"whatsapp_sla_exporter/internal/whatsapp/provider"
	"whatsapp_sla_exporter/internal/whatsapp/twilio"
)

// helpdeskClients makes the client of each type of helpdesk: a new one is one line here, and its name in
// config.HelpdeskTypes.
var helpdeskClients = map[string]func(*config.Helpdesk, *helpdesk.Mapper, parts) (poll.HelpdeskClient, error){
	"chatwoot":        newChatwoot,
	"declarative":     newDeclarative,
	"freshdesk":       newFreshdesk,
	"front":           newDeclarative,
	"glpi":            newDeclarative,
	"hubspot":         newDeclarative,
	"intercom":        newIntercom,
	"jira":            newJira,
	"request_tracker": newRequestTracker,
	"servicenow":      newDeclarative,
	"zammad":          newZammad,
	"zendesk":         newZendesk,
	"zoho_desk":       newDeclarative,
}

// accountClients makes the client of each provider: a new one is one line here, and its name in config.Providers.
var accountClients = map[string]func(*config.Account, whatsapp.LimitScope, parts) (poll.Reader[whatsapp.Account], error){
	"meta":      newGraph,
	"360dialog": newDialog360,
	"botmaker":  newBotmaker,
	"infobip":   newInfobip,
	"twilio":    newTwilio,
}

// statusPageClients makes the client of each type of status page, with its name in config.StatusPageTypes.
var statusPageClients = map[string]func(name string, services *regexp.Regexp, p parts) (poll.Reader[platform.Page], error){
	"metastatus": func(name string, _ *regexp.Regexp, p parts) (poll.Reader[platform.Page], error) {
		return metastatus.New(metastatus.Options{Name: name, Upstream: p.upstream, Now: p.now, Logger: p.logger})
	},
	"statuspage": func(name string, services *regexp.Regexp, p parts) (poll.Reader[platform.Page], error) {
		return statuspage.New(statuspage.Options{Name: name, Upstream: p.upstream, Services: services, Now: p.now, Logger: p.logger})
	},
}

// sessionClients makes the client of each gateway, with its name in config.QRGateways.
var sessionClients = map[string]func(*config.QRSession, parts) (poll.Reader[qr.Session], error){
	"waha": func(q *config.QRSession, p parts) (poll.Reader[qr.Session], error) {
		return waha.New(waha.Options{Name: q.Name, Upstream: p.upstream, Session: q.Session, Now: p.now, Logger: p.logger})
	},
	"evolution": func(q *config.QRSession, p parts) (poll.Reader[qr.Session], error) {
		return evolution.New(evolution.Options{Name: q.Name, Upstream: p.upstream, Session: q.Session, Now: p.now, Logger: p.logger})
	},
	"gowa": func(q *config.QRSession, p parts) (poll.Reader[qr.Session], error) {
		return gowa.New(gowa.Options{Name: q.Name, Upstream: p.upstream, Session: q.Session, Now: p.now, Logger: p.logger})
	},
}

// parts are what every client is made of.
type parts struct {
	upstream upstream.Options
	store    *state.Store
	logger   log.Logger
	now      func() time.Time
}

// parts prepares the way to one source: its HTTP client with its credentials, its limits, its observer.
func (b *builder) parts(name, kind, url string, h promconfig.HTTPClientConfig, global config.Global) (parts, error) {
	client, err := config.NewHTTPClient(h, name)
	if err != nil {
		return parts{}, err
	}
	return parts{
		upstream: upstream.Options{
			BaseURL: url, HTTP: client, Timeout: time.Duration(global.Timeout), Observer: b.self.Source(name, kind), Now: b.now,
		},
		store:  b.store,
		logger: log.With(b.log, "source", name),
		now:    b.now,
	}, nil
}

func newZendesk(h *config.Helpdesk, m *helpdesk.Mapper, p parts) (poll.HelpdeskClient, error) {
	return zendesk.New(zendesk.Options{
		Upstream: p.upstream, Lookback: time.Duration(h.Lookback), KeepField: m.UsesField,
		Name: h.Name, Store: p.store, Now: p.now, Logger: p.logger,
	})
}

func newChatwoot(h *config.Helpdesk, m *helpdesk.Mapper, p parts) (poll.HelpdeskClient, error) {
	return chatwoot.New(chatwoot.Options{
		Upstream: p.upstream, Lookback: time.Duration(h.Lookback), KeepField: m.UsesField, Now: p.now, Logger: p.logger,
	})
}

func newFreshdesk(h *config.Helpdesk, m *helpdesk.Mapper, p parts) (poll.HelpdeskClient, error) {
	return freshdesk.New(freshdesk.Options{
		Upstream: p.upstream, Lookback: time.Duration(h.Lookback), KeepField: m.UsesField, Statuses: statuses(h),
		Now: p.now, Logger: p.logger,
	})
}

func newIntercom(h *config.Helpdesk, m *helpdesk.Mapper, p parts) (poll.HelpdeskClient, error) {
	return intercom.New(intercom.Options{
		Upstream: p.upstream, Lookback: time.Duration(h.Lookback), KeepField: m.UsesField, Now: p.now, Logger: p.logger,
	})
}

func newJira(h *config.Helpdesk, m *helpdesk.Mapper, p parts) (poll.HelpdeskClient, error) {
	return jira.New(jira.Options{
		Upstream: p.upstream, JQL: h.JQL, Lookback: time.Duration(h.Lookback), KeepField: m.UsesField,
		Now: p.now, Logger: p.logger,
	})
}

func newZammad(h *config.Helpdesk, m *helpdesk.Mapper, p parts) (poll.HelpdeskClient, error) {
	return zammad.New(zammad.Options{
		Upstream: p.upstream, Lookback: time.Duration(h.Lookback), KeepField: m.UsesField, Now: p.now, Logger: p.logger,
	})
}

func newRequestTracker(h *config.Helpdesk, m *helpdesk.Mapper, p parts) (poll.HelpdeskClient, error) {
	return rt.New(rt.Options{
		Upstream: p.upstream, Lookback: time.Duration(h.Lookback), KeepField: m.UsesField, Statuses: statuses(h),
		Now: p.now, Logger: p.logger,
	})
}

// statuses are what the installation's own statuses mean.
func statuses(h *config.Helpdesk) map[string]sla.Status {
	out := make(map[string]sla.Status, len(h.Statuses))
	for word, status := range h.Statuses {
		out[strings.ToLower(word)] = sla.Status(status)
	}
	return out
}

// newDeclarative makes the client of a profile: a shipped one by the name of the type, or the operator's own.
func newDeclarative(h *config.Helpdesk, m *helpdesk.Mapper, p parts) (poll.HelpdeskClient, error) {
	profile, err := declarative.Load(cmp.Or(h.ProfileFile, h.Type))
	if err != nil {
		return nil, err
	}
	zone, err := time.LoadLocation(h.TimeZone)
	if err != nil {
		return nil, err
	}
	return declarative.New(declarative.Options{
		Profile: profile, Upstream: p.upstream, Lookback: time.Duration(h.Lookback), Zone: zone, KeepField: m.UsesField,
		Fields: h.Fields, Now: p.now, Logger: p.logger,
	})
}

func newGraph(a *config.Account, scope whatsapp.LimitScope, p parts) (poll.Reader[whatsapp.Account], error) {
	return graph.New(graph.Options{
		Account: a.Name, Upstream: p.upstream, Version: a.APIVersion, WABAIDs: a.WABAIDs, PortfolioID: a.PortfolioID,
		Token: bearerToken(a.HTTPConfig), LimitScope: scope, Now: p.now, Logger: p.logger,
	})
}

func providerOptions(a *config.Account, scope whatsapp.LimitScope, p parts) provider.Options {
	return provider.Options{Account: a.Name, Upstream: p.upstream, LimitScope: scope, Now: p.now, Logger: p.logger}
}

func newDialog360(a *config.Account, scope whatsapp.LimitScope, p parts) (poll.Reader[whatsapp.Account], error) {
	return dialog360.New(dialog360.Options{Options: providerOptions(a, scope, p), PartnerID: a.PartnerID})
}

func newBotmaker(a *config.Account, scope whatsapp.LimitScope, p parts) (poll.Reader[whatsapp.Account], error) {
	return botmaker.New(providerOptions(a, scope, p))
}

func newInfobip(a *config.Account, scope whatsapp.LimitScope, p parts) (poll.Reader[whatsapp.Account], error) {
	return infobip.New(infobip.Options{Options: providerOptions(a, scope, p), Senders: a.Senders})
}

func newTwilio(a *config.Account, scope whatsapp.LimitScope, p parts) (poll.Reader[whatsapp.Account], error) {
	return twilio.New(providerOptions(a, scope, p))
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
