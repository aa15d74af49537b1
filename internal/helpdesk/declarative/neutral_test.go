package declarative

import (
	"bytes"
	"encoding/json"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"
	"github.com/google/go-cmp/cmp/cmpopts"

	"whatsapp_sla_exporter/internal/helpdesk"
	"whatsapp_sla_exporter/internal/sla"
)

func decoded(t testing.TB, text string) any {
	t.Helper()
	var v any
	d := json.NewDecoder(bytes.NewReader([]byte(text)))
	d.UseNumber()
	if err := d.Decode(&v); err != nil {
		t.Fatal(err)
	}
	return v
}

func keepAll(string) bool { return true }

func TestAMappingGivesATicket(t *testing.T) {
	got, unknown, err := in("UTC").ticket(decoded(t, `{
		"id": 12345678901234567890, "url": "https://desk.example/1", "channel": "WhatsApp", "status": "on_hold", "status_raw": "With vendor",
		"priority": "HIGH", "type": "incident", "group": 21, "brand": null, "form": "f", "tags": ["b", "a", 7], "gone": false,
		"fields": {"provider": "meta", "many": ["x", 2, null], "none": null, "empty": "", "flag": true},
		"created_at": "2026-03-02T08:15:00Z", "updated_at": 1772443860, "first_response_at": "2026-03-02 08:55:00", "last_agent_reply_at": 1772441700000,
		"last_customer_message_at": "2026-03-02T09:30:00Z", "waiting_since": "2026-03-02T09:30:00Z", "solved_at": null,
		"pauses": [{"from": "2026-03-02T09:20:00Z", "to": null, "status": "on_hold"}, {"from": "2026-03-02T09:00:00Z", "to": "2026-03-02T09:10:00Z", "status": "pending"}],
		"native": [
			{"target": "resolution", "due": "2026-03-02T16:15:00Z", "paused": true, "start": "2026-03-02T08:15:00Z"},
			{"target": "first_response", "due": "2026-03-02T09:15:00Z", "met_at": "2026-03-02T08:55:00Z", "paused": true},
			{"target": "next_response", "due": null, "met_at": null},
			{"target": "follow_up", "due": "2026-03-02T12:00:00Z"}, {"target": "follow_up", "due": "2026-03-02T11:00:00Z"},
			{"target": "follow_up", "paused": true}
		]}`), keepAll, epoch)
	if err != nil || unknown != nil {
		t.Fatal(err, unknown)
	}
	want := helpdesk.Ticket{
		ID: "12345678901234567890", URL: "https://desk.example/1", Channel: "whatsapp", Status: sla.StatusOnHold, StatusRaw: "With vendor", Priority: "high",
		Type: "incident", Group: "21", Form: "f", Tags: []string{"b", "a", "7"}, Fields: map[string]string{"provider": "meta", "many": "x,2", "flag": "true"},
		CreatedAt: at("2026-03-02T08:15:00Z"), UpdatedAt: at("2026-03-02T09:31:00Z"), FirstResponseAt: at("2026-03-02T08:55:00Z"),
		LastAgentReplyAt: at("2026-03-02T08:55:00Z"), LastCustomerMessageAt: at("2026-03-02T09:30:00Z"), WaitingSince: at("2026-03-02T09:30:00Z"),
		PausesKnown: true, Pauses: []sla.Span{
			{From: at("2026-03-02T09:00:00Z"), To: at("2026-03-02T09:10:00Z"), Status: sla.StatusPending},
			{From: at("2026-03-02T09:20:00Z"), Status: sla.StatusOnHold},
		},
		Native: []helpdesk.NativeTarget{
			{Target: sla.FirstResponse, Due: at("2026-03-02T09:15:00Z"), MetAt: at("2026-03-02T08:55:00Z")},
			{Target: sla.FollowUp, Due: at("2026-03-02T11:00:00Z")},
			{Target: sla.Resolution, Start: at("2026-03-02T08:15:00Z"), Paused: true},
		},
	}
	if d := cmp.Diff(want, got); d != "" {
		t.Error(d)
	}
}

func TestOnlyFieldsThatSomebodyAskedForAreKept(t *testing.T) {
	got, _, err := in("UTC").ticket(decoded(t, `{"id": 1, "status": "open", "fields": {"a": "x", "b": "y"}}`), func(id string) bool { return id == "b" }, epoch)
	if d := cmp.Diff(map[string]string{"b": "y"}, got.Fields); d != "" || err != nil {
		t.Error(d, err)
	}
}

func TestWhatAMappingDoesNotKnowIsCounted(t *testing.T) {
	for name, c := range map[string]struct {
		text string
		want []string
	}{
		"a status that nobody documented":  {`{"id": 1, "status": "99"}`, []string{"status"}},
		"no status":                        {`{"id": 1}`, []string{"status"}},
		"a status that is no text":         {`{"id": 1, "status": {}}`, []string{"status"}},
		"a date that is none":              {`{"id": 1, "status": "open", "created_at": "soon"}`, []string{"created_at"}},
		"a due that is none":               {`{"id": 1, "status": "open", "native": [{"target": "resolution", "due": "soon"}]}`, []string{"native"}},
		"what the mapping itself tells":    {`{"id": 1, "status": "open", "unmapped": ["priority", "Not a name", 5]}`, []string{"priority"}},
		"a field that is an object":        {`{"id": 1, "status": "open", "fields": {"a": {}}}`, []string{"fields"}},
		"a field that is much too long":    {`{"id": 1, "status": "open", "fields": {"a": "` + strings.Repeat("x", maxText+1) + `"}}`, []string{"fields"}},
		"a ticket that is gone needs none": {`{"id": 1, "gone": true}`, nil},
	} {
		got, unknown, err := in("UTC").ticket(decoded(t, c.text), keepAll, epoch)
		if d := cmp.Diff(c.want, unknown); d != "" || err != nil {
			t.Errorf("%s: %v %s", name, err, d)
		}
		if !got.Gone && got.Status != sla.StatusOpen {
			t.Errorf("%s: %q, want it open", name, got.Status)
		}
	}
}

func TestWhatIsNoTicketIsRefused(t *testing.T) {
	many := strings.TrimSuffix(strings.Repeat(`"x",`, maxItems+1), ",")
	for text, want := range map[string]string{
		`[]`: "no object", `{"status": "open"}`: "no id", `{"id": ""}`: "no id", `{"id": {}}`: "id: want a text or a number",
		`{"id": 1, "subject": "x"}`:                             `the mapping gives "subject": a ticket has brand, channel, created_at`,
		`{"id": "` + strings.Repeat("1", maxText+1) + `"}`:      "id: longer than 2048 bytes",
		`{"id": 1, "tags": "x"}`:                                "tags: want a list",
		`{"id": 1, "tags": [[]]}`:                               "tags: want a text",
		`{"id": 1, "tags": [` + many + `]}`:                     "tags: more than 500",
		`{"id": 1, "fields": []}`:                               "fields: want an object",
		`{"id": 1, "pauses": [1]}`:                              "pauses: want objects",
		`{"id": 1, "pauses": [{"until": 1}]}`:                   `pauses: has "until": want from, to, status`,
		`{"id": 1, "native": [{"target": "answer", "due": 1}]}`: "native: target: want one of",
		`{"id": 1, "native": [{"deadline": 1}]}`:                `native: has "deadline": want target, start, due, paused, met_at`,
		`{"id": 1, "unmapped": "x"}`:                            "unmapped: want a list",
	} {
		if _, _, err := in("UTC").ticket(decoded(t, text), keepAll, epoch); err == nil || !strings.Contains(err.Error(), want) {
			t.Errorf("%.60s: %v, want %s", text, err, want)
		}
	}
}

func FuzzTicket(f *testing.F) {
	f.Add([]byte(`{"id": 1, "status": "open", "tags": ["a"], "fields": {"a": [1]}, "native": [{"target": "resolution", "due": 5}], "pauses": [{"from": 1}]}`))
	f.Add([]byte(`{"id": "x", "created_at": 1e308, "updated_at": -1, "waiting_since": "2026-03-29 02:30:00", "gone": 1}`))
	f.Fuzz(func(t *testing.T, raw []byte) {
		var v any
		d := json.NewDecoder(bytes.NewReader(raw))
		d.UseNumber()
		if d.Decode(&v) != nil {
			return
		}
		got, _, err := in("Europe/Madrid").ticket(v, keepAll, epoch)
		if err != nil {
			if d := cmp.Diff(helpdesk.Ticket{}, got, cmpopts.EquateEmpty()); d != "" {
				t.Errorf("a refused ticket is not empty: %s", d)
			}
			return
		}
		if got.ID == "" || !got.Gone && got.Status == "" || len(got.Tags) > maxItems || len(got.Fields) > maxItems {
			t.Errorf("%+v", got)
		}
		for _, n := range got.Native {
			if n.Due.IsZero() != n.Paused {
				t.Errorf("a clock with a due is paused, or one without runs: %+v", n)
			}
		}
	})
}
