// Package upstreamtest is what the tests of clients of small APIs have in common: a simulator served over HTTP, credentials
// that go with every request, answers that no simulator gives, and the failures that no client may take for an answer.
package upstreamtest

import (
	"encoding/json"
	"net/http"
	"net/http/httptest"
	"strings"
	"testing"
	"time"

	"golang.org/x/time/rate"

	"whatsapp_sla_exporter/internal/simulator/fault"
	"whatsapp_sla_exporter/internal/upstream"
)

// Noon is when the tests take place.
var Noon = time.Date(2026, 3, 2, 12, 0, 0, 0, time.UTC)

// Now is a clock that stands at noon.
func Now() time.Time { return Noon }

// Serve serves a simulator until the test ends, and returns how to call it with credentials: without limits, and hardly
// waiting before a second attempt.
func Serve(t testing.TB, h http.Handler, c Credentials) upstream.Options {
	t.Helper()
	server := httptest.NewServer(h)
	t.Cleanup(server.Close)
	return upstream.Options{
		BaseURL: server.URL, HTTP: &http.Client{Transport: c}, Timeout: time.Second, FirstBackoff: time.Nanosecond, Rate: rate.Inf, Burst: 1,
	}
}

// Credentials change every request before it is sent, as http_config does.
type Credentials func(*http.Request)

// None are those of an API that asks for none.
func None(*http.Request) {}

// Header is a credential in a header.
func Header(key, value string) Credentials {
	return func(r *http.Request) { r.Header.Set(key, value) }
}

// Basic are a user and a password.
func Basic(user, password string) Credentials {
	return func(r *http.Request) { r.SetBasicAuth(user, password) }
}

// RoundTrip sends a request.
func (c Credentials) RoundTrip(r *http.Request) (*http.Response, error) {
	r = r.Clone(r.Context())
	c(r)
	return http.DefaultTransport.RoundTrip(r)
}

// Answering is an upstream that answers every request with one body, without a network and whatever its address.
func Answering(body string) upstream.Options {
	return AnsweringBy(func(string) string { return body })
}

// AnsweringBy is an upstream that answers a path with a body, without a network and whatever its address.
func AnsweringBy(body func(path string) string) upstream.Options {
	return upstream.Options{HTTP: &http.Client{Transport: canned(body)}, Rate: rate.Inf, Burst: 1}
}

type canned func(path string) string

func (c canned) RoundTrip(r *http.Request) (*http.Response, error) {
	w := httptest.NewRecorder()
	_, _ = w.WriteString(c(r.URL.Path))
	return w.Result(), nil
}

// Failures makes requests fail in each of the ways that every API knows, and in those in more, like the fault in all but
// its kind: read, which reads from a simulator with that fault, must give an error for the right reason, and nothing else.
func Failures[T any](t *testing.T, like fault.Fault, read func(*testing.T, fault.Fault) (*T, error), more ...fault.Kind) {
	t.Helper()
	always := []fault.Kind{fault.HTML, fault.Truncated, fault.Throttled, fault.ServerError, fault.Unavailable, fault.NotFound}
	for _, kind := range append(always, more...) {
		t.Run(string(kind), func(t *testing.T) {
			like.Kind = kind
			got, err := read(t, like)
			Refused(t, got, err, reasons[kind])
		})
	}
}

var reasons = map[fault.Kind]upstream.Reason{
	fault.HTML: upstream.Decode, fault.Truncated: upstream.Decode, fault.Repeat: upstream.Decode,
	fault.Throttled: upstream.Throttled, fault.ServerError: upstream.Server, fault.Unavailable: upstream.Server,
	fault.Unauthorized: upstream.Auth, fault.NotFound: upstream.NotFound,
}

// Refused is a reading that must have given an error for a reason, and nothing else.
func Refused[T any](t testing.TB, got *T, err error, reason upstream.Reason) {
	t.Helper()
	if got != nil || upstream.ReasonOf(err) != reason {
		t.Fatalf("read %v, error %v; want reason %s", got, err, reason)
	}
}

// Untold is an error that must not tell any of these.
func Untold(t testing.TB, err error, secrets ...string) {
	t.Helper()
	for _, secret := range secrets {
		if err != nil && strings.Contains(err.Error(), secret) {
			t.Errorf("the error tells %s: %v", secret, err)
		}
	}
}

// OneOrTheOther is a reading of a body that must have given something or an error, and an error where the body is no JSON.
func OneOrTheOther[T any](t testing.TB, body string, got *T, err error) {
	t.Helper()
	if (got == nil) == (err == nil) {
		t.Fatalf("read %v, error %v", got, err)
	}
	if err == nil && !json.Valid([]byte(body)) {
		t.Error("something is read from what is not JSON")
	}
}
