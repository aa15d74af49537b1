package chatwoot

import (
	"fmt"
	"strings"
	"testing"
	"time"

	"whatsapp_sla_exporter/internal/helpdesk"
	simulator "whatsapp_sla_exporter/internal/simulator/chatwoot"
	"whatsapp_sla_exporter/internal/simulator/fault"
	"whatsapp_sla_exporter/internal/sla"
)

// do does things with conversation 1, a minute apart.
func (d *desk) do(t *testing.T, things string) {
	t.Helper()
	for thing := range strings.FieldsSeq(things) {
		d.Advance(time.Minute)
		must(t, map[string]func(int64) error{
			"reply": d.AgentReply, "note": d.PrivateNote, "bot": d.BotReply, "message": d.CustomerMessage,
		}[thing](1))
	}
}

func TestWhoWroteLastWhen(t *testing.T) {
	var nobody time.Time
	for name, tc := range map[string]struct {
		seen, unseen          string // what happens before and after a first look; "-" is no first look
		reply, message, waits time.Time
		asked                 int
	}{
		"the agent wrote last":                                 {"", "reply", minute(1), minute(0), nobody, 0},
		"a note after the reply, both unseen":                  {"", "reply note", minute(1), minute(0), nobody, 1},
		"a bot after the reply":                                {"", "reply bot", minute(1), minute(0), nobody, 1},
		"a bot alone is no reply":                              {"", "bot", nobody, minute(0), minute(0), 0},
		"the customer again, after a reply that was seen":      {"reply", "message message", minute(1), minute(3), minute(2), 0},
		"a reply between two messages of the customer, unseen": {"reply message", "reply message", minute(3), minute(4), minute(4), 1},
		"never seen before, and the customer wrote last":       {"-", "reply reply message", minute(2), minute(3), minute(3), 1},
	} {
		t.Run(name, func(t *testing.T) {
			d := newDesk(t, simulator.Options{})
			d.Create(simulator.Seed{ID: 1})
			if tc.seen != "-" {
				d.do(t, tc.seen)
				d.first(t)
			}
			d.do(t, tc.unseen)
			before := d.Calls()[conversations+"/1/messages"]
			p, err := d.client.Changes(t.Context(), "")
			must(t, err)
			want := p.Tickets[0]
			want.LastAgentReplyAt, want.LastCustomerMessageAt, want.WaitingSince = tc.reply, tc.message, tc.waits
			if x := diff(want, p.Tickets[0]); x != "" {
				t.Error(x)
			}
			if n := d.Calls()[conversations+"/1/messages"] - before; n != tc.asked {
				t.Errorf("asked for messages %d times, want %d", n, tc.asked)
			}
		})
	}
}

// What nobody may ask more of in one pass is asked for in the next; until then the first reply stands in.
func TestMessagesAreAskedForWithinABudget(t *testing.T) {
	d := newDesk(t, simulator.Options{})
	for id := range int64(pollCalls + 5) {
		d.Create(simulator.Seed{ID: id + 1})
		must(t, d.AgentReply(id+1))
	}
	d.Advance(time.Minute)
	for id := range int64(pollCalls + 5) {
		must(t, d.AgentReply(id+1))
		must(t, d.PrivateNote(id+1))
	}
	asked := func() (n int) {
		for id := range pollCalls + 5 {
			n += d.Calls()[fmt.Sprintf("%s/%d/messages", conversations, id+1)]
		}
		return n
	}
	late := func() (n int) {
		p, err := d.client.Changes(t.Context(), "")
		must(t, err)
		for _, v := range p.Tickets {
			if v.LastAgentReplyAt.Equal(minute(0)) {
				n++
			}
		}
		return n
	}
	d.Fail(fault.Fault{Kind: fault.ServerError, Path: conversations + "/"})
	if n := late(); n != pollCalls+5 {
		t.Errorf("while messages cannot be read, %d of %d have their first reply", n, pollCalls+5)
	}
	d.Heal()
	before := asked()
	if n := late(); n != 5 || asked()-before != pollCalls {
		t.Errorf("asked %d times, %d are late", asked()-before, n)
	}
	if n := late(); n != 0 || asked()-before != pollCalls+5 {
		t.Errorf("in the next pass asked %d times, %d are late", asked()-before, n)
	}
}

func TestStatuses(t *testing.T) {
	for name, tc := range map[string]struct {
		do   func(d *desk) error
		want sla.Status
	}{
		"nobody answered":                 {func(*desk) error { return nil }, sla.StatusNew},
		"answered":                        {func(d *desk) error { return d.AgentReply(1) }, sla.StatusOpen},
		"with the bot":                    {func(d *desk) error { return d.SetStatus(1, simulator.StatusPending) }, sla.StatusPending},
		"snoozed until the customer asks": {func(d *desk) error { return d.Snooze(1, time.Time{}) }, sla.StatusPending},
		"snoozed until a date":            {func(d *desk) error { return d.Snooze(1, minute(60)) }, sla.StatusOnHold},
		"resolved":                        {func(d *desk) error { return d.SetStatus(1, simulator.StatusResolved) }, sla.StatusSolved},
	} {
		t.Run(name, func(t *testing.T) {
			d := newDesk(t, simulator.Options{})
			d.Create(simulator.Seed{ID: 1})
			must(t, tc.do(d))
			if got := d.first(t).Status; got != tc.want {
				t.Errorf("%s, want %s", got, tc.want)
			}
		})
	}
}

// Which hours an SLA counts, a conversation does not tell: on a server that does not tell deadlines either, there are
// none, and they are counted.
func TestDeadlinesInBusinessHoursOfAnOlderServer(t *testing.T) {
	d := newDesk(t, simulator.Options{WithoutDueAt: true})
	d.Create(simulator.Seed{ID: 1, SLA: &simulator.SLA{ID: 1, FirstResponse: time.Hour, Resolution: time.Hour, BusinessHours: true}})
	p, err := d.client.Open(t.Context())
	must(t, err)
	if len(p.Tickets) != 1 || p.Tickets[0].Native != nil || p.Unmapped["applied_sla"] != 2 {
		t.Errorf("%+v", p)
	}
}

// Resolving ends what was still owed.
func TestNativeTargetsOfAResolvedConversation(t *testing.T) {
	d := newDesk(t, simulator.Options{})
	d.Create(simulator.Seed{ID: 1, SLA: &simulator.SLA{ID: 1, FirstResponse: time.Hour, Resolution: time.Hour}})
	d.Advance(2 * time.Hour)
	must(t, d.SetStatus(1, simulator.StatusResolved))
	want := []helpdesk.NativeTarget{
		{Target: sla.FirstResponse, Start: minute(0), Due: minute(60), MetAt: minute(120)},
		{Target: sla.Resolution, Start: minute(0), Due: minute(60), MetAt: minute(120)},
	}
	if x := diff(want, d.first(t).Native); x != "" {
		t.Error(x)
	}
}
