package webhook

import (
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"

	simulator "whatsapp_sla_exporter/internal/simulator/webhook"
	"whatsapp_sla_exporter/internal/whatsapp"
)

func TestFlagsAreHandedOn(t *testing.T) {
	b := newBench(t)
	b.send(simulator.NumberUpdate(waba, "34600112233", "FLAGGED", noon), simulator.NumberUpdate(waba, "34600112233", "UPGRADE", noon))
	b.send(simulator.NumberUpdate(waba, "34600112233", "FLAGGED", noon))
	b.send(simulator.NumberUpdate(waba, "34600112233", "UNFLAGGED", noon.Add(-time.Minute)))
	if d := cmp.Diff([]string{"34600112233 flagged 12:00:00", "34600112233 unflagged 11:59:00"}, b.flags); d != "" {
		t.Error(d)
	}
	if d := cmp.Diff([]string{waba, waba}, b.hints); d != "" {
		t.Error(d)
	}
}

func TestAFlagOfANumberThatNobodyKnowsYetWaitsForAPoll(t *testing.T) {
	b := newBench(t)
	b.flagTaken = false
	b.send(simulator.NumberUpdate(waba, "34600112233", "FLAGGED", noon))
	b.send(simulator.NumberUpdate(waba, "34600112233", "UNFLAGGED", noon.Add(-time.Hour)))
	b.crash()
	b.flags = nil
	b.poll()
	b.flagTaken = true
	b.poll()
	b.poll()
	if d := cmp.Diff([]string{"34600112233 flagged 12:00:00", "34600112233 flagged 12:00:00"}, b.flags); d != "" {
		t.Error(d)
	}
	b.crash()
	b.flags = nil
	b.poll()
	if b.flags != nil {
		t.Errorf("told again after a restart: %v", b.flags)
	}
}

func TestWhatOnlyAPollCanTellAsksForOne(t *testing.T) {
	for field, want := range map[string]string{
		"account_review_update": waba, "phone_number_name_update": waba, "business_capability_update": waba,
		"template_category_update": waba + " templates",
	} {
		b := newBench(t)
		c := simulator.Change{WABA: waba, Field: field, At: noon, Value: simulator.Object{"decision": "REJECTED", "max_daily_conversations_per_business": 2000}}
		b.send(c, c)
		b.send(c)
		if d := cmp.Diff([]string{want}, b.hints); d != "" {
			t.Errorf("%s: %s", field, d)
		}
	}
}

func TestTemplatesAndSecurityAreCounted(t *testing.T) {
	b := newBench(t)
	b.send(
		simulator.Template(waba, "promo", "PAUSED", noon), simulator.Template(waba, "promo", "FLAGGED", noon),
		simulator.Security(waba, "34600112233", "PIN_CHANGED", noon),
		// Meta's own sample has the quality under the field of the status.
		simulator.Change{WABA: waba, Field: "message_template_status_update", At: noon, Value: simulator.Object{"new_quality_score": "RED", "previous_quality_score": "GREEN", "message_template_id": 7001}},
		simulator.Change{WABA: waba, Field: "message_template_quality_update", At: noon, Value: simulator.Object{"new_quality_score": "YELLOW", "message_template_id": 7001}},
	)
	want := whatsapp.AccountNotices{
		Account: "acme", WABAID: waba, Ban: "none", SecurityEvents: map[string]uint64{"pin_changed": 1},
		TemplateEvents: map[string]uint64{"paused": 1, "flagged": 1, "quality_red": 1, "quality_yellow": 1},
	}
	if d := cmp.Diff(want, b.account()); d != "" {
		t.Error(d)
	}
	if d := cmp.Diff(map[string]uint64{"message_template_status_update": 2, "message_template_quality_update": 2, "security": 1}, told(b.Notices(b.now).Events)); d != "" {
		t.Error(d)
	}
}

func TestAccountsThatAreNotConfiguredAreKeptAndCounted(t *testing.T) {
	b := newBench(t)
	b.send(simulator.Violation("9002", "SCAM", noon))
	if n := b.Notices(noon); n.UnknownAccounts != 1 || len(n.Accounts) != 0 {
		t.Errorf("%+v", n)
	}
	if err := b.Observe(&whatsapp.Account{Name: "late", WABAs: []whatsapp.WABA{{ID: "9002"}}}, noon); err != nil {
		t.Fatal(err)
	}
	want := []whatsapp.AccountNotices{{Account: "late", WABAID: "9002", Ban: "none", Violations: map[string]uint64{"scam": 1}}}
	if d := cmp.Diff(want, b.Notices(noon).Accounts); d != "" {
		t.Error(d)
	}
	// A poll that could not read which WABAs there are changes nothing; a configuration without the account does.
	if err := b.Observe(&whatsapp.Account{Name: "late"}, noon); err != nil {
		t.Fatal(err)
	}
	if d := cmp.Diff(want, b.Notices(noon).Accounts); d != "" {
		t.Error(d)
	}
	if err := b.Keep([]string{"acme"}); err != nil {
		t.Fatal(err)
	}
	if n := b.Notices(noon); len(n.Accounts) != 0 {
		t.Errorf("%+v", n.Accounts)
	}
}

func TestAFlagOfNoNumberIsCountedAndHandedToNobody(t *testing.T) {
	b := newBench(t)
	b.send(simulator.NumberUpdate(waba, "", "FLAGGED", noon), simulator.Change{WABA: waba, Field: "phone_number_quality_update", At: noon, Value: simulator.Object{"event": "UNFLAGGED"}})
	b.poll()
	if b.flags != nil {
		t.Errorf("handed on: %v", b.flags)
	}
	if d := cmp.Diff(map[string]uint64{"phone_number_quality_update.display_phone_number": 2}, b.Notices(b.now).UnknownValues); d != "" {
		t.Error(d)
	}
}
