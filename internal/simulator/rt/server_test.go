package rt

import (
	"encoding/json"
	"net/http"
	"net/http/httptest"
	"net/url"
	"strings"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"
)

var epoch = time.Date(2026, 3, 2, 10, 0, 0, 0, time.UTC)

// world is a server whose clock the test moves.
type world struct {
	*Server
	now time.Time
}

func newWorld() *world {
	w := &world{now: epoch}
	w.Server = New(Options{
		Now: func() time.Time { return w.now },
		Users: []User{
			{ID: 14, Name: "root", Token: "1-14-a", Password: "secret", SuperUser: true},
			{ID: 33, Name: "exporter", Token: "1-33-b", Queues: []int64{3}},
			{ID: 35, Name: "blind", Token: "1-35-c", Blind: true},
			{ID: 36, Name: "newyorker", Token: "1-36-d", Zone: time.FixedZone("EST", -5*60*60)},
		},
		Queues: []Queue{{ID: 3, Name: "Support", Level: "gold"}, {ID: 4, Name: "Vendor", Lifecycle: "vendor"}},
		Lifecycles: map[string]Lifecycle{"vendor": {
			Initial: []string{"triage"}, Active: []string{"working", "open"}, Inactive: []string{"done", "deleted"},
		}},
		Levels: map[string]Level{"gold": {Response: time.Hour, KeepInLoop: 4 * time.Hour, Resolve: 10 * time.Hour, Ignore: []string{"stalled"}}},
		Fields: []CustomField{{ID: 2, Name: "Severity"}},
	})
	return w
}

// get asks with a token; what comes is decoded without knowing what it is.
func (w *world) get(t *testing.T, token, path string, params ...string) (int, any, http.Header) {
	t.Helper()
	q := url.Values{}
	for i := 0; i < len(params); i += 2 {
		q.Add(params[i], params[i+1])
	}
	r := httptest.NewRequest(http.MethodGet, path+"?"+q.Encode(), nil)
	if token != "" {
		r.Header.Set("Authorization", "token "+token)
	}
	rec := httptest.NewRecorder()
	w.ServeHTTP(rec, r)
	var v any
	_ = json.Unmarshal(rec.Body.Bytes(), &v) // a page for people is none
	return rec.Code, v, rec.Header()
}

// ids are what a search found, in its order.
func (w *world) ids(t *testing.T, token, kind, query string, params ...string) string {
	t.Helper()
	code, v, _ := w.get(t, token, "/REST/2.0/"+kind, append([]string{"query", query}, params...)...)
	if code != http.StatusOK {
		return v.(map[string]any)["message"].(string)
	}
	var out []string
	for _, item := range v.(map[string]any)["items"].([]any) {
		out = append(out, item.(map[string]any)["id"].(string))
	}
	return strings.Join(out, " ")
}

func must(t *testing.T, err error) {
	t.Helper()
	if err != nil {
		t.Fatal(err)
	}
}

func TestAuthentication(t *testing.T) {
	for name, tc := range map[string]struct {
		change   func(r *http.Request)
		code     int
		location string
	}{
		"nothing":                  {func(*http.Request) {}, 401, ""},
		"a token":                  {func(r *http.Request) { r.Header.Set("Authorization", "token 1-14-a") }, 200, ""},
		"a token in capitals":      {func(r *http.Request) { r.Header.Set("Authorization", "Token 1-14-a") }, 200, ""},
		"a token in the query":     {func(r *http.Request) { r.URL.RawQuery = "token=1-14-a" }, 200, ""},
		"a bearer token":           {func(r *http.Request) { r.Header.Set("Authorization", "Bearer 1-14-a") }, 401, ""},
		"a password":               {func(r *http.Request) { r.SetBasicAuth("root", "secret") }, 200, ""},
		"a token as a password":    {func(r *http.Request) { r.SetBasicAuth("root", "1-14-a") }, 401, ""},
		"somebody without one":     {func(r *http.Request) { r.SetBasicAuth("exporter", "") }, 401, ""},
		"a browser without":        {func(r *http.Request) { r.Header.Set("User-Agent", "Mozilla/5.0") }, 302, "/"},
		"a session that has ended": {func(r *http.Request) { r.Header.Set("Cookie", "RT_SID=1") }, 302, "/"},
	} {
		t.Run(name, func(t *testing.T) {
			r := httptest.NewRequest(http.MethodGet, "/REST/2.0/rt", nil)
			tc.change(r)
			rec := httptest.NewRecorder()
			newWorld().ServeHTTP(rec, r)
			if rec.Code != tc.code || rec.Header().Get("Location") != tc.location {
				t.Errorf("%d %s", rec.Code, rec.Header().Get("Location"))
			}
		})
	}
}

// The answers are those of a real RT 5.0.3.
func TestTicketSQL(t *testing.T) {
	w := newWorld()
	for _, s := range []Seed{{}, {Priority: 50, Status: "open"}, {Queue: 4}, {Status: "resolved"}, {Status: "open"}} {
		w.Create(s)
		w.now = w.now.Add(time.Hour)
	}
	must(t, w.Delete(5))
	const where = " at /usr/share/request-tracker5/lib/RT/Tickets.pm line 918.\n"
	for query, want := range map[string]string{
		"":       "",
		"id > 0": "1 2 3 4",
		"id > 1 AND (id = 1 OR id = 2 OR id = 4)":    "2 4",
		"id = 1 OR id = 2 AND Status = 'new'":        "1",
		"Queue = 'support'":                          "1 2 4",
		"Queue = '4'":                                "3",
		"Queue != 'Support'":                         "3",
		"Queue = 'Nowhere'":                          "",
		"Status = '__Active__'":                      "1 2 3",
		"Status = '__Inactive__'":                    "4",
		"Status != '__Active__'":                     "4",
		"Queue = 'Vendor' AND Status = '__Active__'": "3",
		"Priority >= 50":                             "2",
		"SLA LIKE 'gol'":                             "1 2 4",
		"Owner = 'Nobody'":                           "1 2 3 4",
		"Created > '2026-03-02 11:00:00'":            "3 4",
		"Created <= '2026-03-02 11:00:00'":           "1 2",
		"Created > 'notadate'":                       "1 2 3 4",
		"Created > '2026-03-02T13:00:00Z'":           "1 2 3 4",
		"Created = '2026-03-02 00:00:00'":            "1 2 3 4",
		"Resolved > '1970-01-01 00:00:00'":           "",
		"NoSuchField = 1":                            "Unknown field: NoSuchField" + where,
		"Queue = Support":                            "Wrong query, expecting a VALUE in 'Queue = Support >Support<--here'" + where,
		"this is (bad":                               "Wrong query, expecting a OPERATOR in 'this is (bad >is<--here'" + where,
		"id > 0 id < 3":                              "Wrong query, expecting a AGGREGATOR in 'id > 0 id < 3 >id<--here'" + where,
		"(id > 0":                                    "Wrong query, expecting a CLOSE_PAREN in '(id > 0 ><--here'" + where,
		"Status = 'new":                              "Wrong query, expecting a KEYWORD or OPEN_PAREN in 'Status = 'new >'<--here'" + where,
		"Created LIKE '2026'":                        "Invalid Date Op: LIKE" + where,
		`Status = 'o\'pen' OR Status = "resolved" AND id != 99`: "4",
	} {
		if got := w.ids(t, "1-14-a", "tickets", query, "orderby", "id"); got != want {
			t.Errorf("%s: %q, want %q", query, got, want)
		}
	}
}

func TestDatesAreReadInTheZoneOfTheUser(t *testing.T) {
	w := newWorld()
	w.Create(Seed{})
	for token, want := range map[string]string{"1-14-a": "1", "1-36-d": ""} {
		if got := w.ids(t, token, "tickets", "LastUpdated > '2026-03-02 09:59:59'"); got != want {
			t.Errorf("%s finds %q, want %q", token, got, want)
		}
	}
}

func TestPaging(t *testing.T) {
	w := newWorld()
	for range 230 {
		w.Create(Seed{})
	}
	type page struct {
		Count, PerPage, Page float64
		Total, Pages         any
		Next, Previous       bool
	}
	for name, tc := range map[string]struct {
		token, kind string
		params      []string
		want        page
	}{
		"the first":               {"1-14-a", "tickets", nil, page{20, 20, 1, 230., 12., true, false}},
		"the last":                {"1-14-a", "tickets", []string{"per_page", "100", "page", "3"}, page{30, 100, 3, 230., 3., false, true}},
		"past the end":            {"1-14-a", "tickets", []string{"per_page", "100", "page", "99"}, page{0, 100, 99, 230., 3., false, true}},
		"more than RT shows":      {"1-14-a", "tickets", []string{"per_page", "1000"}, page{100, 100, 1, 230., 3., true, false}},
		"nonsense":                {"1-14-a", "tickets", []string{"per_page", "abc", "page", "-1"}, page{20, 20, 1, 230., 12., true, false}},
		"by a field without such": {"1-14-a", "tickets", []string{"orderby", "NoSuch"}, page{0, 20, 1, 230., 12., true, false}},
		"nothing to find":         {"1-35-c", "tickets", nil, page{0, 20, 1, 0., 0., false, false}},
		"transactions of a SuperUser": {
			"1-14-a", "transactions",
			[]string{"per_page", "100"},
			page{100, 100, 1, 460., 5., true, false},
		},
		"transactions of others": {"1-33-b", "transactions", []string{"per_page", "100"}, page{100, 100, 1, nil, nil, false, false}},
	} {
		t.Run(name, func(t *testing.T) {
			_, v, _ := w.get(t, tc.token, "/REST/2.0/"+tc.kind, append([]string{"query", "id > 0"}, tc.params...)...)
			m := v.(map[string]any)
			_, next := m["next_page"]
			_, previous := m["prev_page"]
			got := page{m["count"].(float64), m["per_page"].(float64), m["page"].(float64), m["total"], m["pages"], next, previous}
			if x := cmp.Diff(tc.want, got); x != "" {
				t.Error(x)
			}
		})
	}
}

// An empty list has 0.0 pages, as Perl writes it, and a link names the host that the request named.
func TestOddities(t *testing.T) {
	w := newWorld()
	for range 3 {
		w.Create(Seed{})
	}
	ask := func(query string) string {
		r := httptest.NewRequest(http.MethodGet, "http://rt.elsewhere.example/REST/2.0/tickets?per_page=2&query="+url.QueryEscape(query), nil)
		r.Header.Set("Authorization", "token 1-14-a")
		rec := httptest.NewRecorder()
		w.ServeHTTP(rec, r)
		return rec.Body.String()
	}
	if got := ask("id < 0"); !strings.Contains(got, `"pages":0.0`) {
		t.Error(got)
	}
	if got := ask("id > 0"); !strings.Contains(got, `"next_page":"http://rt.elsewhere.example/REST/2.0/tickets?page=2`) {
		t.Error(got)
	}
}

func TestFields(t *testing.T) {
	w := newWorld()
	w.Create(Seed{Priority: 75, Fields: map[int64]string{2: "high"}})
	_, v, header := w.get(t, "1-33-b", "/REST/2.0/tickets", "query", "id = 1",
		"fields", "id,Status,Priority,Due,Resolved,Queue,Requestor,Owner,CustomFields,NoSuch", "fields[Queue]", "Name,Lifecycle", "fields[Requestor]", "id")
	user := func(id any, name string) map[string]any {
		return map[string]any{"type": "user", "id": id, "_url": "http://rt.example/REST/2.0/user/" + name}
	}
	want := map[string]any{
		"type": "ticket", "_url": "http://rt.example/REST/2.0/ticket/1", "id": 1., "Status": "new", "Priority": "75",
		"Due": "2026-03-02T11:00:00Z", "Resolved": "1970-01-01T00:00:00Z", "NoSuch": "",
		"Queue":     map[string]any{"type": "queue", "id": "3", "_url": "http://rt.example/REST/2.0/queue/3", "Name": "Support", "Lifecycle": "default"},
		"Requestor": []any{user(37., "customer@example.org")}, "Owner": user("Nobody", "Nobody"),
		"CustomFields": []any{map[string]any{"type": "customfield", "id": "2", "_url": "http://rt.example/REST/2.0/customfield/2", "name": "Severity", "values": []any{"high"}}},
	}
	if x := cmp.Diff(want, v.(map[string]any)["items"].([]any)[0]); x != "" {
		t.Error(x)
	}
	if header.Get("Date") != "Mon, 02 Mar 2026 10:00:00 GMT" {
		t.Error(header)
	}
}

// What happened, as (type, field, old, new, by), to users with different rights.
func TestTransactionsAndRights(t *testing.T) {
	w := newWorld()
	w.Create(Seed{})
	w.now = w.now.Add(time.Minute)
	must(t, w.Comment(1))
	must(t, w.Reply(1))
	w.Create(Seed{Queue: 4})
	const query = "ObjectType = 'RT::Ticket' AND id > 0"
	happened := func(token string) (out []string) {
		_, v, _ := w.get(t, token, "/REST/2.0/transactions", "query", query, "per_page", "100", "fields", "Type,Field,OldValue,NewValue,Creator,ObjectId")
		for _, item := range v.(map[string]any)["items"].([]any) {
			m := item.(map[string]any)
			out = append(out, strings.Join([]string{
				m["ObjectId"].(string), m["Type"].(string), m["Field"].(string), m["OldValue"].(string), m["NewValue"].(string), m["Creator"].(map[string]any)["id"].(string),
			}, "|"))
		}
		return out
	}
	all := []string{
		"1|Create||||customer@example.org", "1|Set|Due|1970-01-01 00:00:00|2026-03-02 11:00:00|RT_System",
		"1|Comment||||agent", "1|CommentEmailRecord||||RT_System",
		"1|Correspond||||agent", "1|EmailRecord||||RT_System", "1|Status|Status|new|open|RT_System",
		"1|Set|Due|2026-03-02 11:00:00|2026-03-02 14:01:00|RT_System",
		"2|Create||||customer@example.org",
	}
	if x := cmp.Diff(all, happened("1-14-a")); x != "" {
		t.Errorf("root: %s", x)
	}
	if x := cmp.Diff([]string{all[0], all[1], all[4], all[6], all[7]}, happened("1-33-b")); x != "" {
		t.Errorf("the exporter: %s", x)
	}
	if got := happened("1-35-c"); len(got) != 0 {
		t.Errorf("without rights: %v", got)
	}
	if got := w.ids(t, "1-14-a", "transactions", "Type = 'Correspond' OR ObjectId = 2"); got != "5 9" {
		t.Errorf("a search finds %s", got)
	}
	if got := w.ids(t, "1-14-a", "transactions", "Type > 'A'"); !strings.HasPrefix(got, "Invalid Operation: >") {
		t.Error(got)
	}
}

func TestSingleTickets(t *testing.T) {
	w := newWorld()
	for range 3 {
		w.Create(Seed{})
	}
	w.Create(Seed{Queue: 4})
	must(t, w.Merge(1, 2))
	must(t, w.Delete(3))
	for path, want := range map[string]any{
		"1":  []any{200, 2., "new"}, // leads to the other
		"3":  []any{200, 3., "deleted"},
		"4":  []any{403, "Forbidden"},
		"99": []any{404, "Not Found"},
		"x":  []any{404, "Not Found"},
	} {
		code, v, _ := w.get(t, "1-33-b", "/REST/2.0/ticket/"+path)
		m := v.(map[string]any)
		got := []any{code, m["message"]}
		if code == 200 {
			got = []any{code, m["id"], m["Status"]}
		}
		if x := cmp.Diff(want, any(got)); x != "" {
			t.Errorf("%s: %s", path, x)
		}
	}
	if got := w.ids(t, "1-14-a", "tickets", "id > 0"); got != "2 4" {
		t.Errorf("a search finds %s, want 2 4", got)
	}
	_, v, _ := w.get(t, "1-14-a", "/REST/2.0/ticket/2/history", "fields", "ObjectId,Type")
	if n := v.(map[string]any)["count"]; n != 6. { // two creations, two due dates, two links
		t.Errorf("%v transactions in the history of both", n)
	}
}

// Queues are seen by those who may see their tickets.
func TestQueues(t *testing.T) {
	w := newWorld()
	for token, want := range map[string]string{"1-14-a": "3 4", "1-33-b": "3", "1-35-c": ""} {
		if got := w.ids(t, token, "queues/all", ""); got != want {
			t.Errorf("%s sees %q, want %q", token, got, want)
		}
	}
	for path, want := range map[string]int{"3": 200, "Support": 200, "Vendor": 403, "Nowhere": 404} {
		if code, _, _ := w.get(t, "1-33-b", "/REST/2.0/queue/"+path); code != want {
			t.Errorf("queue %s: %d, want %d", path, code, want)
		}
	}
	if code, v, _ := w.get(t, "1-14-a", "/REST/2.0/nosuch"); code != 404 || v.(map[string]any)["message"] != "Not Found" {
		t.Errorf("%d %v", code, v)
	}
}

// The due date is that of the answer while the customer waits, then that of the next word, and never later than that
// of the resolution.
func TestServiceLevels(t *testing.T) {
	w := newWorld()
	id := w.Create(Seed{})
	due := func(want string) {
		t.Helper()
		_, v, _ := w.get(t, "1-14-a", "/REST/2.0/ticket/1")
		if got := v.(map[string]any)["Due"]; got != want {
			t.Errorf("due %v, want %v", got, want)
		}
	}
	due("2026-03-02T11:00:00Z")
	w.now = epoch.Add(30 * time.Minute)
	must(t, w.Reply(id))
	due("2026-03-02T14:30:00Z")
	w.now = epoch.Add(2 * time.Hour)
	must(t, w.Write(id))
	w.now = epoch.Add(150 * time.Minute)
	must(t, w.Write(id))
	due("2026-03-02T13:00:00Z")
	must(t, w.SetStatus(id, "stalled"))
	due("1970-01-01T00:00:00Z")
	w.now = epoch.Add(9 * time.Hour)
	must(t, w.SetStatus(id, "open"))
	must(t, w.Reply(id))
	due("2026-03-02T20:00:00Z")
	must(t, w.SetStatus(id, "resolved"))
	due("2026-03-02T20:00:00Z")
}

func TestWhatCannotBeDone(t *testing.T) {
	w := newWorld()
	w.Create(Seed{})
	for what, err := range map[string]error{
		"a reply to nothing": w.Reply(9), "a status of another lifecycle": w.SetStatus(1, "triage"),
		"a merge with itself": w.Merge(1, 1), "a merge into nothing": w.Merge(1, 9), "a status of nothing": w.SetStatus(9, "open"),
	} {
		if err == nil {
			t.Errorf("%s is done", what)
		}
	}
}

// FuzzQuery feeds the parsers: whatever a query is, there is an answer or a complaint.
func FuzzQuery(f *testing.F) {
	for _, q := range []string{"id > 0 AND (Status = 'new' OR Queue = \"x\")", "((", "id = 'a\\'", "CF.{Severity} = 'high'", "Due IS NULL"} {
		f.Add(q)
	}
	w := newWorld()
	w.Create(Seed{})
	f.Fuzz(func(t *testing.T, query string) {
		for _, kind := range []string{"tickets", "transactions"} {
			if code, _, _ := w.get(t, "1-33-b", "/REST/2.0/"+kind, "query", query); code != 200 && code != 400 {
				t.Errorf("%s %q: %d", kind, query, code)
			}
		}
	})
}
