package chatwoot

import (
	"encoding/json"
	"net/http"
	"net/http/httptest"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"

	"whatsapp_sla_exporter/internal/simulator/fault"
)

var noon = time.Date(2026, 3, 2, 12, 0, 0, 0, time.UTC)

// account is a server with a clock.
type account struct {
	*Server
	now time.Time
}

// newAccount has five conversations, begun a minute after the other.
func newAccount(o Options) *account {
	a := &account{now: noon}
	o.Tokens, o.Now = []string{"abc"}, func() time.Time { return a.now }
	a.Server = New(o)
	for range 5 {
		a.Create(Seed{})
		a.now = a.now.Add(time.Minute)
	}
	return a
}

// ask does a request as somebody would who read Chatwoot's documentation.
func (a *account) ask(t *testing.T, path string, v any) *http.Response {
	t.Helper()
	r := httptest.NewRequest("GET", "/api/v1/accounts/1"+path, nil)
	r.Header.Set("api_access_token", "abc")
	w := httptest.NewRecorder()
	a.ServeHTTP(w, r)
	if v != nil {
		if err := json.Unmarshal(w.Body.Bytes(), v); err != nil {
			t.Fatalf("%s: %s: %v", path, w.Body, err)
		}
	}
	return w.Result()
}

func (a *account) list(t *testing.T, query string) (ids []int, count int) {
	t.Helper()
	var answer struct {
		Data struct {
			Meta    map[string]int
			Payload []struct{ ID int }
		}
	}
	a.ask(t, "/conversations?"+query, &answer)
	for _, c := range answer.Data.Payload {
		ids = append(ids, c.ID)
	}
	return ids, answer.Data.Meta["all_count"]
}

func must(t *testing.T, err error) {
	t.Helper()
	if err != nil {
		t.Fatal(err)
	}
}

func TestList(t *testing.T) {
	for name, tc := range map[string]struct {
		old   bool
		query string
		ids   []int
		count int
	}{
		"open ones, the last active first":      {false, "", []int{1, 5, 4, 3}, 4},
		"all":                                   {false, "status=all", []int{2, 1, 5, 4, 3}, 5},
		"of a status":                           {false, "status=resolved", []int{2}, 1},
		"sorted":                                {false, "status=all&sort_by=created_at_asc", []int{1, 2, 3, 4, 5}, 5},
		"sorted, of an older server":            {true, "status=all&sort_by=created_at_asc", []int{2, 1, 5, 4, 3}, 5},
		"a page":                                {false, "status=all&page=2", nil, 5},
		"changed lately, and counted all":       {false, "status=all&updated_within=90", []int{2}, 5},
		"changed lately, of an older server":    {true, "status=all&updated_within=90", []int{2, 1, 5, 4, 3}, 5},
		"changed within what is no number":      {false, "status=all&updated_within=x", nil, 5},
		"a size of the page is not listened to": {false, "status=all&per_page=2", []int{2, 1, 5, 4, 3}, 5},
	} {
		t.Run(name, func(t *testing.T) {
			a := newAccount(Options{Old: tc.old})
			must(t, a.AgentReply(1))
			a.now = a.now.Add(time.Minute)
			must(t, a.SetStatus(2, StatusResolved))
			a.now = a.now.Add(30 * time.Second)
			ids, count := a.list(t, tc.query)
			if x := cmp.Diff(tc.ids, ids); x != "" || count != tc.count {
				t.Errorf("count %d, want %d; %s", count, tc.count, x)
			}
		})
	}
}

func TestPagesHaveTheServersSize(t *testing.T) {
	a := newAccount(Options{PageSize: 2})
	for page, want := range map[string][]int{"1": {5, 4}, "2": {3, 2}, "3": {1}, "4": nil} {
		if ids, _ := a.list(t, "page="+page); !cmp.Equal(ids, want) {
			t.Errorf("page %s: %v, want %v", page, ids, want)
		}
	}
}

func TestMeta(t *testing.T) {
	var answer struct{ Meta map[string]int }
	newAccount(Options{}).ask(t, "/conversations/meta?status=open", &answer)
	if answer.Meta["all_count"] != 5 {
		t.Error(answer)
	}
}

func TestRefusals(t *testing.T) {
	a := newAccount(Options{})
	must(t, a.Hide(2))
	for path, want := range map[string]struct {
		status int
		text   string
	}{
		"/conversations/99":          {404, "Resource could not be found"},
		"/conversations/99/messages": {404, "Resource could not be found"},
		"/conversations/2":           {401, "You are not authorized to do this action"},
		"/mood":                      {404, "Resource could not be found"},
	} {
		var answer map[string]string
		if res := a.ask(t, path, &answer); res.StatusCode != want.status || answer["error"] != want.text {
			t.Errorf("%s: %d %v, want %v", path, res.StatusCode, answer, want)
		}
	}
	r := httptest.NewRequest("GET", "/api/v1/accounts/1/conversations", nil)
	r.Header.Set("api_access_token", "x")
	w := httptest.NewRecorder()
	a.ServeHTTP(w, r)
	if w.Code != 401 {
		t.Errorf("a wrong token: %d", w.Code)
	}
	w = httptest.NewRecorder()
	a.ServeHTTP(w, httptest.NewRequest("GET", "/app/login", nil))
	if w.Code != 200 || w.Header().Get("Content-Type") != "text/html; charset=utf-8" {
		t.Errorf("the dashboard: %d %v", w.Code, w.Header())
	}
}

func TestLimit(t *testing.T) {
	a := newAccount(Options{Limit: 2})
	for i, want := range []int{200, 200, 429} {
		if res := a.ask(t, "/conversations", nil); res.StatusCode != want {
			t.Errorf("call %d: %d, want %d", i+1, res.StatusCode, want)
		}
	}
	a.now = a.now.Add(time.Minute)
	if res := a.ask(t, "/conversations", nil); res.StatusCode != 200 {
		t.Errorf("a minute later: %d", res.StatusCode)
	}
	a.Fail(fault.Fault{Kind: fault.Unauthorized})
	if res := a.ask(t, "/conversations", nil); res.StatusCode != 401 {
		t.Errorf("a fault gives %d", res.StatusCode)
	}
}

// row is what a story changes in a conversation.
type row struct {
	Status     string `json:"status"`
	FirstReply int64  `json:"first_reply_created_at"`
	Waiting    int64  `json:"waiting_since"`
	SLA        struct {
		First *int64 `json:"sla_frt_due_at"`
		Next  *int64 `json:"sla_nrt_due_at"`
	} `json:"applied_sla"`
	Last struct {
		Kind    int    `json:"message_type"`
		Private bool   `json:"private"`
		Sender  string `json:"sender_type"`
	} `json:"last_non_activity_message"`
}

// Only a human's public message is a reply; what the customer writes first is what an answer is owed to.
func TestConversation(t *testing.T) {
	a := newAccount(Options{})
	id := a.Create(Seed{SLA: &SLA{ID: 1, FirstResponse: time.Hour, NextResponse: time.Hour}})
	begun := a.now.Unix()
	for _, step := range []struct {
		what           string
		do             func(int64) error
		status         string
		first, waiting int64 // minutes after it began; -1 is none
		next           int64
		sender         string
	}{
		{"a note", a.PrivateNote, StatusOpen, -1, 0, -1, "User"},
		{"a bot", a.BotReply, StatusOpen, -1, 0, -1, "AgentBot"},
		{"a reply", a.AgentReply, StatusOpen, 3, -1, -1, "User"},
		{"the customer", a.CustomerMessage, StatusOpen, 3, 4, 64, "Contact"},
		{"the customer again", a.CustomerMessage, StatusOpen, 3, 4, 64, "Contact"},
		{"resolved", func(id int64) error { return a.SetStatus(id, StatusResolved) }, StatusResolved, 3, -1, -1, "Contact"},
		{"reopened", a.CustomerMessage, StatusOpen, 3, 7, 67, "Contact"},
	} {
		a.now = a.now.Add(time.Minute)
		must(t, step.do(id))
		var got row
		a.ask(t, "/conversations/6", &got)
		minute := func(unix int64) int64 {
			if unix == 0 {
				return -1
			}
			return (unix - begun) / 60
		}
		next := int64(-1)
		if got.SLA.Next != nil {
			next = minute(*got.SLA.Next)
		}
		if got.Status != step.status || minute(got.FirstReply) != step.first || minute(got.Waiting) != step.waiting || next != step.next || got.Last.Sender != step.sender {
			t.Errorf("%s: %+v, first reply %d, waiting %d, next due %d", step.what, got, minute(got.FirstReply), minute(got.Waiting), next)
		}
		if *got.SLA.First != begun+3600 {
			t.Errorf("%s: the first response is due at %d", step.what, *got.SLA.First)
		}
	}
	var messages struct{ Payload []struct{ ID int } }
	a.ask(t, "/conversations/6/messages", &messages)
	if len(messages.Payload) != 9 { // seven that somebody wrote, and two activities
		t.Errorf("%d messages", len(messages.Payload))
	}
	a.ask(t, "/conversations/6/messages?before=8", &messages)
	if len(messages.Payload) != 2 {
		t.Errorf("%d messages before the third", len(messages.Payload))
	}
}
