package push

import (
	"crypto/hmac"
	"crypto/sha1" // what Zammad signs with
	"crypto/sha256"
	"encoding/base64"
	"encoding/hex"
	"hash"
	"maps"
	"net/http"
	"slices"
	"strconv"
	"strings"
	"time"
)

// scheme is how a product signs, and where its bodies tell the ticket.
type scheme struct {
	header    string // of the signature
	prefix    string // before the signature in its header
	timestamp string // header of the instant; empty: the product tells none
	instant   func(text string) (time.Time, error)
	hash      func() hash.Hash
	decode    func(signature string) ([]byte, error)
	glue      string // between the timestamp and the body in what is signed
	ticket    func(body []byte) (id string, err error)
}

// schemes are the products whose webhooks are understood, by their type in the configuration. Sources: Zendesk's
// "Verifying webhooks", the webhook chapter of Zammad's administration manual, Chatwoot's code.
var schemes = map[string]scheme{
	"zendesk": {
		header: "X-Zendesk-Webhook-Signature", timestamp: "X-Zendesk-Webhook-Signature-Timestamp",
		instant: func(s string) (time.Time, error) { return time.Parse(time.RFC3339, s) },
		hash:    sha256.New, decode: base64.StdEncoding.DecodeString, ticket: zendeskTicket,
	},
	"chatwoot": {
		header: "X-Chatwoot-Signature", prefix: "sha256=", timestamp: "X-Chatwoot-Timestamp", instant: unixInstant,
		hash: sha256.New, decode: hex.DecodeString, glue: ".", ticket: chatwootTicket,
	},
	"zammad": {
		header: "X-Hub-Signature", prefix: "sha1=", hash: sha1.New, decode: hex.DecodeString, ticket: zammadTicket,
	},
}

// Types are the products whose webhooks are understood, in the words of the configuration.
func Types() []string { return slices.Sorted(maps.Keys(schemes)) }

func unixInstant(s string) (time.Time, error) {
	n, err := strconv.ParseInt(s, 10, 64)
	return time.Unix(n, 0), err
}

// freshFor is how far the instant of a request may be from ours, either way: what is older was replayed, or the
// clocks are off.
const freshFor = 5 * time.Minute

// signature takes what is needed to check a request out of its headers.
func (s *scheme) signature(h http.Header) (signature, timestamp string, ok bool) {
	signature, ok = strings.CutPrefix(h.Get(s.header), s.prefix)
	if s.timestamp != "" {
		timestamp = h.Get(s.timestamp)
	}
	return signature, timestamp, ok && signature != "" && (timestamp != "") == (s.timestamp != "")
}

// signed checks the HMAC over the bytes as they came, in constant time, before anything looks at them.
func (s *scheme) signed(secret, timestamp string, body []byte, signature string) bool {
	got, err := s.decode(signature)
	if err != nil {
		return false
	}
	mac := hmac.New(s.hash, []byte(secret))
	if s.timestamp != "" {
		mac.Write([]byte(timestamp + s.glue))
	}
	mac.Write(body)
	return hmac.Equal(mac.Sum(nil), got)
}

// fresh says whether a signed request is of now, as far as the product tells.
func (s *scheme) fresh(timestamp string, now time.Time) bool {
	if s.timestamp == "" {
		return true
	}
	at, err := s.instant(timestamp)
	return err == nil && now.Sub(at).Abs() <= freshFor
}
