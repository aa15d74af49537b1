package declarative

import (
	"net/http"
	"net/http/httptest"
	"strconv"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"

	"whatsapp_sla_exporter/internal/helpdesk"
	"whatsapp_sla_exporter/internal/upstream"
)

func TestEveryKindOfPaging(t *testing.T) {
	rows := agos(25)
	page := func(from, size int) []map[string]any { return rows[min(from, 25):min(from+size, 25)] }
	number := func(r *http.Request, name string) int {
		n, err := strconv.Atoi(r.URL.Query().Get(name))
		if err != nil {
			t.Errorf("%s: %v", r.URL, err)
		}
		return n
	}
	for name, c := range map[string]struct {
		list, rows string
		answer     func(d *ticketing, r *http.Request) (http.Header, any)
		calls      int
	}{
		"none": {"", ".", func(_ *ticketing, _ *http.Request) (http.Header, any) { return nil, rows }, 1},
		"page_number, from one, until a page is not full": {
			"  query: '{p: $page, n: $size}'\n  page: {kind: page_number, first: 1, size: 10}\n", ".",
			func(_ *ticketing, r *http.Request) (http.Header, any) {
				return nil, page((number(r, "p")-1)*number(r, "n"), 10)
			}, 3,
		},
		"page_number, until the answer says so": {
			"  query: '{p: $page}'\n  page: {kind: page_number, done: .last}\n", ".rows",
			func(_ *ticketing, r *http.Request) (http.Header, any) {
				n := number(r, "p")
				return nil, map[string]any{"rows": page(n*5, 5), "last": n == 4}
			}, 5,
		},
		"offset": {
			"  query: '{o: $offset, n: $size}'\n  page: {kind: offset, size: 10}\n", ".",
			func(_ *ticketing, r *http.Request) (http.Header, any) { return nil, page(number(r, "o"), 10) }, 3,
		},
		"cursor": {
			"  query: '{after: $cursor}'\n  page: {kind: cursor, next: .next}\n", ".rows",
			func(_ *ticketing, r *http.Request) (http.Header, any) {
				from, _ := strconv.Atoi(r.URL.Query().Get("after")) // none on the first page
				out := map[string]any{"rows": page(from, 10), "next": nil}
				if from+10 < 25 {
					out["next"] = strconv.Itoa(from + 10)
				}
				return nil, out
			}, 3,
		},
		"next_url, whole and relative": {
			"  page: {kind: next_url, next: .next}\n", ".rows",
			func(d *ticketing, r *http.Request) (http.Header, any) {
				from, _ := strconv.Atoi(r.URL.Query().Get("from"))
				return nil, map[string]any{"rows": page(from, 10), "next": map[int]any{0: d.url + "/api/open?from=10", 10: "/api/open?from=20", 20: ""}[from]}
			}, 3,
		},
		"link_header": {
			"  page: {kind: link_header}\n", ".",
			func(d *ticketing, r *http.Request) (http.Header, any) {
				from, _ := strconv.Atoi(r.URL.Query().Get("from"))
				h := http.Header{"Link": {`<` + d.url + `/api/open?a=1,2>; rel="prev"`}}
				if from+10 < 25 {
					h.Add("Link", `<`+d.url+`/api/open?from=`+strconv.Itoa(from+10)+`&x=1,2>; title="x, y"; rel="next"`)
				}
				return h, page(from, 10)
			}, 3,
		},
		"range_header": {
			"  query: '{range: \"\\($offset)-\\($offset + $size - 1)\"}'\n  page: {kind: range_header, size: 10}\n", ".",
			func(_ *ticketing, r *http.Request) (http.Header, any) {
				from, _ := strconv.Atoi(strings.Split(r.URL.Query().Get("range"), "-")[0])
				return http.Header{"Content-Range": {"rows " + strconv.Itoa(from) + "-" + strconv.Itoa(min(from+9, 24)) + "/25"}}, page(from, 10)
			}, 3,
		},
	} {
		t.Run(name, func(t *testing.T) {
			d := own(t, with("open:\n  path: /tickets\n  rows: .\n", "open:\n  path: /open\n"+c.list+"  rows: "+c.rows+"\n"))
			d.on("/open", func(r *http.Request) (int, http.Header, any) {
				h, body := c.answer(d, r)
				return http.StatusOK, h, body
			})
			p := must[*helpdesk.Pass](t)(d.client.Open(t.Context()))
			if x := cmp.Diff(numbers(1, 25), ids(p)); x != "" || p.BadRows != 0 {
				t.Error(x)
			}
			if asked := d.requests(); len(asked) != c.calls {
				t.Errorf("%d calls, want %d: %v", len(asked), c.calls, asked)
			}
		})
	}
}

func TestANextPageElsewhereIsNotFollowed(t *testing.T) {
	elsewhere := httptest.NewServer(http.HandlerFunc(func(_ http.ResponseWriter, r *http.Request) {
		t.Errorf("the credentials would have gone to %s", r.Host)
	}))
	defer elsewhere.Close()
	for name, address := range map[string]func(d *ticketing) string{
		"on another host":               func(*ticketing) string { return elsewhere.URL + "/api/tickets" },
		"with another scheme":           func(d *ticketing) string { return strings.Replace(d.url, "http:", "https:", 1) + "/api/tickets" },
		"outside of the API":            func(d *ticketing) string { return d.url + "/admin" },
		"outside of the API, by dots":   func(d *ticketing) string { return d.url + "/api/%2e%2e/admin" },
		"with somebody's name":          func(d *ticketing) string { return strings.Replace(d.url, "//", "//user:pass@", 1) + "/api/tickets" },
		"on a host with the same start": func(d *ticketing) string { return d.url + ".evil.example/api/tickets" },
		"that is no address":            func(*ticketing) string { return "http://[" },
	} {
		t.Run(name, func(t *testing.T) {
			d := own(t, with("open:\n  path: /tickets\n  rows: .\n", "open:\n  path: /open\n  page: {kind: next_url, next: .next}\n  rows: .rows\n"))
			d.says("/open", http.StatusOK, map[string]any{"rows": agos(2), "next": address(d)})
			_, err := d.client.Open(t.Context())
			if upstream.ReasonOf(err) != upstream.Decode || strings.Contains(err.Error(), "pass@") {
				t.Errorf("got %v", err)
			}
			if asked := d.requests(); len(asked) != 1 {
				t.Errorf("asked %v", asked)
			}
		})
	}
}

func TestAListThatDoesNotMoveEnds(t *testing.T) {
	for name, list := range map[string]string{
		"by its cursor":  "  page: {kind: cursor, next: '\"again\"'}\n",
		"by its address": "  page: {kind: next_url, next: '\"/api/open?again\"'}\n",
		"by its rows":    "  page: {kind: offset, size: 3}\n",
		"by its range":   "  page: {kind: range_header, size: 3}\n",
	} {
		d := own(t, with("open:\n  path: /tickets\n  rows: .\n", "open:\n  path: /open\n"+list+"  rows: .\n"))
		n := 0
		d.on("/open", func(*http.Request) (int, http.Header, any) {
			n++
			rows := agos(3)
			if !strings.Contains(name, "rows") && !strings.Contains(name, "range") {
				rows[0]["id"] = n // it pretends to be another page
			}
			return http.StatusOK, http.Header{"Content-Range": {"0-2/9"}}, rows
		})
		if _, err := d.client.Open(t.Context()); err == nil || !strings.Contains(err.Error(), "repeats a page") || n > 3 {
			t.Errorf("%s: after %d calls %v", name, n, err)
		}
	}
}

func TestAListOfOpenTicketsIsReadWhole(t *testing.T) {
	d := own(t, with("open:\n  path: /tickets\n  rows: .\n", "open:\n  path: /open\n  query: '{o: $offset}'\n  page: {kind: offset, size: 1, max: 3}\n  rows: .\n"))
	d.on("/open", func(r *http.Request) (int, http.Header, any) {
		n, _ := strconv.Atoi(r.URL.Query().Get("o"))
		return http.StatusOK, nil, []any{ago(n, n)}
	})
	if _, err := d.client.Open(t.Context()); err == nil || !strings.Contains(err.Error(), "more than 3 pages of open tickets") {
		t.Errorf("got %v", err)
	}
}

func TestAnswersThatAreNotThePromisedOnes(t *testing.T) {
	for name, c := range map[string]struct {
		status int
		body   any
		want   string
		reason upstream.Reason
	}{
		"no rows":                     {200, map[string]any{"rows": agos(1)}, "an answer without rows", upstream.Decode},
		"rows that are null":          {200, nil, "an answer without rows", upstream.Decode},
		"a page of a proxy":           {200, "<html>carla@acme.example</html>", "is not the JSON that was expected", upstream.Decode},
		"more than one answer":        {200, `[]{}`, "is not the JSON", upstream.Decode},
		"a refusal with its own code": {403, map[string]any{"error": "not  for\nyou", "code": 17}, "HTTP 403, code 17): not for you", upstream.Permission},
		"a refusal without words":     {429, "<html>", "Too Many Requests", upstream.Throttled},
		"nothing can be mapped":       {200, []any{map[string]any{"ID": 1}, "x"}, "none of 2 rows of open tickets could be mapped", upstream.Decode},
	} {
		t.Run(name, func(t *testing.T) {
			d := own(t, with("name: own", "name: own\nerrors: {code: .code, text: .error}", "  rows: .\nlookup", "  rows: 'if type == \"array\" then . else null end'\nlookup"))
			d.says("/tickets", c.status, c.body)
			_, err := d.client.Open(t.Context())
			if err == nil || !strings.Contains(err.Error(), c.want) || upstream.ReasonOf(err) != c.reason || strings.Contains(err.Error(), "carla") {
				t.Errorf("got %v, want %s (%s)", err, c.want, c.reason)
			}
		})
	}
}
