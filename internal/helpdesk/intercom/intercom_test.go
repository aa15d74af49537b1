package intercom

import (
	"context"
	"encoding/json"
	"net/http"
	"net/http/httptest"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"
	"go.uber.org/goleak"

	"whatsapp_sla_exporter/internal/helpdesk"
	"whatsapp_sla_exporter/internal/simulator/desk"
	"whatsapp_sla_exporter/internal/simulator/fault"
	simulator "whatsapp_sla_exporter/internal/simulator/intercom"
	"whatsapp_sla_exporter/internal/sla"
	"whatsapp_sla_exporter/internal/upstream"
)

func TestMain(m *testing.M) { goleak.VerifyTestMain(m) }

var epoch = time.Date(2026, 3, 2, 10, 0, 0, 0, time.UTC)

// workspace is a simulated workspace and a client that reads it.
type workspace struct {
	*simulator.Server
	*fault.Injector
	client   *Client
	now      time.Time
	versions []string
	quota    float64
}

func (w *workspace) Request(string)               {}
func (w *workspace) Quota(_ string, used float64) { w.quota = used }
func (w *workspace) Version(requested, served string) {
	w.versions = append(w.versions, requested+" "+served)
}

type bearer struct{}

func (bearer) RoundTrip(r *http.Request) (*http.Response, error) {
	r = r.Clone(r.Context())
	r.Header.Set("Authorization", "Bearer s3cret")
	return http.DefaultTransport.RoundTrip(r)
}

func newWorkspace(t *testing.T, change func(*simulator.Options, *Options)) *workspace {
	t.Helper()
	w := &workspace{now: epoch}
	clock := func() time.Time { return w.now }
	so := simulator.Options{Token: "s3cret", Now: clock}
	co := Options{Now: clock, Upstream: upstream.Options{HTTP: &http.Client{Transport: bearer{}}, Rate: 1e6, Burst: 1e6, FirstBackoff: time.Millisecond, Observer: w}}
	if change != nil {
		change(&so, &co)
	}
	w.Server = simulator.New(so)
	w.Injector = fault.New(clock, fault.Bodies{})
	srv := httptest.NewServer(w.Wrap(w.Server))
	t.Cleanup(srv.Close)
	t.Cleanup(http.DefaultTransport.(*http.Transport).CloseIdleConnections)
	co.Upstream.BaseURL = srv.URL
	c, err := New(co)
	if err != nil {
		t.Fatal(err)
	}
	c.wait = func(_ context.Context, d time.Duration) error {
		w.now = w.now.Add(d)
		return nil
	}
	w.client = c
	return w
}

func ok(t *testing.T) func(p *helpdesk.Pass, err error) *helpdesk.Pass {
	return func(p *helpdesk.Pass, err error) *helpdesk.Pass {
		t.Helper()
		if err != nil {
			t.Fatal(err)
		}
		return p
	}
}

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
			if d := cmp.Diff(tc.want, c.ticket(&r, "", func(f string) { t.Errorf("unknown %s", f) })); d != "" {
				t.Error(d)
			}
		})
	}
}

func at(text string) time.Time {
	t, err := time.Parse(time.RFC3339, text)
	if err != nil {
		panic(err)
	}
	return t
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
	w.now = w.now.Add(askEvery)
	if p := ok(t)(w.client.Open(t.Context())); p.Tickets[0].URL == "" {
		t.Error("an hour later it is not asked again")
	}
}

func TestAThrottledPassOverAllConversationsWaitsUntilTheReset(t *testing.T) {
	w := newWorkspace(t, func(so *simulator.Options, co *Options) { so.Per10Seconds, co.PageSize = 3, 1 })
	for range 6 {
		w.Create(desk.Seed{Channel: "whatsapp"})
	}
	if p := ok(t)(w.client.Open(t.Context())); len(p.Tickets) != 6 || !w.now.After(epoch) || w.quota == 0 {
		t.Errorf("%d tickets at %v, quota %v", len(p.Tickets), w.now, w.quota)
	}
	w.now = w.now.Add(time.Minute)
	if _, err := w.client.Changes(t.Context(), ""); upstream.RetryAfterOf(err) != 10*time.Second {
		t.Errorf("a poll does not wait, and tells for how long: %v", err)
	}
}

func TestAHistoryThatIsTooLongLeavesAGap(t *testing.T) {
	w := newWorkspace(t, func(_ *simulator.Options, co *Options) { co.PageSize = 1 })
	for range maxPages + 1 {
		w.Create(desk.Seed{Channel: "whatsapp"})
	}
	p := ok(t)(w.client.Changes(t.Context(), ""))
	if !p.Gap || p.More || len(p.Tickets) != maxPages {
		t.Errorf("gap %v, more %v, %d tickets", p.Gap, p.More, len(p.Tickets))
	}
	if p := ok(t)(w.client.Changes(t.Context(), p.Cursor)); !p.Gap {
		t.Error("it is closed though nothing was read")
	}
}

func TestPagesThatAreTooLargeAreAskedForWithFewerConversations(t *testing.T) {
	w := newWorkspace(t, func(_ *simulator.Options, co *Options) { co.Upstream.MaxBody = 4 << 10 })
	for range 12 {
		w.Create(desk.Seed{Channel: "whatsapp"})
	}
	if p := ok(t)(w.client.Open(t.Context())); len(p.Tickets) != 12 || w.client.pageSize >= 12 {
		t.Errorf("%d tickets, pages of %d", len(p.Tickets), w.client.pageSize)
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
		v := c.ticket(&r, "https://app.intercom.com/", func(string) {})
		if v.Status == "" || v.ID == "" || v.Status.Done() != !v.SolvedAt.IsZero() && !v.UpdatedAt.IsZero() {
			t.Errorf("%+v", v)
		}
	})
}
