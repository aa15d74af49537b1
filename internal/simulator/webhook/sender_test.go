package webhook

import (
	"bytes"
	"context"
	"encoding/json"
	"io"
	"math/rand/v2"
	"net/http"
	"net/http/httptest"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"
)

var noon = time.Date(2026, 9, 21, 12, 0, 0, 0, time.UTC)

// target is an address that answers with a status, and keeps what it was sent.
type target struct {
	status int
	got    []string
	signed []string
}

func (t *target) ServeHTTP(w http.ResponseWriter, r *http.Request) {
	if r.Method == http.MethodGet {
		if r.URL.Query().Get("hub.verify_token") == "token" {
			_, _ = io.WriteString(w, r.URL.Query().Get("hub.challenge"))
		}
		return
	}
	body, _ := io.ReadAll(r.Body)
	t.got, t.signed = append(t.got, string(body)), append(t.signed, r.Header.Get("X-Hub-Signature-256"))
	w.WriteHeader(t.status)
}

func newSender(t *testing.T) (*Sender, *target) {
	to := &target{status: 200}
	server := httptest.NewServer(to)
	t.Cleanup(server.Close)
	return &Sender{URL: server.URL, Secret: "secret", Client: server.Client()}, to
}

func TestHandshakeWantsTheChallengeBack(t *testing.T) {
	s, _ := newSender(t)
	if err := s.Handshake(context.Background(), "token"); err != nil {
		t.Error(err)
	}
	if err := s.Handshake(context.Background(), "guess"); err == nil {
		t.Error("an address that does not answer is verified")
	}
}

// The envelope and the signature as Meta documents them.
func TestBodyAndSignature(t *testing.T) {
	s, to := newSender(t)
	at := time.Unix(1790000000, 0)
	if err := s.Send(context.Background(), noon, Violation("9001", "SCAM", at), Status("9001", "5001", "wamid.1", "34611", "delivered", "regular", at)); err != nil {
		t.Fatal(err)
	}
	want := `{"object":"whatsapp_business_account","entry":[
		{"id":"9001","time":1790000000,"changes":[{"field":"account_update","value":{"event":"ACCOUNT_VIOLATION","violation_info":{"violation_type":"SCAM"}}}]},
		{"id":"9001","changes":[{"field":"messages","value":{"messaging_product":"whatsapp","metadata":{"display_phone_number":"15550783881","phone_number_id":"5001"},
			"statuses":[{"id":"wamid.1","status":"delivered","timestamp":"1790000000","recipient_id":"34611","pricing":{"billable":true,"pricing_model":"PMP","type":"regular","category":"utility"}}]}}]}]}`
	if d := cmp.Diff(decoded(t, want), decoded(t, to.got[0])); d != "" {
		t.Error(d)
	}
	if got := Sign("key", []byte("The quick brown fox jumps over the lazy dog")); got != "sha256=f7bc83f430538424b13298e6aa6fb143ef4d59a14946175997479dbc2d1a3cd8" {
		t.Error(got)
	}
	if to.signed[0] != Sign("secret", []byte(to.got[0])) {
		t.Errorf("signed %q", to.signed[0])
	}
}

func decoded(t *testing.T, body string) (out any) {
	t.Helper()
	d := json.NewDecoder(bytes.NewReader([]byte(body)))
	d.UseNumber()
	if err := d.Decode(&out); err != nil {
		t.Fatal(err)
	}
	return out
}

func TestAThousandUpdatesInAPOST(t *testing.T) {
	s, to := newSender(t)
	changes := make([]Change, 2500)
	for i := range changes {
		changes[i] = Violation("9001", "SCAM", noon)
	}
	if err := s.Send(context.Background(), noon, changes...); err != nil {
		t.Fatal(err)
	}
	if len(to.got) != 3 {
		t.Errorf("%d POSTs", len(to.got))
	}
}

func TestRetriesWithGrowingGapsForAWeek(t *testing.T) {
	s, to := newSender(t)
	to.status = 500
	if err := s.Send(context.Background(), noon, Violation("9001", "SCAM", noon)); err != nil {
		t.Fatal(err)
	}
	var gaps []time.Duration
	last := noon
	for now := noon; now.Sub(noon) < 10*24*time.Hour; now = now.Add(10 * time.Second) {
		before := len(to.got)
		s.Retry(context.Background(), now)
		if len(to.got) > before {
			gaps, last = append(gaps, now.Sub(last)), now
		}
	}
	if gaps[0] != 10*time.Second || gaps[1] != 20*time.Second || gaps[len(gaps)-1] != 6*time.Hour || last.Sub(noon) > 7*24*time.Hour {
		t.Errorf("gaps %v, the last try after %s", gaps, last.Sub(noon))
	}
	if s.Retry(context.Background(), noon.Add(11*24*time.Hour)) != 0 {
		t.Error("not given up")
	}
}

func TestRetriedUntilTaken(t *testing.T) {
	s, to := newSender(t)
	to.status = 503
	if err := s.Send(context.Background(), noon, Violation("9001", "SCAM", noon)); err != nil {
		t.Fatal(err)
	}
	to.status = 200
	if n := s.Retry(context.Background(), noon.Add(9*time.Second)); n != 1 || len(to.got) != 1 {
		t.Errorf("%d pending, %d POSTs", n, len(to.got))
	}
	if n := s.Retry(context.Background(), noon.Add(10*time.Second)); n != 0 || len(to.got) != 2 || to.got[0] != to.got[1] {
		t.Errorf("%d pending, POSTs %q", n, to.got)
	}
}

func TestHeldBackAndReordered(t *testing.T) {
	s, to := newSender(t)
	s.Hold()
	var sent []string
	for i := range 5 {
		c := Violation("9001", "SCAM", noon.Add(time.Duration(i)*time.Second))
		if err := s.Send(context.Background(), noon, c); err != nil {
			t.Fatal(err)
		}
		body, err := Body(c)
		if err != nil {
			t.Fatal(err)
		}
		sent = append(sent, string(body))
	}
	if len(to.got) != 0 {
		t.Error("not held back")
	}
	s.Release(context.Background(), noon, rand.New(rand.NewPCG(1, 1)))
	if len(to.got) != 5 || cmp.Equal(sent, to.got) {
		t.Errorf("%q", to.got)
	}
	if err := s.Replay(context.Background(), 2); err != nil {
		t.Fatal(err)
	}
	if d := cmp.Diff(to.got[3:5], to.got[5:]); d != "" {
		t.Error(d)
	}
}
