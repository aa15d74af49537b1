package poll

import (
	"context"
	"errors"
	"sync"
	"testing"
	"testing/synctest"
	"time"

	"github.com/go-kit/log"
	"github.com/google/go-cmp/cmp"

	"whatsapp_sla_exporter/internal/upstream"
	"whatsapp_sla_exporter/internal/whatsapp"
)

// scripted is a source whose polls end as a script says, and then well.
type scripted struct {
	results []error
	mu      sync.Mutex
	at      []time.Duration
	start   time.Time
	factor  float64
	atLeast time.Duration
}

func (s *scripted) Name() string                   { return "support" }
func (s *scripted) Type() string                   { return "scripted" }
func (s *scripted) Pace() (float64, time.Duration) { return s.factor, s.atLeast }

func (s *scripted) polls() int {
	s.mu.Lock()
	defer s.mu.Unlock()
	return len(s.at)
}

func (s *scripted) Poll(context.Context) error {
	s.mu.Lock()
	defer s.mu.Unlock()
	s.at = append(s.at, time.Since(s.start))
	if len(s.at) > len(s.results) {
		return nil
	}
	return s.results[len(s.at)-1]
}

type polled []string

func (p *polled) Polled(source, kind string, _ time.Time, _ time.Duration, err error) {
	result := "ok"
	if err != nil {
		result = string(upstream.ReasonOf(err))
	}
	*p = append(*p, source+"/"+kind+"/"+result)
}

// waits runs a loop for as long as its script lasts and one poll more, and returns the waits between polls.
func waits(t *testing.T, s *scripted) (between []time.Duration, seen polled) {
	t.Helper()
	synctest.Test(t, func(t *testing.T) {
		ctx, cancel := context.WithTimeout(t.Context(), time.Hour)
		defer cancel()
		s.start = time.Now()
		l := NewLoop(s, Options{Interval: time.Minute, Observer: &seen, Logger: log.NewNopLogger()})
		go l.Run(ctx)
		for range s.results {
			time.Sleep(time.Second)
			synctest.Wait()
			n := s.polls()
			for s.polls() == n {
				time.Sleep(time.Second)
				synctest.Wait()
			}
		}
		cancel()
		synctest.Wait()
	})
	for i := 1; i < len(s.at); i++ {
		between = append(between, s.at[i]-s.at[i-1])
	}
	return between, seen
}

func TestWaitBetweenPolls(t *testing.T) {
	fail := func(r upstream.Reason, after time.Duration) error {
		return &upstream.Error{Reason: r, RetryAfter: after, Call: "GET /", Err: errors.New("scripted")}
	}
	for name, tc := range map[string]struct {
		result   error
		factor   float64
		atLeast  time.Duration
		min, max time.Duration
	}{
		"a good poll waits for the interval, a tenth more or less": {nil, 1, 0, 54 * time.Second, 66 * time.Second},
		"a failing upstream is tried again soon":                   {fail(upstream.Server, 0), 1, 0, 2 * time.Second, 8 * time.Second},
		"what could be read of an account keeps its interval":      {&whatsapp.PartialError{Parts: []whatsapp.PartError{{Part: "phone_numbers", WABAID: "9002", Err: fail(upstream.Permission, 0)}}}, 1, 0, 54 * time.Second, 66 * time.Second},
		"refused credentials are not tried in bursts":              {fail(upstream.Auth, 0), 1, 0, 270 * time.Second, 330 * time.Second},
		"Retry-After is honoured":                                  {fail(upstream.Throttled, 90*time.Second), 1, 0, 90 * time.Second, 90 * time.Second},
		"a used allowance stretches the interval":                  {nil, 4, 0, 216 * time.Second, 264 * time.Second},
		"an exhausted allowance stops until it is regained":        {nil, 1, 20 * time.Minute, 20 * time.Minute, 20 * time.Minute},
	} {
		t.Run(name, func(t *testing.T) {
			got, _ := waits(t, &scripted{results: []error{tc.result}, factor: tc.factor, atLeast: tc.atLeast})
			if len(got) == 0 || got[0] < tc.min || got[0] > tc.max {
				t.Errorf("waited %v, want %v to %v", got, tc.min, tc.max)
			}
		})
	}
}

func TestFailuresBackOffAndAreTold(t *testing.T) {
	down := &upstream.Error{Reason: upstream.Network, Call: "GET /", Err: errors.New("scripted")}
	s := &scripted{results: []error{down, down, down, down, down, down, nil}}
	got, seen := waits(t, s)
	if got[4] <= got[0] {
		t.Errorf("waits %v do not grow", got)
	}
	for _, d := range got {
		if d > longestWait*3/2 {
			t.Errorf("waited %v, longer than the longest wait", d)
		}
	}
	want := polled{
		"support/scripted/network", "support/scripted/network", "support/scripted/network", "support/scripted/network",
		"support/scripted/network", "support/scripted/network", "support/scripted/ok", "support/scripted/ok",
	}
	if d := cmp.Diff(want, seen); d != "" {
		t.Error(d)
	}
}

func TestHintBringsTheNextPollForward(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		ctx, cancel := context.WithCancel(t.Context())
		s := &scripted{start: time.Now()}
		l := NewLoop(s, Options{Interval: time.Minute, Observer: &polled{}, Logger: log.NewNopLogger()})
		go l.Run(ctx)
		<-l.Tried()
		time.Sleep(time.Second)
		l.Hint()
		l.Hint()
		synctest.Wait()
		cancel()
		synctest.Wait()
		if d := cmp.Diff([]time.Duration{0, time.Second}, s.at[:2]); d != "" {
			t.Error(d)
		}
	})
}
