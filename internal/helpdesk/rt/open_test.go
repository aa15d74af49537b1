package rt

import (
	"net/http"
	"net/http/httptest"
	"strings"
	"testing"
	"time"

	"whatsapp_sla_exporter/internal/helpdesk"
	"whatsapp_sla_exporter/internal/helpdesk/conformance"
	"whatsapp_sla_exporter/internal/helpdesk/desktest"
	simulator "whatsapp_sla_exporter/internal/simulator/rt"
	"whatsapp_sla_exporter/internal/sla"
	"whatsapp_sla_exporter/internal/upstream"
)

// What was said in open tickets is read for all of them together, and again only for those that changed.
func TestStoriesOfOpenTicketsAreReadTogetherAndOnce(t *testing.T) {
	d := newTestDesk(t)
	for range 90 {
		d.Create(simulator.Seed{})
	}
	must(t, d.Reply(3))
	d.Advance(time.Hour)
	if n := d.calls(func() { d.open(t) }); n != 4 { // version, newest transaction, tickets, stories
		t.Errorf("cold: %d calls, want 4", n)
	}
	if n := d.calls(func() { d.open(t) }); n != 2 {
		t.Errorf("warm: %d calls, want 2", n)
	}
	must(t, d.Reply(4))
	var p *helpdesk.Pass
	if n := d.calls(func() { p = d.open(t) }); n != 3 {
		t.Errorf("one changed: %d calls, want 3", n)
	}
	if got := find(t, p, 4); !got.FirstResponseAt.Equal(after(time.Hour)) {
		t.Errorf("the answer that no pass over the changes saw came at %v", got.FirstResponseAt)
	}
	if n := d.calls(func() { d.open(t) }); n != 2 {
		t.Errorf("and then: %d calls, want 2", n)
	}
}

// A story that Open read and one that the changes go on with are the same.
func TestChangesGoOnWithWhatOpenRead(t *testing.T) {
	d := newTestDesk(t)
	id := d.Create(simulator.Seed{})
	cursor := d.changes(t, "").Cursor
	d.Advance(time.Minute)
	must(t, d.Reply(id))
	d.open(t)
	d.Advance(time.Minute)
	must(t, d.Write(id))
	got := find(t, d.changes(t, cursor), id)
	want := []time.Time{after(time.Minute), after(time.Minute), after(2 * time.Minute), after(2 * time.Minute)}
	if x := diff(want, []time.Time{got.FirstResponseAt, got.LastAgentReplyAt, got.LastCustomerMessageAt, got.WaitingSince}); x != "" {
		t.Error(x)
	}
}

// Apache takes 8190 bytes of a request line, nginx 8192.
func TestQueriesFitWebServers(t *testing.T) {
	d := newTestDesk(t)
	for id := range int64(togetherPages * mostRows) {
		d.Create(simulator.Seed{ID: 900_000_000 + id})
	}
	if p := d.open(t); len(p.Tickets) != togetherPages*mostRows || d.long > 8000 || d.long < 7000 {
		t.Errorf("%d tickets, a URL of %d bytes", len(p.Tickets), d.long)
	}
}

func TestATokenWithoutRightsIsNoQuietHelpdesk(t *testing.T) {
	d := newTestDesk(t, func(o *simulator.Options, _ *Options) { o.Users[0].Blind = true })
	d.Create(simulator.Seed{})
	p, err := d.client.Open(t.Context())
	if p != nil || upstream.ReasonOf(err) != upstream.Permission || !strings.Contains(err.Error(), "ShowTicket") {
		t.Errorf("%+v, %v", p, err)
	}
}

func TestAHelpdeskWhereAllIsSolvedIsOne(t *testing.T) {
	d := newTestDesk(t)
	must(t, d.SetStatus(d.Create(simulator.Seed{}), "resolved"))
	if p := d.open(t); len(p.Tickets) != 0 {
		t.Errorf("%v", states(p))
	}
}

func TestLookupTellsHowTicketsEnded(t *testing.T) {
	d := newTestDesk(t, func(o *simulator.Options, _ *Options) { o.Users[0].Queues = []int64{21} })
	for range 6 {
		d.Create(simulator.Seed{})
	}
	d.open(t)
	must(t, d.SetStatus(1, "resolved"))
	must(t, d.Delete(2))
	must(t, d.Merge(3, 4))
	must(t, d.Move(5, 22))
	got := states(d.lookup(t, "1", "2", "3", "4", "5", "99", "abc", "1 OR id > 0", "06"))
	want := statesOf{"1": "solved", "2": "gone", "3": "gone", "4": "new", "5": "gone", "99": "gone", "abc": "gone", "1 OR id > 0": "gone", "06": "gone"}
	if x := diff(want, got); x != "" {
		t.Error(x)
	}
}

func TestATokenThatLosesItsRightsMakesNoTicketVanish(t *testing.T) {
	allowed := []int64{21, 22}
	d := newTestDesk(t, func(o *simulator.Options, _ *Options) { o.Users[0].Queues = allowed })
	d.Create(simulator.Seed{})
	d.Create(simulator.Seed{Queue: 22})
	d.open(t)
	allowed[1] = 99
	if p, err := d.client.Lookup(t.Context(), []string{"1", "2"}); upstream.ReasonOf(err) != upstream.Permission {
		t.Errorf("%+v, %v; want that rights are missing", p, err)
	}
}

func TestOwnStatusesAreActiveOrNotAsRTSays(t *testing.T) {
	d := newTestDesk(t, func(_ *simulator.Options, o *Options) {
		o.Statuses = map[string]sla.Status{"escalated": sla.StatusOnHold}
	})
	for range 3 {
		d.Create(simulator.Seed{})
	}
	cursor := d.changes(t, "").Cursor
	must(t, d.SetStatus(1, "escalated"))
	must(t, d.SetStatus(2, "archived"))
	d.Advance(time.Minute)
	p := d.changes(t, cursor)
	if x := diff(statesOf{"1": "on_hold", "2": "solved"}, states(p)); x != "" || p.Unmapped["status"] != 1 {
		t.Errorf("%s, unmapped %v", x, p.Unmapped)
	}
	if n := d.calls(func() { d.lookup(t, "2") }); n != 2 { // the ticket and its story, its status is known
		t.Errorf("%d calls, want 2", n)
	}
	d.Advance(2 * time.Hour)
	if n := d.calls(func() { d.lookup(t, "2") }); n != 3 {
		t.Errorf("hours later: %d calls, want 3", n)
	}
}

func TestAStatusWithAQuoteAsksForItself(t *testing.T) {
	const status = `customer's \ turn`
	d := newTestDesk(t, func(o *simulator.Options, _ *Options) {
		o.Lifecycles["support"] = simulator.Lifecycle{Initial: []string{"new"}, Active: []string{"open"}, Inactive: []string{status}}
	})
	id := d.Create(simulator.Seed{})
	must(t, d.SetStatus(id, status))
	if got := find(t, d.lookup(t, idText(id)), id); got.Status != sla.StatusSolved || got.StatusRaw != status {
		t.Errorf("%+v", got)
	}
}

func TestCustomFieldsByIDAndByName(t *testing.T) {
	kept := map[string]bool{"2": true, "Severity": true, "Provider": true}
	d := newTestDesk(t, func(so *simulator.Options, o *Options) {
		so.Fields = append(so.Fields, simulator.CustomField{ID: 11, Name: "Severity"}, simulator.CustomField{ID: 12, Name: "Phone"})
		o.KeepField = func(id string) bool { return kept[id] }
	})
	d.Create(simulator.Seed{Fields: map[int64]string{2: "high", 11: "low", 12: "+34600112233", channelID: "WhatsApp"}})
	d.Create(simulator.Seed{Fields: map[int64]string{11: "low", providerField: "meta"}})
	for range 5 { // RT's order changes
		p := d.open(t)
		one, two := find(t, p, 1), find(t, p, 2)
		if x := diff(map[string]string{"2": "high", "Severity": "high"}, one.Fields); x != "" || one.Channel != "whatsapp" {
			t.Errorf("%s, channel %q", x, one.Channel)
		}
		if x := diff(map[string]string{"Severity": "low", "Provider": "meta"}, two.Fields); x != "" || two.Channel != "" {
			t.Errorf("%s, channel %q", x, two.Channel)
		}
	}
}

// answering is a client of an RT that answers everything the same.
func answering(t *testing.T, h http.HandlerFunc) *Client {
	t.Helper()
	srv := httptest.NewServer(h)
	t.Cleanup(srv.Close)
	transport := &http.Transport{}
	t.Cleanup(transport.CloseIdleConnections)
	c, err := New(Options{Now: func() time.Time { return desktest.Epoch }, Upstream: upstream.Options{
		BaseURL: srv.URL + "/rt/REST/2.0/", HTTP: &http.Client{Transport: transport}, Rate: 1e6, Burst: 1e6, FirstBackoff: time.Millisecond,
	}})
	must(t, err)
	return c
}

func TestAnswersThatAreNone(t *testing.T) {
	login := `<form id="login" action="/rt/NoAuth/Login.html">`
	for name, tc := range map[string]struct {
		status      int
		kind, body  string
		location    string
		want        upstream.Reason
		text        string
		neitherText string
	}{
		"no items":                           {200, "application/json", `{"total":0}`, "", upstream.Decode, "without items", ""},
		"null":                               {200, "application/json", `null`, "", upstream.Decode, "without items", ""},
		"rows that are counted, not shown":   {200, "application/json", `{"items":[],"total":7,"page":1,"pages":1}`, "", upstream.Decode, "counts 7 tickets and shows none", ""},
		"RT's login page":                    {200, "text/html; charset=utf-8", login, "", upstream.Auth, "login page", ""},
		"another page":                       {200, "text/html; charset=utf-8", `<h1>Welcome</h1>`, "", upstream.Decode, "text/html", ""},
		"sent to the login":                  {302, "text/html", `Login required`, "/rt", upstream.Auth, "asks for a login", ""},
		"sent elsewhere":                     {301, "text/html", ``, "/new/REST/2.0/tickets?query=secret", upstream.BadRequest, "redirected to /new/REST/2.0/tickets: not followed", "secret"},
		"sent to another host":               {301, "text/html", ``, "https://rt.example.com/?query=secret", upstream.BadRequest, "redirected to another host", "secret"},
		"an error with RT's own whereabouts": {400, "application/json", `{"message":"Unknown field: NoSuch at /usr/share/request-tracker5/lib/RT/Tickets.pm line 3187.\n"}`, "", upstream.BadRequest, "Unknown field: NoSuch", "/usr/share"},
		"an error without words":             {400, "text/plain", ``, "", upstream.BadRequest, "Bad Request", ""},
	} {
		t.Run(name, func(t *testing.T) {
			c := answering(t, func(w http.ResponseWriter, r *http.Request) {
				if !strings.HasPrefix(r.URL.Path, "/rt/REST/2.0/") || strings.Contains(r.URL.Path, "REST/2.0/REST") {
					t.Errorf("asked for %s", r.URL.Path)
				}
				w.Header().Set("Content-Type", tc.kind)
				if tc.location != "" {
					w.Header().Set("Location", tc.location)
				}
				w.WriteHeader(tc.status)
				_, _ = w.Write([]byte(tc.body))
			})
			_, err := c.Lookup(t.Context(), []string{"1"})
			if upstream.ReasonOf(err) != tc.want || !strings.Contains(err.Error(), tc.text) {
				t.Errorf("%v, want %s: %s", err, tc.want, tc.text)
			}
			if tc.neitherText != "" && strings.Contains(err.Error(), tc.neitherText) {
				t.Errorf("%v tells %s", err, tc.neitherText)
			}
		})
	}
}

func TestNotFoundIsGoneOnlyInRTsWords(t *testing.T) {
	for body, want := range map[string]bool{`{"message":"Not Found"}`: true, `<h1>nginx</h1>`: false, `{}`: false} {
		c := answering(t, func(w http.ResponseWriter, r *http.Request) {
			if strings.HasSuffix(r.URL.Path, "/tickets") {
				_, _ = w.Write([]byte(`{"items":[],"total":0,"pages":0.0}`))
				return
			}
			w.WriteHeader(http.StatusNotFound)
			_, _ = w.Write([]byte(body))
		})
		p, err := c.Lookup(t.Context(), []string{"5"})
		if gone := err == nil && states(p)["5"] == "gone"; gone != want || !want && upstream.ReasonOf(err) != upstream.NotFound {
			t.Errorf("%s: gone %v, %v", body, gone, err)
		}
	}
}

// A token is not the only way in.
func TestBasicAuthentication(t *testing.T) {
	d := newTestDesk(t, func(_ *simulator.Options, o *Options) {
		o.Upstream.HTTP = conformance.Basic(&http.Client{Transport: o.Upstream.HTTP.Transport}, "exporter", "exporter-password")
	})
	d.Create(simulator.Seed{})
	if p := d.open(t); len(p.Tickets) != 1 {
		t.Errorf("%v", states(p))
	}
}

// A history that is caught up with after all open tickets were read is part of their stories.
func TestCatchingUpReadsNoStoryTwice(t *testing.T) {
	d := newTestDesk(t)
	for range 50 {
		d.Create(simulator.Seed{Level: "high"})
	}
	for id := range int64(50) {
		must(t, d.Reply(id+1))
	}
	d.Advance(time.Hour)
	d.open(t)
	if n := d.calls(func() { d.changes(t, "1") }); n != 6 { // three pages of transactions and their tickets
		t.Errorf("%d calls, want 6", n)
	}
}
