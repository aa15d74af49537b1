package conformance

import (
	"bytes"
	"fmt"
	"io"
	"maps"
	"net/http"
	"strings"
	"sync"
	"testing"
	"time"

	"whatsapp_sla_exporter/internal/helpdesk"
	"whatsapp_sla_exporter/internal/helpdesk/desktest"
	"whatsapp_sla_exporter/internal/simulator/fault"
	"whatsapp_sla_exporter/internal/upstream"
)

// world is a helpdesk that is served over HTTP, with a client that reads it.
type world struct {
	*Desk
	*desktest.Clock
	h       *Harness
	t       testing.TB
	url     string
	client  Client
	options upstream.Options
	faults  *fault.Injector

	transport *transport

	mu    sync.Mutex
	calls map[string]int
	// before is called before a request is answered, with how many of its path there were with it.
	before func(path string, n int)
}

func (h *Harness) start(t testing.TB, now time.Time) *world {
	t.Helper()
	w := &world{Clock: desktest.NewClock(now), h: h, t: t, calls: map[string]int{}}
	w.Desk = h.New(t, w.Now)
	w.faults = fault.New(w.Now, fault.Bodies{})
	faulty := w.faults.Wrap(w.Handler)
	w.options = desktest.Serve(t, http.HandlerFunc(func(rw http.ResponseWriter, r *http.Request) {
		body, _ := io.ReadAll(r.Body) // a server learns of a client that left only once it read the body
		r.Body = io.NopCloser(bytes.NewReader(body))
		w.arrived(r.URL.Path)
		faulty.ServeHTTP(rw, r)
	}))
	w.url = w.options.BaseURL
	w.transport = &transport{next: w.options.HTTP.Transport}
	w.options.HTTP = &http.Client{Transport: w.transport}
	w.client = w.newClient(w.options, w.Now)
	return w
}

func (w *world) newClient(o upstream.Options, now func() time.Time) Client {
	w.t.Helper()
	c, err := w.Client(o, now)
	desktest.Must(w.t, err)
	return c
}

func (w *world) arrived(path string) {
	w.mu.Lock()
	w.calls[path]++
	before, n := w.before, w.calls[path]
	w.mu.Unlock()
	if before != nil {
		before(path, n)
	}
}

// heal makes the helpdesk well again.
func (w *world) heal() {
	w.faults.Heal()
	w.transport.expectAnswers()
}

// settle lets as much time pass as the helpdesk needs to tell of a change.
func (w *world) settle() { w.Advance(max(w.h.Settle, time.Second)) }

// on calls f before each request to paths that begin so, with how many there were since.
func (w *world) on(prefix string, f func(n int)) {
	w.mu.Lock()
	defer w.mu.Unlock()
	n := 0
	w.before = func(path string, _ int) {
		if strings.HasPrefix(path, prefix) {
			n++
			f(n)
		}
	}
}

// spent is what f cost, by path.
func (w *world) spent(f func()) map[string]int {
	before := w.counts()
	f()
	after := w.counts()
	for path, n := range before {
		if after[path] -= n; after[path] == 0 {
			delete(after, path)
		}
	}
	return after
}

func (w *world) counts() map[string]int {
	w.mu.Lock()
	defer w.mu.Unlock()
	return maps.Clone(w.calls)
}

// fill opens n tickets, a second apart, the last of them an hour ago. The clock is then at desktest.Epoch.
func (h *Harness) fill(t testing.TB, n int) (*world, []string) {
	t.Helper()
	w := h.start(t, desktest.Epoch.Add(-time.Hour-time.Duration(n)*time.Second))
	ids := make([]string, n)
	for i := range ids {
		ids[i] = w.Create(Seed{Number: int64(i + 1), Priority: "high"})
		w.Advance(time.Second)
	}
	w.Advance(desktest.Epoch.Sub(w.Now()))
	return w, ids
}

// tickets are the newest rows of tickets by id.
type tickets map[string]helpdesk.Ticket

// take adds a pass. It complains of a pass that has a ticket twice.
func (w *world) take(all tickets, p *helpdesk.Pass) {
	w.t.Helper()
	seen := map[string]bool{}
	for _, v := range p.Tickets {
		if seen[v.ID] {
			w.t.Errorf("a pass has ticket %s twice", v.ID)
		}
		seen[v.ID] = true
		if known, ok := all[v.ID]; !ok || !known.UpdatedAt.After(v.UpdatedAt) || v.UpdatedAt.IsZero() {
			all[v.ID] = v
		}
	}
	if text := fmt.Sprintf("%+v", p.Tickets); strings.Contains(text, "@") {
		w.t.Errorf("a ticket holds an address: %s", text)
	}
}

// changes reads on from a cursor until there is no more, one pass a minute.
func (w *world) changes(cursor string) (tickets, string) {
	w.t.Helper()
	all := tickets{}
	for range 100 {
		p, err := w.client.Changes(w.t.Context(), cursor)
		desktest.Must(w.t, err)
		w.take(all, p)
		if cursor = p.Cursor; !p.More {
			return all, cursor
		}
		w.Advance(time.Minute)
	}
	w.t.Fatal("the changes do not end in 100 passes")
	return nil, ""
}

// open reads all open tickets, in one pass or a pass a minute.
func (w *world) open() tickets {
	w.t.Helper()
	for range 100 {
		if p := desktest.Pass(w.t)(w.client.Open(w.t.Context())); !p.More {
			all := tickets{}
			w.take(all, p)
			return all
		}
		w.Advance(time.Minute)
	}
	w.t.Fatal("the open tickets do not end in 100 passes")
	return nil
}

func (w *world) lookup(ids ...string) tickets {
	w.t.Helper()
	all := tickets{}
	w.take(all, desktest.Pass(w.t)(w.client.Lookup(w.t.Context(), ids)))
	return all
}

// missing lists those of the ids that are not among the tickets.
func missing(ids []string, in tickets) (out []string) {
	for _, id := range ids {
		if _, ok := in[id]; !ok {
			out = append(out, id)
		}
	}
	return out
}
