package evolution

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
	"whatsapp_sla_exporter/internal/simulator/evolution"
	"whatsapp_sla_exporter/internal/simulator/fault"
	"whatsapp_sla_exporter/internal/upstream"
)

var noon = time.Date(2026, 3, 2, 12, 0, 0, 0, time.UTC)

func now() time.Time { return noon }

// keyed sends a key with every request, as http_config does.
type keyed string

func (k keyed) RoundTrip(r *http.Request) (*http.Response, error) {
	r = r.Clone(r.Context())
	r.Header.Set("apikey", string(k))
	return http.DefaultTransport.RoundTrip(r)
}

// gateway is a simulated Evolution API with two instances, and a client of the first.
func gateway(t *testing.T, key string) (*evolution.Server, *Client) {
	t.Helper()
	sim := evolution.New("k-global", now)
	sim.Create("acme", "k-acme")
	sim.Create("other", "k-other")
	server := httptest.NewServer(sim)
	t.Cleanup(server.Close)
	c, err := New(Options{
		Name: "reach", Session: "acme", Now: now,
		Upstream: upstream.Options{
			BaseURL: server.URL, HTTP: &http.Client{Transport: keyed(key)}, Timeout: time.Second, FirstBackoff: time.Nanosecond,
		},
	})
	if err != nil {
		t.Fatal(err)
	}
	return sim, c
}

func read(t *testing.T, c *Client) *qr.Session {
	t.Helper()
	s, err := c.Read(t.Context())
	if err != nil {
		t.Fatal(err)
	}
	return s
}

// step is something that happens to an instance, and its state after that.
type step struct {
	what string
	do   func(*evolution.Server)
	want qr.State
}

func open(s *evolution.Server)      { s.Open("acme", "34600112233", "Acme Soporte") }
func showQR(s *evolution.Server)    { s.ShowQR("acme") }
func reconnect(s *evolution.Server) { s.Reconnect("acme") }

func closed(reason int) func(*evolution.Server) {
	return func(s *evolution.Server) { s.Close("acme", reason) }
}

func live(word string) func(*evolution.Server) {
	return func(s *evolution.Server) { s.SetLive("acme", word) }
}

var lives = map[string][]step{
	"linked for the first time": {
		{"created", func(*evolution.Server) {}, qr.LoggedOut},
		{"shows a QR code", showQR, qr.ScanQR},
		{"nobody scans it", func(s *evolution.Server) { s.GiveUpQR("acme") }, qr.LoggedOut},
		{"shows another", showQR, qr.ScanQR},
		{"somebody scans it", open, qr.Connected},
	},
	"logged out on the phone and linked again": {
		{"connected", open, qr.Connected},
		{"unlinked", closed(401), qr.LoggedOut},
		{"shows a QR code", showQR, qr.ScanQR},
		{"linked again", open, qr.Connected},
		// The gateway keeps the 401 of the time before in its record.
		{"the line breaks", reconnect, qr.Connecting},
		{"and it stays closed", live("close"), qr.Disconnected},
	},
	"banned": {
		{"connected", open, qr.Connected},
		{"for a time", closed(402), qr.Blocked},
		{"locked", closed(403), qr.Blocked},
		{"for good", closed(406), qr.Blocked},
	},
	"closed for a reason that nobody knows": {
		{"connected", open, qr.Connected},
		{"closed", closed(499), qr.Disconnected},
	},
	"a gateway with words of its own": {
		{"the QR codes are used up", live("refused"), qr.LoggedOut},
		{"something new", live("hibernating"), qr.Unknown},
		{"not loaded", live(""), qr.Unknown},
	},
}

func TestTheLifeOfAnInstance(t *testing.T) {
	for _, key := range []string{"k-global", "k-acme"} {
		for name, steps := range lives {
			t.Run(name, func(t *testing.T) {
				sim, c := gateway(t, key)
				for _, s := range steps {
					s.do(sim)
					if got := read(t, c).State; got != s.want {
						t.Errorf("%s: %s, want %s", s.what, got, s.want)
					}
				}
			})
		}
	}
}

func TestASessionHoldsNothingOfItsOwner(t *testing.T) {
	sim, c := gateway(t, "k-global")
	open(sim)
	sim.SetLive("acme", "hibernating")
	want := &qr.Session{Name: "reach", Gateway: Gateway, ReadAt: noon, State: qr.Unknown, UnknownStates: 1}
	if d := cmp.Diff(want, read(t, c)); d != "" {
		t.Error(d)
	}
}

func TestWhereTheRecordCannotBeReadWhatItSaidLastStands(t *testing.T) {
	sim, c := gateway(t, "k-global")
	open(sim)
	read(t, c)
	sim.Close("acme", 401)
	broken := fault.Fault{Kind: fault.HTML, Path: "/instance/fetchInstances"}

	sim.Fail(broken)
	if got := read(t, c).State; got != qr.Disconnected {
		t.Errorf("closed and no record: %s", got)
	}
	sim.Heal()
	if got := read(t, c).State; got != qr.LoggedOut {
		t.Errorf("closed with a record: %s", got)
	}
	sim.Fail(broken)
	if got := read(t, c).State; got != qr.LoggedOut {
		t.Errorf("closed with a record from before: %s", got)
	}
}

func TestAGatewayThatCannotBeReadIsAnErrorAndNoSession(t *testing.T) {
	path := "/instance/connectionState"
	for name, c := range map[string]struct {
		key    string
		fault  fault.Fault
		reason upstream.Reason
	}{
		"a wrong key":            {"k-wrong", fault.Fault{Kind: fault.Hang, Path: "/nothing"}, upstream.Auth},
		"another instance's key": {"k-other", fault.Fault{Kind: fault.Hang, Path: "/nothing"}, upstream.Auth},
		"no such instance":       {"k-global", fault.Fault{Kind: fault.NotFound, Path: path}, upstream.NotFound},
		"HTML":                   {"k-global", fault.Fault{Kind: fault.HTML, Path: path}, upstream.Decode},
		"truncated JSON":         {"k-global", fault.Fault{Kind: fault.Truncated, Path: path}, upstream.Decode},
		"throttled":              {"k-global", fault.Fault{Kind: fault.Throttled, Path: path}, upstream.Throttled},
		"unavailable":            {"k-global", fault.Fault{Kind: fault.Unavailable, Path: path}, upstream.Server},
	} {
		t.Run(name, func(t *testing.T) {
			sim, client := gateway(t, c.key)
			open(sim)
			sim.Fail(c.fault)
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

func TestOptionsThatCannotWorkAreRefused(t *testing.T) {
	base := upstream.Options{BaseURL: "http://evolution:8080"}
	for name, o := range map[string]Options{
		"no name":    {Upstream: base, Session: "acme"},
		"no session": {Name: "reach", Upstream: base},
		"no URL":     {Name: "reach", Session: "acme"},
	} {
		if c, err := New(o); err == nil {
			t.Errorf("%s: %v is accepted", name, c)
		}
	}
}

// canned answers requests for the live state with one body, for the record with another.
type canned struct{ live, record []byte }

func (b canned) RoundTrip(r *http.Request) (*http.Response, error) {
	w := httptest.NewRecorder()
	if strings.HasPrefix(r.URL.Path, "/instance/connectionState/") {
		_, _ = w.Write(b.live)
	} else {
		_, _ = w.Write(b.record)
	}
	return w.Result(), nil
}

func FuzzRead(f *testing.F) {
	f.Add([]byte(`{"instance":{"state":"open"}}`), []byte(`[]`))
	f.Add([]byte(`{"instance":{"state":"close"}}`), []byte(`[{"name":"acme","connectionStatus":"close","ownerJid":"3@s","disconnectionReasonCode":401}]`))
	f.Add([]byte(`{"instance":{"state":"close"}}`), []byte(`[{"name":"acme","connectionStatus":7,"ownerJid":{},"disconnectionReasonCode":"x"}]`))
	f.Add([]byte(`{"instance":[]}`), []byte(`null`))
	f.Fuzz(func(t *testing.T, live, record []byte) {
		c, err := New(Options{Name: "x", Session: "acme", Now: now, Upstream: upstream.Options{
			BaseURL: "http://evolution", HTTP: &http.Client{Transport: canned{live, record}}, Rate: 1e9, Burst: 1e9,
		}})
		if err != nil {
			t.Fatal(err)
		}
		s, err := c.Read(context.Background())
		if (s == nil) == (err == nil) {
			t.Fatalf("session %v, error %v", s, err)
		}
		if err == nil && !json.Valid(live) {
			t.Error("a session from what is not JSON")
		}
	})
}
