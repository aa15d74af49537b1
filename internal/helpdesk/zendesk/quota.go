package zendesk

import (
	"net/http"
	"strconv"
	"strings"
	"time"
)

// maxQuotas bounds the names of quotas, which the upstream chooses.
const maxQuotas = 10

// quota is how much of an allowance is used, until it begins anew.
type quota struct {
	used   float64
	resets time.Time
}

const (
	// crowded is the use from which on a poll waits until the allowance begins anew: the rest of it is for whoever
	// else reads the account, and for the tickets that webhooks name.
	crowded = .75
	// quotaWindow is how long allowances last, where their header does not say how much of that is left.
	quotaWindow = time.Minute
)

// Pace is how long at the least to leave the account alone: until the allowances that a poll takes from, the
// account's and those of incremental exports and the ticket list, are not nearly used up any more. The factor is 1:
// no allowance lasts longer than a minute.
func (c *Client) Pace() (factor float64, atLeast time.Duration) {
	now := c.o.Now()
	c.mu.Lock()
	defer c.mu.Unlock()
	for name, q := range c.quotas {
		if q.used >= crowded && ofPolls(name) {
			atLeast = max(atLeast, q.resets.Sub(now))
		}
	}
	return 1, atLeast
}

func ofPolls(name string) bool {
	return name == "account" || name == "tickets-index" || strings.HasPrefix(name, "incremental-exports")
}

// tellQuotas reads how much of the account's calls a minute is used, and of each endpoint's own limit
// ("zendesk-ratelimit-tickets-index: total=100; remaining=99; resets=41").
func (c *Client) tellQuotas(h http.Header) {
	for _, names := range [][2]string{{"X-Rate-Limit", "X-Rate-Limit-Remaining"}, {"Ratelimit-Limit", "Ratelimit-Remaining"}} {
		if c.tellQuota("account", h.Get(names[0]), h.Get(names[1]), h.Get("Ratelimit-Reset")) {
			break
		}
	}
	for name, values := range h {
		name, own := strings.CutPrefix(strings.ToLower(name), "zendesk-ratelimit-")
		if !own || len(values) == 0 {
			continue
		}
		fields := make(map[string]string)
		for f := range strings.SplitSeq(values[0], ";") {
			k, v, _ := strings.Cut(strings.TrimSpace(f), "=")
			fields[k] = v
		}
		c.tellQuota(name, fields["total"], fields["remaining"], fields["resets"])
	}
}

func (c *Client) tellQuota(name, total, remaining, resets string) bool {
	n, err := strconv.ParseFloat(total, 64)
	left, err2 := strconv.ParseFloat(remaining, 64)
	if err != nil || err2 != nil || !(n > 0) || !(left >= 0) {
		return false
	}
	window := quotaWindow
	if s, err := strconv.Atoi(resets); err == nil && s >= 0 && s < int(quotaWindow/time.Second) {
		window = time.Duration(s) * time.Second
	}
	used := (n - left) / n
	if !c.keepQuota(name, quota{used, c.o.Now().Add(window)}) {
		return false
	}
	c.api.Observer().Quota(name, used)
	return true
}

func (c *Client) keepQuota(name string, q quota) bool {
	c.mu.Lock()
	defer c.mu.Unlock()
	if _, known := c.quotas[name]; !known && len(c.quotas) >= maxQuotas {
		return false
	}
	c.quotas[name] = q
	return true
}
