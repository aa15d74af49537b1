package alerts

import (
	"errors"
	"fmt"
	"net/http"
	"net/url"
	"path"
	"strings"
	"time"

	"github.com/prometheus/common/model"
	"github.com/prometheus/prometheus/model/labels"
	"github.com/prometheus/prometheus/model/relabel"
)

// Endpoint is one Alertmanager. Client and Timeout are as in Access.
type Endpoint struct {
	// URL is the address of its alerts. It carries no credentials: those are the client's.
	URL     *url.URL
	Client  *http.Client
	Timeout time.Duration
}

// alertsPathLabel is where Prometheus keeps the path of an Alertmanager's alerts, for relabelling.
const alertsPathLabel = "__alerts_path__"

// Access says how to reach the Alertmanagers of one block of the configuration.
type Access struct {
	Scheme     string
	PathPrefix string
	// Relabel, which was validated, chooses among targets and rewrites their __address__, __scheme__ and
	// __alerts_path__.
	Relabel []*relabel.Config
	// Client is used as it is, but never follows a redirect: the credentials would go along. While it is the same
	// client, an Alertmanager that stays keeps its queue.
	Client *http.Client
	// Timeout bounds one request. Default 10 s.
	Timeout time.Duration
}

// Endpoints returns the Alertmanagers among targets, which are labels as Prometheus' discovery has them. A target
// that cannot be an Alertmanager is left out, and the error says which.
func (a *Access) Endpoints(targets []model.LabelSet) ([]Endpoint, error) {
	var out []Endpoint
	var errs []error
	for _, t := range targets {
		l, keep := a.labels(t)
		if !keep {
			continue
		}
		u := &url.URL{Scheme: l.Get(model.SchemeLabel), Host: l.Get(model.AddressLabel), Path: l.Get(alertsPathLabel)}
		if err := check(u); err != nil {
			address := string(t[model.AddressLabel])
			address = address[strings.LastIndex(address, "@")+1:] // without credentials, which do not belong there
			errs = append(errs, fmt.Errorf("alertmanager target %q: %w", address, err))
			continue
		}
		out = append(out, Endpoint{URL: u, Client: a.Client, Timeout: a.Timeout})
	}
	return out, errors.Join(errs...)
}

// labels completes and relabels those of a target, and says whether to keep it.
func (a *Access) labels(target model.LabelSet) (labels.Labels, bool) {
	b := labels.NewBuilder(labels.EmptyLabels())
	b.Set(model.SchemeLabel, a.Scheme)
	b.Set(alertsPathLabel, path.Join("/", a.PathPrefix, "api/v2/alerts"))
	for name, value := range target {
		b.Set(string(name), string(value))
	}
	keep := relabel.ProcessBuilder(b, a.Relabel...)
	return b.Labels(), keep
}

// check refuses what would not reach the host and port that it names.
func check(u *url.URL) error {
	if u.Scheme != "http" && u.Scheme != "https" {
		return fmt.Errorf("scheme %q: use http or https", u.Scheme)
	}
	parsed, err := url.Parse(u.String())
	if err != nil || u.Host == "" || parsed.Host != u.Host || parsed.Path != u.Path {
		return errors.New("want host:port and a plain path")
	}
	return nil
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
