package zendesk

import (
	"net/http"
	"strconv"
	"strings"
)

// maxQuotas bounds the names of quotas, which the upstream chooses.
const maxQuotas = 10

// tellQuotas reads how much of the account's calls a minute is used, and of each endpoint's own limit
// ("zendesk-ratelimit-tickets-index: total=100; remaining=99; resets=41").
func (c *Client) tellQuotas(h http.Header) {
	for _, names := range [][2]string{{"X-Rate-Limit", "X-Rate-Limit-Remaining"}, {"Ratelimit-Limit", "Ratelimit-Remaining"}} {
		if c.tellQuota("account", h.Get(names[0]), h.Get(names[1])) {
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
		c.tellQuota(name, fields["total"], fields["remaining"])
	}
}

func (c *Client) tellQuota(name, total, remaining string) bool {
	n, err := strconv.ParseFloat(total, 64)
	left, err2 := strconv.ParseFloat(remaining, 64)
	if err != nil || err2 != nil || !(n > 0) || !(left >= 0) || !c.knownQuota(name) {
		return false
	}
	c.api.Observer().Quota(name, (n-left)/n)
	return true
}

func (c *Client) knownQuota(name string) bool {
	c.mu.Lock()
	defer c.mu.Unlock()
	if !c.quotas[name] && len(c.quotas) >= maxQuotas {
		return false
	}
	c.quotas[name] = true
	return true
}
