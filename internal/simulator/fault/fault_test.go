package fault

import (
	"context"
	"io"
	"net/http"
	"net/http/httptest"
	"strconv"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"
)

var noon = time.Date(2026, 3, 2, 12, 0, 0, 0, time.UTC)

// counting answers with the number of the request.
func counting() http.Handler {
	n := 0
	return http.HandlerFunc(func(w http.ResponseWriter, _ *http.Request) {
		n++
		w.Header().Set("Content-Type", "application/json")
		_, _ = io.WriteString(w, `{"request":`+strconv.Itoa(n)+`}`)
	})
}

type got struct {
	Status           int
	Type, Body, Wait string
}

func ask(h http.Handler, path string) got {
	w := httptest.NewRecorder()
	ctx, cancel := context.WithCancel(context.Background())
	cancel()
	h.ServeHTTP(w, httptest.NewRequestWithContext(ctx, http.MethodGet, path, nil))
	return got{w.Code, w.Header().Get("Content-Type"), w.Body.String(), w.Header().Get("Retry-After")}
}

func TestFaultsFailAsTheyAreToldTo(t *testing.T) {
	now := func() time.Time { return noon }
	ok := func(n string) got { return got{200, "application/json", `{"request":` + n + `}`, ""} }
	for name, c := range map[string]struct {
		fault Fault
		want  []got
	}{
		"a proxy's page once": {
			Fault{Kind: HTML, Times: 1},
			[]got{{200, page, "<!doctype html><title>Please sign in</title>", ""}, ok("1"), ok("2")},
		},
		"truncated after one good answer": {
			Fault{Kind: Truncated, After: 1, Times: 1},
			[]got{ok("1"), {200, "application/json", `{"requ`, ""}, ok("3")},
		},
		"throttled with the API's own words": {
			Fault{Kind: Throttled, Times: 1, RetryAfter: 1500 * time.Millisecond},
			[]got{{429, "application/json", `{"code":1}`, "2"}, ok("1"), ok("2")},
		},
		"the same page again and again": {
			Fault{Kind: Repeat},
			[]got{ok("1"), ok("1"), ok("1")},
		},
		"another path": {
			Fault{Kind: ServerError, Path: "/other"},
			[]got{ok("1"), ok("2"), ok("3")},
		},
		"no answer": {
			Fault{Kind: Hang, Times: 1},
			[]got{{200, "", "", ""}, ok("1"), ok("2")},
		},
	} {
		t.Run(name, func(t *testing.T) {
			i := New(now, Bodies{Throttled: []byte(`{"code":1}`)})
			h := i.Wrap(counting())
			i.Fail(c.fault)
			for n, want := range c.want {
				if d := cmp.Diff(want, ask(h, "/v1")); d != "" {
					t.Errorf("request %d: %s", n+1, d)
				}
			}
			if d := cmp.Diff(map[string]int{"/v1": 3}, i.Calls()); d != "" {
				t.Error(d)
			}
			i.Heal()
			if s := ask(h, "/v1").Status; s != http.StatusOK {
				t.Errorf("healed, it still answers %d", s)
			}
		})
	}
}

func TestTheClockCanBeOff(t *testing.T) {
	i := New(func() time.Time { return noon }, Bodies{})
	i.SetClockOff(-time.Hour)
	w := httptest.NewRecorder()
	i.Wrap(counting()).ServeHTTP(w, httptest.NewRequest(http.MethodGet, "/", nil))
	if got, want := w.Header().Get("Date"), "Mon, 02 Mar 2026 11:00:00 GMT"; got != want {
		t.Errorf("Date %q, want %q", got, want)
	}
}
