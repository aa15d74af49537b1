package graph

import "time"

// The intervals that details are read at where the hourly calls allow it. Source: the reference's reading of
// Meta's allowance; none of these changes by the minute, and analytics arrive late anyway.
const (
	templatesEvery    = 30 * time.Minute
	analyticsEvery    = 30 * time.Minute
	subscriptionEvery = time.Hour
	profileEvery      = 6 * time.Hour
	healthEvery       = 30 * time.Minute // of a number, where the phone_numbers edge does not tell it
	discoveryEvery    = time.Hour        // not counted on a WABA
	tokenEvery        = time.Hour        // not counted on a WABA
)

// The shares of a WABA's hourly calls. They leave a little for what rounding and polls that jitter add.
const (
	phonesShare = 0.60
	nodeShare   = 0.12
	detailShare = 0.25
)

// shape is what decides about the cost of reading one WABA.
type shape struct {
	phonePages, templatePages, numbers int
	numberHealth                       bool // health_status is read per number
}

// plan is how often each part of one WABA is read so that the hourly calls are kept.
type plan struct {
	phones, node                       time.Duration
	templates, analytics, subscription time.Duration
	profile, health                    time.Duration // of each number
	details                            int           // calls an hour
}

// planFor spreads calls an hour over the parts of a WABA. One page of numbers and 100 calls give: numbers every
// minute, the WABA node every 5 minutes, the details of a WABA of up to 100 numbers at their own intervals.
func planFor(calls int, s shape) plan {
	p := plan{
		phones:  spread(max(s.phonePages, 1), float64(calls)*phonesShare),
		node:    spread(1, float64(calls)*nodeShare),
		details: max(int(float64(calls)*detailShare), 1),
	}
	demand := float64(max(s.templatePages, 1))/templatesEvery.Hours() + 1/analyticsEvery.Hours() +
		1/subscriptionEvery.Hours() + float64(s.numbers)/profileEvery.Hours()
	if s.numberHealth {
		demand += float64(s.numbers) / healthEvery.Hours()
	}
	stretch := max(1, demand/float64(p.details))
	longer := func(d time.Duration) time.Duration { return time.Duration(float64(d) * stretch).Round(time.Second) }
	p.templates, p.analytics, p.subscription = longer(templatesEvery), longer(analyticsEvery), longer(subscriptionEvery)
	p.profile, p.health = longer(profileEvery), longer(healthEvery)
	return p
}

// spread is the interval at which something that costs calls each time takes perHour calls an hour.
func spread(calls int, perHour float64) time.Duration {
	return time.Duration(float64(calls) / perHour * float64(time.Hour)).Round(time.Second)
}

// ledger holds the instants of the last hour's calls for details, so that a restart, at which all of them are
// due, does not take more than an hour's share either. One list that is longer than the share is still read
// whole: the next calls wait the longer.
type ledger []time.Time

// room says whether there is room for a call.
func (l *ledger) room(now time.Time, perHour int) bool {
	old := 0
	for old < len(*l) && now.Sub((*l)[old]) >= time.Hour {
		old++
	}
	*l = (*l)[old:]
	return len(*l) < perHour
}

func (l *ledger) add(now time.Time, calls int) {
	for range calls {
		*l = append(*l, now)
	}
}

// job is one recurring call or list of calls.
type job struct {
	next  time.Time
	fails int // in a row
	err   error
	early bool // somebody asked for it: it needs no room
}

// due allows a call a little early, because polls come with jitter; on keeps the average.
func (j *job) due(now time.Time, every time.Duration) bool {
	return !now.Before(j.next.Add(-early(every)))
}

// early is how much sooner than planned a call may go.
func early(every time.Duration) time.Duration { return min(every/4, 15*time.Second) }

// done plans the next call after one at now.
func (j *job) done(now time.Time, every time.Duration) {
	from := now
	if !j.next.IsZero() {
		from = later(j.next, now.Add(-early(every)))
	}
	j.next = from.Add(every)
	j.fails, j.err = 0, nil
}

// failed plans the next try: soon and then ever later, at most an interval or slowRetry away.
func (j *job) failed(now time.Time, every time.Duration, err error) {
	j.fails, j.err = j.fails+1, err
	j.next = now.Add(min(min(every, slowRetry)<<min(j.fails-1, 8), max(every, slowRetry)))
}

// slowRetry is how long a part waits that will not mend by itself, for example a missing permission.
const slowRetry = 5 * time.Minute
