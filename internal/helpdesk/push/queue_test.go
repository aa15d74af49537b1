package push

import (
	"context"
	"fmt"
	"slices"
	"strconv"
	"sync"
	"testing"
	"testing/synctest"
	"time"

	"github.com/go-kit/log"
	"github.com/google/go-cmp/cmp"

	"whatsapp_sla_exporter/internal/upstream"
)

// desk writes down when it is asked what. It runs inside a synctest bubble.
type desk struct {
	*Queue
	began time.Time
	mu    sync.Mutex
	story []string
	fails func() error
	takes time.Duration // of each look-up
	stop  context.CancelFunc
}

func newQueue(t *testing.T, change func(*QueueOptions)) *desk {
	t.Helper()
	d := &desk{began: time.Now(), fails: func() error { return nil }}
	tell := func(what string) {
		d.mu.Lock()
		defer d.mu.Unlock()
		d.story = append(d.story, fmt.Sprintf("%s: %s", time.Since(d.began), what))
	}
	o := QueueOptions{
		Lookup: func(ctx context.Context, ids []string) error {
			if len(ids) > 3 {
				tell(fmt.Sprintf("%d tickets from %s", len(ids), ids[0]))
			} else {
				tell(fmt.Sprint(ids))
			}
			if !sleep(ctx, d.takes) {
				return ctx.Err()
			}
			return d.fails()
		},
		EarlyPoll: func() { tell("early poll") }, Now: time.Now, Logger: log.NewNopLogger(),
		LookedUp: func(err error) {
			if err != nil {
				tell(string(upstream.ReasonOf(err)))
			}
		},
	}
	if change != nil {
		change(&o)
	}
	d.Queue = NewQueue(o)
	ctx, stop := context.WithCancel(t.Context())
	d.stop = stop
	go d.Run(ctx)
	synctest.Wait()
	return d
}

// after lets time pass until the queue has nothing to do at once.
func (d *desk) after(wait time.Duration) {
	time.Sleep(wait) // of the bubble
	synctest.Wait()
}

// told is what has happened.
func (d *desk) told() []string {
	d.mu.Lock()
	defer d.mu.Unlock()
	return slices.Clone(d.story)
}

// expect ends the queue and compares all that happened.
func (d *desk) expect(t *testing.T, want ...string) {
	t.Helper()
	d.stop()
	synctest.Wait()
	if diff := cmp.Diff(want, d.told()); diff != "" {
		t.Error(diff)
	}
}

func TestATicketIsLookedUpAtOnce(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		d := newQueue(t, nil)
		d.after(time.Hour)
		d.Add("101")
		d.after(0)
		d.expect(t, "1h0m0s: [101]")
	})
}

func TestABurstIsOneLookUpASecondAndNamesEachTicketOnce(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		d := newQueue(t, nil)
		d.Add("1")
		d.after(0)
		for range 50 {
			for _, id := range []string{"1", "2", "3"} {
				d.Add(id)
			}
			d.after(10 * time.Millisecond)
		}
		d.after(time.Minute)
		d.expect(t, "0s: [1]", "1s: [1 2 3]")
	})
}

func TestAReplayedHintForEverIsOneLookUpASecond(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		d := newQueue(t, nil)
		for range 10 * 1000 {
			d.Add("1")
			d.after(time.Millisecond)
		}
		d.stop()
		if n := len(d.told()); n > 11 {
			t.Errorf("%d look-ups in 10 s", n)
		}
	})
}

func TestAHintDuringItsOwnLookUpIsNotLost(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		d := newQueue(t, nil)
		d.takes = 2 * time.Second
		d.Add("1")
		d.after(time.Second)
		d.Add("1")
		d.after(time.Minute)
		d.expect(t, "0s: [1]", "3s: [1]")
	})
}

func TestAFloodIsOneEarlyPollInThirtySeconds(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		overflowed := 0
		d := newQueue(t, func(o *QueueOptions) { o.Overflowed = func() { overflowed++ } })
		d.takes = 5 * time.Second
		flood := func(from, count int) {
			for n := range count {
				d.Add(strconv.Itoa(from + n))
			}
		}
		d.Add("9")
		d.after(time.Second) // the first look-up is under way
		flood(10000, capacity+100)
		d.after(19 * time.Second) // so is the fourth
		flood(20000, 300+50)
		d.after(time.Hour)
		d.expect(t,
			"0s: [9]", "6s: early poll", "6s: 100 tickets from 10000", "12s: 100 tickets from 10100", "18s: 100 tickets from 10200",
			"24s: 100 tickets from 10300", "30s: 100 tickets from 10400", "36s: early poll", "36s: 100 tickets from 10500",
			"42s: 100 tickets from 10600", "48s: 100 tickets from 10700", "54s: 100 tickets from 10800", "1m0s: 100 tickets from 10900",
			"1m6s: 100 tickets from 20000", "1m12s: 100 tickets from 20100", "1m18s: 100 tickets from 20200")
		if overflowed != 150 {
			t.Errorf("%d hints overflowed, want 150", overflowed)
		}
	})
}

func TestAFailedLookUpIsLeftToThePollAndMakesAPause(t *testing.T) {
	for name, tc := range map[string]struct {
		err            error
		early, resumed time.Duration // when the next hint is not yet, and surely, looked up
	}{
		"a server's error":     {&upstream.Error{Reason: upstream.Server}, 900 * time.Millisecond, 4 * time.Second},
		"a throttling":         {&upstream.Error{Reason: upstream.Throttled, RetryAfter: 40 * time.Second}, 39 * time.Second, 41 * time.Second},
		"refused credentials":  {&upstream.Error{Reason: upstream.Auth}, 299 * time.Second, 301 * time.Second},
		"a book that is stuck": {fmt.Errorf("disk full"), 900 * time.Millisecond, 4 * time.Second},
	} {
		t.Run(name, func(t *testing.T) {
			synctest.Test(t, func(t *testing.T) {
				d := newQueue(t, nil)
				d.fails = func() error { return tc.err }
				d.Add("1")
				d.after(0)
				d.fails = func() error { return nil }
				d.Add("2")
				d.after(tc.early)
				if got := d.told(); len(got) != 2 {
					t.Errorf("no pause: %v", got)
				}
				d.after(tc.resumed - tc.early)
				d.stop()
				if got := d.told()[1:]; len(got) != 2 || got[0] != "0s: "+string(upstream.ReasonOf(tc.err)) || got[1][len(got[1])-3:] != "[2]" {
					t.Errorf("%v", got)
				}
			})
		})
	}
}

func TestALookUpThatHangsIsGivenUp(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		d := newQueue(t, nil)
		d.takes = time.Hour
		d.Add("1")
		d.after(time.Minute)
		d.expect(t, "0s: [1]", "30s: timeout")
	})
}

func TestNothingIsLookedUpBeforeItMakesSense(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		ready := make(chan struct{})
		d := newQueue(t, func(o *QueueOptions) { o.Ready, o.Batch = ready, 2 })
		for _, id := range []string{"1", "2", "3"} {
			d.Add(id)
		}
		d.after(time.Minute)
		close(ready)
		d.after(time.Minute)
		d.expect(t, "1m0s: [1 2]", "1m1s: [3]")
	})
}

func TestTheEndOfTheProgramIsNoFailure(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		d := newQueue(t, nil)
		d.takes = time.Hour
		d.Add("1")
		d.after(time.Second)
		d.expect(t, "0s: [1]")
	})
}
