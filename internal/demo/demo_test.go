package demo

import (
	"encoding/json"
	"net/http"
	"os"
	"path/filepath"
	"slices"
	"testing"
	"time"

	"github.com/go-kit/log"

	"whatsapp_sla_exporter/config"
	"whatsapp_sla_exporter/internal/simulator/graph"
)

var began = time.Date(2026, 3, 2, 12, 0, 0, 0, time.UTC)

// startAt starts the demo of a directory at an instant that stands still.
func startAt(t *testing.T, dir string, now time.Time) *Demo {
	t.Helper()
	d, err := Start(Options{Dir: dir, Now: func() time.Time { return now }, Logger: log.NewNopLogger()})
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() {
		if err := d.Close(); err != nil {
			t.Error(err)
		}
	})
	return d
}

// quality is the rating that the fake Graph API tells of a number.
func (d *Demo) quality(t *testing.T, id string) string {
	t.Helper()
	var found string
	d.world.graph.ChangeNumber(id, func(n *graph.Number) { found = n.Quality })
	return found
}

func TestConfigurationIsGoodAndReadsTheSimulators(t *testing.T) {
	d := startAt(t, t.TempDir(), began)
	c, err := config.Load(d.Config())
	if err != nil {
		t.Fatal(err)
	}
	var shown []string
	for _, a := range c.WhatsApp.Accounts {
		shown = append(shown, a.Provider)
	}
	for _, p := range c.WhatsApp.StatusPages {
		shown = append(shown, p.Type)
	}
	for _, q := range c.WhatsApp.QRSessions {
		shown = append(shown, q.Gateway)
	}
	for _, kind := range slices.Concat(config.Providers, config.StatusPageTypes, config.QRGateways) {
		if !slices.Contains(shown, kind) {
			t.Errorf("the demo does not show %s", kind)
		}
	}
	if c.Alertmanager != nil {
		t.Error("a demo without an Alertmanager has a sidecar")
	}
	req, _ := http.NewRequestWithContext(t.Context(), http.MethodGet, c.Helpdesks[0].URL+"/api/v2/search/count?query=type:ticket", nil)
	req.SetBasicAuth(zendeskEmail+"/token", zendeskToken)
	resp, err := http.DefaultClient.Do(req)
	if err != nil {
		t.Fatal(err)
	}
	defer resp.Body.Close()
	var count struct{ Count int }
	if err := json.NewDecoder(resp.Body).Decode(&count); err != nil || count.Count != len(ticketStories)-1 { // one is opened later
		t.Errorf("the helpdesk has %d tickets, want %d: %v", count.Count, len(ticketStories)-1, err)
	}
}

func TestTheScenarioFollowsFromTheFirstStart(t *testing.T) {
	dir := t.TempDir()
	for _, step := range []struct {
		after time.Duration
		want  string // rating of the number that turns red
	}{
		{0, "GREEN"},
		{90 * time.Second, "YELLOW"},
		{3 * time.Minute, "RED"},
		{14 * time.Minute, "GREEN"},
		{round + 3*time.Minute, "RED"}, // the next round
	} {
		d := startAt(t, dir, began.Add(step.after))
		if !d.began.Equal(began) {
			t.Fatalf("started again after %s, it forgot when it began: %s", step.after, d.began)
		}
		if got := d.quality(t, "5002"); got != step.want {
			t.Errorf("after %s the number is %s, want %s", step.after, got, step.want)
		}
	}
}

func TestADemoOfLongAgoBeginsAnew(t *testing.T) {
	dir := t.TempDir()
	startAt(t, dir, began)
	state := filepath.Join(dir, "state.db")
	if err := os.WriteFile(state, []byte("old"), 0o600); err != nil {
		t.Fatal(err)
	}
	later := began.Add(resumable + time.Minute)
	if d := startAt(t, dir, later); !d.began.Equal(later) {
		t.Errorf("it began at %s, want %s", d.began, later)
	}
	if _, err := os.Stat(state); !os.IsNotExist(err) {
		t.Error("the state of the demo before is still there")
	}
}
