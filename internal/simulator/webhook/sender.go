// Package webhook sends webhooks as Meta does: signed, in batches, without an order that can be relied on, and again
// and again until they are answered with 200.
package webhook

import (
	"bytes"
	"context"
	"crypto/hmac"
	"crypto/sha256"
	"encoding/hex"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"math/rand/v2"
	"net/http"
	"net/url"
	"slices"
	"sync"
	"time"
)

// MaxChanges is how many updates one POST has at most. Source: Meta's webhooks overview.
const MaxChanges = 1000

// Meta tries again with growing gaps for up to 7 days.
const (
	firstGap = 10 * time.Second
	longGap  = 6 * time.Hour
	giveUp   = 7 * 24 * time.Hour
)

// Sender delivers webhooks to one address. Its methods may be called by many at once.
type Sender struct {
	URL    string
	Secret string // of the app
	Client *http.Client

	mu      sync.Mutex
	pending []*delivery
	sent    [][]byte
	held    []*delivery
	holding bool
}

// delivery is one POST that was not answered with 200 yet.
type delivery struct {
	body  []byte
	since time.Time
	next  time.Time
	gap   time.Duration
}

// Change is one update.
type Change struct {
	WABA  string
	Field string
	Value any
	// At is when it happened; messages and user_preferences do not tell it in the envelope.
	At time.Time
}

// Handshake is the verification of the address, with a challenge that has to come back.
func (s *Sender) Handshake(ctx context.Context, verifyToken string) error {
	const challenge = "1158201444"
	q := url.Values{"hub.mode": {"subscribe"}, "hub.challenge": {challenge}, "hub.verify_token": {verifyToken}}
	req, err := http.NewRequestWithContext(ctx, http.MethodGet, s.URL+"?"+q.Encode(), nil)
	if err != nil {
		return err
	}
	resp, err := s.client().Do(req)
	if err != nil {
		return err
	}
	defer resp.Body.Close()
	body, err := io.ReadAll(resp.Body)
	if err != nil {
		return err
	}
	if resp.StatusCode != http.StatusOK || string(body) != challenge {
		return fmt.Errorf("the address was not verified: status %d", resp.StatusCode)
	}
	return nil
}

// Send delivers changes, MaxChanges in a POST. What is not answered with 200 is tried again by Retry.
func (s *Sender) Send(ctx context.Context, now time.Time, changes ...Change) error {
	for part := range slices.Chunk(changes, MaxChanges) {
		body, err := Body(part...)
		if err != nil {
			return err
		}
		d := &delivery{body: body, since: now, gap: firstGap}
		s.mu.Lock()
		if s.holding {
			s.held = append(s.held, d)
			s.mu.Unlock()
			continue
		}
		s.mu.Unlock()
		s.try(ctx, d, now)
	}
	return nil
}

// Hold keeps back what is sent from now on, until Release.
func (s *Sender) Hold() {
	s.mu.Lock()
	defer s.mu.Unlock()
	s.holding = true
}

// Release delivers what was kept back in another order.
func (s *Sender) Release(ctx context.Context, now time.Time, order *rand.Rand) {
	s.mu.Lock()
	held := s.held
	s.held, s.holding = nil, false
	s.mu.Unlock()
	order.Shuffle(len(held), func(i, j int) { held[i], held[j] = held[j], held[i] })
	for _, d := range held {
		s.try(ctx, d, now)
	}
}

// Retry tries again what is due, and returns how much is still pending. After 7 days Meta gives up.
func (s *Sender) Retry(ctx context.Context, now time.Time) int {
	s.mu.Lock()
	var due []*delivery
	s.pending = slices.DeleteFunc(s.pending, func(d *delivery) bool {
		if now.Sub(d.since) > giveUp {
			return true
		}
		if d.next.After(now) {
			return false
		}
		due = append(due, d)
		return true
	})
	s.mu.Unlock()
	for _, d := range due {
		s.try(ctx, d, now)
	}
	s.mu.Lock()
	defer s.mu.Unlock()
	return len(s.pending)
}

// Replay delivers once more the latest n POSTs that were answered, as Meta does when it did not see the answer.
func (s *Sender) Replay(ctx context.Context, n int) error {
	s.mu.Lock()
	again := slices.Clone(s.sent[max(0, len(s.sent)-n):])
	s.mu.Unlock()
	var errs []error
	for _, body := range again {
		errs = append(errs, s.post(ctx, body))
	}
	return errors.Join(errs...)
}

// remembered is how many POSTs can be replayed.
const remembered = 1000

func (s *Sender) try(ctx context.Context, d *delivery, now time.Time) {
	err := s.post(ctx, d.body)
	s.mu.Lock()
	defer s.mu.Unlock()
	if err == nil {
		s.sent = append(s.sent, d.body)
		if len(s.sent) > remembered {
			s.sent = s.sent[1:]
		}
		return
	}
	d.next, d.gap = now.Add(d.gap), min(2*d.gap, longGap)
	s.pending = append(s.pending, d)
}

func (s *Sender) post(ctx context.Context, body []byte) error {
	req, err := http.NewRequestWithContext(ctx, http.MethodPost, s.URL, bytes.NewReader(body))
	if err != nil {
		return err
	}
	req.Header.Set("Content-Type", "application/json")
	req.Header.Set("X-Hub-Signature-256", Sign(s.Secret, body))
	resp, err := s.client().Do(req)
	if err != nil {
		return err
	}
	defer resp.Body.Close()
	_, _ = io.Copy(io.Discard, resp.Body)
	if resp.StatusCode != http.StatusOK {
		return fmt.Errorf("answered with status %d", resp.StatusCode)
	}
	return nil
}

func (s *Sender) client() *http.Client {
	if s.Client != nil {
		return s.Client
	}
	return http.DefaultClient
}

// Sign is the value of X-Hub-Signature-256 for a body.
func Sign(secret string, body []byte) string {
	mac := hmac.New(sha256.New, []byte(secret))
	mac.Write(body)
	return "sha256=" + hex.EncodeToString(mac.Sum(nil))
}

// Body is the POST of some changes: one entry for each run of the same WABA and time.
func Body(changes ...Change) ([]byte, error) {
	type element struct {
		Value any    `json:"value"`
		Field string `json:"field"`
	}
	type entry struct {
		ID      string    `json:"id"`
		Time    int64     `json:"time,omitempty"`
		Changes []element `json:"changes"`
	}
	var entries []entry
	for _, c := range changes {
		var at int64
		if c.Field != "messages" && c.Field != "user_preferences" {
			at = c.At.Unix()
		}
		if n := len(entries); n == 0 || entries[n-1].ID != c.WABA || entries[n-1].Time != at {
			entries = append(entries, entry{ID: c.WABA, Time: at})
		}
		last := &entries[len(entries)-1]
		last.Changes = append(last.Changes, element{c.Value, c.Field})
	}
	body, err := json.Marshal(map[string]any{"object": "whatsapp_business_account", "entry": entries})
	if err != nil {
		return nil, fmt.Errorf("webhook: %w", err)
	}
	return body, nil
}
