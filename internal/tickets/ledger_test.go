package tickets_test

import (
	"encoding/json"
	"strings"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"

	"whatsapp_sla_exporter/internal/helpdesk"
	"whatsapp_sla_exporter/internal/sla"
	"whatsapp_sla_exporter/internal/state"
	"whatsapp_sla_exporter/internal/tickets"
)

func TestWhatCannotBeWrittenIsSaidAndWrittenLater(t *testing.T) {
	d := newDesk(t, nil)
	d.apply(after(1), ticket("1", start))
	if err := d.store.Close(); err != nil {
		t.Fatal(err)
	}
	paused := ticket("2", after(2), status(sla.StatusPending, after(3)))
	err := d.Apply(&helpdesk.Pass{Tickets: rows(ticket("1", start, replied(after(20))), paused)}, after(21))
	if err == nil || !strings.Contains(err.Error(), "helpdesk support: keeping outcomes and pauses in the state file") {
		t.Errorf("got error %v", err)
	}
	want := map[string]int{
		"acme high first_response met": 1, "acme high first_response warning": 1, "acme high follow_up running": 1,
		"acme high resolution running": 1, "acme high resolution paused": 1,
	}
	if diff := cmp.Diff(want, d.states(after(21))); diff != "" {
		t.Errorf("an answer has to stop the alert whether or not it can be counted: %s", diff)
	}
	if got := d.counts(); len(got) > 0 {
		t.Errorf("counted %v without writing it", got)
	}

	lame := d.Book
	d.open()
	d.reconcile(after(22), ticket("1", start, replied(after(20))), paused)
	if diff := cmp.Diff(map[string][2]uint64{"acme high first_response": {1, 0}}, d.counts()); diff != "" {
		t.Error(diff)
	}
	if err := lame.Drop(nil, after(23)); err == nil {
		t.Error("the book forgot what it could not write")
	}
}

func TestMarksAreForgottenAndNeverCountedAgain(t *testing.T) {
	const ticketsADay = 10
	d := newDesk(t, nil)
	history := func(from, to int) (all []helpdesk.Ticket) {
		for day := from; day < to; day++ {
			for i := range ticketsADay {
				opened := start.AddDate(0, 0, day).Add(time.Duration(i) * time.Minute)
				all = append(all, ticket(opened.Format(time.DateTime), opened, solved(opened.Add(20*time.Minute))))
			}
		}
		return all
	}
	d.apply(start.AddDate(0, 0, 400), history(0, 400)...)
	d.reconcile(start.AddDate(0, 0, 400))
	want := map[string][2]uint64{"acme high first_response": {4000, 0}, "acme high resolution": {4000, 0}}
	if diff := cmp.Diff(want, d.counts()); diff != "" {
		t.Fatal(diff)
	}
	full := d.marks()
	later := start.AddDate(0, 0, 500)
	d.reconcile(later)
	if got := d.marks(); full != 8000 || got != 6000 {
		t.Errorf("%d marks after 400 days, %d after 500; want 8000, 6000", full, got)
	}
	d.restart()
	d.reconcile(later)
	d.apply(later, history(0, 400)...)
	if diff := cmp.Diff(want, d.counts()); diff != "" {
		t.Errorf("a replay of all there ever was: %s", diff)
	}
}

func (d *desk) marks() int { return len(d.keys("ticket_marks/support")) }

// keys lists what a table of the state file has.
func (d *desk) keys(table string) (keys []string) {
	d.Helper()
	err := d.store.View(func(tx *state.Tx) error {
		return state.NewTable[json.RawMessage](table).Each(tx, "", func(key string, _ json.RawMessage) error {
			keys = append(keys, key)
			return nil
		})
	})
	if err != nil {
		d.Fatal(err)
	}
	return keys
}

func TestTheStateFileForgetsTicketsThatAreNotHeldAnyMore(t *testing.T) {
	pending := func(id string) helpdesk.Ticket { return ticket(id, start, status(sla.StatusPending, after(1))) }
	d := newDesk(t, nil)
	d.apply(after(2),
		pending("open"), pending("vanishes"), pending("vanishes while nobody looks"), ticket("never paused", start),
		ticket("solved", start, solved(after(1))),
		ticket("dropped", start, status(sla.StatusPending, after(1)), func(t *helpdesk.Ticket) { t.Form = "drop" }),
	)
	want := []string{"dropped", "open", "solved", "vanishes", "vanishes while nobody looks"}
	if diff := cmp.Diff(want, d.keys("ticket_watches/support")); diff != "" {
		t.Fatal(diff)
	}
	if err := d.Drop([]string{"vanishes"}, after(3)); err != nil {
		t.Fatal(err)
	}
	d.reconcile(after(4), pending("open"), pending("vanishes while nobody looks"), ticket("never paused", start))
	d.restart()
	d.reconcile(after(5), pending("open"), ticket("never paused", start))
	want = []string{"open", "solved"}
	if diff := cmp.Diff(want, d.keys("ticket_watches/support")); diff != "" {
		t.Error(diff)
	}
}

func TestTwoHelpdesksShareAFileAndNothingElse(t *testing.T) {
	d := newDesk(t, nil)
	other, err := tickets.NewBook(tickets.Options{Helpdesk: "sales", Mapper: mapper{}, Clocks: policies(t), Store: d.store, Lag: -1})
	if err != nil {
		t.Fatal(err)
	}
	if _, err := other.Reconcile(&helpdesk.Pass{}, start); err != nil {
		t.Fatal(err)
	}
	row := ticket("1", start, replied(after(1)))
	d.apply(after(2), row)
	if err := other.Apply(&helpdesk.Pass{Tickets: rows(row, ticket("2", start, replied(after(1))))}, after(2)); err != nil {
		t.Fatal(err)
	}
	want := map[string][2]uint64{"acme high first_response": {2, 0}}
	if diff := cmp.Diff(want, (&desk{Book: other}).counts()); diff != "" {
		t.Error(diff)
	}
	want["acme high first_response"] = [2]uint64{1, 0}
	if diff := cmp.Diff(want, d.counts()); diff != "" {
		t.Error(diff)
	}
}

func TestWhatWasCountedIsThereBeforeTheFirstRead(t *testing.T) {
	d := newDesk(t, nil)
	d.apply(after(2), ticket("1", start, replied(after(1))))
	d.restart()
	want := &tickets.Snapshot{Helpdesk: "support", Outcomes: []tickets.OutcomeCount{
		{tickets.Group{Policy: "acme", Severity: "high"}, sla.FirstResponse, 1, 0},
	}}
	if diff := cmp.Diff(want, d.Snapshot(), ignoreInner); diff != "" {
		t.Error(diff)
	}
}

func TestAnUnreadableStateFileIsSaid(t *testing.T) {
	corrupt := func(table, key string) *desk {
		d := newDesk(t, nil)
		d.apply(after(2), ticket("1", start, status(sla.StatusPending, after(1))), ticket("2", start, replied(after(1))))
		err := d.store.Update(func(tx *state.Tx) error { return state.NewTable[string](table).Put(tx, key, "?") })
		if err != nil {
			t.Fatal(err)
		}
		return d
	}
	d := corrupt("ticket_bounds", "support")
	_, err := tickets.NewBook(tickets.Options{Helpdesk: "support", Mapper: mapper{}, Clocks: policies(t), Store: d.store})
	if err == nil || !strings.Contains(err.Error(), "helpdesk support: reading the outcomes counted so far") {
		t.Errorf("got error %v", err)
	}

	d = corrupt("ticket_watches/support", "1")
	d.restart()
	row := ticket("1", start, status(sla.StatusPending, after(3)))
	if _, err := d.Reconcile(&helpdesk.Pass{Tickets: rows(row)}, after(4)); err == nil || !strings.Contains(err.Error(), "table ticket_watches/support, key \"1\"") {
		t.Errorf("got error %v", err)
	}
	if got := d.states(after(4))["acme high resolution paused"]; got != 1 {
		t.Error("the ticket is lost")
	}
	d.restart()
	d.reconcile(after(5), row)
}
