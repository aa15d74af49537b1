package gowa

import (
	"context"
	"encoding/json"
	"net/http"
	"net/http/httptest"
	"strings"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"

	"whatsapp_sla_exporter/internal/qr"
	"whatsapp_sla_exporter/internal/simulator/fault"
	"whatsapp_sla_exporter/internal/simulator/gowa"
	"whatsapp_sla_exporter/internal/upstream"
)

var noon = time.Date(2026, 3, 2, 12, 0, 0, 0, time.UTC)

func now() time.Time { return noon }

// login sends a user and a password with every request, as http_config does.
type login struct{ user, password string }

func (l login) RoundTrip(r *http.Request) (*http.Response, error) {
	r = r.Clone(r.Context())
	r.SetBasicAuth(l.user, l.password)
	return http.DefaultTransport.RoundTrip(r)
}

// gateway is a simulated go-whatsapp-web-multidevice with devices, and a client of the one called session.
func gateway(t *testing.T, password, session string, devices ...gowa.Device) (*gowa.Server, *Client) {
	t.Helper()
	sim := gowa.New("ops", "p-secret", now)
	for _, d := range devices {
		sim.Set(d)
	}
	server := httptest.NewServer(sim)
	t.Cleanup(server.Close)
	c, err := New(Options{
		Name: "reach", Session: session, Now: now,
		Upstream: upstream.Options{
			BaseURL: server.URL, HTTP: &http.Client{Transport: login{"ops", password}}, Timeout: time.Second, FirstBackoff: time.Nanosecond,
		},
	})
	if err != nil {
		t.Fatal(err)
	}
	return sim, c
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
			want := &qr.Session{Name: "reach", Gateway: Gateway, ReadAt: noon, State: c.want}
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
			client, err := New(Options{Name: "reach", Now: now, Upstream: upstream.Options{
				BaseURL: "http://gowa", HTTP: &http.Client{Transport: canned(`{"status":200,"code":"SUCCESS","results":` + c.results + `}`)},
			}})
			if err != nil {
				t.Fatal(err)
			}
			got, err := client.Read(t.Context())
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
	none := fault.Fault{Kind: fault.Hang, Path: "/nothing"}
	for name, c := range map[string]struct {
		password, session string
		fault             fault.Fault
		reason            upstream.Reason
	}{
		"a wrong password": {"p-wrong", "d1", none, upstream.Auth},
		"no such device":   {"p-secret", "d7", none, upstream.NotFound},
		"HTML":             {"p-secret", "d1", fault.Fault{Kind: fault.HTML}, upstream.Decode},
		"truncated JSON":   {"p-secret", "d1", fault.Fault{Kind: fault.Truncated}, upstream.Decode},
		"throttled":        {"p-secret", "d1", fault.Fault{Kind: fault.Throttled}, upstream.Throttled},
		"server error":     {"p-secret", "d1", fault.Fault{Kind: fault.ServerError}, upstream.Server},
	} {
		t.Run(name, func(t *testing.T) {
			sim, client := gateway(t, c.password, c.session, gowa.Device{ID: "d1", Number: number, Connected: true, LoggedIn: true})
			sim.Fail(c.fault)
			got, err := client.Read(t.Context())
			if got != nil || upstream.ReasonOf(err) != c.reason {
				t.Fatalf("session %v, error %v; want reason %s", got, err, c.reason)
			}
			if strings.Contains(err.Error(), "p-") || strings.Contains(err.Error(), number) {
				t.Errorf("the error tells too much: %v", err)
			}
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

// canned answers every request with one body.
type canned []byte

func (b canned) RoundTrip(*http.Request) (*http.Response, error) {
	w := httptest.NewRecorder()
	_, _ = w.Write(b)
	return w.Result(), nil
}

func FuzzRead(f *testing.F) {
	f.Add([]byte(`{"status":200,"results":{"is_connected":true,"is_logged_in":true,"jid":"628@s.whatsapp.net"}}`))
	f.Add([]byte(`{"results":[]}`))
	f.Add([]byte(`null`))
	f.Fuzz(func(t *testing.T, body []byte) {
		c, err := New(Options{Name: "x", Now: now, Upstream: upstream.Options{
			BaseURL: "http://gowa", HTTP: &http.Client{Transport: canned(body)}, Rate: 1e9, Burst: 1e9,
		}})
		if err != nil {
			t.Fatal(err)
		}
		s, err := c.Read(context.Background())
		if (s == nil) == (err == nil) {
			t.Fatalf("session %v, error %v", s, err)
		}
		if err == nil && !json.Valid(body) {
			t.Error("a session from what is not JSON")
		}
	})
}
