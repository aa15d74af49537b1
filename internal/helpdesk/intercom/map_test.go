package intercom

import (
	"encoding/json"
	"testing"

	"github.com/google/go-cmp/cmp"

	"whatsapp_sla_exporter/internal/helpdesk"
	"whatsapp_sla_exporter/internal/simulator/desk"
	"whatsapp_sla_exporter/internal/simulator/fault"
	simulator "whatsapp_sla_exporter/internal/simulator/intercom"
	"whatsapp_sla_exporter/internal/sla"
)

func TestAConversationIsTranslated(t *testing.T) {
	const created, replied = "2026-03-02T08:15:00Z", "2026-03-02T08:55:00Z"
	c := &Client{o: Options{KeepField: func(name string) bool { return name != "secret" }}}
	for name, tc := range map[string]struct {
		row  string
		want helpdesk.Ticket
	}{
		"that a customer began, unanswered": {
			`{"id":"1","state":"open","created_at":1772439300,"updated_at":1772439300,"waiting_since":1772439300,"priority":"none","source":{"type":"WhatsApp","delivered_as":"customer_initiated"},"custom_attributes":{"provider":"meta","n":3,"none":null,"secret":"x"}}`,
			helpdesk.Ticket{ID: "1", Channel: "whatsapp", Status: sla.StatusNew, StatusRaw: "open", WaitingSince: at(created), LastCustomerMessageAt: at(created), Fields: map[string]string{"provider": "meta", "n": "3"}},
		},
		"of an old row, whose waiting is in the far future": {
			`{"id":1,"state":"open","created_at":1772439300,"updated_at":1772439300,"waiting_since":201001132800,"priority":"not_priority","source":{"type":"email","delivered_as":"customer_initiated"},"statistics":{"first_admin_reply_at":1772441700,"last_admin_reply_at":1772441700,"last_contact_reply_at":1772439300}}`,
			helpdesk.Ticket{ID: "1", Channel: "email", Status: sla.StatusOpen, StatusRaw: "open", FirstResponseAt: at(replied), LastAgentReplyAt: at(replied), LastCustomerMessageAt: at(created)},
		},
		"that the team began: nobody waits for a first response": {
			`{"id":"1","state":"open","created_at":1772439300,"updated_at":1772439300,"priority":"priority","source":{"type":"whatsapp","delivered_as":"admin_initiated"},"statistics":{}}`,
			helpdesk.Ticket{ID: "1", Channel: "whatsapp", Status: sla.StatusOpen, StatusRaw: "open", Priority: "priority", FirstResponseAt: at(created), LastAgentReplyAt: at(created)},
		},
		"that is closed": {
			`{"id":"1","state":"closed","created_at":1772439300,"updated_at":1772439300,"waiting_since":1772439300,"team_assignee_id":21,"tags":{"tags":[{"name":"b"},{"name":"a"}]},"source":{"type":"whatsapp"},"statistics":{"last_close_at":1772441700}}`,
			helpdesk.Ticket{ID: "1", Channel: "whatsapp", Status: sla.StatusClosed, StatusRaw: "closed", Group: "21", Tags: []string{"b", "a"}, LastCustomerMessageAt: at(created), SolvedAt: at(replied)},
		},
		"with nothing as documented": {
			`{"id":"1","state":"closed","created_at":1772439300,"updated_at":1772439300,"statistics":"none","tags":7,"source":[],"custom_attributes":[],"priority":null,"waiting_since":"soon"}`,
			helpdesk.Ticket{ID: "1", Status: sla.StatusClosed, StatusRaw: "closed", LastCustomerMessageAt: at(created), SolvedAt: at(created)},
		},
	} {
		t.Run(name, func(t *testing.T) {
			var r conversation
			if err := json.Unmarshal([]byte(tc.row), &r); err != nil {
				t.Fatal(err)
			}
			tc.want.CreatedAt, tc.want.UpdatedAt = at(created), at(created)
			if d := cmp.Diff(tc.want, c.ticket(&r, "", func(f, _ string) { t.Errorf("unknown %s", f) })); d != "" {
				t.Error(d)
			}
		})
	}
}

func TestLinksGoToTheRegionOfTheWorkspace(t *testing.T) {
	w := newWorkspace(t, func(so *simulator.Options, _ *Options) { so.Region = "EU" })
	w.Create(desk.Seed{Channel: "whatsapp"})
	for range 2 {
		if p := ok(t)(w.client.Open(t.Context())); p.Tickets[0].URL != "https://app.eu.intercom.com/a/inbox/abc123/inbox/conversation/1" {
			t.Errorf("link %s", p.Tickets[0].URL)
		}
	}
	if n := w.Calls()["/me"]; n != 1 {
		t.Errorf("asked %d times who it is", n)
	}
	if len(w.versions) == 0 || w.versions[0] != "2.16 2.16" {
		t.Errorf("versions %v", w.versions)
	}
}

func TestWithoutTheWorkspacesIDTicketsHaveNoLink(t *testing.T) {
	w := newWorkspace(t, nil)
	w.Create(desk.Seed{Channel: "whatsapp"})
	w.Fail(fault.Fault{Kind: fault.NotFound, Path: "/me"})
	for range 2 {
		if p := ok(t)(w.client.Open(t.Context())); len(p.Tickets) != 1 || p.Tickets[0].URL != "" {
			t.Errorf("%+v", p.Tickets)
		}
	}
	if n := w.Calls()["/me"]; n != 1 {
		t.Errorf("asked %d times in a minute", n)
	}
	w.Heal()
	w.Advance(askEvery)
	if p := ok(t)(w.client.Open(t.Context())); p.Tickets[0].URL == "" {
		t.Error("an hour later it is not asked again")
	}
}

func FuzzConversation(f *testing.F) {
	f.Add([]byte(`{"id":"1","state":"open","created_at":1772439300,"statistics":{"first_admin_reply_at":1},"tags":{"tags":[{"name":"a"}]},"custom_attributes":{"a":[1]}}`))
	f.Add([]byte(`{"id":5,"state":7,"created_at":"x","statistics":7,"tags":[],"source":{"type":1},"custom_attributes":"x"}`))
	c := &Client{o: Options{KeepField: func(string) bool { return true }}}
	f.Fuzz(func(t *testing.T, raw []byte) {
		var r conversation
		if json.Unmarshal(raw, &r) != nil || r.ID == "" {
			return
		}
		v := c.ticket(&r, "https://app.intercom.com/", func(string, string) {})
		if v.Status == "" || v.ID == "" || v.Status.Done() != !v.SolvedAt.IsZero() && !v.UpdatedAt.IsZero() {
			t.Errorf("%+v", v)
		}
	})
}
