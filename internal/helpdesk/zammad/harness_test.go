package zammad

import (
	"testing"

	"go.uber.org/goleak"

	"whatsapp_sla_exporter/internal/helpdesk"
	"whatsapp_sla_exporter/internal/helpdesk/conformance"
	"whatsapp_sla_exporter/internal/helpdesk/desktest"
	simulator "whatsapp_sla_exporter/internal/simulator/zammad"
)

func TestMain(m *testing.M) { goleak.VerifyTestMain(m) }

// The names that the stories are told in.
var (
	at, minute = desktest.At, desktest.Minute
	must, diff = desktest.Must, desktest.Diff
)

// desk is a simulated instance and a client that reads it over HTTP.
type desk struct {
	*simulator.Server
	*desktest.Clock
	client *Client
}

func newDesk(t testing.TB, so simulator.Options, change ...func(*Options)) *desk {
	t.Helper()
	d := &desk{Clock: desktest.NewClock(desktest.Epoch)}
	so.Tokens, so.Now = []string{token}, d.Now
	d.Server = simulator.New(so)
	o := Options{Now: d.Now, Upstream: desktest.Serve(t, d.Server)}
	o.Upstream.HTTP = conformance.Header(o.Upstream.HTTP, "Authorization", "Token token="+token)
	for _, f := range change {
		f(&o)
	}
	var err error
	d.client, err = New(o)
	must(t, err)
	return d
}

// first looks up ticket 1.
func (d *desk) first(t testing.TB) helpdesk.Ticket {
	t.Helper()
	return desktest.Only(t)(d.client.Lookup(t.Context(), []string{"1"}))
}
