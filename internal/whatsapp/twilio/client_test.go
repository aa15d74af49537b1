package twilio

import (
	"context"
	"encoding/json"
	"fmt"
	"net/http"
	"net/http/httptest"
	"strings"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"
	"golang.org/x/time/rate"

	"whatsapp_sla_exporter/internal/simulator/fault"
	"whatsapp_sla_exporter/internal/simulator/twilio"
	"whatsapp_sla_exporter/internal/upstream"
	"whatsapp_sla_exporter/internal/whatsapp"
	"whatsapp_sla_exporter/internal/whatsapp/provider"
)

var noon = time.Date(2026, 3, 2, 12, 0, 0, 0, time.UTC)

func now() time.Time { return noon }

// login sends a user and a password with every request, as http_config does.
type login struct{ user, password string }

func (l login) RoundTrip(r *http.Request) (*http.Response, error) {
	r = r.Clone(r.Context())
	r.SetBasicAuth(l.user, l.password)
	return http.DefaultTransport.RoundTrip(r)
}

var good = login{"SK1", "p-secret"}

func simulator(o twilio.Options) *twilio.Server {
	o.User, o.Password, o.Now = good.user, good.password, now
	return twilio.New(o)
}

func connect(t *testing.T, h http.Handler, l login) *Client {
	t.Helper()
	server := httptest.NewServer(h)
	t.Cleanup(server.Close)
	c, err := New(provider.Options{Account: "acme", Now: now, Upstream: upstream.Options{
		BaseURL: server.URL, HTTP: &http.Client{Transport: l}, Timeout: time.Second, FirstBackoff: time.Nanosecond, Rate: rate.Inf, Burst: 1,
	}})
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
	reading := whatsapp.Reading{At: noon}
	want := &whatsapp.Account{
		Name: "acme", Provider: "twilio", ReadAt: noon,
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
	for name, c := range map[string]struct {
		fault  fault.Fault
		reason upstream.Reason
	}{
		"HTML":          {fault.Fault{Kind: fault.HTML, After: 2}, upstream.Decode},
		"truncated":     {fault.Fault{Kind: fault.Truncated, After: 2}, upstream.Decode},
		"throttled":     {fault.Fault{Kind: fault.Throttled, After: 2}, upstream.Throttled},
		"unavailable":   {fault.Fault{Kind: fault.Unavailable, After: 2}, upstream.Server},
		"repeated page": {fault.Fault{Kind: fault.Repeat, After: 2}, upstream.Decode},
		"key revoked":   {fault.Fault{Kind: fault.Unauthorized, After: 2}, upstream.Auth},
	} {
		t.Run(name, func(t *testing.T) {
			sim := fleet(t, 350)
			sim.Fail(c.fault)
			if a, err := connect(t, sim, good).Read(t.Context()); a != nil || upstream.ReasonOf(err) != c.reason {
				t.Errorf("account %v, error %v; want reason %s", a, err, c.reason)
			}
		})
	}
}

func TestAWrongKeyIsAnErrorThatDoesNotTellIt(t *testing.T) {
	a, err := connect(t, simulator(twilio.Options{}), login{"SK1", "p-wrong"}).Read(t.Context())
	if a != nil || upstream.ReasonOf(err) != upstream.Auth || strings.Contains(err.Error(), "p-") {
		t.Fatalf("account %v, error %v", a, err)
	}
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
	want := []whatsapp.PhoneNumber{{Reading: whatsapp.Reading{At: noon}, ID: "XE1", DisplayPhoneNumber: "+1", Status: "connected"}}
	if d := cmp.Diff(want, a.PhoneNumbers); d != "" {
		t.Error(d)
	}
}

// canned answers every request with one body.
type canned []byte

func (b canned) RoundTrip(*http.Request) (*http.Response, error) {
	w := httptest.NewRecorder()
	_, _ = w.Write(b)
	return w.Result(), nil
}

func answering(t *testing.T, body string) *Client {
	t.Helper()
	c, err := New(provider.Options{Account: "acme", Now: now, Upstream: upstream.Options{
		HTTP: &http.Client{Transport: canned(body)}, Rate: rate.Inf, Burst: 1,
	}})
	if err != nil {
		t.Fatal(err)
	}
	return c
}

func FuzzRead(f *testing.F) {
	f.Add([]byte(`{"senders":[{"sid":"XE1","sender_id":"whatsapp:+1","properties":{"quality_rating":"HIGH","messaging_limit":"1K Customers/24hr"}}],"meta":{"next_page_url":null}}`))
	f.Add([]byte(`{"senders":[{"sid":1,"offline_reasons":[{"code":63018}],"status":"OFFLINE"}],"meta":{"next_page_url":"?PageToken=x"}}`))
	f.Fuzz(func(t *testing.T, body []byte) {
		a, err := answering(t, string(body)).Read(context.Background())
		if (a == nil) == (err == nil) {
			t.Fatalf("account %v, error %v", a, err)
		}
		if err == nil && !json.Valid(body) {
			t.Error("an account from what is not JSON")
		}
	})
}
