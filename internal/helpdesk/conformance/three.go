package conformance

import (
	"testing"

	"github.com/google/go-cmp/cmp"
	"github.com/google/go-cmp/cmp/cmpopts"

	"whatsapp_sla_exporter/internal/helpdesk"
	"whatsapp_sla_exporter/internal/helpdesk/desktest"
	"whatsapp_sla_exporter/internal/sla"
)

var at = desktest.At

var seeds = map[int]Seed{
	101: {Number: 101, Priority: "high", Tags: []string{"provider_meta", "rc_template_paused", "sev_high"}, Provider: "meta"},
	102: {Number: 102, Priority: "urgent", Tags: []string{"provider_meta", "sev_urgent"}, Provider: "meta"},
	103: {Number: 103, Priority: "normal", Tags: []string{"provider_other", "sev_normal"}, Provider: "other"},
}

// playThree plays the story of the three tickets up to Monday 10:00 and returns their ids by number.
func (w *world) playThree() map[int]string {
	w.t.Helper()
	ids := map[int]string{}
	open := func(number int) func() error {
		return func() error { ids[number] = w.Create(seeds[number]); return nil }
	}
	do := func(what func(string) error, number int) func() error {
		return func() error { return what(ids[number]) }
	}
	for _, step := range []struct {
		at string
		do func() error
	}{
		{"2026-02-27T14:00:00Z", open(103)},
		{"2026-02-27T14:30:00Z", do(w.Reply, 103)},
		{"2026-02-27T15:00:00Z", do(w.Reply, 103)},
		{"2026-02-27T15:00:00Z", do(w.Pend, 103)},
		{"2026-03-02T08:15:00Z", open(101)},
		{"2026-03-02T08:55:00Z", do(w.Reply, 101)},
		{"2026-03-02T09:30:00Z", do(w.Write, 101)},
		{"2026-03-02T09:31:00Z", do(w.Note, 101)},
		{"2026-03-02T09:40:00Z", open(102)},
		{"2026-03-02T09:40:05Z", do(w.Note, 102)},
		{"2026-03-02T10:00:00Z", func() error { return nil }},
	} {
		w.Advance(at(step.at).Sub(w.Now()))
		desktest.Must(w.t, step.do())
	}
	return ids
}

// wantThree is all that a helpdesk could tell of the three tickets.
func wantThree() map[int]helpdesk.Ticket {
	return map[int]helpdesk.Ticket{
		101: {
			Channel: "whatsapp", Status: sla.StatusOpen, StatusRaw: "open", Priority: "high", Type: "incident", Group: "21", Tags: seeds[101].Tags,
			CreatedAt: at("2026-03-02T08:15:00Z"), UpdatedAt: at("2026-03-02T09:31:00Z"),
			FirstResponseAt: at("2026-03-02T08:55:00Z"), LastAgentReplyAt: at("2026-03-02T08:55:00Z"),
			LastCustomerMessageAt: at("2026-03-02T09:30:00Z"), WaitingSince: at("2026-03-02T09:30:00Z"), PausesKnown: true,
			Native: []helpdesk.NativeTarget{
				{Target: sla.FirstResponse, Start: at("2026-03-02T08:15:00Z"), Due: at("2026-03-02T09:15:00Z"), MetAt: at("2026-03-02T08:55:00Z")},
				{Target: sla.NextResponse, Start: at("2026-03-02T09:30:00Z"), Due: at("2026-03-02T10:30:00Z")},
				{Target: sla.Resolution, Start: at("2026-03-02T08:15:00Z"), Due: at("2026-03-02T16:15:00Z")},
			},
		},
		102: {
			Channel: "whatsapp", Status: sla.StatusNew, StatusRaw: "new", Priority: "urgent", Type: "incident", Group: "21", Tags: seeds[102].Tags,
			CreatedAt: at("2026-03-02T09:40:00Z"), UpdatedAt: at("2026-03-02T09:40:05Z"),
			LastCustomerMessageAt: at("2026-03-02T09:40:00Z"), WaitingSince: at("2026-03-02T09:40:00Z"), PausesKnown: true,
			Native: []helpdesk.NativeTarget{
				{Target: sla.FirstResponse, Start: at("2026-03-02T09:40:00Z"), Due: at("2026-03-02T10:10:00Z")},
				{Target: sla.Resolution, Start: at("2026-03-02T09:40:00Z"), Due: at("2026-03-02T13:40:00Z")},
			},
		},
		103: {
			Channel: "whatsapp", Status: sla.StatusPending, StatusRaw: "pending", Priority: "normal", Type: "incident", Group: "21", Tags: seeds[103].Tags,
			CreatedAt: at("2026-02-27T14:00:00Z"), UpdatedAt: at("2026-02-27T15:00:00Z"),
			FirstResponseAt: at("2026-02-27T14:30:00Z"), LastAgentReplyAt: at("2026-02-27T15:00:00Z"),
			LastCustomerMessageAt: at("2026-02-27T14:00:00Z"), PausesKnown: true,
			Pauses: []sla.Span{{From: at("2026-02-27T15:00:00Z"), Status: sla.StatusPending}},
			Native: []helpdesk.NativeTarget{
				{Target: sla.FirstResponse, Start: at("2026-02-27T14:00:00Z"), Due: at("2026-02-27T18:00:00Z"), MetAt: at("2026-02-27T14:30:00Z")},
				{Target: sla.Resolution, Start: at("2026-02-27T14:00:00Z"), Paused: true},
			},
		},
	}
}

// threeTickets reads the three tickets as changes, as open tickets and one by one: each way tells the same of them.
func (h *Harness) threeTickets(t *testing.T) {
	w := h.start(t, at("2026-02-27T14:00:00Z"))
	ids := w.playThree()
	want := tickets{}
	for number, v := range wantThree() {
		v.ID = ids[number]
		h.Want(w.url, number, &v)
		want[v.ID] = v
	}
	w.settle()
	for way, read := range map[string]func() (*helpdesk.Pass, error){
		"changes": func() (*helpdesk.Pass, error) { return w.client.Changes(t.Context(), "") },
		"open":    func() (*helpdesk.Pass, error) { return w.client.Open(t.Context()) },
		"lookup": func() (*helpdesk.Pass, error) {
			return w.client.Lookup(t.Context(), []string{ids[101], ids[102], ids[103]})
		},
	} {
		t.Run(way, func(t *testing.T) {
			p, err := read()
			desktest.Must(t, err)
			got := tickets{}
			w.take(got, p)
			if x := cmp.Diff(want, got, cmpopts.EquateEmpty()); x != "" {
				t.Error(x)
			}
			if p.BadRows != 0 || len(p.Unmapped) != 0 || p.Skew != 0 || p.Gap || p.More {
				t.Errorf("%d bad rows, unmapped %v, skew %v, gap %v, more %v", p.BadRows, p.Unmapped, p.Skew, p.Gap, p.More)
			}
		})
	}
}
