package intercom

import (
	"testing"
	"time"

	"whatsapp_sla_exporter/internal/helpdesk/desktest"
	"whatsapp_sla_exporter/internal/simulator/desk"
	simulator "whatsapp_sla_exporter/internal/simulator/intercom"
	"whatsapp_sla_exporter/internal/upstream"
)

func TestAThrottledPassOverAllConversationsWaitsUntilTheReset(t *testing.T) {
	w := newWorkspace(t, func(so *simulator.Options, co *Options) { so.Per10Seconds, co.PageSize = 3, 1 })
	for range 6 {
		w.Create(desk.Seed{Channel: "whatsapp"})
	}
	if p := ok(t)(w.client.Open(t.Context())); len(p.Tickets) != 6 || !w.Now().After(desktest.Epoch) || w.quota == 0 {
		t.Errorf("%d tickets at %v, quota %v", len(p.Tickets), w.Now(), w.quota)
	}
	w.Advance(time.Minute)
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
