//go:build !race

package declarative_test

import (
	"fmt"
	"maps"
	"testing"
	"time"

	"whatsapp_sla_exporter/internal/helpdesk/conformance"
	"whatsapp_sla_exporter/internal/helpdesk/declarative"
	"whatsapp_sla_exporter/internal/simulator/front"
	"whatsapp_sla_exporter/internal/simulator/zohodesk"
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

func TestCostOfHubSpot(t *testing.T) {
	const search = "/crm/v3/objects/tickets/search"
	conformance.Cost(t, hubspotHarness(200, time.Hour), conformance.Costs{
		First:  conformance.Calls{search: 2, "/crm/v3/pipelines/tickets": 1},
		Open:   conformance.Calls{search: 50},
		Steady: conformance.Calls{search: 1},
	})
}

func TestCostOfServiceNow(t *testing.T) {
	const incidents, batch = "/api/now/table/incident", "/api/now/v1/batch"
	conformance.Cost(t, servicenowHarness(1000, time.Hour), conformance.Costs{
		First:  conformance.Calls{incidents: 1, batch: 1},
		Open:   conformance.Calls{incidents: 11, batch: 50},
		Steady: conformance.Calls{incidents: 1, batch: 1},
	})
}

// A ticket that an agent answered costs a call.
func TestCostOfZohoDesk(t *testing.T) {
	const list = "/api/v1/tickets"
	conformance.Cost(t, zohoHarness(100, time.Hour), conformance.Costs{
		First:  conformance.Calls{list: 1, "/api/v1/organizationFields": 1},
		Open:   conformance.Calls{list: 112},
		Steady: with(conformance.Calls{list: 1}, each("/api/v1/tickets/%s/threads", zohodesk.ID, 1, 10)),
	})
}

func TestCostOfGLPI(t *testing.T) {
	const search, followups = "/apirest.php/search/Ticket", "/apirest.php/ITILFollowup"
	conformance.Cost(t, glpiHarness(990, time.Hour), conformance.Costs{
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
	conformance.Cost(t, frontHarness(100, time.Hour, noHistory), conformance.Costs{
		First:  conformance.Calls{"/events": 2},
		Open:   with(conformance.Calls{"/conversations": 100}, each(messages, front.ID, 1, 20)),
		Steady: with(conformance.Calls{"/events": 1}, each(messages, front.ID, 41, 60)),
	})
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
