package main

import (
	"errors"
	"fmt"
	"regexp"
	"time"

	"whatsapp_sla_exporter/config"
	"whatsapp_sla_exporter/internal/poll"
	"whatsapp_sla_exporter/internal/qr"
	"whatsapp_sla_exporter/internal/whatsapp"
	"whatsapp_sla_exporter/internal/whatsapp/messaging"
)

func (b *builder) account(a *config.Account, c *config.Config) (*source, error) {
	policy, err := messaging.Parse(a.Policy, c.PolicySet.Messaging[a.Policy])
	if err != nil {
		return nil, err
	}
	if err := policy.CheckEscalation(a.EscalationPaths); err != nil {
		return nil, fmt.Errorf("account %s: %w", a.Name, err)
	}
	p, err := b.parts(a.Name, a.Provider, a.URL, a.HTTPConfig, c.Global)
	if err != nil {
		return nil, err
	}
	client, err := accountClients[a.Provider](a, policy.Limit.Scope.Value, p)
	if err != nil {
		return nil, fmt.Errorf("account %s: %w", a.Name, err)
	}
	tracker, err := messaging.NewTracker(b.store, messaging.Options{
		Account: a.Name, Policy: policy, EscalationPaths: a.EscalationPaths, Restricted: b.hook.Restricted,
	})
	if err != nil {
		return nil, err
	}
	keep := func(a *whatsapp.Account, at time.Time) error {
		return errors.Join(tracker.Observe(a, at), b.hook.Observe(a, at))
	}
	r := poll.NewReading(a.Name, a.Provider, client, keep, b.now)
	s := &source{loop: b.loop(r, time.Duration(a.PollInterval)), account: r.Latest, flag: tracker.Flag}
	if h, ok := client.(interface {
		Hurry(wabaID string, templates bool)
	}); ok {
		s.hurry = h.Hurry
	}
	return s, nil
}

func (b *builder) statusPage(s *config.StatusPage, c *config.Config) (*source, error) {
	p, err := b.parts(s.Name, s.Type, s.URL, s.HTTPConfig, c.Global)
	if err != nil {
		return nil, err
	}
	var services *regexp.Regexp
	if s.Services != "" {
		if services, err = regexp.Compile(s.Services); err != nil {
			return nil, fmt.Errorf("status page %s: services: %w", s.Name, err)
		}
	}
	client, err := statusPageClients[s.Type](s.Name, services, p)
	if err != nil {
		return nil, fmt.Errorf("status page %s: %w", s.Name, err)
	}
	r := poll.NewReading(s.Name, s.Type, client, nil, b.now)
	return &source{loop: b.loop(r, time.Duration(s.PollInterval)), page: r.Latest, accounts: s.Accounts}, nil
}

func (b *builder) qrSession(q *config.QRSession, c *config.Config) (*source, error) {
	p, err := b.parts(q.Name, q.Gateway, q.URL, q.HTTPConfig, c.Global)
	if err != nil {
		return nil, err
	}
	client, err := sessionClients[q.Gateway](q, p)
	if err != nil {
		return nil, fmt.Errorf("QR session %s: %w", q.Name, err)
	}
	r := poll.NewReading(q.Name, q.Gateway, client, qr.NewTracker(b.store).Observe, b.now)
	return &source{loop: b.loop(r, time.Duration(q.PollInterval)), session: r.Latest, accounts: q.Accounts}, nil
}
