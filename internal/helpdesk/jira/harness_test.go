package jira

import (
	"net/http"
	"testing"
	"time"

	"go.uber.org/goleak"

	"whatsapp_sla_exporter/internal/helpdesk/conformance"
	"whatsapp_sla_exporter/internal/helpdesk/desktest"
	"whatsapp_sla_exporter/internal/simulator/desk"
	"whatsapp_sla_exporter/internal/simulator/fault"
	simulator "whatsapp_sla_exporter/internal/simulator/jira"
)

func TestMain(m *testing.M) { goleak.VerifyTestMain(m) }

// The names that the stories are told in.
var at, must, ok = desktest.At, desktest.Must, desktest.Pass

const user, token = "ops@acme.example", "s3cret"

// simulated is a simulated site and a client that reads it.
type simulated struct {
	*simulator.Server
	*fault.Injector
	*desktest.Clock
	client *Client
}

func newSite(t *testing.T, change func(*simulator.Options, *Options)) *simulated {
	t.Helper()
	s := &simulated{Clock: desktest.NewClock(desktest.Epoch)}
	s.Injector = fault.New(s.Now, fault.Bodies{})
	so := simulator.Options{
		Email: user, Token: token, Now: s.Now,
		Targets: map[string]desk.Targets{"high": {FirstResponse: time.Hour, Resolution: 8 * time.Hour}},
	}
	o := Options{Now: s.Now, Upstream: desktest.Serve(t, s.Wrap(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		s.Server.ServeHTTP(w, r)
	})))}
	o.Upstream.HTTP = conformance.Basic(o.Upstream.HTTP, user, token)
	if change != nil {
		change(&so, &o)
	}
	s.Server = simulator.New(so)
	var err error
	s.client, err = New(o)
	must(t, err)
	s.client.wait = s.Wait
	return s
}
