package declarative_test

import (
	"testing"
	"time"

	"whatsapp_sla_exporter/internal/helpdesk"
	"whatsapp_sla_exporter/internal/helpdesk/conformance"
	"whatsapp_sla_exporter/internal/helpdesk/desktest"
	"whatsapp_sla_exporter/internal/simulator/fault"
)

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
	client, err := s.d.Client(desktest.Serve(t, s.faults.Wrap(s.d.Handler)), clock)
	desktest.Must(t, err)
	s.client = client
	return s
}

// poll reads the changes, and says what that cost and whether there are more.
func (s *shop) poll() (calls int, more bool) {
	s.t.Helper()
	s.now = s.now.Add(time.Minute)
	p := desktest.Pass(s.t)(s.client.Changes(s.t.Context(), s.cursor))
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
	return desktest.Pass(s.t)(s.client.Open(s.t.Context())).Tickets
}

func (s *shop) do(what func(string) error, id string) {
	s.t.Helper()
	desktest.Must(s.t, what(id))
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
