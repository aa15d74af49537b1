package gowa

import (
	"context"
	"testing"

	"github.com/google/go-cmp/cmp"

	"whatsapp_sla_exporter/internal/qr"
	"whatsapp_sla_exporter/internal/simulator/fault"
	"whatsapp_sla_exporter/internal/simulator/gowa"
	"whatsapp_sla_exporter/internal/upstream"
	"whatsapp_sla_exporter/internal/upstream/upstreamtest"
)

// gateway is a simulated go-whatsapp-web-multidevice with devices, and a client of the one called session.
func gateway(t *testing.T, password, session string, devices ...gowa.Device) (*gowa.Server, *Client) {
	t.Helper()
	sim := gowa.New("ops", "p-secret", upstreamtest.Now)
	for _, d := range devices {
		sim.Set(d)
	}
	return sim, client(t, session, upstreamtest.Serve(t, sim, upstreamtest.Basic("ops", password)))
}

func client(t *testing.T, session string, o upstream.Options) *Client {
	t.Helper()
	c, err := New(Options{Name: "reach", Session: session, Now: upstreamtest.Now, Upstream: o})
	if err != nil {
		t.Fatal(err)
	}
	return c
}

// answering is a client of the only device of a gateway that answers with a body.
func answering(t *testing.T, body string) *Client {
	t.Helper()
	o := upstreamtest.Answering(body)
	o.BaseURL = "http://gowa:3000"
	return client(t, "", o)
}

const number = "628123456789"

func TestEveryStatusHasItsState(t *testing.T) {
	for name, c := range map[string]struct {
		device gowa.Device
		want   qr.State
	}{
		"linked and online":        {gowa.Device{Number: number, DisplayName: "Budi", Connected: true, LoggedIn: true}, qr.Connected},
		"linked and logging in":    {gowa.Device{Number: number, Connected: true}, qr.Connecting},
		"linked and offline":       {gowa.Device{Number: number}, qr.Disconnected},
		"waiting to be linked":     {gowa.Device{Connected: true}, qr.ScanQR},
		"logged out on the phone":  {gowa.Device{}, qr.LoggedOut},
		"logged in and not online": {gowa.Device{Number: number, LoggedIn: true}, qr.Disconnected},
	} {
		t.Run(name, func(t *testing.T) {
			c.device.ID = "büro 1+2"
			_, client := gateway(t, "p-secret", "büro 1+2", gowa.Device{ID: "other", Number: "1", Connected: true, LoggedIn: true}, c.device)
			got, err := client.Read(t.Context())
			if err != nil {
				t.Fatal(err)
			}
			want := &qr.Session{Name: "reach", Gateway: Gateway, ReadAt: upstreamtest.Noon, State: c.want}
			if d := cmp.Diff(want, got); d != "" {
				t.Error(d)
			}
		})
	}
}

func TestTheOnlyDeviceNeedsNoName(t *testing.T) {
	sim, c := gateway(t, "p-secret", "", gowa.Device{ID: "d1", Number: number, Connected: true, LoggedIn: true})
	if s, err := c.Read(t.Context()); err != nil || s.State != qr.Connected {
		t.Errorf("%v, %v", s, err)
	}
	sim.Set(gowa.Device{ID: "d2"})
	if s, err := c.Read(t.Context()); upstream.ReasonOf(err) != upstream.BadRequest {
		t.Errorf("with two devices: %v, %v", s, err)
	}
}

func TestOlderAndOddAnswersAreReadAsFarAsTheyCanBe(t *testing.T) {
	for name, c := range map[string]struct {
		results string
		want    qr.State
		unknown uint64
	}{
		"before version 8, offline":    {`{"is_connected":false,"is_logged_in":false,"device_id":"d1"}`, qr.Disconnected, 0},
		"before version 8, not linked": {`{"is_connected":true,"is_logged_in":false}`, qr.ScanQR, 0},
		"a field that vanished":        {`{"is_connected":true}`, qr.Unknown, 1},
		"words for booleans":           {`{"is_connected":"yes","is_logged_in":"yes"}`, qr.Unknown, 1},
		"no results":                   {`null`, qr.Unknown, 1},
	} {
		t.Run(name, func(t *testing.T) {
			got, err := answering(t, `{"status":200,"code":"SUCCESS","results":`+c.results+`}`).Read(t.Context())
			if err != nil {
				t.Fatal(err)
			}
			if got.State != c.want || got.UnknownStates != c.unknown {
				t.Errorf("%s with %d unknown, want %s with %d", got.State, got.UnknownStates, c.want, c.unknown)
			}
		})
	}
}

func TestAGatewayThatCannotBeReadIsAnErrorAndNoSession(t *testing.T) {
	device := gowa.Device{ID: "d1", Number: number, Connected: true, LoggedIn: true}
	upstreamtest.Failures(t, fault.Fault{}, func(t *testing.T, f fault.Fault) (*qr.Session, error) {
		sim, c := gateway(t, "p-secret", "d1", device)
		sim.Fail(f)
		s, err := c.Read(t.Context())
		upstreamtest.Untold(t, err, "p-", number)
		return s, err
	})
	for name, c := range map[string]struct {
		password, session string
		reason            upstream.Reason
	}{
		"a wrong password": {"p-wrong", "d1", upstream.Auth},
		"no such device":   {"p-secret", "d7", upstream.NotFound},
	} {
		t.Run(name, func(t *testing.T) {
			_, client := gateway(t, c.password, c.session, device)
			s, err := client.Read(t.Context())
			upstreamtest.Refused(t, s, err, c.reason)
			upstreamtest.Untold(t, err, "p-", number)
		})
	}
}

func TestOptionsThatCannotWorkAreRefused(t *testing.T) {
	for name, o := range map[string]Options{
		"no name": {Upstream: upstream.Options{BaseURL: "http://gowa:3000"}},
		"no URL":  {Name: "reach"},
	} {
		if c, err := New(o); err == nil {
			t.Errorf("%s: %v is accepted", name, c)
		}
	}
}

func FuzzRead(f *testing.F) {
	f.Add(`{"status":200,"results":{"is_connected":true,"is_logged_in":true,"jid":"628@s.whatsapp.net"}}`)
	f.Add(`{"results":[]}`)
	f.Add(`null`)
	f.Fuzz(func(t *testing.T, body string) {
		s, err := answering(t, body).Read(context.Background())
		upstreamtest.OneOrTheOther(t, body, s, err)
	})
}
