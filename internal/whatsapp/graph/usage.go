package graph

import (
	"encoding/json"
	"net/http"
	"sync"
	"time"
)

// pace is how calls are slowed down.
type pace struct {
	factor int       // times the interval
	until  time.Time // nothing before it; zero: now is fine
}

// slower is the pace that respects both.
func (p pace) slower(q pace) pace {
	return pace{max(p.factor, q.factor), later(p.until, q.until)}
}

// faster is the pace at which at least one of both may go.
func (p pace) faster(q pace) pace {
	if q.until.Before(p.until) {
		p.until = q.until
	}
	return pace{min(p.factor, q.factor), p.until}
}

// usage is a share of an allowance as a header told it.
type usage struct {
	used float64 // 1 is all of it
	at   time.Time
}

// usageAge is how long a told usage counts: the allowances are by the hour.
const usageAge = time.Hour

// Without a time to regain access in the header a throttled caller waits this long, doubled each time.
const (
	firstPause = time.Minute
	longPause  = 30 * time.Minute
)

// appKey is the meter's key for what counts for all calls of the app.
const appKey = ""

// meter keeps the usage and the pauses that Meta told, for the app and by WABA or business id.
type meter struct {
	mu      sync.Mutex
	used    map[string]map[string]usage // by id, by quota
	pause   map[string]time.Time
	strikes map[string]int // throttle errors in a row
}

func newMeter() *meter {
	return &meter{used: map[string]map[string]usage{}, pause: map[string]time.Time{}, strikes: map[string]int{}}
}

// counts are the percentages of a usage header; a number that is absent is 0.
type counts struct {
	Type     string  `json:"type"`
	Calls    float64 `json:"call_count"`
	CPU      float64 `json:"total_cputime"`
	Total    float64 `json:"total_time"`
	RegainIn float64 `json:"estimated_time_to_regain_access"` // minutes
}

func (c counts) used() float64 { return max(c.Calls, c.CPU, c.Total, 0) / 100 }

// The quota label values.
const (
	appQuota      = "app"
	businessQuota = "business_use_case"
)

// note takes the usage headers of an answer. One that cannot be read is left out: the last one counts on.
func (m *meter) note(h http.Header, now time.Time) {
	m.mu.Lock()
	defer m.mu.Unlock()
	var app counts
	if json.Unmarshal([]byte(h.Get("X-App-Usage")), &app) == nil {
		m.set(appKey, appQuota, app, now)
	}
	var business map[string][]counts
	if json.Unmarshal([]byte(h.Get("X-Business-Use-Case-Usage")), &business) == nil {
		for id, list := range business {
			for _, c := range list {
				m.set(id, businessQuota+":"+c.Type, c, now)
			}
		}
	}
}

func (m *meter) set(id, quota string, c counts, now time.Time) {
	if m.used[id] == nil {
		m.used[id] = map[string]usage{}
	}
	m.used[id][quota] = usage{used: c.used(), at: now}
	if c.used() < 1 {
		return
	}
	wait := time.Duration(min(c.RegainIn, 24*60) * float64(time.Minute))
	if wait <= 0 {
		wait = firstPause
	}
	m.pause[id] = later(m.pause[id], now.Add(wait))
}

// throttled takes a throttle error for id and returns how long it stops.
func (m *meter) throttled(id string, now time.Time) time.Duration {
	m.mu.Lock()
	defer m.mu.Unlock()
	if told := m.pause[id].Sub(now); told > 0 {
		return told
	}
	wait := min(firstPause<<min(m.strikes[id], 10), longPause)
	m.strikes[id]++
	m.pause[id] = now.Add(wait)
	return wait
}

// worked forgets the throttle errors of id.
func (m *meter) worked(id string) {
	m.mu.Lock()
	defer m.mu.Unlock()
	delete(m.strikes, id)
}

// pace is the pace of id's own calls, without the app's.
func (m *meter) pace(id string, now time.Time) pace {
	m.mu.Lock()
	defer m.mu.Unlock()
	p := pace{factor: 1}
	for _, u := range m.used[id] {
		if now.Sub(u.at) < usageAge {
			p.factor = max(p.factor, slowdown(u.used))
		}
	}
	if m.pause[id].After(now) {
		p.until = m.pause[id]
	}
	return p
}

// quotas is the largest use of each quota over all ids, for the metrics.
func (m *meter) quotas(now time.Time) map[string]float64 {
	m.mu.Lock()
	defer m.mu.Unlock()
	out := map[string]float64{}
	for _, quotas := range m.used {
		for name, u := range quotas {
			if now.Sub(u.at) < usageAge {
				out[name] = max(out[name], u.used)
			}
		}
	}
	return out
}

// slowdown is the factor: it slows down before the limit is reached: twice from three quarters on, four times from nine tenths.
func slowdown(used float64) int {
	switch {
	case used >= 0.90:
		return 4
	case used >= 0.75:
		return 2
	}
	return 1
}

func later(a, b time.Time) time.Time {
	if a.After(b) {
		return a
	}
	return b
}
