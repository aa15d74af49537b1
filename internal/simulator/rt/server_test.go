package rt

import (
	"encoding/json"
	"net/http"
	"net/http/httptest"
	"net/url"
	"strings"
	"testing"
	"time"
)

var epoch = time.Date(2026, 3, 2, 10, 0, 0, 0, time.UTC)

// world is a server whose clock the test moves.
type world struct {
	*Server
	now time.Time
}

func newWorld() *world {
	w := &world{now: epoch}
	w.Server = New(Options{
		Now: func() time.Time { return w.now },
		Users: []User{
			{ID: 14, Name: "root", Token: "1-14-a", Password: "secret", SuperUser: true},
			{ID: 33, Name: "exporter", Token: "1-33-b", Queues: []int64{3}},
			{ID: 35, Name: "blind", Token: "1-35-c", Blind: true},
			{ID: 36, Name: "newyorker", Token: "1-36-d", Zone: time.FixedZone("EST", -5*60*60)},
		},
		Queues: []Queue{{ID: 3, Name: "Support", Level: "gold"}, {ID: 4, Name: "Vendor", Lifecycle: "vendor"}},
		Lifecycles: map[string]Lifecycle{"vendor": {
			Initial: []string{"triage"}, Active: []string{"working", "open"}, Inactive: []string{"done", "deleted"},
		}},
		Levels: map[string]Level{"gold": {Response: time.Hour, KeepInLoop: 4 * time.Hour, Resolve: 10 * time.Hour, Ignore: []string{"stalled"}}},
		Fields: []CustomField{{ID: 2, Name: "Severity"}},
	})
	return w
}

// get asks with a token; what comes is decoded without knowing what it is.
func (w *world) get(t *testing.T, token, path string, params ...string) (int, any, http.Header) {
	t.Helper()
	q := url.Values{}
	for i := 0; i < len(params); i += 2 {
		q.Add(params[i], params[i+1])
	}
	r := httptest.NewRequest(http.MethodGet, path+"?"+q.Encode(), nil)
	if token != "" {
		r.Header.Set("Authorization", "token "+token)
	}
	rec := httptest.NewRecorder()
	w.ServeHTTP(rec, r)
	var v any
	_ = json.Unmarshal(rec.Body.Bytes(), &v) // a page for people is none
	return rec.Code, v, rec.Header()
}

// ids are what a search found, in its order.
func (w *world) ids(t *testing.T, token, kind, query string, params ...string) string {
	t.Helper()
	code, v, _ := w.get(t, token, "/REST/2.0/"+kind, append([]string{"query", query}, params...)...)
	if code != http.StatusOK {
		return v.(map[string]any)["message"].(string)
	}
	var out []string
	for _, item := range v.(map[string]any)["items"].([]any) {
		out = append(out, item.(map[string]any)["id"].(string))
	}
	return strings.Join(out, " ")
}

func must(t *testing.T, err error) {
	t.Helper()
	if err != nil {
		t.Fatal(err)
	}
}

func TestAuthentication(t *testing.T) {
	for name, tc := range map[string]struct {
		change   func(r *http.Request)
		code     int
		location string
	}{
		"nothing":                  {func(*http.Request) {}, 401, ""},
		"a token":                  {func(r *http.Request) { r.Header.Set("Authorization", "token 1-14-a") }, 200, ""},
		"a token in capitals":      {func(r *http.Request) { r.Header.Set("Authorization", "Token 1-14-a") }, 200, ""},
		"a token in the query":     {func(r *http.Request) { r.URL.RawQuery = "token=1-14-a" }, 200, ""},
		"a bearer token":           {func(r *http.Request) { r.Header.Set("Authorization", "Bearer 1-14-a") }, 401, ""},
		"a password":               {func(r *http.Request) { r.SetBasicAuth("root", "secret") }, 200, ""},
		"a token as a password":    {func(r *http.Request) { r.SetBasicAuth("root", "1-14-a") }, 401, ""},
		"somebody without one":     {func(r *http.Request) { r.SetBasicAuth("exporter", "") }, 401, ""},
		"a browser without":        {func(r *http.Request) { r.Header.Set("User-Agent", "Mozilla/5.0") }, 302, "/"},
		"a session that has ended": {func(r *http.Request) { r.Header.Set("Cookie", "RT_SID=1") }, 302, "/"},
	} {
		t.Run(name, func(t *testing.T) {
			r := httptest.NewRequest(http.MethodGet, "/REST/2.0/rt", nil)
			tc.change(r)
			rec := httptest.NewRecorder()
			newWorld().ServeHTTP(rec, r)
			if rec.Code != tc.code || rec.Header().Get("Location") != tc.location {
				t.Errorf("%d %s", rec.Code, rec.Header().Get("Location"))
			}
		})
	}
}
