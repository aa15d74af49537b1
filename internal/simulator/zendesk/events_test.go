package zendesk

import (
	"fmt"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"
)

const eventExport = "/api/v2/incremental/ticket_metric_events"

// exported are the events of an answer as "ticket metric type minute".
func (a *account) exported(query string) (list []string, end any) {
	a.t.Helper()
	code, v := a.get(eventExport + query)
	if code != 200 {
		a.t.Fatalf("%s: %d %v", query, code, v)
	}
	for _, e := range v["ticket_metric_events"].([]any) {
		e := e.(map[string]any)
		at, err := time.Parse(time.RFC3339, e["time"].(string))
		must(a.t, err)
		list = append(list, fmt.Sprint(e["ticket_id"], " ", e["metric"], " ", e["type"], " ", int(at.Sub(epoch)/time.Minute)))
	}
	if n := v["count"]; n != float64(len(list)) {
		a.t.Errorf("count %v of %d events", n, len(list))
	}
	return list, v["end_time"]
}

func since(at time.Time) string { return fmt.Sprintf("?start_time=%d", at.Unix()) }

func TestMetricEventsAreExportedByTheTimeTheyAreOf(t *testing.T) {
	a := newAccount(t)
	a.Create(Seed{ID: 1, Priority: "high"})
	a.now = a.now.Add(10 * time.Minute)
	must(t, a.AgentReply(1))
	a.now = a.now.Add(10 * time.Minute)
	list, end := a.exported(since(epoch.Add(10 * time.Minute)))
	want := []string{
		"1 reply_time fulfill 10", "1 reply_time update_status 10",
		"1 periodic_update_time measure 10", "1 periodic_update_time activate 10",
		"1 pausable_update_time measure 10", "1 pausable_update_time activate 10", "1 pausable_update_time apply_sla 10",
		// Breaches to come; the one of the first reply was withdrawn.
		"1 reply_time breach 60", "1 pausable_update_time breach 70", "1 requester_wait_time breach 480",
	}
	if d := cmp.Diff(want, list); d != "" || end != float64(epoch.Add(480*time.Minute).Unix()) {
		t.Errorf("end %v, %s", end, d)
	}
	a.now = a.now.Add(24 * time.Hour)
	if list, end := a.exported(since(a.now.Add(-time.Hour))); len(list) != 0 || end != nil {
		t.Errorf("a quiet hour has %v, end %v", list, end)
	}
}

func TestMetricEventsOfDeletedTickets(t *testing.T) {
	a := newAccount(t)
	a.Create(Seed{ID: 1, Priority: "high"})
	a.now = a.now.Add(10 * time.Minute)
	must(t, a.Delete(1))
	late := since(epoch.Add(5 * time.Minute))
	if list, _ := a.exported(late + "&include_changes=true"); len(list) != 2 {
		t.Errorf("the breaches that do not come: %v", list)
	}
	if list, _ := a.exported(late + "&exclude_deleted=true"); len(list) != 0 {
		t.Errorf("without deleted tickets: %v", list)
	}
}

func TestPagesOfMetricEventsEndWithAWholeSecond(t *testing.T) {
	a := newAccount(t, func(o *Options) { o.EventPage = 3 })
	a.Create(Seed{ID: 1, At: epoch.Add(-2 * time.Hour)})
	a.Create(Seed{ID: 2, At: epoch.Add(-time.Hour)})
	first, end := a.exported(since(epoch.Add(-3 * time.Hour)))
	if len(first) != 8 || end != float64(epoch.Add(-2*time.Hour).Unix()) {
		t.Errorf("end %v, %v", end, first)
	}
	if second, _ := a.exported(since(epoch.Add(-2*time.Hour + time.Second))); len(second) != 8 {
		t.Errorf("%v", second)
	}
}

func TestMetricEventsMayComeLate(t *testing.T) {
	a := newAccount(t, func(o *Options) { o.EventDelay = 5 * time.Minute })
	a.Create(Seed{ID: 1})
	a.now = a.now.Add(4 * time.Minute)
	if list, _ := a.exported(since(epoch)); len(list) != 0 {
		t.Errorf("after 4 minutes: %v", list)
	}
	a.now = a.now.Add(time.Minute)
	if list, _ := a.exported(since(epoch)); len(list) != 8 {
		t.Errorf("after 5 minutes: %v", list)
	}
}

func TestGroupsOwnTickets(t *testing.T) {
	a := newAccount(t, func(o *Options) {
		o.GroupPolicies = []GroupPolicy{{ID: "01H0", Title: "Tier 1", Groups: []int64{21}, Targets: map[string]time.Duration{"high": 30 * time.Minute}}}
	})
	a.Create(Seed{ID: 1, Priority: "high", Group: 21})
	if d := cmp.Diff([]string{"first_reply_time active 60", "requester_wait_time active 480", "group_ownership_time active 30"}, a.clocks()); d != "" {
		t.Error(d)
	}
	a.now = a.now.Add(10 * time.Minute)
	a.after(10*time.Minute, a.SetGroup(1, 22))
	a.after(10*time.Minute, a.SetGroup(1, 21))
	a.after(10*time.Minute, a.SetStatus(1, "solved"))
	a.after(10*time.Minute, a.CustomerMessage(1))
	a.after(10*time.Minute, a.SetGroup(1, 0))
	want := []string{
		"0 measure 0", "1 activate 0", "1 apply_group_sla 0", "~1 breach 30", "1 fulfill 10", "1 update_status 10", "2 activate 10", "2 fulfill 20",
		"2 update_status 20", "3 activate 20", "3 apply_group_sla 20", "~3 breach 50", "3 fulfill 30", "3 update_status 30", "4 activate 40",
		"4 apply_group_sla 40", "~4 breach 70", "4 fulfill 50", "4 update_status 50",
	}
	if d := cmp.Diff(want, a.story(1, groupOwnership)); d != "" {
		t.Error(d)
	}
	if _, v := a.get("/api/v2/group_slas/policies"); v["count"] != 1.0 {
		t.Errorf("policies %v", v)
	}
	if code, v := newAccount(t).get("/api/v2/group_slas/policies"); code != 403 {
		t.Errorf("without an Enterprise plan: %d %v", code, v)
	}
}

// An edit of the policies moves deadlines, and no row.
func TestEditedPolicies(t *testing.T) {
	a := newAccount(t)
	a.Create(Seed{ID: 1, Priority: "high"})
	a.now = a.now.Add(10 * time.Minute)
	a.EditPolicies([]Policy{{ID: 3, Targets: map[string]map[string]time.Duration{"high": {"first_reply_time": 2 * time.Hour}}}})
	if d := cmp.Diff([]string{"first_reply_time active 120"}, a.clocks()); d != "" {
		t.Error(d)
	}
	if v := a.shown(1); v["updated_at"] != "2026-03-02T10:00:00Z" || v["generated_timestamp"] != float64(epoch.Unix()) {
		t.Errorf("updated %v, generated %v", v["updated_at"], v["generated_timestamp"])
	}
}

func TestStatusesThatChange(t *testing.T) {
	a := newAccount(t)
	a.Create(Seed{ID: 1})
	a.AddStatus(CustomStatus{ID: 9, Label: "At Meta", Category: "hold"})
	must(t, a.SetCustomStatus(1, 9))
	must(t, a.ChangeStatus(CustomStatus{ID: 9, Label: "At Meta", Category: "hold", Inactive: true}))
	if a.ChangeStatus(CustomStatus{ID: 10}) == nil || a.SetCustomStatus(1, 9) == nil {
		t.Error("a status that does not exist is changed, or one that is not active is given")
	}
	count := func(query string) int {
		_, v := a.get("/api/v2/custom_statuses" + query)
		return len(v["custom_statuses"].([]any))
	}
	if all, active, inactive := count(""), count("?active=true"), count("?active=false"); all != 1 || active != 0 || inactive != 1 {
		t.Errorf("%d statuses, %d active, %d not", all, active, inactive)
	}
	a.DeleteStatus(9)
	if v := a.shown(1); count("") != 0 || v["custom_status_id"] != 9.0 || v["status"] != "hold" {
		t.Errorf("deleted: %v, %v", v["custom_status_id"], v["status"])
	}
}
