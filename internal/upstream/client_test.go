package upstream_test

import (
	"context"
	"errors"
	"io"
	"net/http"
	"net/http/httptest"
	"net/url"
	"strings"
	"testing"
	"testing/synctest"
	"time"

	"github.com/google/go-cmp/cmp"
	"go.uber.org/goleak"

	"whatsapp_sla_exporter/internal/upstream"
)

func TestMain(m *testing.M) { goleak.VerifyTestMain(m) }

// roundTrip is a transport without a network.
type roundTrip func(*http.Request) (*http.Response, error)

func (f roundTrip) RoundTrip(r *http.Request) (*http.Response, error) { return f(r) }

// observed writes down what a client told.
type observed struct{ requests []string }

func (o *observed) Request(code string)    { o.requests = append(o.requests, code) }
func (*observed) Quota(string, float64)    {}
func (*observed) Version(_, served string) {}

func answer(r *http.Request, status int, header http.Header, body string) *http.Response {
	if header == nil {
		header = http.Header{}
	}
	return &http.Response{StatusCode: status, Header: header, Body: io.NopCloser(strings.NewReader(body)), Request: r}
}

func newClient(t *testing.T, o upstream.Options) *upstream.Client {
	t.Helper()
	if o.BaseURL == "" {
		o.BaseURL = "https://api.example/v2/"
	}
	c, err := upstream.New(o)
	if err != nil {
		t.Fatal(err)
	}
	return c
}

// want is everything a failure is known by.
type want struct {
	Reason     upstream.Reason
	Text       string
	RetryAfter time.Duration
	Requests   []string // what the observer was told: one per attempt
}

func got(err error, o *observed) want {
	w := want{Reason: upstream.ReasonOf(err), RetryAfter: upstream.RetryAfterOf(err), Requests: o.requests}
	if err != nil {
		w.Text = err.Error()
	}
	return w
}

func TestFailures(t *testing.T) {
	html := http.Header{"Content-Type": {"text/html; charset=utf-8"}}
	jsonType := http.Header{"Content-Type": {"application/json"}}
	const call = "GET /v2/tickets: "
	for name, tc := range map[string]struct {
		status int
		header http.Header
		body   string
		want   want
	}{
		"the credentials are refused": {
			401, nil, `{"error":"invalid_token sk-secret"}`,
			want{upstream.Auth, call + "auth (HTTP 401): Unauthorized", 0, []string{"401"}},
		},
		"a permission is missing": {
			403, nil, "", want{upstream.Permission, call + "permission (HTTP 403): Forbidden", 0, []string{"403"}},
		},
		"there is no such object": {
			404, nil, "", want{upstream.NotFound, call + "not_found (HTTP 404): Not Found", 0, []string{"404"}},
		},
		"the object is gone": {
			410, nil, "", want{upstream.NotFound, call + "not_found (HTTP 410): Gone", 0, []string{"410"}},
		},
		"a parameter is wrong": {
			422, nil, "", want{upstream.BadRequest, call + "bad_request (HTTP 422): Unprocessable Entity", 0, []string{"422"}},
		},
		"throttled with seconds to wait": {
			429, http.Header{"Retry-After": {"17"}}, "",
			want{upstream.Throttled, call + "throttled (HTTP 429): Too Many Requests", 17 * time.Second, []string{"429"}},
		},
		"throttled without a word on how long": {
			429, nil, "", want{upstream.Throttled, call + "throttled (HTTP 429): Too Many Requests", 0, []string{"429"}},
		},
		"down for maintenance, with seconds to wait": {
			503, http.Header{"Retry-After": {"120"}}, "",
			want{upstream.Server, call + "server (HTTP 503): Service Unavailable", 2 * time.Minute, []string{"503"}},
		},
		"failing, and failing again": {
			500, nil, "", want{upstream.Server, call + "server (HTTP 500): Internal Server Error", 0, []string{"500", "500", "500"}},
		},
		"too slow behind a proxy": {
			408, nil, "", want{upstream.Timeout, call + "timeout (HTTP 408): Request Timeout", 0, []string{"408", "408", "408"}},
		},
		"a status that nobody knows": {
			299, nil, `{}`, want{upstream.Internal, "", 0, []string{"299"}},
		},
		"a status that nobody knows, and not a success": {
			666, nil, `{}`, want{upstream.Server, call + "server (HTTP 666): ", 0, []string{"666", "666", "666"}},
		},
		"a web page": {
			200, html, "<html>Sign in, Jane Doe</html>",
			want{upstream.Decode, call + "decode (HTTP 200): text/html of 30 bytes is not the JSON that was expected: syntax error at byte 1", 0, []string{"200"}},
		},
		"truncated JSON": {
			200, jsonType, `{"tickets":[{"subject":"My number`,
			want{upstream.Decode, call + "decode (HTTP 200): application/json of 33 bytes is not the JSON that was expected: syntax error at byte 33", 0, []string{"200"}},
		},
		"another type of value": {
			200, jsonType, `{"count":"Jane Doe"}`,
			want{upstream.Decode, call + `decode (HTTP 200): application/json of 20 bytes is not the JSON that was expected: string in field "count" at byte 19`, 0, []string{"200"}},
		},
		"a value out of range": {
			200, jsonType, `{"count":34612345678000000000}`,
			want{upstream.Decode, call + `decode (HTTP 200): application/json of 30 bytes is not the JSON that was expected: number in field "count" at byte 29`, 0, []string{"200"}},
		},
		"a date that is none": {
			200, jsonType, `{"at":"Jane Doe"}`,
			want{upstream.Decode, call + "decode (HTTP 200): application/json of 17 bytes is not the JSON that was expected: a value cannot be read", 0, []string{"200"}},
		},
		"nothing at all": {
			200, nil, "",
			want{upstream.Decode, call + "decode (HTTP 200): an answer without Content-Type of 0 bytes is not the JSON that was expected: syntax error at byte 0", 0, []string{"200"}},
		},
		"more than the limit": {
			200, jsonType, `{"count":1, "filler":"` + strings.Repeat("x", 100) + `"}`,
			want{upstream.TooLarge, call + "too_large (HTTP 200): answer over 64 bytes", 0, []string{"200"}},
		},
	} {
		t.Run(name, func(t *testing.T) {
			synctest.Test(t, func(t *testing.T) {
				o := &observed{}
				c := newClient(t, upstream.Options{Observer: o, MaxBody: 64, HTTP: &http.Client{
					Transport: roundTrip(func(r *http.Request) (*http.Response, error) {
						return answer(r, tc.status, tc.header.Clone(), tc.body), nil
					}),
				}})
				var v struct {
					Count int       `json:"count"`
					At    time.Time `json:"at"`
				}
				_, err := c.GetJSON(t.Context(), "/tickets", url.Values{"token": {"sk-secret"}}, &v)
				if diff := cmp.Diff(tc.want, got(err, o)); diff != "" {
					t.Error(diff)
				}
			})
		})
	}
}

func TestAFailureThatPassesIsTriedAgainLaterAndLater(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		o := &observed{}
		var at []time.Duration
		began := time.Now()
		c := newClient(t, upstream.Options{Observer: o, FirstBackoff: time.Second, HTTP: &http.Client{
			Transport: roundTrip(func(r *http.Request) (*http.Response, error) {
				at = append(at, time.Since(began))
				switch len(at) {
				case 1:
					return answer(r, 502, nil, ""), nil
				case 2:
					return nil, errors.New("connection reset by peer")
				}
				return answer(r, 200, nil, `{}`), nil
			}),
		}})
		resp, err := c.Do(t.Context(), upstream.Request{Path: "/tickets"})
		if err != nil || string(resp.Body) != `{}` {
			t.Fatalf("got %v, error %v", resp, err)
		}
		if diff := cmp.Diff([]string{"502", "network", "200"}, o.requests); diff != "" {
			t.Error(diff)
		}
		if first, second := at[1], at[2]-at[1]; first < time.Second/2 || first > 3*time.Second/2 || second < 3*time.Second/4 || second > 9*time.Second/4 {
			t.Errorf("waited %v, then %v; want 1 s and 1.5 s, give or take half", first, second)
		}
	})
}

func TestAHangingUpstreamIsGivenUpOn(t *testing.T) {
	for name, hang := range map[string]roundTrip{
		"before the answer": func(r *http.Request) (*http.Response, error) {
			<-r.Context().Done()
			return nil, r.Context().Err()
		},
		"in the middle of it": func(r *http.Request) (*http.Response, error) {
			resp := answer(r, 200, nil, "")
			resp.Body = hangingBody{r.Context()}
			return resp, nil
		},
	} {
		t.Run(name, func(t *testing.T) {
			synctest.Test(t, func(t *testing.T) {
				o := &observed{}
				began := time.Now()
				c := newClient(t, upstream.Options{
					Observer: o, Timeout: 10 * time.Second, FirstBackoff: time.Nanosecond, HTTP: &http.Client{Transport: hang},
				})
				_, err := c.Do(t.Context(), upstream.Request{Path: "/tickets"})
				if reason := upstream.ReasonOf(err); reason != upstream.Timeout {
					t.Errorf("got %v", err)
				}
				if diff := cmp.Diff([]string{"timeout", "timeout", "timeout"}, o.requests); diff != "" {
					t.Error(diff)
				}
				if took := time.Since(began).Round(time.Second); took != 30*time.Second {
					t.Errorf("gave up after %v, want three times the timeout", took)
				}
			})
		})
	}
}

// hangingBody sends the beginning of an answer and no more.
type hangingBody struct{ ctx context.Context }

func (b hangingBody) Read(p []byte) (int, error) {
	<-b.ctx.Done()
	return 0, b.ctx.Err()
}

func (hangingBody) Close() error { return nil }

func TestNothingIsTriedAgainAfterTheCallerGaveUp(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		o := &observed{}
		ctx, cancel := context.WithTimeout(t.Context(), 5*time.Second)
		defer cancel()
		c := newClient(t, upstream.Options{Observer: o, FirstBackoff: time.Hour, HTTP: &http.Client{
			Transport: roundTrip(func(r *http.Request) (*http.Response, error) { return answer(r, 500, nil, ""), nil }),
		}})
		_, err := c.Do(ctx, upstream.Request{Path: "/tickets"})
		if diff := cmp.Diff(want{upstream.Server, "GET /v2/tickets: server (HTTP 500): Internal Server Error", 0, []string{"500"}}, got(err, o)); diff != "" {
			t.Error(diff)
		}
		if _, err := c.Do(ctx, upstream.Request{Path: "/tickets"}); upstream.ReasonOf(err) != upstream.Timeout || len(o.requests) != 1 {
			t.Errorf("called with a context that had ended: %v, %v", err, o.requests)
		}
	})
}

func TestCallsArePaced(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		var at []time.Duration
		began := time.Now()
		c := newClient(t, upstream.Options{Rate: 2, HTTP: &http.Client{
			Transport: roundTrip(func(r *http.Request) (*http.Response, error) {
				at = append(at, time.Since(began).Round(time.Millisecond))
				return answer(r, 200, nil, `{}`), nil
			}),
		}})
		for range 5 {
			if _, err := c.Do(t.Context(), upstream.Request{}); err != nil {
				t.Fatal(err)
			}
		}
		want := []time.Duration{0, 0, 500 * time.Millisecond, time.Second, 1500 * time.Millisecond}
		if diff := cmp.Diff(want, at); diff != "" {
			t.Error(diff)
		}
	})
}

func TestARequestIsWhatWasAskedFor(t *testing.T) {
	var sent *http.Request
	var body []byte
	c := newClient(t, upstream.Options{HTTP: &http.Client{
		Transport: roundTrip(func(r *http.Request) (*http.Response, error) {
			sent = r
			body, _ = io.ReadAll(r.Body)
			return answer(r, 200, nil, `{}`), nil
		}),
	}})
	_, err := c.Do(t.Context(), upstream.Request{
		Method: "POST", Path: "/search/a%2Fb", Query: url.Values{"q": {"a b&c"}}, Body: []byte(`{"x":1}`),
		Header: http.Header{"accept": {"text/csv"}, "X-Version": {"21"}},
	})
	if err != nil {
		t.Fatal(err)
	}
	if got := sent.Method + " " + sent.URL.String() + " " + string(body); got != `POST https://api.example/v2/search/a%2Fb?q=a+b%26c {"x":1}` {
		t.Error(got)
	}
	want := http.Header{"Accept": {"text/csv"}, "Content-Type": {"application/json"}, "X-Version": {"21"}}
	if diff := cmp.Diff(want, sent.Header); diff != "" {
		t.Error(diff)
	}
}

func TestCheckTellsWhatTheStatusDoesNot(t *testing.T) {
	expired := &upstream.Error{Reason: upstream.Auth, Code: "190", Err: errors.New("the token has expired")}
	o := &observed{}
	c := newClient(t, upstream.Options{
		Observer: o,
		Check: func(r *upstream.Response) *upstream.Error {
			if strings.Contains(string(r.Body), "190") {
				return expired
			}
			return nil
		},
		HTTP: &http.Client{Transport: roundTrip(func(r *http.Request) (*http.Response, error) {
			return answer(r, 400, http.Header{"Retry-After": {"5"}}, `{"error":{"code":190}}`), nil
		})},
	})
	_, err := c.Do(t.Context(), upstream.Request{Path: "/me"})
	if diff := cmp.Diff(want{upstream.Auth, "GET /v2/me: auth (HTTP 400, code 190): the token has expired", 5 * time.Second, []string{"400"}}, got(err, o)); diff != "" {
		t.Error(diff)
	}
	if expired.Call != "" || expired.Status != 0 {
		t.Error("the error that Check keeps was written")
	}
}

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
			io.WriteString(w, `{}`)
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
		"/away": {Reason: upstream.BadRequest, Requests: []string{"bad_request"},
			Text: "GET /away: bad_request: redirected to another host (" + elsewhere.URL + "): not followed, the credentials are for " + home.URL},
		"/downgrade": {Reason: upstream.BadRequest, Requests: []string{"bad_request"},
			Text: "GET /downgrade: bad_request: redirected to another host (ftp://" + host + "): not followed, the credentials are for " + home.URL},
		"/loop": {Reason: upstream.BadRequest, Requests: []string{"bad_request"},
			Text: "GET /loop: bad_request: redirected more than 5 times"},
		"/broken": {Reason: upstream.Network, Requests: []string{"network", "network", "network"},
			Text: `GET /broken: network: failed to parse Location header "http://[broken?<cut>": parse "http://[broken?<cut>": missing ']' in host`},
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

func TestAnUnreachableHostIsANetworkFailure(t *testing.T) {
	server := httptest.NewServer(nil)
	server.Close()
	o := &observed{}
	c := newClient(t, upstream.Options{BaseURL: server.URL, HTTP: server.Client(), Observer: o, FirstBackoff: time.Nanosecond})
	_, err := c.Do(t.Context(), upstream.Request{Path: "/tickets", Query: url.Values{"token": {"sk-secret"}}})
	if upstream.ReasonOf(err) != upstream.Network || strings.Contains(err.Error(), "sk-secret") {
		t.Errorf("got %v", err)
	}
	if diff := cmp.Diff([]string{"network", "network", "network"}, o.requests); diff != "" {
		t.Error(diff)
	}
}

func TestAnAnswerCutOffIsANetworkFailure(t *testing.T) {
	server := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, _ *http.Request) {
		w.Header().Set("Content-Length", "1000")
		io.WriteString(w, `{"tickets":[`)
	}))
	defer server.Close()
	o := &observed{}
	c := newClient(t, upstream.Options{BaseURL: server.URL, HTTP: server.Client(), Observer: o, FirstBackoff: time.Nanosecond})
	_, err := c.Do(t.Context(), upstream.Request{Path: "/tickets"})
	const text = "GET /tickets: network: reading the answer: unexpected EOF"
	if diff := cmp.Diff(want{upstream.Network, text, 0, []string{"network", "network", "network"}}, got(err, o)); diff != "" {
		t.Error(diff)
	}
}

func TestNewRefusesABaseURLThatCannotWork(t *testing.T) {
	for base, want := range map[string]string{
		"":                              `url "://": want http(s)://host`,
		"acme.zendesk.com":              `url "://acme.zendesk.com": want http(s)://host`,
		"ftp://acme.example/x":          `url "ftp://acme.example/x": want http(s)://host`,
		"https://":                      `url "https://": want http(s)://host`,
		"https://acme.example:http":     `url cannot be read, want http(s)://host: invalid port ":http" after host`,
		"https://ops:secret@acme.test/": "url holds a user name or password: put them into http_config",
		"https://acme.test?key=secret":  `url "https://acme.test": want no query and no fragment`,
	} {
		_, err := upstream.New(upstream.Options{BaseURL: base})
		if err == nil || err.Error() != want {
			t.Errorf("%s: got %v, want %s", base, err, want)
		}
	}
}
