package jira

import (
	"strings"
	"testing"
	"time"

	"whatsapp_sla_exporter/internal/helpdesk/conformance"
	"whatsapp_sla_exporter/internal/helpdesk/desktest"
	"whatsapp_sla_exporter/internal/simulator/desk"
	simulator "whatsapp_sla_exporter/internal/simulator/jira"
	"whatsapp_sla_exporter/internal/upstream"
)

// Refused credentials are no credentials to some endpoints: an empty list to anybody must not be all open tickets.
func TestAnAnswerToAnybodyIsARefusal(t *testing.T) {
	s := newSite(t, func(so *simulator.Options, co *Options) {
		so.Anonymous = true
		co.Upstream.HTTP = conformance.Basic(desktest.Once(), user, "wrong")
		co.JQL = "project = SUP"
	})
	s.client.siteAt = desktest.Epoch // the fields are known from before
	s.client.site.filter = "project = SUP"
	if p, err := s.client.Open(t.Context()); upstream.ReasonOf(err) != upstream.Auth || p != nil {
		t.Errorf("got %+v, %v", p, err)
	}
}

func TestOnlyServiceProjectsAreReadUnlessTold(t *testing.T) {
	s := newSite(t, nil)
	s.Create(desk.Seed{Priority: "high"})
	ok(t)(s.client.Open(t.Context()))
	if s.client.site.filter != `project in ("SUP")` {
		t.Errorf("filter %s", s.client.site.filter)
	}
	told := newSite(t, func(_ *simulator.Options, co *Options) { co.JQL = "project in (OPS)" })
	_, err := told.client.Open(t.Context())
	if upstream.ReasonOf(err) != upstream.BadRequest || !strings.Contains(err.Error(), "The value 'OPS' does not exist for the field 'project'.") {
		t.Errorf("got %v", err)
	}
}

func TestAThrottledPassOverAllIssuesWaits(t *testing.T) {
	s := newSite(t, func(so *simulator.Options, co *Options) { so.PerMinute, co.PageSize = 4, 1 })
	for range 6 {
		s.Create(desk.Seed{Priority: "high"})
	}
	if p := ok(t)(s.client.Open(t.Context())); len(p.Tickets) != 6 || !s.Now().After(desktest.Epoch) {
		t.Errorf("%d tickets at %v", len(p.Tickets), s.Now())
	}
}

func TestPagesThatAreTooLargeAreAskedForWithFewerIssues(t *testing.T) {
	s := newSite(t, func(_ *simulator.Options, co *Options) { co.Upstream.MaxBody = 8 << 10 })
	for range 12 {
		s.Create(desk.Seed{Priority: "high"})
	}
	if p := ok(t)(s.client.Open(t.Context())); len(p.Tickets) != 12 || s.client.pageSize >= 12 {
		t.Errorf("%d tickets, pages of %d", len(p.Tickets), s.client.pageSize)
	}
	tiny := newSite(t, func(_ *simulator.Options, co *Options) { co.Upstream.MaxBody = 2 << 10 })
	tiny.client.siteAt, tiny.client.site.filter = desktest.Epoch, "project = SUP"
	tiny.Create(desk.Seed{Priority: "high"})
	must(t, tiny.Reply(1), tiny.Reply(1), tiny.Reply(1), tiny.Reply(1), tiny.Reply(1), tiny.Reply(1))
	if _, err := tiny.client.Open(t.Context()); upstream.ReasonOf(err) != upstream.TooLarge {
		t.Errorf("one issue is too large: %v", err)
	}
}

// A bulk edit changes more issues in a minute than a pass reads. The next passes must not read them for ever.
func TestManyIssuesThatChangedAtOnceDoNotHoldUpLaterChanges(t *testing.T) {
	s := newSite(t, func(_ *simulator.Options, co *Options) { co.PageSize = 1 })
	for range maxPages + 5 {
		s.Create(desk.Seed{Priority: "high"})
	}
	s.Advance(time.Minute)
	p := ok(t)(s.client.Changes(t.Context(), ""))
	if len(p.Tickets) != maxPages || !p.More || p.Gap {
		t.Errorf("first: %d issues, more %v, gap %v; want %d and more", len(p.Tickets), p.More, p.Gap, maxPages)
	}
	gaps := 0
	for range 2 * overlap / time.Minute {
		s.Advance(time.Minute)
		if p = ok(t)(s.client.Changes(t.Context(), p.Cursor)); p.More {
			t.Fatal("the issues are read again and again")
		}
		if p.Gap {
			gaps++
		}
	}
	if gaps == 0 || p.Gap {
		t.Errorf("%d gaps, the last pass among them: %v; want some while the issues are in the overlap", gaps, p.Gap)
	}
	must(t, s.Reply(1))
	s.Advance(time.Minute)
	if p = ok(t)(s.client.Changes(t.Context(), p.Cursor)); len(p.Tickets) != 1 || p.More || p.Gap {
		t.Errorf("at last: %d issues, more %v, gap %v; want the one that was answered", len(p.Tickets), p.More, p.Gap)
	}
}
