package zendesk

import (
	"fmt"
	"net/http"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"github.com/go-kit/log"

	"whatsapp_sla_exporter/internal/helpdesk"
	"whatsapp_sla_exporter/internal/simulator/fault"
	simulator "whatsapp_sla_exporter/internal/simulator/zendesk"
	"whatsapp_sla_exporter/internal/sla"
	"whatsapp_sla_exporter/internal/state"
	"whatsapp_sla_exporter/internal/upstream"
)

// A pass whose events fail tells of the tickets with the deadlines that were known, and stays where it was.
func TestMetricEventsThatCannotBeReadLeaveWhatWasKnown(t *testing.T) {
	for kind, want := range map[fault.Kind]upstream.Reason{
		fault.HTML: upstream.Decode, fault.Truncated: upstream.Decode, fault.Throttled: upstream.Throttled, fault.ServerError: upstream.Server,
		fault.Unauthorized: upstream.Auth, fault.NotFound: upstream.NotFound,
	} {
		t.Run(string(kind), func(t *testing.T) {
			d := newBareDesk(t)
			d.Create(simulator.Seed{ID: 1, Priority: "urgent", At: epoch.Add(-10 * time.Minute)})
			cursor := d.caughtUp(t)
			read := d.client.feed.read
			must(t, d.AgentReply(1))
			d.pass(time.Minute)
			d.Fail(fault.Fault{Kind: kind, Path: exportOfEvents})
			p, err := d.client.Changes(t.Context(), cursor)
			if got := upstream.ReasonOf(err); got != want {
				t.Fatalf("reason %s, want %s: %v", got, want, err)
			}
			if got := find(t, p, "1"); got.Status != sla.StatusOpen || dues(got.Native)[sla.FirstResponse] != 20 || p.Cursor != cursor {
				t.Errorf("status %s, %+v, cursor %q", got.Status, got.Native, p.Cursor)
			}
			if !d.client.feed.read.Equal(read) {
				t.Errorf("read up to %v, and before to %v", d.client.feed.read, read)
			}
			d.Heal()
			if got := find(t, d.changes(t, cursor), "1").Native; len(got) == 0 || got[0].MetAt.IsZero() {
				t.Errorf("after the failure: %+v", got)
			}
		})
	}
}

// An account that never had the export goes without, and is asked again after an hour.
func TestMetricEventsThatWereNeverAllowed(t *testing.T) {
	d := newBareDesk(t)
	d.Create(simulator.Seed{ID: 1, Priority: "urgent", At: epoch.Add(-10 * time.Minute)})
	d.Fail(fault.Fault{Kind: fault.NotFound, Path: exportOfEvents})
	cursor := d.changes(t, "").Cursor
	cursor = d.changes(t, cursor).Cursor
	if n := d.spent(func() { cursor = d.changes(t, cursor).Cursor })[exportOfEvents]; n != 0 {
		t.Errorf("asked %d times again", n)
	}
	d.Heal()
	d.pass(agentFor)
	if !d.changes(t, cursor).Gap {
		t.Error("the export is allowed now, and not read")
	}
}

func TestAgentsTokenCannotReadMetricEvents(t *testing.T) {
	var logged lines
	d := newBareDesk(t, withToken("agents-token"), func(_ *simulator.Options, o *Options) { o.Logger = &logged })
	d.Create(simulator.Seed{ID: 1, Priority: "urgent", At: epoch.Add(-10 * time.Minute)})
	p := d.changes(t, "")
	d.changes(t, p.Cursor)
	if got := find(t, p, "1").Native; len(got) != 0 || d.Calls()[exportOfEvents] != 0 || logged.with("an agent's token cannot read") != 1 {
		t.Errorf("%v, %d calls, %q", got, d.Calls()[exportOfEvents], logged)
	}
}

// changing is basic auth with a token that somebody replaces.
type changing struct{ token *string }

func (c changing) RoundTrip(r *http.Request) (*http.Response, error) {
	return login{*c.token}.RoundTrip(r)
}

// What was known of deadlines is not told for ever once nobody can say how they went on.
func TestATokenThatIsNotAnAdminsAnyMoreEndsTheMetricEvents(t *testing.T) {
	token := secret
	d := newBareDesk(t, func(_ *simulator.Options, o *Options) { o.Upstream.HTTP = &http.Client{Transport: changing{&token}} })
	d.Create(simulator.Seed{ID: 1, Priority: "urgent", At: epoch.Add(-10 * time.Minute)})
	cursor := d.caughtUp(t)
	token = "agents-token"
	d.pass(time.Minute)
	d.changes(t, cursor)
	d.pass(time.Minute)
	if got := find(t, d.changes(t, cursor), "1").Native; len(got) != 0 {
		t.Errorf("%+v", got)
	}
}

// lines is a logger that keeps what it was told.
type lines []string

var _ log.Logger = (*lines)(nil)

func (l *lines) Log(kv ...any) error {
	*l = append(*l, fmt.Sprint(kv...))
	return nil
}

// with counts the lines with a text.
func (l *lines) with(text string) (n int) {
	for _, line := range *l {
		if strings.Contains(line, text) {
			n++
		}
	}
	return n
}

// many is an account with more events than a pass may read.
func many(t *testing.T, change ...func(*simulator.Options, *Options)) *desk {
	t.Helper()
	d := newBareDesk(t, append(change, func(o *simulator.Options, _ *Options) { o.EventPage = fullEvents })...)
	for id := range int64(60) {
		d.Create(simulator.Seed{ID: id + 1, Priority: "urgent", At: epoch.Add(time.Duration(id-120) * time.Minute)})
	}
	return d
}

// Half a history tells of deadlines that somebody has met long ago: none is told until all is read.
func TestALongHistoryIsReadInPartsAndToldWhenItIsWhole(t *testing.T) {
	d := many(t)
	cursor := d.changes(t, "").Cursor
	d.pass(time.Minute)
	p := d.changes(t, cursor)
	if p.Gap || !p.More {
		t.Fatalf("gap %v, more %v", p.Gap, p.More)
	}
	for _, v := range append(p.Tickets, d.open(t).Tickets...) {
		if len(v.Native) > 0 {
			t.Fatalf("in the middle there are deadlines of ticket %s: %v", v.ID, v.Native)
		}
	}
	calls := d.spent(func() { d.catchUp(t, p.Cursor) })[exportOfEvents]
	told := 0
	for _, v := range d.open(t).Tickets {
		if len(v.Native) == 2 {
			told++
		}
	}
	if told != 60 || calls == 0 {
		t.Errorf("deadlines of %d tickets after %d calls", told, calls)
	}
}

func TestAPageOfMetricEventsThatRepeatsIsAFailure(t *testing.T) {
	d := many(t)
	cursor := d.changes(t, "").Cursor
	d.Fail(fault.Fault{Kind: fault.Repeat, Path: exportOfEvents, After: 1})
	if _, err := d.client.Changes(t.Context(), cursor); upstream.ReasonOf(err) != upstream.Decode || !d.client.feed.read.IsZero() {
		t.Errorf("read up to %v: %v", d.client.feed.read, err)
	}
}

// After an outage that is longer than a pass can catch up with, deadlines are unknown until it has.
func TestAGapThatIsTooLongForOnePass(t *testing.T) {
	d := many(t)
	d.Create(simulator.Seed{ID: 99, Priority: "urgent"})
	d.pass(2 * time.Minute)
	cursor := d.catchUp(t, "")
	for range 3 {
		for id := range int64(60) {
			d.pass(20 * time.Second)
			must(t, d.AgentReply(id+1))
			must(t, d.CustomerMessage(id+1))
		}
	}
	must(t, d.AgentReply(99))
	d.pass(2 * time.Minute)
	p := d.changes(t, cursor)
	if got := find(t, p, "99"); p.Gap || len(got.Native) != 0 {
		t.Errorf("in the middle: gap %v, %+v", p.Gap, got.Native)
	}
	d.catchUp(t, p.Cursor)
	if got := find(t, d.open(t), "99").Native; len(got) == 0 || got[0].MetAt.IsZero() {
		t.Errorf("afterwards: %+v", got)
	}
}

// The ten calls a minute are for all exports: a pass that is refused one fails, keeps what was known, and the next
// minute brings the rest.
func TestAllExportsShareTheirAllowance(t *testing.T) {
	d := newBareDesk(t, func(o *simulator.Options, _ *Options) { o.IncrementalLimit = 3 })
	d.Create(simulator.Seed{ID: 1, Priority: "urgent", At: epoch.Add(-10 * time.Minute)})
	cursor := d.caughtUp(t) // one and two calls
	p, err := d.client.Changes(t.Context(), cursor)
	if upstream.ReasonOf(err) != upstream.Throttled || upstream.RetryAfterOf(err) != time.Minute || p.Cursor != cursor {
		t.Fatalf("cursor %q: %v", p.Cursor, err)
	}
	if factor, wait := d.client.Pace(); factor != 1 || wait != time.Minute {
		t.Errorf("the next poll waits %v, %v times", wait, factor)
	}
	d.pass(time.Minute)
	must(t, d.AgentReply(1))
	if got := find(t, d.changes(t, cursor), "1").Native; len(got) == 0 || got[0].MetAt.IsZero() {
		t.Errorf("a minute later: %+v", got)
	}
}

// A start that is too recent by Zendesk's clock is moved back by it.
func TestMetricEventsOfAZendeskWhoseClockIsBehind(t *testing.T) {
	d := newBareDesk(t)
	d.Create(simulator.Seed{ID: 1, Priority: "urgent", At: epoch.Add(-10 * time.Minute)})
	o := d.client.o
	o.Now = func() time.Time { return d.Now().Add(3 * time.Hour) }
	o.Lookback = time.Hour
	client, err := New(o)
	must(t, err)
	client.feed.on = true // before any answer told of the clock
	p, err := client.Changes(t.Context(), "")
	must(t, err)
	if !p.Gap || p.Skew != -3*time.Hour {
		t.Errorf("gap %v, skew %v", p.Gap, p.Skew)
	}
}

func openStore(t *testing.T, path string) *state.Store {
	t.Helper()
	s, err := state.Open(path)
	must(t, err)
	return s
}

// A restart goes on from what was kept, whatever became of the process between; an account of another address does
// not.
func TestMetricEventsSurviveARestart(t *testing.T) {
	path := filepath.Join(t.TempDir(), "state.db")
	store := openStore(t, path)
	d := newBareDesk(t, func(_ *simulator.Options, o *Options) { o.Name, o.Store = "support", store })
	d.Create(simulator.Seed{ID: 1, Priority: "urgent", At: epoch.Add(-10 * time.Minute)})
	d.pass(2 * time.Minute)
	cursor := d.caughtUp(t)
	must(t, d.AgentReply(1))
	d.pass(2 * time.Hour)
	must(t, store.Close())

	o := d.client.o
	o.Store = openStore(t, path)
	again, err := New(o)
	must(t, err)
	var p *helpdesk.Pass
	if n := d.spent(func() { p, err = again.Changes(t.Context(), cursor) })[exportOfEvents]; n != 1 {
		t.Errorf("%d calls, want one from where it stopped", n)
	}
	must(t, err)
	if got := find(t, p, "1"); dues(got.Native)[sla.FirstResponse] != 20 || !got.FirstResponseAt.Equal(minute(2)) || !got.PausesKnown {
		t.Errorf("after the restart: %+v", got)
	}

	o.Upstream.BaseURL += "/other"
	other, err := New(o)
	must(t, err)
	if other.feed.on || len(other.feed.tickets) > 0 {
		t.Error("the events of one account are taken for another's")
	}
	must(t, other.feed.keep())
	o.Upstream.BaseURL = d.url
	first, err := New(o)
	must(t, err)
	if first.feed.on || len(first.feed.tickets)+len(first.feed.changed) > 0 {
		t.Error("events of another account are kept")
	}
	must(t, o.Store.Close())
}

func TestAStateThatCannotBeWrittenIsToldAndNothingIsLost(t *testing.T) {
	store := openStore(t, filepath.Join(t.TempDir(), "state.db"))
	d := newBareDesk(t, func(_ *simulator.Options, o *Options) { o.Name, o.Store = "support", store })
	d.Create(simulator.Seed{ID: 1, Priority: "urgent", At: epoch.Add(-10 * time.Minute)})
	cursor := d.changes(t, "").Cursor
	must(t, store.Close())
	p, err := d.client.Changes(t.Context(), cursor)
	if err == nil || p.Cursor != cursor || len(d.client.feed.changed) != 1 {
		t.Errorf("cursor %q, %d tickets to keep: %v", p.Cursor, len(d.client.feed.changed), err)
	}
}
