package whatsapp_test

import (
	"errors"
	"math"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"

	"whatsapp_sla_exporter/internal/whatsapp"
)

func TestParseTier(t *testing.T) {
	type result struct {
		users     float64
		known, ok bool
	}
	for raw, want := range map[string]result{
		"TIER_50": {50, true, true}, "TIER_250": {250, true, true}, "TIER_1K": {1000, true, true}, "TIER_2K": {2000, true, true},
		"TIER_10K": {10000, true, true}, "TIER_100K": {100000, true, true}, "TIER_1M": {1e6, true, true},
		"TIER_UNLIMITED": {math.Inf(1), true, true}, "UNLIMITED": {math.Inf(1), true, true}, "-1": {math.Inf(1), true, true},
		"LIMIT_10K": {10000, true, true}, "2000": {2000, true, true}, "tier_2k": {2000, true, true},
		"": {0, false, true}, "UNTIERED": {0, false, true}, "TIER_NOT_SET": {0, false, true},
		"TIER_": {0, false, false}, "TIER_0": {0, false, false}, "TIER_K": {0, false, false}, "HUGE": {0, false, false},
		"TIER_-5": {0, false, false}, "TIER_1e3": {0, false, false},
	} {
		var got result
		got.users, got.known, got.ok = whatsapp.ParseTier(raw)
		if got != want {
			t.Errorf("%q: %+v, want %+v", raw, got, want)
		}
	}
}

func TestParseQuality(t *testing.T) {
	type result struct {
		e  whatsapp.Enum
		ok bool
	}
	for raw, want := range map[string]result{
		"GREEN": {"green", true}, "High": {"green", true}, "YELLOW": {"yellow", true}, "MEDIUM": {"yellow", true},
		"RED": {"red", true}, "low": {"red", true}, "NA": {"unknown", true}, "UNKNOWN": {"unknown", true}, "": {"", true},
		"PURPLE": {"unknown", false},
	} {
		var got result
		got.e, got.ok = whatsapp.ParseQuality(raw)
		if got != want {
			t.Errorf("%q: %+v, want %+v", raw, got, want)
		}
	}
}

func TestParseEnum(t *testing.T) {
	type result struct {
		e  whatsapp.Enum
		ok bool
	}
	for raw, want := range map[string]result{
		"CONNECTED": {"connected", true}, "rate_limited": {"rate_limited", true}, "": {"", true}, "UNKNOWN": {"unknown", true},
		"TELEPORTED": {"unknown", false},
	} {
		var got result
		got.e, got.ok = whatsapp.ParseEnum(whatsapp.PhoneStatuses, raw)
		if got != want {
			t.Errorf("%q: %+v, want %+v", raw, got, want)
		}
	}
}

func TestFreshLeavesOutWhatIsTooOldForItsOwnInterval(t *testing.T) {
	now := time.Date(2026, 9, 21, 10, 0, 0, 0, time.UTC)
	read := func(ago, every time.Duration) whatsapp.Reading {
		return whatsapp.Reading{At: now.Add(-ago), Every: every}
	}
	fresh, slow, stale := read(time.Minute, 0), read(20*time.Minute, 30*time.Minute), read(20*time.Minute, time.Minute)
	a := &whatsapp.Account{
		WABAs: []whatsapp.WABA{
			{Reading: fresh, ID: "1", Templates: &whatsapp.Templates{Reading: slow}, Subscription: &whatsapp.Subscription{Reading: stale}},
			{Reading: stale, ID: "2"},
		},
		PhoneNumbers: []whatsapp.PhoneNumber{
			{Reading: fresh, ID: "3", Profile: &whatsapp.Profile{Reading: stale}}, {Reading: stale, ID: "4"},
		},
		Limits:   []whatsapp.MessagingLimit{{Reading: stale}, {Reading: fresh}},
		Messages: []whatsapp.MessageCounts{{Reading: slow}, {Reading: stale}},
		Token:    &whatsapp.Token{Reading: stale},
	}
	want := &whatsapp.Account{
		WABAs:        []whatsapp.WABA{{Reading: fresh, ID: "1", Templates: &whatsapp.Templates{Reading: slow}}},
		PhoneNumbers: []whatsapp.PhoneNumber{{Reading: fresh, ID: "3"}},
		Limits:       []whatsapp.MessagingLimit{{Reading: fresh}},
		Messages:     []whatsapp.MessageCounts{{Reading: slow}},
	}
	if d := cmp.Diff(want, a.Fresh(now, 5*time.Minute)); d != "" {
		t.Error(d)
	}
	if a.Token == nil || a.WABAs[0].Subscription == nil || a.PhoneNumbers[0].Profile == nil {
		t.Error("the account itself was changed")
	}
}

func TestHealthListsEachEntityOnceAtItsWorst(t *testing.T) {
	a := &whatsapp.Account{
		WABAs: []whatsapp.WABA{{Health: []whatsapp.Health{
			{Entity: "waba", EntityID: "9001", State: "available"},
			{Entity: "business", EntityID: "3001", State: "limited", ErrorCodes: []int{141010}},
		}}},
		PhoneNumbers: []whatsapp.PhoneNumber{{Health: []whatsapp.Health{
			{Entity: "phone_number", EntityID: "5001", State: "unknown"},
			{Entity: "business", EntityID: "3001", State: "blocked", ErrorCodes: []int{141006, 141010}},
		}}},
	}
	want := []whatsapp.Health{
		{Entity: "business", EntityID: "3001", State: "blocked", ErrorCodes: []int{141006, 141010}},
		{Entity: "phone_number", EntityID: "5001", State: "unknown"},
		{Entity: "waba", EntityID: "9001", State: "available"},
	}
	if d := cmp.Diff(want, a.Health()); d != "" {
		t.Error(d)
	}
}

func TestPartialErrorNamesWhatIsMissing(t *testing.T) {
	cause := errors.New("forbidden")
	err := &whatsapp.PartialError{}
	for range 5 {
		err.Parts = append(err.Parts, whatsapp.PartError{Part: "phone_numbers", WABAID: "9001", Err: cause})
	}
	want := "5 part(s) could not be read; phone_numbers of WABA 9001: forbidden; phone_numbers of WABA 9001: forbidden; " +
		"phone_numbers of WABA 9001: forbidden; and 2 more"
	if err.Error() != want || !errors.Is(err, cause) {
		t.Errorf("%v", err)
	}
}
