// Package desktest is what the tests of helpdesk clients have in common, besides the suite of package conformance: a
// simulator served over HTTP, a clock that the test moves, and the instants of its stories.
package desktest

import (
	"net/http"
	"net/http/httptest"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"
	"github.com/google/go-cmp/cmp/cmpopts"

	"whatsapp_sla_exporter/internal/helpdesk"
	"whatsapp_sla_exporter/internal/upstream"
)

// Serve serves a simulator over HTTP until the test ends, and returns how to call it: without limits, without credentials,
// and hardly waiting before a second attempt.
func Serve(t testing.TB, h http.Handler) upstream.Options {
	t.Helper()
	srv := httptest.NewServer(h)
	t.Cleanup(srv.Close)
	transport := &http.Transport{}
	t.Cleanup(transport.CloseIdleConnections)
	return upstream.Options{
		BaseURL: srv.URL, HTTP: &http.Client{Transport: transport}, Timeout: time.Minute,
		Rate: 1e6, Burst: 1e6, FirstBackoff: time.Millisecond,
	}
}

// Once is an HTTP client that keeps no connection, for a second login to a server.
func Once() *http.Client {
	return &http.Client{Transport: &http.Transport{DisableKeepAlives: true}}
}

// Must ends the test where something went wrong that it only needs to have been done.
func Must(t testing.TB, errs ...error) {
	t.Helper()
	for _, err := range errs {
		if err != nil {
			t.Fatal(err)
		}
	}
}

// Pass is a pass that must have succeeded: desktest.Pass(t)(client.Open(ctx)).
func Pass(t testing.TB) func(*helpdesk.Pass, error) *helpdesk.Pass {
	return func(p *helpdesk.Pass, err error) *helpdesk.Pass {
		t.Helper()
		Must(t, err)
		return p
	}
}

// Only is the one ticket of a pass that must have succeeded and has no other.
func Only(t testing.TB) func(*helpdesk.Pass, error) helpdesk.Ticket {
	return func(p *helpdesk.Pass, err error) helpdesk.Ticket {
		t.Helper()
		Must(t, err)
		if len(p.Tickets) != 1 {
			t.Fatalf("%d tickets, want one", len(p.Tickets))
		}
		return p.Tickets[0]
	}
}

// Diff compares whole results; nil and empty lists are the same.
func Diff(want, got any) string { return cmp.Diff(want, got, cmpopts.EquateEmpty()) }
