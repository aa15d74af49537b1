package demo

import (
	"bytes"
	"context"
	"crypto/hmac"
	"crypto/sha256"
	"encoding/base64"
	"encoding/json"
	"fmt"
	"net/http"
	"time"

	"github.com/go-kit/log/level"
)

// hint is a webhook of Zendesk that was not delivered yet.
type hint struct {
	ticket int64
	event  string // for example ticket.comment_added
}

// hinting is Zendesk with a webhook that is subscribed to the events of tickets.
type hinting struct{ w *world }

func (h hinting) AgentReply(id int64) error {
	h.w.hint(id, "ticket.comment_added")
	return h.w.zendesk.AgentReply(id)
}

func (h hinting) CustomerMessage(id int64) error {
	h.w.hint(id, "ticket.comment_added")
	return h.w.zendesk.CustomerMessage(id)
}

func (h hinting) SetStatus(id int64, status string) error {
	h.w.hint(id, "ticket.status_changed")
	return h.w.zendesk.SetStatus(id, status)
}

func (w *world) hint(ticket int64, event string) {
	w.mu.Lock()
	defer w.mu.Unlock()
	w.hints = append(w.hints, hint{ticket, event})
}

// takeHints returns the webhooks that have to be delivered.
func (w *world) takeHints() []hint {
	w.mu.Lock()
	defer w.mu.Unlock()
	all := w.hints
	w.hints = nil
	return all
}

// deliverHints sends the webhooks of Zendesk. Those that nobody answered are sent again the next time; an answer is the
// end of one, whatever it is.
func (d *Demo) deliverHints(ctx context.Context) {
	if d.o.Exporter == "" {
		return
	}
	for _, h := range d.world.takeHints() {
		status, err := h.send(ctx, d.o.Exporter+"/webhooks/helpdesk/support", d.o.Now())
		switch {
		case err != nil:
			d.world.hint(h.ticket, h.event)
		case status != http.StatusOK:
			level.Warn(d.o.Logger).Log("msg", "the exporter refused a webhook of the demo's helpdesk", "ticket", h.ticket, "status", status)
		}
	}
}

const hintTimeout = 10 * time.Second

// send posts an event as Zendesk does, signed together with the instant, and returns the status of the answer.
func (h hint) send(ctx context.Context, url string, now time.Time) (status int, err error) {
	ctx, cancel := context.WithTimeout(ctx, hintTimeout)
	defer cancel()
	at := now.UTC().Format(time.RFC3339)
	body, err := json.Marshal(map[string]any{
		"type": "zen:event-type:" + h.event, "subject": fmt.Sprintf("zen:ticket:%d", h.ticket), "time": at,
		"account_id": 1, "zendesk_event_version": "2022-11-06", "detail": map[string]any{"id": fmt.Sprint(h.ticket)},
	})
	if err != nil {
		return 0, err
	}
	req, err := http.NewRequestWithContext(ctx, http.MethodPost, url, bytes.NewReader(body))
	if err != nil {
		return 0, err
	}
	mac := hmac.New(sha256.New, []byte(zendeskWebhookSecret))
	mac.Write([]byte(at))
	mac.Write(body)
	req.Header.Set("Content-Type", "application/json")
	req.Header.Set("X-Zendesk-Webhook-Signature-Timestamp", at)
	req.Header.Set("X-Zendesk-Webhook-Signature", base64.StdEncoding.EncodeToString(mac.Sum(nil)))
	resp, err := http.DefaultClient.Do(req)
	if err != nil {
		return 0, err
	}
	return resp.StatusCode, resp.Body.Close()
}
