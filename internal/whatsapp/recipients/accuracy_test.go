//go:build !race

package recipients

import (
	"math"
	"math/rand/v2"
	"testing"
	"time"
)

// exact counts what is inside a span before now.
func exact(all []Entry, now time.Time, span int64) int {
	seen := map[uint64]bool{}
	for _, e := range all {
		if e.At > now.Unix()-span && e.At <= now.Unix() {
			seen[e.Hash] = true
		}
	}
	return len(seen)
}

func TestAccuracyOf250IsWithin2AtAnyInstant(t *testing.T) {
	for name, bursts := range map[string]bool{"steady": false, "in bursts": true} {
		t.Run(name, func(t *testing.T) {
			for seed := range uint64(2) {
				b, all := newBench(t), flow(seed, 9*280, 9*24*time.Hour, bursts)
				next := 0
				for hour := range 11 * 24 {
					now := start.Add(time.Duration(hour)*time.Hour + time.Duration(hour%60)*time.Minute)
					from := next
					for next < len(all) && all[next].At <= now.Unix() {
						next++
					}
					b.add("waba", now, all[from:next]...)
					b.refresh(now)
					d, w := b.counts(now, "waba")
					wantDay, wantWeek := exact(all, now, day), exact(all, now, week)
					if abs(d-wantDay) > 2 || abs(w-wantWeek) > 2 {
						t.Fatalf("seed %d, hour %d: %d a day, %d a week; want %d and %d", seed, hour, d, w, wantDay, wantWeek)
					}
				}
			}
		})
	}
}

// The error of the sketches alone, over fixed seeds: what is stated in the package comment.
func TestAccuracyOfTheSketches(t *testing.T) {
	for _, c := range []struct {
		recipients, seeds int
		within            float64
	}{{250, 300, 2}, {2000, 100, 2}, {10000, 40, 10}, {25000, 20, 100}, {100000, 25, 0.02 * 100000}, {1000000, 1, 0.02 * 1000000}} {
		worst, square := 0.0, 0.0
		for seed := range c.seeds {
			w := newWindow(day, dayStep, start.Unix())
			r := rand.New(rand.NewPCG(uint64(seed), 11))
			for range c.recipients {
				w.insert(Entry{Hash: r.Uint64(), At: start.Unix()})
			}
			off := math.Abs(float64(estimate([]*window{&w}, start.Unix())) - float64(c.recipients))
			worst, square = max(worst, off), square+off*off
		}
		t.Logf("%d recipients, %d seeds: worst %.0f (%.2f %%), root mean square %.2f %%", c.recipients, c.seeds, worst,
			100*worst/float64(c.recipients), 100*math.Sqrt(square/float64(c.seeds))/float64(c.recipients))
		if worst > c.within {
			t.Errorf("%d recipients: off by %.0f, allowed are %.0f", c.recipients, worst, c.within)
		}
	}
}

func TestAccuracyOf100000IsWithin2PercentWhileTheyMove(t *testing.T) {
	b, all := newBench(t), flow(5, 300000, 3*24*time.Hour, false)
	next := 0
	for step := range 3*24/9 + 1 {
		now := start.Add(time.Duration(step)*9*time.Hour + 3*time.Minute)
		from := next
		for next < len(all) && all[next].At <= now.Unix() {
			next++
		}
		b.add("waba", now, all[from:next]...)
		b.refresh(now)
		d, w := b.counts(now, "waba")
		for _, c := range []struct{ got, want int }{{d, exact(all, now, day)}, {w, exact(all, now, week)}} {
			if abs(c.got-c.want) > c.want/50 {
				t.Errorf("at %s: %d, want %d", now, c.got, c.want)
			}
		}
	}
}
