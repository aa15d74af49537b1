package servicenow_test

import (
	"encoding/base64"
	"encoding/json"
	"net/http/httptest"
	"net/url"
	"strings"
	"testing"
	"time"

	"whatsapp_sla_exporter/internal/simulator/desk"
	"whatsapp_sla_exporter/internal/simulator/servicenow"
	"whatsapp_sla_exporter/internal/sla"
)

// TestRequestsByHand asks as ServiceNow's documentation does, not as the exporter's client.
func TestRequestsByHand(t *testing.T) {
	now := time.Date(2026, 3, 2, 10, 0, 0, 0, time.UTC)
	s := servicenow.New(servicenow.Options{User: "ops", Password: "p", Now: func() time.Time { return now }, Targets: map[string]desk.Targets{"high": {FirstResponse: time.Hour, Resolution: 8 * time.Hour}}})
	for _, priority := range []string{"high", "urgent", "low"} {
		s.Create(desk.Seed{Priority: priority, Group: "21"})
	}
	if err := s.SetStatus(3, sla.StatusClosed); err != nil {
		t.Fatal(err)
	}
	for name, c := range map[string]struct {
		table, query string
		status       int
		want, not    string
	}{
		"incidents that are active":                    {"incident", "sysparm_query=active=true&sysparm_fields=number", 200, `[{"number":"INC0000001"},{"number":"INC0000002"}]`, ""},
		"everything is text":                           {"incident", "sysparm_query=number=INC0000001&sysparm_fields=active,priority,resolved_at", 200, `{"active":"true","priority":"2","resolved_at":""}`, ""},
		"a reference is an object":                     {"incident", "sysparm_query=number=INC0000001&sysparm_fields=assignment_group", 200, `"value":"21"`, ""},
		"or an id":                                     {"incident", "sysparm_query=number=INC0000001&sysparm_fields=assignment_group&sysparm_exclude_reference_link=true", 200, `{"assignment_group":"21"}`, "link"},
		"a condition it does not know filters nothing": {"incident", "sysparm_query=activ=true&sysparm_fields=number", 200, "INC0000003", ""},
		"several, in an order":                         {"incident", "sysparm_query=numberININC0000001,INC0000003^ORDERBYDESCnumber&sysparm_fields=number", 200, `[{"number":"INC0000003"},{"number":"INC0000001"}]`, ""},
		"those without":                                {"incident", "sysparm_query=stateNOT IN6,7,8^number>INC0000001&sysparm_fields=number", 200, `[{"number":"INC0000002"}]`, ""},
		"a page":                                       {"incident", "sysparm_limit=1&sysparm_offset=1&sysparm_fields=number", 200, `[{"number":"INC0000002"}]`, ""},
		"SLAs of an incident":                          {"task_sla", "sysparm_query=task=" + servicenow.SysID(1) + "^sla.target=Response&sysparm_fields=task.number,stage,planned_end_time", 200, `{"planned_end_time":"2026-03-02 11:00:00","stage":"in_progress","task.number":"INC0000001"}`, ""},
		"a table that is none":                         {"incidents", "", 400, "Invalid table incidents", ""},
		"a limit that is none":                         {"incident", "sysparm_limit=many", 400, "Invalid sysparm_limit", ""},
	} {
		t.Run(name, func(t *testing.T) {
			values, err := url.ParseQuery(strings.ReplaceAll(c.query, ";", "%3B"))
			if err != nil {
				t.Fatal(err)
			}
			r := httptest.NewRequest("GET", "/api/now/table/"+c.table+"?"+values.Encode(), nil)
			r.SetBasicAuth("ops", "p")
			w := httptest.NewRecorder()
			s.ServeHTTP(w, r)
			if w.Code != c.status || !strings.Contains(w.Body.String(), c.want) || c.not != "" && strings.Contains(w.Body.String(), c.not) {
				t.Errorf("%d %s, want %d %s", w.Code, w.Body, c.status, c.want)
			}
		})
	}
}

// TestBatches asks several things at once, as the documentation of the Batch API does.
func TestBatches(t *testing.T) {
	now := time.Date(2026, 3, 2, 10, 0, 0, 0, time.UTC)
	s := servicenow.New(servicenow.Options{User: "ops", Password: "p", Now: func() time.Time { return now }, RefuseJournal: true})
	s.Create(desk.Seed{Priority: "high"})
	ask := func(user, body string) *httptest.ResponseRecorder {
		r := httptest.NewRequest("POST", "/api/now/v1/batch", strings.NewReader(body))
		r.SetBasicAuth(user, "p")
		w := httptest.NewRecorder()
		s.ServeHTTP(w, r)
		return w
	}
	w := ask("ops", `{"batch_request_id": "7", "rest_requests": [
		{"id": "a", "method": "GET", "url": "/api/now/table/incident?sysparm_fields=number", "headers": [{"name": "Accept", "value": "application/json"}]},
		{"id": "b", "method": "GET", "url": "/api/now/table/sys_journal_field", "exclude_response_headers": true},
		{"id": "c", "method": "GET", "url": "/api/now/elsewhere"}]}`)
	type served struct {
		ID      string `json:"id"`
		Status  int    `json:"status_code"`
		Body    string `json:"body"`
		Headers []any  `json:"headers"`
	}
	var got struct {
		ID     string   `json:"batch_request_id"`
		Served []served `json:"serviced_requests"`
	}
	if err := json.Unmarshal(w.Body.Bytes(), &got); err != nil || w.Code != 200 || got.ID != "7" || len(got.Served) != 3 {
		t.Fatalf("%d %s: %v", w.Code, w.Body, err)
	}
	for i, want := range []struct {
		status  int
		body    string
		headers int
	}{{200, `{"result":[{"number":"INC0000001"}]}`, 1}, {403, `{"error":{"detail":"Failed API level ACL Validation","message":"User Not Authorized"},"status":"failure"}`, 0}, {400, "Requested URI", 1}} {
		body, err := base64.StdEncoding.DecodeString(got.Served[i].Body)
		if err != nil || got.Served[i].Status != want.status || !strings.Contains(string(body), want.body) || len(got.Served[i].Headers) != want.headers {
			t.Errorf("request %d: %+v, %s, %v", i, got.Served[i], body, err)
		}
	}
	for name, body := range map[string]string{
		"no JSON":                   "x",
		"no id":                     `{"rest_requests": [{"id": "a", "method": "GET", "url": "/"}]}`,
		"no requests":               `{"batch_request_id": "1", "rest_requests": []}`,
		"two of the same id":        `{"batch_request_id": "1", "rest_requests": [{"id": "a", "method": "GET", "url": "/"}, {"id": "a", "method": "GET", "url": "/"}]}`,
		"something else than a GET": `{"batch_request_id": "1", "rest_requests": [{"id": "a", "method": "DELETE", "url": "/"}]}`,
		"an unknown key":            `{"batch_request_id": "1", "requests": []}`,
	} {
		if w := ask("ops", body); w.Code != 400 || !strings.Contains(w.Body.String(), "Invalid batch request") {
			t.Errorf("%s: %d %s", name, w.Code, w.Body)
		}
	}
	if w := ask("other", "{}"); w.Code != 401 {
		t.Errorf("somebody else: %d", w.Code)
	}
}

func TestPagingHeadersAndLimits(t *testing.T) {
	now := time.Date(2026, 3, 2, 10, 0, 0, 0, time.UTC)
	s := servicenow.New(servicenow.Options{User: "ops", Password: "p", Now: func() time.Time { return now }, PerHour: 2})
	s.Create(desk.Seed{})
	s.Create(desk.Seed{})
	ask := func(user, query string) *httptest.ResponseRecorder {
		r := httptest.NewRequest("GET", "/api/now/table/incident?"+query, nil)
		r.SetBasicAuth(user, "p")
		w := httptest.NewRecorder()
		s.ServeHTTP(w, r)
		return w
	}
	if w := ask("other", ""); w.Code != 401 || !strings.Contains(w.Body.String(), "User Not Authenticated") {
		t.Errorf("%d %s", w.Code, w.Body)
	}
	w := ask("ops", "sysparm_limit=1")
	if w.Header().Get("X-Total-Count") != "2" || !strings.Contains(w.Header().Get("Link"), `sysparm_offset=1>;rel="next"`) {
		t.Errorf("%v", w.Header())
	}
	w = ask("ops", "sysparm_limit=1&sysparm_no_count=true&sysparm_suppress_pagination_header=true")
	if w.Header().Get("X-Total-Count")+w.Header().Get("Link") != "" || w.Header().Get("X-RateLimit-Limit") != "2" {
		t.Errorf("%v", w.Header())
	}
	if w := ask("ops", ""); w.Code != 429 || w.Header().Get("Retry-After") != "3600" {
		t.Errorf("%d %v", w.Code, w.Header())
	}
}
