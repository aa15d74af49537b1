package demo

import (
	_ "embed"
	"errors"
	"fmt"
	"os"
	"path/filepath"
	"strings"
	"text/template"
)

// The credentials of the simulators and of the webhooks. They open nothing else.
const (
	graphToken    = "demo-graph-token"
	partnerID     = "DemoPA"
	partnerKey    = "demo-partner-key"
	twilioUser    = "SKdemo"
	twilioSecret  = "demo-twilio-secret"
	infobipKey    = "demo-infobip-key"
	botmakerToken = "demo-botmaker-token"

	wahaKey      = "demo-waha-key"
	evolutionKey = "demo-evolution-key"
	gowaUser     = "demo"
	gowaPassword = "demo-gowa-password"

	zendeskEmail  = "ops@demo.example"
	zendeskToken  = "demo-zendesk-token"
	chatwootToken = "demo-chatwoot-token"

	appSecret            = "demo-app-secret"
	verifyToken          = "demo-verify-token"
	zendeskWebhookSecret = "demo-zendesk-webhook-secret"
)

// secrets are the credentials by the files that the configuration reads them from.
var secrets = map[string]string{
	"graph-token": graphToken, "360dialog-key": partnerKey, "twilio-secret": twilioSecret, "infobip-key": infobipKey,
	"botmaker-token": botmakerToken, "waha-key": wahaKey, "evolution-key": evolutionKey, "gowa-password": gowaPassword,
	"zendesk-token": zendeskToken, "zendesk-webhook": zendeskWebhookSecret, "chatwoot-token": chatwootToken,
	"app-secret": appSecret, "verify-token": verifyToken,
}

//go:embed config.yml.tmpl
var configText string

var configTemplate = template.Must(template.New("config").Option("missingkey=error").Parse(configText))

// Config is the path of the configuration.
func (d *Demo) Config() string { return filepath.Join(d.o.Dir, "config.yml") }

func (d *Demo) writeConfig(urls map[string]string) error {
	var b strings.Builder
	data := map[string]any{
		"URL": urls, "Alertmanager": d.o.Alertmanager, "Email": zendeskEmail, "PartnerID": partnerID, "TwilioUser": twilioUser,
		"GowaUser": gowaUser, "ClinicNumber": clinicNumber, "FrontDesk": frontDesk, "Riders": riders,
	}
	if err := configTemplate.Execute(&b, data); err != nil {
		return fmt.Errorf("writing the demo's configuration: %w", err)
	}
	var errs []error
	for name, secret := range secrets {
		errs = append(errs, write(filepath.Join(d.o.Dir, "secrets", name), secret))
	}
	return errors.Join(append(errs, write(d.Config(), b.String()))...)
}

func write(path, text string) error {
	if err := os.MkdirAll(filepath.Dir(path), 0o750); err != nil {
		return fmt.Errorf("demo: %w", err)
	}
	if err := os.WriteFile(path, []byte(text), 0o600); err != nil {
		return fmt.Errorf("demo: %w", err)
	}
	return nil
}
