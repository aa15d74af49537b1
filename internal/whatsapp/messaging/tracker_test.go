package messaging_test

import (
	"math"
	"os"
	"path/filepath"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"

	"whatsapp_sla_exporter/internal/state"
	"whatsapp_sla_exporter/internal/whatsapp"
	"whatsapp_sla_exporter/internal/whatsapp/messaging"
)

const day = 24 * time.Hour

var t0 = time.Date(2026, 9, 1, 12, 0, 0, 0, time.UTC)

func policy(t *testing.T, name string) *messaging.Policy {
	t.Helper()
	raw, err := os.ReadFile("../../../config/policies/" + name + ".yaml")
	if err != nil {
		t.Fatal(err)
	}
	p, err := messaging.Parse(name, raw)
	if err != nil {
		t.Fatal(err)
	}
	return p
}

func open(t *testing.T, path string) *state.Store {
	t.Helper()
	s, err := state.Open(path)
	if err != nil {
		t.Fatal(err)
	}
	return s
}

func tracker(t *testing.T, s *state.Store, o messaging.Options) *messaging.Tracker {
	t.Helper()
	if o.Account == "" {
		o.Account = "acme"
	}
	if o.Policy == nil {
		o.Policy = policy(t, "whatsapp-messaging-2024")
	}
	tr, err := messaging.NewTracker(s, o)
	if err != nil {
		t.Fatal(err)
	}
	return tr
}

// account has one number, read at t0 plus after.
func account(after time.Duration, quality whatsapp.Enum) *whatsapp.Account {
	return &whatsapp.Account{Name: "acme", PhoneNumbers: []whatsapp.PhoneNumber{{
		Reading: whatsapp.Reading{At: t0.Add(after)}, ID: "5001", WABAID: "9001", DisplayPhoneNumber: "+34 600 11 22 33",
		Quality: quality, Status: "connected",
	}}}
}

func observe(t *testing.T, tr *messaging.Tracker, a *whatsapp.Account, after time.Duration) whatsapp.NumberFacts {
	t.Helper()
	if err := tr.Observe(a, t0.Add(after)); err != nil {
		t.Fatal(err)
	}
	return a.PhoneNumbers[0].NumberFacts
}

func TestDatesSurviveARestart(t *testing.T) {
	path := filepath.Join(t.TempDir(), "state.db")
	s := open(t, path)
	observe(t, tracker(t, s, messaging.Options{}), account(0, "red"), 0)
	if err := s.Close(); err != nil {
		t.Fatal(err)
	}
	s = open(t, path)
	defer s.Close()
	got := observe(t, tracker(t, s, messaging.Options{}), account(3*day, "red"), 3*day)
	want := whatsapp.NumberFacts{QualityChangedAt: t0, FlaggedAt: t0, RestrictionDue: t0.Add(7 * day), AppealDue: t0.Add(5 * day), Restricted: new(false)}
	if d := cmp.Diff(want, got); d != "" {
		t.Error(d)
	}
}

// The state file as it is on disk while the process still runs is what kill -9 leaves behind.
func TestWhatIsShownIsOnDiskAlready(t *testing.T) {
	path := filepath.Join(t.TempDir(), "state.db")
	s := open(t, path)
	defer s.Close()
	tr := tracker(t, s, messaging.Options{})
	observe(t, tr, account(0, "green"), 0)
	flagged := observe(t, tr, account(day, "red"), day)
	raw, err := os.ReadFile(path)
	if err != nil {
		t.Fatal(err)
	}
	left := filepath.Join(t.TempDir(), "left.db")
	if err := os.WriteFile(left, raw, 0o600); err != nil {
		t.Fatal(err)
	}
	after := open(t, left)
	defer after.Close()
	got := observe(t, tracker(t, after, messaging.Options{}), account(2*day, "red"), 2*day)
	if d := cmp.Diff(flagged, got); d != "" {
		t.Error(d)
	}
}

func TestAStoreThatCannotBeWrittenShowsNothing(t *testing.T) {
	s := open(t, filepath.Join(t.TempDir(), "state.db"))
	tr := tracker(t, s, messaging.Options{})
	if err := s.Close(); err != nil {
		t.Fatal(err)
	}
	a := account(0, "red")
	if err := tr.Observe(a, t0); err == nil {
		t.Error("no error")
	}
	if d := cmp.Diff(whatsapp.NumberFacts{}, a.PhoneNumbers[0].NumberFacts); d != "" {
		t.Error(d)
	}
}

func TestANumberThatWasNotReadAgainIsNotObservedAgain(t *testing.T) {
	s := open(t, filepath.Join(t.TempDir(), "state.db"))
	defer s.Close()
	tr := tracker(t, s, messaging.Options{})
	observe(t, tr, account(0, "red"), 0)
	got := observe(t, tr, account(0, "red"), 8*day) // the last known reading of a WABA that cannot be read
	if got.Restricted == nil || *got.Restricted {
		t.Errorf("restricted by a reading from before the deadline: %+v", got)
	}
}

func TestANumberThatComesBackKeepsItsFlag(t *testing.T) {
	s := open(t, filepath.Join(t.TempDir(), "state.db"))
	defer s.Close()
	tr := tracker(t, s, messaging.Options{})
	observe(t, tr, account(0, "red"), 0)
	if err := tr.Observe(&whatsapp.Account{Name: "acme"}, t0.Add(day)); err != nil {
		t.Fatal(err)
	}
	if got := observe(t, tr, account(2*day, "red"), 2*day); !got.FlaggedAt.Equal(t0) {
		t.Errorf("flagged at %s", got.FlaggedAt)
	}
	if err := tr.Observe(&whatsapp.Account{Name: "acme"}, t0.Add(100*day)); err != nil {
		t.Fatal(err)
	}
	if got := observe(t, tr, account(101*day, "red"), 101*day); !got.FlaggedAt.Equal(t0.Add(101 * day)) {
		t.Errorf("after 90 days without it: flagged at %s", got.FlaggedAt)
	}
}

func TestAccountsDoNotMix(t *testing.T) {
	s := open(t, filepath.Join(t.TempDir(), "state.db"))
	defer s.Close()
	observe(t, tracker(t, s, messaging.Options{Account: "acme/es"}), account(0, "red"), 0)
	got := observe(t, tracker(t, s, messaging.Options{Account: "acme"}), account(day, "green"), day)
	if d := cmp.Diff(whatsapp.NumberFacts{QualityChangedAt: t0.Add(day), Restricted: new(false)}, got); d != "" {
		t.Error(d)
	}
}

func TestAWebhookNamesItsNumberByDigits(t *testing.T) {
	s := open(t, filepath.Join(t.TempDir(), "state.db"))
	defer s.Close()
	tr := tracker(t, s, messaging.Options{})
	observe(t, tr, account(0, "yellow"), 0)
	tr = tracker(t, s, messaging.Options{}) // after a restart, before the first poll
	for display, want := range map[string]bool{"34600112233": true, "34600000000": false, "": false} {
		if got, err := tr.Flag(display, true, t0.Add(time.Hour)); got != want || err != nil {
			t.Errorf("%q: %v, %v", display, got, err)
		}
	}
	if got := observe(t, tr, account(2*time.Hour, "yellow"), 2*time.Hour); !got.FlaggedAt.Equal(t0.Add(time.Hour)) {
		t.Errorf("flagged at %s", got.FlaggedAt)
	}
}

func TestARestrictionOfTheAccountRestrictsItsNumbers(t *testing.T) {
	s := open(t, filepath.Join(t.TempDir(), "state.db"))
	defer s.Close()
	ends := t0.Add(3 * day)
	tr := tracker(t, s, messaging.Options{Restricted: func(waba string, at time.Time) (time.Time, bool) {
		return ends, waba == "9001" && at.Before(ends)
	}})
	got := observe(t, tr, account(0, "green"), 0)
	want := whatsapp.NumberFacts{QualityChangedAt: t0, Restricted: new(true), RestrictedUntil: ends}
	if d := cmp.Diff(want, got); d != "" {
		t.Error(d)
	}
	if got := observe(t, tr, account(4*day, "green"), 4*day); *got.Restricted {
		t.Errorf("restricted after its end: %+v", got)
	}
}

func TestLimitsAndEscalationPathsAreJudged(t *testing.T) {
	s := open(t, filepath.Join(t.TempDir(), "state.db"))
	defer s.Close()
	tr := tracker(t, s, messaging.Options{Policy: policy(t, "whatsapp-messaging"), EscalationPaths: []string{"phone", "help_center"}})
	a := account(0, "green")
	a.Limits = []whatsapp.MessagingLimit{
		{ScopeID: "1", Users: 10000, Known: true},
		{ScopeID: "2", Users: math.Inf(1), Known: true},
		{ScopeID: "3"},
		{ScopeID: "4", Users: 250, Known: true},
	}
	observe(t, tr, a, 0)
	var got []float64
	for _, l := range a.Limits {
		got = append(got, l.UpgradeUsers)
	}
	if d := cmp.Diff([]float64{5000, 0, 0, 0}, got); d != "" {
		t.Error(d)
	}
	want := []whatsapp.EscalationPath{{Path: "phone", Accepted: true}, {Path: "help_center", Accepted: false}}
	if d := cmp.Diff(want, a.EscalationPaths); d != "" {
		t.Error(d)
	}
}
