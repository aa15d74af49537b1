package alerts

import (
	"bytes"
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"net/http"
	"net/url"
	"path/filepath"
	"sync"
	"testing"
	"testing/synctest"
	"time"

	"github.com/prometheus/alertmanager/api/v2/models"
	"github.com/prometheus/client_golang/prometheus"
	"go.uber.org/goleak"

	"whatsapp_sla_exporter/internal/helpdesk"
	"whatsapp_sla_exporter/internal/sla"
	"whatsapp_sla_exporter/internal/state"
	"whatsapp_sla_exporter/internal/tickets"
)

func TestMain(m *testing.M) { goleak.VerifyTestMain(m) }

// mapper puts every ticket under the policy "acme".
type mapper struct{}

func (mapper) Map(t *helpdesk.Ticket) (helpdesk.Assignment, bool) {
	return helpdesk.Assignment{Policy: "acme", Severity: "high", Tenant: t.Brand}, true
}

// clocks promise an answer in 30 minutes, around the clock: warning after 15 minutes, critical after 22m30s.
type clocks struct{ acme tickets.Evaluator }

func (c clocks) Clock(policy string) (tickets.Evaluator, bool) { return c.acme, policy == "acme" }

// desk is a helpdesk of which the test says what was read.
type desk struct {
	testing.TB
	book    *tickets.Book
	store   *state.Store
	changed chan struct{}
}

func newDesk(t testing.TB) *desk {
	t.Helper()
	store, err := state.Open(filepath.Join(t.TempDir(), "state.db"))
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { store.Close() })
	d := &desk{TB: t, store: store, changed: make(chan struct{}, 1)}
	d.restart()
	return d
}

// restart forgets the tickets, as a new process does.
func (d *desk) restart() {
	d.Helper()
	policy := &sla.Policy{Name: "acme", Severities: []sla.Severity{
		{Name: "high", Number: 1, Promises: []sla.Promise{{Target: sla.FirstResponse, Within: 30 * time.Minute}}},
	}}
	clock, err := sla.NewClock(policy, sla.Always())
	if err != nil {
		d.Fatal(err)
	}
	d.book, err = tickets.NewBook(tickets.Options{Helpdesk: "support", Mapper: mapper{}, Clocks: clocks{clock}, Store: d.store})
	if err != nil {
		d.Fatal(err)
	}
}

func (d *desk) Snapshots() []*tickets.Snapshot { return []*tickets.Snapshot{d.book.Snapshot()} }

// read is a good pass over all open tickets.
func (d *desk) read(open ...helpdesk.Ticket) {
	d.Helper()
	missing, err := d.book.Reconcile(&helpdesk.Pass{Tickets: open}, time.Now())
	if err == nil {
		err = d.book.Drop(missing, time.Now())
	}
	if err != nil {
		d.Fatal(err)
	}
	select {
	case d.changed <- struct{}{}:
	default:
	}
}

// opened is a ticket that nobody has answered.
func opened(id string, at time.Time) helpdesk.Ticket {
	return helpdesk.Ticket{ID: id, URL: "https://acme.example/tickets/" + id, Status: sla.StatusOpen, CreatedAt: at, UpdatedAt: at}
}

func answered(t helpdesk.Ticket, at time.Time) helpdesk.Ticket {
	t.FirstResponseAt, t.LastAgentReplyAt, t.UpdatedAt = at, at, at
	return t
}

// alertmanager is a fake that notes down what it is told and when.
type alertmanager struct {
	t     testing.TB
	start time.Time

	mu     sync.Mutex
	answer func(*http.Request) (int, error) // nil: takes everything
	told   []string
	alerts []*models.PostableAlert
}

func newAlertmanager(t testing.TB) *alertmanager { return &alertmanager{t: t, start: time.Now()} }

func (a *alertmanager) endpoint(name string) Endpoint {
	u := &url.URL{Scheme: "http", Host: name, Path: "/api/v2/alerts"}
	return Endpoint{URL: u, Client: &http.Client{Transport: a}}
}

func (a *alertmanager) RoundTrip(r *http.Request) (*http.Response, error) {
	if err := r.Context().Err(); err != nil {
		return nil, err
	}
	body, err := io.ReadAll(r.Body)
	if err != nil {
		return nil, err
	}
	var batch models.PostableAlerts
	if err := json.Unmarshal(body, &batch); err != nil {
		a.t.Errorf("the request is not the JSON of alerts: %v", err)
	}
	a.mu.Lock()
	answer := a.answer
	a.mu.Unlock()
	status := http.StatusOK
	if answer != nil {
		if status, err = answer(r); err != nil {
			return nil, err
		}
	}
	a.mu.Lock()
	defer a.mu.Unlock()
	if status == http.StatusOK {
		for _, alert := range batch {
			a.note(alert)
		}
	}
	return &http.Response{StatusCode: status, Status: http.StatusText(status), Body: io.NopCloser(bytes.NewReader(nil))}, nil
}

func (a *alertmanager) note(alert *models.PostableAlert) {
	now := time.Now()
	what := "fires until +" + time.Time(alert.EndsAt).Sub(now).String()
	if !time.Time(alert.EndsAt).After(now) {
		what = "resolved"
	}
	a.alerts = append(a.alerts, alert)
	a.told = append(a.told, fmt.Sprintf("%v: %s %s %s", now.Sub(a.start), alert.Labels["ticket"], alert.Labels["alertname"], what))
}

// take returns what was told since it was last asked.
func (a *alertmanager) take() []string {
	synctest.Wait()
	a.mu.Lock()
	defer a.mu.Unlock()
	told := a.told
	a.told, a.alerts = nil, nil
	return told
}

// set says how requests are answered from now on.
func (a *alertmanager) set(answer func(*http.Request) (int, error)) {
	a.mu.Lock()
	defer a.mu.Unlock()
	a.answer = answer
}

func unreachable(*http.Request) (int, error) { return 0, errors.New("connection refused") }

func hanging(r *http.Request) (int, error) {
	<-r.Context().Done()
	return 0, r.Context().Err()
}

// process is a sidecar at work.
type process struct {
	*Sidecar
	registry *prometheus.Registry
	stop     func()
}

// start runs a sidecar that sends again every minute, until the test ends or stop.
func start(d *desk, staleAfter time.Duration, endpoints ...Endpoint) *process {
	d.Helper()
	p := &process{registry: prometheus.NewRegistry()}
	p.Sidecar = New(Options{
		Helpdesks: d, Changed: d.changed, Store: d.store, Registerer: p.registry,
		Diagnose: func(string) string { return "none_found" },
	})
	p.Configure(Config{Alertmanagers: endpoints, ResendInterval: time.Minute, StaleAfter: staleAfter})
	ctx, cancel := context.WithCancel(d.Context())
	done := make(chan error, 1)
	go func() { done <- p.Run(ctx) }()
	p.stop = sync.OnceFunc(func() {
		cancel()
		if err := <-done; err != nil {
			d.Errorf("Run: %v", err)
		}
	})
	d.Cleanup(p.stop)
	return p
}
