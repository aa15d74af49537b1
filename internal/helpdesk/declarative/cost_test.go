package declarative_test

import (
	"fmt"
	"maps"
	"net/http"
	"net/http/httptest"
	"testing"
	"time"

	"whatsapp_sla_exporter/internal/helpdesk"
	"whatsapp_sla_exporter/internal/helpdesk/conformance"
	"whatsapp_sla_exporter/internal/helpdesk/declarative"
	"whatsapp_sla_exporter/internal/simulator/fault"
	"whatsapp_sla_exporter/internal/simulator/front"
	"whatsapp_sla_exporter/internal/simulator/zohodesk"
	"whatsapp_sla_exporter/internal/upstream"
)

// each is a call for each ticket of a range.
func each(format string, id func(int64) string, from, to int64) conformance.Calls {
	out := conformance.Calls{}
	for n := from; n <= to; n++ {
		out[fmt.Sprintf(format, id(n))] = 1
	}
	return out
}

// with joins calls.
func with(all ...conformance.Calls) conformance.Calls {
	out := conformance.Calls{}
	for _, calls := range all {
		maps.Copy(out, calls)
	}
	return out
}

// plainly maps the rows of a profile to hardly more than their ids: calls do not depend on it, and 10,000 tickets take
// their time.
func plainly(t *testing.T, mapping string) func(*declarative.Profile) {
	t.Helper()
	plain, err := declarative.Parse("plain.yaml", []byte(`{name: plain, changes: {path: /, rows: ., watermark: .}, open: {path: /, rows: .}, lookup: {path: /, rows: .}, map: '`+mapping+`'}`))
	if err != nil {
		t.Fatal(err)
	}
	return func(p *declarative.Profile) { p.Map = plain.Map }
}

func TestCostOfHubSpot(t *testing.T) {
	const search = "/crm/v3/objects/tickets/search"
	conformance.Cost(t, hubspotHarness(200, time.Hour, plainly(t, `{id, status: "open", updated_at: .updatedAt}`)), conformance.Costs{
		First:  conformance.Calls{search: 2, "/crm/v3/pipelines/tickets": 1},
		Open:   conformance.Calls{search: 50},
		Steady: conformance.Calls{search: 1},
	})
}

func TestCostOfServiceNow(t *testing.T) {
	const incidents, batch = "/api/now/table/incident", "/api/now/v1/batch"
	conformance.Cost(t, servicenowHarness(1000, time.Hour, plainly(t, `{id: .number, status: "open", updated_at: .sys_updated_on}`)), conformance.Costs{
		First:  conformance.Calls{incidents: 1, batch: 1},
		Open:   conformance.Calls{incidents: 11, batch: 50},
		Steady: conformance.Calls{incidents: 1, batch: 1},
	})
}

// A ticket that an agent answered costs a call.
func TestCostOfZohoDesk(t *testing.T) {
	const list = "/api/v1/tickets"
	conformance.Cost(t, zohoHarness(100, time.Hour, plainly(t, `{id, status: "open", updated_at: .modifiedTime}`)), conformance.Costs{
		First:  conformance.Calls{list: 1, "/api/v1/organizationFields": 1},
		Open:   conformance.Calls{list: 112},
		Steady: with(conformance.Calls{list: 1}, each("/api/v1/tickets/%s/threads", zohodesk.ID, 1, 10)),
	})
}

func TestCostOfGLPI(t *testing.T) {
	const search, followups = "/apirest.php/search/Ticket", "/apirest.php/ITILFollowup"
	conformance.Cost(t, glpiHarness(990, time.Hour, plainly(t, `{id: .["2"], status: "open", updated_at: .["19"]}`)), conformance.Costs{
		First:  conformance.Calls{search: 1, "/apirest.php/initSession": 1, "/apirest.php/listSearchOptions/Ticket": 1},
		Open:   conformance.Calls{search: 11},
		Steady: conformance.Calls{search: 1, followups: 1},
	})
}

// The day of events that a first start reads is left out here: TestColdStartOfFront counts it. While conversations wait
// to be read, each pass reads twenty: those that changed, then those that wait the longest. Read, they cost nothing more.
func TestCostOfFront(t *testing.T) {
	const messages = "/conversations/%s/messages"
	noHistory := func(p *declarative.Profile) { p.Changes.Lookback = 0 }
	conformance.Cost(t, frontHarness(100, time.Hour, noHistory, plainly(t, `{id, status: "open", updated_at, waiting_since}`)), conformance.Costs{
		First:  conformance.Calls{"/events": 2},
		Open:   with(conformance.Calls{"/conversations": 100}, each(messages, front.ID, 1, 20)),
		Steady: with(conformance.Calls{"/events": 1}, each(messages, front.ID, 41, 60)),
	})
}

// shop is a simulated helpdesk whose calls are counted, with a client of a shipped profile.
type shop struct {
	t      *testing.T
	d      *conformance.Desk
	client conformance.Client
	now    time.Time
	faults *fault.Injector
	before map[string]int
	cursor string
}

func open(t *testing.T, h conformance.Harness) *shop {
	t.Helper()
	s := &shop{t: t, now: time.Date(2026, 3, 2, 10, 0, 0, 0, time.UTC)}
	clock := func() time.Time { return s.now }
	s.d = h.New(t, clock)
	s.faults = fault.New(clock, fault.Bodies{})
	srv := httptest.NewServer(s.faults.Wrap(s.d.Handler))
	t.Cleanup(srv.Close)
	transport := &http.Transport{}
	t.Cleanup(transport.CloseIdleConnections)
	var err error
	s.client, err = s.d.Client(upstream.Options{BaseURL: srv.URL, HTTP: &http.Client{Transport: transport}, Rate: 1e6, Burst: 1e6}, clock)
	if err != nil {
		t.Fatal(err)
	}
	return s
}

// poll reads the changes, and says what that cost and whether there are more.
func (s *shop) poll() (calls int, more bool) {
	s.t.Helper()
	s.now = s.now.Add(time.Minute)
	p, err := s.client.Changes(s.t.Context(), s.cursor)
	if err != nil {
		s.t.Fatal(err)
	}
	s.cursor = p.Cursor
	return s.spent(), p.More
}

// spent is how many calls there were since the last time.
func (s *shop) spent() (n int) {
	calls := s.faults.Calls()
	for path, count := range calls {
		n += count - s.before[path]
	}
	s.before = calls
	return n
}

func (s *shop) all() []helpdesk.Ticket {
	s.t.Helper()
	p, err := s.client.Open(s.t.Context())
	if err != nil {
		s.t.Fatal(err)
	}
	return p.Tickets
}

func (s *shop) do(what func(string) error, id string) {
	s.t.Helper()
	if err := what(id); err != nil {
		s.t.Fatal(err)
	}
}

// A poll costs one call when nothing changed, and as many when customers wrote: lists and feeds tell when.
func TestCostOfAQuietPollAndOfCustomers(t *testing.T) {
	for name, c := range map[string]struct {
		h         conformance.Harness
		customers int // calls when ten customers wrote
	}{
		"HubSpot":    {hubspotHarness(200, time.Hour), 1},
		"ServiceNow": {servicenowHarness(1000, time.Hour), 2},
		"Zoho Desk":  {zohoHarness(100, time.Hour), 1},
		"Front":      {frontHarness(100, time.Hour), 1},
		"GLPI":       {glpiHarness(990, time.Hour), 2},
	} {
		t.Run(name, func(t *testing.T) {
			s := open(t, c.h)
			var ids []string
			for n := range 10 {
				ids = append(ids, s.d.Create(conformance.Seed{Number: int64(n + 1), Priority: "high"}))
			}
			s.poll()
			s.all()
			s.now = s.now.Add(time.Hour)
			s.poll()
			for _, what := range []struct {
				name string
				do   func(string) error
				want int
			}{{"nothing", nil, 1}, {"notes", s.d.Note, c.customers}, {"customers", s.d.Write, c.customers}, {"and again", s.d.Write, c.customers}} {
				s.now = s.now.Add(time.Hour)
				s.poll() // what overlaps
				for _, id := range ids {
					if what.do != nil {
						s.do(what.do, id)
					}
				}
				if got, more := s.poll(); got != what.want || more {
					t.Errorf("%s: %d calls, want %d; more %v", what.name, got, what.want, more)
				}
			}
		})
	}
}

// Of 2,000 open conversations a tenth had messages within the day. What is due within a day is known after the events
// of that day and the list; the others are then read twenty a poll, and the changes go on costing one call.
func TestColdStartOfFront(t *testing.T) {
	s := open(t, frontHarness(100, time.Hour))
	s.now = s.now.Add(-60 * 24 * time.Hour)
	var ids []string
	for n := range 2000 {
		ids = append(ids, s.d.Create(conformance.Seed{Number: int64(n + 1), Priority: "high"}))
		s.do(s.d.Reply, ids[n])
	}
	s.now = s.now.Add(60*24*time.Hour - time.Hour)
	for _, id := range ids[:200] {
		s.do(s.d.Write, id)
		s.now = s.now.Add(time.Second)
	}
	calls, more := s.poll()
	open := s.all()
	calls += s.spent()
	waiting := 0
	for i := range open {
		if v := &open[i]; !v.WaitingSince.IsZero() && v.Channel == "whatsapp" && !v.FirstResponseAt.IsZero() {
			waiting++
		}
	}
	// 200 events in 14 pages, 20 pages of conversations, and the first 40 of those that are read
	if calls != 14+20+20+20 || more || waiting != 200 || len(open) != 2000 {
		t.Errorf("%d calls, more %v; of %d conversations %d wait for an answer on WhatsApp", calls, more, len(open), waiting)
	}
	for range 3 {
		if got, _ := s.poll(); got != 1+20 {
			t.Errorf("%d calls a poll while conversations are read, want 21", got)
		}
	}
}

// The followups of all tickets are one list: 400 tickets with three each take three pages of it.
func TestColdStartOfGLPI(t *testing.T) {
	s := open(t, glpiHarness(990, time.Hour))
	s.now = s.now.Add(-60 * 24 * time.Hour)
	var ids []string
	for n := range 400 {
		ids = append(ids, s.d.Create(conformance.Seed{Number: int64(n + 1), Priority: "high"}))
		for _, what := range []func(string) error{s.d.Reply, s.d.Note, s.d.Write} {
			s.now = s.now.Add(time.Minute)
			s.do(what, ids[n])
		}
	}
	s.now = s.now.Add(30 * 24 * time.Hour)
	s.poll()
	for _, v := range s.all() {
		if v.FirstResponseAt.Sub(v.CreatedAt) != time.Minute || v.WaitingSince.Sub(v.CreatedAt) != 3*time.Minute {
			t.Fatalf("%+v", v)
		}
	}
	if got := s.spent(); got != 1+3 {
		t.Errorf("%d calls, want 4", got)
	}
}
