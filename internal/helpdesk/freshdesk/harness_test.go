package freshdesk

import (
	"testing"

	"go.uber.org/goleak"

	"whatsapp_sla_exporter/internal/helpdesk"
	"whatsapp_sla_exporter/internal/helpdesk/conformance"
	"whatsapp_sla_exporter/internal/helpdesk/desktest"
	simulator "whatsapp_sla_exporter/internal/simulator/freshdesk"
)

func TestMain(m *testing.M) { goleak.VerifyTestMain(m) }

// The names that the stories are told in.
var (
	at, minute = desktest.At, desktest.Minute
	must, diff = desktest.Must, desktest.Diff
)

// desk is a simulated account and a client that reads it over HTTP.
type desk struct {
	*simulator.Server
	*desktest.Clock
	client *Client
	quota  map[string]float64
}

func (d *desk) Request(string)                   {}
func (d *desk) Quota(name string, used float64)  { d.quota[name] = used }
func (d *desk) Version(requested, served string) { d.quota[requested+"/"+served] = 1 }

func newDesk(t testing.TB, so simulator.Options, change ...func(*Options)) *desk {
	t.Helper()
	d := &desk{Clock: desktest.NewClock(desktest.Epoch), quota: map[string]float64{}}
	so.Now = d.Now
	if so.Keys == nil {
		so.Admins = []string{key}
	}
	d.Server = simulator.New(so)
	o := Options{Now: d.Now, Upstream: desktest.Serve(t, d.Server)}
	o.Upstream.HTTP, o.Upstream.Observer = conformance.Basic(o.Upstream.HTTP, key, "X"), d
	for _, f := range change {
		f(&o)
	}
	var err error
	d.client, err = New(o)
	must(t, err)
	d.client.wait = d.Wait
	return d
}

// first looks up ticket 1.
func (d *desk) first(t testing.TB) helpdesk.Ticket {
	t.Helper()
	return desktest.Only(t)(d.client.Lookup(t.Context(), []string{"1"}))
}

// withKey makes the client use another key.
func withKey(key string) func(*Options) {
	return func(o *Options) { o.Upstream.HTTP = conformance.Basic(desktest.Once(), key, "X") }
}
