package botmaker

import (
	"context"
	"fmt"
	"net/http"
	"testing"

	"github.com/google/go-cmp/cmp"

	"whatsapp_sla_exporter/internal/simulator/botmaker"
	"whatsapp_sla_exporter/internal/simulator/fault"
	"whatsapp_sla_exporter/internal/upstream"
	"whatsapp_sla_exporter/internal/upstream/upstreamtest"
	"whatsapp_sla_exporter/internal/whatsapp"
	"whatsapp_sla_exporter/internal/whatsapp/provider"
)

func connect(t *testing.T, h http.Handler, token string) *Client {
	t.Helper()
	o := upstreamtest.Serve(t, h, upstreamtest.Header("access-token", token))
	o.BaseURL += "/v2.0"
	return client(t, o)
}

func client(t *testing.T, o upstream.Options) *Client {
	t.Helper()
	c, err := New(provider.Options{Account: "acme", Now: upstreamtest.Now, Upstream: o})
	if err != nil {
		t.Fatal(err)
	}
	return c
}

func TestChannelsAreConnectedOrNotAndNothingElse(t *testing.T) {
	sim := botmaker.New("j-secret", 100, upstreamtest.Now)
	sim.Set(botmaker.Channel{ID: "acme-whatsapp-34600112233", Platform: "whatsapp", Name: "Support", Number: "34600112233", Active: true})
	sim.Set(botmaker.Channel{ID: "acme-whatsapp-34600112244", Platform: "whatsapp", Name: "Sales", Number: "34600112244"})
	sim.Set(botmaker.Channel{ID: "acme-telegram", Platform: "telegram", Active: true})
	reading := whatsapp.Reading{At: upstreamtest.Noon}
	want := &whatsapp.Account{
		Name: "acme", Provider: "botmaker", ReadAt: upstreamtest.Noon,
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
	sim := botmaker.New("j-secret", 10, upstreamtest.Now)
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
	upstreamtest.Failures(t, fault.Fault{After: 2}, func(t *testing.T, f fault.Fault) (*whatsapp.Account, error) {
		sim := fleet(50)
		sim.Fail(f)
		return connect(t, sim, "j-secret").Read(t.Context())
	}, fault.Repeat, fault.Unauthorized)
}

func TestAWrongTokenIsAnErrorThatDoesNotTellIt(t *testing.T) {
	a, err := connect(t, fleet(1), "j-wrong").Read(t.Context())
	upstreamtest.Refused(t, a, err, upstream.Auth)
	upstreamtest.Untold(t, err, "j-")
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
	reading := whatsapp.Reading{At: upstreamtest.Noon}
	want := []whatsapp.PhoneNumber{
		{Reading: reading, ID: "7", DisplayPhoneNumber: "34600112233", Status: "unknown"},
		{Reading: reading, ID: "b", Status: "connected"},
	}
	if d := cmp.Diff(want, a.PhoneNumbers); d != "" || a.UnknownValues["active"] != 1 {
		t.Errorf("counted %v, %s", a.UnknownValues, d)
	}
}

func answering(t *testing.T, body string) *Client {
	t.Helper()
	return client(t, upstreamtest.Answering(body))
}

func FuzzRead(f *testing.F) {
	f.Add(`{"items":[{"id":"acme-whatsapp-34600112233","platform":"whatsapp","active":true,"number":"34600112233"}],"nextPage":null}`)
	f.Add(`{"items":[{"id":1,"platform":2,"active":3}],"nextPage":"https://x/?a=%zz"}`)
	f.Fuzz(func(t *testing.T, body string) {
		a, err := answering(t, body).Read(context.Background())
		upstreamtest.OneOrTheOther(t, body, a, err)
	})
}
