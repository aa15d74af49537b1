package statuspage

import (
	"context"
	"fmt"
	"net/http"
	"regexp"
	"testing"

	"github.com/google/go-cmp/cmp"

	"whatsapp_sla_exporter/internal/platform"
	"whatsapp_sla_exporter/internal/simulator/fault"
	"whatsapp_sla_exporter/internal/simulator/statuspage"
	"whatsapp_sla_exporter/internal/upstream"
	"whatsapp_sla_exporter/internal/upstream/upstreamtest"
)

// reader is a client of what h serves, of the services that pick matches.
func reader(t *testing.T, h http.Handler, pick *regexp.Regexp) *Client {
	t.Helper()
	return client(t, upstreamtest.Serve(t, h, upstreamtest.None), pick)
}

func client(t *testing.T, o upstream.Options, pick *regexp.Regexp) *Client {
	t.Helper()
	c, err := New(Options{Name: "360dialog", Now: upstreamtest.Now, Services: pick, Upstream: o})
	if err != nil {
		t.Fatal(err)
	}
	return c
}

// answering is a client of a page that says body.
func answering(t *testing.T, body string) *Client {
	t.Helper()
	o := upstreamtest.Answering(body)
	o.BaseURL = "https://status.example"
	return client(t, o, nil)
}

func read(t *testing.T, c *Client) *platform.Page {
	t.Helper()
	p, err := c.Read(t.Context())
	if err != nil {
		t.Fatal(err)
	}
	return p
}

func page(unknown uint64, services ...platform.Service) *platform.Page {
	return &platform.Page{Name: "360dialog", Type: Type, ReadAt: upstreamtest.Noon, Services: services, UnknownStates: unknown}
}

func TestComponentsHaveTheStateThatThePageGivesThem(t *testing.T) {
	sim := statuspage.New("360dialog", upstreamtest.Now)
	sim.Set("", "Messaging API", "degraded_performance")
	sim.Set("", "Hub", "under_maintenance")
	sim.Set("Hosting", "EU", "partial_outage")
	sim.Set("Hosting", "US", "operational")
	sim.Set("Webhooks", "EU", "major_outage")
	sim.Set("", "Onboarding", "on_fire")
	got := read(t, reader(t, sim, nil))
	want := page(1,
		platform.Service{Name: "Hosting / EU", State: platform.PartialOutage},
		platform.Service{Name: "Hosting / US", State: platform.Operational},
		platform.Service{Name: "Hub", State: platform.Maintenance},
		platform.Service{Name: "Messaging API", State: platform.Degraded},
		platform.Service{Name: "Onboarding", State: platform.Unknown},
		platform.Service{Name: "Webhooks / EU", State: platform.MajorOutage},
	)
	if d := cmp.Diff(want, got); d != "" {
		t.Error(d)
	}
}

func TestAPageWithoutComponentsSpeaksForItself(t *testing.T) {
	for indicator, want := range map[string]*platform.Page{
		"none":        page(0, platform.Service{Name: Overall, State: platform.Operational}),
		"minor":       page(0, platform.Service{Name: Overall, State: platform.Degraded}),
		"major":       page(0, platform.Service{Name: Overall, State: platform.PartialOutage}),
		"critical":    page(0, platform.Service{Name: Overall, State: platform.MajorOutage}),
		"maintenance": page(0, platform.Service{Name: Overall, State: platform.Maintenance}),
		"apocalyptic": page(1, platform.Service{Name: Overall, State: platform.Unknown}),
	} {
		sim := statuspage.New("360dialog", upstreamtest.Now)
		sim.SetIndicator(indicator)
		if d := cmp.Diff(want, read(t, reader(t, sim, nil))); d != "" {
			t.Errorf("%s: %s", indicator, d)
		}
	}
}

func TestAPageOfHundredsIsBoundedOrPickedFrom(t *testing.T) {
	sim := statuspage.New("Twilio", upstreamtest.Now)
	for i := range 300 {
		sim.Set("SMS", fmt.Sprintf("Carrier %03d", i), "operational")
	}
	sim.Set("", "WhatsApp", "degraded_performance")

	got := read(t, reader(t, sim, nil))
	if len(got.Services) != platform.MaxServices || got.Dropped != 201 {
		t.Errorf("%d services, %d dropped", len(got.Services), got.Dropped)
	}
	if last := got.Services[platform.MaxServices-1]; last.Name != "WhatsApp" {
		t.Errorf("the degraded service made room for %s", last.Name)
	}

	pick := func(pattern string) *Client {
		return reader(t, sim, regexp.MustCompile(pattern))
	}
	if d := cmp.Diff(page(0, platform.Service{Name: "WhatsApp", State: platform.Degraded}), read(t, pick("^WhatsApp"))); d != "" {
		t.Error(d)
	}
	if p, err := pick("^Telepathy$").Read(t.Context()); err == nil {
		t.Errorf("a pattern that matches nothing gives %v", p)
	}
}

func TestAPageThatCannotBeReadIsAnErrorAndNoState(t *testing.T) {
	upstreamtest.Failures(t, fault.Fault{}, func(t *testing.T, f fault.Fault) (*platform.Page, error) {
		sim := statuspage.New("360dialog", upstreamtest.Now)
		sim.Set("", "Messaging API", "operational")
		sim.Fail(f)
		return reader(t, sim, nil).Read(t.Context())
	})
}

func TestOddAnswersAreReadAsFarAsTheyCanBe(t *testing.T) {
	for name, c := range map[string]struct {
		body string
		want []platform.Service // nil: an error
	}{
		"numbers for ids": {
			`{"components":[{"id":1,"name":"Hosting","group":true},{"id":2,"name":"EU","status":"operational","group":false,"group_id":1}]}`,
			[]platform.Service{{Name: "Hosting / EU", State: platform.Operational}},
		},
		"a component without a status": {
			`{"status":{"indicator":"none"},"components":[{"name":"API"}]}`,
			[]platform.Service{{Name: "API", State: platform.Unknown}},
		},
		"nothing but groups": {
			`{"status":{"indicator":"minor"},"components":[{"id":"g","name":"Hosting","group":true}]}`,
			[]platform.Service{{Name: Overall, State: platform.Degraded}},
		},
		"another API's JSON": {`{"ok":true}`, nil},
		"an empty list":      {`[]`, nil},
		"null":               {`null`, nil},
	} {
		t.Run(name, func(t *testing.T) {
			p, err := answering(t, c.body).Read(t.Context())
			if c.want == nil {
				upstreamtest.Refused(t, p, err, upstream.Decode)
				return
			}
			if err != nil {
				t.Fatal(err)
			}
			if d := cmp.Diff(c.want, p.Services); d != "" {
				t.Error(d)
			}
		})
	}
}

func TestOptionsThatCannotWorkAreRefused(t *testing.T) {
	for name, o := range map[string]Options{
		"no name": {Upstream: upstream.Options{BaseURL: "https://status.example"}},
		"no URL":  {Name: "360dialog"},
	} {
		if c, err := New(o); err == nil {
			t.Errorf("%s: %v is accepted", name, c)
		}
	}
}

func FuzzRead(f *testing.F) {
	f.Add(`{"status":{"indicator":"minor"},"components":[{"id":"c1","name":"API","status":"operational","group":false,"group_id":null}]}`)
	f.Add(`{"components":[{"id":1,"name":2,"status":3,"group":4,"group_id":5},{}]}`)
	f.Add(`<!doctype html>`)
	f.Fuzz(func(t *testing.T, body string) {
		p, err := answering(t, body).Read(context.Background())
		upstreamtest.OneOrTheOther(t, body, p, err)
		if p != nil && (len(p.Services) == 0 || len(p.Services) > platform.MaxServices) {
			t.Errorf("%d services", len(p.Services))
		}
	})
}
