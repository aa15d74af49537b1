package declarative

import (
	"fmt"
	"maps"
	"net/http"
	"strconv"
	"strings"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"

	"whatsapp_sla_exporter/internal/helpdesk"
	"whatsapp_sla_exporter/internal/upstream"
)

// counted is a profile whose tickets tell how many messages they have. Type is what is known of them: when they were
// written, in seconds before epoch.
var counted = with("map: '{id, status, updated_at: .changed}'", `joins:
  talk:
    path: /talk/{id}
    rows: .
    key: .id
    on: .ticket
    version: .count
    budget: 2
    whole: (.at | length) == $row.count
    value: '{at: (($have.at // []) + [.[] | select(.n > ($have.n // 0)) | .ago] | sort), n: ([.[].n, $have.n] | max)}'
map: '{id, status, updated_at: .changed, type: ($joined.talk | if . then .at | map(tostring) | join(" ") else "unknown" end)}'`)

// talk is a message of a ticket, the n-th in all.
func talk(ticket, n, seconds int) map[string]any {
	return map[string]any{"ticket": ticket, "n": n, "ago": seconds, "at": epoch.Add(-time.Duration(seconds) * time.Second).Format(time.RFC3339)}
}

func holding(id, count, seconds int) map[string]any {
	row := ago(id, seconds)
	row["count"] = count
	return row
}

func (d *ticketing) changes(t *testing.T, rows ...any) *helpdesk.Pass {
	t.Helper()
	d.says("/tickets", http.StatusOK, rows)
	d.requests()
	return must[*helpdesk.Pass](t)(d.client.Changes(t.Context(), watermark(epoch.Add(-time.Minute))))
}

// A ticket that says itself what is new needs a call only where that is not all.
func TestRowsThatTellWhatIsNewNeedNoCall(t *testing.T) {
	d := own(t, strings.Replace(counted, "    whole:", "    tells: 'if $have then .news else null end'\n    whole:", 1))
	d.says("/talk/1", http.StatusOK, []any{talk(1, 1, 50), talk(1, 2, 40)})
	telling := func(count int, news ...any) map[string]any {
		row := holding(1, count, 60-count)
		row["news"] = news
		return row
	}
	for _, c := range []struct {
		what, want string
		row        map[string]any
		talked     []string
	}{
		{"nothing is known", "40 50", telling(2, talk(1, 2, 40)), []string{"/api/talk/1"}},
		{"nothing is new", "40 50", telling(2, talk(1, 2, 40)), nil},
		{"one is new, and told", "30 40 50", telling(3, talk(1, 3, 30)), nil},
		{"it is told again", "30 40 50", telling(3, talk(1, 3, 30)), nil},
		{"two are new, and one is told", "40 50", telling(5, talk(1, 5, 10)), []string{"/api/talk/1"}},
	} {
		p := d.changes(t, c.row)
		if x := cmp.Diff(map[string]string{"1": c.want}, types(p)); x != "" {
			t.Errorf("%s: %s", c.what, x)
		}
		if x := cmp.Diff(c.talked, d.talked()); x != "" && len(c.talked) > 0 {
			t.Errorf("%s: %s", c.what, x)
		}
	}
}

var recently = strings.Replace(counted, "    version:", "    recent: {path: /talks, query: '{o: $offset}', page: {kind: offset, size: 3, max: 3}, rows: ., at: .at}\n    version:", 1)

// talks are pages of three of all messages, the newest first.
func (d *ticketing) recent(all ...any) {
	d.on("/talks", func(r *http.Request) (int, http.Header, any) {
		from, _ := strconv.Atoi(r.URL.Query().Get("o"))
		return http.StatusOK, nil, all[min(from, len(all)):min(from+3, len(all))]
	})
}

func TestRecentRowsAreReadOnceForAllTickets(t *testing.T) {
	d := own(t, recently)
	d.says("/talk/4", http.StatusOK, []any{talk(4, 1, 3000), talk(4, 5, 40)})
	d.says("/talk/5", http.StatusOK, []any{talk(5, 2, 2000)})
	d.recent(talk(1, 8, 10), talk(2, 7, 20), talk(3, 6, 30), talk(4, 5, 40), talk(2, 4, 50), talk(9, 3, 900), talk(5, 2, 2000), talk(4, 1, 3000))
	p := d.changes(t, holding(1, 1, 14), holding(2, 2, 13), holding(3, 1, 12), holding(4, 2, 11), holding(5, 1, 10))
	want := map[string]string{"1": "10", "2": "20 50", "3": "30", "4": "40 3000", "5": "2000"}
	if x := cmp.Diff(want, types(p)); x != "" {
		t.Error(x)
	}
	// back to where the changes begin; the tickets that are not whole by then are read
	if x := cmp.Diff([]string{"/api/talks?o=0", "/api/talks?o=3", "/api/talk/4", "/api/talk/5"}, d.talked()); x != "" {
		t.Error(x)
	}
	d.recent(talk(4, 9, 5), talk(1, 8, 10), talk(2, 7, 20))
	p = d.changes(t, holding(3, 1, 12), holding(4, 3, 5))
	if x := cmp.Diff(map[string]string{"3": "30", "4": "5 40 3000"}, types(p)); x != "" {
		t.Error(x)
	}
	if x := cmp.Diff([]string{"/api/talks?o=0"}, d.talked()); x != "" {
		t.Errorf("what is known is not read again: %s", x)
	}
	if d.changes(t, holding(3, 1, 12)); len(d.talked()) > 0 {
		t.Error("a poll without news reads the list")
	}
}

func TestRecentRowsAreNotReadFurtherThanTheTicketsCost(t *testing.T) {
	d := own(t, recently)
	d.says("/talk/1", http.StatusOK, []any{talk(1, 1, 10), talk(1, 2, 5)})
	d.recent(talk(2, 5, 1), talk(2, 4, 2), talk(2, 3, 3), talk(1, 2, 5), talk(1, 1, 10))
	if x := cmp.Diff(map[string]string{"1": "5 10"}, types(d.changes(t, holding(1, 2, 4)))); x != "" {
		t.Error(x)
	}
	if x := cmp.Diff([]string{"/api/talks?o=0", "/api/talk/1"}, d.talked()); x != "" {
		t.Errorf("one page for one ticket: %s", x)
	}
}

func TestRecentRowsThatAreNotAllowedAreLeftAlone(t *testing.T) {
	d := own(t, recently)
	d.says("/talk/1", http.StatusOK, []any{talk(1, 1, 10), talk(1, 2, 5)})
	d.says("/talks", http.StatusForbidden, map[string]any{})
	var asked []string
	for n := range 3 {
		if n == 2 {
			d.pass(offFor)
		}
		d.says("/tickets", http.StatusOK, []any{holding(1, n+1, 4)})
		d.requests()
		must[*helpdesk.Pass](t)(d.client.Changes(t.Context(), watermark(epoch.Add(-time.Minute))))
		asked = append(asked, d.talked()...)
	}
	if x := cmp.Diff([]string{"/api/talks?o=0", "/api/talk/1", "/api/talk/1", "/api/talks?o=0", "/api/talk/1"}, asked); x != "" {
		t.Error(x)
	}
}

// A ticket whose turn to be read has not come is told with what was last known of it.
func TestWhatWasKnownStandsUntilATicketIsRead(t *testing.T) {
	d := own(t, counted)
	for n := range 4 {
		d.says(fmt.Sprint("/talk/", n), http.StatusOK, []any{talk(n, 1, 50)})
	}
	read := must[*helpdesk.Pass](t)
	rows := func(count int) []any { return []any{holding(1, count, 9), holding(2, count, 8), holding(3, count, 7)} }
	d.says("/tickets", http.StatusOK, rows(1))
	for range 2 {
		read(d.client.Open(t.Context()))
	}
	d.says("/tickets", http.StatusOK, rows(2))
	for n := range 4 {
		d.says(fmt.Sprint("/talk/", n), http.StatusOK, []any{talk(n, 1, 50), talk(n, 2, 6)})
	}
	if x := cmp.Diff(map[string]string{"1": "50", "2": "6 50", "3": "6 50"}, types(read(d.client.Open(t.Context())))); x != "" {
		t.Error(x)
	}
	p := read(d.client.Changes(t.Context(), watermark(epoch.Add(-time.Minute))))
	if x := cmp.Diff(map[string]string{"1": "6 50", "2": "6 50", "3": "6 50"}, types(p)); x != "" {
		t.Error(x)
	}
}

// A ticket that went away since it was listed costs nothing but what is known of it.
func TestATicketThatGoesAwayWhileItIsRead(t *testing.T) {
	d := own(t, counted)
	d.says("/talk/2", http.StatusOK, []any{talk(2, 1, 9)})
	if x := cmp.Diff(map[string]string{"1": "unknown", "2": "9"}, types(d.changes(t, holding(1, 1, 9), holding(2, 1, 8)))); x != "" {
		t.Error(x)
	}
	d.says("/talk/1", http.StatusNotFound, "<html>no such page</html>")
	d.says("/tickets", http.StatusOK, []any{holding(1, 1, 9)})
	if _, err := d.client.Changes(t.Context(), watermark(epoch)); upstream.ReasonOf(err) != upstream.NotFound {
		t.Errorf("a page of a proxy is not the helpdesk's word: %v", err)
	}
}

// events is a profile whose changes are events that carry their tickets, or name some.
const events = `name: own
changes:
  path: /events
  rows: .
  watermark: .changed
  ticket: .ticket
  refer: .named
  budget: 2
  lookback: 2h
open:
  path: /tickets
  rows: .
lookup:
  path: /tickets/{id}
  rows: '[.]'
joins:
  talk:
    path: /talk/{id}
    rows: .
    key: .id
    version: .changed
    budget: 1
    tells: '[.message // empty]'
    whole: .whole
    value: '{at: (($have.at // []) + [.[].ago] | unique), whole: (($part | not) or ($have.whole // any(.first)))}'
map: '{id, status, updated_at: .changed, type: ($joined.talk | if . then "\(.at | join(" ")) \(.whole)" else "unknown" end)}'
`

func TestEventsThatCarryTheirTickets(t *testing.T) {
	d := own(t, events)
	d.says("/talk/1", http.StatusOK, []any{map[string]any{"ago": 90}, map[string]any{"ago": 7}})
	d.says("/tickets/8", http.StatusOK, ago(8, 3))
	d.says("/talk/8", http.StatusOK, []any{})
	event := func(seconds int, more map[string]any) map[string]any {
		out := ago(0, seconds)
		maps.Copy(out, more)
		return out
	}
	first := map[string]any{"ago": 9, "first": true}
	all := []any{
		event(9, map[string]any{"ticket": ago(2, 5), "message": first}), // what is now the ticket is told with each of its events
		event(7, map[string]any{"ticket": ago(1, 6), "message": map[string]any{"ago": 7}}),
		event(6, map[string]any{"ticket": ago(1, 6)}),
		event(5, map[string]any{"ticket": ago(2, 5), "message": map[string]any{"ago": 5}}),
		event(4, nil),
		event(3, map[string]any{"named": []string{"8", "9"}}),
		event(2, map[string]any{"ticket": ago(3, 2), "message": map[string]any{"ago": 2}}),
	}
	d.says("/events", http.StatusOK, all)
	read := must[*helpdesk.Pass](t)
	p := read(d.client.Changes(t.Context(), watermark(epoch.Add(-time.Minute))))
	want := map[string]string{"1": "7 90 true", "2": "5 9 true", "8": "unknown", "9": ""}
	if x := cmp.Diff(want, types(p)); x != "" || !p.More || p.Cursor != watermark(epoch.Add(-3*time.Second)) {
		t.Errorf("more %v, cursor %s, %s", p.More, p.Cursor, x)
	}
	if x := cmp.Diff([]string{"/api/events", "/api/talk/1", "/api/tickets/8", "/api/tickets/9"}, d.requests()); x != "" {
		t.Error(x)
	}
}

// A first start reads its history without waiting for joins.
func TestAHistoryDoesNotWaitForJoins(t *testing.T) {
	d := own(t, events)
	var since []string
	d.on("/events", func(r *http.Request) (int, http.Header, any) {
		since = append(since, r.URL.RawQuery)
		var all []any
		for n := range 5 {
			all = append(all, map[string]any{"changed": ago(0, 9-n)["changed"], "ticket": ago(n+1, 9-n), "message": map[string]any{"ago": 9 - n}})
		}
		return http.StatusOK, nil, all
	})
	d.says("/talk/5", http.StatusOK, []any{map[string]any{"ago": 800}})
	p := must[*helpdesk.Pass](t)(d.client.Changes(t.Context(), ""))
	want := map[string]string{"1": "9 false", "2": "8 false", "3": "7 false", "4": "6 false", "5": "800 true"}
	if x := cmp.Diff(want, types(p)); x != "" || p.More {
		t.Errorf("more %v, %s", p.More, x)
	}
	if d.client.o.Lookback != 2*time.Hour {
		t.Errorf("it looks %v back", d.client.o.Lookback)
	}
}

func TestThePaceFollowsTheAllowance(t *testing.T) {
	profile := strings.Replace(detailed, "name: own", "name: own\nrate: {per_second: 0.5, follow: minute}\nquotas: [{name: minute, limit: X-Limit, remaining: X-Left}]", 1)
	d := own(t, profile)
	d.talks()
	d.client.pace = newPace(Rate{PerSecond: 0.5, Burst: 100, Follow: "minute"})
	d.on("/tickets", func(*http.Request) (int, http.Header, any) {
		return http.StatusOK, http.Header{"X-Limit": {"150"}, "X-Left": {"90"}}, agos(9)
	})
	read := must[*helpdesk.Pass](t)
	read(d.client.Open(t.Context()))
	if got := len(d.talked()); got != 2 {
		t.Errorf("%d tickets are read before the allowance is known, want 2", got)
	}
	if got := d.client.pace.limit.Limit(); got != 2 {
		t.Errorf("%v calls a second, want four fifths of 150 a minute", got)
	}
	if got := d.client.begin(false).joins["talk"]; got != 8 {
		t.Errorf("the budget is %d tickets a pass, want four times two", got)
	}
	d.client.pace.follow(10)
	if got := d.client.pace.limit.Limit(); got != 0.5 {
		t.Errorf("%v calls a second, want no fewer than the profile's", got)
	}
}
