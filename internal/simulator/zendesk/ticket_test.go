package zendesk

import (
	"fmt"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"
)

// shown is a ticket as show_many shows it with all side-loads.
func (a *account) shown(id int64) map[string]any {
	a.t.Helper()
	_, v := a.get(fmt.Sprintf("/api/v2/tickets/show_many?ids=%d&include=slas,metric_events,metric_sets", id))
	t := v["tickets"].([]any)[0].(map[string]any)
	t["metric_set"] = v["metric_sets"].([]any)[0]
	return t
}

// clocks are the SLA metrics of ticket 1 as "metric stage due", the due in minutes after the epoch.
func (a *account) clocks() []string {
	a.t.Helper()
	out := []string{}
	for _, v := range a.shown(1)["slas"].(map[string]any)["policy_metrics"].([]any) {
		m := v.(map[string]any)
		due := "-"
		if text, ok := m["breach_at"].(string); ok {
			at, err := time.Parse(time.RFC3339, text)
			must(a.t, err)
			due = fmt.Sprint(int(at.Sub(epoch) / time.Minute))
		}
		out = append(out, fmt.Sprint(m["metric"], " ", m["stage"], " ", due))
	}
	return out
}

// story are the events of a metric as "instance type minute", deleted ones with ~.
func (a *account) story(id int64, metric string) []string {
	a.t.Helper()
	out := []string{}
	for _, v := range a.shown(id)["metric_events"].(map[string]any)[metric].([]any) {
		e := v.(map[string]any)
		at, err := time.Parse(time.RFC3339, e["time"].(string))
		must(a.t, err)
		mark := ""
		if e["deleted"] == true {
			mark = "~"
		}
		out = append(out, fmt.Sprint(mark, e["instance_id"], " ", e["type"], " ", int(at.Sub(epoch)/time.Minute)))
	}
	return out
}

func (a *account) after(d time.Duration, err error) {
	a.t.Helper()
	must(a.t, err)
	a.now = a.now.Add(d)
}

func TestClocksOfATicket(t *testing.T) {
	a := newAccount(t)
	a.Create(Seed{ID: 1, Priority: "high"})
	check := func(what string, want ...string) {
		t.Helper()
		if d := cmp.Diff(want, a.clocks()); d != "" {
			t.Errorf("%s: %s", what, d)
		}
	}
	check("opened", "first_reply_time active 60", "requester_wait_time active 480")
	a.now = a.now.Add(10 * time.Minute)
	a.after(10*time.Minute, a.AgentReply(1))
	check("answered", "pausable_update_time active 70", "requester_wait_time active 480")
	a.after(10*time.Minute, a.SetStatus(1, "pending"))
	check("pending", "pausable_update_time paused -", "requester_wait_time paused -")
	a.after(0, a.CustomerMessage(1))
	check("the customer writes", "pausable_update_time active 80", "next_reply_time active 150", "requester_wait_time active 490")
	a.after(0, a.SetStatus(1, "hold"))
	check("on hold the customer still waits", "pausable_update_time active 80", "next_reply_time active 150", "requester_wait_time active 490")
	a.after(0, a.SetTags(1, "vip"))
	check("a policy without these targets", []string{}...)
	a.after(0, a.SetTags(1))
	a.after(10*time.Minute, a.SetStatus(1, "solved"))
	check("solved", []string{}...)
	a.after(0, a.CustomerMessage(1))
	check("reopened", "next_reply_time active 160", "requester_wait_time active 500")
	a.after(0, a.SetPriority(1, ""))
	check("without a priority there is no SLA", []string{}...)
}

func TestEventsOfATicket(t *testing.T) {
	a := newAccount(t)
	a.Create(Seed{ID: 1, Priority: "high"})
	a.now = a.now.Add(10 * time.Minute)
	a.after(10*time.Minute, a.AgentReply(1))
	a.after(10*time.Minute, a.AgentReply(1))
	a.after(10*time.Minute, a.CustomerMessage(1))
	a.after(10*time.Minute, a.SetStatus(1, "pending"))
	a.after(10*time.Minute, a.CustomerMessage(1))
	a.after(10*time.Minute, a.SetStatus(1, "solved"))
	for metric, want := range map[string][]string{
		replyTime: {
			"0 measure 0", "1 activate 0", "1 apply_sla 0", "~1 breach 60", "1 fulfill 10", "1 update_status 10",
			"2 activate 30", "2 apply_sla 30", "~2 breach 150", "2 fulfill 60", "2 update_status 60",
		},
		periodicUpdate: {"0 measure 10", "1 activate 10", "1 fulfill 20", "1 update_status 20", "2 activate 20", "2 fulfill 60", "2 update_status 60"},
		agentWork:      {"0 measure 0", "1 activate 0", "1 pause 40", "1 activate 50", "1 fulfill 60", "1 update_status 60"},
		requesterWait: {
			"0 measure 0", "1 activate 0", "1 apply_sla 0", "~1 breach 480", "1 pause 40", "1 activate 50", "~1 breach 490", "1 fulfill 60", "1 update_status 60",
		},
	} {
		if d := cmp.Diff(want, a.story(1, metric)); d != "" {
			t.Errorf("%s: %s", metric, d)
		}
	}
	set := a.shown(1)["metric_set"].(map[string]any)
	if set["replies"] != 2.0 || set["reopens"] != 0.0 || set["solved_at"] != "2026-03-02T11:00:00Z" || set["reply_time_in_minutes"].(map[string]any)["calendar"] != 10.0 {
		t.Errorf("metric set %v", set)
	}
	_, v := a.get("/api/v2/incremental/ticket_metric_events?start_time=0")
	if n := int(v["count"].(float64)); n < 40 || v["next_page"] == nil {
		t.Errorf("%d metric events, next page %v", n, v["next_page"])
	}
}

func TestABreachThatCameStays(t *testing.T) {
	a := newAccount(t)
	a.Create(Seed{ID: 1, Priority: "high"})
	a.now = a.now.Add(2 * time.Hour)
	if d := cmp.Diff([]string{"first_reply_time active 60", "requester_wait_time active 480"}, a.clocks()); d != "" {
		t.Error(d)
	}
	must(t, a.AgentReply(1))
	want := []string{"0 measure 0", "1 activate 0", "1 apply_sla 0", "1 breach 60", "1 fulfill 120", "1 update_status 120"}
	if d := cmp.Diff(want, a.story(1, replyTime)); d != "" {
		t.Error(d)
	}
}

func TestTagsDecideAboutThePolicy(t *testing.T) {
	a := newAccount(t, func(o *Options) { o.ListAchieved = true })
	a.Create(Seed{ID: 1, Priority: "high", Tags: []string{"vip"}})
	a.after(0, a.AgentReply(1))
	if d := cmp.Diff([]string{"first_reply_time achieved -"}, a.clocks()); d != "" {
		t.Error(d)
	}
	_, v := a.get("/api/v2/slas/policies")
	if v["count"] != 2.0 {
		t.Errorf("policies %v", v)
	}
}

func TestSideloadsAreLeftOutUnlessAskedFor(t *testing.T) {
	a := newAccount(t)
	a.Create(Seed{ID: 1, At: epoch.Add(-time.Hour)})
	have := func(path, list, key string) bool {
		_, v := a.get(path)
		_, ok := v[list].([]any)[0].(map[string]any)[key]
		return ok
	}
	for key, include := range map[string]string{"slas": "slas", "metric_events": "metric_events", "metric_set": "metric_sets"} {
		for _, path := range []string{export + "?start_time=0", "/api/v2/tickets?sort=id"} {
			if have(path, "tickets", key) || !have(path+"&include="+include, "tickets", key) {
				t.Errorf("%s on %s", key, path)
			}
		}
		if have("/api/v2/search?query=type:ticket&include="+include, "results", key) {
			t.Errorf("search has %s", key)
		}
	}
	a.SetSideloads(Sideloads{Refuse: true})
	if got, v := a.get("/api/v2/tickets?include=slas"); got != 400 {
		t.Errorf("a side-load that is off: %d %v", got, v)
	}
}

func TestWhatCannotBeChanged(t *testing.T) {
	a := newAccount(t, func(o *Options) { o.Statuses = []CustomStatus{{ID: 9, Label: "At Meta", Category: "hold"}} })
	a.Create(Seed{ID: 1})
	a.Create(Seed{ID: 2})
	must(t, a.Merge(1, 2))
	must(t, a.Delete(2))
	for name, err := range map[string]error{
		"closed by the merge": a.AgentReply(1), "deleted": a.CustomerMessage(2), "never was": a.SetStatus(3, "open"),
		"merged into what is gone": a.Merge(1, 2), "unknown status": a.SetCustomStatus(2, 10), "touching nothing": a.Touch(3),
	} {
		if err == nil {
			t.Errorf("%s: changed", name)
		}
	}
	id := a.Create(Seed{})
	must(t, a.SetCustomStatus(id, 9))
	if v := a.shown(id); v["status"] != "hold" || v["custom_status_id"] != 9.0 || id != 3 {
		t.Errorf("ticket %d: %v, %v", id, v["status"], v["custom_status_id"])
	}
	_, v := a.get("/api/v2/custom_statuses")
	if len(v["custom_statuses"].([]any)) != 1 {
		t.Errorf("statuses %v", v)
	}
}
