package main

import (
	"crypto/hmac"
	"crypto/sha256"
	"encoding/base64"
	"encoding/json"
	"fmt"
	"net/http"
	"net/http/httptest"
	"slices"
	"strings"
	"sync/atomic"
	"testing"
	"time"

	"whatsapp_sla_exporter/config"
	"whatsapp_sla_exporter/internal/helpdesk/push"
	"whatsapp_sla_exporter/internal/simulator/zendesk"
)

const webhookSecret = "simulated-signing-secret"

// signedHint is a webhook of Zendesk on a ticket, as Zendesk signs it.
func signedHint(t *testing.T, url, secret string, ticket int64, at time.Time) *http.Request {
	t.Helper()
	body := fmt.Sprintf(`{"type":"zen:event-type:ticket.comment_added","subject":"zen:ticket:%d"}`, ticket)
	req, err := http.NewRequestWithContext(t.Context(), http.MethodPost, url, strings.NewReader(body))
	if err != nil {
		t.Fatal(err)
	}
	timestamp := at.UTC().Format(time.RFC3339)
	mac := hmac.New(sha256.New, []byte(secret))
	mac.Write([]byte(timestamp + body))
	req.Header.Set("X-Zendesk-Webhook-Signature-Timestamp", timestamp)
	req.Header.Set("X-Zendesk-Webhook-Signature", base64.StdEncoding.EncodeToString(mac.Sum(nil)))
	return req
}

func send(t *testing.T, req *http.Request) int {
	t.Helper()
	resp, err := http.DefaultClient.Do(req)
	if err != nil {
		t.Fatal(err)
	}
	resp.Body.Close()
	return resp.StatusCode
}

// alertmanager takes alerts and remembers whether the last one fired.
type alertmanager struct{ firing, resolved atomic.Bool }

func (a *alertmanager) ServeHTTP(_ http.ResponseWriter, r *http.Request) {
	var alerts []struct{ EndsAt time.Time }
	if json.NewDecoder(r.Body).Decode(&alerts) != nil {
		return
	}
	for _, v := range alerts {
		if v.EndsAt.After(time.Now()) {
			a.firing.Store(true)
		} else if !v.EndsAt.IsZero() {
			a.resolved.Store(true)
		}
	}
}

// pushedDesk is a Zendesk with one urgent ticket that was opened so long ago and has half an hour to be answered in,
// and an exporter that polls it every ten minutes.
func pushedDesk(t *testing.T, opened time.Duration, alerts http.Handler) (desk *zendesk.Server, ticket int64, r *running) {
	t.Helper()
	receiver := httptest.NewServer(alerts)
	t.Cleanup(receiver.Close)
	desk = zendesk.New(zendesk.Options{
		Credentials: []zendesk.Credential{{Bearer: "simulated-token", Role: zendesk.Admin}}, Now: time.Now,
		Policies: []zendesk.Policy{{ID: 71, Title: "P1", Targets: map[string]map[string]time.Duration{"urgent": {"first_reply_time": 30 * time.Minute}}}},
	})
	ticket = desk.Create(zendesk.Seed{Priority: "urgent", At: time.Now().Add(-opened)})
	server := httptest.NewServer(desk)
	t.Cleanup(server.Close)
	t.Setenv("PUSH_TEST_TOKEN", "simulated-token")
	t.Setenv("PUSH_TEST_WEBHOOK", webhookSecret)
	r = start(t, "serve", "--config.file="+write(t, "config.yml", fmt.Sprintf(`
global: {poll_interval: 10m}
helpdesks:
  - name: support
    type: zendesk
    url: %q
    webhook: {secret_ref: PUSH_TEST_WEBHOOK}
    http_config: {authorization: {credentials_ref: PUSH_TEST_TOKEN}}
alertmanager: {static_configs: [{targets: [%q]}]}
`, server.URL, receiver.Listener.Addr().String())))
	return desk, ticket, r
}

func TestAnAnsweredTicketIsMetWithoutAPoll(t *testing.T) {
	desk, ticket, r := pushedDesk(t, 5*time.Minute, http.NotFoundHandler())
	const (
		running  = `helpdesk_sla_tickets{helpdesk="support",policy="native",severity="urgent",state="running",target="first_response"} `
		met      = `helpdesk_sla_tickets{helpdesk="support",policy="native",severity="urgent",state="met",target="first_response"} `
		outcome  = `helpdesk_sla_outcomes_total{helpdesk="support",outcome="met",policy="native",severity="urgent",target="first_response"} `
		polled   = `whatsapp_sla_exporter_source_last_success_timestamp_seconds{source="support"} `
		accepted = `whatsapp_sla_exporter_push_requests_total{result="accepted",source="support"} `
		forged   = `whatsapp_sla_exporter_push_requests_total{result="bad_signature",source="support"} `
		lookups  = `whatsapp_sla_exporter_push_lookups_total{source="support"} `
		export   = "/api/v2/incremental/tickets/cursor"
	)
	if got := r.metric(running) + r.metric(outcome); got != "10" {
		t.Fatalf("before the answer: running and met outcomes are %q", got)
	}
	before, calls := r.metric(polled), desk.Calls()[export]
	if err := desk.AgentReply(ticket); err != nil {
		t.Fatal(err)
	}
	url := "http://" + r.address + "/webhooks/helpdesk/support"
	if got := send(t, signedHint(t, url, "another secret", ticket, time.Now())); got != http.StatusUnauthorized {
		t.Errorf("a forged webhook: %d", got)
	}
	if got := r.metric(running) + r.metric(lookups); got != "10" {
		t.Errorf("a forged webhook made look-ups or changed the ticket: %q", got)
	}
	for range 20 {
		if got := send(t, signedHint(t, url, webhookSecret, ticket, time.Now())); got != http.StatusOK {
			t.Errorf("a signed webhook: %d", got)
		}
	}
	r.eventually("met", func() bool { return r.metric(met)+r.metric(outcome)+r.metric(running) == "110" })
	if got := r.metric(accepted) + "," + r.metric(forged); got != "20,1" {
		t.Errorf("accepted and forged are %s, want 20,1", got)
	}
	if now := r.metric(polled); calls == 0 || now != before || desk.Calls()[export] != calls {
		t.Errorf("there was a poll: last success %s and then %s, %d exports and then %d", before, now, calls, desk.Calls()[export])
	}
}

func TestAnAnsweredTicketStopsPagingWithoutAPoll(t *testing.T) {
	var pager alertmanager
	desk, ticket, r := pushedDesk(t, time.Hour, &pager)
	r.eventually("paging", pager.firing.Load)
	if err := desk.AgentReply(ticket); err != nil {
		t.Fatal(err)
	}
	if pager.resolved.Load() {
		t.Error("the alert was resolved before anybody told of the answer")
	}
	if got := send(t, signedHint(t, "http://"+r.address+"/webhooks/helpdesk/support", webhookSecret, ticket, time.Now())); got != http.StatusOK {
		t.Errorf("a signed webhook: %d", got)
	}
	r.eventually("resolved", pager.resolved.Load)
}

func TestWhereNoHelpdeskTakesWebhooks(t *testing.T) {
	_, ticket, r := pushedDesk(t, time.Minute, http.NotFoundHandler())
	if got := send(t, signedHint(t, "http://"+r.address+"/webhooks/helpdesk/another", webhookSecret, ticket, time.Now())); got != http.StatusNotFound {
		t.Errorf("a helpdesk that is not configured: %d", got)
	}
	if got, _ := r.get("/webhooks/helpdesk/support"); got != http.StatusMethodNotAllowed {
		t.Errorf("GET: %d", got)
	}
	if got := send(t, signedHint(t, "http://"+r.address+"/webhooks/helpdesk/support", webhookSecret, ticket, time.Now().Add(-time.Hour))); got != http.StatusUnauthorized {
		t.Errorf("a webhook of an hour ago: %d", got)
	}
	if got := r.metric(`whatsapp_sla_exporter_push_requests_total{result="stale",source="support"} `); got != "1" {
		t.Errorf("stale is %q", got)
	}
}

func TestTypesWithWebhooksAgreeWithTheConfiguration(t *testing.T) {
	if want := slices.Sorted(slices.Values(config.PushTypes)); !slices.Equal(want, push.Types()) {
		t.Errorf("the configuration knows %v, the receiver %v", want, push.Types())
	}
}
