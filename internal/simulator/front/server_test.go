package front_test

import (
	"encoding/json"
	"net/http/httptest"
	"net/url"
	"strings"
	"testing"
	"time"

	"whatsapp_sla_exporter/internal/simulator/desk"
	"whatsapp_sla_exporter/internal/simulator/front"
	"whatsapp_sla_exporter/internal/sla"
)

// TestRequestsByHand asks as Front's documentation does, not as the exporter's client.
func TestRequestsByHand(t *testing.T) {
	now := time.Date(2026, 3, 2, 10, 0, 0, 0, time.UTC)
	s := front.New(front.Options{Token: "t", Now: func() time.Time { return now }})
	for range 20 {
		s.Create(desk.Seed{Channel: "whatsapp", Tags: []string{"sev_high"}})
		now = now.Add(time.Second)
	}
	for _, err := range []error{s.Reply(1), s.SetStatus(2, sla.StatusPending), s.SetStatus(3, sla.StatusSolved), s.Delete(4), s.Merge(5, 1)} {
		if err != nil {
			t.Fatal(err)
		}
	}
	ask := func(token, path string) *httptest.ResponseRecorder {
		r := httptest.NewRequest("GET", path, nil)
		r.Header.Set("Authorization", "Bearer "+token)
		w := httptest.NewRecorder()
		s.ServeHTTP(w, r)
		return w
	}
	q := func(text string) string { return url.QueryEscape(text) }
	for name, c := range map[string]struct {
		token, path string
		status      int
		want        string
	}{
		"conversations by status":        {"t", "/conversations?q=" + q(`{"statuses":["assigned"]}`), 200, `"status":"assigned"`},
		"by category":                    {"t", "/conversations?q=" + q(`{"status_categories":["waiting"]}`), 200, `"id":"cnv_2"`},
		"by both":                        {"t", "/conversations?q=" + q(`{"statuses":["assigned"],"status_categories":["waiting"]}`), 400, "exclude each other"},
		"by something that is none":      {"t", "/conversations?q=" + q(`{"state":"open"}`), 400, "unknown parameter"},
		"too many at once":               {"t", "/conversations?limit=101", 400, "limit must be at most 100"},
		"a token that is none":           {"t", "/conversations?page_token=x", 400, "page_token is not valid"},
		"one":                            {"t", "/conversations/cnv_1", 200, `"created_at":1772445600,`},
		"a deleted one":                  {"t", "/conversations/cnv_4", 200, `"status":"deleted"`},
		"a merged one":                   {"t", "/conversations/cnv_5", 404, "Unknown conversation"},
		"messages, the newest first":     {"t", "/conversations/cnv_1/messages?limit=1", 200, `"is_inbound":false`},
		"events, fifteen at once":        {"t", "/events", 200, "page_token="},
		"events, more at once":           {"t", "/events?limit=16", 400, "limit must be at most 15"},
		"events of a kind, after a time": {"t", "/events?q=" + q(`{"after":1772445619.5,"types":["out_reply"]}`), 200, `"is_inbound":false`},
		"events have their conversation": {"t", "/events?q=" + q(`{"types":["archive"]}`), 200, `"status":"archived","status_category":"resolved"`},
		"merging happens to who stays":   {"t", "/events?q=" + q(`{"types":["conversations_merged"]}`), 200, `"target":{"_meta":{"type":"deleted_conversation_ids"},"data":["cnv_5"]}`},
		"without a token":                {"x", "/events", 401, "Unauthenticated"},
		"something else":                 {"t", "/teammates", 404, ""},
	} {
		t.Run(name, func(t *testing.T) {
			if w := ask(c.token, c.path); w.Code != c.status || !strings.Contains(w.Body.String(), c.want) {
				t.Errorf("%d %s, want %d %s", w.Code, w.Body, c.status, c.want)
			}
		})
	}
	t.Run("pages have all conversations once", func(t *testing.T) {
		seen, path := map[string]bool{}, "/conversations?limit=7&sort_order=asc"
		for range 5 {
			var page struct {
				Pagination struct {
					Next *string `json:"next"`
				} `json:"_pagination"`
				Results []struct {
					ID string `json:"id"`
				} `json:"_results"`
			}
			if err := json.Unmarshal(ask("t", path).Body.Bytes(), &page); err != nil {
				t.Fatal(err)
			}
			for _, r := range page.Results {
				if seen[r.ID] {
					t.Errorf("%s is there twice", r.ID)
				}
				seen[r.ID] = true
			}
			if page.Pagination.Next == nil {
				break
			}
			next, err := url.Parse(*page.Pagination.Next)
			if err != nil || next.Host != "acme.api.frontapp.com" {
				t.Fatal(next, err)
			}
			path = next.Path + "?" + next.RawQuery
		}
		if len(seen) != 18 {
			t.Errorf("%d conversations, want 18", len(seen))
		}
	})
}

func TestCallsAreLimitedByMinute(t *testing.T) {
	now := time.Date(2026, 3, 2, 10, 0, 0, 0, time.UTC)
	s := front.New(front.Options{Token: "t", Now: func() time.Time { return now }, PerMinute: 1})
	for _, want := range []int{200, 429} {
		r := httptest.NewRequest("GET", "/events", nil)
		r.Header.Set("Authorization", "Bearer t")
		w := httptest.NewRecorder()
		s.ServeHTTP(w, r)
		if w.Code != want || w.Header().Get("X-Ratelimit-Limit") != "1" {
			t.Errorf("%d %v, want %d", w.Code, w.Header(), want)
		}
	}
}
