package freshdesk

import (
	"encoding/json"
	"net/http"
	"net/http/httptest"
	"net/url"
	"strings"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"

	"whatsapp_sla_exporter/internal/simulator/fault"
)

// noon is a Monday.
var noon = time.Date(2026, 3, 2, 12, 0, 0, 0, time.UTC)

// account is a server with a clock.
type account struct {
	*Server
	now time.Time
}

func newAccount(o Options) *account {
	a := &account{now: noon}
	o.Keys, o.Admins, o.Now = []string{"agent"}, []string{"admin"}, func() time.Time { return a.now }
	a.Server = New(o)
	return a
}

// ask does a request as somebody would who read Freshdesk's documentation.
func (a *account) ask(t *testing.T, key, path string, v any) *http.Response {
	t.Helper()
	r := httptest.NewRequest("GET", path, nil)
	if key != "" {
		r.SetBasicAuth(key, "X")
	}
	w := httptest.NewRecorder()
	a.ServeHTTP(w, r)
	if v != nil {
		if err := json.Unmarshal(w.Body.Bytes(), v); err != nil {
			t.Fatalf("%s: %s: %v", path, w.Body, err)
		}
	}
	return w.Result()
}

func (a *account) ids(t *testing.T, path string) (out []int) {
	t.Helper()
	var rows []struct{ ID int }
	a.ask(t, "agent", path, &rows)
	for _, r := range rows {
		out = append(out, r.ID)
	}
	return out
}

// filled has five tickets, opened a day after the other up to yesterday, of which the second is closed, and an old one.
func filled(t *testing.T) *account {
	t.Helper()
	a := newAccount(Options{AccountLimit: 1000})
	a.now = noon.AddDate(0, 0, -60)
	a.Create(Seed{ID: 9})
	a.now = noon.AddDate(0, 0, -5)
	for range 5 {
		a.Create(Seed{})
		a.now = a.now.AddDate(0, 0, 1)
	}
	if err := a.SetStatus(11, Closed); err != nil {
		t.Fatal(err)
	}
	a.now = a.now.Add(time.Hour)
	return a
}

func TestList(t *testing.T) {
	a := filled(t)
	for name, tc := range map[string]struct {
		path string
		want []int
	}{
		"of the last 30 days, the latest first": {"/api/v2/tickets", []int{14, 13, 12, 11, 10}},
		"since, inclusive":                      {"/api/v2/tickets?updated_since=2026-02-28T12:00:00Z&order_by=updated_at&order_type=asc", []int{13, 14, 11}},
		"older ones where they are asked for":   {"/api/v2/tickets?updated_since=2020-01-01T00:00:00Z&order_type=asc", []int{9, 10, 11, 12, 13, 14}},
		"a page":                                {"/api/v2/tickets?per_page=2&page=2&order_type=asc", []int{12, 13}},
		"behind the last page":                  {"/api/v2/tickets?page=9", nil},
		"the trash":                             {"/api/v2/tickets?filter=deleted", nil},
	} {
		t.Run(name, func(t *testing.T) {
			if x := cmp.Diff(tc.want, a.ids(t, tc.path)); x != "" {
				t.Error(x)
			}
		})
	}
	if err := a.Delete(12); err != nil {
		t.Fatal(err)
	}
	if x := cmp.Diff([]int{12}, a.ids(t, "/api/v2/tickets?filter=deleted")); x != "" {
		t.Errorf("the trash: %s", x)
	}
	if x := cmp.Diff([]int{14, 13, 11, 10}, a.ids(t, "/api/v2/tickets")); x != "" {
		t.Errorf("without the trash: %s", x)
	}
}

func TestNextPageIsInTheLinkHeader(t *testing.T) {
	a := filled(t)
	link := a.ask(t, "agent", "/api/v2/tickets?per_page=3", nil).Header.Get("Link")
	if !strings.Contains(link, "page=2") || !strings.HasSuffix(link, `>; rel="next"`) {
		t.Errorf("Link %q", link)
	}
	if link := a.ask(t, "agent", "/api/v2/tickets?per_page=3&page=2", nil).Header.Get("Link"); link != "" {
		t.Errorf("the last page has the Link %q", link)
	}
}

func TestSearch(t *testing.T) {
	a := filled(t)
	for query, want := range map[string][]int{
		`"status:2"`: {14, 13, 12, 10, 9},
		`"status:2 AND created_at:>'2026-02-27'"`:                                {14, 13, 12},
		`"(status:2 OR status:5) AND created_at:<'2026-02-26'"`:                  {11, 10, 9},
		`"status:5 OR status:2 AND created_at:'2026-02-28'"`:                     {13, 11},
		`"(status:2) AND updated_at:<'2026-01-31' AND created_at:>'2010-01-01'"`: {9},
		`"priority:4"`: nil,
	} {
		var answer struct {
			Total   int
			Results []struct {
				ID    int
				Stats any
			}
		}
		a.ask(t, "agent", "/api/v2/search/tickets?query="+url.QueryEscape(query), &answer)
		var got []int
		for _, r := range answer.Results {
			got = append(got, r.ID)
			if r.Stats != nil {
				t.Error("a search shows stats")
			}
		}
		if x := cmp.Diff(want, got); x != "" || answer.Total != len(want) {
			t.Errorf("%s: total %d, %s", query, answer.Total, x)
		}
	}
}

func TestSearchIsLate(t *testing.T) {
	a := newAccount(Options{})
	a.Create(Seed{})
	total := func() int {
		var answer struct{ Total int }
		a.ask(t, "agent", "/api/v2/search/tickets?query=%22status:2%22", &answer)
		return answer.Total
	}
	if n := total(); n != 0 {
		t.Errorf("%d tickets at once", n)
	}
	a.now = a.now.Add(time.Minute)
	if n := total(); n != 1 {
		t.Errorf("%d tickets a minute later", n)
	}
}

func TestRefusals(t *testing.T) {
	a := filled(t)
	for path, want := range map[string]string{
		"/api/v2/tickets?mood=good":                           "mood invalid_field",
		"/api/v2/tickets?include=moods":                       "include invalid_value",
		"/api/v2/tickets?page=301":                            "page invalid_value",
		"/api/v2/tickets?per_page=101":                        "per_page invalid_value",
		"/api/v2/tickets?updated_since=noon":                  "updated_since invalid_date",
		"/api/v2/tickets?order_by=mood":                       "order_by invalid_value",
		"/api/v2/tickets?filter=mood":                         "filter invalid_value",
		"/api/v2/tickets/10?page=1":                           "page invalid_field",
		"/api/v2/search/tickets?query=status:2":               "query invalid_value",
		"/api/v2/search/tickets?query=%22mood:2%22":           "query invalid_value",
		"/api/v2/search/tickets?query=%22(status:2%22":        "query invalid_value",
		"/api/v2/search/tickets?query=%22status:2%22&page=11": "page invalid_value",
		"/api/v2/search/tickets?query=%22" + strings.Repeat("status:2+OR+", 50) + "status:2%22": "query invalid_value",
	} {
		var answer struct{ Errors []fieldError }
		res := a.ask(t, "agent", path, &answer)
		if len(answer.Errors) != 1 || res.StatusCode != http.StatusBadRequest || answer.Errors[0].Field+" "+answer.Errors[0].Code != want {
			t.Errorf("%s: %d %+v, want %s", path, res.StatusCode, answer.Errors, want)
		}
	}
}

func TestWhoMaySeeWhat(t *testing.T) {
	a := filled(t)
	if err := a.Hide(10); err != nil {
		t.Fatal(err)
	}
	for _, tc := range []struct {
		key, path string
		want      int
	}{
		{"", "/api/v2/tickets", 401},
		{"other", "/api/v2/tickets", 401},
		{"agent", "/api/v2/tickets", 200},
		{"agent", "/api/v2/ticket_fields", 403},
		{"admin", "/api/v2/ticket_fields", 200},
		{"agent", "/api/v2/tickets/10", 403},
		{"agent", "/api/v2/tickets/99", 404},
		{"agent", "/api/v2/mood", 404},
	} {
		if got := a.ask(t, tc.key, tc.path, nil).StatusCode; got != tc.want {
			t.Errorf("%s as %q: %d, want %d", tc.path, tc.key, got, tc.want)
		}
	}
}

func TestCreditsAndLimits(t *testing.T) {
	a := newAccount(Options{AccountLimit: 10, ListLimit: 2})
	for i, want := range []struct {
		path, left string
		status     int
	}{
		{"/api/v2/tickets?include=stats", "7", 200},
		{"/api/v2/tickets", "6", 200},
		{"/api/v2/tickets", "5", 429}, // of the list there are two a minute
		{"/api/v2/tickets/1?include=stats,requester", "0", 404},
		{"/api/v2/tickets/1", "0", 429},
	} {
		res := a.ask(t, "agent", want.path, nil)
		if res.StatusCode != want.status || res.Header.Get("X-RateLimit-Remaining") != want.left || (want.status == 429) != (res.Header.Get("Retry-After") == "60") {
			t.Errorf("call %d: %d, %v", i+1, res.StatusCode, res.Header)
		}
	}
	a.now = a.now.Add(time.Minute)
	if got := a.ask(t, "agent", "/api/v2/tickets", nil).StatusCode; got != 200 {
		t.Errorf("a minute later: %d", got)
	}
	a.Fail(fault.Fault{Kind: fault.Unavailable})
	if got := a.ask(t, "agent", "/api/v2/tickets", nil).StatusCode; got != 503 {
		t.Errorf("a fault gives %d", got)
	}
}

// A row keeps its deadline while the timers stand still, and has a later one afterwards.
func TestDeadlinesOfAPendingTicket(t *testing.T) {
	a := newAccount(Options{SLA: map[int]Targets{1: {Resolve: time.Hour}}})
	a.Create(Seed{ID: 1})
	for _, step := range []struct {
		status int
		due    string
	}{{Open, "2026-03-02T13:00:00Z"}, {Pending, "2026-03-02T13:00:00Z"}, {Open, "2026-03-02T13:30:00Z"}} {
		if err := a.SetStatus(1, step.status); err != nil {
			t.Fatal(err)
		}
		var row map[string]any
		a.ask(t, "agent", "/api/v2/tickets/1", &row)
		if row["due_by"] != step.due {
			t.Errorf("status %d: due %v, want %s", step.status, row["due_by"], step.due)
		}
		a.now = a.now.Add(30 * time.Minute)
	}
}
