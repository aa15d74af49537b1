package rt

import (
	"strings"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"
)

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
