package hubspot_test

import (
	"net/http"
	"net/http/httptest"
	"strings"
	"testing"
	"time"

	"whatsapp_sla_exporter/internal/simulator/desk"
	"whatsapp_sla_exporter/internal/simulator/hubspot"
)

// TestRequestsByHand asks as HubSpot's documentation does, not as the exporter's client.
func TestRequestsByHand(t *testing.T) {
	now := time.Date(2026, 3, 2, 10, 0, 0, 0, time.UTC)
	s := hubspot.New(hubspot.Options{Token: "t", Now: func() time.Time { return now }, PerSecond: 100})
	for _, priority := range []string{"high", "urgent", "low"} {
		s.Create(desk.Seed{Priority: priority})
	}
	const search, read = "POST /crm/v3/objects/tickets/search", "POST /crm/v3/objects/tickets/batch/read"
	for name, c := range map[string]struct {
		token, request, body string
		status               int
		want                 string
	}{
		"everything, in pages of ten":      {"t", search, `{}`, 200, `"total":3`},
		"two of three, and where to go on": {"t", search, `{"limit":2}`, 200, `"paging":{"next":{"after":"2"}}`},
		"the rest":                         {"t", search, `{"limit":2,"after":"2"}`, 200, `"id":"3"`},
		"a property that was asked for":    {"t", search, `{"limit":1,"properties":["hs_ticket_priority","nonsense"]}`, 200, `"hs_ticket_priority":"HIGH"`},
		"by a filter":                      {"t", search, `{"filterGroups":[{"filters":[{"propertyName":"hs_ticket_priority","operator":"EQ","value":"LOW"}]}]}`, 200, `"total":1`},
		"by one group or another":          {"t", search, `{"filterGroups":[{"filters":[{"propertyName":"hs_ticket_priority","operator":"EQ","value":"LOW"}]},{"filters":[{"propertyName":"hs_object_id","operator":"LT","value":"2"}]}]}`, 200, `"total":2`},
		"by what is not set":               {"t", search, `{"filterGroups":[{"filters":[{"propertyName":"closed_date","operator":"HAS_PROPERTY"}]}]}`, 200, `"total":0`},
		"by time, in milliseconds":         {"t", search, `{"filterGroups":[{"filters":[{"propertyName":"createdate","operator":"GTE","value":"1772445600000"}]}]}`, 200, `"total":3`},
		"by time, in another form":         {"t", search, `{"filterGroups":[{"filters":[{"propertyName":"createdate","operator":"GTE","value":"2026-03-02"}]}]}`, 400, "VALIDATION_ERROR"},
		"by an operator that is none":      {"t", search, `{"filterGroups":[{"filters":[{"propertyName":"createdate","operator":">="}]}]}`, 400, "unknown operator"},
		"too many at once":                 {"t", search, `{"limit":201}`, 400, "limit must be between 1 and 200"},
		"beyond the ten thousandth":        {"t", search, `{"limit":200,"after":"9900"}`, 400, "more than 10000 results is not supported"},
		"a key that is none":               {"t", search, `{"pageSize":1}`, 400, "Invalid input JSON"},
		"two orders":                       {"t", search, `{"sorts":["createdate","hs_object_id"]}`, 400, "only one sort"},
		"without a token":                  {"", search, `{}`, 401, "INVALID_AUTHENTICATION"},
		"some, one of which is not there":  {"t", read, `{"inputs":[{"id":"1"},{"id":"9"}]}`, 207, "OBJECT_NOT_FOUND"},
		"more than a batch":                {"t", read, `{"inputs":[` + strings.TrimSuffix(strings.Repeat(`{"id":"1"},`, 101), ",") + `]}`, 400, "1 to 100"},
		"the list":                         {"t", "GET /crm/v3/objects/tickets?limit=2", ``, 200, `"paging":{"next":{"after":"3"}}`},
		"the list, too many at once":       {"t", "GET /crm/v3/objects/tickets?limit=101", ``, 400, "limit must be"},
		"the stages":                       {"t", "GET /crm/v3/pipelines/tickets", ``, 200, `"ticketState":"CLOSED"`},
		"something else":                   {"t", "GET /crm/v3/objects/deals", ``, 404, ""},
	} {
		t.Run(name, func(t *testing.T) {
			method, path, _ := strings.Cut(c.request, " ")
			r := httptest.NewRequest(method, path, strings.NewReader(c.body))
			if c.token != "" {
				r.Header.Set("Authorization", "Bearer "+c.token)
			}
			w := httptest.NewRecorder()
			s.ServeHTTP(w, r)
			if w.Code != c.status || !strings.Contains(w.Body.String(), c.want) {
				t.Errorf("%d %s, want %d %s", w.Code, w.Body, c.status, c.want)
			}
		})
	}
}

func TestSearchesAreLimitedBySecond(t *testing.T) {
	now := time.Date(2026, 3, 2, 10, 0, 0, 0, time.UTC)
	s := hubspot.New(hubspot.Options{Token: "t", Now: func() time.Time { return now }, PerSecond: 4})
	ask := func() int {
		r := httptest.NewRequest("POST", "/crm/v3/objects/tickets/search", strings.NewReader("{}"))
		r.Header.Set("Authorization", "Bearer t")
		w := httptest.NewRecorder()
		s.ServeHTTP(w, r)
		return w.Code
	}
	for range 4 {
		if code := ask(); code != http.StatusOK {
			t.Fatal(code)
		}
	}
	if code := ask(); code != http.StatusTooManyRequests {
		t.Errorf("the fifth in a second: %d", code)
	}
	now = now.Add(time.Second)
	if code := ask(); code != http.StatusOK {
		t.Errorf("a second later: %d", code)
	}
}
