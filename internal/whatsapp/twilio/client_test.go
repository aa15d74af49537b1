package twilio

import (
	"context"
	"fmt"
	"net/http"
	"net/http/httptest"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"

	"whatsapp_sla_exporter/internal/simulator/fault"
	"whatsapp_sla_exporter/internal/simulator/twilio"
	"whatsapp_sla_exporter/internal/upstream"
	"whatsapp_sla_exporter/internal/upstream/upstreamtest"
	"whatsapp_sla_exporter/internal/whatsapp"
	"whatsapp_sla_exporter/internal/whatsapp/provider"
)

var good = upstreamtest.Basic("SK1", "p-secret")

func simulator(o twilio.Options) *twilio.Server {
	o.User, o.Password, o.Now = "SK1", "p-secret", upstreamtest.Now
	return twilio.New(o)
}

func connect(t *testing.T, h http.Handler, c upstreamtest.Credentials) *Client {
	t.Helper()
	return client(t, upstreamtest.Serve(t, h, c))
}

func client(t *testing.T, o upstream.Options) *Client {
	t.Helper()
	c, err := New(provider.Options{Account: "acme", Now: upstreamtest.Now, Upstream: o})
	if err != nil {
		t.Fatal(err)
	}
	return c
}

func TestSendersBecomePhoneNumbers(t *testing.T) {
	sim := simulator(twilio.Options{})
	sim.Set(twilio.Sender{SID: "XE1", Number: "+34600112233", Status: "ONLINE", Quality: "HIGH", Limit: "10K Customers/24hr", WABAID: "9001", Name: "Acme"})
	sim.Set(twilio.Sender{SID: "XE2", Number: "+34600112244", Status: "OFFLINE", Quality: "LOW", Limit: "Unavailable", WABAID: "9001", Reasons: []string{"63018", "63018", "unclear"}})
	sim.Set(twilio.Sender{SID: "XE3", Number: "+34600112255", Status: "PENDING_VERIFICATION"})
	sim.Set(twilio.Sender{SID: "XE4", Number: "+34600112266", Status: "DREAMING", Quality: "UNKNOWN", Limit: "as you like"})
	reading := whatsapp.Reading{At: upstreamtest.Noon}
	want := &whatsapp.Account{
		Name: "acme", Provider: "twilio", ReadAt: upstreamtest.Noon,
		PhoneNumbers: []whatsapp.PhoneNumber{
			{Reading: reading, ID: "XE1", WABAID: "9001", DisplayPhoneNumber: "+34600112233", VerifiedName: "Acme", Quality: "green", Status: "connected"},
			{
				Reading: reading, ID: "XE2", WABAID: "9001", DisplayPhoneNumber: "+34600112244", Quality: "red", Status: "disconnected",
				Health: []whatsapp.Health{{Entity: "phone_number", EntityID: "XE2", State: "blocked", ErrorCodes: []int{63018}}},
			},
			{Reading: reading, ID: "XE3", DisplayPhoneNumber: "+34600112255", Status: "unverified"},
			{Reading: reading, ID: "XE4", DisplayPhoneNumber: "+34600112266", Quality: "unknown", Status: "unknown"},
		},
		Limits: []whatsapp.MessagingLimit{
			{Reading: reading, Scope: whatsapp.ScopePortfolio, ScopeID: "9001", Tier: "TIER_10K", Users: 10_000, Known: true},
			{Reading: reading, Scope: whatsapp.ScopePhoneNumber, ScopeID: "XE4", Tier: "unknown"},
		},
		UnknownValues: map[string]uint64{"status": 1, "messaging_limit": 1},
	}
	got, err := connect(t, sim, good).Read(t.Context())
	if err != nil {
		t.Fatal(err)
	}
	if d := cmp.Diff(want, got); d != "" {
		t.Error(d)
	}
}

func TestEveryStatusOfTwilioIsKnown(t *testing.T) {
	for _, s := range []string{"CREATING", "ONLINE", "OFFLINE", "PENDING_VERIFICATION", "VERIFYING", "ONLINE:UPDATING", "TWILIO_REVIEW", "DRAFT", "STUBBED"} {
		if e := statuses[strings.ToLower(s)]; e == "" || e == whatsapp.Unknown {
			t.Errorf("%s is %q", s, e)
		}
	}
}

// fleet is an account with n senders. Its pages are addressed on another host, which must not be asked.
func fleet(t *testing.T, n int) *twilio.Server {
	t.Helper()
	other := httptest.NewServer(http.HandlerFunc(func(_ http.ResponseWriter, r *http.Request) {
		t.Errorf("another host is asked for %s, with credentials: %t", r.URL.Path, r.Header.Get("Authorization") != "")
	}))
	t.Cleanup(other.Close)
	sim := simulator(twilio.Options{PublicURL: other.URL})
	for i := range n {
		sim.Set(twilio.Sender{SID: fmt.Sprintf("XE%032x", i), Number: fmt.Sprintf("+34600%06d", i), Status: "ONLINE"})
	}
	return sim
}

func TestEveryPageIsReadFromTheConfiguredHost(t *testing.T) {
	for n, calls := range map[int]int{0: 1, 100: 1, 101: 2, 250: 3} {
		sim := fleet(t, n)
		a, err := connect(t, sim, good).Read(t.Context())
		if err != nil {
			t.Fatal(err)
		}
		if len(a.PhoneNumbers) != n || sim.Calls()[path] != calls {
			t.Errorf("%d senders: %d numbers in %v calls", n, len(a.PhoneNumbers), sim.Calls())
		}
	}
}

func TestAFailureInTheMiddleIsAnErrorAndNoAccount(t *testing.T) {
	upstreamtest.Failures(t, fault.Fault{After: 2}, func(t *testing.T, f fault.Fault) (*whatsapp.Account, error) {
		sim := fleet(t, 350)
		sim.Fail(f)
		return connect(t, sim, good).Read(t.Context())
	}, fault.Repeat, fault.Unauthorized)
}

func TestAWrongKeyIsAnErrorThatDoesNotTellIt(t *testing.T) {
	a, err := connect(t, simulator(twilio.Options{}), upstreamtest.Basic("SK1", "p-wrong")).Read(t.Context())
	upstreamtest.Refused(t, a, err, upstream.Auth)
	upstreamtest.Untold(t, err, "p-")
	if !strings.Contains(err.Error(), "code 20003") {
		t.Errorf("the error does not name Twilio's code: %v", err)
	}
}

func TestOddListsAreErrors(t *testing.T) {
	for name, body := range map[string]string{
		"no list":                     `{"meta":{}}`,
		"a sender without sid":        `{"senders":[{"status":"ONLINE"}],"meta":{}}`,
		"a next page without a token": `{"senders":[],"meta":{"next_page_url":"https://messaging.twilio.com/v2/Channels/Senders?Page=1"}}`,
		"a next page without end":     `{"senders":[],"meta":{"next_page_url":"/?PageToken=PA"}}`,
		"an address that is none":     `{"senders":[],"meta":{"next_page_url":"://"}}`,
		"null":                        `null`,
	} {
		if a, err := answering(t, body).Read(t.Context()); a != nil || upstream.ReasonOf(err) != upstream.Decode {
			t.Errorf("%s: account %v, error %v", name, a, err)
		}
	}
}

func TestOddFieldsDoNotSpoilTheOthers(t *testing.T) {
	body := `{"senders":[{"sid":"XE1","sender_id":"whatsapp:+1","status":"ONLINE","properties":"none","configuration":[],"profile":7,"offline_reasons":{}},
		{"sid":"XE2","sender_id":"rcs:acme","status":"ONLINE"}],"meta":null}`
	a, err := answering(t, body).Read(t.Context())
	if err != nil {
		t.Fatal(err)
	}
	want := []whatsapp.PhoneNumber{{Reading: whatsapp.Reading{At: upstreamtest.Noon}, ID: "XE1", DisplayPhoneNumber: "+1", Status: "connected"}}
	if d := cmp.Diff(want, a.PhoneNumbers); d != "" {
		t.Error(d)
	}
}

func answering(t *testing.T, body string) *Client {
	t.Helper()
	return client(t, upstreamtest.Answering(body))
}

func FuzzRead(f *testing.F) {
	f.Add(`{"senders":[{"sid":"XE1","sender_id":"whatsapp:+1","properties":{"quality_rating":"HIGH","messaging_limit":"1K Customers/24hr"}}],"meta":{"next_page_url":null}}`)
	f.Add(`{"senders":[{"sid":1,"offline_reasons":[{"code":63018}],"status":"OFFLINE"}],"meta":{"next_page_url":"?PageToken=x"}}`)
	f.Fuzz(func(t *testing.T, body string) {
		a, err := answering(t, body).Read(context.Background())
		upstreamtest.OneOrTheOther(t, body, a, err)
	})
}
