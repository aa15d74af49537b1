package collector

import (
	"errors"
	"reflect"
	"slices"
	"strings"
	"sync"
	"sync/atomic"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"
	"github.com/prometheus/client_golang/prometheus"
	"github.com/prometheus/client_golang/prometheus/testutil"
	dto "github.com/prometheus/client_model/go"

	"whatsapp_sla_exporter/internal/diagnosis"
	"whatsapp_sla_exporter/internal/platform"
	"whatsapp_sla_exporter/internal/qr"
	"whatsapp_sla_exporter/internal/tickets"
	"whatsapp_sla_exporter/internal/upstream"
	"whatsapp_sla_exporter/internal/whatsapp"
)

// everything is an account and a helpdesk that fill every family.
func everything() (*whatsapp.Account, *tickets.Snapshot) {
	a, s := loadAccount("acme", 3), loadSnapshot(40, 2)
	n := &a.PhoneNumbers[0]
	n.FlaggedAt, n.RestrictionDue, n.AppealDue, n.RecoveryDue, n.RestrictedUntil = noon, noon, noon, noon, noon
	n.Profile = &whatsapp.Profile{Reading: read}
	n.Health[0].ErrorCodes = []int{1}
	w := &a.WABAs[0]
	w.Templates = &whatsapp.Templates{
		Reading: read, Counts: []whatsapp.TemplateCount{{Status: "paused", Category: "utility", Quality: "red", Count: 1}},
		Unhealthy: []whatsapp.UnhealthyTemplate{{Name: "t", Language: "en", Status: "paused", Quality: "red"}},
	}
	w.Subscription = &whatsapp.Subscription{Reading: read, Apps: 1}
	a.Limits = []whatsapp.MessagingLimit{{Reading: read, Scope: whatsapp.ScopePortfolio, ScopeID: "7", Tier: "TIER_1K", Users: 1000, Known: true, UpgradeUsers: 500}}
	a.Messages = []whatsapp.MessageCounts{{Reading: read, Scope: whatsapp.ScopePortfolio, ScopeID: "7", Day: 3, Week: 9}}
	a.Token = &whatsapp.Token{Reading: read, Valid: true, Expires: noon, DataAccessExpires: noon, MissingScopes: []string{"x"}}
	a.EscalationPaths = []whatsapp.EscalationPath{{Path: "phone", Accepted: true}}
	a.UnknownValues = map[string]uint64{"status": 1}
	a.UnsupportedFields = []whatsapp.UnsupportedField{{Endpoint: "phone_numbers", Field: "throughput"}}
	s.Uncovered = []tickets.UncoveredCount{{Reason: "no_policy", Count: 1}}
	s.Outcomes = []tickets.OutcomeCount{{Group: s.Open[0].Group, Target: "resolution", Met: 1}}
	s.Unmapped = []tickets.FieldCount{{Field: "status", Count: 1}}
	return a, s
}

// whole is the gatherer as the exporter serves it, with every family of every table.
func whole() prometheus.Gatherer {
	a, s := everything()
	a2, s2 := *a, *s
	a2.Name, s2.Helpdesk = "acme-2", "backoffice"
	c := New(fixedAccounts{a, &a2}, fixedHelpdesks{s, &s2}, at(noon))
	c.Configure(Config{StaleAfter: time.Minute, Policies: []PolicyTarget{
		{Policy: "p", Severity: "s", Target: "resolution", Seconds: 60, Warning: 30, Critical: 15},
	}})
	reg := prometheus.NewRegistry()
	i := NewInstrumentation(reg)
	i.StaleAfter(5 * time.Minute)
	o := i.Source("acme", "meta")
	o.Request("200")
	o.Quota("app", 0.5)
	o.Version("v25.0", "v25.0")
	o.(upstream.SkewObserver).Skew(2 * time.Second)
	i.Polled("acme", "meta", noon, time.Second, nil)
	i.Reloaded(true, noon)
	NewPushes(reg).Source("support")
	around := surroundings{
		pages:    []*platform.Page{{Name: "meta", ReadAt: noon, Services: []platform.Service{{Name: "Cloud API", State: platform.Unknown}}}},
		sessions: []*qr.Session{{Name: "reach", Gateway: "waha", ReadAt: noon, State: qr.Connected, ChangedAt: noon}},
		causes:   []diagnosis.Diagnosis{{Account: "acme", Causes: []diagnosis.Cause{diagnosis.NoneFound}}},
	}
	return Merge(reg, c, ofChannels(around), ofNotices(allNotices()))
}

func gather(t *testing.T, g prometheus.Gatherer) []*dto.MetricFamily {
	t.Helper()
	families, err := g.Gather()
	if err != nil {
		t.Fatal(err)
	}
	return families
}

func TestEveryFamilyIsServedOnceSortedByName(t *testing.T) {
	var want, got []string
	for _, s := range tables() {
		want = append(want, names(s.table)...)
	}
	slices.Sort(want)
	for _, f := range gather(t, whole()) {
		got = append(got, f.GetName())
	}
	if diff := cmp.Diff(want, got); diff != "" {
		t.Errorf("families (-declared +served):\n%s", diff)
	}
	if len(slices.Compact(want)) != len(got) {
		t.Error("a family is declared twice")
	}
}

func TestEverythingPassesPromlint(t *testing.T) {
	problems, err := testutil.GatherAndLint(whole())
	if err != nil {
		t.Fatal(err)
	}
	for _, p := range problems {
		t.Errorf("%s: %s", p.Metric, p.Text)
	}
}

// prometheus.Gatherers checks what a Registry does: types, UTF-8, names of labels, duplicates. It also sorts
// labels in place where they are not sorted, which would be a write to what other scrapes read.
func TestEverythingIsConsistent(t *testing.T) {
	if _, err := (prometheus.Gatherers{whole()}).Gather(); err != nil {
		t.Error(err)
	}
	declared := map[string]*family{}
	for _, s := range tables() {
		for _, f := range s.table.families {
			declared[f.name] = f
		}
	}
	for _, f := range gather(t, whole()) {
		if !slices.IsSortedFunc(f.Metric, compareLabels) {
			t.Errorf("%s: series are not sorted", f.GetName())
		}
		if counter := f.GetType() == dto.MetricType_COUNTER; counter != strings.HasSuffix(f.GetName(), "_total") {
			t.Errorf("%s: _total is for counters, and for all of them", f.GetName())
		}
		for _, m := range f.Metric {
			var labels []string
			for _, l := range m.Label {
				labels = append(labels, l.GetName())
			}
			if !slices.IsSorted(labels) || !subset(labels, declared[f.GetName()].labels) {
				t.Fatalf("%s: labels %q, declared %q", f.GetName(), labels, declared[f.GetName()].labels)
			}
		}
	}
}

func subset(some, all []string) bool {
	return !slices.ContainsFunc(some, func(s string) bool { return !slices.Contains(all, s) })
}

// shown lists the distinct values of a label.
func shown(families []*dto.MetricFamily, label string) (values []string) {
	for _, f := range families {
		for _, m := range f.Metric {
			for _, l := range m.Label {
				if l.GetName() == label && !slices.Contains(values, l.GetValue()) {
					values = append(values, l.GetValue())
				}
			}
		}
	}
	slices.Sort(values)
	return values
}

func TestStaleSourcesLoseTheirSeries(t *testing.T) {
	now := noon
	old, young := loadAccount("old", 1), loadAccount("young", 1)
	young.ReadAt, young.PhoneNumbers[0].At = noon.Add(time.Minute), noon.Add(time.Minute)
	never := &whatsapp.Account{Name: "never"}
	c := New(fixedAccounts{young, old, nil, never}, fixedHelpdesks{loadSnapshot(4, 1), nil, {Helpdesk: "never"}},
		func() time.Time { return now })
	c.Configure(Config{StaleAfter: 5 * time.Minute})
	type sources struct{ Accounts, Helpdesks []string }
	for _, step := range []struct {
		after time.Duration
		want  sources
	}{
		{0, sources{[]string{"old", "young"}, []string{"support"}}},
		{5 * time.Minute, sources{[]string{"old", "young"}, []string{"support"}}},
		{5*time.Minute + time.Nanosecond, sources{[]string{"young"}, nil}},
		{7 * time.Minute, sources{}},
	} {
		now = noon.Add(step.after)
		families := gather(t, c)
		got := sources{shown(families, "account"), shown(families, "helpdesk")}
		if diff := cmp.Diff(step.want, got); diff != "" {
			t.Errorf("after %v (-want +got):\n%s", step.after, diff)
		}
	}
	now = noon
	if got := shown(gather(t, c), "account"); len(got) != 2 {
		t.Errorf("read again: accounts %q", got)
	}
}

func TestStaleFactsGoWhileTheRestOfTheAccountStays(t *testing.T) {
	now := noon
	a := loadAccount("acme", 2)
	a.ReadAt = noon.Add(3 * time.Minute)
	a.PhoneNumbers[1].At = noon.Add(3 * time.Minute)
	a.WABAs[0].At = noon.Add(3 * time.Minute)
	a.WABAs[0].Templates = &whatsapp.Templates{Reading: whatsapp.Reading{At: noon, Every: 30 * time.Second}}
	c := New(fixedAccounts{a}, nil, func() time.Time { return now })
	c.Configure(Config{StaleAfter: time.Minute})
	templates := func(families []*dto.MetricFamily) bool {
		return slices.ContainsFunc(families, func(f *dto.MetricFamily) bool { return f.GetName() == templateDropped.name })
	}
	for _, step := range []struct {
		after     time.Duration
		numbers   int
		templates bool
	}{
		{60 * time.Second, 2, true},
		{61 * time.Second, 1, true},
		{90 * time.Second, 1, true},
		{91 * time.Second, 1, false},
		{4 * time.Minute, 1, false},
	} {
		now = noon.Add(step.after)
		families := gather(t, c)
		if n := len(shown(families, "phone_number_id")); n != step.numbers || templates(families) != step.templates {
			t.Errorf("after %v: %d numbers, templates %v; want %d, %v", step.after, n, templates(families), step.numbers, step.templates)
		}
	}
}

// A reading that readings does not list would let its facts be shown after they are stale.
func TestEveryReadingOfTheModelIsListed(t *testing.T) {
	a, _ := everything()
	a.PhoneNumbers = a.PhoneNumbers[:1]
	if got, want := len(readings(a)), countReadings(reflect.TypeFor[whatsapp.Account]()); got != want {
		t.Errorf("%d readings listed of an account with one of each, the model has %d", got, want)
	}
}

func countReadings(t reflect.Type) (n int) {
	switch {
	case t == reflect.TypeFor[whatsapp.Reading]():
		return 1
	case t == reflect.TypeFor[time.Time]():
		return 0
	case t.Kind() == reflect.Pointer, t.Kind() == reflect.Slice:
		return countReadings(t.Elem())
	case t.Kind() == reflect.Struct:
		for field := range t.Fields() {
			n += countReadings(field.Type)
		}
	}
	return n
}

func TestKeptFamiliesAreMadeAnewOnlyWhenASnapshotChanges(t *testing.T) {
	a, s := loadAccount("acme", 2), loadSnapshot(4, 1)
	accounts := fixedAccounts{a}
	c := New(accounts, fixedHelpdesks{s}, at(noon))
	kept := func() *dto.MetricFamily {
		for _, f := range gather(t, c) {
			if f.GetName() == phoneNumberInfo.name {
				return f
			}
		}
		return nil
	}
	first := kept()
	if kept() != first {
		t.Error("made anew although nothing changed")
	}
	again := *a
	accounts[0] = &again
	if second := kept(); second == first {
		t.Error("not made anew although the snapshot changed")
	}
}

func TestBytesThatAreNotUTF8BreakNothing(t *testing.T) {
	a, s := everything()
	a.PhoneNumbers[0].VerifiedName = "Acm\xe9"
	a.UnknownValues = map[string]uint64{"a\xff": 1, "a\xfe": 2}
	s.Urgent[0].Ticket = "\xc3("
	s.Targets[0].Group.Tenant = "\xf0\x28"
	c := New(fixedAccounts{a}, fixedHelpdesks{s}, at(noon))
	if _, err := (prometheus.Gatherers{c}).Gather(); err != nil {
		t.Error(err)
	}
	if got := shown(gather(t, c), "verified_name"); !slices.Contains(got, "Acm\uFFFD") {
		t.Errorf("names %q", got)
	}
}

func TestMergeGivesWhatItHasAlongWithTheError(t *testing.T) {
	broken := prometheus.GathererFunc(func() ([]*dto.MetricFamily, error) { return nil, errors.New("broken") })
	families, err := Merge(broken, ofAccount(whatsapp.Account{})).Gather()
	if len(families) != 1 || err == nil || err.Error() != "broken" {
		t.Errorf("%d families, error %v", len(families), err)
	}
}

// changing is a source whose snapshot is replaced while it is scraped.
type changing struct {
	account  atomic.Pointer[whatsapp.Account]
	snapshot atomic.Pointer[tickets.Snapshot]
}

func (c *changing) Accounts() []*whatsapp.Account  { return []*whatsapp.Account{c.account.Load()} }
func (c *changing) Snapshots() []*tickets.Snapshot { return []*tickets.Snapshot{c.snapshot.Load()} }

func TestScrapesAtTheSameTimeWhileSnapshotsChange(t *testing.T) {
	var s changing
	s.account.Store(loadAccount("acme", 1))
	s.snapshot.Store(loadSnapshot(4, 1))
	c := New(&s, &s, at(noon))
	var all sync.WaitGroup
	for range 4 {
		all.Go(func() {
			for range 6 {
				for _, h := range []string{acceptText, acceptPrometheus, acceptProtobuf} {
					if err := parse(serve(c, h)); err != nil {
						t.Error(err)
						return
					}
				}
			}
		})
	}
	for n := range 50 {
		s.account.Store(loadAccount("acme", 1+n%3))
		s.snapshot.Store(loadSnapshot(4*(1+n%3), 1))
		c.Configure(Config{StaleAfter: time.Duration(n) * time.Minute})
	}
	all.Wait()
}
