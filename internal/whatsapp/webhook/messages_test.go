package webhook

import (
	"context"
	"fmt"
	"math/rand/v2"
	"os"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"

	simulator "whatsapp_sla_exporter/internal/simulator/webhook"
	"whatsapp_sla_exporter/internal/whatsapp"
)

func customer(i int) string { return fmt.Sprintf("346110%05d", i) }

func TestWhatCountsTowardsTheLimit(t *testing.T) {
	status := func(customer, status, pricing string) simulator.Change {
		return simulator.Status(waba, phone, "wamid."+customer, customer, status, pricing, noon)
	}
	charged := status("1", "delivered", "regular")
	charged.Value.(simulator.Object)["statuses"].([]any)[0].(simulator.Object)["pricing"].(simulator.Object)["category"] = "service"
	for name, c := range map[string]struct {
		changes []simulator.Change
		want    float64
	}{
		"delivered outside a window":              {[]simulator.Change{status("1", "delivered", "regular")}, 1},
		"read, which implies delivered":           {[]simulator.Change{status("1", "read", "regular")}, 1},
		"delivered and then read":                 {[]simulator.Change{status("1", "delivered", "regular"), status("1", "read", "")}, 1},
		"sent is not delivered":                   {[]simulator.Change{status("1", "sent", "regular")}, 0},
		"inside a window":                         {[]simulator.Change{status("1", "delivered", "free_customer_service")}, 0},
		"inside a window, and charged":            {[]simulator.Change{charged}, 0},
		"from an ad":                              {[]simulator.Change{status("1", "delivered", "free_entry_point")}, 0},
		"without pricing":                         {[]simulator.Change{status("1", "delivered", "")}, 0},
		"failed":                                  {[]simulator.Change{simulator.Failure(waba, phone, "wamid.1", "1", 131026, noon)}, 0},
		"three messages to one, one to another":   {[]simulator.Change{status("1", "delivered", "regular"), status("1", "delivered", "regular"), status("1", "read", "regular"), status("2", "read", "regular")}, 2},
		"a status that nobody has seen before":    {[]simulator.Change{status("1", "teleported", "regular")}, 0},
		"of a WABA of another portfolio":          {[]simulator.Change{simulator.Status("9009", phone, "wamid.1", "1", "delivered", "regular", noon)}, 0},
		"from another number of the same account": {[]simulator.Change{status("1", "delivered", "regular"), simulator.Status(waba, "5002", "wamid.2", "1", "delivered", "regular", noon)}, 1},
	} {
		t.Run(name, func(t *testing.T) {
			b := newBench(t)
			b.send(simulator.Message(waba, phone, "wamid.0", "0", noon)) // counting begins
			b.send(c.changes...)
			want := []whatsapp.AccountUsers{{Account: "acme", UserCounts: whatsapp.UserCounts{
				Scope: whatsapp.ScopePortfolio, ScopeID: "7", Day: c.want, Week: c.want, Since: noon,
			}}}
			if d := cmp.Diff(want, b.Notices(b.now).Users); d != "" {
				t.Error(d)
			}
			if d := cmp.Diff([]whatsapp.UserCounts{want[0].UserCounts}, b.poll().Users); d != "" {
				t.Error("told to a poll:", d)
			}
		})
	}
}

func TestUsersAreCountedPerPortfolioOrPerNumber(t *testing.T) {
	b := newBench(t)
	two := &whatsapp.Account{Name: "two", WABAs: []whatsapp.WABA{{ID: "9002", PortfolioID: "8"}, {ID: "9003", PortfolioID: "8"}, {ID: "9004"}}}
	old := &whatsapp.Account{
		Name: "old", WABAs: []whatsapp.WABA{{ID: "9005", PortfolioID: "9"}},
		Limits: []whatsapp.MessagingLimit{{Scope: whatsapp.ScopePhoneNumber, ScopeID: "5005"}},
	}
	for _, a := range []*whatsapp.Account{two, old} {
		if err := b.Observe(a, noon); err != nil {
			t.Fatal(err)
		}
	}
	for i, to := range []struct{ waba, phone, customer string }{
		{"9002", "5002", "a"}, {"9003", "5003", "a"}, {"9003", "5003", "b"}, {"9004", "5004", "c"}, {"9005", "5005", "d"}, {"9005", "5006", "d"},
	} {
		b.send(simulator.Status(to.waba, to.phone, fmt.Sprint("wamid.", i), to.customer, "delivered", "regular", noon))
	}
	got := map[string]float64{}
	for _, u := range b.Notices(noon).Users {
		got[u.Account+" "+string(u.Scope)+" "+u.ScopeID] = u.Day
	}
	want := map[string]float64{"two portfolio 8": 2, "two portfolio 9004": 1, "old phone_number 5005": 1, "old phone_number 5006": 1}
	if d := cmp.Diff(want, got); d != "" {
		t.Error(d)
	}
}

func TestUsersLeaveTheWindow(t *testing.T) {
	b := newBench(t)
	for i := range 250 {
		b.send(simulator.Status(waba, phone, fmt.Sprint("wamid.", i), customer(i), "delivered", "regular", noon.Add(-time.Duration(i)*time.Minute)))
	}
	for _, c := range []struct {
		after     time.Duration
		day, week float64
	}{
		{0, 250, 250}, {24*time.Hour - time.Minute, 1, 250}, {24 * time.Hour, 0, 250}, {7*24*time.Hour - 125*time.Minute, 0, 125}, {8 * 24 * time.Hour, 0, 0},
	} {
		b.now = noon.Add(c.after)
		if err := b.Refresh(b.now); err != nil {
			t.Fatal(err)
		}
		if u := b.Notices(b.now).Users[0]; u.Day != c.day || u.Week != c.week {
			t.Errorf("after %s: %v a day, %v a week; want %v and %v", c.after, u.Day, u.Week, c.day, c.week)
		}
	}
}

func TestSendErrorsAreCountedOnceEach(t *testing.T) {
	b := newBench(t)
	spam := simulator.Failure(waba, phone, "wamid.1", customer(1), 131048, noon)
	b.send(spam)
	b.hints = nil
	b.send(spam)
	b.send(simulator.Failure(waba, phone, "wamid.1", customer(1), 131048, noon), simulator.Failure(waba, phone, "wamid.2", customer(1), 131048, noon.Add(time.Second)))
	b.post(`{"object":"whatsapp_business_account","entry":[{"id":9001,"changes":[{"value":{"metadata":{"phone_number_id":5001},
		"statuses":[{"id":"wamid.3","status":"failed","recipient_id":"1","errors":[{"code":"131026"},{"code":"nonsense"},{}]}],
		"errors":[{"code":130429,"title":"…"}]},"field":"messages"}]}]}`)
	if d := cmp.Diff(map[string]uint64{"131048": 2, "131026": 1, "130429": 1, "unknown": 1}, b.number().SendErrors); d != "" {
		t.Error(d)
	}
	if d := cmp.Diff([]string{waba}, b.hints); d != "" { // of the second message
		t.Error(d)
	}
}

func TestOptOutsAreCountedAndNobodyIsKept(t *testing.T) {
	b := newBench(t)
	stop := simulator.OptOut(waba, phone, "34611777777", "stop", noon)
	b.send(stop, simulator.OptOut(waba, phone, "34611777777", "resume", noon.Add(time.Second)), simulator.OptOut(waba, phone, "34611888888", "stop", noon))
	b.send(stop, simulator.Message(waba, phone, "wamid.1", "34611777777", noon), simulator.Status(waba, phone, "wamid.2", "34611777777", "delivered", "regular", noon))
	if got := b.number().OptOuts; got != 2 {
		t.Errorf("%d opt-outs", got)
	}
	b.store.Close()
	file, err := os.ReadFile(b.path)
	if err != nil {
		t.Fatal(err)
	}
	if strings.Contains(string(file), "34611777777") || strings.Contains(string(file), "A customer") {
		t.Error("a customer is in the state file")
	}
}

func TestServiceWindows(t *testing.T) {
	b := newBench(t)
	b.send(simulator.Message(waba, phone, "wamid.1", customer(1), noon), simulator.Message(waba, phone, "wamid.2", customer(2), noon))
	b.send(simulator.Status(waba, phone, "wamid.3", customer(2), "sent", "free_customer_service", noon.Add(time.Minute)))
	b.now = noon.Add(time.Hour)
	b.send(simulator.Message(waba, phone, "wamid.4", customer(3), b.now), simulator.Message(waba, phone, "wamid.5", customer(4), b.now))
	b.send(simulator.Change{WABA: waba, Field: "smb_message_echoes", At: b.now, Value: simulator.Object{
		"messaging_product": "whatsapp", "metadata": simulator.Object{"phone_number_id": phone},
		"message_echoes": []any{simulator.Object{"from": "15550783881", "to": customer(4), "id": "wamid.6", "timestamp": fmt.Sprint(b.now.Unix()), "type": "text"}},
	}})
	b.now = noon.Add(23*time.Hour + time.Second)
	if n := b.number(); n.WindowsOpen != 4 || n.WindowsClosing != 2 {
		t.Errorf("%d open, %d closing; want 4 and 2", n.WindowsOpen, n.WindowsClosing)
	}
	b.now = noon.Add(24 * time.Hour)
	if n := b.number(); n.WindowsOpen != 2 || n.WindowsClosing != 1 {
		t.Errorf("a day later %d open, %d closing; want 2 and 1", n.WindowsOpen, n.WindowsClosing)
	}
}

func TestWhatIsNoMessageOpensNoWindow(t *testing.T) {
	b := newBench(t)
	b.post(`{"object":"whatsapp_business_account","entry":[{"id":"9001","changes":[{"field":"messages","value":{"metadata":{"phone_number_id":"5001"},
		"messages":[{"from":"1","timestamp":"1789992000","type":"system","system":{"type":"user_changed_number"}},{"timestamp":"1789992000","type":"text"}]}}]}]}`)
	if n := b.number(); n.WindowsOpen != 0 {
		t.Errorf("%d open", n.WindowsOpen)
	}
	b.post(`{"object":"whatsapp_business_account","entry":[{"id":"9001","changes":[{"field":"messages","value":{"metadata":{"phone_number_id":"5001"},
		"messages":[{"from_user_id":"ES.13491208655302741918","timestamp":"1789992000","type":"text"}]}}]}]}`)
	if n := b.number(); n.WindowsOpen != 1 {
		t.Errorf("a user without a number: %d open", n.WindowsOpen)
	}
}

func TestAnyOrderOfKeysAndAnySpellingOfIDs(t *testing.T) {
	for name, body := range map[string]string{
		"as Meta's examples": `{"object":"whatsapp_business_account","entry":[{"id":"9001","changes":[{"value":{"messaging_product":"whatsapp","metadata":{"display_phone_number":"15550783881","phone_number_id":"5001"},"statuses":[{"id":"wamid.B","status":"delivered","timestamp":"1789992000","recipient_id":"34611000001","pricing":{"billable":true,"pricing_model":"PMP","type":"regular","category":"utility"}}]},"field":"messages"}]}]}`,
		"ids as numbers":     `{"object":"whatsapp_business_account","entry":[{"id":9001,"changes":[{"value":{"metadata":{"phone_number_id":5001},"statuses":[{"id":"wamid.B","status":"delivered","timestamp":1789992000,"recipient_id":34611000001,"pricing":{"type":"regular"}}]},"field":"messages"}]}]}`,
		"the reverse order":  `{"entry":[{"changes":[{"field":"messages","value":{"statuses":[{"pricing":{"category":"utility","type":"regular"},"recipient_id":"34611000001","timestamp":"1789992000","status":"delivered"}],"metadata":{"phone_number_id":"5001"}}}],"id":"9001"}],"object":"whatsapp_business_account"}`,
		"spaces, escapes and strangers": "{ \"object\" :\n\t\"whatsapp_business\\u005faccount\", \"new\": [{\"a\": [1, \"]}\", {}]}], \"entry\": [ {\"id\": \"9001\", \"changes\": [ {\"field\": \"messages\", \"value\": " +
			"{\"x\":{\"y\":\"\\\"}\"}, \"metadata\": {\"phone_number_id\": \"5001\"} , \"statuses\": [ {\"st\\u0061tus\": \"deliv\\u0065red\", \"timestamp\": 1.7e9, \"recipient_id\": \"34611000001\", \"pricing\": {\"type\": \"regular\"}} ] } } ] } ] }",
		"a user without a number": `{"object":"whatsapp_business_account","entry":[{"id":"9001","changes":[{"value":{"metadata":{"phone_number_id":"5001"},"statuses":[{"status":"read","recipient_user_id":"ES.13491208655302741918","timestamp":"2026-09-21T11:00:00Z","pricing":{"type":"regular"}}]},"field":"messages"}]}]}`,
		"a time ahead of ours":    `{"object":"whatsapp_business_account","entry":[{"id":"9001","changes":[{"value":{"metadata":{"phone_number_id":"5001"},"statuses":[{"status":"read","recipient_id":"1","timestamp":"1889992000","pricing":{"type":"regular"}}]},"field":"messages"}]}]}`,
	} {
		t.Run(name, func(t *testing.T) {
			b := newBench(t)
			if got := b.post(body); got != 200 {
				t.Fatalf("status %d", got)
			}
			n := b.Notices(b.now)
			if len(n.Users) != 1 || n.Users[0].Day != 1 || len(n.Numbers) != 1 || n.Numbers[0].PhoneNumberID != phone {
				t.Errorf("%+v %+v", n.Users, n.Numbers)
			}
		})
	}
}

// What a storm of batches, retries and swapped POSTs leaves is what each event once and in order leaves.
func TestReplayedAndReorderedStorm(t *testing.T) {
	r := rand.New(rand.NewPCG(3, 1))
	var events []simulator.Change
	for i := range 400 {
		at := noon.Add(time.Duration(i) * time.Second)
		who := customer(r.IntN(150))
		id := fmt.Sprint("wamid.", i)
		events = append(events, simulator.Message(waba, phone, id, who, at), simulator.Status(waba, phone, id, who, "sent", "regular", at.Add(time.Second)),
			simulator.Status(waba, phone, id, who, "delivered", "regular", at.Add(2*time.Second)))
		if i%10 == 0 {
			events = append(events, simulator.Failure(waba, phone, id, who, 131026, at), simulator.Violation(waba, "SPAM", at), simulator.Template(waba, "promo", "PAUSED", at))
		}
	}
	calm := newBench(t)
	calm.now = noon.Add(time.Hour)
	calm.send(events...)

	storm := newBench(t)
	storm.now = calm.now
	storm.sender.Hold()
	shuffled := slices.Clone(events)
	r.Shuffle(len(shuffled), func(i, j int) { shuffled[i], shuffled[j] = shuffled[j], shuffled[i] })
	for part := range slices.Chunk(shuffled, 7) {
		if err := storm.sender.Send(context.Background(), storm.now, part...); err != nil {
			t.Fatal(err)
		}
	}
	storm.sender.Release(context.Background(), storm.now, r)
	if err := storm.sender.Replay(context.Background(), 100); err != nil {
		t.Fatal(err)
	}
	a, b := calm.Notices(calm.now), storm.Notices(storm.now)
	if d := cmp.Diff(a.Accounts, b.Accounts); d != "" {
		t.Error(d)
	}
	if d := cmp.Diff(a.Numbers, b.Numbers); d != "" {
		t.Error(d)
	}
	closing := noon.Add(22*time.Hour + 30*time.Minute)
	if d := cmp.Diff(calm.Notices(closing).Numbers, storm.Notices(closing).Numbers); d != "" {
		t.Error("while the windows close:", d)
	}
	if d := cmp.Diff(a.Users, b.Users); d != "" {
		t.Error(d)
	}
	if d := cmp.Diff(a.Events, b.Events); d != "" {
		t.Error(d)
	}
	if len(told(b.Duplicates)) == 0 {
		t.Error("no retry was recognized")
	}
}
