package provider

import (
	"math"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"

	"whatsapp_sla_exporter/internal/whatsapp"
)

var noon = time.Date(2026, 3, 2, 12, 0, 0, 0, time.UTC)

func TestLimitsAreReadInEverySpelling(t *testing.T) {
	ten := Limit{"TIER_10K", 10_000, true}
	for raw, want := range map[string]Limit{
		"TIER_10K":                 ten,
		"LIMIT_10K":                ten,
		"10K Customers/24hr":       ten,
		"10000":                    ten,
		" tier_10k ":               ten,
		"250 Customers/24hr":       {"TIER_250", 250, true},
		"TIER_2K":                  {"TIER_2K", 2000, true},
		"LIMIT_100K":               {"TIER_100K", 100_000, true},
		"UNLIMITED":                {"TIER_UNLIMITED", math.Inf(1), true},
		"Unlimited Customers/24hr": {"TIER_UNLIMITED", math.Inf(1), true},
		"-1":                       {"TIER_UNLIMITED", math.Inf(1), true},
		"TIER_NOT_SET":             {Tier: "TIER_NOT_SET"},
		"LIMIT_NA":                 {},
		"Unavailable":              {},
		"":                         {},
	} {
		tr := NewTranslator(Options{Account: "acme"})
		if d := cmp.Diff(want, tr.Limit("limit", raw)); d != "" || tr.Counts() != nil {
			t.Errorf("%q: counted %v, %s", raw, tr.Counts(), d)
		}
	}
	tr := NewTranslator(Options{Account: "acme"})
	if d := cmp.Diff(Limit{Tier: "unknown"}, tr.Limit("limit", "as many as you like")); d != "" {
		t.Error(d)
	}
	if d := cmp.Diff(map[string]uint64{"limit": 1}, tr.Counts()); d != "" {
		t.Error(d)
	}
}

func TestWordsThatNoListHasAreUnknownAndCounted(t *testing.T) {
	tr := NewTranslator(Options{Account: "acme"})
	got := []whatsapp.Enum{
		tr.Quality("quality", "High"), tr.Quality("quality", "MEDIUM"), tr.Quality("quality", "NA"), tr.Quality("quality", "purple"), tr.Quality("quality", ""),
		tr.Enum(whatsapp.PhoneStatuses, "status", "CONNECTED "), tr.Enum(whatsapp.PhoneStatuses, "status", "SLEEPING"),
		tr.Word(map[string]whatsapp.Enum{"online": "connected"}, "status", "Online"), tr.Word(nil, "status", "online"), tr.Word(nil, "status", ""),
	}
	want := []whatsapp.Enum{"green", "yellow", "unknown", "unknown", "", "connected", "unknown", "connected", "unknown", ""}
	if d := cmp.Diff(want, got); d != "" {
		t.Error(d)
	}
	if d := cmp.Diff(map[string]uint64{"quality": 1, "status": 2}, tr.Counts()); d != "" {
		t.Error(d)
	}
}

func TestLimitsBelongToWhatThePolicySays(t *testing.T) {
	reading := whatsapp.Reading{At: noon}
	for scope, want := range map[whatsapp.LimitScope][]whatsapp.MessagingLimit{
		whatsapp.ScopePortfolio: {
			{Reading: reading, Scope: whatsapp.ScopePortfolio, ScopeID: "9001", Tier: "TIER_2K", Users: 2000, Known: true},
			{Reading: reading, Scope: whatsapp.ScopePhoneNumber, ScopeID: "d", Tier: "TIER_250", Users: 250, Known: true},
		},
		whatsapp.ScopePhoneNumber: {
			{Reading: reading, Scope: whatsapp.ScopePhoneNumber, ScopeID: "a", Tier: "TIER_10K", Users: 10_000, Known: true},
			{Reading: reading, Scope: whatsapp.ScopePhoneNumber, ScopeID: "b", Tier: "TIER_2K", Users: 2000, Known: true},
			{Reading: reading, Scope: whatsapp.ScopePhoneNumber, ScopeID: "c", Tier: "unknown"},
			{Reading: reading, Scope: whatsapp.ScopePhoneNumber, ScopeID: "d", Tier: "TIER_250", Users: 250, Known: true},
		},
	} {
		d := NewDraft(scope, noon)
		d.Number(whatsapp.PhoneNumber{ID: "a", WABAID: "9001"}, Limit{"TIER_10K", 10_000, true})
		d.Number(whatsapp.PhoneNumber{ID: "b", WABAID: "9001"}, Limit{"TIER_2K", 2000, true})
		d.Number(whatsapp.PhoneNumber{ID: "c", WABAID: "9001"}, Limit{Tier: "unknown"})
		d.Number(whatsapp.PhoneNumber{ID: "d"}, Limit{"TIER_250", 250, true})
		d.Number(whatsapp.PhoneNumber{ID: "e", WABAID: "9002"}, Limit{})
		if d.Number(whatsapp.PhoneNumber{ID: "a", WABAID: "9001"}, Limit{"TIER_250", 250, true}) {
			t.Error("a number is added twice")
		}
		a := d.Account("acme", "twilio", NewTranslator(Options{Account: "acme"}))
		if diff := cmp.Diff(want, a.Limits); diff != "" {
			t.Errorf("%s: %s", scope, diff)
		}
		if len(a.PhoneNumbers) != 5 {
			t.Errorf("%d numbers", len(a.PhoneNumbers))
		}
	}
}

func TestOptionsWithoutANameAreRefused(t *testing.T) {
	if err := (&Options{}).Defaults(); err == nil {
		t.Error("no error")
	}
}

func FuzzLimit(f *testing.F) {
	f.Add("10K Customers/24hr")
	f.Add("TIER_4294967295M")
	f.Add("LIMIT_")
	f.Fuzz(func(t *testing.T, raw string) {
		l := NewTranslator(Options{Account: "acme"}).Limit("limit", raw)
		if l.Known && (l.Users <= 0 || math.IsNaN(l.Users) || l.Tier == "") {
			t.Errorf("%q gives %+v", raw, l)
		}
		if !l.Known && l.Users != 0 {
			t.Errorf("%q gives a number that is not known: %+v", raw, l)
		}
	})
}
