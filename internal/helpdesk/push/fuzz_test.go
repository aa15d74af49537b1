package push

import (
	"strings"
	"testing"
)

// Whatever a body says, no decoder panics or names anything but a number.
func FuzzBodies(f *testing.F) {
	for _, n := range names {
		f.Add([]byte(n.body))
	}
	for _, seed := range []string{``, `null`, `[]`, `{"ticket":null}`, `{"ticket_id":"1,2"}`, `{"subject":"zen:ticket:"}`, `{"event":"conversation_updated","id":1e3}`} {
		f.Add([]byte(seed))
	}
	f.Fuzz(func(t *testing.T, body []byte) {
		for product, s := range schemes {
			id, err := s.ticket(body)
			if strings.Trim(id, "0123456789") != "" || len(id) > longestID || strings.HasPrefix(id, "0") {
				t.Errorf("%s: %q is no id, of %q", product, id, body)
			}
			if err != nil && err.Error() != errNotJSON.Error() {
				t.Errorf("%s: the error tells of the body: %v", product, err)
			}
		}
	})
}

// No signature that is not the HMAC passes, and none makes the check panic.
func FuzzSignatures(f *testing.F) {
	f.Add("sha256=00", "1772452800", []byte("{}"))
	f.Add("98TCbhzlL9EikZeICQBoy01ndihqR06phJqjdfLqMpc=", "2021-07-25T10:00:00Z", []byte("{}"))
	f.Fuzz(func(t *testing.T, signature, timestamp string, body []byte) {
		for product, s := range schemes {
			if s.signed("a secret nobody guesses", timestamp, body, signature) {
				t.Errorf("%s: %q passes for %q", product, signature, body)
			}
			s.fresh(timestamp, noon)
		}
	})
}
