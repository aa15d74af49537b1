package board

import (
	"fmt"
	"net/http/httptest"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"
	"github.com/google/go-cmp/cmp/cmpopts"

	"whatsapp_sla_exporter/internal/diagnosis"
	"whatsapp_sla_exporter/internal/platform"
	"whatsapp_sla_exporter/internal/qr"
	"whatsapp_sla_exporter/internal/sla"
	"whatsapp_sla_exporter/internal/tickets"
	"whatsapp_sla_exporter/internal/whatsapp"
)

var now = time.Date(2026, 3, 2, 10, 0, 0, 0, time.UTC)

type readings struct {
	accounts  []*whatsapp.Account
	pages     []*platform.Page
	sessions  []*qr.Session
	desks     []*tickets.Snapshot
	sources   []Source
	diagnoses []diagnosis.Diagnosis
	notices   whatsapp.Notices
}

func (r readings) Accounts() []*whatsapp.Account             { return r.accounts }
func (r readings) Pages() []*platform.Page                   { return r.pages }
func (r readings) Sessions() []*qr.Session                   { return r.sessions }
func (r readings) Snapshots() []*tickets.Snapshot            { return r.desks }
func (r readings) LastReads() []Source                       { return r.sources }
func (r readings) Notices(time.Time) *whatsapp.Notices       { return &r.notices }
func (r readings) Diagnoses(time.Time) []diagnosis.Diagnosis { return r.diagnoses }

// due makes an open deadline that is due so long after now, with leads of a half and a quarter of an hour.
func due(ticket string, in time.Duration) tickets.Deadline {
	at := now.Add(in)
	return tickets.Deadline{
		Ticket: ticket, URL: "https://acme.zendesk.com/agent/tickets/" + ticket,
		Group:  tickets.Group{Policy: "360dialog-premium", Severity: "critical"},
		Target: sla.FirstResponse, Start: at.Add(-time.Hour),
		Warning: at.Add(-30 * time.Minute), Critical: at.Add(-15 * time.Minute), Due: at,
	}
}

// desk is a helpdesk with open deadlines, two paused ones, and five that were answered late.
func desk(deadlines ...tickets.Deadline) *tickets.Snapshot {
	g := tickets.TargetGroup{Group: tickets.Group{Policy: "360dialog-premium", Severity: "critical"}, Target: sla.FirstResponse, Paused: 2, Late: 5}
	for _, d := range deadlines {
		g.Warning = append(g.Warning, d.Warning.Unix())
		g.Critical = append(g.Critical, d.Critical.Unix())
		g.Due = append(g.Due, d.Due.Unix())
	}
	return &tickets.Snapshot{Helpdesk: "support", ReadAt: now, Targets: []tickets.TargetGroup{g}, Urgent: deadlines}
}

func TestViewShowsWhatBreachesNext(t *testing.T) {
	d := desk(due("7", -3*time.Minute), due("8", 10*time.Minute), due("9", 90*time.Minute))
	v := newView(now, readings{desks: []*tickets.Snapshot{d}, sources: []Source{
		{Name: "support", LastRead: now.Add(-10 * time.Minute)}, {Name: "acme", LastRead: now}, {Name: "new"},
	}}, 5*time.Minute)
	want := &view{
		At:    now,
		Blind: []blindness{{Source: "support", Since: now.Add(-10 * time.Minute)}, {Source: "new"}},
		Counts: []count{
			{sla.Breached, 1}, {sla.Critical, 1}, {sla.Warning, 0}, {sla.Running, 1}, {sla.Paused, 2},
		},
		Deadlines: list[deadline]{Top: []deadline{
			{due("7", -3*time.Minute), "support", sla.Breached, "−3m"},
			{due("8", 10*time.Minute), "support", sla.Critical, "10m"},
			{due("9", 90*time.Minute), "support", sla.Running, "1h 30m"},
		}},
	}
	if d := cmp.Diff(want, v, cmpopts.EquateEmpty()); d != "" {
		t.Error(d)
	}
}

func TestALongListIsFoldedAndThenCounted(t *testing.T) {
	for _, tt := range []struct{ known, total, top, rest, more int }{
		{0, 0, 0, 0, 0},
		{12, 12, 12, 0, 0},
		{13, 13, 12, 1, 0},
		{40, 90, 12, 28, 50},
		{100, 5000, 12, 88, 4900},
		{130, 130, 12, 88, 30},
		{3, 2, 3, 0, 0}, // a ticket was answered between two looks
	} {
		l := listed(make([]int, tt.known), topDeadlines, tt.total)
		if len(l.Top) != tt.top || len(l.Rest) != tt.rest || l.More != tt.more {
			t.Errorf("%d known of %d: %d, %d folded and %d more, want %+v", tt.known, tt.total, len(l.Top), len(l.Rest), l.More, tt)
		}
	}
}

func TestManyBreachesDoNotHideWhatComesNext(t *testing.T) {
	for _, tt := range []struct {
		name            string
		breached, ahead int
		want            string // of the rows on top, b: breached
	}{
		{"few breached", 3, 20, "bbb---------"},
		{"many of both", 30, 20, "bbbbbb------"},
		{"little ahead", 30, 2, "bbbbbbbbbb--"},
		{"nothing ahead", 30, 0, "bbbbbbbbbbbb"},
		{"few of both", 7, 1, "bbbbbbb-"},
	} {
		var all []tickets.Deadline
		for i := range tt.breached + tt.ahead {
			all = append(all, due(fmt.Sprint(i), time.Duration(i-tt.breached)*time.Hour+time.Minute))
		}
		v := newView(now, readings{desks: []*tickets.Snapshot{desk(all...)}}, time.Minute)
		got := ""
		for _, d := range v.Deadlines.Top {
			if d.State == sla.Breached {
				got += "b"
			} else {
				got += "-"
			}
		}
		if got != tt.want || len(v.Deadlines.Top)+len(v.Deadlines.Rest) != len(all) {
			t.Errorf("%s: %s and %d more, want %s", tt.name, got, len(v.Deadlines.Rest), tt.want)
		}
		seen := map[string]bool{}
		for _, d := range slices.Concat(v.Deadlines.Top, v.Deadlines.Rest) {
			seen[d.Ticket] = true
		}
		if len(seen) != len(all) {
			t.Errorf("%s: %d tickets of %d", tt.name, len(seen), len(all))
		}
	}
}

func TestLeftIsReadableFromAfar(t *testing.T) {
	for d, want := range map[time.Duration]string{
		0:                             "0s",
		-time.Second / 2:              "0s",
		-time.Second:                  "−1s",
		59 * time.Second:              "59s",
		-90 * time.Second:             "−1m",
		59*time.Minute + time.Second:  "59m",
		61 * time.Minute:              "1h 01m",
		24 * time.Hour:                "1d 00h",
		7*24*time.Hour + 25*time.Hour: "8d 01h",
	} {
		if got := left(d); got != want {
			t.Errorf("left(%s) = %q, want %q", d, got, want)
		}
	}
}

func serve(r readings) *httptest.ResponseRecorder {
	w := httptest.NewRecorder()
	Handler(r, Options{
		StaleAfter: func() time.Duration { return 5 * time.Minute }, Now: func() time.Time { return now },
	}).ServeHTTP(w, httptest.NewRequest("GET", "/board", nil))
	return w
}

func TestPageIsSelfContained(t *testing.T) {
	body := serve(readings{desks: []*tickets.Snapshot{desk(due("7", time.Minute))}}).Body.String()
	for _, loads := range []string{" src=", "@import", "url(", "http-equiv=\"refresh\" content=\"0", "//cdn"} {
		if strings.Contains(body, loads) {
			t.Errorf("the page loads something: %q", loads)
		}
	}
	for _, want := range []string{
		`<html lang="en">`, `<link rel="icon" href="data:,">`, `class="critical"`, `aria-label="7 of support, first response">7</a>`,
		`href="https://acme.zendesk.com/agent/tickets/7"`, "<title>1m – WhatsApp SLA board</title>", ">Mon 10:01</time>", "Mon 10:00 UTC",
	} {
		if !strings.Contains(body, want) {
			t.Errorf("%s is missing", want)
		}
	}
}

// The policy names the very script and style that the page has, or a browser would run neither.
func TestPolicyAllowsThePagesOwnScriptAndStyleOnly(t *testing.T) {
	w := serve(readings{})
	got := w.Header().Get("Content-Security-Policy")
	for tag, source := range map[string]string{"script": "script-src", "style": "style-src"} {
		_, rest, _ := strings.Cut(w.Body.String(), "<"+tag+">")
		text, _, found := strings.Cut(rest, "</"+tag+">")
		if want := source + " '" + digest(text) + "';"; !found || !strings.Contains(got, want) {
			t.Errorf("%s is not allowed by %q", tag, got)
		}
	}
	if strings.Contains(got, "unsafe") {
		t.Errorf("%q allows more", got)
	}
}

func TestASeverityThatTellsNothingIsNotShown(t *testing.T) {
	d := due("7", time.Minute)
	d.Group = tickets.Group{Policy: "whatsapp-service-window", Severity: sla.AnySeverity}
	body := serve(readings{desks: []*tickets.Snapshot{desk(d)}}).Body.String()
	if !strings.Contains(body, `<td class="policy">whatsapp-service-window</td>`) {
		t.Error(body)
	}
}

func TestWhatAnUpstreamSendsIsEscaped(t *testing.T) {
	d := due("<script>alert(1)</script>", time.Minute)
	d.URL = "javascript:alert(1)"
	body := serve(readings{desks: []*tickets.Snapshot{desk(d)}}).Body.String()
	if strings.Contains(body, "<script>alert") || strings.Contains(body, `href="javascript:`) {
		t.Error("text of an upstream became markup")
	}
}

func TestABoardWithoutTicketsSaysSo(t *testing.T) {
	body := serve(readings{}).Body.String()
	if !strings.Contains(body, "No deadline is running.") {
		t.Error("an empty board does not say that it is empty")
	}
}
