package webhook

import (
	"fmt"
	"math/rand/v2"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"

	simulator "whatsapp_sla_exporter/internal/simulator/webhook"
	"whatsapp_sla_exporter/internal/whatsapp"
)

const noConversations = "RESTRICTED_BIZ_INITIATED_MESSAGING"

// update is the body of an account_update as it stands in Meta's documents.
func update(at, value string) string {
	return fmt.Sprintf(`{"object":"whatsapp_business_account","entry":[{"id":%s,"time":%s,"changes":[{"value":%s,"field":"account_update"}]}]}`, waba, at, value)
}

func TestRestrictionsInEverySpelling(t *testing.T) {
	end := time.Date(2026, 9, 24, 14, 0, 0, 0, time.UTC)
	for name, c := range map[string]struct {
		expiration string
		want       time.Time
	}{
		"Unix time":         {fmt.Sprint(`,"expiration":`, end.Unix()), end},
		"Unix time as text": {fmt.Sprintf(`,"expiration":"%d"`, end.Unix()), end},
		"milliseconds":      {fmt.Sprint(`,"expiration":`, end.UnixMilli()), end},
		"ISO 8601":          {`,"expiration":"2026-09-24T16:00:00+02:00"`, end},
		"ISO without colon": {`,"expiration":"2026-09-24T16:00:00+0200"`, end},
		"absent":            {``, time.Time{}},
		"null":              {`,"expiration":null`, time.Time{}},
		"nonsense":          {`,"expiration":{"soon":true}`, time.Time{}},
	} {
		t.Run(name, func(t *testing.T) {
			b := newBench(t)
			if got := b.post(update("1789993000", `{"event":"ACCOUNT_RESTRICTION","restriction_info":[{"restriction_type":"`+noConversations+`"`+c.expiration+`}]}`)); got != 200 {
				t.Fatalf("status %d", got)
			}
			want := whatsapp.AccountNotices{
				Account: "acme", WABAID: waba, Ban: "none",
				Restrictions: []whatsapp.Restriction{{Type: "restricted_biz_initiated_messaging", Until: c.want}},
			}
			if d := cmp.Diff(want, b.account()); d != "" {
				t.Error(d)
			}
			if until, restricted := b.Restricted(waba, b.now); !restricted || !until.Equal(c.want) {
				t.Errorf("restricted %v until %s", restricted, until)
			}
			if d := cmp.Diff([]string{waba}, b.hints); d != "" {
				t.Error(d)
			}
		})
	}
}

func TestARestrictionEndsByItself(t *testing.T) {
	b := newBench(t)
	b.send(simulator.Restriction(waba, noConversations, noon.Add(24*time.Hour), noon))
	b.now = noon.Add(24 * time.Hour)
	if _, restricted := b.Restricted(waba, b.now); restricted || b.account().Restrictions != nil {
		t.Errorf("still restricted: %+v", b.account())
	}
}

// known is the account after some events, in the order given.
func known(t *testing.T, events ...simulator.Change) whatsapp.AccountNotices {
	b := newBench(t)
	b.now = noon.Add(48 * time.Hour)
	for _, e := range events {
		b.send(e)
	}
	return b.account()
}

func TestFactsComeOutTheSameInAnyOrder(t *testing.T) {
	at := func(h int) time.Time { return noon.Add(time.Duration(h) * time.Hour) }
	day := time.Date(2026, 10, 12, 0, 0, 0, 0, time.UTC)
	one := func(list ...whatsapp.Restriction) []whatsapp.Restriction { return list }
	for name, c := range map[string]struct {
		events []simulator.Change
		want   whatsapp.AccountNotices
	}{
		"a ban is scheduled, comes, and is taken back": {
			[]simulator.Change{simulator.Ban(waba, "SCHEDULE_FOR_DISABLE", day, at(1)), simulator.Ban(waba, "DISABLE", day, at(2)), simulator.Ban(waba, "REINSTATE", time.Time{}, at(3))},
			whatsapp.AccountNotices{Ban: "reinstated"},
		},
		"a ban is scheduled": {
			[]simulator.Change{simulator.Ban(waba, "SCHEDULE_FOR_DISABLE", day, at(1)), simulator.Violation(waba, "SCAM", at(1)), simulator.Violation(waba, "SCAM", at(2))},
			whatsapp.AccountNotices{Ban: "scheduled", BanDate: day, Violations: map[string]uint64{"scam": 2}},
		},
		"a restriction is prolonged": {
			[]simulator.Change{simulator.Restriction(waba, noConversations, at(100), at(1)), simulator.Restriction(waba, noConversations, at(200), at(2))},
			whatsapp.AccountNotices{Ban: "none", Restrictions: one(whatsapp.Restriction{Type: "restricted_biz_initiated_messaging", Until: at(200)})},
		},
		"two of one type that nobody knows begin in one second": {
			[]simulator.Change{
				simulator.Restriction(waba, "RESTRICTED_ANEW", time.Time{}, at(2)), simulator.Restriction(waba, "RESTRICTED_OTHERWISE", at(50), at(2)),
				simulator.Restriction(waba, noConversations, at(200), at(2)), simulator.Restriction(waba, noConversations, at(300), at(2)),
			},
			whatsapp.AccountNotices{Ban: "none", Restrictions: one(
				whatsapp.Restriction{Type: "restricted_biz_initiated_messaging", Until: at(300)}, whatsapp.Restriction{Type: "unknown"},
			)},
		},
		"a reinstated account has no open-ended restrictions, but keeps those with an end": {
			[]simulator.Change{
				simulator.Restriction(waba, noConversations, time.Time{}, at(1)), simulator.Restriction(waba, "RESTRICTED_UTILITY_TEMPLATES", at(100), at(2)),
				simulator.Ban(waba, "REINSTATE", time.Time{}, at(3)),
			},
			whatsapp.AccountNotices{Ban: "reinstated", Restrictions: one(whatsapp.Restriction{Type: "restricted_utility_templates", Until: at(100)})},
		},
		"an empty list lifts what was told before it": {
			[]simulator.Change{
				simulator.Restriction(waba, noConversations, at(1000), at(1)), simulator.Restriction(waba, "RESTRICTED_UTILITY_TEMPLATES", time.Time{}, at(1)),
				simulator.AccountUpdate(waba, at(2), simulator.Object{"event": "ACCOUNT_RESTRICTION", "restriction_info": []any{}}),
				simulator.Restriction(waba, "RESTRICTED_USER_INITIATED_CALLING", at(300), at(3)),
			},
			whatsapp.AccountNotices{Ban: "none", Restrictions: one(whatsapp.Restriction{Type: "restricted_user_initiated_calling", Until: at(300)})},
		},
		"an account goes and comes back": {
			[]simulator.Change{
				simulator.AccountUpdate(waba, at(1), simulator.Object{"event": "ACCOUNT_OFFBOARDED", "disconnection_info": simulator.Object{"reason": "PRIMARY_INACTIVITY"}}),
				simulator.AccountUpdate(waba, at(2), simulator.Object{"event": "ACCOUNT_RECONNECTED"}),
				simulator.AccountUpdate(waba, at(3), simulator.Object{"event": "ACCOUNT_OFFBOARDED", "disconnection_info": simulator.Object{"reason": "CHANGE_NUMBER"}}),
			},
			whatsapp.AccountNotices{Ban: "none", Disconnected: "change_number"},
		},
		"an alert is raised, taken back and another raised": {
			[]simulator.Change{
				simulator.Alert(waba, "PROFILE_PICTURE_LOST", "WARNING", true, at(1)), simulator.Alert(waba, "PROFILE_PICTURE_LOST", "WARNING", false, at(2)),
				simulator.Alert(waba, "OBA_REJECTED", "CRITICAL", true, at(3)),
			},
			whatsapp.AccountNotices{Ban: "none", Alerts: []whatsapp.AccountAlert{{Type: "oba_rejected", Severity: "critical", Entity: "business", EntityID: waba}}},
		},
	} {
		t.Run(name, func(t *testing.T) {
			c.want.Account, c.want.WABAID = "acme", waba
			for seed := range uint64(4) {
				rand.New(rand.NewPCG(seed, 1)).Shuffle(len(c.events), func(i, j int) { c.events[i], c.events[j] = c.events[j], c.events[i] })
				if d := cmp.Diff(c.want, known(t, c.events...)); d != "" {
					t.Errorf("order %d: %s", seed, d)
				}
			}
		})
	}
}

func TestTheTimeOfAnEventInEverySpelling(t *testing.T) {
	for _, at := range []string{"1789993000", `"1789993000"`, "1789993000000", `"2026-09-21T12:16:40Z"`, `"2026-09-21T14:16:40+0200"`} {
		b := newBench(t)
		b.now = noon.Add(time.Hour)
		b.post(update(at, `{"event":"DISABLED_UPDATE","ban_info":{"waba_ban_state":"DISABLE","waba_ban_date":"2026-09-21"}}`))
		b.post(update("1789992999", `{"event":"DISABLED_UPDATE","ban_info":{"waba_ban_state":"SCHEDULE_FOR_DISABLE","waba_ban_date":"September 21, 2026"}}`))
		if got := b.account(); got.Ban != "disabled" || !got.BanDate.Equal(noon.Truncate(24*time.Hour)) {
			t.Errorf("%s: %s of %s", at, got.Ban, got.BanDate)
		}
		b.post(update("1789993001", `{"event":"DISABLED_UPDATE","ban_info":{"waba_ban_state":"REINSTATE"}}`))
		if got := b.account().Ban; got != "reinstated" {
			t.Errorf("%s: %s", at, got)
		}
	}
}

func TestADisabledAccountStartsNoConversations(t *testing.T) {
	b := newBench(t)
	b.send(simulator.Ban(waba, "DISABLE", noon, noon))
	if until, restricted := b.Restricted(waba, noon); !restricted || !until.IsZero() {
		t.Errorf("restricted %v until %s", restricted, until)
	}
	if _, restricted := b.Restricted("9002", noon); restricted {
		t.Error("another account is restricted")
	}
}

func TestWhatNobodyHasSeenIsUnknownAndCounted(t *testing.T) {
	b := newBench(t)
	for _, value := range []string{
		`{"event":"ACCOUNT_TELEPORTED"}`,
		`{"event":"ACCOUNT_VIOLATION","violation_info":{"violation_type":"NEW_SIN"}}`,
		`{"event":"ACCOUNT_RESTRICTION","restriction_info":[{"restriction_type":"RESTRICTED_EVERYTHING"}]}`,
		`{"event":"ACCOUNT_RESTRICTION","restriction_info":"all"}`,
		`{"event":"DISABLED_UPDATE","ban_info":{"waba_ban_state":"PONDERED","waba_ban_date":"one day"}}`,
		`"not an object"`,
	} {
		if got := b.post(update("1789993000", value)); got != 200 {
			t.Errorf("%s: status %d", value, got)
		}
	}
	if got := b.post(`{"object":"whatsapp_business_account","entry":[{"id":"9001","changes":[{"field":"messages","value":{"metadata":{"phone_number_id":"5001"},"statuses":[
		{"id":"wamid.1","status":"teleported","timestamp":"1789992000","recipient_id":"1"},
		{"id":"wamid.2","status":"delivered","timestamp":"1789992000","recipient_id":"1","pricing":{"type":"bartered","category":"utility"}}]}}]}]}`); got != 200 {
		t.Errorf("status %d", got)
	}
	if got := b.post(`{"object":"whatsapp_business_account","entry":[{"id":"9001","changes":[{"value":{"statuses":[{"status":"no message at all"}]},"field":"flows"}]}]}`); got != 200 {
		t.Errorf("status %d", got)
	}
	if got := b.post(`{"object":"whatsapp_business_account","entry":[{"id":"9001","changes":[{"field":"astrology","value":{}}]}]}`); got != 200 {
		t.Errorf("status %d", got)
	}
	want := whatsapp.AccountNotices{
		Account: "acme", WABAID: waba, Ban: "unknown", Violations: map[string]uint64{"unknown": 1},
		Restrictions: []whatsapp.Restriction{{Type: "unknown"}},
	}
	if d := cmp.Diff(want, b.account()); d != "" {
		t.Error(d)
	}
	n := b.Notices(b.now)
	wantUnknown := map[string]uint64{
		"account_update.event": 1, "violation_type": 1, "restriction_type": 1, "restriction_info": 1, "waba_ban_state": 1,
		"waba_ban_date": 1, "account_update": 1, "field": 1,
		"statuses.status": 1, "pricing.type": 1,
	}
	if d := cmp.Diff(wantUnknown, n.UnknownValues); d != "" {
		t.Error(d)
	}
	if d := cmp.Diff(map[string]uint64{"account_update": 6, "flows": 1, "messages": 1, "unknown": 1}, told(n.Events)); d != "" {
		t.Error(d)
	}
}

func TestEventsOfPartnersNameTheAccountInTheValue(t *testing.T) {
	b := newBench(t)
	b.post(`{"object":"whatsapp_business_account","entry":[{"id":"777","time":1789993000,"changes":[{"field":"account_update",
		"value":{"event":"PARTNER_REMOVED","waba_info":{"waba_id":9001,"owner_business_id":"3001"}}}]}]}`)
	if got := b.account().Disconnected; got != "partner_removed" {
		t.Errorf("%q", got)
	}
}

func TestAnAlertOfAStatusThatNobodyKnowsIsActiveAndCounted(t *testing.T) {
	b := newBench(t)
	alert := simulator.Alert(waba, "OBA_REJECTED", "CRITICAL", true, noon)
	alert.Value.(simulator.Object)["alert_info"].(simulator.Object)["alert_status"] = "SNOOZED"
	b.send(alert)
	want := []whatsapp.AccountAlert{{Type: "oba_rejected", Severity: "critical", Entity: "business", EntityID: waba}}
	if d := cmp.Diff(want, b.account().Alerts); d != "" {
		t.Error(d)
	}
	if d := cmp.Diff(map[string]uint64{"alert_status": 1}, b.Notices(b.now).UnknownValues); d != "" {
		t.Error(d)
	}
}
