package jira

import (
	"context"
	"encoding/json"
	"fmt"
	"net/http"
	"net/http/httptest"
	"regexp"
	"strings"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"
	"github.com/google/go-cmp/cmp/cmpopts"
	"go.uber.org/goleak"

	"whatsapp_sla_exporter/internal/helpdesk"
	"whatsapp_sla_exporter/internal/simulator/desk"
	"whatsapp_sla_exporter/internal/simulator/fault"
	simulator "whatsapp_sla_exporter/internal/simulator/jira"
	"whatsapp_sla_exporter/internal/sla"
	"whatsapp_sla_exporter/internal/upstream"
)

func TestMain(m *testing.M) { goleak.VerifyTestMain(m) }

var epoch = time.Date(2026, 3, 2, 10, 0, 0, 0, time.UTC)

func at(text string) time.Time {
	t, err := time.Parse(time.RFC3339, text)
	if err != nil {
		panic(err)
	}
	return t
}

// site is a simulated site and a client that reads it.
type simulated struct {
	*simulator.Server
	*fault.Injector
	client *Client
	now    time.Time
}

type basic struct{ token string }

func (b basic) RoundTrip(r *http.Request) (*http.Response, error) {
	r = r.Clone(r.Context())
	r.SetBasicAuth("ops@acme.example", b.token)
	return http.DefaultTransport.RoundTrip(r)
}

func newSite(t *testing.T, token string, change func(*simulator.Options, *Options)) *simulated {
	t.Helper()
	s := &simulated{now: epoch}
	clock := func() time.Time { return s.now }
	so := simulator.Options{Email: "ops@acme.example", Token: "s3cret", Now: clock, Targets: map[string]desk.Targets{"high": {FirstResponse: time.Hour, Resolution: 8 * time.Hour}}}
	co := Options{Now: clock, Upstream: upstream.Options{HTTP: &http.Client{Transport: basic{token}}, Rate: 1e6, Burst: 1e6, FirstBackoff: time.Millisecond}}
	if change != nil {
		change(&so, &co)
	}
	s.Server = simulator.New(so)
	s.Injector = fault.New(clock, fault.Bodies{})
	srv := httptest.NewServer(s.Wrap(s.Server))
	t.Cleanup(srv.Close)
	t.Cleanup(http.DefaultTransport.(*http.Transport).CloseIdleConnections)
	co.Upstream.BaseURL = srv.URL
	c, err := New(co)
	if err != nil {
		t.Fatal(err)
	}
	c.wait = func(_ context.Context, d time.Duration) error {
		s.now = s.now.Add(d)
		return nil
	}
	s.client = c
	return s
}

func ok(t *testing.T) func(p *helpdesk.Pass, err error) *helpdesk.Pass {
	return func(p *helpdesk.Pass, err error) *helpdesk.Pass {
		t.Helper()
		if err != nil {
			t.Fatal(err)
		}
		return p
	}
}

func must(t *testing.T, errs ...error) {
	t.Helper()
	for _, err := range errs {
		if err != nil {
			t.Fatal(err)
		}
	}
}

// Refused credentials are no credentials to some endpoints: an empty list to anybody must not be all open tickets.
func TestAnAnswerToAnybodyIsARefusal(t *testing.T) {
	s := newSite(t, "wrong", func(so *simulator.Options, co *Options) {
		so.Anonymous = true
		co.JQL = "project = SUP"
	})
	s.client.siteAt = epoch // the fields are known from before
	s.client.site.filter = "project = SUP"
	if p, err := s.client.Open(t.Context()); upstream.ReasonOf(err) != upstream.Auth || p != nil {
		t.Errorf("got %+v, %v", p, err)
	}
}

func TestALongConversationIsReadOnceUntilItGrows(t *testing.T) {
	s := newSite(t, "s3cret", func(so *simulator.Options, _ *Options) { so.CommentsInRow = 3 })
	id := s.Create(desk.Seed{Priority: "high"})
	step := func(what func(int64) error) time.Time {
		s.now = s.now.Add(time.Minute)
		must(t, what(id))
		return s.now
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
	s := newSite(t, "s3cret", func(so *simulator.Options, _ *Options) { so.CommentsInRow = 1 })
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

func TestOnlyServiceProjectsAreReadUnlessTold(t *testing.T) {
	s := newSite(t, "s3cret", nil)
	s.Create(desk.Seed{Priority: "high"})
	ok(t)(s.client.Open(t.Context()))
	if s.client.site.filter != `project in ("SUP")` {
		t.Errorf("filter %s", s.client.site.filter)
	}
	told := newSite(t, "s3cret", func(_ *simulator.Options, co *Options) { co.JQL = "project in (OPS)" })
	_, err := told.client.Open(t.Context())
	if upstream.ReasonOf(err) != upstream.BadRequest || !strings.Contains(err.Error(), "The value 'OPS' does not exist for the field 'project'.") {
		t.Errorf("got %v", err)
	}
}

func TestSLAsAreFoundByTheirTypeAndNames(t *testing.T) {
	s := newSite(t, "s3cret", nil)
	ok(t)(s.client.Open(t.Context()))
	want := map[string]sla.Target{"customfield_10030": sla.FirstResponse, "customfield_10031": sla.Resolution, "customfield_10032": sla.NextResponse}
	if d := cmp.Diff(want, s.client.site.slas); d != "" {
		t.Error(d)
	}
	own := newSite(t, "s3cret", func(_ *simulator.Options, co *Options) {
		co.Clocks = []Clock{{regexp.MustCompile("after resolution"), sla.FollowUp}}
	})
	ok(t)(own.client.Open(t.Context()))
	if d := cmp.Diff(map[string]sla.Target{"customfield_10033": sla.FollowUp}, own.client.site.slas); d != "" {
		t.Error(d)
	}
}

func TestAThrottledPassOverAllIssuesWaits(t *testing.T) {
	s := newSite(t, "s3cret", func(so *simulator.Options, co *Options) { so.PerMinute, co.PageSize = 4, 1 })
	for range 6 {
		s.Create(desk.Seed{Priority: "high"})
	}
	if p := ok(t)(s.client.Open(t.Context())); len(p.Tickets) != 6 || !s.now.After(epoch) {
		t.Errorf("%d tickets at %v", len(p.Tickets), s.now)
	}
}

func TestPagesThatAreTooLargeAreAskedForWithFewerIssues(t *testing.T) {
	s := newSite(t, "s3cret", func(_ *simulator.Options, co *Options) { co.Upstream.MaxBody = 8 << 10 })
	for range 12 {
		s.Create(desk.Seed{Priority: "high"})
	}
	if p := ok(t)(s.client.Open(t.Context())); len(p.Tickets) != 12 || s.client.pageSize >= 12 {
		t.Errorf("%d tickets, pages of %d", len(p.Tickets), s.client.pageSize)
	}
	tiny := newSite(t, "s3cret", func(_ *simulator.Options, co *Options) { co.Upstream.MaxBody = 2 << 10 })
	tiny.client.siteAt, tiny.client.site.filter = epoch, "project = SUP"
	tiny.Create(desk.Seed{Priority: "high"})
	must(t, tiny.Reply(1), tiny.Reply(1), tiny.Reply(1), tiny.Reply(1), tiny.Reply(1), tiny.Reply(1))
	if _, err := tiny.client.Open(t.Context()); upstream.ReasonOf(err) != upstream.TooLarge {
		t.Errorf("one issue is too large: %v", err)
	}
}

func cycleOf(start, stop, breach string) map[string]any {
	out := map[string]any{"startTime": map[string]any{"epochMillis": at(start).UnixMilli()}}
	for name, text := range map[string]string{"stopTime": stop, "breachTime": breach} {
		if text != "" {
			out[name] = map[string]any{"epochMillis": at(text).UnixMilli()}
		}
	}
	return out
}

func TestCyclesOfAClock(t *testing.T) {
	paused := cycleOf("2026-03-02T08:00:00Z", "", "2026-03-02T12:00:00Z")
	paused["paused"] = true
	for name, c := range map[string]struct {
		clock any
		want  []helpdesk.NativeTarget
	}{
		"one that runs": {
			map[string]any{"ongoingCycle": cycleOf("2026-03-02T08:00:00Z", "", "2026-03-02T12:00:00Z"), "completedCycles": []any{cycleOf("2026-03-01T08:00:00Z", "2026-03-01T09:00:00Z", "2026-03-01T12:00:00Z")}},
			[]helpdesk.NativeTarget{{Target: sla.Resolution, Start: at("2026-03-02T08:00:00Z"), Due: at("2026-03-02T12:00:00Z")}},
		},
		"one that is paused and still shows when it would breach": {
			map[string]any{"ongoingCycle": paused}, []helpdesk.NativeTarget{{Target: sla.Resolution, Start: at("2026-03-02T08:00:00Z"), Paused: true}},
		},
		"one that was reopened and ended again": {
			map[string]any{"completedCycles": []any{cycleOf("2026-03-01T08:00:00Z", "2026-03-01T09:00:00Z", "2026-03-01T12:00:00Z"), cycleOf("2026-03-02T08:00:00Z", "2026-03-02T13:00:00Z", "2026-03-02T12:00:00Z")}},
			[]helpdesk.NativeTarget{{Target: sla.Resolution, Start: at("2026-03-02T08:00:00Z"), Due: at("2026-03-02T12:00:00Z"), MetAt: at("2026-03-02T13:00:00Z")}},
		},
		"one that no goal covers":        {nil, nil},
		"one without cycles":             {map[string]any{}, nil},
		"one that runs without a breach": {map[string]any{"ongoingCycle": cycleOf("2026-03-02T08:00:00Z", "", "")}, nil},
		"one that ended nobody knows when": {
			map[string]any{"completedCycles": []any{cycleOf("2026-03-02T08:00:00Z", "", "2026-03-02T12:00:00Z")}}, nil,
		},
	} {
		t.Run(name, func(t *testing.T) {
			row, err := json.Marshal(map[string]any{"key": "SUP-1", "fields": map[string]any{"customfield_1": c.clock}})
			must(t, err)
			i, err := readIssue(row)
			must(t, err)
			got := natives(i, map[string]sla.Target{"customfield_1": sla.Resolution}, func(f string) { t.Errorf("unknown %s", f) })
			if d := cmp.Diff(c.want, got, cmpopts.EquateEmpty()); d != "" {
				t.Error(d)
			}
		})
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

func TestStatuses(t *testing.T) {
	for name, c := range map[string]struct {
		category, status string
		answered         bool
		want             sla.Status
		unknown          int
	}{
		"new":                       {"new", "Waiting for support", false, sla.StatusNew, 0},
		"new, and answered":         {"new", "Waiting for support", true, sla.StatusOpen, 0},
		"in progress":               {"indeterminate", "In Progress", false, sla.StatusOpen, 0},
		"waiting for the customer":  {"indeterminate", "Waiting for Customer", true, sla.StatusPending, 0},
		"pending, in the first row": {"new", "Pending", false, sla.StatusPending, 0},
		"with a vendor":             {"indeterminate", "Escalated to vendor", true, sla.StatusOnHold, 0},
		"done, whatever its name":   {"done", "Waiting for customer", true, sla.StatusSolved, 0},
		"no category":               {"undefined", "Waiting for customer", true, sla.StatusOpen, 1},
	} {
		var f fields
		f.Status.Name, f.Status.Category.Key = c.status, c.category
		unknown := 0
		if got := status(&f, c.answered, func(string) { unknown++ }); got != c.want || unknown != c.unknown {
			t.Errorf("%s: %s, %d unknown, want %s", name, got, unknown, c.want)
		}
	}
}

func TestValuesOfCustomFields(t *testing.T) {
	for raw, want := range map[string]string{
		`"text"`: "text", `7.5`: "7.5", `true`: "true", `{"id":"1","value":"meta"}`: "meta", `{"name":"High"}`: "High", `[{"value":"a"},{"value":"b"},"c"]`: "a,b,c",
		`null`: "", `{"id":1}`: "", `{`: "", ``: "",
	} {
		if got := value(json.RawMessage(raw)); got != want {
			t.Errorf("%s is %q, want %q", raw, got, want)
		}
	}
}

func FuzzIssue(f *testing.F) {
	f.Add([]byte(`{"key":"SUP-1","fields":{"status":{"name":"x","statusCategory":{"key":"done"}},"labels":["a"],"created":"2026-03-02T08:15:00.000+0000","customfield_1":{"ongoingCycle":{"startTime":{"epochMillis":1}}},"comment":{"total":2,"comments":[{"created":"x"}]}}}`))
	f.Add([]byte(`{"key":"SUP-1","fields":{"status":null,"labels":"x","priority":[],"comment":7,"reporter":"x","customfield_1":[1],"customfield_2":{"value":1}}}`))
	c, err := New(Options{Upstream: upstream.Options{BaseURL: "https://acme.atlassian.net"}})
	if err != nil {
		f.Fatal(err)
	}
	s := site{slas: map[string]sla.Target{"customfield_1": sla.Resolution}, custom: []string{"customfield_2"}}
	f.Fuzz(func(t *testing.T, raw []byte) {
		i, err := readIssue(raw)
		if err != nil || i.Key == "" {
			return
		}
		v := c.ticket(i, &s, talk(i.Fields.Comment.V.Comments, i.Fields.Reporter.V.AccountID), func(string) {})
		if v.Status == "" || v.ID == "" {
			t.Errorf("%+v", v)
		}
		for _, n := range v.Native {
			if n.Due.IsZero() != n.Paused {
				t.Errorf("a clock with a due is paused, or one without runs: %+v", n)
			}
		}
	})
}

func FuzzSaid(f *testing.F) {
	f.Add([]byte(`{"errorMessages":["a"],"errors":{"jql":"b"}}`))
	f.Add([]byte(`{"message":"x"}`))
	f.Fuzz(func(t *testing.T, body []byte) {
		if text := said(body); len(text) > 210 || strings.ContainsAny(text, "\n\r") {
			t.Errorf("%q", text)
		}
	})
}
