package upstream_test

import (
	"context"
	"errors"
	"io"
	"net/http"
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
