package tickets_test

import (
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"

	"whatsapp_sla_exporter/internal/helpdesk"
	"whatsapp_sla_exporter/internal/sla"
)

// The resolution of a high ticket takes 480 minutes.
func TestPausesAreObserved(t *testing.T) {
	for name, tc := range map[string]struct {
		steps []step
		want  time.Time // due of the resolution; zero while paused
	}{
		"never paused": {[]step{{after(1), rows(ticket("1", start))}}, after(480)},
		"paused": {[]step{
			{after(1), rows(ticket("1", start))},
			{after(61), rows(ticket("1", start, status(sla.StatusPending, after(60))))},
		}, time.Time{}},
		"paused for 40 minutes, by the helpdesk's dates and not by ours": {[]step{
			{after(1), rows(ticket("1", start))},
			{after(65), rows(ticket("1", start, status(sla.StatusPending, after(60))))},
			{after(109), rows(ticket("1", start, status(sla.StatusOpen, after(100))))},
		}, after(520)},
		"first seen while paused": {[]step{
			{after(65), rows(ticket("1", start, status(sla.StatusPending, after(60))))},
			{after(101), rows(ticket("1", start, status(sla.StatusOpen, after(100))))},
		}, after(520)},
		"changed while paused": {[]step{
			{after(65), rows(ticket("1", start, status(sla.StatusPending, after(60))))},
			{after(80), rows(ticket("1", start, status(sla.StatusPending, after(80))))},
			{after(101), rows(ticket("1", start, status(sla.StatusOpen, after(100))))},
		}, after(520)},
		"from pending to on hold to open, and again": {[]step{
			{after(65), rows(ticket("1", start, status(sla.StatusPending, after(60))))},
			{after(80), rows(ticket("1", start, status(sla.StatusOnHold, after(80))))},
			{after(101), rows(ticket("1", start, status(sla.StatusOpen, after(100))))},
			{after(201), rows(ticket("1", start, status(sla.StatusOnHold, after(200))))},
			{after(211), rows(ticket("1", start, status(sla.StatusOpen, after(210))))},
		}, after(530)},
		"solved for 40 minutes, then reopened": {[]step{
			{after(1), rows(ticket("1", start))},
			{after(61), rows(ticket("1", start, solved(after(60))))},
			{after(101), rows(ticket("1", start, status(sla.StatusOpen, after(100))))},
		}, after(520)},
		"solved from pending, closed, then reopened": {[]step{
			{after(31), rows(ticket("1", start, status(sla.StatusPending, after(30))))},
			{after(61), rows(ticket("1", start, solved(after(60))))},
			{after(71), rows(ticket("1", start, solved(after(60)), status(sla.StatusClosed, after(70))))},
			{after(101), rows(ticket("1", start, status(sla.StatusOpen, after(100))))},
		}, after(550)},
		"deleted for 40 minutes, then restored": {[]step{
			{after(1), rows(ticket("1", start))},
			{after(60), rows(helpdesk.Ticket{ID: "1", Gone: true, UpdatedAt: after(60)})},
			{after(101), rows(ticket("1", start, status(sla.StatusOpen, after(100))))},
		}, after(520)},
		"dates in the future are those of the poll": {[]step{
			{after(60), rows(ticket("1", start, status(sla.StatusPending, after(6000))))},
			{after(100), rows(ticket("1", start, status(sla.StatusOpen, after(6000))))},
		}, after(520)},
		"without dates they are those of the poll": {[]step{
			{after(60), rows(ticket("1", start, status(sla.StatusPending, time.Time{})))},
			{after(100), rows(ticket("1", start, status(sla.StatusOpen, time.Time{})))},
		}, after(520)},
		"a helpdesk that tells the pauses is believed": {[]step{
			{after(61), rows(ticket("1", start, status(sla.StatusPending, after(60)), pauses(sla.Span{From: after(50)})))},
			{after(101), rows(ticket("1", start, status(sla.StatusOpen, after(100)), pauses(sla.Span{From: after(50), To: after(60)})))},
		}, after(490)},
		"a helpdesk that tells the pauses need not tell that it was solved": {[]step{
			{after(61), rows(ticket("1", start, solved(after(60)), pauses()))},
			{after(101), rows(ticket("1", start, status(sla.StatusOpen, after(100)), pauses(sla.Span{From: after(30), To: after(40)})))},
		}, after(530)},
	} {
		for how, restart := range map[string]bool{"": false, ", with a restart at every step": true} {
			t.Run(name+how, func(t *testing.T) {
				d := newDesk(t, nil)
				for _, s := range tc.steps {
					if restart {
						d.restart()
						d.reconcile(s.at, s.rows...)
					}
					d.apply(s.at, s.rows...)
				}
				if got := d.due("1", sla.Resolution); !got.Equal(tc.want) {
					t.Errorf("due %v, want %v", got, tc.want)
				}
			})
		}
	}
}

func pauses(spans ...sla.Span) func(*helpdesk.Ticket) {
	return func(t *helpdesk.Ticket) { t.PausesKnown, t.Pauses = true, spans }
}

// The first response of a strict ticket takes 60 minutes from when it is valid.
func TestValidityIsObserved(t *testing.T) {
	d := newDesk(t, nil)
	strict := func(valid string, minutes int) helpdesk.Ticket {
		return ticket("1", start, policy("strict"), field("valid", valid), updated(after(minutes)))
	}
	d.apply(after(1), strict("no", 1))
	if diff := cmp.Diff(map[string]int{}, d.states(after(1))); diff != "" {
		t.Errorf("the clock runs on an invalid ticket: %s", diff)
	}
	d.restart()
	d.reconcile(after(21), strict("yes", 20))
	if got := d.due("1", sla.FirstResponse); !got.Equal(after(80)) {
		t.Errorf("due %v, want 60 minutes after it became valid", got)
	}
	d.restart()
	d.reconcile(after(30), strict("no", 25))
	d.apply(after(31), strict("", 30))
	if got := d.due("1", sla.FirstResponse); !got.Equal(after(80)) {
		t.Errorf("due %v, want it where it was: it was valid once", got)
	}
}

func TestASolvedTicketIsForgottenAfterAMonth(t *testing.T) {
	d := newDesk(t, nil)
	d.apply(after(61), ticket("1", start, solved(after(60))), ticket("2", start, status(sla.StatusPending, after(60))))
	later := start.AddDate(0, 0, 32)
	d.reconcile(later, ticket("2", start, status(sla.StatusPending, after(60))))
	d.apply(later, ticket("1", start, status(sla.StatusOpen, later)), ticket("2", start, status(sla.StatusOpen, later)))
	if got := d.due("1", sla.Resolution); !got.Equal(after(480)) {
		t.Errorf("due %v: the month solved was remembered", got)
	}
	if got, want := d.due("2", sla.Resolution), later.Add(420*time.Minute); !got.Equal(want) {
		t.Errorf("due %v, want %v: the pause of an open ticket was forgotten", got, want)
	}
}
