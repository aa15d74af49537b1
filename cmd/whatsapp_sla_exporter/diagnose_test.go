package main

import (
	"path/filepath"
	"testing"
	"time"

	"github.com/go-kit/log"
	"github.com/google/go-cmp/cmp"

	"whatsapp_sla_exporter/internal/diagnosis"
	"whatsapp_sla_exporter/internal/platform"
	"whatsapp_sla_exporter/internal/qr"
	"whatsapp_sla_exporter/internal/state"
	"whatsapp_sla_exporter/internal/whatsapp"
)

// What is read of a page or a session counts for the accounts that it matters to, and only while it is fresh.
func TestDiagnosesTakeWhatMattersToTheAccount(t *testing.T) {
	now := time.Date(2026, 3, 2, 12, 0, 0, 0, time.UTC)
	account := func(name string) *source {
		return &source{name: name, account: func() *whatsapp.Account { return &whatsapp.Account{Name: name, ReadAt: now} }}
	}
	page := func(readAt time.Time, accounts ...string) *source {
		p := &platform.Page{ReadAt: readAt, Services: []platform.Service{{Name: "API", State: platform.MajorOutage}}}
		return &source{name: "page", page: func() *platform.Page { return p }, accounts: accounts}
	}
	session := &source{name: "reach", accounts: []string{"bank"}, session: func() *qr.Session {
		return &qr.Session{ReadAt: now, State: qr.ScanQR}
	}}
	blind := &source{name: "blind", account: func() *whatsapp.Account {
		old := whatsapp.Reading{At: now.Add(-time.Hour)}
		return &whatsapp.Account{Name: "blind", ReadAt: now, PhoneNumbers: []whatsapp.PhoneNumber{{ID: "101", Reading: old}}}
	}}
	unread := &source{name: "new", account: func() *whatsapp.Account { return nil }}
	none, outage := []diagnosis.Cause{diagnosis.NoneFound}, []diagnosis.Cause{diagnosis.PlatformOutage}
	for name, tc := range map[string]struct {
		sources []*source
		want    []diagnosis.Diagnosis
	}{
		"a page without accounts matters to all": {
			[]*source{account("shop"), account("bank"), page(now)}, []diagnosis.Diagnosis{{Account: "shop", Causes: outage}, {Account: "bank", Causes: outage}},
		},
		"a page with accounts matters to them": {
			[]*source{account("shop"), account("bank"), page(now, "bank")}, []diagnosis.Diagnosis{{Account: "shop", Causes: none}, {Account: "bank", Causes: outage}},
		},
		"a page of long ago says nothing": {
			[]*source{account("shop"), page(now.Add(-time.Hour))}, []diagnosis.Diagnosis{{Account: "shop", Causes: none}},
		},
		"a session matters to its account": {
			[]*source{account("shop"), account("bank"), session},
			[]diagnosis.Diagnosis{{Account: "shop", Causes: none}, {Account: "bank", Causes: []diagnosis.Cause{diagnosis.SessionDisconnected}}},
		},
		"an account whose numbers were not read for long rules nothing out": {
			[]*source{blind}, []diagnosis.Diagnosis{{Account: "blind", Causes: []diagnosis.Cause{diagnosis.UpstreamUnreadable}}},
		},
		"an account that was never read rules nothing out": {
			[]*source{unread}, []diagnosis.Diagnosis{{Account: "new", Causes: []diagnosis.Cause{diagnosis.UpstreamUnreadable}}},
		},
	} {
		t.Run(name, func(t *testing.T) {
			e := &exporter{sources: &sources{inForce: tc.sources}, hook: openHook(t)}
			e.stale.set(5 * time.Minute)
			if d := cmp.Diff(tc.want, e.Diagnoses(now)); d != "" {
				t.Error(d)
			}
		})
	}
}

// openHook is a webhook that was told nothing.
func openHook(t *testing.T) *hook {
	t.Helper()
	store, err := state.Open(filepath.Join(t.TempDir(), "state.db"))
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { store.Close() })
	h, err := newHook(&builder{store: store, log: log.NewNopLogger(), now: time.Now}, &sources{})
	if err != nil {
		t.Fatal(err)
	}
	return h
}
