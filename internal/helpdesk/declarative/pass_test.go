package declarative

import (
	"net/http"
	"slices"
	"strconv"
	"strings"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"

	"whatsapp_sla_exporter/internal/helpdesk"
	"whatsapp_sla_exporter/internal/sla"
	"whatsapp_sla_exporter/internal/upstream"
)

// detailed is a profile with a call per ticket, two of which a pass may make.
var detailed = with("map: '{id, status, updated_at: .changed}'", `joins:
  talk:
    path: /talk/{id}
    rows: .
    key: .id
    version: .changed
    budget: 2
    value: 'map(.at) | min'
map: '{id, status, updated_at: .changed, first_response_at: $joined.talk, type: (if $joined.talk then "read" else "guessed" end)}'`,
	"  rows: .\n  watermark", "  query: '{since: $since}'\n  rows: .\n  watermark")

func (d *ticketing) talks() {
	for n := range 10 {
		d.says("/talk/"+strconv.Itoa(n), http.StatusOK, []any{map[string]any{"at": 1772440000 + n}, map[string]any{"at": 1772450000}})
	}
}

func types(p *helpdesk.Pass) map[string]string {
	out := map[string]string{}
	for _, t := range p.Tickets {
		out[t.ID] = t.Type
	}
	return out
}

func TestChangesGoOnWhereTheBudgetEnded(t *testing.T) {
	d := own(t, detailed)
	d.talks()
	d.on("/tickets", func(r *http.Request) (int, http.Header, any) {
		since, _ := strconv.ParseFloat(r.URL.Query().Get("since"), 64)
		rows := slices.DeleteFunc(agos(5), func(row map[string]any) bool {
			return float64(at(row["changed"].(string)).Unix()) < since
		})
		return http.StatusOK, nil, rows
	})
	read := must[*helpdesk.Pass](t)
	first := read(d.client.Changes(t.Context(), watermark(epoch.Add(-time.Hour))))
	second := read(d.client.Changes(t.Context(), first.Cursor))
	third := read(d.client.Changes(t.Context(), second.Cursor))
	fourth := read(d.client.Changes(t.Context(), third.Cursor))
	for i, c := range []struct {
		p    *helpdesk.Pass
		want []string
		more bool
	}{{first, numbers(1, 2), true}, {second, numbers(1, 4), true}, {third, numbers(1, 5), false}, {fourth, numbers(1, 5), false}} {
		if x := cmp.Diff(c.want, ids(c.p)); x != "" || c.p.More != c.more {
			t.Errorf("pass %d: more %v, %s", i+1, c.p.More, x)
		}
		for _, v := range c.p.Tickets {
			if v.Type != "read" {
				t.Errorf("pass %d: ticket %s is not read", i+1, v.ID)
			}
		}
	}
	want := []string{"/api/talk/1", "/api/talk/2", "/api/talk/3", "/api/talk/4", "/api/talk/5"}
	if x := cmp.Diff(want, d.talked()); x != "" {
		t.Errorf("each ticket is read once while it does not change: %s", x)
	}
}

// The first ticket waits for an answer: it comes before those that changed later.
func TestOpenTicketsBeyondTheBudgetAreReadLater(t *testing.T) {
	d := own(t, strings.Replace(detailed, "type: (if", "waiting_since: .waiting, type: (if", 1))
	d.talks()
	rows := agos(6)
	rows[0]["waiting"], rows[1]["status"] = epoch.Add(-time.Hour).Format(time.RFC3339), "solved"
	d.says("/tickets", http.StatusOK, rows)
	read := must[*helpdesk.Pass](t)
	open := read(d.client.Open(t.Context()))
	want := map[string]string{"1": "read", "2": "guessed", "3": "guessed", "4": "guessed", "5": "guessed", "6": "read"}
	if x := cmp.Diff(want, types(open)); x != "" {
		t.Error(x)
	}
	d.requests()
	d.says("/tickets", http.StatusOK, []any{ago(4, 1)})
	got := []map[string]string{types(read(d.client.Changes(t.Context(), watermark(epoch))))}
	d.says("/tickets", http.StatusOK, []any{})
	for range 2 {
		got = append(got, types(read(d.client.Changes(t.Context(), watermark(epoch)))))
	}
	if x := cmp.Diff([]map[string]string{{"4": "read", "5": "read"}, {"3": "read"}, {}}, got); x != "" {
		t.Errorf("what changed is not read again, and solved tickets not at all: %s", x)
	}
	if x := cmp.Diff([]string{"/api/talk/4", "/api/talk/5", "/api/talk/3"}, d.talked()); x != "" {
		t.Errorf("a call for each ticket and no more: %s", x)
	}
}

// talked are the joins asked for since the last time.
func (d *ticketing) talked() []string {
	return slices.DeleteFunc(d.requests(), func(r string) bool { return strings.HasPrefix(r, "/api/tickets") })
}

func TestAnOptionalJoinThatIsNotAllowedIsLeftOut(t *testing.T) {
	d := own(t, strings.Replace(detailed, "budget: 2", "budget: 2\n    optional: true", 1))
	d.says("/tickets", http.StatusOK, agos(2))
	d.says("/talk/1", http.StatusForbidden, map[string]any{})
	read := must[*helpdesk.Pass](t)
	for range 3 {
		if p := read(d.client.Open(t.Context())); len(p.Tickets) != 2 || p.Tickets[0].Type != "guessed" {
			t.Errorf("%+v", p.Tickets)
		}
	}
	if asked := d.requests(); len(asked) != 4 {
		t.Errorf("asked %v, want the join once", asked)
	}
	d.talks()
	d.pass(offFor)
	if p := read(d.client.Open(t.Context())); p.Tickets[1].Type != "read" {
		t.Errorf("after an hour it is not tried again: %+v", p.Tickets)
	}
	strict := own(t, detailed)
	strict.says("/tickets", http.StatusOK, agos(2))
	strict.says("/talk/1", http.StatusForbidden, map[string]any{})
	if _, err := strict.client.Open(t.Context()); upstream.ReasonOf(err) != upstream.Permission || !strings.Contains(err.Error(), "join talk: ") {
		t.Errorf("one that is not optional: %v", err)
	}
}

func TestAListReadBackwardsEndsAtTheCursor(t *testing.T) {
	d := own(t, with("  rows: .\n  watermark: .changed\n", "  query: '{o: $offset}'\n  page: {kind: offset, size: 3, max: 2}\n  rows: .\n  order: newest_first\n  overlap: 1s\n  watermark: .changed\n"))
	rows := agos(20)
	slices.Reverse(rows)
	d.on("/tickets", func(r *http.Request) (int, http.Header, any) {
		from, _ := strconv.Atoi(r.URL.Query().Get("o"))
		return http.StatusOK, nil, rows[min(from, 20):min(from+3, 20)]
	})
	read := must[*helpdesk.Pass](t)
	p := read(d.client.Changes(t.Context(), watermark(epoch.Add(-13*time.Second))))
	if x := cmp.Diff([]string{"17", "18", "19", "20"}, ids(p)); x != "" || p.Gap || p.Cursor != watermark(epoch.Add(-11*time.Second)) {
		t.Errorf("gap %v, cursor %s, %s", p.Gap, p.Cursor, x)
	}
	p = read(d.client.Changes(t.Context(), watermark(epoch.Add(-time.Hour))))
	if x := cmp.Diff(numbers(15, 20), ids(p)); x != "" || !p.Gap {
		t.Errorf("too far back: gap %v, %s", p.Gap, x)
	}
}

func watermark(t time.Time) string { return strconv.FormatInt(t.UnixMilli(), 10) }

// A list that is prompt is not read again from its last change on, however long that is ago.
func TestAPromptListBeginsAFewMinutesAgo(t *testing.T) {
	for name, c := range map[string]struct {
		profile, want string
	}{
		"prompt":     {with("  watermark", "  prompt: true\n  overlap: 1m\n  watermark"), watermark(epoch.Add(9 * time.Minute))},
		"not prompt": {with("  watermark", "  overlap: 1m\n  watermark"), watermark(epoch.Add(-5 * time.Second))},
	} {
		t.Run(name, func(t *testing.T) {
			d := own(t, c.profile)
			d.says("/tickets", http.StatusOK, []any{ago(1, 5)})
			cursor := watermark(epoch.Add(-time.Minute))
			for range 2 {
				p := must[*helpdesk.Pass](t)(d.client.Changes(t.Context(), cursor))
				cursor = p.Cursor
				d.pass(10 * time.Minute)
				d.says("/tickets", http.StatusOK, []any{})
			}
			if cursor != c.want {
				t.Errorf("cursor %s, want %s", cursor, c.want)
			}
		})
	}
}

func TestAListThatDoesNotFilterIsNoticed(t *testing.T) {
	d := own(t, small)
	d.says("/tickets", http.StatusOK, []any{ago(1, 7200), ago(2, 5)})
	p, err := d.client.Changes(t.Context(), watermark(epoch))
	if upstream.ReasonOf(err) != upstream.Decode || !strings.Contains(err.Error(), "rows of before $since") || p.Cursor != watermark(epoch) {
		t.Errorf("%v, %+v", err, p)
	}
}

func TestRowsWithoutAWatermarkAreTakenAndCounted(t *testing.T) {
	d := own(t, small)
	d.says("/tickets", http.StatusOK, []any{ago(1, 9), map[string]any{"id": 2, "status": "open"}, map[string]any{"id": 3, "status": "open", "changed": "2099-01-01T00:00:00Z"}})
	p := must[*helpdesk.Pass](t)(d.client.Changes(t.Context(), ""))
	if x := cmp.Diff(numbers(1, 3), ids(p)); x != "" || p.Unmapped["watermark"] != 1 {
		t.Errorf("%v %s", p.Unmapped, x)
	}
	if p.Cursor != watermark(epoch) {
		t.Errorf("a date in the future moves the cursor to %s", p.Cursor)
	}
}

func TestAMappingThatIsTooSlowEndsThePass(t *testing.T) {
	d := own(t, with("map: '{id, status, updated_at: .changed}'", "map: 'def f: f; if .id > 3 then f else {id, status} end'"))
	d.client.mapTime = time.Millisecond
	d.says("/tickets", http.StatusOK, agos(3+mostSlow-1))
	p, err := d.client.Open(t.Context())
	if err != nil || p.BadRows != mostSlow-1 || len(p.Tickets) != 3 {
		t.Errorf("some: %v, %+v", err, p)
	}
	d.says("/tickets", http.StatusOK, agos(3+mostSlow))
	if _, err := d.client.Open(t.Context()); upstream.ReasonOf(err) != upstream.Decode || !strings.Contains(err.Error(), "10 rows one after the other: jq takes too long") {
		t.Errorf("many: %v", err)
	}
}

func TestTicketsThatAreNotThereAreGone(t *testing.T) {
	d := own(t, small)
	d.says("/tickets/1", http.StatusOK, ago(1, 1))
	d.says("/tickets/a%2Fb", http.StatusOK, ago(9, 1))
	p := must[*helpdesk.Pass](t)(d.client.Lookup(t.Context(), []string{"1", "2"}))
	if x := cmp.Diff([]string{"1", "2 gone"}, ids(p)); x != "" {
		t.Error(x)
	}
	d.says("/tickets/2", http.StatusNotFound, "<html>not found</html>")
	if p, err := d.client.Lookup(t.Context(), []string{"1", "2"}); upstream.ReasonOf(err) != upstream.NotFound || p != nil {
		t.Errorf("a 404 that is not the helpdesk's own: %v", err)
	}
	batch := own(t, with("  path: /tickets/{id}\n  rows: '[.]'\n", "  path: /some\n  query: '{ids: ($ids | join(\",\"))}'\n  batch: 2\n  rows: .\n"))
	batch.on("/some", func(r *http.Request) (int, http.Header, any) {
		return http.StatusOK, nil, map[string][]any{"1,2": {ago(2, 1)}, "3,4": {ago(3, 1), "spoilt"}, "5": {}}[r.URL.Query().Get("ids")]
	})
	p = must[*helpdesk.Pass](t)(batch.client.Lookup(t.Context(), numbers(1, 5)))
	if x := cmp.Diff([]string{"2", "1 gone", "3", "5 gone"}, ids(p)); x != "" || p.BadRows != 1 {
		t.Errorf("of an answer with a spoilt row nothing is gone: %s", x)
	}
}

func TestTablesAreReadOnceAndKept(t *testing.T) {
	profile := with("map: '{id, status, updated_at: .changed}'", "tables:\n  words: {path: /words, every: 1h, value: .words}\nmap: '{id, status: $tables.words[.status]}'")
	d := own(t, profile)
	d.says("/tickets", http.StatusOK, agos(1))
	d.says("/words", http.StatusOK, map[string]any{"words": map[string]any{"open": "pending"}})
	read := must[*helpdesk.Pass](t)
	for range 2 {
		if p := read(d.client.Open(t.Context())); p.Tickets[0].Status != sla.StatusPending {
			t.Errorf("%+v", p.Tickets)
		}
	}
	if asked := d.requests(); len(asked) != 3 {
		t.Errorf("asked %v", asked)
	}
	d.says("/words", http.StatusInternalServerError, nil)
	d.pass(time.Hour)
	if p := read(d.client.Open(t.Context())); p.Tickets[0].Status != sla.StatusPending {
		t.Errorf("a table that cannot be read again is lost: %+v", p.Tickets)
	}
	d.says("/words", http.StatusOK, map[string]any{"words": map[string]any{"open": "on_hold"}})
	if p := read(d.client.Open(t.Context())); p.Tickets[0].Status != sla.StatusOnHold {
		t.Errorf("a table is not tried again: %+v", p.Tickets)
	}
	missing := own(t, profile)
	missing.says("/tickets", http.StatusOK, agos(1))
	if _, err := missing.client.Open(t.Context()); upstream.ReasonOf(err) != upstream.NotFound || !strings.Contains(err.Error(), "table words: ") {
		t.Errorf("a table that is not there: %v", err)
	}
	optional := own(t, strings.Replace(profile, "every: 1h", "optional: true", 1))
	optional.says("/tickets", http.StatusOK, agos(1))
	if p := read(optional.client.Open(t.Context())); p.Unmapped["status"] != 1 {
		t.Errorf("an optional one: %+v", p)
	}
}

func TestAThrottledPassOverAllTicketsWaits(t *testing.T) {
	d := own(t, with("name: own", "name: own\nquotas: [{name: minute, limit: X-Limit, remaining: X-Left, reset: X-Reset}]"))
	n := 0
	d.on("/tickets", func(*http.Request) (int, http.Header, any) {
		if n++; n < 3 {
			return http.StatusTooManyRequests, http.Header{"X-Reset": {strconv.FormatInt(epoch.Add(20*time.Second).Unix(), 10)}, "X-Limit": {"50"}, "X-Left": {"0"}}, nil
		}
		return http.StatusOK, http.Header{"X-Limit": {"50"}, "X-Left": {"40"}}, agos(1)
	})
	p := must[*helpdesk.Pass](t)(d.client.Open(t.Context()))
	if x := cmp.Diff([]time.Duration{20 * time.Second, 20 * time.Second}, d.waited); x != "" || len(p.Tickets) != 1 {
		t.Errorf("%d tickets, waited %s", len(p.Tickets), x)
	}
	if d.quotas["minute"] != 0.2 {
		t.Errorf("quota %v", d.quotas)
	}
	n = 0
	if _, err := d.client.Changes(t.Context(), ""); upstream.RetryAfterOf(err) != 20*time.Second {
		t.Errorf("a poll does not wait, and tells for how long: %v", err)
	}
}
