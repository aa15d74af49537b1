package intercom

import (
	"net/http"
	"testing"

	"go.uber.org/goleak"

	"whatsapp_sla_exporter/internal/helpdesk/conformance"
	"whatsapp_sla_exporter/internal/helpdesk/desktest"
	"whatsapp_sla_exporter/internal/simulator/fault"
	simulator "whatsapp_sla_exporter/internal/simulator/intercom"
)

func TestMain(m *testing.M) { goleak.VerifyTestMain(m) }

// The names that the stories are told in.
var at, must, ok = desktest.At, desktest.Must, desktest.Pass

const token = "s3cret"

// workspace is a simulated workspace and a client that reads it.
type workspace struct {
	*simulator.Server
	*fault.Injector
	*desktest.Clock
	client   *Client
	versions []string
	quota    float64
}

func (w *workspace) Request(string)               {}
func (w *workspace) Quota(_ string, used float64) { w.quota = used }
func (w *workspace) Version(requested, served string) {
	w.versions = append(w.versions, requested+" "+served)
}

func newWorkspace(t *testing.T, change func(*simulator.Options, *Options)) *workspace {
	t.Helper()
	w := &workspace{Clock: desktest.NewClock(desktest.Epoch)}
	w.Injector = fault.New(w.Now, fault.Bodies{})
	so := simulator.Options{Token: token, Now: w.Now}
	o := Options{Now: w.Now, Upstream: desktest.Serve(t, w.Wrap(http.HandlerFunc(func(rw http.ResponseWriter, r *http.Request) {
		w.Server.ServeHTTP(rw, r)
	})))}
	o.Upstream.HTTP, o.Upstream.Observer = conformance.Header(o.Upstream.HTTP, "Authorization", "Bearer "+token), w
	if change != nil {
		change(&so, &o)
	}
	w.Server = simulator.New(so)
	var err error
	w.client, err = New(o)
	must(t, err)
	w.client.wait = w.Wait
	return w
}
