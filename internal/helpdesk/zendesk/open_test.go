package zendesk

import (
	"context"
	"fmt"
	"strings"
	"testing"
	"time"

	"whatsapp_sla_exporter/internal/simulator/fault"
	simulator "whatsapp_sla_exporter/internal/simulator/zendesk"
	"whatsapp_sla_exporter/internal/upstream"
)

func TestOpenReadsAllOpenTicketsAndNoOthers(t *testing.T) {
	d := newDesk(t)
	for i, status := range []string{"new", "open", "pending", "hold", "solved", "closed"} {
		d.Create(simulator.Seed{ID: int64(i + 1), Status: status, At: epoch.Add(-time.Hour)})
	}
	want := statesOf{"1": "new", "2": "open", "3": "pending", "4": "on_hold"}
	if x := diff(want, states(d.open(t))); x != "" {
		t.Error(x)
	}
}

func TestOpenPagesThroughEverything(t *testing.T) {
	d := newDesk(t)
	for id := range int64(234) {
		d.Create(simulator.Seed{ID: id + 1, Priority: "high", At: epoch.Add(-time.Hour)})
	}
	p := d.open(t)
	if len(states(p)) != 234 || len(p.Tickets) != 234 {
		t.Errorf("%d tickets, want 234", len(p.Tickets))
	}
}

// The search index is a minute old: what changed since is told as it is now.
func TestOpenTellsTheTruthOfTicketsThatChangedMeanwhile(t *testing.T) {
	d := newDesk(t)
	for id := range int64(4) {
		d.Create(simulator.Seed{ID: id + 1, At: epoch.Add(-time.Hour)})
	}
	must(t, d.SetStatus(1, "solved"))
	must(t, d.Delete(2))
	must(t, d.Merge(3, 4))
	d.Create(simulator.Seed{ID: 5})
	d.pass(time.Second)
	if x := diff(statesOf{"1": "solved", "2": "gone", "3": "gone", "4": "new"}, states(d.open(t))); x != "" {
		t.Error(x)
	}
	d.pass(2 * time.Minute)
	if x := diff(statesOf{"4": "new", "5": "new"}, states(d.open(t))); x != "" {
		t.Error(x)
	}
}

func TestLookupTellsHowMissingTicketsEnded(t *testing.T) {
	d := newDesk(t)
	for id := range int64(4) {
		d.Create(simulator.Seed{ID: id + 1, At: epoch.Add(-time.Hour)})
	}
	must(t, d.SetStatus(1, "solved"))
	must(t, d.Delete(2))
	p, err := d.client.Lookup(t.Context(), []string{"1", "2", "3", "99"})
	must(t, err)
	if x := diff(statesOf{"1": "solved", "2": "gone", "3": "new", "99": "gone"}, states(p)); x != "" {
		t.Error(x)
	}
	if got := find(t, p, "1").SolvedAt; !got.Equal(epoch) {
		t.Errorf("solved at %v, want %v", got, epoch)
	}
}

func TestLookupOfManyAsksForAHundredAtATime(t *testing.T) {
	d := newDesk(t)
	var ids []string
	for id := range 250 {
		d.Create(simulator.Seed{ID: int64(id + 1)})
		ids = append(ids, fmt.Sprint(id+1))
	}
	p, err := d.client.Lookup(t.Context(), ids)
	must(t, err)
	if got := d.Calls()["/api/v2/tickets/show_many"]; got != 3 || len(p.Tickets) != 250 {
		t.Errorf("%d calls for %d tickets, want 3 for 250", got, len(p.Tickets))
	}
}

func TestOpenIsAllOrNothing(t *testing.T) {
	for name, tc := range map[string]struct {
		fault fault.Fault
		want  upstream.Reason
		text  string
	}{
		"the search fails in the middle":        {fault.Fault{Path: "/api/v2/search/export", After: 2, Kind: fault.ServerError}, upstream.Server, "/search/export"},
		"the search repeats a page":             {fault.Fault{Path: "/api/v2/search/export", After: 2, Kind: fault.Repeat}, upstream.Decode, "repeats a page"},
		"the search is cut off":                 {fault.Fault{Path: "/api/v2/search/export", After: 2, Kind: fault.Truncated}, upstream.Decode, "not the JSON that was expected"},
		"the tickets themselves fail":           {fault.Fault{Path: "/api/v2/tickets/show_many", After: 1, Kind: fault.HTML}, upstream.Decode, "text/html"},
		"throttled without saying for how long": {fault.Fault{Path: "/api/v2/tickets/show_many", After: 1, Kind: fault.Throttled}, upstream.Throttled, "Number of allowed API requests"},
		"throttled for longer than it pays to wait": {
			fault.Fault{Path: "/api/v2/tickets/show_many", Kind: fault.Throttled, RetryAfter: time.Hour}, upstream.Throttled, "APIRateLimitExceeded",
		},
		"throttled again and again": {
			fault.Fault{Path: "/api/v2/tickets/show_many", Kind: fault.Throttled, RetryAfter: time.Minute}, upstream.Throttled, "APIRateLimitExceeded",
		},
	} {
		t.Run(name, func(t *testing.T) {
			d := newDesk(t)
			d.client.batch = 10
			for id := range int64(35) {
				d.Create(simulator.Seed{ID: id + 1, At: epoch.Add(-time.Hour)})
			}
			d.Fail(tc.fault)
			p, err := d.client.Open(t.Context())
			if p != nil || upstream.ReasonOf(err) != tc.want || !strings.Contains(err.Error(), tc.text) {
				t.Errorf("pass %v, error %v", p != nil, err)
			}
		})
	}
}

func TestOpenSitsThrottlingOut(t *testing.T) {
	d := newDesk(t, func(o *simulator.Options, _ *Options) { o.AccountLimit = 10 })
	d.client.batch = 10
	for id := range int64(100) {
		d.Create(simulator.Seed{ID: id + 1, At: epoch.Add(-time.Hour)})
	}
	if got := len(d.open(t).Tickets); got != 100 || len(d.waited) == 0 {
		t.Errorf("%d tickets after waiting %v, want 100", got, d.waited)
	}
}

func TestWaitEndsWithTheContext(t *testing.T) {
	ctx, cancel := context.WithCancel(t.Context())
	cancel()
	if err := wait(ctx, time.Hour); err == nil {
		t.Error("waited for an hour")
	}
	if err := wait(t.Context(), time.Nanosecond); err != nil {
		t.Error(err)
	}
}

func TestAnswersThatLackTheirListAreNoEmptyLists(t *testing.T) {
	for _, body := range []string{`{}`, `{"tickets":null,"results":null}`, `{"tickets":[],"results":[]}`, `[]`, `"maintenance"`, ``} {
		c := serve(t, body)
		if p, err := c.Changes(t.Context(), ""); upstream.ReasonOf(err) != upstream.Decode {
			t.Errorf("%s: changes %+v, %v", body, p, err)
		}
		if p, err := c.Open(t.Context()); upstream.ReasonOf(err) != upstream.Decode {
			t.Errorf("%s: open %+v, %v", body, p, err)
		}
		if p, err := c.Lookup(t.Context(), []string{"1"}); !strings.Contains(body, `"tickets":[]`) && upstream.ReasonOf(err) != upstream.Decode {
			t.Errorf("%s: lookup %+v, %v", body, p, err)
		}
	}
}
