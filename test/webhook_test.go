package test

import (
	"bytes"
	"fmt"
	"io"
	"net/http"
	"os"
	"path/filepath"
	"strconv"
	"strings"
	"sync"
	"syscall"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"

	"whatsapp_sla_exporter/internal/simulator/webhook"
	"whatsapp_sla_exporter/test/exporter"
)

const appSecret = "app-secret-of-the-test"

// configureWebhook is a configuration with one account and the webhook.
func (u *upstreams) configureWebhook(t *testing.T, dir string) string {
	t.Helper()
	for name, text := range map[string]string{
		"graph": "graph-secret", "app": appSecret, "verify": "verify-secret",
		"config.yml": fmt.Sprintf(`
global: {poll_interval: 10s, stale_after: 1m}
whatsapp:
  accounts:
    - name: acme
      url: %q
      waba_ids: ["9001"]
      policy: whatsapp-messaging-2024
      http_config: {authorization: {credentials_file: graph}}
  webhook: {app_secret_file: app, verify_token_file: verify}
`, u.urls[0]),
	} {
		must(t, os.WriteFile(filepath.Join(dir, name), []byte(text), 0o600))
	}
	return filepath.Join(dir, "config.yml")
}

// deliver posts a body as Meta does, and says whether it was answered with 200.
func deliver(e *exporter.Exporter, body []byte) bool {
	req, err := http.NewRequest(http.MethodPost, "http://"+e.Address+"/webhooks/whatsapp", bytes.NewReader(body))
	if err != nil {
		return false
	}
	req.Header.Set("X-Hub-Signature-256", webhook.Sign(appSecret, body))
	res, err := http.DefaultClient.Do(req)
	if err != nil {
		return false
	}
	defer res.Body.Close()
	_, _ = io.Copy(io.Discard, res.Body)
	return res.StatusCode == http.StatusOK
}

func bodyOf(t *testing.T, changes ...webhook.Change) []byte {
	t.Helper()
	body, err := webhook.Body(changes...)
	must(t, err)
	return body
}

// told are the metrics that come from webhooks alone.
var told = []string{
	"whatsapp_account_ban_state{", "whatsapp_account_restriction{", "whatsapp_account_restriction_expiry_timestamp_seconds{",
	"whatsapp_account_violations_total{", "whatsapp_account_alert{", "whatsapp_security_events_total{", "whatsapp_template_events_total{",
	"whatsapp_marketing_opt_outs_total{", "whatsapp_send_errors_total{", "whatsapp_service_windows_open{",
	"whatsapp_messaging_limit_used_users{", "whatsapp_messaging_limit_used_users_7d{", "whatsapp_phone_number_flagged_timestamp_seconds{",
}

// toldBy are the series of these metrics that are not 0.
func toldBy(e *exporter.Exporter) map[string]string {
	out := map[string]string{}
	for line := range strings.Lines(e.Get("/metrics")) {
		series, value, _ := strings.Cut(strings.TrimSpace(line), "} ")
		for _, name := range told {
			if strings.HasPrefix(series, name) && value != "0" {
				out[series+"}"] = value
			}
		}
	}
	return out
}

// waitFor waits until the webhooks' facts are as they should be, and says what is not.
func waitFor(t *testing.T, e *exporter.Exporter, when string, want map[string]string) {
	t.Helper()
	deadline := time.After(30 * time.Second)
	tick := time.NewTicker(50 * time.Millisecond)
	defer tick.Stop()
	for {
		d := cmp.Diff(want, toldBy(e))
		if d == "" {
			return
		}
		select {
		case <-tick.C:
		case <-deadline:
			t.Fatalf("%s: %s", when, d)
		}
	}
}

// everyFact is a webhook of each kind with a fact that no API tells again, and the series that show them.
func everyFact(t *testing.T, now time.Time) (bodies [][]byte, want map[string]string) {
	t.Helper()
	const waba, phone, display = "9001", "5001", "34600112233"
	until := now.Add(24 * time.Hour)
	bodies = [][]byte{
		bodyOf(t, webhook.Restriction(waba, "RESTRICTED_BIZ_INITIATED_MESSAGING", until, now)),
		bodyOf(t, webhook.Violation(waba, "SCAM", now), webhook.Violation(waba, "DRUGS", now)),
		bodyOf(t, webhook.Ban(waba, "SCHEDULE_FOR_DISABLE", until, now)),
		bodyOf(t, webhook.Alert(waba, "PROFILE_PICTURE_LOST", "WARNING", true, now)),
		bodyOf(t, webhook.Template(waba, "cita", "PAUSED", now)),
		bodyOf(t, webhook.Security(waba, display, "PIN_CHANGED", now)),
		bodyOf(t, webhook.OptOut(waba, phone, "34611000001", "stop", now)),
		bodyOf(t, webhook.Message(waba, phone, "wamid.in", "34611000002", now)),
		bodyOf(t, webhook.Failure(waba, phone, "wamid.failed", "34611000003", 131049, now)),
		bodyOf(t, webhook.NumberUpdate(waba, display, "FLAGGED", now)),
	}
	var delivered []webhook.Change
	for i := range 7 {
		delivered = append(delivered, webhook.Status(waba, phone, fmt.Sprint("wamid.", i), fmt.Sprint(34622000000+i), "delivered", "regular", now))
	}
	bodies = append(bodies, bodyOf(t, delivered...))
	const account, number, portfolio = `{account="acme",`, `{account="acme",phone_number_id="5001"}`, `{account="acme",scope="phone_number",scope_id="5001"}`
	return bodies, map[string]string{
		"whatsapp_account_restriction" + account + `restriction="restricted_biz_initiated_messaging",waba_id="9001"}`:                             "1",
		"whatsapp_account_restriction_expiry_timestamp_seconds" + account + `restriction="restricted_biz_initiated_messaging",waba_id="9001"}`:    seconds(until),
		"whatsapp_account_violations_total" + account + `violation="scam",waba_id="9001"}`:                                                        "1",
		"whatsapp_account_violations_total" + account + `violation="drugs",waba_id="9001"}`:                                                       "1",
		"whatsapp_account_ban_state" + account + `state="scheduled",waba_id="9001"}`:                                                              "1",
		"whatsapp_account_alert" + account + `alert="profile_picture_lost",entity="business",entity_id="9001",severity="warning",waba_id="9001"}`: "1",
		"whatsapp_template_events_total" + account + `event="paused",waba_id="9001"}`:                                                             "1",
		"whatsapp_security_events_total" + account + `event="pin_changed",waba_id="9001"}`:                                                        "1",
		"whatsapp_marketing_opt_outs_total" + number:                                                                                              "1",
		"whatsapp_service_windows_open" + number:                                                                                                  "1",
		"whatsapp_send_errors_total" + account + `code="131049",phone_number_id="5001"}`:                                                          "1",
		"whatsapp_phone_number_flagged_timestamp_seconds" + number:                                                                                seconds(now),
		"whatsapp_messaging_limit_used_users" + portfolio:                                                                                         "7",
		"whatsapp_messaging_limit_used_users_7d" + portfolio:                                                                                      "7",
	}
}

// seconds is an instant as a metric has it.
func seconds(t time.Time) string { return strconv.FormatFloat(float64(t.Unix()), 'g', -1, 64) }

// kill -9 right after the last 200: all that was acknowledged is there, and the same deliveries again count nothing
// twice.
func TestNoWebhookIsLostOrCountedTwiceOverAKill(t *testing.T) {
	t.Parallel()
	u := startUpstreams(t)
	config := u.configureWebhook(t, t.TempDir())
	e := startExporter(t, config)
	bodies, want := everyFact(t, time.Now().Truncate(time.Second))
	for i, body := range bodies {
		if !deliver(e, body) {
			t.Fatalf("webhook %d was refused; the log says:\n%s", i, e.Log)
		}
	}
	e.End(syscall.SIGKILL)

	e = startExporter(t, config)
	waitFor(t, e, "after the kill", want)
	for range 2 {
		for _, body := range bodies {
			if !deliver(e, body) {
				t.Errorf("a retry was refused; the log says:\n%s", e.Log)
			}
		}
	}
	waitFor(t, e, "after all came twice more", want)
	e.End(syscall.SIGKILL)
	e = startExporter(t, config)
	waitFor(t, e, "after another kill", want)
	if strings.Contains(e.Log.String()+e.Get("/metrics"), appSecret) {
		t.Error("the app secret shows in log or metrics")
	}
}

// The kill comes in the middle of many deliveries at once: what was acknowledged is there, what was not comes again.
func TestAKillAmongManyWebhooksLosesNothing(t *testing.T) {
	t.Parallel()
	const senders, each, acknowledged = 4, 60, 40
	u := startUpstreams(t)
	config := u.configureWebhook(t, t.TempDir())
	e := startExporter(t, config)
	now := time.Now().Truncate(time.Second)
	body := func(sender, i int) []byte {
		id := fmt.Sprintf("%d%03d", sender, i)
		return bodyOf(t, webhook.Failure("9001", "5001", "wamid."+id, "3461100"+id, 131026, now))
	}
	var mu sync.Mutex
	var taken int
	enough := make(chan struct{})
	var wg sync.WaitGroup
	for sender := range senders {
		wg.Go(func() {
			for i := range each {
				if !deliver(e, body(sender, i)) {
					return // it was killed
				}
				mu.Lock()
				if taken++; taken == acknowledged {
					close(enough)
				}
				mu.Unlock()
			}
		})
	}
	<-enough
	_ = e.Process.Signal(syscall.SIGKILL)
	wg.Wait()
	e.End(syscall.SIGKILL)

	const failed = `whatsapp_send_errors_total{account="acme",code="131026",phone_number_id="5001"}`
	e = startExporter(t, config)
	var kept int
	e.Eventually("telling of the failed messages", func() bool {
		_, err := fmt.Sscan(e.Metric(failed), &kept)
		return err == nil
	})
	// One delivery of each sender may have been stored without its answer coming through.
	if kept < taken || kept > taken+senders {
		t.Errorf("%d webhooks were acknowledged and %d are known", taken, kept)
	}
	for sender := range senders {
		for i := range each {
			if !deliver(e, body(sender, i)) {
				t.Fatalf("a retry was refused; the log says:\n%s", e.Log)
			}
		}
	}
	e.Eventually("counting each failed message once", func() bool { return e.Metric(failed) == fmt.Sprint(senders*each) })
}
