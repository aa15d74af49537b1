package rt

import (
	"testing"
	"time"
)

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
