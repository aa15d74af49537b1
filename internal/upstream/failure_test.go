package upstream_test

import (
	"fmt"
	"net/http"
	"net/http/httptest"
	"net/url"
	"strings"
	"testing"
	"testing/synctest"
	"time"

	"github.com/google/go-cmp/cmp"

	"whatsapp_sla_exporter/internal/upstream"
)

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
			429,
			http.Header{"Retry-After": {"17"}},
			"",
			want{upstream.Throttled, call + "throttled (HTTP 429): Too Many Requests", 17 * time.Second, []string{"429"}},
		},
		"throttled without a word on how long": {
			429, nil, "", want{upstream.Throttled, call + "throttled (HTTP 429): Too Many Requests", 0, []string{"429"}},
		},
		"down for maintenance, with seconds to wait": {
			503,
			http.Header{"Retry-After": {"120"}},
			"",
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
		fmt.Fprint(w, `{"tickets":[`)
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
