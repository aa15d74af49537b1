package board

import (
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"
	"github.com/google/go-cmp/cmp/cmpopts"

	"whatsapp_sla_exporter/internal/diagnosis"
	"whatsapp_sla_exporter/internal/platform"
	"whatsapp_sla_exporter/internal/qr"
	"whatsapp_sla_exporter/internal/whatsapp"
)

// channelOf is the part of the view that is about the channel.
func channelOf(r readings) *view {
	v := &view{}
	v.addChannel(now, r)
	return v
}

func TestChannelShowsWhatIsNotWellWorstFirst(t *testing.T) {
	yes := true
	account := &whatsapp.Account{
		Name:  "acme",
		Token: &whatsapp.Token{Valid: false},
		WABAs: []whatsapp.WABA{
			{ID: "9001", Status: "active", ReviewStatus: "approved"},
			{ID: "9002", Status: "restricted", Health: []whatsapp.Health{{Entity: "app", EntityID: "4411", State: "limited"}}},
		},
		PhoneNumbers: []whatsapp.PhoneNumber{
			{ID: "1", DisplayPhoneNumber: "+34 600", Quality: "green", Status: "connected"},
			{ID: "2", DisplayPhoneNumber: "+34 601", Quality: "yellow", Status: "connected"},
			{ID: "3", DisplayPhoneNumber: "+34 602", Quality: "red", Status: "flagged", NumberFacts: whatsapp.NumberFacts{
				RestrictionDue: now.Add(50 * time.Hour),
			}},
			{ID: "4", Status: "banned", NumberFacts: whatsapp.NumberFacts{Restricted: &yes}},
			{ID: "5", Status: whatsapp.Unknown},
			{ID: "6", Status: "connected", NumberFacts: whatsapp.NumberFacts{Restricted: &yes, RestrictedUntil: now.Add(time.Hour)}},
			{ID: "7", Status: "connected", Health: []whatsapp.Health{{Entity: "phone_number", EntityID: "7", State: "blocked"}}},
			{ID: "8", Status: "migrated"},
		},
	}
	want := &view{
		Red: list[item]{
			Top: []item{
				{broken, "+34 602", "acme", []string{"quality red", "flagged", "restricted in 2d 02h"}},
				{broken, "4", "acme", []string{"banned"}},
				{broken, "6", "acme", []string{"may not start conversations", "restriction ends in 1h 00m"}},
				{broken, "7", "acme", []string{"sending blocked"}},
				{broken, "Access token", "acme", []string{"not valid"}},
				{broken, "WABA 9002", "acme", []string{"restricted"}},
			},
			Rest: []item{
				{look, "+34 601", "acme", []string{"quality yellow"}},
				{look, "app 4411", "acme", []string{"sending limited"}},
				{unclear, "5", "acme", []string{"unknown"}},
				{note, "8", "acme", []string{"migrated"}},
			},
		},
		Well: []wellness{{1, "number"}, {1, "account"}},
	}
	if d := cmp.Diff(want, channelOf(readings{accounts: []*whatsapp.Account{account}}), cmpopts.EquateEmpty()); d != "" {
		t.Error(d)
	}
}

func TestChannelShowsWhatWebhooksTold(t *testing.T) {
	told := func(waba string) whatsapp.AccountNotices {
		return whatsapp.AccountNotices{Account: "acme", WABAID: waba, Ban: "none"}
	}
	restricted, banned, gone, other := told("1"), told("2"), told("3"), told("4")
	restricted.Restrictions = []whatsapp.Restriction{
		{Type: "restricted_biz_initiated_messaging", Until: now.Add(2 * time.Hour)}, {Type: "restricted_add_phone_number_action"},
	}
	banned.Ban, banned.BanDate = "scheduled", now.Add(50*time.Hour)
	gone.Ban, gone.Disconnected, gone.Alerts = "disabled", "account_offboarded", []whatsapp.AccountAlert{{Type: "OBA_REJECTED"}}
	other.Account, other.Ban = "beta", "disabled"
	got := channelOf(readings{
		accounts: []*whatsapp.Account{{Name: "acme", WABAs: []whatsapp.WABA{{ID: "1"}, {ID: "2"}, {ID: "3"}, {ID: "4"}, {ID: "5"}}, PhoneNumbers: []whatsapp.PhoneNumber{{ID: "11"}, {ID: "12"}}}},
		notices: whatsapp.Notices{
			Accounts: []whatsapp.AccountNotices{restricted, banned, gone, other},
			Numbers:  []whatsapp.NumberNotices{{Account: "acme", PhoneNumberID: "11", WindowsOpen: 9, WindowsClosing: 3}},
		},
	})
	want := &view{
		Red: list[item]{Top: []item{
			{broken, "WABA 1", "acme", []string{"restricted biz initiated messaging for 2h 00m", "restricted add phone number action"}},
			{broken, "WABA 3", "acme", []string{"ban disabled", "disconnected: account offboarded", "alert: oba rejected"}},
			{act, "11", "acme", []string{"3 unanswered service windows close within 2h"}},
			{act, "WABA 2", "acme", []string{"ban scheduled", "disabled in 2d 02h"}},
		}},
		Well: []wellness{{1, "number"}, {2, "accounts"}},
	}
	if d := cmp.Diff(want, got, cmpopts.EquateEmpty()); d != "" {
		t.Error(d)
	}
}

func TestChannelShowsPlatformsSessionsAndCauses(t *testing.T) {
	got := channelOf(readings{
		pages: []*platform.Page{{Name: "meta", Services: []platform.Service{
			{Name: "Cloud API", State: platform.PartialOutage},
			{Name: "Flows", State: platform.Operational},
			{Name: "Manager", State: platform.Operational},
			{Name: "Templates", State: platform.Unknown},
		}}},
		sessions: []*qr.Session{
			{Name: "desk", Gateway: "waha", State: qr.ScanQR, ChangedAt: now.Add(-5 * time.Minute)},
			{Name: "shop", Gateway: "waha", State: qr.Connected},
			{Name: "bank", Gateway: "gowa", State: qr.Unknown},
		},
		diagnoses: []diagnosis.Diagnosis{
			{Account: "acme", Causes: []diagnosis.Cause{diagnosis.PlatformOutage, diagnosis.SessionDisconnected}},
			{Account: "bank", Causes: []diagnosis.Cause{diagnosis.NoneFound}},
		},
	})
	want := &view{
		Causes: []cause{{"acme", "platform outage, session disconnected"}},
		Red: list[item]{Top: []item{
			{broken, "QR session desk", "waha", []string{"scan qr for 5m", "needs the owner of the phone"}},
			{act, "Cloud API", "meta", []string{"partial outage"}},
			{unclear, "Templates", "meta", []string{"unknown"}},
			{unclear, "QR session bank", "gowa", []string{"state unknown"}},
		}},
		Well: []wellness{{2, "services"}, {1, "QR session"}},
	}
	if d := cmp.Diff(want, got, cmpopts.EquateEmpty()); d != "" {
		t.Error(d)
	}
}

// A value of a list that the board does not know how to judge would look well.
func TestEveryKnownValueIsJudgedOrWell(t *testing.T) {
	for _, tt := range []struct {
		name   string
		values []whatsapp.Enum
		judged map[whatsapp.Enum]level
		well   []whatsapp.Enum
	}{
		{"rating", whatsapp.QualityRatings, ofRating, []whatsapp.Enum{"green", whatsapp.Unknown}}, // unknown also before the first rating
		{"number", whatsapp.PhoneStatuses, ofNumber, []whatsapp.Enum{"connected"}},
		{"account", whatsapp.AccountStatuses, ofAccount, []whatsapp.Enum{"active"}},
		{"ban", whatsapp.BanStates, ofBan, []whatsapp.Enum{"none", "reinstated"}},
		{"review", whatsapp.ReviewStatuses, ofReview, []whatsapp.Enum{"approved"}},
		{"health", whatsapp.HealthStates, ofHealth, []whatsapp.Enum{"available"}},
	} {
		var got []whatsapp.Enum
		for _, v := range tt.values {
			if tt.judged[v] == "" {
				got = append(got, v)
			}
		}
		if d := cmp.Diff(tt.well, got); d != "" {
			t.Errorf("%s: taken for well (-want +got):\n%s", tt.name, d)
		}
	}
	for _, s := range platform.States {
		if ofService[s] == "" && s != platform.Operational {
			t.Errorf("a service that is %s is taken for well", s)
		}
	}
}
