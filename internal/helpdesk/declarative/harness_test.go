package declarative

import (
	"context"
	"encoding/json"
	"fmt"
	"maps"
	"net/http"
	"net/http/httptest"
	"slices"
	"strings"
	"sync"
	"testing"
	"time"

	"whatsapp_sla_exporter/internal/helpdesk"
	"whatsapp_sla_exporter/internal/upstream"
)

// epoch is what the clocks of these tests show at the beginning.
var epoch = at("2026-03-02T10:00:00Z")

// ticketing is an in-house ticket system with an own profile, that answers from functions.
type ticketing struct {
	t      testing.TB
	client *Client
	url    string

	mu     sync.Mutex
	now    time.Time
	asked  []string // requests, with their queries
	answer map[string]func(r *http.Request) (status int, header http.Header, body any)
	quotas map[string]float64
	waited []time.Duration
}

func (d *ticketing) Now() time.Time {
	d.mu.Lock()
	defer d.mu.Unlock()
	return d.now
}

func (d *ticketing) pass(by time.Duration) {
	d.mu.Lock()
	defer d.mu.Unlock()
	d.now = d.now.Add(by)
}

func (d *ticketing) ServeHTTP(w http.ResponseWriter, r *http.Request) {
	d.mu.Lock()
	request := r.URL.Path
	if r.URL.RawQuery != "" {
		request += "?" + r.URL.RawQuery
	}
	d.asked = append(d.asked, request)
	answer := d.answer[strings.TrimPrefix(r.URL.Path, "/api")]
	w.Header().Set("Date", d.now.Format(http.TimeFormat))
	d.mu.Unlock()
	if answer == nil {
		w.Header().Set("Content-Type", "application/json")
		w.WriteHeader(http.StatusNotFound)
		_, _ = w.Write([]byte(`{"error":"no such thing"}`))
		return
	}
	status, header, body := answer(r)
	maps.Copy(w.Header(), header)
	if text, ok := body.(string); ok {
		w.Header().Set("Content-Type", "text/html")
		w.WriteHeader(status)
		_, _ = w.Write([]byte(text))
		return
	}
	raw, err := json.Marshal(body)
	if err != nil {
		d.t.Error(err)
	}
	w.WriteHeader(status)
	_, _ = w.Write(raw)
}

func (d *ticketing) Request(string)         {}
func (d *ticketing) Version(string, string) {}
func (d *ticketing) Quota(q string, u float64) {
	d.mu.Lock()
	defer d.mu.Unlock()
	d.quotas[q] = u
}

// own serves a ticket system and reads it with a profile.
func own(t testing.TB, profile string) *ticketing {
	t.Helper()
	d := &ticketing{t: t, now: epoch, answer: map[string]func(*http.Request) (int, http.Header, any){}, quotas: map[string]float64{}}
	srv := httptest.NewServer(d)
	t.Cleanup(srv.Close)
	transport := &http.Transport{}
	t.Cleanup(transport.CloseIdleConnections)
	p, err := Parse("own.yaml", []byte(profile))
	if err != nil {
		t.Fatal(err)
	}
	d.url = srv.URL
	d.client, err = New(Options{
		Profile: p, Now: d.Now, KeepField: keepAll,
		Upstream: upstream.Options{
			BaseURL: srv.URL + "/api", HTTP: &http.Client{Transport: transport}, Timeout: 10 * time.Second, Rate: 1e6, Burst: 1e6,
			FirstBackoff: time.Millisecond, Observer: d,
		},
	})
	if err != nil {
		t.Fatal(err)
	}
	d.client.wait = func(_ context.Context, by time.Duration) error {
		d.waited = append(d.waited, by)
		return nil
	}
	return d
}

// says answers a path with JSON, or with a page of HTML where the body is text.
func (d *ticketing) says(path string, status int, body any) {
	d.on(path, func(*http.Request) (int, http.Header, any) { return status, nil, body })
}

func (d *ticketing) on(path string, f func(r *http.Request) (int, http.Header, any)) {
	d.mu.Lock()
	defer d.mu.Unlock()
	d.answer[path] = f
}

// requests are those since the last time.
func (d *ticketing) requests() []string {
	d.mu.Lock()
	defer d.mu.Unlock()
	asked := d.asked
	d.asked = nil
	return asked
}

// row is a ticket of the system that changed so many seconds before epoch.
func ago(id, seconds int) map[string]any {
	return map[string]any{"id": id, "status": "open", "changed": epoch.Add(-time.Duration(seconds) * time.Second).Format(time.RFC3339)}
}

// agos are tickets that changed a second after the other, the last of them ten seconds before epoch.
func agos(n int) []map[string]any {
	rows := make([]map[string]any, n)
	for i := range rows {
		rows[i] = ago(i+1, 10+n-i)
	}
	return rows
}

func ids(p *helpdesk.Pass) []string {
	out := []string{}
	for _, t := range p.Tickets {
		id := t.ID
		if t.Gone {
			id += " gone"
		}
		out = append(out, id)
	}
	return out
}

func numbers(from, to int) []string {
	out := []string{}
	for n := from; n <= to; n++ {
		out = append(out, fmt.Sprint(n))
	}
	return out
}

// with changes lines of the small profile.
func with(pairs ...string) string {
	text := small
	for pair := range slices.Chunk(pairs, 2) {
		if !strings.Contains(text, pair[0]) {
			panic(pair[0])
		}
		text = strings.Replace(text, pair[0], pair[1], 1)
	}
	return text
}

func must[T any](t testing.TB) func(v T, err error) T {
	return func(v T, err error) T {
		t.Helper()
		if err != nil {
			t.Fatal(err)
		}
		return v
	}
}
