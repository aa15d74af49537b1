package feed

import (
	"context"
	"errors"
	"net/http"
	"slices"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"

	"whatsapp_sla_exporter/internal/helpdesk"
	"whatsapp_sla_exporter/internal/upstream"
)

var noon = time.Date(2026, 3, 2, 12, 0, 0, 0, time.UTC)

func TestOfTwoRowsTheNewerStands(t *testing.T) {
	row := func(updated time.Time, priority string) helpdesk.Ticket {
		return helpdesk.Ticket{ID: "1", UpdatedAt: updated, Priority: priority}
	}
	old, young := row(noon, "low"), row(noon.Add(time.Second), "high")
	for name, rows := range map[string][]helpdesk.Ticket{
		"newer last":                {old, young},
		"newer first":               {young, old},
		"the last of the same time": {row(young.UpdatedAt, "low"), young},
	} {
		t.Run(name, func(t *testing.T) {
			c := Collect()
			for _, r := range rows {
				c.Put(r)
			}
			if d := cmp.Diff([]helpdesk.Ticket{young}, c.Pass.Tickets); d != "" {
				t.Error(d)
			}
		})
	}
}

func TestOnlyTicketsWithoutAnyRowAreGone(t *testing.T) {
	c := Collect()
	c.Put(helpdesk.Ticket{ID: "1", UpdatedAt: noon})
	c.Bad("2")
	c.Bad("")
	c.Gone("1", "2", "3", "3")
	want := helpdesk.Pass{BadRows: 2, Tickets: []helpdesk.Ticket{{ID: "1", UpdatedAt: noon}, {ID: "3", Gone: true}}}
	if d := cmp.Diff(want, c.Pass); d != "" {
		t.Error(d)
	}
	if !c.Has("2") || c.Has("4") {
		t.Error("Has does not know the rows")
	}
}

func TestWatermark(t *testing.T) {
	w := ParseWatermark(Watermark{noon.Add(123 * time.Millisecond)}.String())
	if !w.Equal(noon.Add(123 * time.Millisecond)) {
		t.Errorf("after a restart %v", w)
	}
	for _, bad := range []string{"", "x", "-5", "0", "99999999999999999999"} {
		if w := ParseWatermark(bad); !w.IsZero() || w.String() != "" {
			t.Errorf("%q is read as %v", bad, w)
		}
	}
	now := noon.Add(time.Hour)
	for name, tc := range map[string]struct{ row, want time.Time }{
		"a later row moves it":                      {noon.Add(time.Minute), noon.Add(time.Minute)},
		"an earlier row does not":                   {noon.Add(-time.Minute), noon},
		"a date in the future moves it to now only": {noon.AddDate(70, 0, 0), now},
		"a row without a date does not":             {time.Time{}, noon},
	} {
		if got := (Watermark{noon}).Advance(tc.row, now); !got.Equal(tc.want) {
			t.Errorf("%s: %v, want %v", name, got, tc.want)
		}
	}
}

func TestClockFollowsTheDateHeader(t *testing.T) {
	c := NewClock(func() time.Time { return noon })
	if !c.Now().Equal(noon) || c.Skew() != 0 {
		t.Error("before any answer it is not ours")
	}
	for _, tc := range []struct{ ahead, want time.Duration }{{90 * time.Second, 90 * time.Second}, {-time.Hour, -time.Hour}, {time.Second, 0}} {
		c.Learn(&upstream.Response{Header: http.Header{"Date": {noon.Add(tc.ahead).Format(http.TimeFormat)}}})
		c.Learn(nil)
		if c.Skew() != tc.want || !c.Now().Equal(noon.Add(tc.want)) {
			t.Errorf("%v ahead: skew %v, now %v", tc.ahead, c.Skew(), c.Now())
		}
	}
}

func TestPatiently(t *testing.T) {
	throttled := func(after time.Duration) error {
		return &upstream.Error{Reason: upstream.Throttled, RetryAfter: after}
	}
	stopped := errors.New("stopped")
	for name, tc := range map[string]struct {
		errs   []error
		wait   error
		waited []time.Duration
		want   error
	}{
		"a throttling that ends is sat out":                  {errs: []error{throttled(30 * time.Second), nil}, waited: []time.Duration{30 * time.Second}},
		"one that does not say when it ends is not":          {errs: []error{throttled(0)}, want: throttled(0)},
		"one that lasts too long is not":                     {errs: []error{throttled(time.Hour)}, want: throttled(time.Hour)},
		"another failure is not":                             {errs: []error{stopped}, want: stopped},
		"waiting ends with the context":                      {errs: []error{throttled(time.Second)}, wait: stopped, waited: []time.Duration{time.Second}, want: stopped},
		"after five times the sixth throttling is a failure": {errs: slices.Repeat([]error{throttled(time.Second)}, 6), waited: slices.Repeat([]time.Duration{time.Second}, 5), want: throttled(time.Second)},
	} {
		t.Run(name, func(t *testing.T) {
			var waited []time.Duration
			n := 0
			err := Patiently(t.Context(), func(_ context.Context, d time.Duration) error {
				waited = append(waited, d)
				return tc.wait
			}, func() error { n++; return tc.errs[n-1] })
			if d := cmp.Diff(tc.waited, waited); d != "" || n != len(tc.errs) {
				t.Errorf("%d calls, %s", n, d)
			}
			if tc.want == nil && err != nil || tc.want != nil && (err == nil || upstream.ReasonOf(err) != upstream.ReasonOf(tc.errs[0])) {
				t.Errorf("got %v, want %v", err, tc.want)
			}
		})
	}
}

func TestWaitEndsWithTheContext(t *testing.T) {
	ctx, cancel := context.WithCancel(t.Context())
	cancel()
	if err := Wait(ctx, time.Hour); !errors.Is(err, context.Canceled) {
		t.Error(err)
	}
	if err := Wait(t.Context(), time.Nanosecond); err != nil {
		t.Error(err)
	}
}
