package zendesk

import (
	"net/http"
	"net/http/httptest"
	"strings"
	"testing"
	"time"

	"whatsapp_sla_exporter/internal/simulator/fault"
	simulator "whatsapp_sla_exporter/internal/simulator/zendesk"
	"whatsapp_sla_exporter/internal/sla"
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
		"SLAs refused":                  {simulator.Sideloads{MetricEvents: true, MetricSets: true, Refuse: true}, false, true},
		"metric events refused":         {simulator.Sideloads{SLAs: true, MetricSets: true, Refuse: true}, true, false},
		"all refused":                   {simulator.Sideloads{Refuse: true}, false, false},
		"SLAs passed over in silence":   {simulator.Sideloads{MetricEvents: true, MetricSets: true}, false, true},
		"events passed over in silence": {simulator.Sideloads{SLAs: true, MetricSets: true}, true, false},
	} {
		t.Run(name, func(t *testing.T) {
			d := newDesk(t)
			d.SetSideloads(tc.have)
			d.Create(simulator.Seed{ID: 1, Priority: "urgent", At: epoch.Add(-10 * time.Minute)})
			for _, p := range []string{"changes", "open"} {
				pass := d.open(t)
				if p == "changes" {
					pass = d.changes(t, "")
				}
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

func TestReadFailureKnowsTheThreeForms(t *testing.T) {
	for body, want := range map[string][2]string{
		`{"error":"RecordNotFound","description":"Not found"}`:                           {"RecordNotFound", "Not found"},
		`{"error":{"title":"No help desk","message":"There is no help desk  here\n"}}`:   {"No help desk", "There is no help desk here"},
		`{"errors":[{"code":"InvalidPaginationParameter","title":"page is not valid"}]}`: {"InvalidPaginationParameter", "page is not valid"},
		`{"error":"Couldn't authenticate you"}`:                                          {"", "Couldn't authenticate you"},
		`<html>`:                                                                         {"", ""},
		`{"error":"x","description":"` + strings.Repeat("y", 300) + `"}`:                 {"x", strings.Repeat("y", 200) + "…"},
	} {
		code, text := readFailure([]byte(body))
		if code != want[0] || text != want[1] {
			t.Errorf("%s: %q, %q, want %q", body, code, text, want)
		}
	}
}

func TestQuotasAndVersionAreTold(t *testing.T) {
	d := newDesk(t)
	d.changes(t, "")
	d.open(t)
	want := map[string]float64{"account": 3. / 700, "incremental-exports": .1, "tickets-index": .01, "search-export": .01}
	if x := diff(want, d.seen.quotas); x != "" {
		t.Error(x)
	}
	if x := diff(map[string]bool{"v2/v2": true}, d.seen.versions); x != "" {
		t.Error(x)
	}
}

func TestQuotasThatAreNonsenseAreNotTold(t *testing.T) {
	d := newDesk(t)
	h := http.Header{"X-Rate-Limit": {"0"}, "X-Rate-Limit-Remaining": {"5"}, "Zendesk-Ratelimit-A": {"total=; remaining=NaN"}, "Zendesk-Ratelimit-B": nil}
	d.client.tellQuotas(h)
	for i := range 50 {
		d.client.tellQuotas(http.Header{"Zendesk-Ratelimit-" + string(rune('A'+i)): {"total=10; remaining=5"}})
	}
	if len(d.seen.quotas) > maxQuotas {
		t.Errorf("%d quotas", len(d.seen.quotas))
	}
	for name, used := range d.seen.quotas {
		if used != .5 {
			t.Errorf("%s is %v", name, used)
		}
	}
}

func TestCustomStatusesKeepTheirOwnWord(t *testing.T) {
	d := newDesk(t, func(o *simulator.Options, _ *Options) {
		o.Statuses = []simulator.CustomStatus{{ID: 900, Label: "New", Category: "new"}, {ID: 950, Label: "At Meta", Category: "hold"}}
	})
	d.Create(simulator.Seed{ID: 1})
	d.Create(simulator.Seed{ID: 2})
	must(t, d.SetCustomStatus(1, 950))
	d.pass(5 * time.Minute)
	got := find(t, d.changes(t, ""), "1")
	if got.Status != sla.StatusOnHold || got.StatusRaw != "At Meta" {
		t.Errorf("status %s, %q", got.Status, got.StatusRaw)
	}
	must(t, d.Spoil(1, simulator.UnknownStatus))
	p := d.open(t)
	if got := find(t, p, "1"); got.Status != sla.StatusOnHold || len(p.Unmapped) != 0 {
		t.Errorf("the category of the custom status is not used: %s, %v", got.Status, p.Unmapped)
	}
	if n := d.Calls()["/api/v2/custom_statuses"]; n != 1 {
		t.Errorf("%d calls for the statuses, want 1", n)
	}
}

func TestCustomStatusesThatCannotBeReadCostOnlyTheirLabels(t *testing.T) {
	d := newDesk(t, func(o *simulator.Options, _ *Options) {
		o.Statuses = []simulator.CustomStatus{{ID: 950, Label: "At Meta", Category: "hold"}}
	})
	d.Create(simulator.Seed{ID: 1})
	must(t, d.SetCustomStatus(1, 950))
	d.Fail(fault.Fault{Path: "/api/v2/custom_statuses", Kind: fault.HTML})
	d.pass(5 * time.Minute)
	if got := find(t, d.open(t), "1"); got.Status != sla.StatusOnHold || got.StatusRaw != "hold" {
		t.Errorf("status %s, %q", got.Status, got.StatusRaw)
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
