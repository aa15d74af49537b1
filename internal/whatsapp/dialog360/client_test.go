package dialog360

import (
	"context"
	"fmt"
	"strings"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"

	"whatsapp_sla_exporter/internal/simulator/dialog360"
	"whatsapp_sla_exporter/internal/simulator/fault"
	"whatsapp_sla_exporter/internal/upstream"
	"whatsapp_sla_exporter/internal/upstream/upstreamtest"
	"whatsapp_sla_exporter/internal/whatsapp"
	"whatsapp_sla_exporter/internal/whatsapp/provider"
)

// connect makes a client of a simulated 360dialog: of partner PA1, or of the number of the key.
func connect(t *testing.T, sim *dialog360.Server, partner string, key upstreamtest.Credentials) *Client {
	t.Helper()
	return client(t, partner, upstreamtest.Serve(t, sim, key))
}

func client(t *testing.T, partner string, o upstream.Options) *Client {
	t.Helper()
	c, err := New(Options{PartnerID: partner, Options: provider.Options{Account: "acme", Now: upstreamtest.Now, Upstream: o}})
	if err != nil {
		t.Fatal(err)
	}
	return c
}

var partnerKey = upstreamtest.Header("x-api-key", "k-partner")

func partner(o dialog360.Options) *dialog360.Server {
	o.PartnerID, o.PartnerKey, o.Now = "PA1", "k-partner", upstreamtest.Now
	return dialog360.New(o)
}

func TestChannelsBecomePhoneNumbers(t *testing.T) {
	sim := partner(dialog360.Options{})
	sim.Set(dialog360.Channel{ID: "ch1", Status: "ready", HubStatus: "running", Quality: "High", Limit: "TIER_10K", Number: "34600112233", Name: "Acme", WABAID: "9001", WABAStatus: "approved"})
	sim.Set(dialog360.Channel{ID: "ch2", Status: "ready", HubStatus: "running", Quality: "LOW", Limit: "TIER_2K", Number: "34600112244", Name: "Acme 2", WABAID: "9001", WABAStatus: "approved"})
	sim.Set(dialog360.Channel{ID: "ch3", Status: "restricted", WABAID: "9002", WABAStatus: "under the weather"})
	sim.Set(dialog360.Channel{ID: "ch4", HubStatus: "levitating", Quality: "purple", Limit: "plenty"})
	reading := whatsapp.Reading{At: upstreamtest.Noon}
	want := &whatsapp.Account{
		Name: "acme", Provider: "360dialog", ReadAt: upstreamtest.Noon,
		WABAs: []whatsapp.WABA{{Reading: reading, ID: "9001", ReviewStatus: "approved"}, {Reading: reading, ID: "9002"}},
		PhoneNumbers: []whatsapp.PhoneNumber{
			{Reading: reading, ID: "ch1", WABAID: "9001", DisplayPhoneNumber: "34600112233", VerifiedName: "Acme", Quality: "green", Status: "connected"},
			{Reading: reading, ID: "ch2", WABAID: "9001", DisplayPhoneNumber: "34600112244", VerifiedName: "Acme 2", Quality: "red", Status: "connected"},
			{Reading: reading, ID: "ch3", WABAID: "9002", Status: "restricted"},
			{Reading: reading, ID: "ch4", Quality: "unknown", Status: "unknown"},
		},
		Limits: []whatsapp.MessagingLimit{
			{Reading: reading, Scope: whatsapp.ScopePortfolio, ScopeID: "9001", Tier: "TIER_2K", Users: 2000, Known: true},
			{Reading: reading, Scope: whatsapp.ScopePhoneNumber, ScopeID: "ch4", Tier: "unknown"},
		},
		UnknownValues: map[string]uint64{"hub_status": 1, "current_quality_rating": 1, "current_limit": 1, "waba_account.status": 1},
	}
	got, err := connect(t, sim, "PA1", partnerKey).Read(t.Context())
	if err != nil {
		t.Fatal(err)
	}
	if d := cmp.Diff(want, got); d != "" {
		t.Error(d)
	}
}

// fleet is a partner with n channels that gives at most page of them at once.
func fleet(n, page int) *dialog360.Server {
	sim := partner(dialog360.Options{MaxPage: page})
	for i := range n {
		sim.Set(dialog360.Channel{ID: fmt.Sprintf("ch%04d", i), HubStatus: "running", Quality: "High", Limit: "TIER_10K", WABAID: "9001"})
	}
	return sim
}

func TestEveryPageIsRead(t *testing.T) {
	for _, c := range []struct{ channels, page, calls int }{{0, 50, 1}, {1, 50, 1}, {100, 1000, 1}, {101, 1000, 2}, {250, 40, 7}} {
		sim := fleet(c.channels, c.page)
		a, err := connect(t, sim, "PA1", partnerKey).Read(t.Context())
		if err != nil {
			t.Fatal(err)
		}
		if len(a.PhoneNumbers) != c.channels || sim.Calls()["/partners/PA1/channels"] != c.calls {
			t.Errorf("%d channels, %d at once: %d numbers in %v calls", c.channels, c.page, len(a.PhoneNumbers), sim.Calls())
		}
	}
}

func TestAFailureInTheMiddleIsAnErrorAndNoAccount(t *testing.T) {
	upstreamtest.Failures(t, fault.Fault{After: 2, RetryAfter: time.Minute}, func(t *testing.T, f fault.Fault) (*whatsapp.Account, error) {
		sim := fleet(50, 10)
		sim.Fail(f)
		c := connect(t, sim, "PA1", partnerKey)
		a, err := c.Read(t.Context())
		sim.Heal()
		if healed, err := c.Read(t.Context()); err != nil || len(healed.PhoneNumbers) != 50 {
			t.Errorf("healed: %v", err)
		}
		return a, err
	}, fault.Repeat, fault.Unauthorized)
}

func TestTheLimitOfThePartnerAPIIsAnError(t *testing.T) {
	sim := partner(dialog360.Options{Limit: 5, MaxPage: 1})
	for i := range 6 {
		sim.Set(dialog360.Channel{ID: fmt.Sprintf("ch%d", i)})
	}
	if a, err := connect(t, sim, "PA1", partnerKey).Read(t.Context()); a != nil || upstream.ReasonOf(err) != upstream.Throttled {
		t.Errorf("account %v, error %v", a, err)
	}
}

func TestOddListsAreErrors(t *testing.T) {
	for name, body := range map[string]string{
		"no list":                `{"total":0}`,
		"fewer than it says":     `{"partner_channels":[],"total":3}`,
		"a channel without id":   `{"partner_channels":[{"status":"ready"}],"total":1}`,
		"an error as a good one": `{"meta":{"success":false}}`,
	} {
		if a, err := answering(t, "PA1", body).Read(t.Context()); a != nil || upstream.ReasonOf(err) != upstream.Decode {
			t.Errorf("%s: account %v, error %v", name, a, err)
		}
	}
	a, err := answering(t, "PA1", `{"partner_channels":[{"id":7,"hub_status":1,"current_quality_rating":null,"setup_info":[],"waba_account":{"external_id":9001}}],"total":"one"}`).Read(t.Context())
	if upstream.ReasonOf(err) != upstream.Decode || a != nil {
		t.Errorf("without a total the list ends with an empty page, and this one repeats: %v, %v", a, err)
	}
}

func TestHealthOfTheNumberOfTheKey(t *testing.T) {
	sim := partner(dialog360.Options{})
	sim.SetHealth("k-number",
		dialog360.Entity{Type: "PHONE_NUMBER", ID: "5001", CanSend: "AVAILABLE", SIP: "BLOCKED", Errors: []int{138024}},
		dialog360.Entity{Type: "WABA", ID: "9001", CanSend: "LIMITED"},
		dialog360.Entity{Type: "BUSINESS", ID: "3001", CanSend: "BLOCKED", Errors: []int{141010, 141006, 141010}},
		dialog360.Entity{Type: "CONTRAPTION", ID: "1", CanSend: "PERHAPS"},
	)
	reading := whatsapp.Reading{At: upstreamtest.Noon}
	want := &whatsapp.Account{
		Name: "acme", Provider: "360dialog", ReadAt: upstreamtest.Noon,
		WABAs: []whatsapp.WABA{{Reading: reading, ID: "9001", PortfolioID: "3001"}},
		PhoneNumbers: []whatsapp.PhoneNumber{{Reading: reading, ID: "5001", WABAID: "9001", Health: []whatsapp.Health{
			{Entity: "phone_number", EntityID: "5001", State: "available"},
			{Entity: "waba", EntityID: "9001", State: "limited"},
			{Entity: "business", EntityID: "3001", State: "blocked", ErrorCodes: []int{141006, 141010}},
			{Entity: "unknown", EntityID: "1", State: "unknown"},
		}}},
		UnknownValues: map[string]uint64{"entity_type": 1, "can_send_message": 1},
	}
	got, err := connect(t, sim, "", upstreamtest.Header("D360-API-KEY", "k-number")).Read(t.Context())
	if err != nil {
		t.Fatal(err)
	}
	if d := cmp.Diff(want, got); d != "" {
		t.Error(d)
	}
}

func TestAHealthThatCannotBeReadIsAnError(t *testing.T) {
	for name, body := range map[string]string{
		"another object":     `{"ok":true}`,
		"no phone number":    `{"health_status":{"entities":[{"entity_type":"WABA","id":"9001","can_send_message":"AVAILABLE"}]}}`,
		"no list":            `{"health_status":{"entities":{}}}`,
		"not even an answer": `null`,
	} {
		if a, err := answering(t, "", body).Read(t.Context()); a != nil || upstream.ReasonOf(err) != upstream.Decode {
			t.Errorf("%s: account %v, error %v", name, a, err)
		}
	}
}

func TestKeysThatAreRefusedAreErrorsThatDoNotTellThem(t *testing.T) {
	sim := partner(dialog360.Options{})
	for name, c := range map[string]struct {
		partner string
		key     upstreamtest.Credentials
		reason  upstream.Reason
	}{
		"a wrong partner key":       {"PA1", upstreamtest.Header("x-api-key", "k-wrong"), upstream.Auth},
		"another partner":           {"PA2", partnerKey, upstream.Permission},
		"a wrong number's key":      {"", upstreamtest.Header("D360-API-KEY", "k-wrong"), upstream.Auth},
		"the key of the other kind": {"", partnerKey, upstream.Auth},
	} {
		a, err := connect(t, sim, c.partner, c.key).Read(t.Context())
		if a != nil || upstream.ReasonOf(err) != c.reason || strings.Contains(err.Error(), "k-") {
			t.Errorf("%s: account %v, error %v", name, a, err)
		}
	}
}

func TestOptionsThatCannotWorkAreRefused(t *testing.T) {
	for name, o := range map[string]Options{
		"no account":                  {},
		"a partner that is a path up": {Options: provider.Options{Account: "acme"}, PartnerID: ".."},
		"not a URL":                   {Options: provider.Options{Account: "acme", Upstream: upstream.Options{BaseURL: "hub"}}},
	} {
		if c, err := New(o); err == nil {
			t.Errorf("%s: %v is accepted", name, c)
		}
	}
}

func answering(t *testing.T, partner, body string) *Client {
	t.Helper()
	return client(t, partner, upstreamtest.Answering(body))
}

func FuzzRead(f *testing.F) {
	f.Add("PA1", `{"partner_channels":[{"id":"ch1","hub_status":"running","current_limit":"TIER_10K","waba_account":{"external_id":"9001"}}],"total":1}`)
	f.Add("PA1", `{"partner_channels":[{"id":1,"setup_info":3,"waba_account":[]}],"total":-1}`)
	f.Add("", `{"health_status":{"entities":[{"entity_type":"PHONE_NUMBER","id":1,"can_send_message":[],"errors":{}}]}}`)
	f.Fuzz(func(t *testing.T, partner, body string) {
		if partner == "." || partner == ".." {
			return
		}
		a, err := answering(t, partner, body).Read(context.Background())
		upstreamtest.OneOrTheOther(t, body, a, err)
	})
}
