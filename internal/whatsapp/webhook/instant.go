package webhook

import (
	"strconv"
	"strings"
	"time"
)

// layouts are the spellings of an instant that Meta, and providers that pass its webhooks on, have used beside Unix
// time. A date without a zone is taken for its beginning in UTC.
var layouts = []string{
	time.RFC3339Nano, "2006-01-02T15:04:05-0700", "2006-01-02 15:04:05", time.DateOnly, "January 2, 2006", "Jan 2, 2006",
	"2 January 2006",
}

// The Unix times that are taken for one: in seconds up to the year 5138, above in milliseconds.
const (
	maxSeconds = 100_000_000_000
	maxMillis  = 1000 * maxSeconds
)

// parseInstant reads Unix time in seconds or milliseconds, ISO 8601 or a date in words. False: none of these.
func parseInstant(s string) (time.Time, bool) {
	s = strings.TrimSpace(s)
	if n, err := strconv.ParseInt(s, 10, 64); err == nil {
		switch {
		case n <= 0 || n >= maxMillis:
			return time.Time{}, false
		case n >= maxSeconds:
			return time.UnixMilli(n).UTC(), true
		}
		return time.Unix(n, 0).UTC(), true
	}
	for _, layout := range layouts {
		if t, err := time.Parse(layout, s); err == nil {
			return t.UTC(), t.Unix() > 0
		}
	}
	return time.Time{}, false
}

// seconds is the Unix time of raw, or that of the arrival where there is none and where it lies ahead: an event of
// the future would make all that come after it old.
func seconds(raw []byte, arrived int64) int64 {
	n := digits(raw)
	if n == 0 || n >= maxSeconds {
		t, ok := parseInstant(string(raw))
		if !ok {
			return arrived
		}
		n = t.Unix()
	}
	return min(n, arrived)
}

// digits reads a plain decimal number of up to 18 digits; 0 if it is none.
func digits(raw []byte) (n int64) {
	if len(raw) > 18 {
		return 0
	}
	for _, c := range raw {
		if c < '0' || c > '9' {
			return 0
		}
		n = 10*n + int64(c-'0')
	}
	return n
}
