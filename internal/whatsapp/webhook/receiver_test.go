package webhook

import (
	"bytes"
	"context"
	"errors"
	"io"
	"net/http"
	"net/url"
	"slices"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"

	simulator "whatsapp_sla_exporter/internal/simulator/webhook"
)

func TestHandshake(t *testing.T) {
	b := newBench(t)
	if err := b.sender.Handshake(context.Background(), token); err != nil {
		t.Error(err)
	}
	for name, q := range map[string]url.Values{
		"another token": {"hub.mode": {"subscribe"}, "hub.challenge": {"1"}, "hub.verify_token": {"guess"}},
		"no token":      {"hub.mode": {"subscribe"}, "hub.challenge": {"1"}},
		"another mode":  {"hub.mode": {"unsubscribe"}, "hub.challenge": {"1"}, "hub.verify_token": {token}},
	} {
		resp, err := b.server.Client().Get(b.server.URL + "?" + q.Encode())
		if err != nil {
			t.Fatal(err)
		}
		body, _ := io.ReadAll(resp.Body)
		resp.Body.Close()
		if resp.StatusCode != http.StatusForbidden || strings.Contains(string(body), token) {
			t.Errorf("%s: status %d, %q", name, resp.StatusCode, body)
		}
	}
	if d := cmp.Diff(map[string]uint64{"bad_verify_token": 3}, told(b.Notices(b.now).Rejected)); d != "" {
		t.Error(d)
	}
}

func TestTheChallengeComesBackAsPlainText(t *testing.T) {
	b := newBench(t)
	q := url.Values{"hub.mode": {"subscribe"}, "hub.challenge": {"<script>1</script>"}, "hub.verify_token": {token}}
	resp, err := b.server.Client().Get(b.server.URL + "?" + q.Encode())
	if err != nil {
		t.Fatal(err)
	}
	defer resp.Body.Close()
	body, _ := io.ReadAll(resp.Body)
	if string(body) != "<script>1</script>" || resp.Header.Get("Content-Type") != "text/plain; charset=utf-8" || resp.Header.Get("X-Content-Type-Options") != "nosniff" {
		t.Errorf("%q %v", body, resp.Header)
	}
}

func TestRefusals(t *testing.T) {
	violation, err := simulator.Body(simulator.Violation(waba, "SCAM", noon))
	if err != nil {
		t.Fatal(err)
	}
	large := []byte(`{"object":"whatsapp_business_account","entry":[` + strings.Repeat(" ", maxBody) + `]}`)
	signed := func(body []byte) string { return simulator.Sign(secret, body) }
	for name, c := range map[string]struct {
		method    string
		body      []byte
		signature string
		status    int
		reason    Reason
	}{
		"unsigned":                       {"POST", violation, "", 401, Unsigned},
		"signed with SHA-1":              {"POST", violation, "sha1=abc", 401, Unsigned},
		"signed with another secret":     {"POST", violation, simulator.Sign("another", violation), 401, BadSignature},
		"a signature of another body":    {"POST", violation, signed([]byte("{}")), 401, BadSignature},
		"a signature that is no hex":     {"POST", violation, "sha256=xyz", 401, BadSignature},
		"an empty signature":             {"POST", violation, "sha256=", 401, BadSignature},
		"half a signature":               {"POST", violation, signed(violation)[:39], 401, BadSignature},
		"too large":                      {"POST", large, signed(large), 413, TooLarge},
		"garbage":                        {"POST", []byte("\x00\xff{"), signed([]byte("\x00\xff{")), 400, Malformed},
		"nothing":                        {"POST", nil, signed(nil), 400, Malformed},
		"cut off":                        {"POST", violation[:40], signed(violation[:40]), 400, Malformed},
		"JSON that is no webhook":        {"POST", []byte(`[1]`), signed([]byte(`[1]`)), 400, Malformed},
		"an object without an entry":     {"POST", []byte(`{"object":"whatsapp_business_account"}`), signed([]byte(`{"object":"whatsapp_business_account"}`)), 400, Malformed},
		"an entry that is no list":       {"POST", []byte(`{"object":"x","entry":{}}`), signed([]byte(`{"object":"x","entry":{}}`)), 400, Malformed},
		"neither an event nor handshake": {"PUT", violation, signed(violation), 405, WrongMethod},
	} {
		t.Run(name, func(t *testing.T) {
			b := newBench(t)
			if got := b.request(c.method, c.body, c.signature); got != c.status {
				t.Errorf("status %d, want %d", got, c.status)
			}
			n := b.Notices(b.now)
			if d := cmp.Diff(map[string]uint64{string(c.reason): 1}, told(n.Rejected)); d != "" {
				t.Error(d)
			}
			if len(n.Rejected) != len(Reasons) || len(told(n.Events)) != 0 || b.hints != nil || len(n.Accounts) != 0 {
				t.Errorf("%+v, hints %v", n, b.hints)
			}
		})
	}
}

func TestABodyOfExactlyTheLimitIsTaken(t *testing.T) {
	b := newBench(t)
	body := []byte(`{"object":"whatsapp_business_account","entry":[]}`)
	body = append(body, bytes.Repeat([]byte(" "), maxBody-len(body))...)
	for size, want := range map[int]int{maxBody: 200, maxBody + 1: 413} {
		all := slices.Concat(body, bytes.Repeat([]byte(" "), size-len(body)))
		if got := b.post(string(all)); got != want {
			t.Errorf("%d bytes: status %d, want %d", size, got, want)
		}
	}
}

func TestSecretsThatCannotBeReadRefuseEverything(t *testing.T) {
	for name, f := range map[string]func() (string, error){
		"gone":  func() (string, error) { return "", errors.New("no such file") },
		"empty": func() (string, error) { return "", nil },
	} {
		t.Run(name, func(t *testing.T) {
			b := newBench(t)
			b.Receiver.o.AppSecret, b.Receiver.o.VerifyToken = f, f
			body, err := simulator.Body(simulator.Violation(waba, "SCAM", noon))
			if err != nil {
				t.Fatal(err)
			}
			if got := b.request("POST", body, simulator.Sign("", body)); got != 500 {
				t.Errorf("event: status %d", got)
			}
			if err := b.sender.Handshake(context.Background(), ""); err == nil {
				t.Error("the handshake succeeds")
			}
			if d := cmp.Diff(map[string]uint64{"secret": 2}, told(b.Notices(b.now).Rejected)); d != "" {
				t.Error(d)
			}
		})
	}
}

func TestARotatedSecretIsInForceAtOnce(t *testing.T) {
	b := newBench(t)
	b.Receiver.o.AppSecret = func() (string, error) { return "rotated", nil }
	body, err := simulator.Body(simulator.Violation(waba, "SCAM", noon))
	if err != nil {
		t.Fatal(err)
	}
	if old, fresh := b.request("POST", body, simulator.Sign(secret, body)), b.request("POST", body, simulator.Sign("rotated", body)); old != 401 || fresh != 200 {
		t.Errorf("old secret %d, new one %d", old, fresh)
	}
}

func TestWithoutADiskNothingIsTakenAndMetaTriesAgain(t *testing.T) {
	b := newBench(t)
	b.store.Close()
	if err := b.sender.Send(context.Background(), noon, simulator.Violation(waba, "SCAM", noon)); err != nil {
		t.Fatal(err)
	}
	if n := b.sender.Retry(context.Background(), noon); n != 1 {
		t.Errorf("%d POSTs are pending", n)
	}
	n := b.Notices(b.now)
	if d := cmp.Diff(map[string]uint64{"storage": 1}, told(n.Rejected)); d != "" {
		t.Error(d)
	}
	if len(told(n.Events)) != 0 || b.hints != nil || b.account().Violations != nil {
		t.Errorf("%+v, hints %v", n, b.hints)
	}
	sender := b.sender
	b.open(b.path)
	sender.URL = b.server.URL
	if n := sender.Retry(context.Background(), noon.Add(time.Minute)); n != 0 {
		t.Errorf("%d POSTs are still pending", n)
	}
	if d := cmp.Diff(map[string]uint64{"scam": 1}, b.account().Violations); d != "" {
		t.Error(d)
	}
}

func TestAnObjectOfAnotherKindIsCountedAndIgnored(t *testing.T) {
	b := newBench(t)
	if got := b.post(`{"object":"instagram","entry":[{"id":"1","changes":[{"field":"comments","value":{}}]}]}`); got != 200 {
		t.Errorf("status %d", got)
	}
	if d := cmp.Diff(map[string]uint64{"unknown": 1}, told(b.Notices(b.now).Events)); d != "" {
		t.Error(d)
	}
}

// Whatever has been answered with 200 is on disk: what the file holds at that moment is what a process that starts
// after a kill -9 knows.
func TestACrashAfterThe200LosesNothing(t *testing.T) {
	b := newBench(t)
	b.send(
		simulator.Violation(waba, "SCAM", noon), simulator.Restriction(waba, noConversations, noon.Add(time.Hour), noon),
		simulator.Ban(waba, "SCHEDULE_FOR_DISABLE", noon, noon), simulator.OptOut(waba, phone, "34611000009", "stop", noon),
		simulator.Failure(waba, phone, "wamid.1", "34611000001", 131048, noon), simulator.Message(waba, phone, "wamid.2", "34611000002", noon),
		simulator.Status(waba, phone, "wamid.3", "34611000003", "delivered", "regular", noon),
		simulator.Alert(waba, "PROFILE_PICTURE_LOST", "WARNING", true, noon), simulator.Template(waba, "promo", "PAUSED", noon),
	)
	account, number, users := b.account(), b.number(), b.Notices(b.now).Users
	b.crash()
	if d := cmp.Diff(account, b.account()); d != "" {
		t.Error(d)
	}
	if d := cmp.Diff(number, b.number()); d != "" {
		t.Error(d)
	}
	if d := cmp.Diff(users, b.Notices(b.now).Users); d != "" || len(users) != 1 || users[0].Day != 1 {
		t.Errorf("%s%+v", d, users)
	}
	b.send(simulator.Violation(waba, "SCAM", noon), simulator.OptOut(waba, phone, "34611000009", "stop", noon), simulator.Failure(waba, phone, "wamid.1", "34611000001", 131048, noon))
	if d := cmp.Diff(account, b.account()); d != "" {
		t.Errorf("a retry after the crash: %s", d)
	}
	if d := cmp.Diff(number, b.number()); d != "" {
		t.Errorf("a retry after the crash: %s", d)
	}
}

func TestManyAtOnceAreAllTaken(t *testing.T) {
	b := newBench(t)
	const posts = 40
	var wg sync.WaitGroup
	failed := make([]error, posts)
	for i := range posts {
		wg.Go(func() {
			c := simulator.Violation(waba, "SCAM", noon.Add(-time.Duration(i)*time.Minute))
			failed[i] = b.sender.Send(context.Background(), noon, c)
			b.Notices(noon)
			b.Restricted(waba, noon)
		})
	}
	wg.Wait()
	if err := errors.Join(failed...); err != nil {
		t.Fatal(err)
	}
	if d := cmp.Diff(map[string]uint64{"scam": posts}, b.account().Violations); d != "" {
		t.Error(d)
	}
}

func TestMoreThanThereIsRoomForIsTurnedAway(t *testing.T) {
	b := newBench(t)
	for range maxRequests {
		b.slots <- struct{}{}
	}
	if got := b.post(`{}`); got != 503 {
		t.Errorf("status %d", got)
	}
	if d := cmp.Diff(map[string]uint64{"busy": 1}, told(b.Notices(b.now).Rejected)); d != "" {
		t.Error(d)
	}
}
