package config

import (
	"regexp"
	"slices"
)

// validateChannels checks what else tells of a channel: status pages and QR sessions.
func (c *Config) validateChannels(v *validation, names map[string]bool) {
	c.WhatsApp.Webhook.validate(v, []any{"whatsapp", "webhook"})
	for i := range c.WhatsApp.StatusPages {
		p, path := &c.WhatsApp.StatusPages[i], []any{"whatsapp", "status_pages", i}
		v.name(path, p.Name, names)
		c.validateInterval(v, path, p.PollInterval)
		v.oneOf(at(path, "type"), "type", p.Type, StatusPageTypes)
		v.url(at(path, "url"), p.URL, p.Type == "statuspage")
		if _, err := regexp.Compile(p.Services); err != nil {
			v.add(at(path, "services"), "services: %v", err)
		}
		v.httpConfig(at(path, "http_config"), p.HTTPConfig)
		c.validateAccountNames(v, at(path, "accounts"), p.Accounts)
	}
	for i := range c.WhatsApp.QRSessions {
		q, path := &c.WhatsApp.QRSessions[i], []any{"whatsapp", "qr_sessions", i}
		v.name(path, q.Name, names)
		c.validateInterval(v, path, q.PollInterval)
		v.oneOf(at(path, "gateway"), "gateway", q.Gateway, QRGateways)
		v.url(at(path, "url"), q.URL, true)
		v.httpConfig(at(path, "http_config"), q.HTTPConfig)
		c.validateAccountNames(v, at(path, "accounts"), q.Accounts)
	}
}

func (c *Config) validateAccountNames(v *validation, path []any, list []string) {
	for i, name := range list {
		if !slices.ContainsFunc(c.WhatsApp.Accounts, func(a Account) bool { return a.Name == name }) {
			v.add(at(path, i), "account %q is not configured: name one of whatsapp.accounts", name)
		}
	}
}

func (w *Webhook) validate(v *validation, path []any) {
	if w == nil {
		return
	}
	if (w.AppSecretFile == "") == (w.AppSecretRef == "") {
		v.add(path, "webhook: want one of app_secret_file and app_secret_ref: the app's secret signs every request")
	}
	if (w.VerifyTokenFile == "") == (w.VerifyTokenRef == "") {
		v.add(path, "webhook: want one of verify_token_file and verify_token_ref: what you type into the app's dashboard")
	}
}
