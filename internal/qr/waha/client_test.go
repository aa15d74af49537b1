package waha

import (
	"context"
	"strings"
	"testing"
	"time"

	"github.com/go-kit/log"
	"github.com/google/go-cmp/cmp"

	"whatsapp_sla_exporter/internal/qr"
	"whatsapp_sla_exporter/internal/simulator/fault"
	"whatsapp_sla_exporter/internal/simulator/waha"
	"whatsapp_sla_exporter/internal/upstream"
	"whatsapp_sla_exporter/internal/upstream/upstreamtest"
)

// gateway is a simulated WAHA with one session, and a client of it.
func gateway(t *testing.T, key string, logger log.Logger) (*waha.Server, *Client) {
	t.Helper()
	sim := waha.New("k-secret", upstreamtest.Now)
	sim.Set(waha.Session{Name: "default", Status: waha.Working, Number: "34600112233", PushName: "Acme Soporte"})
	return sim, client(t, upstreamtest.Serve(t, sim, upstreamtest.Header("X-Api-Key", key)), logger)
}

func client(t *testing.T, o upstream.Options, logger log.Logger) *Client {
	t.Helper()
	c, err := New(Options{Name: "reach", Now: upstreamtest.Now, Logger: logger, Upstream: o})
	if err != nil {
		t.Fatal(err)
	}
	return c
}

func TestEveryStatusHasItsState(t *testing.T) {
	var logged strings.Builder
	sim, c := gateway(t, "k-secret", log.NewLogfmtLogger(&logged))
	for _, step := range []struct {
		status  string
		want    qr.State
		unknown uint64
	}{
		{waha.Working, qr.Connected, 0},
		{waha.Starting, qr.Connecting, 0},
		{waha.ScanQR, qr.ScanQR, 0},
		{waha.Stopped, qr.Stopped, 0},
		{waha.Failed, qr.Failed, 0},
		{"DREAMING", qr.Unknown, 1},
		{"", qr.Unknown, 2},
		{"working", qr.Connected, 2},
	} {
		sim.SetStatus("default", step.status)
		got, err := c.Read(t.Context())
		if err != nil {
			t.Fatal(err)
		}
		want := &qr.Session{Name: "reach", Gateway: Gateway, ReadAt: upstreamtest.Noon, State: step.want, UnknownStates: step.unknown}
		if d := cmp.Diff(want, got); d != "" {
			t.Errorf("%s: %s", step.status, d)
		}
	}
	if !strings.Contains(logged.String(), "value=DREAMING") || strings.Contains(logged.String(), "34600112233") {
		t.Errorf("logged:\n%s", logged.String())
	}
}

func TestAGatewayThatCannotBeReadIsAnErrorAndNoSession(t *testing.T) {
	upstreamtest.Failures(t, fault.Fault{}, func(t *testing.T, f fault.Fault) (*qr.Session, error) {
		sim, c := gateway(t, "k-secret", nil)
		sim.Fail(f)
		s, err := c.Read(t.Context())
		upstreamtest.Untold(t, err, "k-")
		return s, err
	})
	_, c := gateway(t, "k-wrong", nil)
	s, err := c.Read(t.Context())
	upstreamtest.Refused(t, s, err, upstream.Auth)
	upstreamtest.Untold(t, err, "k-")
	sim, c := gateway(t, "k-secret", nil)
	sim.Delete("default")
	s, err = c.Read(t.Context())
	upstreamtest.Refused(t, s, err, upstream.NotFound)
}

func TestAGatewayThatHangsIsGivenUpOn(t *testing.T) {
	sim, c := gateway(t, "k-secret", nil)
	sim.Fail(fault.Fault{Kind: fault.Hang})
	ctx, cancel := context.WithTimeout(t.Context(), 50*time.Millisecond)
	defer cancel()
	if got, err := c.Read(ctx); got != nil || upstream.ReasonOf(err) != upstream.Timeout {
		t.Errorf("session %v, error %v", got, err)
	}
}

func TestOptionsThatCannotWorkAreRefused(t *testing.T) {
	base := upstream.Options{BaseURL: "http://waha:3000"}
	for name, o := range map[string]Options{
		"no name":                     {Upstream: base},
		"no URL":                      {Name: "reach"},
		"a session that is a path up": {Name: "reach", Upstream: base, Session: ".."},
	} {
		if c, err := New(o); err == nil {
			t.Errorf("%s: %v is accepted", name, c)
		}
	}
}

func FuzzRead(f *testing.F) {
	f.Add(`{"name":"default","status":"WORKING","me":{"id":"34600112233@c.us"}}`)
	f.Add(`{"status":{"a":1}}`)
	f.Add(`null`)
	f.Fuzz(func(t *testing.T, body string) {
		o := upstreamtest.Answering(body)
		o.BaseURL = "http://waha:3000"
		s, err := client(t, o, nil).Read(context.Background())
		upstreamtest.OneOrTheOther(t, body, s, err)
	})
}
