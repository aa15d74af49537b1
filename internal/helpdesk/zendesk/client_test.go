package zendesk

import (
	"net/http"
	"net/http/httptest"
	"strings"
	"testing"
	"time"

	"whatsapp_sla_exporter/internal/helpdesk"
	"whatsapp_sla_exporter/internal/simulator/fault"
	simulator "whatsapp_sla_exporter/internal/simulator/zendesk"
	"whatsapp_sla_exporter/internal/upstream"
)

// serve answers everything with body.
func serve(t *testing.T, body string) *Client {
	t.Helper()
	srv := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, _ *http.Request) { _, _ = w.Write([]byte(body)) }))
	t.Cleanup(srv.Close)
	t.Cleanup(http.DefaultTransport.(*http.Transport).CloseIdleConnections)
	c, err := New(Options{Upstream: upstream.Options{BaseURL: srv.URL, Rate: 1e6, Burst: 1e6}, Now: func() time.Time { return epoch }})
	must(t, err)
	return c
}

func TestSideloadsThatAreRefusedAreLeftOut(t *testing.T) {
	for name, tc := range map[string]struct {
		have          simulator.Sideloads
		native, start bool
	}{
		"all":                           {simulator.Sideloads{SLAs: true, MetricEvents: true, MetricSets: true, Refuse: true}, true, true},
		"SLAs refused":                  {simulator.Sideloads{MetricEvents: true, MetricSets: true, Refuse: true}, true, true},
		"metric events refused":         {simulator.Sideloads{SLAs: true, MetricSets: true, Refuse: true}, true, false},
		"all refused":                   {simulator.Sideloads{Refuse: true}, true, true},
		"SLAs passed over in silence":   {simulator.Sideloads{MetricEvents: true, MetricSets: true}, true, true},
		"all passed over in silence":    {simulator.Sideloads{}, true, true},
		"events passed over in silence": {simulator.Sideloads{SLAs: true, MetricSets: true}, true, false},
	} {
		t.Run(name, func(t *testing.T) {
			d := newDesk(t)
			d.SetSideloads(tc.have)
			d.Create(simulator.Seed{ID: 1, Priority: "urgent", At: epoch.Add(-10 * time.Minute)})
			d.changes(t, "") // finds out what there is
			for p, pass := range map[string]*helpdesk.Pass{"changes": d.changes(t, ""), "open": d.open(t)} {
				got := find(t, pass, "1")
				if (len(got.Native) == 2) != tc.native || got.PausesKnown != tc.start {
					t.Errorf("%s: native %v, pauses known %v", p, got.Native, got.PausesKnown)
				}
			}
			before := d.Calls()["/api/v2/tickets/show_many"]
			d.open(t)
			if n := d.Calls()["/api/v2/tickets/show_many"] - before; n != 1 {
				t.Errorf("%d calls to show_many, what is refused is asked for again", n)
			}
		})
	}
}

// What is refused today may be granted tomorrow.
func TestSideloadsThatWereRefusedAreAskedForAgainAfterAnHour(t *testing.T) {
	d := newDesk(t)
	d.SetSideloads(simulator.Sideloads{MetricSets: true, Refuse: true})
	d.Create(simulator.Seed{ID: 1, Priority: "urgent", At: epoch.Add(-10 * time.Minute)})
	d.open(t)
	d.SetSideloads(simulator.Sideloads{SLAs: true, MetricEvents: true, MetricSets: true})
	if got := find(t, d.open(t), "1"); len(got.Native) > 0 {
		t.Errorf("asked again at once: %v", got.Native)
	}
	d.pass(includedFor)
	if got := find(t, d.open(t), "1"); len(got.Native) != 2 {
		t.Errorf("not asked again: %v", got.Native)
	}
}

func TestErrorsSayWhatZendeskSays(t *testing.T) {
	for name, tc := range map[string]struct {
		token string
		path  string
		fault fault.Kind
		want  string
	}{
		"a wrong token":     {"guess", "", "", "GET /api/v2/incremental/tickets/cursor: auth (HTTP 401): Couldn't authenticate you"},
		"an internal error": {secret, "", fault.ServerError, "GET /api/v2/incremental/tickets/cursor: server (HTTP 500): Internal Server Error"},
		"throttling":        {secret, "", fault.Throttled, "GET /api/v2/incremental/tickets/cursor: throttled (HTTP 429, code APIRateLimitExceeded): Number of allowed API requests per minute exceeded"},
		"a login page":      {secret, "", fault.HTML, "GET /api/v2/incremental/tickets/cursor: decode (HTTP 200): text/html of 44 bytes is not the JSON that was expected"},
	} {
		t.Run(name, func(t *testing.T) {
			d := newDesk(t, withToken(tc.token))
			if tc.fault != "" {
				d.Fail(fault.Fault{Kind: tc.fault})
			}
			_, err := d.client.Changes(t.Context(), "")
			if err == nil || !strings.HasPrefix(err.Error(), tc.want) {
				t.Errorf("got %v, want %s", err, tc.want)
			}
		})
	}
}

func TestFailuresHaveThreeForms(t *testing.T) {
	for body, want := range map[string][2]string{
		`{"error":"RecordNotFound","description":"Not found"}`:                           {"RecordNotFound", "Not found"},
		`{"error":{"title":"No help desk","message":"There is no help desk  here\n"}}`:   {"No help desk", "There is no help desk here"},
		`{"errors":[{"code":"InvalidPaginationParameter","title":"page is not valid"}]}`: {"InvalidPaginationParameter", "page is not valid"},
		`{"error":"Couldn't authenticate you"}`:                                          {"", "Couldn't authenticate you"},
		`<html>`:                                                                         {"", "Bad Request"},
		`{"error":"x","description":"` + strings.Repeat("y", 300) + `"}`:                 {"x", strings.Repeat("y", 200) + "…"},
	} {
		e := check(&upstream.Response{Status: http.StatusBadRequest, Body: []byte(body)})
		if got := [2]string{e.Code, e.Err.Error()}; got != want {
			t.Errorf("%s: %q, want %q", body, got, want)
		}
	}
}

func TestTicketsCarryNoPersonalData(t *testing.T) {
	d := newDesk(t)
	d.Create(simulator.Seed{ID: 1, Priority: "high", Fields: map[int64]any{7001: "Ana Souza", 7002: 91234}})
	d.pass(5 * time.Minute)
	got := find(t, d.open(t), "1")
	if len(got.Fields) != 0 {
		t.Errorf("keeps fields that nobody asked for: %v", got.Fields)
	}
}

func TestFieldsThatAreAskedForAreKeptAsText(t *testing.T) {
	d := newDesk(t, func(_ *simulator.Options, o *Options) { o.KeepField = func(id string) bool { return id != "5" } })
	d.Create(simulator.Seed{ID: 1, Fields: map[int64]any{1: "meta", 2: 17, 3: true, 4: []string{"a", "b"}, 5: "x", 6: nil, 7: map[string]int{"a": 1}, 8: ""}})
	d.pass(5 * time.Minute)
	want := map[string]string{"1": "meta", "2": "17", "3": "true", "4": "a,b"}
	if x := diff(want, find(t, d.open(t), "1").Fields); x != "" {
		t.Error(x)
	}
}

func TestNewRefusesWhatIsNoURL(t *testing.T) {
	if _, err := New(Options{Upstream: upstream.Options{BaseURL: "acme.zendesk.com"}}); err == nil {
		t.Error("accepted")
	}
}
