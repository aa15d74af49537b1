package rt

import (
	"net/http"
	"net/http/httptest"
	"net/url"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"
)

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
