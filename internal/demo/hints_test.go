package demo

import (
	"net/http"
	"net/http/httptest"
	"strings"
	"sync/atomic"
	"testing"
	"time"

	"github.com/go-kit/log"
	"github.com/google/go-cmp/cmp"

	"whatsapp_sla_exporter/internal/helpdesk/push"
)

// exporter takes the webhooks of the helpdesk as the real one does.
type exporter struct {
	*push.Receiver
	down    atomic.Bool
	secret  string
	tickets []string
	results []push.Result
}

func newExporter(t *testing.T, now func() time.Time) *exporter {
	t.Helper()
	e := &exporter{secret: zendeskWebhookSecret}
	r, err := push.NewReceiver(push.Options{
		Type: "zendesk", Secret: func() (string, error) { return e.secret, nil }, Now: now, Logger: log.NewNopLogger(),
		Hint:    func(id string) { e.tickets = append(e.tickets, id) },
		Counted: func(r push.Result) { e.results = append(e.results, r) },
	})
	if err != nil {
		t.Fatal(err)
	}
	e.Receiver = r
	return e
}

func (e *exporter) ServeHTTP(w http.ResponseWriter, r *http.Request) {
	switch {
	case e.down.Load():
		panic(http.ErrAbortHandler)
	case r.URL.Path == "/webhooks/helpdesk/support":
		e.Receiver.ServeHTTP(w, r)
	default:
		http.NotFound(w, r)
	}
}

func TestZendeskTellsOfItsTicketsByWebhook(t *testing.T) {
	now := began
	clock := func() time.Time { return now }
	e := newExporter(t, clock)
	server := httptest.NewServer(e)
	defer server.Close()
	var logs strings.Builder
	d, err := Start(Options{Dir: t.TempDir(), Exporter: server.URL, Now: clock, Logger: log.NewLogfmtLogger(&logs)})
	if err != nil {
		t.Fatal(err)
	}
	defer d.Close()
	deliver := func() {
		t.Helper()
		if err := d.catchUp(); err != nil {
			t.Fatal(err)
		}
		d.deliverHints(t.Context())
	}

	deliver()
	if len(e.results) > 0 {
		t.Errorf("before anything new happened: %q", e.results)
	}
	now = began.Add(2 * m)
	e.down.Store(true)
	deliver() // a new ticket, which nobody hears of
	e.down.Store(false)
	deliver()
	if d := cmp.Diff([]push.Result{push.Accepted}, e.results); d != "" {
		t.Errorf("a webhook that was lost and sent again: %s", d)
	}
	now = began.Add(4 * m)
	deliver()
	if d := cmp.Diff([]push.Result{push.Accepted, push.Accepted}, e.results); d != "" {
		t.Errorf("an agent's answer: %s", d)
	}
	if len(e.tickets) != 2 || e.tickets[0] == e.tickets[1] {
		t.Errorf("tickets %q, want two different ones", e.tickets)
	}

	e.secret = "another"
	now = began.Add(5 * m)
	deliver()
	if got := logs.String(); !strings.Contains(got, "refused a webhook") || !strings.Contains(got, "status=401") {
		t.Errorf("a refusal is not told: %q", got)
	}
	told := len(e.results)
	if deliver(); len(e.results) != told {
		t.Error("what was refused is sent again")
	}
}
