package graph_test

import (
	"context"
	"errors"
	"fmt"
	"math"
	"net/http"
	"strings"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"

	simulator "whatsapp_sla_exporter/internal/simulator/graph"
	"whatsapp_sla_exporter/internal/upstream"
	"whatsapp_sla_exporter/internal/whatsapp"
	"whatsapp_sla_exporter/internal/whatsapp/graph"
)

func TestAPassReadsEverythingThatTheAPITells(t *testing.T) {
	w := newWorld(t)
	w.sim.ChangeNumber("5001", func(n *simulator.Number) {
		n.Quality, n.Email, n.Websites = "YELLOW", "ayuda@acme.example", []string{"https://acme.example/"}
	})
	w.sim.SetTemplate(simulator.Template{ID: "7001", WABAID: "9001", Name: "cita", Language: "es", Status: "PAUSED", Category: "UTILITY", Quality: "RED"})
	w.sim.SetTemplate(simulator.Template{ID: "7002", WABAID: "9001", Name: "hola", Language: "es", Status: "APPROVED", Category: "MARKETING", Quality: "UNKNOWN"})
	w.sim.Deliver(simulator.Traffic{NumberID: "5001", At: start.Add(-time.Hour), Template: true, Type: "REGULAR", Category: "MARKETING", Count: 40})
	got := w.must(w.client(func(o *graph.Options) {
		o.WABAIDs = []string{"9001"}
		o.Token = func() (string, error) { return token, nil }
	}))

	read := func(every time.Duration) whatsapp.Reading { return whatsapp.Reading{At: start, Every: every} }
	health := func(entity whatsapp.Enum, id string) whatsapp.Health {
		return whatsapp.Health{Entity: entity, EntityID: id, State: "available"}
	}
	shared := []whatsapp.Health{health("waba", "9001"), health("business", "3001"), health("app", "4411")}
	number := func(id, display, name string, quality whatsapp.Enum, p whatsapp.Profile) whatsapp.PhoneNumber {
		p.Reading = read(6 * time.Hour)
		return whatsapp.PhoneNumber{
			Reading: read(time.Minute), ID: id, WABAID: "9001", DisplayPhoneNumber: display, VerifiedName: name,
			Quality: quality, Status: "connected", NameStatus: "approved", ThroughputLevel: "standard",
			CodeVerificationStatus: "verified", Profile: &p,
			Health: append([]whatsapp.Health{health("phone_number", id)}, shared...),
		}
	}
	want := &whatsapp.Account{
		Name: "acme", Provider: "meta", ReadAt: start,
		WABAs: []whatsapp.WABA{{
			Reading: read(5 * time.Minute), ID: "9001", PortfolioID: "3001", ReviewStatus: "approved",
			BusinessVerification: "verified", Status: "active", Country: "ES", Health: shared,
			Templates: &whatsapp.Templates{
				Reading: read(30 * time.Minute),
				Counts: []whatsapp.TemplateCount{
					{Status: "approved", Category: "marketing", Quality: "unknown", Count: 1},
					{Status: "paused", Category: "utility", Quality: "red", Count: 1},
				},
				Unhealthy: []whatsapp.UnhealthyTemplate{{Name: "cita", Language: "es", Status: "paused", Quality: "red"}},
			},
			Subscription: &whatsapp.Subscription{Reading: read(time.Hour), Apps: 1},
		}},
		PhoneNumbers: []whatsapp.PhoneNumber{
			number("5001", "+34 600 11 22 33", "Acme Soporte", "yellow", whatsapp.Profile{Email: true, Website: true}),
			number("5002", "+34 600 11 22 34", "Acme Ventas", "green", whatsapp.Profile{}),
		},
		Limits: []whatsapp.MessagingLimit{{
			Reading: read(5 * time.Minute), Scope: whatsapp.ScopePortfolio, ScopeID: "3001", Tier: "TIER_10K", Users: 10000, Known: true,
		}},
		Messages: []whatsapp.MessageCounts{{
			Reading: read(30 * time.Minute), Scope: whatsapp.ScopePortfolio, ScopeID: "3001", Day: 40, Week: 40,
		}},
		Token: &whatsapp.Token{Reading: read(time.Hour), Valid: true, NeverExpires: true},
	}
	if d := cmp.Diff(want, got); d != "" {
		t.Error(d)
	}
	if d := cmp.Diff([2]string{"v25.0", "v25.0"}, w.version); d != "" {
		t.Errorf("versions: %s", d)
	}
}

func TestWhatOnePollCosts(t *testing.T) {
	w := newWorld(t)
	c := w.client(func(o *graph.Options) {
		o.WABAIDs = []string{"9001"}
		o.Token = func() (string, error) { return token, nil }
	})
	w.must(c)
	first := map[string]int{
		"/9001/phone_numbers": 1, "/9001": 2, "/9001/message_templates": 1, "/9001/subscribed_apps": 1,
		"/5001/whatsapp_business_profile": 1, "/5002/whatsapp_business_profile": 1, "/debug_token": 1,
	}
	if d := cmp.Diff(first, w.calls()); d != "" {
		t.Errorf("the first poll: %s", d)
	}
	w.advance(time.Minute)
	w.must(c)
	if d := cmp.Diff(map[string]int{"/9001/phone_numbers": 1}, w.calls()); d != "" {
		t.Errorf("the second poll: %s", d)
	}
	for range 59 {
		w.advance(time.Minute)
		w.must(c)
	}
	hour := map[string]int{
		"/9001/phone_numbers": 59, "/9001": 14, "/9001/message_templates": 2, "/9001/subscribed_apps": 1, "/debug_token": 1,
	}
	if d := cmp.Diff(hour, w.calls()); d != "" {
		t.Errorf("the hour after: %s", d)
	}
}

func TestNumbersAreReadPageByPage(t *testing.T) {
	w := newWorld(t)
	for i := range 230 {
		w.sim.SetNumber(simulator.Number{ID: fmt.Sprint(60000 + i), WABAID: "9001", Display: fmt.Sprintf("+34 700 %06d", i)})
	}
	c := w.client(func(o *graph.Options) { o.WABAIDs = []string{"9001"} })
	w.sim.Fail(simulator.Fault{Kind: simulator.EmptyPage, Path: "/9001/phone_numbers", After: 1, Times: 1})
	if got := len(w.must(c).PhoneNumbers); got != 232 {
		t.Errorf("%d numbers", got)
	}
	if got := w.calls()["/9001/phone_numbers"]; got != 4 {
		t.Errorf("%d calls, want three pages and an empty one", got)
	}
}

func TestAListThatLiesIsNotTaken(t *testing.T) {
	for _, tc := range []struct {
		fault simulator.Fault
		want  upstream.Reason
	}{
		{simulator.Fault{Kind: simulator.RepeatPage, After: 1}, upstream.Decode},
		{simulator.Fault{Kind: simulator.NoData}, upstream.Decode},
		{simulator.Fault{Kind: simulator.EmptyPage}, upstream.Decode},
		{simulator.Fault{Kind: simulator.Truncated}, upstream.Decode},
		{simulator.Fault{Kind: simulator.HTMLOK}, upstream.Decode},
		{simulator.Fault{Kind: simulator.HTML}, upstream.Server},
		{simulator.Fault{Kind: simulator.ErrorCode, Status: 500, Code: 1, Message: "An unknown error occurred"}, upstream.Server},
		{simulator.Fault{Kind: simulator.ErrorCode, Status: 503, Code: 2, Message: "Service temporarily unavailable"}, upstream.Server},
		{simulator.Fault{Kind: simulator.ErrorCode, Status: 200, Code: 100, Message: "something else"}, upstream.BadRequest},
		{simulator.Fault{Kind: simulator.ErrorCode, Status: 400, Code: 368, Message: "blocked"}, upstream.Permission},
	} {
		t.Run(fmt.Sprint("after ", tc.fault.Kind, " ", tc.fault.Code, " the numbers stay as they were"), func(t *testing.T) {
			w := newWorld(t)
			for i := range 150 {
				w.sim.SetNumber(simulator.Number{ID: fmt.Sprint(60000 + i), WABAID: "9001", Display: fmt.Sprintf("+34 700 %06d", i)})
			}
			c := w.client(func(*graph.Options) {})
			before := w.must(c)
			tc.fault.Path = "/9001/phone_numbers"
			w.sim.Fail(tc.fault)
			w.advance(2 * time.Minute)
			after, err := w.read(c)
			partial, ok := errors.AsType[*whatsapp.PartialError](err)
			if !ok || len(partial.Parts) != 1 || partial.Parts[0].WABAID != "9001" || upstream.ReasonOf(err) != tc.want {
				t.Fatalf("error %v, reason %s", err, upstream.ReasonOf(err))
			}
			if d := cmp.Diff(ids(before), ids(after)); d != "" {
				t.Error(d)
			}
			if at := one(t, after, "5001").At; !at.Equal(start) {
				t.Errorf("the failing WABA's numbers claim to be read at %s", at)
			}
			if at := one(t, after, "5003").At; !at.Equal(start.Add(2 * time.Minute)) {
				t.Errorf("the other WABA's numbers are of %s", at)
			}
		})
	}
}

func TestANumberThatVanishesLeavesAfterAGoodPassOnly(t *testing.T) {
	w := newWorld(t)
	c := w.client(func(*graph.Options) {})
	w.must(c)
	w.sim.RemoveNumber("5002")
	w.sim.Fail(simulator.Fault{Kind: simulator.HTML, Path: "/9001/phone_numbers", Times: 3})
	w.advance(time.Minute)
	after, err := w.read(c)
	if err == nil || len(ids(after)) != 3 {
		t.Errorf("after a bad pass: %v, %v", ids(after), err)
	}
	w.advance(2 * time.Minute)
	if d := cmp.Diff([]string{"5001", "5003"}, ids(w.must(c))); d != "" {
		t.Errorf("after a good pass: %s", d)
	}
}

func TestAForbiddenWABAIsNamedAndTheOthersGoOn(t *testing.T) {
	w := newWorld(t)
	w.token(func(t *simulator.Token) { t.WABAs = []string{"9002"} })
	got, err := w.read(w.client(func(*graph.Options) {}))
	partial, ok := errors.AsType[*whatsapp.PartialError](err)
	if !ok || partial.Parts[0].Part != "phone_numbers" || partial.Parts[0].WABAID != "9001" {
		t.Errorf("error %v", err)
	}
	if upstream.ReasonOf(err) != upstream.NotFound {
		t.Errorf("reason %s", upstream.ReasonOf(err))
	}
	if d := cmp.Diff([]string{"5003"}, ids(got)); d != "" {
		t.Error(d)
	}
}

func TestARefusedTokenStopsThePassAndIsKnown(t *testing.T) {
	for _, status := range []int{http.StatusUnauthorized, http.StatusBadRequest} {
		w := newWorldWith(t, simulator.Options{AuthStatus: status})
		c := w.client(func(*graph.Options) {})
		w.must(c)
		w.calls()
		w.token(func(t *simulator.Token) { t.Expires = start })
		w.advance(time.Minute)
		got, err := w.read(c)
		if upstream.ReasonOf(err) != upstream.Auth || !strings.Contains(fmt.Sprint(err), "expired") {
			t.Errorf("error %v", err)
		}
		if n := len(w.calls()); n != 1 {
			t.Errorf("%d calls with a token that is refused", n)
		}
		if got.Token == nil || got.Token.Valid || len(got.PhoneNumbers) != 3 || !got.ReadAt.Equal(start) {
			t.Errorf("token %+v, %d numbers, read at %s", got.Token, len(got.PhoneNumbers), got.ReadAt)
		}
	}
}

func TestATokenThatMetaRepeatsIsNotRepeatedByUs(t *testing.T) {
	w := newWorld(t)
	c := w.client(func(o *graph.Options) {
		o.Upstream.HTTP = &http.Client{Transport: bearer{token + "x"}}
	})
	_, err := c.Read(context.Background())
	if upstream.ReasonOf(err) != upstream.Auth || strings.Contains(fmt.Sprint(err), token) {
		t.Errorf("error %v", err)
	}
}

func TestAHangingAPIEndsThePassAndKeepsTheAccount(t *testing.T) {
	w := newWorld(t)
	c := w.client(func(o *graph.Options) { o.Upstream.Timeout = 30 * time.Millisecond })
	before := w.must(c)
	w.sim.Fail(simulator.Fault{Kind: simulator.Hang})
	w.advance(10 * time.Minute)
	after, err := w.read(c)
	if upstream.ReasonOf(err) != upstream.Timeout {
		t.Errorf("error %v", err)
	}
	if d := cmp.Diff(before, after); d != "" {
		t.Error(d)
	}
	if codes := w.codes[string(upstream.Timeout)]; codes != 9 {
		t.Errorf("%d attempts, want three calls of three", codes)
	}
}

func TestAnUnsupportedFieldIsLeftOutAndReported(t *testing.T) {
	w := newWorld(t)
	w.sim.RefuseField("phone_numbers", "throughput")
	w.sim.RefuseField("phone_numbers", "name_status")
	c := w.client(func(o *graph.Options) { o.WABAIDs = []string{"9002"} })
	a := w.must(c)
	want := []whatsapp.UnsupportedField{{Endpoint: "phone_numbers", Field: "name_status"}, {Endpoint: "phone_numbers", Field: "throughput"}}
	if d := cmp.Diff(want, a.UnsupportedFields); d != "" {
		t.Error(d)
	}
	if n := one(t, a, "5003"); n.ThroughputLevel != "" || n.Status != "connected" {
		t.Errorf("number %+v", n)
	}
	if got := w.calls()["/9002/phone_numbers"]; got != 3 {
		t.Errorf("%d calls for the first pass, want one more for each refused field", got)
	}
	w.advance(time.Minute)
	w.must(c)
	if got := w.calls()["/9002/phone_numbers"]; got != 1 {
		t.Errorf("%d calls for the second pass: the fields are forgotten", got)
	}
	w.advance(24 * time.Hour)
	w.must(c)
	if got := w.calls()["/9002/phone_numbers"]; got != 3 {
		t.Errorf("%d calls a day later: nobody asks whether the fields are back", got)
	}
}

func TestBeforeV24TheLimitComesFromTheDeprecatedField(t *testing.T) {
	w := newWorld(t)
	a := w.must(w.client(func(o *graph.Options) { o.Version = "v23.0" }))
	want := []whatsapp.MessagingLimit{{
		Reading: whatsapp.Reading{At: start, Every: time.Minute},
		Scope:   whatsapp.ScopePortfolio, ScopeID: "3001", Tier: "TIER_10K", Users: 10000, Known: true,
	}}
	if d := cmp.Diff(want, a.Limits); d != "" {
		t.Error(d)
	}
}

func TestLimitsOfEachNumberUnderTheOldRules(t *testing.T) {
	w := newWorld(t)
	w.sim.ChangeNumber("5001", func(n *simulator.Number) { n.Tier = "TIER_1K" })
	w.sim.ChangeNumber("5002", func(n *simulator.Number) { n.Tier = "TIER_UNLIMITED" })
	w.sim.ChangeNumber("5003", func(n *simulator.Number) { n.Tier = "TIER_NOT_SET" })
	a := w.must(w.client(func(o *graph.Options) { o.LimitScope = whatsapp.ScopePhoneNumber }))
	limit := func(id, tier string, users float64, known bool) whatsapp.MessagingLimit {
		return whatsapp.MessagingLimit{
			Reading: whatsapp.Reading{At: start, Every: time.Minute}, Scope: whatsapp.ScopePhoneNumber, ScopeID: id,
			Tier: tier, Users: users, Known: known,
		}
	}
	want := []whatsapp.MessagingLimit{
		limit("5001", "TIER_1K", 1000, true), limit("5002", "TIER_UNLIMITED", math.Inf(1), true), limit("5003", "TIER_NOT_SET", 0, false),
	}
	if d := cmp.Diff(want, a.Limits); d != "" {
		t.Error(d)
	}
}
