package config

import (
	"context"
	"fmt"
	"net/http"
	"os"
	"strings"

	promconfig "github.com/prometheus/common/config"
)

// NewHTTPClient makes the HTTP client of one http_config block. Files are read again when they change, and a
// *_ref names an environment variable.
func NewHTTPClient(c promconfig.HTTPClientConfig, name string) (*http.Client, error) {
	client, err := promconfig.NewClientFromConfig(c, name,
		promconfig.WithUserAgent("whatsapp_sla_exporter"), promconfig.WithSecretManager(environment{}))
	if err != nil {
		return nil, fmt.Errorf("%s: http_config: %w", name, err)
	}
	return client, nil
}

// environment resolves the *_ref keys of http_config.
type environment struct{}

func (environment) Fetch(_ context.Context, name string) (string, error) { return Secret(name) }

// Secret is the value of an environment variable that a *_ref key names.
func Secret(name string) (string, error) {
	v, ok := os.LookupEnv(name)
	if !ok {
		return "", fmt.Errorf("environment variable %s is not set", name)
	}
	return v, nil
}

// secretFrom reads a secret from a file, or from an environment variable.
func secretFrom(file, ref string) (string, error) {
	if file == "" {
		return Secret(ref)
	}
	raw, err := os.ReadFile(file)
	if err != nil {
		return "", fmt.Errorf("reading a secret: %w", err)
	}
	return strings.TrimSpace(string(raw)), nil
}
