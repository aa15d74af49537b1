package config

import (
	"maps"
	"slices"

	promconfig "github.com/prometheus/common/config"
)

const secretInFile = "a secret in the configuration: use "

// httpConfig refuses secrets written into the file: they belong in files of their own or in the environment.
func (v *validation) httpConfig(path []any, h promconfig.HTTPClientConfig) {
	if err := h.Validate(); err != nil {
		v.add(path, "http_config: %v", err)
	}
	if a := h.Authorization; a != nil && a.Credentials != "" {
		v.add(at(path, "authorization", "credentials"), secretInFile+"credentials_file, or credentials_ref with the name of an environment variable")
	}
	if b := h.BasicAuth; b != nil && b.Password != "" {
		v.add(at(path, "basic_auth", "password"), secretInFile+"password_file, or password_ref with the name of an environment variable")
	}
	if o := h.OAuth2; o != nil {
		v.oauth2(at(path, "oauth2"), o)
	}
	if h.BearerToken != "" {
		v.add(at(path, "bearer_token"), secretInFile+"authorization with credentials_file")
	}
	if h.TLSConfig.Key != "" {
		v.add(at(path, "tls_config", "key"), secretInFile+"key_file")
	}
	v.proxy(path, h.ProxyConfig)
	if h.HTTPHeaders == nil {
		return
	}
	for _, name := range slices.Sorted(maps.Keys(h.HTTPHeaders.Headers)) {
		if len(h.HTTPHeaders.Headers[name].Secrets) > 0 {
			v.add(at(path, "http_headers", name, "secrets"), secretInFile+"files, a list of files that hold the header's value")
		}
	}
}

func (v *validation) oauth2(path []any, o *promconfig.OAuth2) {
	if o.ClientSecret != "" {
		v.add(at(path, "client_secret"), secretInFile+"client_secret_file, or client_secret_ref with the name of an environment variable")
	}
	if o.ClientCertificateKey != "" {
		v.add(at(path, "client_certificate_key"), secretInFile+"client_certificate_key_file")
	}
	if o.TLSConfig.Key != "" {
		v.add(at(path, "tls_config", "key"), secretInFile+"key_file")
	}
	v.proxy(path, o.ProxyConfig)
}

func (v *validation) proxy(path []any, p promconfig.ProxyConfig) {
	if u := p.ProxyURL.URL; u != nil && u.User != nil {
		v.add(at(path, "proxy_url"), secretInFile+"proxy_from_environment: true, and HTTPS_PROXY in the environment")
	}
}
