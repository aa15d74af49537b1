package board

import (
	"net/http/httptest"
	"strings"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"

	"whatsapp_sla_exporter/internal/sla"
	"whatsapp_sla_exporter/internal/tickets"
	"whatsapp_sla_exporter/internal/whatsapp"
)

var now = time.Date(2026, 3, 2, 10, 0, 0, 0, time.UTC)

type readings struct {
	accounts []*whatsapp.Account
	desks    []*tickets.Snapshot
	sources  []Source
}

func (r readings) Accounts() []*whatsapp.Account  { return r.accounts }
func (r readings) Snapshots() []*tickets.Snapshot { return r.desks }
func (r readings) LastReads() []Source            { return r.sources }

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

func desk(deadlines ...tickets.Deadline) *tickets.Snapshot {
	g := tickets.TargetGroup{Group: tickets.Group{Policy: "360dialog-premium", Severity: "critical"}, Target: sla.FirstResponse, Paused: 2}
	for _, d := range deadlines {
		g.Warning = append(g.Warning, d.Warning.Unix())
		g.Critical = append(g.Critical, d.Critical.Unix())
		g.Due = append(g.Due, d.Due.Unix())
	}
	return &tickets.Snapshot{Helpdesk: "support", ReadAt: now, Targets: []tickets.TargetGroup{g}, Urgent: deadlines}
}

func TestViewShowsWhatBreachesNextAndWhatIsRed(t *testing.T) {
	account := &whatsapp.Account{Name: "acme", PhoneNumbers: []whatsapp.PhoneNumber{
		{ID: "1", DisplayPhoneNumber: "+34 600", Quality: "green", Status: "connected"},
		{ID: "2", DisplayPhoneNumber: "+34 601", Quality: "yellow", Status: "connected"},
		{
			ID: "3", DisplayPhoneNumber: "+34 602", Quality: "red", Status: "flagged",
			NumberFacts: whatsapp.NumberFacts{RestrictionDue: now.Add(50 * time.Hour)},
		},
		{ID: "4", Status: "banned"},
	}}
	d := desk(due("7", -3*time.Minute), due("8", 10*time.Minute), due("9", 90*time.Minute))
	v := newView(now, []*whatsapp.Account{account}, []*tickets.Snapshot{d}, []Source{
		{Name: "support", LastRead: now.Add(-10 * time.Minute)}, {Name: "acme", LastRead: now}, {Name: "new"},
	}, 5*time.Minute)
	want := &view{
		At:    now,
		Blind: []blindness{{Source: "support", Since: now.Add(-10 * time.Minute)}, {Source: "new"}},
		Counts: []count{
			{sla.Breached, 1}, {sla.Critical, 1}, {sla.Warning, 0}, {sla.Running, 1}, {sla.Paused, 2},
		},
		Deadline: []deadline{
			{due("7", -3*time.Minute), "support", sla.Breached, "−3m"},
			{due("8", 10*time.Minute), "support", sla.Critical, "10m"},
			{due("9", 90*time.Minute), "support", sla.Running, "1h 30m"},
		},
		Numbers: []number{
			{"acme", "+34 602", levelCritical, []string{"quality red", "flagged", "restricted in 2d 02h"}},
			{"acme", "4", levelCritical, []string{"banned"}},
			{"acme", "+34 601", levelWarning, []string{"quality yellow"}},
		},
		Healthy: 1,
	}
	if d := cmp.Diff(want, v); d != "" {
		t.Error(d)
	}
}

func TestLeftIsReadableFromAfar(t *testing.T) {
	for d, want := range map[time.Duration]string{
		0:                             "0s",
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
	for _, loads := range []string{" src=", "@import", "url(", "<link"} {
		if strings.Contains(body, loads) {
			t.Errorf("the page loads something: %q", loads)
		}
	}
	for _, want := range []string{
		`<html lang="en">`, `<a href="https://acme.zendesk.com/agent/tickets/7">7</a>`, `class="critical"`,
		"<title>1m – WhatsApp SLA board</title>", "Mon 10:01 UTC",
	} {
		if !strings.Contains(body, want) {
			t.Errorf("%s is missing", want)
		}
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
