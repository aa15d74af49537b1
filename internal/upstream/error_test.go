package upstream_test

import (
	"context"
	"errors"
	"fmt"
	"net/http"
	"testing"
	"time"

	"whatsapp_sla_exporter/internal/upstream"
)

var now = time.Date(2026, 3, 2, 12, 0, 0, 0, time.UTC)

func TestRetryAfter(t *testing.T) {
	date := func(after time.Duration) string { return now.Add(after).Format(http.TimeFormat) }
	for name, tc := range map[string]struct {
		header http.Header
		want   time.Duration
	}{
		"absent":                        {http.Header{}, 0},
		"seconds":                       {http.Header{"Retry-After": {"90"}}, 90 * time.Second},
		"seconds with blanks":           {http.Header{"Retry-After": {" 90 "}}, 90 * time.Second},
		"parts of a second":             {http.Header{"Retry-After": {"0.5"}}, 500 * time.Millisecond},
		"nothing":                       {http.Header{"Retry-After": {"0"}}, 0},
		"less than nothing":             {http.Header{"Retry-After": {"-5"}}, 0},
		"for ever":                      {http.Header{"Retry-After": {"Inf"}}, 24 * time.Hour},
		"not a number":                  {http.Header{"Retry-After": {"NaN"}}, 0},
		"a word":                        {http.Header{"Retry-After": {"soon"}}, 0},
		"a year":                        {http.Header{"Retry-After": {"31536000"}}, 24 * time.Hour},
		"a date":                        {http.Header{"Retry-After": {date(time.Minute)}}, time.Minute},
		"a date that has passed":        {http.Header{"Retry-After": {date(-time.Minute)}}, 0},
		"a date far away":               {http.Header{"Retry-After": {date(1000 * time.Hour)}}, 24 * time.Hour},
		"a date by a clock that is off": {http.Header{"Retry-After": {date(time.Hour)}, "Date": {date(59 * time.Minute)}}, time.Minute},
	} {
		if got := upstream.RetryAfter(tc.header, now); got != tc.want {
			t.Errorf("%s: got %v, want %v", name, got, tc.want)
		}
	}
}

func TestSkewIsHowFarTheUpstreamsClockIsAhead(t *testing.T) {
	for date, want := range map[string]time.Duration{
		now.Add(90 * time.Second).Format(http.TimeFormat): 90 * time.Second,
		now.Add(-time.Hour).Format(http.TimeFormat):       -time.Hour,
		"yesterday": 0,
		"":          0,
	} {
		r := upstream.Response{Header: http.Header{"Date": {date}}}
		if got := r.Skew(now); got != want {
			t.Errorf("Date %q: got %v, want %v", date, got, want)
		}
	}
}

func TestReasonAndRetryAfterOfAWrappedError(t *testing.T) {
	throttled := &upstream.Error{Reason: upstream.Throttled, RetryAfter: time.Minute, Err: errors.New("slow down")}
	for name, tc := range map[string]struct {
		err    error
		reason upstream.Reason
		after  time.Duration
	}{
		"wrapped":                {fmt.Errorf("page 7: %w", throttled), upstream.Throttled, time.Minute},
		"joined":                 {errors.Join(errors.New("first"), throttled), upstream.Throttled, time.Minute},
		"a deadline of our own":  {fmt.Errorf("pass: %w", context.DeadlineExceeded), upstream.Timeout, 0},
		"something of our own":   {errors.New("disk full"), upstream.Internal, 0},
		"nothing":                {nil, upstream.Internal, 0},
		"its cause can be found": {fmt.Errorf("pass: %w", &upstream.Error{Reason: upstream.Network, Err: context.Canceled}), upstream.Network, 0},
	} {
		if reason, after := upstream.ReasonOf(tc.err), upstream.RetryAfterOf(tc.err); reason != tc.reason || after != tc.after {
			t.Errorf("%s: got %s, %v; want %s, %v", name, reason, after, tc.reason, tc.after)
		}
	}
	if err := fmt.Errorf("pass: %w", &upstream.Error{Err: context.Canceled}); !errors.Is(err, context.Canceled) {
		t.Error("the cause is lost")
	}
}

func FuzzRetryAfter(f *testing.F) {
	for _, v := range []string{"90", "0.5", "-1", "Inf", "1e300", "Mon, 02 Mar 2026 12:01:00 GMT", "Mon, 02 Mar 9999 12:01:00 GMT", ""} {
		f.Add(v, "Mon, 02 Mar 2026 12:00:00 GMT")
	}
	f.Fuzz(func(t *testing.T, after, date string) {
		got := upstream.RetryAfter(http.Header{"Retry-After": {after}, "Date": {date}}, now)
		if got < 0 || got > 24*time.Hour {
			t.Errorf("Retry-After %q, Date %q: %v", after, date, got)
		}
	})
}

func FuzzJSON(f *testing.F) {
	for _, body := range []string{`{"count":1}`, `{"count":"x"}`, `{"at":"x"}`, `<html>`, `{`, "", "null", `[1]`} {
		f.Add([]byte(body))
	}
	f.Fuzz(func(t *testing.T, body []byte) {
		var v struct {
			Count int
			At    time.Time
		}
		err := (&upstream.Response{Status: 200, Header: http.Header{}, Body: body}).JSON(&v)
		if err != nil && upstream.ReasonOf(err) != upstream.Decode {
			t.Errorf("%q: %v", body, err)
		}
	})
}
