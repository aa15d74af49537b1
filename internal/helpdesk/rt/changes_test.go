package rt

import (
	"maps"
	"net/http"
	"strings"
	"testing"
	"time"

	simulator "whatsapp_sla_exporter/internal/simulator/rt"
	"whatsapp_sla_exporter/internal/upstream"
)

func TestAQuietPollCostsOneCall(t *testing.T) {
	d := newTestDesk(t)
	for range 200 {
		d.Create(simulator.Seed{})
	}
	d.Advance(time.Hour)
	cursor := d.changes(t, "").Cursor
	if n := d.calls(func() { cursor = d.changes(t, cursor).Cursor }); n != 1 {
		t.Errorf("nothing changed: %d calls, want 1", n)
	}
	must(t, d.Reply(7))
	if n := d.calls(func() { d.changes(t, cursor) }); n != 2 {
		t.Errorf("one ticket changed: %d calls, want 2", n)
	}
}

// RT commits a transaction with a low number after others with higher ones that were seen already.
func TestATransactionThatAppearsLateIsNotPassedOver(t *testing.T) {
	d := newTestDesk(t)
	slow, quick := d.Create(simulator.Seed{}), d.Create(simulator.Seed{})
	d.Advance(time.Hour)
	cursor := d.changes(t, "").Cursor
	commit, err := d.ReplyLate(slow)
	must(t, err)
	d.Advance(5 * time.Second)
	must(t, d.Reply(quick))
	p := d.changes(t, cursor)
	if got := find(t, p, quick); !got.FirstResponseAt.Equal(after(time.Hour + 5*time.Second)) {
		t.Errorf("the quick answer came at %v", got.FirstResponseAt)
	}
	commit()
	d.Advance(30 * time.Second)
	p = d.changes(t, p.Cursor)
	if got := find(t, p, slow); !got.FirstResponseAt.Equal(after(time.Hour)) {
		t.Errorf("the slow answer came at %v", got.FirstResponseAt)
	}
	if len(p.Tickets) != 1 {
		t.Errorf("what was seen before is told again: %v", states(p))
	}
}

func TestALongHistoryIsReadInSeveralPasses(t *testing.T) {
	d := newTestDesk(t, func(_ *simulator.Options, o *Options) { o.PageSize = 2 })
	for range 101 {
		d.Create(simulator.Seed{})
	}
	got, cursor, passes := statesOf{}, "", 0
	for more := true; more; passes++ {
		p := d.changes(t, cursor)
		maps.Copy(got, states(p))
		cursor, more = p.Cursor, p.More
	}
	if len(got) != 101 || passes != 3 { // of 20 pages with 2 rows
		t.Errorf("%d tickets in %d passes, want 101 in 3", len(got), passes)
	}
}

func TestAFirstPassLooksBackNoFurtherThanAsked(t *testing.T) {
	d := newTestDesk(t, func(so *simulator.Options, o *Options) {
		o.Lookback = time.Hour
		so.Users[0].Zone = time.FixedZone("far behind", -12*60*60)
	})
	d.Create(simulator.Seed{})
	d.Advance(time.Minute)
	young := d.Create(simulator.Seed{})
	d.Advance(time.Hour)
	p := d.changes(t, "")
	if len(p.Tickets) != 1 {
		t.Errorf("tickets %v, want the one of the last hour", states(p))
	}
	find(t, p, young)
}

func TestACursorThatFitsNoMoreIsGivenUp(t *testing.T) {
	for name, tc := range map[string]struct {
		cursor string
		change func(d *desk)
	}{
		"beyond all that a restored database has": {"4000", func(*desk) {}},
		"before a long stretch that is hidden": {"1", func(d *desk) {
			for range 300 {
				must(t, d.Comment(1))
			}
			must(t, d.Reply(1))
		}},
	} {
		t.Run(name, func(t *testing.T) {
			d := newTestDesk(t, func(so *simulator.Options, _ *Options) { so.Users[0].Comments = false })
			d.Create(simulator.Seed{})
			tc.change(d)
			if p := d.changes(t, tc.cursor); p.Gap || len(p.Tickets) != 0 {
				t.Fatalf("before anything tells: gap %v, %v", p.Gap, states(p))
			}
			d.open(t)
			p := d.changes(t, tc.cursor)
			if !p.Gap || p.Cursor == tc.cursor {
				t.Fatalf("gap %v, cursor %s; want another cursor", p.Gap, p.Cursor)
			}
			d.open(t)
			must(t, d.Write(1))
			if got := find(t, d.changes(t, p.Cursor), 1); got.WaitingSince.IsZero() {
				t.Errorf("what comes then is not seen: %+v", got)
			}
			if p = d.changes(t, p.Cursor); p.Gap {
				t.Error("gives up again")
			}
		})
	}
}

func TestTicketsOfOtherTypesAreNoTickets(t *testing.T) {
	d := newTestDesk(t)
	d.Create(simulator.Seed{Type: "reminder"})
	real := d.Create(simulator.Seed{})
	if p := d.changes(t, ""); len(p.Tickets) != 1 || p.Tickets[0].ID != idText(real) {
		t.Errorf("%v, want ticket %d alone", states(p), real)
	}
}

func TestDeletedAndMergedTicketsAreGoneAtOnce(t *testing.T) {
	d := newTestDesk(t)
	for range 4 {
		d.Create(simulator.Seed{})
	}
	d.Advance(time.Hour)
	cursor := d.changes(t, "").Cursor
	must(t, d.Delete(1))
	must(t, d.Merge(2, 3))
	if x := diff(statesOf{"1": "gone", "2": "gone", "3": "new"}, states(d.changes(t, cursor))); x != "" {
		t.Error(x)
	}
}

// RT makes next_page of the host that it believes in.
func TestNoLinkOfAnAnswerIsFollowed(t *testing.T) {
	d := newTestDesk(t)
	for range 250 {
		d.Create(simulator.Seed{})
	}
	d.client.api = nil
	strayed := 0
	o := upstream.Options{BaseURL: d.url, Rate: 1e6, Burst: 1e6, Check: check, HTTP: &http.Client{Transport: roundTrip(func(r *http.Request) (*http.Response, error) {
		if "http://"+r.URL.Host != d.url {
			strayed++
		}
		r = r.Clone(r.Context())
		r.Host = "rt.elsewhere.example"
		r.Header.Set("Authorization", "token "+secret)
		return http.DefaultTransport.RoundTrip(r)
	})}}
	api, err := upstream.New(o)
	must(t, err)
	t.Cleanup(http.DefaultTransport.(*http.Transport).CloseIdleConnections)
	d.client.api = api
	if n := len(d.open(t).Tickets); n != 250 || strayed != 0 {
		t.Errorf("%d tickets, %d requests to other hosts", n, strayed)
	}
}

type roundTrip func(*http.Request) (*http.Response, error)

func (f roundTrip) RoundTrip(r *http.Request) (*http.Response, error) { return f(r) }

// Nobody asks RT for words or names. What a user's reference says beside its number is not read.
func TestNoPersonIsAskedFor(t *testing.T) {
	for _, field := range []string{"Subject", "Owner", "Cc", "AdminCc", "EmailAddress", "Name", "Content"} {
		if strings.Contains(","+rowFields+","+transactionFields+",", ","+field+",") {
			t.Errorf("%s is asked for", field)
		}
	}
}
