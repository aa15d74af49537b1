package push

import (
	"crypto/hmac"
	"crypto/sha1"
	"crypto/sha256"
	"encoding/base64"
	"encoding/hex"
	"errors"
	"hash"
	"io"
	"net/http"
	"net/http/httptest"
	"strconv"
	"strings"
	"testing"
	"testing/iotest"
	"time"

	"github.com/google/go-cmp/cmp"
	"go.uber.org/goleak"
)

func TestMain(m *testing.M) { goleak.VerifyTestMain(m) }

var noon = time.Date(2026, 3, 2, 12, 0, 0, 0, time.UTC)

const secret = "hunter2"

func digest(h func() hash.Hash, key, text string) []byte {
	mac := hmac.New(h, []byte(key))
	_, _ = io.WriteString(mac, text)
	return mac.Sum(nil)
}

// sign is what each product puts into its headers.
func sign(product, key, body string, at time.Time) http.Header {
	h := http.Header{}
	switch product {
	case "zendesk":
		ts := at.Format("2006-01-02T15:04:05Z")
		h.Set("X-Zendesk-Webhook-Signature-Timestamp", ts)
		h.Set("X-Zendesk-Webhook-Signature", base64.StdEncoding.EncodeToString(digest(sha256.New, key, ts+body)))
	case "chatwoot":
		ts := strconv.FormatInt(at.Unix(), 10)
		h.Set("X-Chatwoot-Timestamp", ts)
		h.Set("X-Chatwoot-Signature", "sha256="+hex.EncodeToString(digest(sha256.New, key, ts+"."+body)))
	case "zammad":
		h.Set("X-Hub-Signature", "sha1="+hex.EncodeToString(digest(sha1.New, key, body)))
	}
	return h
}

// names are bodies in which each product names ticket 101, and the headers of its signature and its instant.
var names = map[string]struct{ body, signature, timestamp string }{
	"zendesk":  {`{"type":"zen:event-type:ticket.comment_added","subject":"zen:ticket:101","detail":{"id":"101"}}`, "X-Zendesk-Webhook-Signature", "X-Zendesk-Webhook-Signature-Timestamp"},
	"chatwoot": {`{"event":"message_created","id":77,"conversation":{"id":101}}`, "X-Chatwoot-Signature", "X-Chatwoot-Timestamp"},
	"zammad":   {`{"ticket":{"id":101},"article":{"id":5}}`, "X-Hub-Signature", ""},
}

// outcome is all that a request leads to.
type outcome struct {
	Status  int
	Results []Result
	Hints   []string
}

// send plays a request to a receiver whose clock shows noon.
func send(t *testing.T, product string, key func() (string, error), headers http.Header, body io.Reader) (got outcome) {
	t.Helper()
	r, err := NewReceiver(Options{
		Type: product, Secret: key, Now: func() time.Time { return noon },
		Hint: func(id string) { got.Hints = append(got.Hints, id) }, Counted: func(v Result) { got.Results = append(got.Results, v) },
	})
	if err != nil {
		t.Fatal(err)
	}
	req := httptest.NewRequest(http.MethodPost, "/webhooks/helpdesk/support", body)
	req.Header = headers
	w := httptest.NewRecorder()
	r.ServeHTTP(w, req)
	got.Status = w.Code
	if strings.Contains(w.Body.String(), secret) {
		t.Errorf("the answer tells the secret: %s", w.Body)
	}
	return got
}

func known() (string, error) { return secret, nil }

func TestSignatures(t *testing.T) {
	accepted := outcome{200, []Result{Accepted}, []string{"101"}}
	for product, n := range names {
		changed := func(f func(http.Header)) http.Header {
			h := sign(product, secret, n.body, noon)
			f(h)
			return h
		}
		timed := func(want outcome) outcome {
			if n.timestamp == "" {
				return accepted // the product signs no instant
			}
			return want
		}
		refused := func(r Result) outcome { return outcome{401, []Result{r}, nil} }
		for name, tc := range map[string]struct {
			headers http.Header
			want    outcome
		}{
			"signed with the secret":       {sign(product, secret, n.body, noon), accepted},
			"signed five minutes ago":      {sign(product, secret, n.body, noon.Add(-5*time.Minute)), accepted},
			"signed longer ago":            {sign(product, secret, n.body, noon.Add(-5*time.Minute-time.Second)), timed(refused(Stale))},
			"signed far ahead":             {sign(product, secret, n.body, noon.Add(6*time.Minute)), timed(refused(Stale))},
			"signed with another secret":   {sign(product, "another", n.body, noon), refused(BadSignature)},
			"signed for another body":      {sign(product, secret, n.body+" ", noon), refused(BadSignature)},
			"signed with no secret":        {sign(product, "", n.body, noon), refused(BadSignature)},
			"without a signature":          {changed(func(h http.Header) { h.Del(n.signature) }), refused(Unsigned)},
			"with an empty signature":      {changed(func(h http.Header) { h.Set(n.signature, "") }), refused(Unsigned)},
			"with half a signature":        {changed(func(h http.Header) { h.Set(n.signature, h.Get(n.signature)[:20]) }), refused(BadSignature)},
			"with a signature of no bytes": {changed(func(h http.Header) { h.Set(n.signature, schemes[product].prefix+"%%") }), refused(BadSignature)},
			"without its instant":          {changed(func(h http.Header) { h.Del(n.timestamp) }), timed(refused(Unsigned))},
			"with another instant":         {changed(func(h http.Header) { h.Set(n.timestamp, "1772452801") }), timed(refused(BadSignature))},
			"with no headers":              {http.Header{}, refused(Unsigned)},
		} {
			t.Run(product+" "+name, func(t *testing.T) {
				if d := cmp.Diff(tc.want, send(t, product, known, tc.headers, strings.NewReader(n.body))); d != "" {
					t.Error(d)
				}
			})
		}
	}
}

// A signature that was computed elsewhere (openssl dgst -hmac), not by this test.
func TestASignatureOfAnotherProgram(t *testing.T) {
	s := schemes["zendesk"]
	const vector = "98TCbhzlL9EikZeICQBoy01ndihqR06phJqjdfLqMpc="
	if !s.signed("HRkRd4BeOAoUkfZr-mhauJT64rvBASlJRoIyPsd3zeA=", "2021-07-25T10:00:00Z", []byte(`{"say":"hello"}`), vector) {
		t.Error("it is refused")
	}
}

func TestAnInstantThatIsNoneIsStale(t *testing.T) {
	h := http.Header{}
	h.Set("X-Chatwoot-Timestamp", "noon")
	h.Set("X-Chatwoot-Signature", "sha256="+hex.EncodeToString(digest(sha256.New, secret, "noon.{}")))
	if d := cmp.Diff(outcome{401, []Result{Stale}, nil}, send(t, "chatwoot", known, h, strings.NewReader("{}"))); d != "" {
		t.Error(d)
	}
}

func TestBodies(t *testing.T) {
	huge := `{"ticket_id":101,"x":"` + strings.Repeat("a", maxBody) + `"}`
	for name, tc := range map[string]struct {
		product, body string
		want          outcome
	}{
		"a trigger's own body, the id as text":    {"zendesk", `{"ticket_id":"101"}`, outcome{200, []Result{Accepted}, []string{"101"}}},
		"a trigger's own body, the id a number":   {"zendesk", `{"ticket_id":101}`, outcome{200, []Result{Accepted}, []string{"101"}}},
		"an event on a user":                      {"zendesk", `{"subject":"zen:user:5"}`, outcome{200, []Result{NoTicket}, nil}},
		"a placeholder that was not filled":       {"zendesk", `{"ticket_id":"{{ticket.id}}"}`, outcome{200, []Result{NoTicket}, nil}},
		"an id that would leave its place":        {"zendesk", `{"ticket_id":"1/../2,3"}`, outcome{200, []Result{NoTicket}, nil}},
		"an id of many digits":                    {"zendesk", `{"ticket_id":` + strings.Repeat("1", 40) + `}`, outcome{200, []Result{NoTicket}, nil}},
		"an id that is negative":                  {"zendesk", `{"ticket_id":-5}`, outcome{200, []Result{NoTicket}, nil}},
		"an id that is zero":                      {"zendesk", `{"ticket_id":0}`, outcome{200, []Result{NoTicket}, nil}},
		"not JSON":                                {"zendesk", `ticket_id=101`, outcome{400, []Result{Malformed}, nil}},
		"a list":                                  {"zendesk", `[101]`, outcome{400, []Result{Malformed}, nil}},
		"nothing":                                 {"zendesk", ``, outcome{400, []Result{Malformed}, nil}},
		"more than a megabyte":                    {"zendesk", huge, outcome{413, []Result{TooLarge}, nil}},
		"a conversation's status":                 {"chatwoot", `{"event":"conversation_status_changed","id":101}`, outcome{200, []Result{Accepted}, []string{"101"}}},
		"somebody types":                          {"chatwoot", `{"event":"conversation_typing_on","id":7,"conversation":{"id":101}}`, outcome{200, []Result{NoTicket}, nil}},
		"a message without its conversation":      {"chatwoot", `{"event":"message_created","id":77}`, outcome{200, []Result{NoTicket}, nil}},
		"a contact":                               {"chatwoot", `{"event":"contact_created","id":9}`, outcome{200, []Result{NoTicket}, nil}},
		"a conversation of another type":          {"chatwoot", `{"event":5,"id":9,"conversation":"x"}`, outcome{200, []Result{NoTicket}, nil}},
		"a Zammad ticket whose id is text":        {"zammad", `{"ticket":{"id":"101"}}`, outcome{200, []Result{Accepted}, []string{"101"}}},
		"a Zammad body of somebody's own, no id":  {"zammad", `{"text":"hello"}`, outcome{200, []Result{NoTicket}, nil}},
		"a Zammad ticket that is not an object":   {"zammad", `{"ticket":101}`, outcome{200, []Result{NoTicket}, nil}},
		"a Zammad body that is cut off in a text": {"zammad", `{"ticket":{"id":"10`, outcome{400, []Result{Malformed}, nil}},
	} {
		t.Run(name, func(t *testing.T) {
			got := send(t, tc.product, known, sign(tc.product, secret, tc.body, noon), strings.NewReader(tc.body))
			if d := cmp.Diff(tc.want, got); d != "" {
				t.Error(d)
			}
		})
	}
}

func TestWhatIsWrongOnThisSide(t *testing.T) {
	headers := sign("zammad", "", names["zammad"].body, noon)
	for name, key := range map[string]func() (string, error){
		"a secret that cannot be read": func() (string, error) { return "", errors.New("no such file") },
		"a secret that is empty":       func() (string, error) { return "", nil },
	} {
		if d := cmp.Diff(outcome{500, []Result{NoSecret}, nil}, send(t, "zammad", key, headers, strings.NewReader(names["zammad"].body))); d != "" {
			t.Errorf("%s: %s", name, d)
		}
	}
	cut := iotest.ErrReader(io.ErrUnexpectedEOF)
	if d := cmp.Diff(outcome{400, []Result{Unreadable}, nil}, send(t, "zammad", known, headers, cut)); d != "" {
		t.Error(d)
	}
	if _, err := NewReceiver(Options{Type: "freshdesk"}); err == nil || !strings.Contains(err.Error(), "chatwoot, zammad, zendesk") {
		t.Errorf("a product without webhooks: %v", err)
	}
}

func TestRequestsAtOnceAreBounded(t *testing.T) {
	var results []Result
	r, err := NewReceiver(Options{Type: "zammad", Secret: known, Now: time.Now, Counted: func(v Result) { results = append(results, v) }})
	if err != nil {
		t.Fatal(err)
	}
	for range maxRequests {
		r.slots <- struct{}{}
	}
	req := httptest.NewRequest(http.MethodPost, "/", strings.NewReader("{}"))
	req.Header = sign("zammad", secret, "{}", noon)
	w := httptest.NewRecorder()
	r.ServeHTTP(w, req)
	if d := cmp.Diff([]Result{Busy}, results); d != "" || w.Code != 503 {
		t.Errorf("%d: %s", w.Code, d)
	}
}
