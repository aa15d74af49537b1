package main

import (
	"errors"
	"net/http"
	"sync/atomic"
	"time"

	dto "github.com/prometheus/client_model/go"

	"whatsapp_sla_exporter/collector"
	"whatsapp_sla_exporter/config"
	"whatsapp_sla_exporter/internal/whatsapp/webhook"
)

// hook is the webhook's receiver. It is always there, because what it was told stays true without a webhook; whether
// anything more is taken, and shown, is a matter of the configuration.
type hook struct {
	*webhook.Receiver
	config atomic.Pointer[config.Webhook]
	shown  interface {
		Gather() ([]*dto.MetricFamily, error)
	}
}

var errNoWebhook = errors.New("the configuration has no webhook")

func newHook(b *builder, s *sources) (*hook, error) {
	h := &hook{}
	secret := func(of func(*config.Webhook) (string, error)) func() (string, error) {
		return func() (string, error) {
			if c := h.config.Load(); c != nil {
				return of(c)
			}
			return "", errNoWebhook
		}
	}
	r, err := webhook.New(webhook.Options{
		AppSecret: secret((*config.Webhook).AppSecret), VerifyToken: secret((*config.Webhook).VerifyToken),
		Store: b.store, Flag: s.flag, Hint: s.hint, Logger: b.log, Now: b.now,
	})
	if err != nil {
		return nil, err
	}
	h.Receiver, h.shown = r, collector.NewNotices(r, b.now)
	return h, nil
}

// ServeHTTP hands requests to the receiver where there is a webhook.
func (h *hook) ServeHTTP(w http.ResponseWriter, r *http.Request) {
	if h.config.Load() == nil {
		http.NotFound(w, r)
		return
	}
	h.Receiver.ServeHTTP(w, r)
}

// Gather implements prometheus.Gatherer.
func (h *hook) Gather() ([]*dto.MetricFamily, error) {
	if h.config.Load() == nil {
		return nil, nil
	}
	return h.shown.Gather()
}

// disabled says whether a webhook told that Meta disabled a WABA.
func (h *hook) disabled(wabaID string, now time.Time) bool {
	for _, a := range h.Notices(now).Accounts {
		if a.WABAID == wabaID && a.Ban == "disabled" {
			return true
		}
	}
	return false
}

// flag tells every account that a number was flagged or that its flag ended. False: none has the number yet.
func (s *sources) flag(display string, flagged bool, at time.Time) (bool, error) {
	known := false
	var errs []error
	for _, o := range s.list() {
		if o.flag == nil {
			continue
		}
		found, err := o.flag(display, flagged, at)
		known = known || found
		errs = append(errs, err)
	}
	return known, errors.Join(errs...)
}

// hint asks for an early poll of the accounts that have a WABA.
func (s *sources) hint(h webhook.Hint) {
	for _, o := range s.list() {
		if o.account == nil {
			continue
		}
		a := o.account()
		if a == nil {
			continue
		}
		for i := range a.WABAs {
			if a.WABAs[i].ID == h.WABAID {
				if o.hurry != nil {
					o.hurry(h.WABAID, h.Templates)
				}
				o.loop.Hint()
			}
		}
	}
}
