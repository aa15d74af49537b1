package upstream_test

import (
	"fmt"
	"net/http"
	"net/http/httptest"
	"net/url"
	"strings"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"

	"whatsapp_sla_exporter/internal/upstream"
)

// leaky is a transport that puts credentials on whatever it sends, as those of http_config do.
type leaky struct{ *testing.T }

func (l leaky) RoundTrip(r *http.Request) (*http.Response, error) {
	r = r.Clone(r.Context())
	r.Header.Set("Authorization", "Bearer sk-secret")
	return http.DefaultTransport.RoundTrip(r)
}

func TestCredentialsDoNotLeaveTheHost(t *testing.T) {
	defer http.DefaultClient.CloseIdleConnections()
	elsewhere := httptest.NewServer(http.HandlerFunc(func(_ http.ResponseWriter, r *http.Request) {
		t.Errorf("another host was asked for %s with %q", r.URL, r.Header.Get("Authorization"))
	}))
	defer elsewhere.Close()
	home := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		to := map[string]string{
			"/moved":     "/here?token=sk-secret",
			"/away":      elsewhere.URL + "/collect?token=sk-secret",
			"/downgrade": "ftp://" + r.Host + "/here",
			"/loop":      "/loop",
			"/broken":    "http://[broken?token=sk-secret",
		}[r.URL.Path]
		if to == "" {
			fmt.Fprint(w, `{}`)
			return
		}
		http.Redirect(w, r, to, http.StatusTemporaryRedirect)
	}))
	defer home.Close()
	host := strings.TrimPrefix(home.URL, "http://")
	o := &observed{}
	c := newClient(t, upstream.Options{BaseURL: home.URL, HTTP: &http.Client{Transport: leaky{t}}, Observer: o, FirstBackoff: time.Nanosecond})
	for path, want := range map[string]want{
		"/moved": {Reason: upstream.Internal, Requests: []string{"200"}},
		"/away": {
			Reason: upstream.BadRequest, Requests: []string{"bad_request"},
			Text: "GET /away: bad_request: redirected to another host (" + elsewhere.URL + "): not followed, the credentials are for " + home.URL,
		},
		"/downgrade": {
			Reason: upstream.BadRequest, Requests: []string{"bad_request"},
			Text: "GET /downgrade: bad_request: redirected to another host (ftp://" + host + "): not followed, the credentials are for " + home.URL,
		},
		"/loop": {
			Reason: upstream.BadRequest, Requests: []string{"bad_request"},
			Text: "GET /loop: bad_request: redirected more than 5 times",
		},
		"/broken": {
			Reason: upstream.Network, Requests: []string{"network", "network", "network"},
			Text: `GET /broken: network: failed to parse Location header "http://[broken?<cut>": parse "http://[broken?<cut>": missing ']' in host`,
		},
	} {
		o.requests = nil
		_, err := c.Do(t.Context(), upstream.Request{Path: path, Query: url.Values{"token": {"sk-secret"}}})
		if diff := cmp.Diff(want, got(err, o)); diff != "" {
			t.Errorf("%s: %s", path, diff)
		}
	}
}

func TestRedirectsAreNotFollowedWhereTheOperatorSaysSo(t *testing.T) {
	c := newClient(t, upstream.Options{HTTP: &http.Client{
		CheckRedirect: func(*http.Request, []*http.Request) error { return http.ErrUseLastResponse },
		Transport: roundTrip(func(r *http.Request) (*http.Response, error) {
			return answer(r, 302, http.Header{"Location": {"/v2/elsewhere"}}, ""), nil
		}),
	}})
	_, err := c.Do(t.Context(), upstream.Request{Path: "/tickets"})
	if err == nil || err.Error() != "GET /v2/tickets: bad_request (HTTP 302): Found" {
		t.Errorf("got %v", err)
	}
}
