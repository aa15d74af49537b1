package graph_test

import (
	"net/http"
	"strconv"
	"strings"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"

	simulator "whatsapp_sla_exporter/internal/simulator/graph"
	"whatsapp_sla_exporter/internal/upstream"
	"whatsapp_sla_exporter/internal/whatsapp"
	"whatsapp_sla_exporter/internal/whatsapp/graph"
)

// justSpain reads WABA 9001 only.
func justSpain(o *graph.Options) { o.WABAIDs = []string{"9001"} }

func TestHealthIsThatOfSendingByEntity(t *testing.T) {
	payment := simulator.HealthError{Code: 141006, Description: "payment method missing"}
	for _, tc := range []struct {
		name   string
		health simulator.Health
		want   whatsapp.Health
	}{
		{
			"a number blocked by a missing payment method",
			simulator.Health{CanSend: "BLOCKED", Errors: []simulator.HealthError{payment, {Code: 141000}, payment}},
			whatsapp.Health{State: "blocked", ErrorCodes: []int{141000, 141006}},
		},
		{
			"a number limited until its name is approved",
			simulator.Health{CanSend: "LIMITED", Info: []string{"Display name is not approved yet"}},
			whatsapp.Health{State: "limited"},
		},
		{
			"a number on which only calling over SIP is off, though the whole is BLOCKED",
			simulator.Health{SIP: "BLOCKED", Errors: []simulator.HealthError{{Code: 138024, Description: "SIP is not enabled"}}},
			whatsapp.Health{State: "available"},
		},
		{"a number in a state nobody has heard of", simulator.Health{CanSend: "ASLEEP"}, whatsapp.Health{State: "unknown"}},
	} {
		t.Run(tc.name, func(t *testing.T) {
			w := newWorld(t)
			w.sim.ChangeNumber("5001", func(n *simulator.Number) { n.Health = tc.health })
			tc.want.Entity, tc.want.EntityID = "phone_number", "5001"
			if d := cmp.Diff(tc.want, one(t, w.must(w.client(justSpain)), "5001").Health[0]); d != "" {
				t.Error(d)
			}
		})
	}
}

func TestHealthWithoutEntitiesIsBelievedOnlyWhenGood(t *testing.T) {
	for overall, want := range map[any]whatsapp.Enum{"AVAILABLE": "available", "BLOCKED": "unknown", "LIMITED": "unknown"} {
		w := newWorld(t)
		w.sim.ChangeNumber("5001", func(n *simulator.Number) {
			n.Extra = map[string]any{"health_status": map[string]any{"can_send_message": overall}}
		})
		got := one(t, w.must(w.client(justSpain)), "5001").Health
		if d := cmp.Diff([]whatsapp.Health{{Entity: "phone_number", EntityID: "5001", State: want}}, got); d != "" {
			t.Errorf("%v: %s", overall, d)
		}
	}
}

func TestHealthIsReadPerNumberWhereTheListDoesNotTellIt(t *testing.T) {
	w := newWorld(t)
	w.sim.RefuseField("phone_numbers", "health_status")
	w.sim.ChangeNumber("5002", func(n *simulator.Number) { n.Health = simulator.Health{CanSend: "BLOCKED"} })
	a := w.must(w.client(justSpain))
	if got := one(t, a, "5002").Health[0]; got.State != "blocked" || got.EntityID != "5002" {
		t.Errorf("health %+v", got)
	}
	if got := one(t, a, "5001").Health[0].State; got != "available" {
		t.Errorf("the other number: %s", got)
	}
}

func TestQualityAndStatusAsMetaSpellsThem(t *testing.T) {
	for _, tc := range []struct {
		extra   map[string]any
		quality whatsapp.Enum
		status  whatsapp.Enum
		unknown map[string]uint64
	}{
		{map[string]any{"quality_rating": "RED"}, "red", "connected", nil},
		{map[string]any{"quality_rating": "NA"}, "unknown", "connected", nil},
		{map[string]any{"quality_rating": "UNKNOWN"}, "unknown", "connected", nil},
		{map[string]any{"quality_rating": nil, "quality_score": map[string]any{"score": "YELLOW"}}, "yellow", "connected", nil},
		{map[string]any{"quality_rating": nil, "quality_score": nil}, "", "connected", nil},
		{map[string]any{"quality_rating": "PURPLE"}, "unknown", "connected", map[string]uint64{"quality_rating": 1}},
		{map[string]any{"quality_rating": 7}, "unknown", "connected", map[string]uint64{"quality_rating": 1}},
		{map[string]any{"status": "RATE_LIMITED"}, "green", "rate_limited", nil},
		{map[string]any{"status": nil}, "green", "", nil},
		{map[string]any{"status": "LINKED"}, "green", "unknown", map[string]uint64{"status": 1}},
		{map[string]any{"throughput": "STANDARD"}, "green", "connected", map[string]uint64{"throughput": 1}},
		{map[string]any{"code_verification_status": "UNVERIFIED"}, "green", "connected", nil},
	} {
		w := newWorld(t)
		w.sim.ChangeNumber("5001", func(n *simulator.Number) { n.Extra = tc.extra })
		a := w.must(w.client(justSpain))
		n := one(t, a, "5001")
		if n.Quality != tc.quality || n.Status != tc.status {
			t.Errorf("%v: quality %q, status %q; want %q, %q", tc.extra, n.Quality, n.Status, tc.quality, tc.status)
		}
		if d := cmp.Diff(tc.unknown, a.UnknownValues); d != "" {
			t.Errorf("%v: %s", tc.extra, d)
		}
	}
}

func TestAValueNobodyKnowsIsLoggedOnceAndCountedEachTime(t *testing.T) {
	w := newWorld(t)
	w.sim.ChangeNumber("5001", func(n *simulator.Number) { n.Status = "TELEPORTED" })
	c := w.client(justSpain)
	w.must(c)
	w.advance(time.Minute)
	a := w.must(c)
	if n := strings.Count(w.log.String(), "TELEPORTED"); n != 1 {
		t.Errorf("logged %d times:\n%s", n, w.log.String())
	}
	if d := cmp.Diff(map[string]uint64{"status": 2}, a.UnknownValues); d != "" {
		t.Error(d)
	}
}

func TestIDsMayBeNumbers(t *testing.T) {
	w := newWorldWith(t, simulator.Options{NumericIDs: true})
	w.sim.SetNumber(simulator.Number{ID: "12345678901234567890", WABAID: "9001", Display: "+34 600 00 00 00"})
	a := w.must(w.client(justSpain))
	if d := cmp.Diff([]string{"5001", "5002", "12345678901234567890"}, ids(a)); d != "" {
		t.Error(d)
	}
	if got := a.WABAs[0].PortfolioID; got != "3001" {
		t.Errorf("portfolio %q", got)
	}
}

func TestTemplatesThatNeedSomebodyAreListedWorstFirstAndCapped(t *testing.T) {
	w := newWorld(t)
	for i, tpl := range []simulator.Template{
		{Name: "ok", Status: "APPROVED", Quality: "GREEN"},
		{Name: "new", Status: "APPROVED", Quality: "UNKNOWN"},
		{Name: "waiting", Status: "PENDING", Quality: "UNKNOWN"},
		{Name: "off", Status: "DISABLED", Quality: "RED"},
		{Name: "bad", Status: "APPROVED", Quality: "RED"},
		{Name: "soso", Status: "APPROVED", Quality: "YELLOW"},
		{Name: "gone", Status: "DELETED", Quality: "RED"},
		{Name: "odd", Status: "MELTED", Quality: "GREEN"},
	} {
		tpl.ID, tpl.WABAID, tpl.Language, tpl.Category = strconv.Itoa(7000+i), "9001", "es", "UTILITY"
		w.sim.SetTemplate(tpl)
	}
	c := w.client(func(o *graph.Options) { justSpain(o); o.UnhealthyTemplates = 4 })
	a := w.must(c)
	got := a.WABAs[0].Templates
	want := []whatsapp.UnhealthyTemplate{
		{Name: "off", Language: "es", Status: "disabled", Quality: "red"},
		{Name: "bad", Language: "es", Status: "approved", Quality: "red"},
		{Name: "soso", Language: "es", Status: "approved", Quality: "yellow"},
		{Name: "odd", Language: "es", Status: "unknown", Quality: "green"},
	}
	if d := cmp.Diff(want, got.Unhealthy); d != "" || got.UnhealthyDropped != 1 {
		t.Errorf("%d dropped, %s", got.UnhealthyDropped, d)
	}
	sum := 0
	for _, n := range got.Counts {
		sum += n.Count
	}
	if sum != 8 || a.UnknownValues["template_status"] != 1 {
		t.Errorf("%d templates counted, unknown %v", sum, a.UnknownValues)
	}
}

func TestManyTemplatesAreReadToTheLast(t *testing.T) {
	w := newWorld(t)
	for i := range 250 {
		w.sim.SetTemplate(simulator.Template{ID: strconv.Itoa(70000 + i), WABAID: "9001", Name: "t", Language: "es", Status: "APPROVED", Category: "MARKETING", Quality: "GREEN"})
	}
	c := w.client(justSpain)
	want := []whatsapp.TemplateCount{{Status: "approved", Category: "marketing", Quality: "green", Count: 250}}
	if d := cmp.Diff(want, w.must(c).WABAs[0].Templates.Counts); d != "" {
		t.Error(d)
	}
	w.sim.Fail(simulator.Fault{Kind: simulator.ErrorCode, Path: "/message_templates", After: 1, Times: 1, Status: 400, Code: 131059, Message: "(#131059) Invalid cursor"})
	w.advance(time.Hour)
	if d := cmp.Diff(want, w.must(c).WABAs[0].Templates.Counts); d != "" {
		t.Errorf("after a cursor that expired: %s", d)
	}
}

func TestProfileContactsInBothForms(t *testing.T) {
	for _, nested := range []bool{false, true} {
		w := newWorld(t)
		w.sim.ChangeNumber("5001", func(n *simulator.Number) {
			n.NestedProfile, n.Websites, n.Picture, n.Address = nested, []string{"https://acme.example/"}, "https://pps.whatsapp.net/x", "Calle A 1"
		})
		got := one(t, w.must(w.client(justSpain)), "5001").Profile
		want := []whatsapp.ProfileChannel{
			{Channel: "email"}, {Channel: "website", Set: true}, {Channel: "address", Set: true}, {Channel: "description"}, {Channel: "picture", Set: true},
		}
		if d := cmp.Diff(want, got.Channels()); d != "" {
			t.Errorf("nested %v: %s", nested, d)
		}
	}
}

func TestNoSubscribedAppIsToldAsNone(t *testing.T) {
	w := newWorld(t)
	w.sim.ChangeWABA("9001", func(o *simulator.WABA) { o.Apps = nil })
	got := w.must(w.client(justSpain)).WABAs[0].Subscription
	if got == nil || got.Apps != 0 {
		t.Errorf("subscription %+v", got)
	}
	w = newWorld(t)
	w.sim.Fail(simulator.Fault{Kind: simulator.NoData, Path: "/subscribed_apps"})
	a, err := w.read(w.client(justSpain))
	if a.WABAs[0].Subscription != nil || upstream.ReasonOf(err) != upstream.Decode {
		t.Errorf("an answer without a list: %+v, %v", a.WABAs[0].Subscription, err)
	}
}

func TestTokenFacts(t *testing.T) {
	read := whatsapp.Reading{At: start, Every: time.Hour}
	for _, tc := range []struct {
		name  string
		token func(*simulator.Token)
		want  whatsapp.Token
	}{
		{"one that never expires", func(*simulator.Token) {}, whatsapp.Token{Reading: read, Valid: true, NeverExpires: true}},
		{
			"one that expires", func(t *simulator.Token) { t.Expires = start.Add(240 * time.Hour) },
			whatsapp.Token{Reading: read, Valid: true, Expires: start.Add(240 * time.Hour)},
		},
		{
			"one for sending only", func(t *simulator.Token) { t.Scopes = []string{"whatsapp_business_messaging"} },
			whatsapp.Token{Reading: read, Valid: true, NeverExpires: true, MissingScopes: []string{"whatsapp_business_management"}},
		},
	} {
		w := newWorld(t)
		w.token(tc.token)
		a, _ := w.read(w.client(func(o *graph.Options) { o.Token = func() (string, error) { return token, nil } }))
		if d := cmp.Diff(&tc.want, a.Token); d != "" {
			t.Errorf("%s: %s", tc.name, d)
		}
	}
}

func TestDiscoveryByAnExpiredTokenIsAnAuthError(t *testing.T) {
	w := newWorld(t)
	w.token(func(t *simulator.Token) { t.Expires = start })
	a, err := w.read(w.client(func(o *graph.Options) {
		o.WABAIDs, o.Token = nil, func() (string, error) { return token, nil }
	}))
	if upstream.ReasonOf(err) != upstream.Auth || a.Token.Valid {
		t.Errorf("token %+v, error %v", a.Token, err)
	}
}

func TestAClockThatIsOffIsToldOnce(t *testing.T) {
	w := newWorld(t)
	w.sim.SetClockOff(10 * time.Minute)
	c := w.client(justSpain)
	w.must(c)
	if n := strings.Count(w.log.String(), "clock"); n != 1 {
		t.Errorf("told %d times:\n%s", n, w.log.String())
	}
}

func TestAnotherServedVersionIsTold(t *testing.T) {
	w := newWorldWith(t, simulator.Options{Versions: []string{"v25.0", "v26.0"}})
	w.must(w.client(func(o *graph.Options) { o.Version = "v24.0" }))
	if d := cmp.Diff([2]string{"v24.0", "v25.0"}, w.version); d != "" || !strings.Contains(w.log.String(), "requested=v24.0 served=v25.0") {
		t.Errorf("%s\n%s", d, w.log.String())
	}
}

func TestBadOptions(t *testing.T) {
	for want, o := range map[string]graph.Options{
		`graph: no account name`:                                            {WABAIDs: []string{"9001"}},
		`graph: version "25": want for example v25.0`:                       {Account: "a", WABAIDs: []string{"9001"}, Version: "25"},
		`graph: no waba_ids, no portfolio_id, and no token to ask for them`: {Account: "a"},
		`graph: id "../me": want digits, as Business Manager shows them`:    {Account: "a", WABAIDs: []string{"../me"}},
		`graph: url "ftp://graph.facebook.com": want http(s)://host`:        {Account: "a", WABAIDs: []string{"9001"}, Upstream: upstream.Options{BaseURL: "ftp://graph.facebook.com"}},
	} {
		o.Upstream.HTTP = http.DefaultClient
		if _, err := graph.New(o); err == nil || err.Error() != want {
			t.Errorf("%v, want %s", err, want)
		}
	}
}

func TestBothSpellingsOfAVerification(t *testing.T) {
	for _, raw := range []string{"not_verified", "UNVERIFIED"} {
		w := newWorld(t)
		w.sim.ChangeWABA("9001", func(w *simulator.WABA) { w.Verification = raw })
		a := w.must(w.client(justSpain))
		if got := a.WABAs[0].BusinessVerification; got != "not_verified" || a.UnknownValues != nil {
			t.Errorf("%s: %q, unknown values %v", raw, got, a.UnknownValues)
		}
	}
}
