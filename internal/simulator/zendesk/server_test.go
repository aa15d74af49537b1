package zendesk

import (
	"encoding/json"
	"fmt"
	"net/http"
	"net/http/httptest"
	"net/url"
	"strings"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"

	"whatsapp_sla_exporter/internal/simulator/fault"
)

var epoch = time.Date(2026, 3, 2, 10, 0, 0, 0, time.UTC)

// account is a server with a clock that the test moves.
type account struct {
	*Server
	t   *testing.T
	now time.Time
}

func newAccount(t *testing.T, change ...func(*Options)) *account {
	t.Helper()
	a := &account{t: t, now: epoch}
	o := Options{
		Credentials: []Credential{
			{Email: "ops@acme.example", Token: "admins", Role: Admin}, {Email: "eva@acme.example", Token: "agents", Role: Agent}, {Bearer: "oauth", Role: Admin},
		},
		Now: func() time.Time { return a.now },
		Policies: []Policy{
			{ID: 2, Title: "VIP", Tag: "vip", Targets: map[string]map[string]time.Duration{"high": {"first_reply_time": 15 * time.Minute}}},
			{ID: 1, Title: "All", Targets: map[string]map[string]time.Duration{"high": {
				"first_reply_time": time.Hour, "next_reply_time": 2 * time.Hour, "requester_wait_time": 8 * time.Hour, "pausable_update_time": time.Hour,
			}}},
		},
	}
	for _, f := range change {
		f(&o)
	}
	a.Server = New(o)
	return a
}

// get asks as admin.
func (a *account) get(path string) (int, map[string]any) {
	a.t.Helper()
	w := a.ask(path, func(r *http.Request) { r.SetBasicAuth("ops@acme.example/token", "admins") })
	var v map[string]any
	if err := json.Unmarshal(w.Body.Bytes(), &v); err != nil {
		a.t.Fatalf("%s: %v in %s", path, err, w.Body)
	}
	return w.Code, v
}

func (a *account) ask(path string, auth func(*http.Request)) *httptest.ResponseRecorder {
	r := httptest.NewRequest(http.MethodGet, path, nil)
	auth(r)
	w := httptest.NewRecorder()
	a.ServeHTTP(w, r)
	return w
}

func must(t *testing.T, err error) {
	t.Helper()
	if err != nil {
		t.Fatal(err)
	}
}

// ids lists the tickets of an answer.
func ids(v map[string]any, key string) []int {
	out := []int{}
	list, _ := v[key].([]any)
	for _, t := range list {
		out = append(out, int(t.(map[string]any)["id"].(float64)))
	}
	return out
}

const export = "/api/v2/incremental/tickets/cursor"

func TestCredentialsAndRoles(t *testing.T) {
	basic := func(user, password string) func(*http.Request) {
		return func(r *http.Request) { r.SetBasicAuth(user, password) }
	}
	bearer := func(token string) func(*http.Request) {
		return func(r *http.Request) { r.Header.Set("Authorization", "Bearer "+token) }
	}
	for name, tc := range map[string]struct {
		auth func(*http.Request)
		path string
		want int
	}{
		"no credentials":                     {func(*http.Request) {}, "/api/v2/tickets", 401},
		"a wrong token":                      {basic("ops@acme.example/token", "agents"), "/api/v2/tickets", 401},
		"a password in the place of a token": {basic("ops@acme.example", "admins"), "/api/v2/tickets", 401},
		"an API token":                       {basic("ops@acme.example/token", "admins"), "/api/v2/tickets", 200},
		"an OAuth token":                     {bearer("oauth"), "/api/v2/tickets", 200},
		"a wrong OAuth token":                {bearer("admins"), "/api/v2/tickets", 401},
		"an empty OAuth token":               {bearer(""), "/api/v2/tickets", 401},
		"an agent may list":                  {basic("eva@acme.example/token", "agents"), "/api/v2/tickets.json", 200},
		"an agent may search":                {basic("eva@acme.example/token", "agents"), "/api/v2/search/export?query=type:ticket&filter[type]=ticket", 200},
		"an agent may not export":            {basic("eva@acme.example/token", "agents"), export + "?start_time=0", 403},
		"an agent may not export events":     {basic("eva@acme.example/token", "agents"), "/api/v2/incremental/ticket_metric_events?start_time=0", 403},
		"an agent may not see SLA policies":  {basic("eva@acme.example/token", "agents"), "/api/v2/slas/policies", 403},
		"there is nothing else":              {basic("ops@acme.example/token", "admins"), "/api/v2/users", 404},
	} {
		t.Run(name, func(t *testing.T) {
			if got := newAccount(t).ask(tc.path, tc.auth); got.Code != tc.want {
				t.Errorf("status %d, want %d: %s", got.Code, tc.want, got.Body)
			}
		})
	}
}

func TestRefusedParameters(t *testing.T) {
	for path, want := range map[string]int{
		export:                                                              400,
		export + "?start_time=yesterday":                                    400,
		export + "?start_time=-5":                                           400,
		export + "?cursor=bm8=":                                             400,
		export + "?cursor=%20":                                              400,
		export + "?start_time=0&per_page=1001":                              400,
		export + "?start_time=0&per_page=0":                                 400,
		export + fmt.Sprintf("?start_time=%d", epoch.Unix()-59):             422,
		export + fmt.Sprintf("?start_time=%d", epoch.Unix()-60):             200,
		export + "?start_time=0&include=astrology":                          200,
		"/api/v2/tickets?sort=-mood":                                        400,
		"/api/v2/tickets?page[size]=101":                                    400,
		"/api/v2/tickets?page[after]=x":                                     400,
		"/api/v2/tickets/show_many?ids=1,x":                                 400,
		"/api/v2/tickets/show_many?ids=" + strings.Repeat("1,", 100) + "1":  400,
		"/api/v2/search/export?query=type:ticket":                           400,
		"/api/v2/search/export?query=x&filter[type]=ticket&page[size]=1001": 400,
		"/api/v2/search":                                                    422,
		"/api/v2/search?query=type:ticket&page=11":                          422,
		"/api/v2/search?query=type:ticket&per_page=101":                     400,
	} {
		a := newAccount(t)
		if got, v := a.get(path); got != want {
			t.Errorf("%s: status %d, want %d: %v", path, got, want, v)
		}
	}
}

func TestExportPagesInTheOrderOfChange(t *testing.T) {
	a := newAccount(t)
	for id := range int64(5) {
		a.Create(Seed{ID: id + 1, At: epoch.Add(-time.Hour).Add(time.Duration(-id) * time.Minute)})
	}
	_, first := a.get(export + "?start_time=0&per_page=2")
	if d := cmp.Diff([]int{5, 4}, ids(first, "tickets")); d != "" || first["end_of_stream"] != false {
		t.Errorf("%s, end %v", d, first["end_of_stream"])
	}
	again := export + "?per_page=2&cursor=" + url.QueryEscape(first["after_cursor"].(string))
	_, second := a.get(again)
	_, repeated := a.get(again)
	if d := cmp.Diff(second, repeated); d != "" {
		t.Errorf("a cursor is not stable: %s", d)
	}
	_, last := a.get(export + "?cursor=" + url.QueryEscape(second["after_cursor"].(string)))
	if d := cmp.Diff([]int{1}, ids(last, "tickets")); d != "" || last["end_of_stream"] != true {
		t.Errorf("%s, end %v", d, last["end_of_stream"])
	}
	_, none := a.get(export + "?cursor=" + url.QueryEscape(last["after_cursor"].(string)))
	if len(ids(none, "tickets")) != 0 || none["after_cursor"] != last["after_cursor"] {
		t.Errorf("after the end: %v", none)
	}
}

func TestExportLeavesTheLastMinuteOutAndTellsOfDeletions(t *testing.T) {
	a := newAccount(t)
	a.Create(Seed{ID: 1})
	if _, v := a.get(export + "?start_time=0"); len(ids(v, "tickets")) != 0 {
		t.Error("a change of this second is exported")
	}
	a.now = a.now.Add(time.Minute)
	must(t, a.Delete(1))
	a.now = a.now.Add(time.Minute)
	_, v := a.get(export + "?start_time=0")
	if got := v["tickets"].([]any)[0].(map[string]any)["status"]; got != "deleted" {
		t.Errorf("status %v", got)
	}
	for _, path := range []string{"/api/v2/tickets", "/api/v2/tickets/show_many?ids=1"} {
		if _, v := a.get(path); len(ids(v, "tickets")) != 0 {
			t.Errorf("%s shows a deleted ticket", path)
		}
	}
}

func TestSystemChangesMoveTheExportButNotUpdatedAt(t *testing.T) {
	a := newAccount(t)
	a.Create(Seed{ID: 1})
	a.now = a.now.Add(time.Hour)
	must(t, a.Touch(1))
	a.now = a.now.Add(time.Minute)
	_, v := a.get(export + fmt.Sprintf("?start_time=%d", epoch.Add(30*time.Minute).Unix()))
	row := v["tickets"].([]any)[0].(map[string]any)
	if row["updated_at"] != "2026-03-02T10:00:00Z" || row["generated_timestamp"] != float64(epoch.Add(time.Hour).Unix()) {
		t.Errorf("updated %v, generated %v", row["updated_at"], row["generated_timestamp"])
	}
}

func TestLimits(t *testing.T) {
	a := newAccount(t)
	for n := range 10 {
		if got, v := a.get(export + "?start_time=0"); got != 200 {
			t.Fatalf("call %d: %d %v", n+1, got, v)
		}
	}
	a.now = a.now.Add(15 * time.Second)
	w := a.ask(export+"?start_time=0", func(r *http.Request) { r.SetBasicAuth("ops@acme.example/token", "admins") })
	if w.Code != 429 || w.Header().Get("Retry-After") != "45" || w.Header().Get("Zendesk-Ratelimit-Incremental-Exports") != "total=10; remaining=0; resets=45" {
		t.Errorf("the eleventh call: %d %v", w.Code, w.Header())
	}
	if w.Header().Get("X-Rate-Limit-Remaining") != "689" {
		t.Errorf("account: %v", w.Header())
	}
	if got, _ := a.get("/api/v2/tickets"); got != 200 {
		t.Errorf("the list is throttled by the export's limit: %d", got)
	}
	a.now = a.now.Add(45 * time.Second)
	if got, _ := a.get(export + "?start_time=0"); got != 200 {
		t.Errorf("after the minute: %d", got)
	}
	if got := a.Calls()[export]; got != 12 {
		t.Errorf("%d calls counted, want 12", got)
	}
}

func TestListIsNewestFirstAndPaged(t *testing.T) {
	a := newAccount(t)
	for id := range int64(3) {
		a.Create(Seed{ID: id + 1, At: epoch.Add(time.Duration(id-10) * time.Minute)})
	}
	must(t, a.AgentReply(1))
	a.Create(Seed{ID: 9, Status: "closed", At: epoch.Add(-200 * 24 * time.Hour)})
	_, first := a.get("/api/v2/tickets?sort=-updated_at&page[size]=2")
	meta := first["meta"].(map[string]any)
	if d := cmp.Diff([]int{1, 3}, ids(first, "tickets")); d != "" || meta["has_more"] != true {
		t.Errorf("%s, %v", d, meta)
	}
	_, last := a.get("/api/v2/tickets?sort=-updated_at&page[size]=2&page[after]=" + url.QueryEscape(meta["after_cursor"].(string)))
	if d := cmp.Diff([]int{2}, ids(last, "tickets")); d != "" || last["meta"].(map[string]any)["has_more"] != false {
		t.Errorf("%s, without the archived one", d)
	}
}

// The faults are those of all simulators; what Zendesk says with them is its own.
func TestFaultsSayWhatZendeskSays(t *testing.T) {
	for kind, want := range map[fault.Kind]string{
		fault.Throttled:    `{"description":"Number of allowed API requests per minute exceeded","error":"APIRateLimitExceeded"}`,
		fault.Unauthorized: `{"error":"Couldn't authenticate you"}`,
	} {
		a := newAccount(t)
		a.Fail(fault.Fault{Kind: kind, Path: export})
		admin := func(r *http.Request) { r.SetBasicAuth("ops@acme.example/token", "admins") }
		if got := a.ask(export+".json?start_time=0", admin).Body.String(); got != want {
			t.Errorf("%s: %s", kind, got)
		}
		if got := a.ask("/api/v2/slas/policies", admin); got.Code != 200 {
			t.Errorf("%s: another endpoint answers %d", kind, got.Code)
		}
	}
}

func TestDateHeaderFollowsTheClock(t *testing.T) {
	a := newAccount(t)
	a.SetClockOff(-time.Hour)
	if got := a.ask("/api/v2/tickets", func(*http.Request) {}).Header().Get("Date"); got != "Mon, 02 Mar 2026 09:00:00 GMT" {
		t.Errorf("Date: %s", got)
	}
}
