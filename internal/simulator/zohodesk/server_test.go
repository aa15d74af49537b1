package zohodesk_test

import (
	"net/http/httptest"
	"strings"
	"testing"
	"time"

	"whatsapp_sla_exporter/internal/simulator/desk"
	"whatsapp_sla_exporter/internal/simulator/zohodesk"
	"whatsapp_sla_exporter/internal/sla"
)

// TestRequestsByHand asks as Zoho's documentation does, not as the exporter's client.
func TestRequestsByHand(t *testing.T) {
	now := time.Date(2026, 3, 2, 10, 0, 0, 0, time.UTC)
	s := zohodesk.New(zohodesk.Options{Token: "t", Org: "4711", Now: func() time.Time { return now }, PageLimit: 50})
	for range 12 {
		s.Create(desk.Seed{Priority: "high", Channel: "whatsapp"})
	}
	if err := s.SetStatus(12, sla.StatusPending); err != nil {
		t.Fatal(err)
	}
	if err := s.Note(1); err != nil {
		t.Fatal(err)
	}
	if err := s.Reply(2); err != nil {
		t.Fatal(err)
	}
	const list = "/api/v1/tickets"
	for name, c := range map[string]struct {
		authorization, org, path string
		status                   int
		want                     string
	}{
		"ten of twelve":                     {"Zoho-oauthtoken t", "4711", list, 200, `"ticketNumber":"10"`},
		"the rest":                          {"Bearer t", "4711", list + "?from=10&limit=50", 200, `"ticketNumber":"11"`},
		"an empty page":                     {"Bearer t", "4711", list + "?from=12", 204, ""},
		"by status":                         {"Bearer t", "4711", list + "?status=On+Hold,Escalated", 200, `"statusType":"On Hold"`},
		"by change, the last first":         {"Bearer t", "4711", list + "?sortBy=-modifiedTime&limit=1", 200, `"id":"19000000001"`},
		"in a direction of its own":         {"Bearer t", "4711", list + "?sortBy=modifiedTime&sortOrder=desc", 422, "Extra query parameter 'sortOrder' is present in the input."},
		"too many at once":                  {"Bearer t", "4711", list + "?limit=51", 422, "exceeds the range of 1-50"},
		"in an order that is none":          {"Bearer t", "4711", list + "?sortBy=luck", 422, "'sortBy' is invalid"},
		"without an organization":           {"Bearer t", "", list, 403, "FORBIDDEN"},
		"with another token":                {"Bearer x", "4711", list, 401, "INVALID_OAUTH"},
		"with a token of another kind":      {"Basic t", "4711", list, 401, "INVALID_OAUTH"},
		"one":                               {"Bearer t", "4711", list + "/19000000003", 200, `"channel":"Whatsapp"`},
		"which way its last message went":   {"Bearer t", "4711", list + "/19000000002", 200, `"lastThread":{"channel":"WHATSAPP","direction":"out","isDraft":false,"isForward":false}`},
		"it has but its first message":      {"Bearer t", "4711", list + "/19000000003", 200, `"lastThread":null`},
		"one that is not there":             {"Bearer t", "4711", list + "/19000000099", 404, "URL_NOT_FOUND"},
		"its messages, notes left out":      {"Bearer t", "4711", list + "/19000000001/threads", 200, `"direction":"in"`},
		"the statuses":                      {"Bearer t", "4711", "/api/v1/organizationFields?module=tickets", 200, `{"statusType":"Open","value":"Escalated"}`},
		"the fields of nothing":             {"Bearer t", "4711", "/api/v1/organizationFields", 422, "Extra query parameter"},
		"messages of one that is not there": {"Bearer t", "4711", list + "/1/threads", 404, "URL_NOT_FOUND"},
	} {
		t.Run(name, func(t *testing.T) {
			r := httptest.NewRequest("GET", c.path, nil)
			r.Header.Set("Authorization", c.authorization)
			r.Header.Set("orgId", c.org)
			w := httptest.NewRecorder()
			s.ServeHTTP(w, r)
			if w.Code != c.status || !strings.Contains(w.Body.String(), c.want) {
				t.Errorf("%d %s, want %d %s", w.Code, w.Body, c.status, c.want)
			}
			if strings.Contains(c.path, "threads") && strings.Count(w.Body.String(), "direction") > 1 {
				t.Errorf("a note is a message: %s", w.Body)
			}
		})
	}
}
