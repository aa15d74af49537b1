package jira

import (
	"encoding/json"
	"fmt"
	"strings"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"

	"whatsapp_sla_exporter/internal/simulator/desk"
	"whatsapp_sla_exporter/internal/simulator/fault"
	simulator "whatsapp_sla_exporter/internal/simulator/jira"
)

func TestALongConversationIsReadOnceUntilItGrows(t *testing.T) {
	s := newSite(t, func(so *simulator.Options, _ *Options) { so.CommentsInRow = 3 })
	id := s.Create(desk.Seed{Priority: "high"})
	step := func(what func(int64) error) time.Time {
		s.Advance(time.Minute)
		must(t, what(id))
		return s.Now()
	}
	first := step(s.Reply)
	for range 3 {
		step(s.Write)
	}
	last := step(s.Reply)
	waiting := step(s.Write)
	latest := step(s.Write)
	key := simulator.Key(id)
	calls := func() int { return s.Calls()["/rest/api/3/issue/"+key+"/comment"] }
	for range 3 {
		v := ok(t)(s.client.Open(t.Context())).Tickets[0]
		got := []time.Time{v.FirstResponseAt, v.LastAgentReplyAt, v.WaitingSince, v.LastCustomerMessageAt}
		if d := cmp.Diff([]time.Time{first, last, waiting, latest}, got); d != "" || calls() != 1 {
			t.Errorf("%d calls, %s", calls(), d)
		}
	}
	answered := step(s.Reply)
	v := ok(t)(s.client.Open(t.Context())).Tickets[0]
	if !v.LastAgentReplyAt.Equal(answered) || !v.WaitingSince.IsZero() || calls() != 2 {
		t.Errorf("%d calls, %+v", calls(), v)
	}
	s.Fail(fault.Fault{Kind: fault.ServerError, Path: "/rest/api/3/issue/"})
	step(s.Write)
	if v := ok(t)(s.client.Open(t.Context())).Tickets[0]; !v.FirstResponseAt.Equal(first) {
		t.Errorf("what the row has is not taken where the rest cannot be read: %+v", v)
	}
}

func TestLongConversationsAreReadWithinABudget(t *testing.T) {
	s := newSite(t, func(so *simulator.Options, _ *Options) { so.CommentsInRow = 1 })
	for range commentBudget + 5 {
		id := s.Create(desk.Seed{Priority: "high"})
		must(t, s.Reply(id), s.Reply(id))
	}
	comments := func() (n int) {
		for path, calls := range s.Calls() {
			if strings.HasSuffix(path, "/comment") {
				n += calls
			}
		}
		return n
	}
	for _, want := range []int{commentBudget, commentBudget + 5, commentBudget + 5} {
		if p := ok(t)(s.client.Open(t.Context())); len(p.Tickets) != commentBudget+5 || comments() != want {
			t.Errorf("%d tickets, %d calls, want %d", len(p.Tickets), comments(), want)
		}
	}
}

func TestWhoIsAnAgent(t *testing.T) {
	comment := func(minute int, account, kind string, public any) map[string]any {
		return map[string]any{"author": map[string]any{"accountId": account, "accountType": kind}, "jsdPublic": public, "created": fmt.Sprintf("2026-03-02T09:%02d:00.000+0000", minute)}
	}
	rows := []any{
		comment(30, "acc-2", "atlassian", true),
		comment(5, "robot", "app", true),
		comment(10, "acc-1", "atlassian", true), // the reporter, though a colleague
		comment(15, "acc-3", "customer", true),  // a participant
		comment(20, "acc-2", "atlassian", false),
		comment(40, "acc-3", "customer", true),
		comment(45, "acc-1", "atlassian", nil),
	}
	raw, err := json.Marshal(map[string]any{"key": "SUP-1", "fields": map[string]any{
		"status": map[string]any{"name": "In progress", "statusCategory": map[string]any{"key": "indeterminate"}}, "created": "2026-03-02T09:00:00.000+0000",
		"reporter": map[string]any{"accountId": "acc-1", "accountType": "atlassian"}, "comment": map[string]any{"comments": rows, "total": len(rows)},
	}})
	must(t, err)
	i, err := readIssue(raw)
	must(t, err)
	got := talk(i.Fields.Comment.V.Comments, i.Fields.Reporter.V.AccountID)
	want := conversation{first: at("2026-03-02T09:30:00Z"), last: at("2026-03-02T09:30:00Z"), customer: at("2026-03-02T09:45:00Z"), waiting: at("2026-03-02T09:40:00Z")}
	if d := cmp.Diff(want, got, cmp.AllowUnexported(conversation{})); d != "" {
		t.Error(d)
	}
}
