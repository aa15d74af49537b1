package main

import (
	"bytes"
	"context"
	"fmt"
	"io"
	"maps"
	"net"
	"net/http"
	"os"
	"path/filepath"
	"regexp"
	"slices"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"
	"go.uber.org/goleak"

	"whatsapp_sla_exporter/config"
	"whatsapp_sla_exporter/internal/simulator/webhook"
)

func TestMain(m *testing.M) { goleak.VerifyTestMain(m) }

// running is an exporter that runs in this process.
type running struct {
	t       *testing.T
	address string
	stop    context.CancelFunc
	ended   chan int
	logs    *logBuffer
}

// logBuffer collects what is logged by many goroutines.
type logBuffer struct {
	mu sync.Mutex
	b  bytes.Buffer
}

func (l *logBuffer) Write(p []byte) (int, error) {
	l.mu.Lock()
	defer l.mu.Unlock()
	return l.b.Write(p)
}

func (l *logBuffer) String() string {
	l.mu.Lock()
	defer l.mu.Unlock()
	return l.b.String()
}

// listening is where the web server says that it listens.
var listening = regexp.MustCompile(`msg="Listening on" address=(\S+)`)

func start(t *testing.T, args ...string) *running {
	t.Helper()
	ctx, stop := context.WithCancel(t.Context())
	r := &running{t: t, stop: stop, ended: make(chan int, 1), logs: &logBuffer{}}
	go func() {
		r.ended <- Run(ctx, append(args, "--web.listen-address=127.0.0.1:0"), strings.NewReader(""), io.Discard, r.logs)
	}()
	t.Cleanup(func() { r.end(0) })
	r.eventually("listening", func() bool {
		if m := listening.FindStringSubmatch(r.logs.String()); m != nil {
			r.address = m[1]
		}
		return r.address != ""
	})
	r.eventually("ready", func() bool { status, _ := r.get("/-/ready"); return status == http.StatusOK })
	return r
}

// end stops the exporter and checks how it ended, once.
func (r *running) end(want int) {
	r.t.Helper()
	if r.stop == nil {
		return
	}
	r.stop()
	r.stop = nil
	if got := <-r.ended; got != want {
		r.t.Errorf("ended with status %d, want %d:\n%s", got, want, r.logs)
	}
	http.DefaultClient.CloseIdleConnections()
}

func (r *running) get(path string) (int, string) {
	return r.do(http.MethodGet, path)
}

func (r *running) do(method, path string) (int, string) {
	req, err := http.NewRequestWithContext(r.t.Context(), method, "http://"+r.address+path, nil)
	if err != nil {
		r.t.Fatal(err)
	}
	resp, err := http.DefaultClient.Do(req)
	if err != nil {
		return 0, err.Error()
	}
	defer resp.Body.Close()
	body, _ := io.ReadAll(resp.Body)
	return resp.StatusCode, string(body)
}

func (r *running) eventually(what string, ok func() bool) {
	r.t.Helper()
	tick := time.NewTicker(20 * time.Millisecond)
	defer tick.Stop()
	deadline := time.After(30 * time.Second)
	for !ok() {
		select {
		case <-tick.C:
		case <-deadline:
			r.t.Fatalf("not %s:\n%s", what, r.logs)
		}
	}
}

// metric is the value of the first series that begins so; "" when there is none.
func (r *running) metric(series string) string {
	_, body := r.get("/metrics")
	for line := range strings.Lines(body) {
		if v, ok := strings.CutPrefix(line, series); ok {
			return strings.TrimSpace(v)
		}
	}
	return ""
}

func TestDemoServesEverything(t *testing.T) {
	r := start(t, "demo", "--demo.dir="+t.TempDir())
	for path, want := range map[string]string{
		"/":          "WhatsApp SLA exporter",
		"/board":     "What breaches next",
		"/-/healthy": "OK",
		"/-/ready":   "OK",
		"/metrics":   `helpdesk_sla_tickets{helpdesk="support"`,
	} {
		if status, body := r.get(path); status != http.StatusOK || !strings.Contains(body, want) {
			t.Errorf("GET %s: %d, without %q", path, status, want)
		}
	}
	for series, want := range map[string]string{
		`whatsapp_sla_exporter_source_up{source="shop",type="meta"} `:                                         "1",
		`whatsapp_sla_exporter_source_up{source="support",type="zendesk"} `:                                   "1",
		`whatsapp_messaging_limit_users{account="shop",scope="portfolio",scope_id="3001"} `:                   "2000",
		`helpdesk_uncovered_tickets{helpdesk="support",policy="reach-whatsapp-qr",reason="external_origin"} `: "1",
	} {
		if got := r.metric(series); got != want {
			t.Errorf("%s is %q, want %s", series, got, want)
		}
	}
	for _, secret := range []string{"demo-graph-token", "demo-zendesk-token"} {
		if _, body := r.get("/metrics"); strings.Contains(body+r.logs.String(), secret) {
			t.Errorf("%s shows in metrics or log", secret)
		}
	}
}

func TestWebhookIsThereWhereItIsConfigured(t *testing.T) {
	dir := t.TempDir()
	r := start(t, "demo", "--demo.dir="+dir)
	sender := &webhook.Sender{URL: "http://" + r.address + "/webhooks/whatsapp", Secret: "demo-app-secret"}
	if err := sender.Handshake(t.Context(), "demo-verify-token"); err != nil {
		t.Error(err)
	}
	if err := sender.Handshake(t.Context(), "somebody else's"); err == nil {
		t.Error("a wrong verify token was taken")
	}
	if status, _ := r.do(http.MethodPost, "/webhooks/whatsapp"); status != http.StatusUnauthorized {
		t.Errorf("an unsigned request: %d", status)
	}
	now := time.Now()
	if err := sender.Send(t.Context(), now, webhook.Restriction("9002", "RESTRICTED_BIZ_INITIATED_MESSAGING", now.Add(time.Hour), now)); err != nil {
		t.Fatal(err)
	}
	const restricted = `whatsapp_account_restriction{account="bank",restriction="restricted_biz_initiated_messaging",waba_id="9002"} `
	r.eventually("telling of the restriction", func() bool { return r.metric(restricted) == "1" })
	r.eventually("diagnosing it", func() bool { return r.metric(`whatsapp_diagnosis{account="bank",cause="account_restricted"} `) == "1" })

	r.end(0) // what was told is known after a restart
	r = start(t, "demo", "--demo.dir="+dir)
	r.eventually("telling of the restriction again", func() bool { return r.metric(restricted) == "1" })
}

// A demo that is killed and started again knows the dates of the flags, and counts no outcome twice.
func TestADemoStartedAgainGoesOn(t *testing.T) {
	dir := t.TempDir()
	const changed = `whatsapp_phone_number_quality_changed_timestamp_seconds{account="shop",phone_number_id="5001"} `
	r := start(t, "demo", "--demo.dir="+dir)
	before := r.metric(changed)
	r.end(0)
	r = start(t, "demo", "--demo.dir="+dir)
	if after := r.metric(changed); after != before || before == "" {
		t.Errorf("the rating was first seen at %q, before the restart at %q", after, before)
	}
}

func TestReloadKeepsTheOldConfigurationWhenTheNewOneIsBad(t *testing.T) {
	dir := t.TempDir()
	r := start(t, "demo", "--demo.dir="+dir)
	file := filepath.Join(dir, "config.yml")
	good, err := os.ReadFile(file)
	if err != nil {
		t.Fatal(err)
	}
	rewrite := func(text string) {
		t.Helper()
		if err := os.WriteFile(file, []byte(text), 0o600); err != nil {
			t.Fatal(err)
		}
	}
	const ok, up = "whatsapp_sla_exporter_config_last_reload_successful ", `whatsapp_sla_exporter_source_up{source="bank",type="meta"} `

	rewrite(strings.Replace(string(good), "stale_after", "stale_behind", 1))
	if status, body := r.do(http.MethodPost, "/-/reload"); status != http.StatusInternalServerError || !strings.Contains(body, `unknown key "stale_behind"`) {
		t.Errorf("a bad configuration: %d %s", status, body)
	}
	if got := r.metric(ok) + r.metric(up); got != "01" {
		t.Errorf("after a bad reload: successful and source_up are %q, want 01", got)
	}

	rewrite(strings.Replace(string(good), "state.db", "elsewhere.db", 1))
	if status, body := r.do(http.MethodPost, "/-/reload"); status != http.StatusInternalServerError || !strings.Contains(body, "only a restart moves it") {
		t.Errorf("another place for the state: %d %s", status, body)
	}

	rewrite(strings.NewReplacer("name: bank", "name: savings", "[shop, bank]", "[shop, savings]").Replace(string(good)))
	if status, body := r.do(http.MethodPost, "/-/reload"); status != http.StatusOK {
		t.Errorf("a good configuration: %d %s", status, body)
	}
	r.eventually("reading the renamed account", func() bool {
		return r.metric(`whatsapp_sla_exporter_source_up{source="savings",type="meta"} `) == "1"
	})
	if got := r.metric(ok) + r.metric(up); got != "1" {
		t.Errorf("after a good reload: successful and the old source_up are %q, want 1 and none", got)
	}
	if status, _ := r.do(http.MethodGet, "/-/reload"); status != http.StatusMethodNotAllowed {
		t.Errorf("GET /-/reload: %d", status)
	}
}

func TestADeadUpstreamIsToldAndMakesNoZero(t *testing.T) {
	dead, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	url := "http://" + dead.Addr().String()
	dead.Close()
	file := write(t, "config.yml", fmt.Sprintf(`
helpdesks: [{name: support, type: zendesk, url: %q}]
whatsapp: {accounts: [{name: shop, url: %q, waba_ids: ["9001"]}]}
`, url, url))
	r := start(t, "serve", "--config.file="+file)
	for series, want := range map[string]string{
		`whatsapp_sla_exporter_source_up{source="shop",type="meta"} `:                    "0",
		`whatsapp_sla_exporter_source_up{source="support",type="zendesk"} `:              "0",
		`whatsapp_sla_exporter_source_errors_total{reason="network",source="support"} `:  "1",
		`whatsapp_sla_exporter_source_last_success_timestamp_seconds{source="support"} `: "",
		`helpdesk_open_tickets`:         "",
		`whatsapp_phone_number_quality`: "",
	} {
		if got := r.metric(series); got != want {
			t.Errorf("%s is %q, want %q", series, got, want)
		}
	}
	if status, _ := r.get("/webhooks/whatsapp"); status != http.StatusNotFound {
		t.Errorf("there is a webhook that nobody configured: %d", status)
	}
	if logs := r.logs.String(); !strings.Contains(logs, "source could not be read") || !strings.Contains(logs, "connection refused") {
		t.Errorf("the log does not say what happened:\n%s", logs)
	}
}

// Every name that the configuration accepts has a client, and every client a name.
func TestRegistryAgreesWithTheConfiguration(t *testing.T) {
	for what, pair := range map[string][2][]string{
		"helpdesk":    {config.HelpdeskTypes, slices.Sorted(maps.Keys(helpdeskClients))},
		"provider":    {config.Providers, slices.Sorted(maps.Keys(accountClients))},
		"status page": {config.StatusPageTypes, slices.Sorted(maps.Keys(statusPageClients))},
		"QR gateway":  {config.QRGateways, slices.Sorted(maps.Keys(sessionClients))},
	} {
		if d := cmp.Diff(slices.Sorted(slices.Values(pair[0])), pair[1]); d != "" {
			t.Errorf("%s: configuration and clients differ: %s", what, d)
		}
	}
}
