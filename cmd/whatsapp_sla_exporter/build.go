package main

import (
	"errors"
	"fmt"
	"sync"
	"time"

	"github.com/go-kit/log"
	"github.com/go-kit/log/level"
	"go.yaml.in/yaml/v3"

	"whatsapp_sla_exporter/collector"
	"whatsapp_sla_exporter/config"
	"whatsapp_sla_exporter/internal/helpdesk"
	"whatsapp_sla_exporter/internal/helpdesk/declarative"
	"whatsapp_sla_exporter/internal/poll"
	"whatsapp_sla_exporter/internal/sla"
	"whatsapp_sla_exporter/internal/state"
	"whatsapp_sla_exporter/internal/tickets"
)

// builder makes sources from a configuration.
type builder struct {
	store *state.Store
	self  *watch
	hook  *hook
	// pushes counts what comes of the helpdesks' webhooks.
	pushes *collector.Pushes
	log    log.Logger
	now    func() time.Time
}

// specs are the sources that a configuration asks for.
func (b *builder) specs(c *config.Config) ([]spec, error) {
	var out []spec
	var errs []error
	add := func(name, kind string, section any, build func() (*source, error)) {
		print, err := fingerprint(section, c)
		errs = append(errs, err)
		out = append(out, spec{name, kind, print, build})
	}
	for i := range c.WhatsApp.Accounts {
		a := &c.WhatsApp.Accounts[i]
		add(a.Name, a.Provider, a, func() (*source, error) { return b.account(a, c) })
	}
	for i := range c.WhatsApp.StatusPages {
		p := &c.WhatsApp.StatusPages[i]
		add(p.Name, p.Type, p, func() (*source, error) { return b.statusPage(p, c) })
	}
	for i := range c.WhatsApp.QRSessions {
		q := &c.WhatsApp.QRSessions[i]
		add(q.Name, q.Gateway, q, func() (*source, error) { return b.qrSession(q, c) })
	}
	for i := range c.Helpdesks {
		h := &c.Helpdesks[i]
		add(h.Name, h.Type, h, func() (*source, error) { return b.helpdesk(h, c) })
	}
	return out, errors.Join(errs...)
}

// fingerprint tells whether a source's own section, or what all sources share, changed.
func fingerprint(section any, c *config.Config) (string, error) {
	raw, err := yaml.Marshal([]any{section, c.Global, c.Policies, c.Digests})
	if err != nil {
		return "", fmt.Errorf("comparing configurations: %w", err)
	}
	return string(raw), nil
}

func (b *builder) helpdesk(h *config.Helpdesk, c *config.Config) (*source, error) {
	mapper, err := helpdesk.NewMapper(h.RelabelConfigs, h.Policy)
	if err != nil {
		return nil, fmt.Errorf("helpdesk %s: %w", h.Name, err)
	}
	p, err := b.parts(h.Name, h.Type, h.URL, h.HTTPConfig, c.Global)
	if err != nil {
		return nil, err
	}
	client, err := helpdeskClients[h.Type](h, mapper, p)
	if err != nil {
		return nil, fmt.Errorf("helpdesk %s: %w", h.Name, err)
	}
	book, err := tickets.NewBook(tickets.Options{
		Helpdesk: h.Name, Mapper: mapper, Store: b.store, Urgent: h.MaxTicketSeries,
		Clocks: &clocks{set: c.PolicySet, at: h.Place, log: p.logger},
	})
	if err != nil {
		return nil, err
	}
	s := poll.NewHelpdesk(poll.HelpdeskOptions{
		Name: h.Name, Type: h.Type, Client: client, Book: book, Store: b.store,
		ReconcileEvery: time.Duration(h.ReconcileInterval), Now: b.now, Logger: b.log,
	})
	loop := b.loop(s, time.Duration(h.PollInterval))
	pushed, err := b.push(h, s, loop)
	if err != nil {
		return nil, err
	}
	out := &source{loop: loop, tickets: book.Snapshot, pushed: pushed}
	if profiled, is := client.(*declarative.Client); is {
		out.preview = profiled.DryRun
	}
	return out, nil
}

func (b *builder) loop(s poll.Source, every time.Duration) *poll.Loop {
	return poll.NewLoop(s, poll.Options{Interval: every, Observer: b.self, Logger: b.log, Now: b.now})
}

// clocks finds the policies as they run at one place.
type clocks struct {
	set *config.PolicySet
	at  config.Place
	log log.Logger

	told sync.Map // policies that were complained about
}

// Clock says of a policy that cannot run, once, why: its tickets are then counted as not covered.
func (c *clocks) Clock(policy string) (tickets.Evaluator, bool) {
	clock, err := c.set.Clock(policy, c.at)
	if err != nil {
		if _, told := c.told.LoadOrStore(policy, true); !told {
			level.Error(c.log).Log("msg", "tickets are not covered, because their policy cannot run", "policy", policy, "err", err)
		}
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
