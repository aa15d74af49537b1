package config

import (
	"fmt"
	"net/url"
	"regexp"
	"slices"
	"strings"
	"time"

	"github.com/prometheus/common/model"
	"go.yaml.in/yaml/v3"
)

// Providers and HelpdeskTypes are the names this build knows; registering a client adds its name here.
var (
	Providers     = []string{"meta", "360dialog", "botmaker", "infobip", "twilio"}
	HelpdeskTypes = []string{
		"zendesk", "chatwoot", "freshdesk", "intercom", "jira", "zammad", "request_tracker",
		"front", "glpi", "hubspot", "servicenow", "zoho_desk", "declarative",
	}
	// PushTypes are the helpdesks whose webhooks are understood.
	PushTypes       = []string{"zendesk", "chatwoot", "zammad"}
	StatusPageTypes = []string{"metastatus", "statuspage"}
	QRGateways      = []string{"evolution", "gowa", "waha"}
)

// validation collects what is wrong, each with the line of the node at a path such as helpdesks, 0, url.
type validation struct {
	file string
	root *yaml.Node
	errs []error
}

func (v *validation) add(path []any, format string, args ...any) {
	v.errs = append(v.errs, &Error{File: v.file, Line: lineAt(v.root, path), Text: fmt.Sprintf(format, args...)})
}

// lineAt is the line of the deepest node on the path that the file has.
func lineAt(n *yaml.Node, path []any) int {
	if n.Kind == yaml.DocumentNode && len(n.Content) > 0 {
		n = n.Content[0]
	}
	line := n.Line
	for _, step := range path {
		if n = child(n, step); n == nil {
			break
		}
		line = n.Line
	}
	return line
}

func child(n *yaml.Node, step any) *yaml.Node {
	for n.Kind == yaml.AliasNode {
		n = n.Alias
	}
	switch step := step.(type) {
	case int:
		if n.Kind == yaml.SequenceNode && step < len(n.Content) {
			return n.Content[step]
		}
	case string:
		for i := 0; n.Kind == yaml.MappingNode && i+1 < len(n.Content); i += 2 {
			if n.Content[i].Value == step {
				return n.Content[i+1]
			}
		}
	}
	return nil
}

func (c *Config) validate(v *validation) {
	if len(c.WhatsApp.Accounts)+len(c.WhatsApp.StatusPages)+len(c.WhatsApp.QRSessions)+len(c.Helpdesks) == 0 {
		v.add(nil, "nothing to read: name at least one whatsapp account or helpdesk")
	}
	c.validatePolicies(v)
	c.validateGlobal(v)
	names := make(map[string]bool)
	for i := range c.WhatsApp.Accounts {
		c.validateAccount(v, []any{"whatsapp", "accounts", i}, &c.WhatsApp.Accounts[i], names)
	}
	c.validateChannels(v, names)
	for i := range c.Helpdesks {
		c.validateHelpdesk(v, []any{"helpdesks", i}, &c.Helpdesks[i], names)
	}
	if c.Alertmanager != nil {
		c.Alertmanager.validate(v, []any{"alertmanager"})
	}
}

func (c *Config) validatePolicies(v *validation) {
	set, err := LoadBuiltinPolicies()
	if err == nil {
		set, err = set.With(c.Policies, v.file)
	}
	if err != nil {
		v.errs = append(v.errs, err)
		return
	}
	c.PolicySet = set
}

func (c *Config) validateGlobal(v *validation) {
	g := c.Global
	if g.PollInterval < shortestInterval {
		v.add([]any{"global", "poll_interval"}, tooShort, g.PollInterval)
	}
	if g.StaleAfter < 2*g.PollInterval {
		v.add([]any{"global", "stale_after"}, "stale_after %s is shorter than two polls (poll_interval %s): every hiccup would drop series", g.StaleAfter, g.PollInterval)
	}
	v.place([]any{"global"}, g.Place)
}

// shortestInterval is how often the tightest of the upstreams may be read.
const (
	shortestInterval = model.Duration(10 * time.Second)
	tooShort         = "poll_interval %s is too short: the upstreams' limits allow 10s at the least"
)

// validateInterval checks how often one source is read, where that differs from all others.
func (c *Config) validateInterval(v *validation, path []any, every model.Duration) {
	path = at(path, "poll_interval")
	switch stale := c.Global.StaleAfter; {
	case every == c.Global.PollInterval:
	case every < shortestInterval:
		v.add(path, tooShort, every)
	case stale < 2*every:
		v.add(path, "poll_interval %s is too long for global.stale_after %s: two polls must fit, or every hiccup would drop series", every, stale)
	}
}

func (v *validation) place(path []any, p Place) {
	if p.TimeZone != "" {
		if _, err := time.LoadLocation(p.TimeZone); err != nil {
			v.add(at(path, "time_zone"), "time_zone %q: not an IANA name such as Europe/Madrid", p.TimeZone)
		}
	}
	if p.Country == "" {
		return
	}
	if err := checkCountry(p.Country, p.Region); err != nil {
		v.add(at(path, "country"), "%v", err)
	}
}

var nameFormat = regexp.MustCompile(`^[a-zA-Z0-9][a-zA-Z0-9_.-]*$`)

// name checks the name of a source. Names are label values and must tell sources apart.
func (v *validation) name(path []any, name string, taken map[string]bool) {
	switch {
	case name == "":
		v.add(path, "name is missing: every source needs one, it becomes a label")
	case !nameFormat.MatchString(name):
		v.add(at(path, "name"), "name %q: use letters, digits, '.', '_' and '-'", name)
	case taken[name]:
		v.add(at(path, "name"), "name %q is taken: every account and helpdesk needs one of its own", name)
	}
	taken[name] = true
}

func (c *Config) validateAccount(v *validation, path []any, a *Account, names map[string]bool) {
	v.name(path, a.Name, names)
	c.validateInterval(v, path, a.PollInterval)
	v.oneOf(at(path, "provider"), "provider", a.Provider, Providers)
	v.url(at(path, "url"), a.URL, false)
	v.httpConfig(at(path, "http_config"), a.HTTPConfig)
	for i, id := range a.WABAIDs {
		if !digits.MatchString(id) {
			v.add(at(path, "waba_ids", i), "waba id %q: the id is all digits, as WhatsApp Manager shows it", id)
		}
	}
	if a.PortfolioID != "" && !digits.MatchString(a.PortfolioID) {
		v.add(at(path, "portfolio_id"), "portfolio_id %q: the id is all digits, as Business settings shows it", a.PortfolioID)
	}
	v.onlyFor(at(path, "partner_id"), "partner_id", a.PartnerID != "", a.Provider, "360dialog")
	v.onlyFor(at(path, "senders"), "senders", len(a.Senders) > 0, a.Provider, "infobip")
	v.onlyFor(at(path, "waba_ids"), "waba_ids", len(a.WABAIDs) > 0, a.Provider, "meta")
	v.onlyFor(at(path, "portfolio_id"), "portfolio_id", a.PortfolioID != "", a.Provider, "meta")
	if c.PolicySet == nil {
		return
	}
	if names := c.PolicySet.MessagingNames(); !slices.Contains(names, a.Policy) {
		v.add(at(path, "policy"), "policy %q is no messaging policy: use one of %s", a.Policy, strings.Join(names, ", "))
	}
}

var digits = regexp.MustCompile(`^[0-9]+$`)

func (c *Config) validateHelpdesk(v *validation, path []any, h *Helpdesk, names map[string]bool) {
	v.name(path, h.Name, names)
	c.validateInterval(v, path, h.PollInterval)
	v.oneOf(at(path, "type"), "type", h.Type, HelpdeskTypes)
	v.url(at(path, "url"), h.URL, !slices.Contains([]string{"hubspot", "intercom", "declarative"}, h.Type))
	v.httpConfig(at(path, "http_config"), h.HTTPConfig)
	c.validateHelpdeskOptions(v, path, h)
	c.validateRelabelling(v, at(path, "relabel_configs"), h.RelabelConfigs)
	if h.Place != c.Global.Place {
		v.place(path, h.Place)
	}
	if h.MaxTicketSeries < 0 {
		v.add(at(path, "max_ticket_series"), "max_ticket_series %d: must not be negative", h.MaxTicketSeries)
	}
	if c.PolicySet == nil || h.Policy == "" {
		return
	}
	if names := c.PolicySet.SLANames(); !slices.Contains(names, h.Policy) {
		v.add(at(path, "policy"), "policy %q is no SLA policy: use one of %s", h.Policy, strings.Join(names, ", "))
	}
}

func (v *validation) oneOf(path []any, key, value string, list []string) {
	if !slices.Contains(list, value) {
		v.add(path, "%s %q: use one of %s", key, value, strings.Join(list, ", "))
	}
}

// onlyFor refuses a key that the chosen client would pass over.
func (v *validation) onlyFor(path []any, key string, set bool, kind string, kinds ...string) {
	if set && !slices.Contains(kinds, kind) {
		v.add(path, "%s: %q does not take it, only %s", key, kind, strings.Join(kinds, ", "))
	}
}

func (v *validation) url(path []any, raw string, required bool) {
	if raw == "" && !required {
		return
	}
	u, err := url.Parse(raw)
	switch {
	case raw == "":
		v.add(path, "url is missing")
	case strings.Contains(raw, "@") && (err != nil || u.User != nil || u.Host == ""): // never quoted: it may hold a password
		v.add(path, "url carries credentials: put them in http_config, in a file, and write https://host here")
	case err != nil || u.Host == "" || u.Scheme != "http" && u.Scheme != "https":
		v.add(path, "url %q: want https://host", raw)
	}
}

// at is the path of a node below another.
func at(path []any, steps ...any) []any { return append(slices.Clip(path), steps...) }

// validateHelpdeskOptions checks the keys that only some types have.
func (c *Config) validateHelpdeskOptions(v *validation, path []any, h *Helpdesk) {
	if (h.Type == "declarative") != (h.ProfileFile != "") {
		v.add(at(path, "type"), "profile_file and type declarative belong together: the profile describes the helpdesk")
	}
	v.onlyFor(at(path, "jql"), "jql", h.JQL != "", h.Type, "jira")
	v.onlyFor(at(path, "statuses"), "statuses", len(h.Statuses) > 0, h.Type, "freshdesk", "request_tracker")
	for word, status := range h.Statuses {
		v.oneOf(at(path, "statuses", word), "status", status, []string{"new", "open", "pending", "on_hold", "solved", "closed"})
	}
	if w := h.Webhook; w != nil {
		path := at(path, "webhook")
		if !slices.Contains(PushTypes, h.Type) {
			v.add(path, "webhook: those of type %q are not understood, only of %s", h.Type, strings.Join(PushTypes, ", "))
		}
		if (w.SecretFile == "") == (w.SecretRef == "") {
			v.add(path, "webhook: want one of secret_file and secret_ref: the helpdesk signs every request with it")
		}
	}
}
