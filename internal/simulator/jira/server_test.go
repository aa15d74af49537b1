package jira_test

import (
	"encoding/json"
	"net/http/httptest"
	"strings"
	"testing"
	"time"

	"whatsapp_sla_exporter/internal/simulator/desk"
	"whatsapp_sla_exporter/internal/simulator/jira"
	"whatsapp_sla_exporter/internal/sla"
)

// site is a site as Atlassian's documentation has people ask it, not as the exporter's client does.
type site struct{ *jira.Server }

// newSite has an issue that was answered, one that is pending, one that is solved, and one that the index does not know yet.
func newSite(t *testing.T) site {
	t.Helper()
	now := time.Date(2026, 3, 2, 10, 0, 0, 0, time.UTC)
	s := jira.New(jira.Options{
		Email: "e", Token: "t", Now: func() time.Time { return now }, IndexDelay: time.Second, CommentsInRow: 1,
		Targets: map[string]desk.Targets{"high": {FirstResponse: time.Hour, Resolution: 8 * time.Hour}}, Fields: map[string]string{"provider": "customfield_10050"},
	})
	for range 3 {
		s.Create(desk.Seed{Priority: "high", Fields: map[string]string{"provider": "meta"}})
		now = now.Add(time.Minute)
	}
	for _, err := range []error{s.Reply(1), s.Note(1), s.SetStatus(2, sla.StatusPending), s.SetStatus(3, sla.StatusSolved)} {
		if err != nil {
			t.Fatal(err)
		}
	}
	now = now.Add(2 * time.Second)
	s.Create(desk.Seed{Priority: "high"})
	return site{s}
}

func (s site) ask(token, request, body string) *httptest.ResponseRecorder {
	method, path, _ := strings.Cut(request, " ")
	r := httptest.NewRequest(method, path, strings.NewReader(body))
	r.SetBasicAuth("e", token)
	w := httptest.NewRecorder()
	s.ServeHTTP(w, r)
	return w
}

// asked is a request and what its answer has and has not.
type asked struct {
	token, request, body string
	status               int
	want, not            string
}

func (s site) answers(t *testing.T, requests map[string]asked) {
	for name, c := range requests {
		t.Run(name, func(t *testing.T) {
			w := s.ask(c.token, c.request, c.body)
			if w.Code != c.status || !strings.Contains(w.Body.String(), c.want) || c.not != "" && strings.Contains(w.Body.String(), c.not) {
				t.Errorf("%d %s, want %d %s", w.Code, w.Body, c.status, c.want)
			}
		})
	}
}

const search, fetch = "POST /rest/api/3/search/jql", "POST /rest/api/3/issue/bulkfetch"

func TestSearches(t *testing.T) {
	newSite(t).answers(t, map[string]asked{
		"those that are not done":       {"t", search, `{"jql":"project = SUP AND statusCategory != Done","fields":["status"]}`, 200, `"key":"SUP-1"`, "SUP-3"},
		"the index is late":             {"t", search, `{"jql":"project = SUP","fields":["status"]}`, 200, `"isLast":true`, "SUP-4"},
		"what changed lately":           {"t", search, `{"jql":"(project in (\"SUP\")) AND updated >= \"-1m\" ORDER BY updated ASC","fields":["status"]}`, 200, `"key":"SUP-1"`, ""},
		"fields that are not asked for": {"t", search, `{"jql":"project = SUP","fields":["status","nonsense"]}`, 200, `"status"`, "summary"},
		"a clock that runs":             {"t", search, `{"jql":"key in (SUP-1)","fields":["customfield_10031"]}`, 200, `"breachTime"`, ""},
		"a clock that is paused":        {"t", search, `{"jql":"key in (SUP-2)","fields":["customfield_10031"]}`, 200, `"paused":true`, "breachTime"},
		"a clock that no goal covers":   {"t", search, `{"jql":"key in (SUP-2)","fields":["customfield_10033"]}`, 200, `"customfield_10033":null`, ""},
		"a choice":                      {"t", search, `{"jql":"key in (SUP-2)","fields":["customfield_10050"]}`, 200, `"value":"meta"`, ""},
		"the first comments":            {"t", search, `{"jql":"key in (SUP-1)","fields":["comment"]}`, 200, `"total":2`, `"jsdPublic":false`},
	})
}

func TestSearchesThatAreRefused(t *testing.T) {
	newSite(t).answers(t, map[string]asked{
		"without a condition":             {"t", search, `{"jql":"ORDER BY updated ASC","fields":["status"]}`, 400, "Unbounded JQL", ""},
		"with a condition that is none":   {"t", search, `{"jql":"projet = SUP","fields":["status"]}`, 400, "is not understood", ""},
		"of a project that is not there":  {"t", search, `{"jql":"project = OPS","fields":["status"]}`, 400, "does not exist for the field 'project'", ""},
		"with an issue that is not there": {"t", search, `{"jql":"key in (SUP-1, SUP-99)","fields":["status"]}`, 400, "An issue with key 'SUP-99' does not exist", ""},
		"with a page token that is none":  {"t", search, `{"jql":"project = SUP","nextPageToken":"x"}`, 400, "next page token is invalid", ""},
		"in the old way":                  {"t", search, `{"jql":"project = SUP","startAt":0}`, 400, "Invalid request payload", ""},
		"with another token":              {"x", search, `{"jql":"project = SUP"}`, 401, "must be authenticated", ""},
	})
}

func TestOtherRequests(t *testing.T) {
	newSite(t).answers(t, map[string]asked{
		"a count":                                {"t", "POST /rest/api/3/search/approximate-count", `{"jql":"project = SUP"}`, 200, `{"count":3}`, ""},
		"by key, those that are there":           {"t", fetch, `{"issueIdsOrKeys":["SUP-4","SUP-99"],"fields":["status"]}`, 200, `"key":"SUP-4"`, "SUP-99"},
		"none by key":                            {"t", fetch, `{"issueIdsOrKeys":[]}`, 400, "1 to 100", ""},
		"all comments, internal ones too":        {"t", "GET /rest/api/3/issue/SUP-1/comment", ``, 200, `"jsdPublic":false`, ""},
		"comments of an issue that is not there": {"t", "GET /rest/api/3/issue/SUP-99/comment", ``, 404, "Issue does not exist", ""},
		"the fields":                             {"t", "GET /rest/api/3/field", ``, 200, `"custom":"com.atlassian.servicedesk:sd-sla-field"`, ""},
		"the service projects":                   {"t", "GET /rest/servicedeskapi/servicedesk?start=0&limit=50", ``, 200, `"projectKey":"SUP"`, ""},
	})
}

func TestPagesGoOnByATokenWhichTheLastHasNot(t *testing.T) {
	s := newSite(t)
	var page struct {
		Issues []struct{ Key string }
		Next   string `json:"nextPageToken"`
		Last   bool   `json:"isLast"`
	}
	decode := func(body string) {
		page.Next = ""
		if err := json.Unmarshal(s.ask("t", search, body).Body.Bytes(), &page); err != nil {
			t.Fatal(err)
		}
	}
	decode(`{"jql":"project = SUP","fields":["status"],"maxResults":2}`)
	if len(page.Issues) != 2 || page.Last || page.Next == "" {
		t.Fatalf("%+v", page)
	}
	decode(`{"jql":"project = SUP","fields":["status"],"maxResults":2,"nextPageToken":"` + page.Next + `"}`)
	if len(page.Issues) != 1 || !page.Last || page.Next != "" {
		t.Errorf("%+v", page)
	}
}
