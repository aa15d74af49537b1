package main

import (
	"fmt"
	"time"

	"github.com/go-kit/log"
	"go.yaml.in/yaml/v3"

	"whatsapp_sla_exporter/collector"
	"whatsapp_sla_exporter/config"
	"whatsapp_sla_exporter/internal/helpdesk"
	"whatsapp_sla_exporter/internal/poll"
	"whatsapp_sla_exporter/internal/sla"
	"whatsapp_sla_exporter/internal/state"
	"whatsapp_sla_exporter/internal/tickets"
	"whatsapp_sla_exporter/internal/whatsapp/messaging"
)

// builder makes sources from a configuration.
type builder struct {
	store *state.Store
	self  *watch
	log   log.Logger
	now   func() time.Time
}

// specs are the sources that a configuration asks for.
func (b *builder) specs(c *config.Config) ([]spec, error) {
	var out []spec
	for i := range c.WhatsApp.Accounts {
		a := &c.WhatsApp.Accounts[i]
		print, err := fingerprint(a, c)
		if err != nil {
			return nil, err
		}
		out = append(out, spec{a.Name, a.Provider, print, func() (*source, error) { return b.account(a, c) }})
	}
	for i := range c.Helpdesks {
		h := &c.Helpdesks[i]
		print, err := fingerprint(h, c)
		if err != nil {
			return nil, err
		}
		out = append(out, spec{h.Name, h.Type, print, func() (*source, error) { return b.helpdesk(h, c) }})
	}
	return out, nil
}

// fingerprint tells whether a source's own section, or what all sources share, changed.
func fingerprint(section any, c *config.Config) (string, error) {
	raw, err := yaml.Marshal([]any{section, c.Global, c.Policies})
	if err != nil {
		return "", fmt.Errorf("comparing configurations: %w", err)
	}
	return string(raw), nil
}

func (b *builder) account(a *config.Account, c *config.Config) (*source, error) {
	policy, err := messaging.Parse(a.Policy, c.PolicySet.Messaging[a.Policy])
	if err != nil {
		return nil, err
	}
	p, err := newParts(a.Name, a.URL, a.HTTPConfig, c.Global, b.self.Source(a.Name, a.Provider), b.log, b.now)
	if err != nil {
		return nil, err
	}
	client, err := accountClients[a.Provider](a, policy.Limit.Scope.Value, p)
	if err != nil {
		return nil, fmt.Errorf("account %s: %w", a.Name, err)
	}
	tracker, err := messaging.NewTracker(b.store, messaging.Options{
		Account: a.Name, Policy: policy, EscalationPaths: a.EscalationPaths,
	})
	if err != nil {
		return nil, err
	}
	s := poll.NewAccount(a.Name, a.Provider, client, tracker, b.now)
	return &source{loop: b.loop(s, time.Duration(a.PollInterval)), account: s.Latest}, nil
}

func (b *builder) helpdesk(h *config.Helpdesk, c *config.Config) (*source, error) {
	mapper, err := helpdesk.NewMapper(h.RelabelConfigs, h.Policy)
	if err != nil {
		return nil, fmt.Errorf("helpdesk %s: %w", h.Name, err)
	}
	p, err := newParts(h.Name, h.URL, h.HTTPConfig, c.Global, b.self.Source(h.Name, h.Type), b.log, b.now)
	if err != nil {
		return nil, err
	}
	client, err := helpdeskClients[h.Type](h, mapper, p)
	if err != nil {
		return nil, fmt.Errorf("helpdesk %s: %w", h.Name, err)
	}
	book, err := tickets.NewBook(tickets.Options{
		Helpdesk: h.Name, Mapper: mapper, Clocks: clocks{c.PolicySet, h.Place}, Store: b.store, Urgent: h.MaxTicketSeries,
	})
	if err != nil {
		return nil, err
	}
	s := poll.NewHelpdesk(poll.HelpdeskOptions{
		Name: h.Name, Type: h.Type, Client: client, Book: book, Store: b.store,
		ReconcileEvery: time.Duration(h.ReconcileInterval), Now: b.now, Logger: b.log,
	})
	return &source{loop: b.loop(s, time.Duration(h.PollInterval)), tickets: book.Snapshot}, nil
}

func (b *builder) loop(s poll.Source, every time.Duration) *poll.Loop {
	return poll.NewLoop(s, poll.Options{Interval: every, Observer: b.self, Logger: b.log, Now: b.now})
}

// clocks finds the policies as they run at one place.
type clocks struct {
	set *config.PolicySet
	at  config.Place
}

func (c clocks) Clock(policy string) (tickets.Evaluator, bool) {
	clock, err := c.set.Clock(policy, c.at)
	if err != nil {
		return nil, false
	}
	return clock, true
}

// policyTargets are the promises of all policies in force, for the threshold metrics.
func policyTargets(set *config.PolicySet) []collector.PolicyTarget {
	var out []collector.PolicyTarget
	for _, name := range set.SLANames() {
		for _, severity := range set.SLA[name].Severities {
			for _, p := range severity.Promises {
				out = append(out, policyTarget(name, severity.Name, p))
			}
		}
	}
	return out
}

func policyTarget(policy, severity string, p sla.Promise) collector.PolicyTarget {
	warning, critical := p.Leads()
	return collector.PolicyTarget{
		Policy: policy, Severity: severity, Target: string(p.Target),
		Seconds: p.Within.Seconds(), Warning: warning.Seconds(), Critical: critical.Seconds(),
	}
}
