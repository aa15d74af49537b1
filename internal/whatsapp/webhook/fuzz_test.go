package webhook

import (
	"encoding/json"
	"testing"
	"time"
	"unicode/utf8"

	simulator "whatsapp_sla_exporter/internal/simulator/webhook"
	"whatsapp_sla_exporter/internal/whatsapp/pseudonym"
)

func seeds(f *testing.F) {
	for _, changes := range [][]simulator.Change{
		{simulator.Violation(waba, "SCAM", noon), simulator.Restriction(waba, noConversations, noon, noon), simulator.Ban(waba, "DISABLE", noon, noon)},
		{simulator.Status(waba, phone, "wamid.1", "34611", "delivered", "regular", noon), simulator.Failure(waba, phone, "wamid.2", "34611", 131048, noon)},
		{simulator.Message(waba, phone, "wamid.3", "34611", noon), simulator.OptOut(waba, phone, "34611", "stop", noon)},
		{simulator.Alert(waba, "OBA_REJECTED", "CRITICAL", true, noon), simulator.Template(waba, "promo", "PAUSED", noon), simulator.Security(waba, "34", "PIN_CHANGED", noon)},
	} {
		body, err := simulator.Body(changes...)
		if err != nil {
			f.Fatal(err)
		}
		f.Add(body)
	}
	f.Add([]byte(`{"object":"whatsapp_business_account","entry":[{"id":[],"time":"x","changes":[{"value":{"statuses":{},"metadata":[1]},"field":null},{"value":"\u0022}"},7]}]}`))
	f.Add([]byte(callBody(`{"from":34611,"to":"15550783881","event":"terminate","direction":"USER_INITIATED","timestamp":"1","status":["COMPLETED"],"start_time":"2"}`)))
	f.Add([]byte(`{"entry":[],"object":"whatsapp_business_account"} `))
}

// The body of a webhook is taken, or it is refused as malformed; what comes out never points outside of it.
func FuzzRead(f *testing.F) {
	seeds(f)
	d := newDecoder(pseudonym.Key{})
	f.Fuzz(func(t *testing.T, body []byte) {
		b, err := d.read(body, noon.Unix())
		if err != nil {
			return
		}
		if !json.Valid(body) {
			t.Fatal("taken, but no JSON")
		}
		for _, c := range b.changes {
			if c.at > noon.Unix() {
				t.Errorf("a change at %d, after its arrival", c.at)
			}
			_, _, _ = b.delivered[c.delivered.from:c.delivered.to], b.talk[c.talk.from:c.talk.to], b.failures[c.failures.from:c.failures.to]
		}
		for _, e := range b.delivered {
			if e.At > noon.Unix() || e.At < 0 {
				t.Errorf("delivered at %d", e.At)
			}
		}
	})
}

// The scanner sees the same elements as encoding/json.
func FuzzScanner(f *testing.F) {
	seeds(f)
	f.Add([]byte(` { "a" : [ 1 , "x\"y" , {"b":null} ] , "c" : -1.5e3 } `))
	f.Fuzz(func(t *testing.T, raw []byte) {
		var want map[string]json.RawMessage
		// What is not UTF-8 encoding/json replaces and the scanner leaves, for it makes labels of known values only.
		if json.Unmarshal(raw, &want) != nil || want == nil || !utf8.Valid(raw) {
			return
		}
		s := scanner{b: raw}
		got := map[string]string{}
		for more := s.open('{'); more; more = s.more() {
			key := string(s.key())
			got[key] = string(s.raw())
		}
		if s.peek() != 0 {
			t.Errorf("stopped at %d of %d bytes", s.i, len(raw))
		}
		if len(got) != len(want) {
			t.Errorf("%d keys, want %d", len(got), len(want))
		}
		for k, v := range want {
			if got[k] != string(v) {
				t.Errorf("%q: %q, want %q", k, got[k], v)
			}
		}
	})
}

func FuzzInstant(f *testing.F) {
	for _, s := range []string{"1790259200", "1790259200000", "2026-09-24T14:00:00Z", "April 17, 2025", "", "-1", "99999999999999999999", "0000-01-01"} {
		f.Add(s)
	}
	f.Fuzz(func(t *testing.T, s string) {
		if at, ok := parseInstant(s); ok && (at.Unix() <= 0 || at.Location() != time.UTC) {
			t.Errorf("%s", at)
		}
		if n := seconds([]byte(s), noon.Unix()); n > noon.Unix() || n < 0 {
			t.Errorf("%d", n)
		}
	})
}

// raw steps over a value and returns its bytes.
func (s *scanner) raw() []byte {
	s.peek()
	start := s.i
	s.skip()
	return s.b[start:s.i]
}
