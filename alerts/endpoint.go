package alerts

import (
	"fmt"
	"net/http"
	"net/url"
	"path"
	"time"

	"github.com/prometheus/common/config"
)

// Endpoint is one Alertmanager.
type Endpoint struct {
	// URL is the address of its alerts. It carries no credentials: those are the client's.
	URL *url.URL
	// Client is used as it is, but never follows a redirect: the credentials would go along.
	Client *http.Client
	// Timeout bounds one request. Default 10 s.
	Timeout time.Duration
}

// Endpoints returns the Alertmanagers that one block of the configuration names: host and port each, reached by
// the same scheme, path prefix and http_config.
func Endpoints(targets []string, scheme, prefix string, timeout time.Duration, http config.HTTPClientConfig) ([]Endpoint, error) {
	client, err := config.NewClientFromConfig(http, "alertmanager")
	if err != nil {
		return nil, fmt.Errorf("http_config of alertmanager: %w", err)
	}
	endpoints := make([]Endpoint, 0, len(targets))
	for _, target := range targets {
		u := &url.URL{Scheme: scheme, Host: target, Path: path.Join("/", prefix, "api/v2/alerts")}
		if _, err := url.Parse(u.String()); err != nil || target == "" {
			return nil, fmt.Errorf("alertmanager target %q: want host:port", target)
		}
		endpoints = append(endpoints, Endpoint{URL: u, Client: client, Timeout: timeout})
	}
	return endpoints, nil
}

// name is the address without anything secret, the alertmanager label.
func (e *Endpoint) name() string {
	u := *e.URL
	u.User, u.RawQuery, u.Fragment = nil, "", ""
	return u.String()
}

// sealed returns the client that does not follow redirects.
func (e *Endpoint) sealed() *http.Client {
	c := *e.Client
	c.CheckRedirect = func(*http.Request, []*http.Request) error { return http.ErrUseLastResponse }
	return &c
}
