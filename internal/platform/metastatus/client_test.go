package metastatus

import (
	"context"
	"encoding/json"
	"net/http"
	"net/http/httptest"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"

	"whatsapp_sla_exporter/internal/platform"
	"whatsapp_sla_exporter/internal/simulator/fault"
	"whatsapp_sla_exporter/internal/simulator/metastatus"
	"whatsapp_sla_exporter/internal/upstream"
)

var noon = time.Date(2026, 3, 2, 12, 0, 0, 0, time.UTC)

func now() time.Time { return noon }

// reader is a client of what h serves.
func reader(t *testing.T, h http.Handler) *Client {
	t.Helper()
	server := httptest.NewServer(h)
	t.Cleanup(server.Close)
	c, err := New(Options{
		Name: "meta", Now: now,
		Upstream: upstream.Options{BaseURL: server.URL, HTTP: server.Client(), Timeout: time.Second, FirstBackoff: time.Nanosecond},
	})
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
	sim := metastatus.New(now)
	sim.Set(metastatus.WhatsApp, "Cloud API", "High disruptions")
	sim.Set(metastatus.WhatsApp, "Cloud API Calling", "Medium Disruptions")
	sim.Set(metastatus.WhatsApp, "Embedded Signup", "Low disruptions")
	sim.Set(metastatus.WhatsApp, "Flows", "Resolved")
	sim.Set(metastatus.WhatsApp, "Marketing Messages API", "Under observation")
	sim.Set("graph-api", "Graph API", "Major outage")
	c := reader(t, sim)
	want := &platform.Page{
		Name: "meta", Type: Type, ReadAt: noon, UnknownStates: 1,
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
	for name, c := range map[string]struct {
		fault fault.Fault
		want  upstream.Reason
	}{
		"HTML in the place of JSON": {fault.Fault{Kind: fault.HTML}, upstream.Decode},
		"truncated JSON":            {fault.Fault{Kind: fault.Truncated}, upstream.Decode},
		"page not found":            {fault.Fault{Kind: fault.NotFound}, upstream.NotFound},
		"throttled":                 {fault.Fault{Kind: fault.Throttled, RetryAfter: time.Minute}, upstream.Throttled},
		"server error":              {fault.Fault{Kind: fault.ServerError}, upstream.Server},
	} {
		t.Run(name, func(t *testing.T) {
			sim := metastatus.New(now)
			sim.Fail(c.fault)
			page, err := reader(t, sim).Read(t.Context())
			if page != nil || upstream.ReasonOf(err) != c.want {
				t.Errorf("page %v, error %v; want reason %s", page, err, c.want)
			}
		})
	}
}

func TestAPageWithoutTheProductIsAnError(t *testing.T) {
	sim := metastatus.New(now)
	sim.Remove(metastatus.WhatsApp)
	page, err := reader(t, sim).Read(t.Context())
	if page != nil || upstream.ReasonOf(err) != upstream.Decode {
		t.Errorf("page %v, error %v", page, err)
	}
}

func TestABriefFailureIsRepeated(t *testing.T) {
	sim := metastatus.New(now)
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
			p, err := reader(t, http.HandlerFunc(func(w http.ResponseWriter, _ *http.Request) {
				_, _ = w.Write([]byte(c.body))
			})).Read(t.Context())
			if c.want == nil {
				if p != nil || upstream.ReasonOf(err) != upstream.Decode {
					t.Errorf("page %v, error %v", p, err)
				}
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

// canned answers every request with one body.
type canned []byte

func (b canned) RoundTrip(*http.Request) (*http.Response, error) {
	w := httptest.NewRecorder()
	_, _ = w.Write(b)
	return w.Result(), nil
}

func FuzzRead(f *testing.F) {
	f.Add([]byte(`[{"id":"whatsapp-business-api","services":[{"id":4,"name":"Cloud API","status":"No known issues"}]}]`))
	f.Add([]byte(`[{"id":"whatsapp-business-api","services":[{"id":[],"name":7,"status":null}]},1,null]`))
	f.Add([]byte(`<!doctype html>`))
	f.Fuzz(func(t *testing.T, body []byte) {
		c, err := New(Options{Name: "meta", Now: now, Upstream: upstream.Options{HTTP: &http.Client{Transport: canned(body)}, Rate: 1e9, Burst: 1e9}})
		if err != nil {
			t.Fatal(err)
		}
		p, err := c.Read(context.Background())
		switch {
		case err != nil:
			if p != nil {
				t.Error("a page and an error")
			}
		case !json.Valid(body):
			t.Error("a page from what is not JSON")
		case len(p.Services) == 0 || len(p.Services) > platform.MaxServices:
			t.Errorf("%d services", len(p.Services))
		}
	})
}
