package intercom_test

import (
	"encoding/json"
	"net/http/httptest"
	"strings"
	"testing"
	"time"

	"whatsapp_sla_exporter/internal/simulator/desk"
	"whatsapp_sla_exporter/internal/simulator/intercom"
	"whatsapp_sla_exporter/internal/sla"
)

// workspace is a workspace as Intercom's documentation has people ask it, not as the exporter's client does.
type workspace struct{ *intercom.Server }

// newWorkspace has a conversation that was answered, one that is snoozed, one that is closed, and one that the index does
// not know yet.
func newWorkspace(t *testing.T) workspace {
	t.Helper()
	now := time.Date(2026, 3, 2, 10, 0, 0, 0, time.UTC)
	s := intercom.New(intercom.Options{Token: "t", Now: func() time.Time { return now }, IndexDelay: time.Second})
	for range 3 {
		s.Create(desk.Seed{Priority: "high", Channel: "whatsapp", Group: "21"})
		now = now.Add(time.Minute)
	}
	for _, err := range []error{s.Reply(1), s.SetStatus(2, sla.StatusPending), s.SetStatus(3, sla.StatusSolved)} {
		if err != nil {
			t.Fatal(err)
		}
	}
	now = now.Add(2 * time.Second)
	s.Create(desk.Seed{})
	return workspace{s}
}

func (s workspace) ask(token, version, request, body string) *httptest.ResponseRecorder {
	method, path, _ := strings.Cut(request, " ")
	r := httptest.NewRequest(method, path, strings.NewReader(body))
	r.Header.Set("Authorization", "Bearer "+token)
	r.Header.Set("Intercom-Version", version)
	w := httptest.NewRecorder()
	s.ServeHTTP(w, r)
	return w
}

// asked is a request and what its answer has.
type asked struct {
	token, version, request, body string
	status                        int
	want                          string
}

func (s workspace) answers(t *testing.T, requests map[string]asked) {
	for name, c := range requests {
		t.Run(name, func(t *testing.T) {
			if w := s.ask(c.token, c.version, c.request, c.body); w.Code != c.status || !strings.Contains(w.Body.String(), c.want) {
				t.Errorf("%d %s, want %d %s", w.Code, w.Body, c.status, c.want)
			}
		})
	}
}

const search = "POST /conversations/search"

func TestSearches(t *testing.T) {
	newWorkspace(t).answers(t, map[string]asked{
		"those that are not closed":      {"t", "2.16", search, `{"query":{"field":"state","operator":"!=","value":"closed"}}`, 200, `"total_count":2`},
		"of several states":              {"t", "", search, `{"query":{"field":"state","operator":"IN","value":["closed","snoozed"]}}`, 200, `"total_count":2`},
		"since a time, and that one too": {"t", "", search, `{"query":{"field":"created_at","operator":">","value":1772445660}}`, 200, `"total_count":2`},
		"by two conditions":              {"t", "", search, `{"query":{"operator":"AND","value":[{"field":"state","operator":"=","value":"open"},{"field":"source.type","operator":"=","value":"whatsapp"}]}}`, 200, `"total_count":1`},
		"by one or another":              {"t", "", search, `{"query":{"operator":"OR","value":[{"field":"state","operator":"=","value":"open"},{"field":"state","operator":"=","value":"closed"}]}}`, 200, `"total_count":2`},
	})
}

func TestSearchesThatAreRefused(t *testing.T) {
	newWorkspace(t).answers(t, map[string]asked{
		"by a field that is none":          {"t", "", search, `{"query":{"field":"subject","operator":"=","value":"x"}}`, 400, "not a searchable field"},
		"by an operator that does not fit": {"t", "", search, `{"query":{"field":"updated_at","operator":"IN","value":[1]}}`, 400, "does not fit a time"},
		"by a time as text":                {"t", "", search, `{"query":{"field":"updated_at","operator":">","value":"2026-03-02"}}`, 400, "Unix seconds"},
		"by conditions that are too deep":  {"t", "", search, `{"query":{"operator":"AND","value":[{"operator":"AND","value":[{"operator":"AND","value":[{"field":"state","operator":"=","value":"open"}]}]}]}}`, 400, "too deeply"},
		"by no conditions":                 {"t", "", search, `{"query":{"operator":"AND","value":[]}}`, 400, "1 to 15 conditions"},
		"too many at once":                 {"t", "", search, `{"query":{"field":"state","operator":"=","value":"open"},"pagination":{"per_page":151}}`, 400, "between 1 and 150"},
		"from a cursor that is none":       {"t", "", search, `{"query":{"field":"state","operator":"=","value":"open"},"pagination":{"starting_after":"x"}}`, 400, "not a valid cursor"},
		"with a key that is none":          {"t", "", search, `{"query":{"field":"state","operator":"=","value":"open"},"limit":1}`, 400, "not valid"},
	})
}

func TestOtherRequests(t *testing.T) {
	newWorkspace(t).answers(t, map[string]asked{
		"one":                       {"t", "2.16", "GET /conversations/1", "", 200, `"first_admin_reply_at":1772445780`},
		"one that is not there":     {"t", "2.16", "GET /conversations/99", "", 404, "not_found"},
		"who asks":                  {"t", "2.16", "GET /me", "", 200, `"id_code":"abc123"`},
		"in a version that is none": {"t", "1.0", "GET /me", "", 400, "intercom_version_invalid"},
		"with another token":        {"x", "2.16", "GET /me", "", 401, "unauthorized"},
	})
}

func TestPagesGoOnByACursorWhichTheLastHasNot(t *testing.T) {
	s := newWorkspace(t)
	seen := 0
	after := ""
	for range 3 {
		var page struct {
			Conversations []struct{ ID string }
			Pages         struct {
				Next *struct {
					StartingAfter string `json:"starting_after"`
				}
			}
		}
		body := `{"query":{"field":"created_at","operator":">","value":0},"pagination":{"per_page":2,"starting_after":"` + after + `"}}`
		if err := json.Unmarshal(s.ask("t", "2.16", search, body).Body.Bytes(), &page); err != nil {
			t.Fatal(err)
		}
		seen += len(page.Conversations)
		if page.Pages.Next == nil {
			break
		}
		after = page.Pages.Next.StartingAfter
	}
	if seen != 3 {
		t.Errorf("%d conversations, want 3", seen)
	}
}
