package botmaker

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

	"whatsapp_sla_exporter/internal/simulator/botmaker"
	"whatsapp_sla_exporter/internal/simulator/fault"
	"whatsapp_sla_exporter/internal/upstream"
	"whatsapp_sla_exporter/internal/whatsapp"
	"whatsapp_sla_exporter/internal/whatsapp/provider"
)

var noon = time.Date(2026, 3, 2, 12, 0, 0, 0, time.UTC)

func now() time.Time { return noon }

// token sends an access token with every request, as http_config does.
type token string

func (k token) RoundTrip(r *http.Request) (*http.Response, error) {
	r = r.Clone(r.Context())
	r.Header.Set("access-token", string(k))
	return http.DefaultTransport.RoundTrip(r)
}

func connect(t *testing.T, h http.Handler, k token) *Client {
	t.Helper()
	server := httptest.NewServer(h)
	t.Cleanup(server.Close)
	c, err := New(provider.Options{Account: "acme", Now: now, Upstream: upstream.Options{
		BaseURL: server.URL + "/v2.0", HTTP: &http.Client{Transport: k}, Timeout: time.Second, FirstBackoff: time.Nanosecond, Rate: rate.Inf, Burst: 1,
	}})
	if err != nil {
		t.Fatal(err)
	}
	return c
}

func TestChannelsAreConnectedOrNotAndNothingElse(t *testing.T) {
	sim := botmaker.New("j-secret", 100, now)
	sim.Set(botmaker.Channel{ID: "acme-whatsapp-34600112233", Platform: "whatsapp", Name: "Support", Number: "34600112233", Active: true})
	sim.Set(botmaker.Channel{ID: "acme-whatsapp-34600112244", Platform: "whatsapp", Name: "Sales", Number: "34600112244"})
	sim.Set(botmaker.Channel{ID: "acme-telegram", Platform: "telegram", Active: true})
	reading := whatsapp.Reading{At: noon}
	want := &whatsapp.Account{
		Name: "acme", Provider: "botmaker", ReadAt: noon,
		PhoneNumbers: []whatsapp.PhoneNumber{
			{Reading: reading, ID: "acme-whatsapp-34600112233", DisplayPhoneNumber: "34600112233", Status: "connected"},
			{Reading: reading, ID: "acme-whatsapp-34600112244", DisplayPhoneNumber: "34600112244", Status: "disconnected"},
		},
	}
	got, err := connect(t, sim, "j-secret").Read(t.Context())
	if err != nil {
		t.Fatal(err)
	}
	if d := cmp.Diff(want, got); d != "" {
		t.Error(d)
	}
}

// fleet is an account with n channels that gives ten of them at once.
func fleet(n int) *botmaker.Server {
	sim := botmaker.New("j-secret", 10, now)
	for i := range n {
		sim.Set(botmaker.Channel{ID: fmt.Sprintf("acme-whatsapp-%d", i), Platform: "whatsapp", Active: true})
	}
	return sim
}

func TestEveryPageIsReadFromTheConfiguredHost(t *testing.T) {
	for n, calls := range map[int]int{0: 1, 10: 1, 11: 2, 35: 4} {
		sim := fleet(n)
		a, err := connect(t, sim, "j-secret").Read(t.Context())
		if err != nil {
			t.Fatal(err)
		}
		if len(a.PhoneNumbers) != n || sim.Calls()["/v2.0/channels"] != calls {
			t.Errorf("%d channels: %d numbers in %v calls", n, len(a.PhoneNumbers), sim.Calls())
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
		"server error":  {fault.Fault{Kind: fault.ServerError, After: 2}, upstream.Server},
		"repeated page": {fault.Fault{Kind: fault.Repeat, After: 2}, upstream.Decode},
		"token expired": {fault.Fault{Kind: fault.Unauthorized, After: 2}, upstream.Auth},
	} {
		t.Run(name, func(t *testing.T) {
			sim := fleet(50)
			sim.Fail(c.fault)
			if a, err := connect(t, sim, "j-secret").Read(t.Context()); a != nil || upstream.ReasonOf(err) != c.reason {
				t.Errorf("account %v, error %v; want reason %s", a, err, c.reason)
			}
		})
	}
}

func TestAWrongTokenIsAnErrorThatDoesNotTellIt(t *testing.T) {
	a, err := connect(t, fleet(1), "j-wrong").Read(t.Context())
	if a != nil || upstream.ReasonOf(err) != upstream.Auth || strings.Contains(err.Error(), "j-") {
		t.Errorf("account %v, error %v", a, err)
	}
}

func TestOddListsAreErrors(t *testing.T) {
	for name, body := range map[string]string{
		"no list":                 `{"nextPage":""}`,
		"a channel without id":    `{"items":[{"platform":"whatsapp","active":true}]}`,
		"a next page that is one": `{"items":[],"nextPage":"2"}`,
		"a next page without end": `{"items":[],"nextPage":"/channels?page-token=x"}`,
		"null":                    `null`,
	} {
		if a, err := answering(t, body).Read(t.Context()); a != nil || upstream.ReasonOf(err) != upstream.Decode {
			t.Errorf("%s: account %v, error %v", name, a, err)
		}
	}
}

func TestAChannelThatDoesNotSayIsUnknown(t *testing.T) {
	a, err := answering(t, `{"items":[{"id":7,"active":"yes","number":34600112233},{"id":"b","platform":"WhatsApp","active":true}]}`).Read(t.Context())
	if err != nil {
		t.Fatal(err)
	}
	reading := whatsapp.Reading{At: noon}
	want := []whatsapp.PhoneNumber{
		{Reading: reading, ID: "7", DisplayPhoneNumber: "34600112233", Status: "unknown"},
		{Reading: reading, ID: "b", Status: "connected"},
	}
	if d := cmp.Diff(want, a.PhoneNumbers); d != "" || a.UnknownValues["active"] != 1 {
		t.Errorf("counted %v, %s", a.UnknownValues, d)
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
	f.Add([]byte(`{"items":[{"id":"acme-whatsapp-34600112233","platform":"whatsapp","active":true,"number":"34600112233"}],"nextPage":null}`))
	f.Add([]byte(`{"items":[{"id":1,"platform":2,"active":3}],"nextPage":"https://x/?a=%zz"}`))
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
