package infobip

import (
	"context"
	"encoding/json"
	"fmt"
	"math"
	"strings"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"

	"whatsapp_sla_exporter/internal/simulator/fault"
	"whatsapp_sla_exporter/internal/simulator/infobip"
	"whatsapp_sla_exporter/internal/upstream"
	"whatsapp_sla_exporter/internal/upstream/upstreamtest"
	"whatsapp_sla_exporter/internal/whatsapp"
	"whatsapp_sla_exporter/internal/whatsapp/provider"
)

func connect(t *testing.T, sim *infobip.Server, key string, clock func() time.Time, senders ...string) *Client {
	t.Helper()
	return client(t, upstreamtest.Serve(t, sim, upstreamtest.Header("Authorization", "App "+key)), clock, senders...)
}

func client(t *testing.T, o upstream.Options, clock func() time.Time, senders ...string) *Client {
	t.Helper()
	c, err := New(Options{Senders: senders, Options: provider.Options{Account: "acme", Now: clock, Upstream: o}})
	if err != nil {
		t.Fatal(err)
	}
	return c
}

func TestSendersBecomePhoneNumbers(t *testing.T) {
	sim := infobip.New("k-secret", 0, upstreamtest.Now)
	sim.Set(infobip.Sender{Number: "441134960000", Quality: "MEDIUM", Status: "CONNECTED", Limit: "LIMIT_100K"})
	sim.Set(infobip.Sender{Number: "441134960001", Quality: "LOW", Status: "BANNED", Limit: "UNLIMITED"})
	sim.Set(infobip.Sender{Number: "441134960002", Quality: "UNKNOWN", Status: "UNKNOWN", Limit: "LIMIT_NA"})
	sim.Set(infobip.Sender{Number: "441134960003", Quality: "SUPERB", Status: "FLOATING", Limit: "LIMIT_LESS"})
	sim.Set(infobip.Sender{Number: "441134960009", Quality: "HIGH", Status: "CONNECTED", Limit: "LIMIT_1K"}) // not asked for
	reading := whatsapp.Reading{At: upstreamtest.Noon}
	number := func(id string, quality, status whatsapp.Enum) whatsapp.PhoneNumber {
		return whatsapp.PhoneNumber{Reading: reading, ID: id, DisplayPhoneNumber: id, Quality: quality, Status: status}
	}
	limit := func(id, tier string, users float64, known bool) whatsapp.MessagingLimit {
		return whatsapp.MessagingLimit{Reading: reading, Scope: whatsapp.ScopePhoneNumber, ScopeID: id, Tier: tier, Users: users, Known: known}
	}
	want := &whatsapp.Account{
		Name: "acme", Provider: "infobip", ReadAt: upstreamtest.Noon,
		PhoneNumbers: []whatsapp.PhoneNumber{
			number("441134960000", "yellow", "connected"), number("441134960001", "red", "banned"),
			number("441134960002", "unknown", "unknown"), number("441134960003", "unknown", "unknown"),
		},
		Limits: []whatsapp.MessagingLimit{
			limit("441134960000", "TIER_100K", 100_000, true), limit("441134960001", "TIER_UNLIMITED", math.Inf(1), true),
			limit("441134960003", "unknown", 0, false),
		},
		UnknownValues: map[string]uint64{"qualityRating": 1, "status": 1, "currentLimit": 1},
	}
	c := connect(t, sim, "k-secret", upstreamtest.Now, "441134960000", "441134960001", "441134960002", "441134960003")
	got, err := c.Read(t.Context())
	if err != nil {
		t.Fatal(err)
	}
	if d := cmp.Diff(want, got); d != "" {
		t.Error(d)
	}
}

// fleet is an account with n senders, and their numbers.
func fleet(n int) (*infobip.Server, []string) {
	sim := infobip.New("k-secret", 10, upstreamtest.Now)
	var numbers []string
	for i := range n {
		numbers = append(numbers, fmt.Sprintf("4411349%05d", i))
		sim.Set(infobip.Sender{Number: numbers[i], Quality: "HIGH", Status: "CONNECTED", Limit: "LIMIT_1K"})
	}
	return sim, numbers
}

func TestSendersAreAskedForByTheHundred(t *testing.T) {
	for n, calls := range map[int]int{1: 1, 100: 1, 101: 2, 250: 3} {
		sim, numbers := fleet(n)
		a, err := connect(t, sim, "k-secret", upstreamtest.Now, numbers...).Read(t.Context())
		if err != nil {
			t.Fatal(err)
		}
		if len(a.PhoneNumbers) != n || sim.Calls()[path] != calls {
			t.Errorf("%d senders: %d numbers in %v calls", n, len(a.PhoneNumbers), sim.Calls())
		}
	}
}

func TestASenderThatIsMissingStaysAsItWasAndIsAnError(t *testing.T) {
	sim, numbers := fleet(2)
	clock := upstreamtest.Noon
	c := connect(t, sim, "k-secret", func() time.Time { return clock }, numbers...)
	if _, err := c.Read(t.Context()); err != nil {
		t.Fatal(err)
	}
	sim.Delete(numbers[0])
	for range 2 {
		clock = clock.Add(time.Minute)
		a, err := c.Read(t.Context())
		if upstream.ReasonOf(err) != upstream.NotFound || a == nil {
			t.Fatalf("account %v, error %v", a, err)
		}
		read := map[string]time.Time{}
		for _, n := range a.PhoneNumbers {
			read[n.ID] = n.At
		}
		if d := cmp.Diff(map[string]time.Time{numbers[0]: upstreamtest.Noon, numbers[1]: clock}, read); d != "" || len(a.Limits) != 2 {
			t.Errorf("%d limits, %s", len(a.Limits), d)
		}
	}
	sim.Delete(numbers[1])
	if a, err := c.Read(t.Context()); a != nil || upstream.ReasonOf(err) != upstream.NotFound {
		t.Errorf("without any: account %v, error %v", a, err)
	}
}

func TestAFailureInTheMiddleIsAnErrorAndNoAccount(t *testing.T) {
	upstreamtest.Failures(t, fault.Fault{After: 1}, func(t *testing.T, f fault.Fault) (*whatsapp.Account, error) {
		sim, numbers := fleet(250)
		sim.Fail(f)
		return connect(t, sim, "k-secret", upstreamtest.Now, numbers...).Read(t.Context())
	}, fault.Unauthorized)
}

func TestTheLimitOfTheAPIIsAnError(t *testing.T) {
	sim, numbers := fleet(1100)
	if a, err := connect(t, sim, "k-secret", upstreamtest.Now, numbers...).Read(t.Context()); a != nil || upstream.ReasonOf(err) != upstream.Throttled {
		t.Errorf("account %v, error %v", a, err)
	}
}

func TestAWrongKeyIsAnErrorThatDoesNotTellIt(t *testing.T) {
	sim, numbers := fleet(1)
	a, err := connect(t, sim, "k-wrong", upstreamtest.Now, numbers...).Read(t.Context())
	if a != nil || upstream.ReasonOf(err) != upstream.Auth || strings.Contains(err.Error(), "k-") || !strings.Contains(err.Error(), "UNAUTHORIZED") {
		t.Errorf("account %v, error %v", a, err)
	}
}

func TestOptionsThatCannotWorkAreRefused(t *testing.T) {
	good := provider.Options{Account: "acme", Upstream: upstream.Options{BaseURL: "https://x.api.infobip.com"}}
	for name, o := range map[string]Options{
		"no account":                {Senders: []string{"441134960000"}},
		"no senders":                {Options: good},
		"a sender with a plus sign": {Options: good, Senders: []string{"+441134960000"}},
		"no URL":                    {Options: provider.Options{Account: "acme"}, Senders: []string{"441134960000"}},
	} {
		if c, err := New(o); err == nil {
			t.Errorf("%s: %v is accepted", name, c)
		}
	}
}

func FuzzRead(f *testing.F) {
	f.Add(`{"results":[{"sender":"441134960000","qualityRating":"HIGH","status":"CONNECTED","currentLimit":"LIMIT_1K"}]}`)
	f.Add(`{"results":[{"sender":441134960000,"qualityRating":{},"status":[],"currentLimit":-1},{},null]}`)
	f.Fuzz(func(t *testing.T, body string) {
		o := upstreamtest.Answering(body)
		o.BaseURL = "https://x.api.infobip.com"
		c := client(t, o, upstreamtest.Now, "441134960000", "441134960001")
		a, err := c.Read(context.Background())
		if a == nil && err == nil {
			t.Fatal("neither an account nor an error")
		}
		if a != nil && (!json.Valid([]byte(body)) || len(a.PhoneNumbers) == 0) {
			t.Errorf("account %v", a)
		}
	})
}
