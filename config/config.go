// Package config reads the exporter's YAML file: its schema, strict loading with file and line in every error,
// validation, and the SLA policies, built-in and own.
package config

import (
	"reflect"
	"time"

	promconfig "github.com/prometheus/common/config"
	"github.com/prometheus/common/model"
	"github.com/prometheus/prometheus/model/relabel"
	"go.yaml.in/yaml/v3"
)

// Config is the whole file. Only Load makes one, so that whoever holds a *Config knows that it is valid.
type Config struct {
	Global       Global        `yaml:"global"`
	WhatsApp     WhatsApp      `yaml:"whatsapp"`
	Helpdesks    []Helpdesk    `yaml:"helpdesks"`
	Policies     []yaml.Node   `yaml:"policies"`
	Alertmanager *Alertmanager `yaml:"alertmanager"`
	State        State         `yaml:"state"`

	// PolicySet holds the policies in force: the built-in ones and those of the file.
	PolicySet *PolicySet `yaml:"-"`
	// Digests change with the contents of the profiles and calendars that the file names.
	Digests []string `yaml:"-"`
}

// Global are the defaults of every source.
type Global struct {
	PollInterval model.Duration `yaml:"poll_interval"`
	// StaleAfter is how long a source may stay unread before its series go.
	StaleAfter model.Duration `yaml:"stale_after"`
	// Timeout bounds one request to an upstream.
	Timeout model.Duration `yaml:"timeout"`
	Place   `yaml:",inline"`
}

// Place is where a policy's working days and hours are read, for policies that leave it to the account.
type Place struct {
	Country  string `yaml:"country"`   // ISO 3166-1 alpha-2
	Region   string `yaml:"region"`    // a subdivision of it that has holidays of its own
	TimeZone string `yaml:"time_zone"` // IANA name
}

// Or fills what p leaves open from d. A country of its own takes nothing but its own region.
func (p Place) Or(d Place) Place {
	if p.Country == "" {
		p.Country = d.Country
		if p.Region == "" {
			p.Region = d.Region
		}
	}
	if p.TimeZone == "" {
		p.TimeZone = d.TimeZone
	}
	return p
}

// WhatsApp is everything about WhatsApp channels.
type WhatsApp struct {
	Accounts    []Account    `yaml:"accounts"`
	StatusPages []StatusPage `yaml:"status_pages"`
	QRSessions  []QRSession  `yaml:"qr_sessions"`
	Webhook     *Webhook     `yaml:"webhook"`
}

// Webhook takes what Meta tells by itself, at /webhooks/whatsapp. Absent: the address does not exist.
type Webhook struct {
	AppSecretFile   string `yaml:"app_secret_file"`
	AppSecretRef    string `yaml:"app_secret_ref"`
	VerifyTokenFile string `yaml:"verify_token_file"`
	VerifyTokenRef  string `yaml:"verify_token_ref"`
}

// AppSecret is the secret that Meta signs with, as it is now.
func (w *Webhook) AppSecret() (string, error) { return secretFrom(w.AppSecretFile, w.AppSecretRef) }

// VerifyToken is what Meta must know to learn that the address is ours, as it is now.
func (w *Webhook) VerifyToken() (string, error) {
	return secretFrom(w.VerifyTokenFile, w.VerifyTokenRef)
}

// Account is one WhatsApp account, read through one provider.
type Account struct {
	Name     string `yaml:"name"`
	Provider string `yaml:"provider"`
	// URL replaces the provider's own address.
	URL        string `yaml:"url"`
	APIVersion string `yaml:"api_version"`

	WABAIDs     []string `yaml:"waba_ids"`
	PortfolioID string   `yaml:"portfolio_id"`
	// PartnerID is 360dialog's, for its partner API; without one a single number is read by its own key.
	PartnerID string `yaml:"partner_id"`
	// Senders are the numbers that Infobip is asked about.
	Senders []string `yaml:"senders"`

	// Policy names the messaging rules in force.
	Policy          string   `yaml:"policy"`
	EscalationPaths []string `yaml:"escalation_paths"`

	PollInterval model.Duration              `yaml:"poll_interval"`
	HTTPConfig   promconfig.HTTPClientConfig `yaml:"http_config"`
}

// Helpdesk is one ticket source.
type Helpdesk struct {
	Name string `yaml:"name"`
	Type string `yaml:"type"`
	URL  string `yaml:"url"`

	// ProfileFile is the descriptor of a helpdesk that no client knows, for type declarative.
	ProfileFile string `yaml:"profile_file"`
	// Fields are custom fields to ask for, where the helpdesk tells only those that are asked for.
	Fields []string `yaml:"fields"`
	// JQL selects the issues of Jira; empty: those of all service projects that the user can see.
	JQL string `yaml:"jql"`
	// Statuses maps statuses of the installation's own to those of the model, for Freshdesk and Request Tracker.
	Statuses map[string]string `yaml:"statuses"`

	// Policy is what tickets run on unless relabel_configs say otherwise; empty: the helpdesk's own deadlines.
	Policy         string            `yaml:"policy"`
	RelabelConfigs []*relabel.Config `yaml:"relabel_configs"`
	Place          `yaml:",inline"`

	PollInterval model.Duration `yaml:"poll_interval"`
	// ReconcileInterval is how often all open tickets are read again.
	ReconcileInterval model.Duration `yaml:"reconcile_interval"`
	// Lookback is how far back the changes go that a first start reads, beside all open tickets: history is not
	// counted, so it need not be long.
	Lookback model.Duration `yaml:"lookback"`
	// MaxTicketSeries is how many of the most urgent tickets get series of their own.
	MaxTicketSeries int `yaml:"max_ticket_series"`
	// Webhook takes the helpdesk's own webhooks, at /webhooks/helpdesk/NAME. Absent: the address does not exist.
	Webhook    *HelpdeskWebhook            `yaml:"webhook"`
	HTTPConfig promconfig.HTTPClientConfig `yaml:"http_config"`
}

// HelpdeskWebhook takes a helpdesk's webhooks as hints to read a ticket at once.
type HelpdeskWebhook struct {
	SecretFile string `yaml:"secret_file"`
	SecretRef  string `yaml:"secret_ref"`
}

// Secret is what the helpdesk signs with, as it is now.
func (w *HelpdeskWebhook) Secret() (string, error) { return secretFrom(w.SecretFile, w.SecretRef) }

// State says where what must survive a restart is kept.
type State struct {
	Path string `yaml:"path"`
}

// StatusPage is a public status page of a platform.
type StatusPage struct {
	Name string `yaml:"name"`
	Type string `yaml:"type"`
	URL  string `yaml:"url"`
	// Services is a regular expression of the services that are shown; empty: all.
	Services string `yaml:"services"`
	// Accounts depend on the platform; empty: all do.
	Accounts     []string                    `yaml:"accounts"`
	PollInterval model.Duration              `yaml:"poll_interval"`
	HTTPConfig   promconfig.HTTPClientConfig `yaml:"http_config"`
}

// QRSession is a session of a WhatsApp Web gateway, linked by scanning a QR code.
type QRSession struct {
	Name    string `yaml:"name"`
	Gateway string `yaml:"gateway"`
	URL     string `yaml:"url"`
	// Session is its name in the gateway.
	Session string `yaml:"session"`
	// Accounts have the session as a part of their channel; empty: all have.
	Accounts     []string                    `yaml:"accounts"`
	PollInterval model.Duration              `yaml:"poll_interval"`
	HTTPConfig   promconfig.HTTPClientConfig `yaml:"http_config"`
}

func (c *Config) accountDefaults(a *Account) {
	a.Provider = or(a.Provider, "meta")
	a.Policy = or(a.Policy, "whatsapp-messaging")
	a.PollInterval = or(a.PollInterval, c.Global.PollInterval)
	a.HTTPConfig = orHTTP(a.HTTPConfig)
}

func (c *Config) helpdeskDefaults(h *Helpdesk) {
	h.Place = h.Place.Or(c.Global.Place)
	h.PollInterval = or(h.PollInterval, c.Global.PollInterval)
	h.ReconcileInterval = or(h.ReconcileInterval, model.Duration(time.Hour))
	h.Lookback = or(h.Lookback, model.Duration(time.Hour))
	h.MaxTicketSeries = or(h.MaxTicketSeries, 100)
	h.HTTPConfig = orHTTP(h.HTTPConfig)
}

func (c *Config) defaults() {
	g := &c.Global
	g.PollInterval = or(g.PollInterval, model.Duration(time.Minute))
	g.StaleAfter = or(g.StaleAfter, 5*g.PollInterval)
	g.Timeout = or(g.Timeout, model.Duration(30*time.Second))
	g.TimeZone = or(g.TimeZone, "UTC")
	for i := range c.WhatsApp.Accounts {
		c.accountDefaults(&c.WhatsApp.Accounts[i])
	}
	for i := range c.WhatsApp.StatusPages {
		p := &c.WhatsApp.StatusPages[i]
		p.PollInterval, p.HTTPConfig = or(p.PollInterval, g.PollInterval), orHTTP(p.HTTPConfig)
	}
	for i := range c.WhatsApp.QRSessions {
		q := &c.WhatsApp.QRSessions[i]
		q.PollInterval, q.HTTPConfig = or(q.PollInterval, g.PollInterval), orHTTP(q.HTTPConfig)
	}
	for i := range c.Helpdesks {
		c.helpdeskDefaults(&c.Helpdesks[i])
	}
	if c.Alertmanager != nil {
		c.Alertmanager.defaults(c.longestPoll())
	}
	c.State.Path = or(c.State.Path, "data/state.db")
}

func or[T comparable](v, d T) T {
	var zero T
	if v == zero {
		return d
	}
	return v
}

// orHTTP gives a block that the file leaves out the library's defaults.
func orHTTP(c promconfig.HTTPClientConfig) promconfig.HTTPClientConfig {
	if reflect.ValueOf(c).IsZero() {
		return promconfig.DefaultHTTPClientConfig
	}
	return c
}
