package evolution

import (
	"context"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"

	"whatsapp_sla_exporter/internal/qr"
	"whatsapp_sla_exporter/internal/simulator/evolution"
	"whatsapp_sla_exporter/internal/simulator/fault"
	"whatsapp_sla_exporter/internal/upstream"
	"whatsapp_sla_exporter/internal/upstream/upstreamtest"
)

// gateway is a simulated Evolution API with two instances, and a client of the first.
func gateway(t *testing.T, key string) (*evolution.Server, *Client) {
	t.Helper()
	sim := evolution.New("k-global", upstreamtest.Now)
	sim.Create("acme", "k-acme")
	sim.Create("other", "k-other")
	return sim, client(t, upstreamtest.Serve(t, sim, upstreamtest.Header("apikey", key)))
}

func client(t *testing.T, o upstream.Options) *Client {
	t.Helper()
	c, err := New(Options{Name: "reach", Session: "acme", Now: upstreamtest.Now, Upstream: o})
	if err != nil {
		t.Fatal(err)
	}
	return c
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
	want := &qr.Session{Name: "reach", Gateway: Gateway, ReadAt: upstreamtest.Noon, State: qr.Unknown, UnknownStates: 1}
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
	live := fault.Fault{Path: "/instance/connectionState"}
	upstreamtest.Failures(t, live, func(t *testing.T, f fault.Fault) (*qr.Session, error) {
		sim, c := gateway(t, "k-global")
		open(sim)
		sim.Fail(f)
		s, err := c.Read(t.Context())
		upstreamtest.Untold(t, err, "k-")
		return s, err
	})
	for _, key := range []string{"k-wrong", "k-other"} {
		t.Run(key, func(t *testing.T) {
			sim, c := gateway(t, key)
			open(sim)
			s, err := c.Read(t.Context())
			upstreamtest.Refused(t, s, err, upstream.Auth)
			upstreamtest.Untold(t, err, "k-")
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

func FuzzRead(f *testing.F) {
	f.Add(`{"instance":{"state":"open"}}`, `[]`)
	f.Add(`{"instance":{"state":"close"}}`, `[{"name":"acme","connectionStatus":"close","ownerJid":"3@s","disconnectionReasonCode":401}]`)
	f.Add(`{"instance":{"state":"close"}}`, `[{"name":"acme","connectionStatus":7,"ownerJid":{},"disconnectionReasonCode":"x"}]`)
	f.Add(`{"instance":[]}`, `null`)
	f.Fuzz(func(t *testing.T, live, record string) {
		o := upstreamtest.AnsweringBy(func(path string) string {
			if strings.HasPrefix(path, "/instance/connectionState/") {
				return live
			}
			return record
		})
		o.BaseURL = "http://evolution:8080"
		s, err := client(t, o).Read(context.Background())
		upstreamtest.OneOrTheOther(t, live, s, err)
	})
}
