package metastatus

import (
	"context"
	"net/http"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"

	"whatsapp_sla_exporter/internal/platform"
	"whatsapp_sla_exporter/internal/simulator/fault"
	"whatsapp_sla_exporter/internal/simulator/metastatus"
	"whatsapp_sla_exporter/internal/upstream"
	"whatsapp_sla_exporter/internal/upstream/upstreamtest"
)

// reader is a client of what h serves.
func reader(t *testing.T, h http.Handler) *Client {
	t.Helper()
	return client(t, upstreamtest.Serve(t, h, upstreamtest.None))
}

func client(t *testing.T, o upstream.Options) *Client {
	t.Helper()
	c, err := New(Options{Name: "meta", Now: upstreamtest.Now, Upstream: o})
	if err != nil {
		t.Fatal(err)
	}
	return c
}

func read(t *testing.T, c *Client) *platform.Page {
	t.Helper()
	p, err := c.Read(t.Context())
	if err != nil {
		t.Fatal(err)
	}
	return p
}

func TestEveryPhraseOfThePageHasItsState(t *testing.T) {
	sim := metastatus.New(upstreamtest.Now)
	sim.Set(metastatus.WhatsApp, "Cloud API", "High disruptions")
	sim.Set(metastatus.WhatsApp, "Cloud API Calling", "Medium Disruptions")
	sim.Set(metastatus.WhatsApp, "Embedded Signup", "Low disruptions")
	sim.Set(metastatus.WhatsApp, "Flows", "Resolved")
	sim.Set(metastatus.WhatsApp, "Marketing Messages API", "Under observation")
	sim.Set("graph-api", "Graph API", "Major outage")
	c := reader(t, sim)
	want := &platform.Page{
		Name: "meta", Type: Type, ReadAt: upstreamtest.Noon, UnknownStates: 1,
		Services: []platform.Service{
			{Name: "Cloud API", State: platform.MajorOutage},
			{Name: "Cloud API Calling", State: platform.PartialOutage},
			{Name: "Embedded Signup", State: platform.Degraded},
			{Name: "Flows", State: platform.Operational},
			{Name: "Marketing Messages API", State: platform.Unknown},
			{Name: "WhatsApp Business Account Management", State: platform.Operational},
		},
	}
	if d := cmp.Diff(want, read(t, c)); d != "" {
		t.Error(d)
	}
	if again := read(t, c); again.UnknownStates != 2 {
		t.Errorf("after the second read %d unknown states are counted", again.UnknownStates)
	}
}

func TestAPageThatCannotBeReadIsAnErrorAndNoState(t *testing.T) {
	upstreamtest.Failures(t, fault.Fault{RetryAfter: time.Minute}, func(t *testing.T, f fault.Fault) (*platform.Page, error) {
		sim := metastatus.New(upstreamtest.Now)
		sim.Fail(f)
		return reader(t, sim).Read(t.Context())
	})
}

func TestAPageWithoutTheProductIsAnError(t *testing.T) {
	sim := metastatus.New(upstreamtest.Now)
	sim.Remove(metastatus.WhatsApp)
	page, err := reader(t, sim).Read(t.Context())
	upstreamtest.Refused(t, page, err, upstream.Decode)
}

func TestABriefFailureIsRepeated(t *testing.T) {
	sim := metastatus.New(upstreamtest.Now)
	sim.Fail(fault.Fault{Kind: fault.Unavailable, Times: 2})
	if p := read(t, reader(t, sim)); len(p.Services) != 6 {
		t.Errorf("%d services", len(p.Services))
	}
}

func TestOddAnswersAreReadAsFarAsTheyCanBe(t *testing.T) {
	for name, c := range map[string]struct {
		body string
		want []platform.Service // nil: an error
	}{
		"another product that cannot be read": {
			`[{"id":"x","services":"none"},{"id":"whatsapp-business-api","services":[{"id":"4","name":"Cloud API","status":"No known issues"}]}]`,
			[]platform.Service{{Name: "Cloud API", State: platform.Operational}},
		},
		"a service without a name": {
			`[{"id":"whatsapp-business-api","services":[{"id":4,"status":"No known issues"}]}]`,
			[]platform.Service{{Name: "service 4", State: platform.Operational}},
		},
		"a service without a status, and one with a number for it": {
			`[{"id":"whatsapp-business-api","services":[{"id":4,"name":"Cloud API"},{"id":6,"name":"Flows","status":0}]}]`,
			[]platform.Service{{Name: "Cloud API", State: platform.Unknown}, {Name: "Flows", State: platform.Unknown}},
		},
		"no services":           {`[{"id":"whatsapp-business-api","services":[]}]`, nil},
		"an object, not a list": {`{"error":"moved"}`, nil},
		"null":                  {`null`, nil},
		"nothing":               {``, nil},
	} {
		t.Run(name, func(t *testing.T) {
			p, err := client(t, upstreamtest.Answering(c.body)).Read(t.Context())
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
		"no name":   {},
		"not a URL": {Name: "meta", Upstream: upstream.Options{BaseURL: "metastatus.com"}},
	} {
		if c, err := New(o); err == nil {
			t.Errorf("%s: %v is accepted", name, c)
		}
	}
}

func FuzzRead(f *testing.F) {
	f.Add(`[{"id":"whatsapp-business-api","services":[{"id":4,"name":"Cloud API","status":"No known issues"}]}]`)
	f.Add(`[{"id":"whatsapp-business-api","services":[{"id":[],"name":7,"status":null}]},1,null]`)
	f.Add(`<!doctype html>`)
	f.Fuzz(func(t *testing.T, body string) {
		p, err := client(t, upstreamtest.Answering(body)).Read(context.Background())
		upstreamtest.OneOrTheOther(t, body, p, err)
		if p != nil && (len(p.Services) == 0 || len(p.Services) > platform.MaxServices) {
			t.Errorf("%d services", len(p.Services))
		}
	})
}
