package conformance

import (
	"strings"
	"testing"
	"time"

	"whatsapp_sla_exporter/internal/helpdesk/desktest"
	"whatsapp_sla_exporter/internal/simulator/fault"
	"whatsapp_sla_exporter/internal/upstream"
)

// reasons are what faults are told as.
var reasons = map[fault.Kind]upstream.Reason{
	fault.HTML: upstream.Decode, fault.Truncated: upstream.Decode, fault.Repeat: upstream.Decode,
	fault.Throttled: upstream.Throttled, fault.ServerError: upstream.Server, fault.Unavailable: upstream.Server,
	fault.Unauthorized: upstream.Auth, fault.NotFound: upstream.NotFound, fault.Hang: upstream.Timeout,
}

func (h *Harness) reason(k fault.Kind) upstream.Reason {
	if r, ok := h.Reasons[k]; ok {
		return r
	}
	return reasons[k]
}

// fail makes calls fail after some that succeed.
func (w *world) fail(k fault.Kind, path string, after int) {
	w.faults.Fail(fault.Fault{Kind: k, Path: path, After: after})
	if k == fault.Hang {
		w.transport.expectHang(path, after)
	}
}

// checkError looks at what a failure tells an operator: the reason, the path, and neither secret nor query.
func (w *world) checkError(err error, k fault.Kind) {
	w.t.Helper()
	if got := upstream.ReasonOf(err); err == nil || got != w.h.reason(k) {
		w.t.Fatalf("reason %q, want %s: %v", got, w.h.reason(k), err)
	}
	if w.Secret != "" && strings.Contains(err.Error(), w.Secret) || strings.Contains(err.Error(), "?") {
		w.t.Errorf("the error tells too much: %v", err)
	}
}

// failingChanges fails after the first page, in every way. What was read is told, the cursor stays, and once the
// helpdesk is well again nothing is missing.
func (h *Harness) failingChanges(t *testing.T) {
	for _, k := range fault.Kinds {
		if k == fault.Repeat && h.FeedPage == 0 {
			continue // there is no page to repeat
		}
		t.Run(string(k), func(t *testing.T) {
			t.Parallel()
			w, ids := h.fill(t, h.feedRows())
			w.fail(k, h.Feed, min(h.FeedPage, 1))
			p, err := w.client.Changes(t.Context(), "")
			w.checkError(err, k)
			if p == nil || (len(p.Tickets) == 0) != (h.FeedPage == 0) || len(p.Tickets) >= len(ids) {
				t.Fatalf("the pass has %+v, want the tickets of the first page", p)
			}
			if p.Cursor != "" {
				t.Errorf("cursor %q, want the one it began with", p.Cursor)
			}
			w.heal()
			w.Advance(time.Minute)
			if got, _ := w.changes(p.Cursor); len(missing(ids, got)) > 0 {
				t.Errorf("missing after the failure: %v", missing(ids, got))
			}
		})
	}
}

// failingOpen fails after the first page: half of the open tickets must not pass for all of them.
func (h *Harness) failingOpen(t *testing.T) {
	for _, k := range fault.Kinds {
		t.Run(string(k), func(t *testing.T) {
			t.Parallel()
			w, ids := h.fill(t, 5*h.ListPage/2)
			w.fail(k, h.List, 1)
			_, err := w.client.Open(t.Context())
			w.checkError(err, k)
			w.heal()
			w.Advance(time.Minute)
			if got := w.open(); len(missing(ids, got)) > 0 {
				t.Errorf("missing after the failure: %v", missing(ids, got))
			}
		})
	}
}

// failingLookup fails in every way: a ticket is never gone because the helpdesk could not be asked.
func (h *Harness) failingLookup(t *testing.T) {
	for _, k := range fault.Kinds {
		if k == fault.Repeat {
			continue // there is nothing to repeat
		}
		t.Run(string(k), func(t *testing.T) {
			t.Parallel()
			w, ids := h.fill(t, 1)
			w.lookup(ids...)
			w.fail(k, "", 0)
			p, err := w.client.Lookup(t.Context(), ids)
			if p != nil && len(p.Tickets) > 0 {
				t.Errorf("tells %+v", p.Tickets)
			}
			w.checkError(err, k)
		})
	}
}

// throttling is told with how long to stay away.
func (h *Harness) throttling(t *testing.T) {
	w, ids := h.fill(t, 1)
	_, cursor := w.changes("")
	w.faults.Fail(fault.Fault{Kind: fault.Throttled, RetryAfter: 37 * time.Second})
	p, err := w.client.Changes(t.Context(), cursor)
	w.checkError(err, fault.Throttled)
	if got := upstream.RetryAfterOf(err); got != 37*time.Second {
		t.Errorf("Retry-After %v, want 37s", got)
	}
	if p != nil && p.Cursor != cursor {
		t.Errorf("cursor %q, want %q", p.Cursor, cursor)
	}
	w.heal()
	desktest.Must(t, w.Reply(ids[0]))
	w.settle()
	w.Advance(37 * time.Second)
	if got, _ := w.changes(cursor); len(missing(ids, got)) > 0 {
		t.Error("what changed while throttled is passed over")
	}
}
