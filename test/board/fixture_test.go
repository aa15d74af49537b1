// Package board_test looks at the board in a real browser: what a person sees, hears and can reach.
package board_test

import (
	"fmt"
	"net/http"
	"net/http/httptest"
	"os"
	"sync"
	"testing"
	"time"

	"whatsapp_sla_exporter/internal/board"
	"whatsapp_sla_exporter/internal/diagnosis"
	"whatsapp_sla_exporter/internal/platform"
	"whatsapp_sla_exporter/internal/qr"
	"whatsapp_sla_exporter/internal/sla"
	"whatsapp_sla_exporter/internal/tickets"
	"whatsapp_sla_exporter/internal/whatsapp"
	"whatsapp_sla_exporter/test/board/chromium"
)

// browser is what all tests look at the board with, each in tabs of its own.
var browser *chromium.Browser

// Without a browser nothing here is proven, so that it fails, unless somebody says that it should not run.
func TestMain(m *testing.M) {
	if chromium.Path() == "none" {
		fmt.Fprintln(os.Stderr, "THE BOARD IS NOT TESTED IN A BROWSER, because CHROMIUM=none says so.")
		return
	}
	var err error
	if browser, err = chromium.Start(); err != nil {
		fmt.Fprintln(os.Stderr, err)
		os.Exit(1)
	}
	code := m.Run()
	if said := browser.Close(); code != 0 {
		fmt.Fprintf(os.Stderr, "The browser said:\n%s", said)
	}
	os.Exit(code)
}

var now = time.Date(2026, 3, 2, 10, 0, 0, 0, time.UTC)

// desktop is a page like most.
var desktop = chromium.Options{Width: 1280, Height: 900, TimeZone: "Europe/Madrid"}

// readings is what the board shows. A test may change it.
type readings struct {
	mu        sync.Mutex
	accounts  []*whatsapp.Account
	pages     []*platform.Page
	sessions  []*qr.Session
	desk      *tickets.Snapshot
	sources   []board.Source
	diagnoses []diagnosis.Diagnosis
}

func (r *readings) change(f func()) {
	r.mu.Lock()
	defer r.mu.Unlock()
	f()
}

func (r *readings) Accounts() []*whatsapp.Account             { return r.accounts }
func (r *readings) Pages() []*platform.Page                   { return r.pages }
func (r *readings) Sessions() []*qr.Session                   { return r.sessions }
func (r *readings) Snapshots() []*tickets.Snapshot            { return []*tickets.Snapshot{r.desk} }
func (r *readings) LastReads() []board.Source                 { return r.sources }
func (r *readings) Notices(time.Time) *whatsapp.Notices       { return &whatsapp.Notices{} }
func (r *readings) Diagnoses(time.Time) []diagnosis.Diagnosis { return r.diagnoses }

// due is a deadline with so much time left.
func due(ticket string, in time.Duration) tickets.Deadline {
	at := now.Add(in)
	return tickets.Deadline{
		Ticket: ticket, URL: "https://acme.zendesk.com/agent/tickets/" + ticket,
		Group: tickets.Group{Policy: "360dialog-premium", Severity: "critical"}, Target: sla.FirstResponse,
		Start: at.Add(-time.Hour), Warning: at.Add(-30 * time.Minute), Critical: at.Add(-15 * time.Minute), Due: at,
	}
}

// desk is a helpdesk with these deadlines and two paused ones.
func desk(deadlines ...tickets.Deadline) *tickets.Snapshot {
	g := tickets.TargetGroup{Group: due("", 0).Group, Target: sla.FirstResponse, Paused: 2}
	for _, d := range deadlines {
		g.Warning = append(g.Warning, d.Warning.Unix())
		g.Critical = append(g.Critical, d.Critical.Unix())
		g.Due = append(g.Due, d.Due.Unix())
	}
	return &tickets.Snapshot{Helpdesk: "support", ReadAt: now, Targets: []tickets.TargetGroup{g}, Urgent: deadlines}
}

// crowded has something in every state and at every level, more of it than fits, and names that are long.
func crowded() *readings {
	var deadlines []tickets.Deadline
	for i, in := range []time.Duration{-90, -2, 1, 10, 14, 20, 28, 45, 90, 600, 2000, 4000, 4100, 12000, 20000} {
		deadlines = append(deadlines, due(fmt.Sprint(4810+i), in*time.Minute))
	}
	deadlines[3].Ticket = "0123456789abcdef0123456789abcdef0123456789abcdef"
	account := &whatsapp.Account{Name: "acme", Token: &whatsapp.Token{}, WABAs: []whatsapp.WABA{{ID: "9001", Status: "restricted"}}}
	for i, p := range []whatsapp.PhoneNumber{
		{Quality: "green", Status: "connected"},
		{Quality: "yellow", Status: "pending"},
		{Quality: "red", Status: "flagged", NumberFacts: whatsapp.NumberFacts{RestrictionDue: now.Add(50 * time.Hour)}},
		{Quality: "red", Status: "banned"},
		{Status: "rate_limited"},
		{Status: "migrated"},
		{Status: whatsapp.Unknown},
	} {
		p.ID, p.DisplayPhoneNumber = fmt.Sprint(i), fmt.Sprintf("+34 600 11 22 3%d", i)
		account.PhoneNumbers = append(account.PhoneNumbers, p)
	}
	return &readings{
		accounts: []*whatsapp.Account{account},
		pages: []*platform.Page{{Name: "meta", Services: []platform.Service{
			{Name: "Cloud API for a service with a very long name that somebody gave it", State: platform.PartialOutage},
			{Name: "Flows", State: platform.Maintenance},
		}}},
		sessions:  []*qr.Session{{Name: "reach", Gateway: "waha", State: qr.ScanQR, ChangedAt: now.Add(-time.Hour)}},
		desk:      desk(deadlines...),
		sources:   []board.Source{{Name: "support", LastRead: now.Add(-time.Hour)}, {Name: "acme", LastRead: now}},
		diagnoses: []diagnosis.Diagnosis{{Account: "acme", Causes: []diagnosis.Cause{diagnosis.PlatformOutage, diagnosis.NumberBanned}}},
	}
}

// site serves a board that renews itself every second, and may be told to answer otherwise.
type site struct {
	*httptest.Server
	before func(w http.ResponseWriter, r *http.Request) (answered bool)
	r      *readings
}

func serve(t *testing.T, r *readings) *site {
	t.Helper()
	h := board.Handler(r, board.Options{
		StaleAfter: func() time.Duration { return 5 * time.Minute }, Now: func() time.Time { return now }, Refresh: time.Second,
	})
	s := &site{r: r}
	s.Server = httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, req *http.Request) {
		r.mu.Lock()
		defer r.mu.Unlock()
		if s.before == nil || !s.before(w, req) {
			h.ServeHTTP(w, req)
		}
	}))
	t.Cleanup(s.Close)
	return s
}

func must(t testing.TB, err error) {
	t.Helper()
	if err != nil {
		t.Fatal(err)
	}
}
