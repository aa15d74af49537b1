package zammad

import (
	"encoding/json"
	"io"
	"net/http"
	"net/http/httptest"
	"strings"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"

	"whatsapp_sla_exporter/internal/simulator/fault"
)

var noon = time.Date(2026, 3, 2, 12, 0, 0, 0, time.UTC)

// ask does a request as somebody would who read Zammad's documentation.
func ask(t *testing.T, s *Server, method, path, body string, v any) (status int) {
	t.Helper()
	r := httptest.NewRequest(method, path, strings.NewReader(body))
	r.Header.Set("Authorization", "Token token=abc")
	w := httptest.NewRecorder()
	s.ServeHTTP(w, r)
	text, err := io.ReadAll(w.Body)
	if err != nil {
		t.Fatal(err)
	}
	if v != nil {
		if err := json.Unmarshal(text, v); err != nil {
			t.Fatalf("%s: %v", text, err)
		}
	}
	return w.Code
}

// filled has five tickets, opened a minute after the other, of which the second is closed.
func filled(t *testing.T) *Server {
	t.Helper()
	now := noon
	s := New(Options{Tokens: []string{"abc"}, Now: func() time.Time { return now }})
	for range 5 {
		s.Create(Seed{})
		now = now.Add(time.Minute)
	}
	if err := s.SetState(2, StateClosed); err != nil {
		t.Fatal(err)
	}
	return s
}

func ids(rows []map[string]any) (out []int) {
	for _, r := range rows {
		out = append(out, int(r["id"].(float64)))
	}
	return out
}

func TestSearch(t *testing.T) {
	s := filled(t)
	for name, tc := range map[string]struct {
		method, path, body string
		want               []int
	}{
		"by state":             {"POST", "/api/v1/tickets/search", `{"condition":{"ticket.state_id":{"operator":"is","value":[1,2]}},"sort_by":"created_at,id","order_by":"asc,asc","expand":true}`, []int{1, 3, 4, 5}},
		"since, inclusive":     {"POST", "/api/v1/tickets/search", `{"condition":{"ticket.created_at":{"operator":"after (absolute)","value":"2026-03-02T12:03:00.000Z"}},"sort_by":"id","order_by":"asc","expand":true}`, []int{4, 5}},
		"until, inclusive":     {"POST", "/api/v1/tickets/search", `{"condition":{"ticket.created_at":{"operator":"before (absolute)","value":"2026-03-02T12:01:00Z"}},"sort_by":"id","order_by":"asc","expand":true}`, []int{1, 2}},
		"by id":                {"POST", "/api/v1/tickets/search", `{"condition":{"ticket.id":{"operator":"is","value":[3,99]}},"expand":true}`, []int{3}},
		"the last changed":     {"GET", "/api/v1/tickets/search?expand=true&per_page=2", "", []int{2, 5}},
		"a page":               {"GET", "/api/v1/tickets/search?expand=true&per_page=2&page=2&sort_by=id&order_by=asc", "", []int{3, 4}},
		"behind the last page": {"GET", "/api/v1/tickets/search?expand=true&page=9", "", nil},
		"a query without Elasticsearch is a word": {"GET", "/api/v1/tickets/search?expand=true&query=state.name:open", "", nil},
	} {
		t.Run(name, func(t *testing.T) {
			var rows []map[string]any
			if status := ask(t, s, tc.method, tc.path, tc.body, &rows); status != http.StatusOK {
				t.Fatal(status)
			}
			if x := cmp.Diff(tc.want, ids(rows)); x != "" {
				t.Error(x)
			}
		})
	}
}

func TestSearchWithoutExpandGivesIDsAndAssets(t *testing.T) {
	var answer struct {
		Tickets []int
		Assets  struct{ Ticket map[string]map[string]any }
	}
	ask(t, filled(t), "GET", "/api/v1/tickets/search?sort_by=id&order_by=asc&per_page=1", "", &answer)
	if x := cmp.Diff([]int{1}, answer.Tickets); x != "" || answer.Assets.Ticket["1"]["state"] != nil {
		t.Errorf("%s, assets %v", x, answer.Assets)
	}
}

func TestPagesHaveAtMostSoManyRows(t *testing.T) {
	s := New(Options{Tokens: []string{"abc"}, Now: func() time.Time { return noon }})
	for range 300 {
		s.Create(Seed{})
	}
	for path, want := range map[string]int{
		"/api/v1/tickets/search?expand=true":               50,
		"/api/v1/tickets/search?expand=true&per_page=1000": 200,
		"/api/v1/tickets?expand=true&per_page=1000":        100,
	} {
		var rows []map[string]any
		ask(t, s, "GET", path, "", &rows)
		if len(rows) != want {
			t.Errorf("%s: %d rows, want %d", path, len(rows), want)
		}
	}
}

func TestRefusals(t *testing.T) {
	s := filled(t)
	for name, tc := range map[string]struct {
		method, path, body string
		want               int
	}{
		"an operator nobody knows":  {"POST", "/api/v1/tickets/search", `{"condition":{"ticket.id":{"operator":"over","value":[3]}}}`, 422},
		"an attribute nobody knows": {"POST", "/api/v1/tickets/search", `{"condition":{"ticket.mood":{"operator":"is","value":[3]}}}`, 422},
		"a date that is none":       {"POST", "/api/v1/tickets/search", `{"condition":{"ticket.created_at":{"operator":"after (absolute)","value":"noon"}}}`, 422},
		"a condition that is none":  {"POST", "/api/v1/tickets/search", `{"condition":"x"}`, 422},
		"a body that is no JSON":    {"POST", "/api/v1/tickets/search", `{`, 400},
		"a column nobody knows":     {"GET", "/api/v1/tickets/search?sort_by=mood", "", 500},
		"an order nobody knows":     {"GET", "/api/v1/tickets/search?sort_by=id&order_by=up", "", 500},
		"page 0":                    {"GET", "/api/v1/tickets?page=0", "", 422},
		"a ticket that is not":      {"GET", "/api/v1/tickets/99", "", 404},
		"a path that is not":        {"GET", "/api/v1/mood", "", 404},
	} {
		t.Run(name, func(t *testing.T) {
			var answer map[string]string
			if got := ask(t, s, tc.method, tc.path, tc.body, &answer); got != tc.want || answer["error"] == "" {
				t.Errorf("%d %v, want %d", got, answer, tc.want)
			}
		})
	}
}

func TestAuthentication(t *testing.T) {
	s := filled(t)
	for header, want := range map[string]int{"": 403, "Token token=x": 401, "Bearer abc": 403, "Token token=abc": 200} {
		r := httptest.NewRequest("GET", "/api/v1/tickets", nil)
		r.Header.Set("Authorization", header)
		w := httptest.NewRecorder()
		s.ServeHTTP(w, r)
		if w.Code != want {
			t.Errorf("%q: %d, want %d", header, w.Code, want)
		}
	}
	s.Fail(fault.Fault{Kind: fault.ServerError})
	if got := ask(t, s, "GET", "/api/v1/tickets", "", nil); got != 500 {
		t.Errorf("a fault gives %d", got)
	}
}

// The escalations of a ticket that waits for its customer for an hour are an hour later afterwards.
func TestEscalationsStandStillWhilePending(t *testing.T) {
	now := noon
	s := New(Options{Tokens: []string{"abc"}, Now: func() time.Time { return now }, SLAs: map[string]SLA{
		"high": {ID: 1, FirstResponseTime: 90 * time.Minute, SolutionTime: 4 * time.Hour},
	}})
	s.Create(Seed{ID: 1, Attributes: map[string]any{"severity": "high"}})
	escalations := func() (out [2]any) {
		var row map[string]any
		ask(t, s, "GET", "/api/v1/tickets/1", "", &row)
		return [2]any{row["first_response_escalation_at"], row["close_escalation_at"]}
	}
	for _, step := range []struct {
		state string
		want  [2]any
	}{
		{StateOpen, [2]any{"2026-03-02T13:30:00.000Z", "2026-03-02T16:00:00.000Z"}},
		{StatePendingReminder, [2]any{nil, nil}},
		{StateOpen, [2]any{"2026-03-02T14:30:00.000Z", "2026-03-02T17:00:00.000Z"}},
		{StateClosed, [2]any{nil, nil}},
	} {
		if err := s.SetState(1, step.state); err != nil {
			t.Fatal(err)
		}
		if got := escalations(); got != step.want {
			t.Errorf("%s: %v, want %v", step.state, got, step.want)
		}
		now = now.Add(time.Hour)
	}
}

func TestChangesOfWhatIsNot(t *testing.T) {
	s := filled(t)
	for name, err := range map[string]error{
		"reply": s.AgentReply(99), "note": s.InternalNote(99), "delete": s.Delete(99), "state": s.SetState(1, "mood"), "merge": s.Merge(1, 99),
	} {
		if err == nil {
			t.Errorf("%s of a ticket or state that does not exist works", name)
		}
	}
}
