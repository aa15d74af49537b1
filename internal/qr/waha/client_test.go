package waha

import (
	"context"
	"encoding/json"
	"net/http"
	"net/http/httptest"
	"strings"
	"testing"
	"time"

	"github.com/go-kit/log"
	"github.com/google/go-cmp/cmp"

	"whatsapp_sla_exporter/internal/qr"
	"whatsapp_sla_exporter/internal/simulator/fault"
	"whatsapp_sla_exporter/internal/simulator/waha"
	"whatsapp_sla_exporter/internal/upstream"
)

var noon = time.Date(2026, 3, 2, 12, 0, 0, 0, time.UTC)

func now() time.Time { return noon }

// keyed sends a key with every request, as http_config does.
type keyed struct{ header, key string }

func (k keyed) RoundTrip(r *http.Request) (*http.Response, error) {
	r = r.Clone(r.Context())
	r.Header.Set(k.header, k.key)
	return http.DefaultTransport.RoundTrip(r)
}

// gateway is a simulated WAHA with one session, and a client of it.
func gateway(t *testing.T, key string, logger log.Logger) (*waha.Server, *Client) {
	t.Helper()
	sim := waha.New("k-secret", now)
	sim.Set(waha.Session{Name: "default", Status: waha.Working, Number: "34600112233", PushName: "Acme Soporte"})
	server := httptest.NewServer(sim)
	t.Cleanup(server.Close)
	c, err := New(Options{
		Name: "reach", Now: now, Logger: logger,
		Upstream: upstream.Options{
			BaseURL: server.URL, HTTP: &http.Client{Transport: keyed{"X-Api-Key", key}}, Timeout: time.Second, FirstBackoff: time.Nanosecond,
		},
	})
	if err != nil {
		t.Fatal(err)
	}
	return sim, c
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
		want := &qr.Session{Name: "reach", Gateway: Gateway, ReadAt: noon, State: step.want, UnknownStates: step.unknown}
		if d := cmp.Diff(want, got); d != "" {
			t.Errorf("%s: %s", step.status, d)
		}
	}
	if !strings.Contains(logged.String(), "value=DREAMING") || strings.Contains(logged.String(), "34600112233") {
		t.Errorf("logged:\n%s", logged.String())
	}
}

func TestAGatewayThatCannotBeReadIsAnErrorAndNoSession(t *testing.T) {
	for name, c := range map[string]struct {
		key    string
		spoil  func(*waha.Server)
		reason upstream.Reason
	}{
		"a wrong key":            {"k-wrong", func(*waha.Server) {}, upstream.Auth},
		"a session that is gone": {"k-secret", func(s *waha.Server) { s.Delete("default") }, upstream.NotFound},
		"HTML":                   {"k-secret", func(s *waha.Server) { s.Fail(fault.Fault{Kind: fault.HTML}) }, upstream.Decode},
		"truncated JSON":         {"k-secret", func(s *waha.Server) { s.Fail(fault.Fault{Kind: fault.Truncated}) }, upstream.Decode},
		"throttled":              {"k-secret", func(s *waha.Server) { s.Fail(fault.Fault{Kind: fault.Throttled}) }, upstream.Throttled},
		"server error":           {"k-secret", func(s *waha.Server) { s.Fail(fault.Fault{Kind: fault.ServerError}) }, upstream.Server},
	} {
		t.Run(name, func(t *testing.T) {
			sim, client := gateway(t, c.key, nil)
			c.spoil(sim)
			got, err := client.Read(t.Context())
			if got != nil || upstream.ReasonOf(err) != c.reason {
				t.Fatalf("session %v, error %v; want reason %s", got, err, c.reason)
			}
			if strings.Contains(err.Error(), "k-") {
				t.Errorf("the error tells the key: %v", err)
			}
		})
	}
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

// canned answers every request with one body.
type canned []byte

func (b canned) RoundTrip(*http.Request) (*http.Response, error) {
	w := httptest.NewRecorder()
	_, _ = w.Write(b)
	return w.Result(), nil
}

func FuzzRead(f *testing.F) {
	f.Add([]byte(`{"name":"default","status":"WORKING","me":{"id":"34600112233@c.us"}}`))
	f.Add([]byte(`{"status":{"a":1}}`))
	f.Add([]byte(`null`))
	f.Fuzz(func(t *testing.T, body []byte) {
		c, err := New(Options{Name: "x", Now: now, Upstream: upstream.Options{
			BaseURL: "http://waha", HTTP: &http.Client{Transport: canned(body)}, Rate: 1e9, Burst: 1e9,
		}})
		if err != nil {
			t.Fatal(err)
		}
		s, err := c.Read(context.Background())
		if (s == nil) == (err == nil) {
			t.Errorf("session %v, error %v", s, err)
		}
		if err == nil && !json.Valid(body) {
			t.Error("a session from what is not JSON")
		}
	})
}
