package declarative_test

import (
	"net/http"
	"net/http/httptest"
	"testing"
	"time"

	"whatsapp_sla_exporter/internal/helpdesk/conformance"
	"whatsapp_sla_exporter/internal/helpdesk/declarative"
	"whatsapp_sla_exporter/internal/simulator/desk"
	"whatsapp_sla_exporter/internal/simulator/fault"
	"whatsapp_sla_exporter/internal/simulator/glpi"
	"whatsapp_sla_exporter/internal/upstream"
)

// GLPI's times are on the clock of its zone. In the night in which that goes back, an hour of changes is on it twice:
// none is passed over, and none is older than what was known.
func TestChangesInTheNightInWhichTheClockGoesBack(t *testing.T) {
	madrid, err := time.LoadLocation("Europe/Madrid")
	if err != nil {
		t.Fatal(err)
	}
	now := time.Date(2026, 10, 24, 23, 30, 0, 0, time.UTC) // 01:30 in Madrid, an hour and a half before
	clock := func() time.Time { return now }
	s := glpi.New(glpi.Options{UserToken: secret, AppToken: "app", Now: clock, Zone: madrid})
	srv := httptest.NewServer(fault.New(clock, fault.Bodies{}).Wrap(s))
	defer srv.Close()
	transport := &http.Transport{}
	defer transport.CloseIdleConnections()
	p, err := declarative.Load("glpi")
	if err != nil {
		t.Fatal(err)
	}
	c, err := declarative.New(declarative.Options{Profile: p, Zone: madrid, Now: clock, Upstream: upstream.Options{
		BaseURL: srv.URL + "/apirest.php", Rate: 1e6, Burst: 1e6,
		HTTP: conformance.Header(conformance.Header(&http.Client{Transport: transport}, "Authorization", "user_token "+secret), "App-Token", "app"),
	}})
	if err != nil {
		t.Fatal(err)
	}
	id := s.Create(desk.Seed{Priority: "high"})
	cursor, last := "", time.Time{}
	for range 18 { // every ten minutes until 03:30
		now = now.Add(10 * time.Minute)
		if err := s.Reply(id); err != nil {
			t.Fatal(err)
		}
		pass, err := c.Changes(t.Context(), cursor)
		if err != nil {
			t.Fatal(err)
		}
		cursor = pass.Cursor
		if len(pass.Tickets) != 1 || !pass.Tickets[0].UpdatedAt.Equal(now) || !pass.Tickets[0].UpdatedAt.After(last) {
			t.Fatalf("at %s: %+v", now.In(madrid), pass.Tickets)
		}
		last = pass.Tickets[0].UpdatedAt
	}
}
