package zendesk

import (
	"net/url"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"
)

func TestSearch(t *testing.T) {
	a := newAccount(t)
	for i, status := range []string{"new", "open", "pending", "hold", "solved", "closed"} {
		a.Create(Seed{ID: int64(i + 1), Status: status, Priority: []string{"high", "low"}[i%2], Tags: []string{"t" + status}, At: epoch.Add(time.Duration(i-100) * time.Hour)})
	}
	a.Create(Seed{ID: 100})
	for query, want := range map[string][]int{
		"type:ticket status<solved":  {1, 2, 3, 4},
		"type:ticket status>=solved": {5, 6},
		"status:hold":                {4},
		"status<=open priority:low":  {2},
		"tags:tnew":                  {1},
		"type:user":                  {},
		"login problem":              {},
		"colour:blue":                {},
		"status:asleep":              {},

		"created>2026-02-26T08:30:00Z status<new": {},
		"created<2026-02-26T08:30:00Z":            {1, 2, 3},
		"updated>2026-02-26 created>2026-02-26":   {1, 2, 3, 4, 5, 6},
		"created>whenever":                        {},
	} {
		_, v := a.get("/api/v2/search?query=" + url.QueryEscape(query))
		if d := cmp.Diff(want, ids(v, "results")); d != "" {
			t.Errorf("%s: %s", query, d)
		}
		_, n := a.get("/api/v2/search/count?query=" + url.QueryEscape(query))
		if n["count"] != float64(len(want)) {
			t.Errorf("%s: count %v, want %d", query, n["count"], len(want))
		}
	}
}

func TestSearchExportPagesAndItsCursorsExpire(t *testing.T) {
	a := newAccount(t)
	for id := range int64(3) {
		a.Create(Seed{ID: id + 1, At: epoch.Add(-time.Hour)})
	}
	const path = "/api/v2/search/export?query=status<solved&filter[type]=ticket&page[size]=2"
	_, first := a.get(path)
	after := url.QueryEscape(first["meta"].(map[string]any)["after_cursor"].(string))
	_, last := a.get(path + "&page[after]=" + after)
	if d := cmp.Diff([]int{1, 2, 3}, append(ids(first, "results"), ids(last, "results")...)); d != "" {
		t.Error(d)
	}
	a.now = a.now.Add(61 * time.Minute)
	if got, v := a.get(path + "&page[after]=" + after); got != 400 {
		t.Errorf("an expired cursor: %d %v", got, v)
	}
}

func TestIndexIsAMinuteOld(t *testing.T) {
	a := newAccount(t)
	a.Create(Seed{ID: 1, At: epoch.Add(-time.Hour)})
	must(t, a.SetStatus(1, "solved"))
	if _, v := a.get("/api/v2/search?query=status<solved"); len(ids(v, "results")) != 1 {
		t.Error("the index knows already")
	}
	a.now = a.now.Add(time.Minute)
	if _, v := a.get("/api/v2/search?query=status<solved"); len(ids(v, "results")) != 0 {
		t.Error("the index still does not know")
	}
}
