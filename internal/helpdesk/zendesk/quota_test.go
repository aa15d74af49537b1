package zendesk

import (
	"net/http"
	"testing"
	"time"
)

func TestQuotasAndVersionAreTold(t *testing.T) {
	d := newDesk(t)
	d.changes(t, "")
	d.open(t)
	want := map[string]float64{"account": 3. / 700, "incremental-exports": .1, "tickets-index": .01, "search-export": .01}
	if x := diff(want, d.seen.quotas); x != "" {
		t.Error(x)
	}
	if x := diff(map[string]bool{"v2/v2": true}, d.seen.versions); x != "" {
		t.Error(x)
	}
}

func TestQuotasThatAreNonsenseAreNotTold(t *testing.T) {
	d := newDesk(t)
	h := http.Header{"X-Rate-Limit": {"0"}, "X-Rate-Limit-Remaining": {"5"}, "Zendesk-Ratelimit-A": {"total=; remaining=NaN"}, "Zendesk-Ratelimit-B": nil}
	d.client.tellQuotas(h)
	for i := range 50 {
		d.client.tellQuotas(http.Header{"Zendesk-Ratelimit-" + string(rune('A'+i)): {"total=10; remaining=5"}})
	}
	if len(d.seen.quotas) > maxQuotas {
		t.Errorf("%d quotas", len(d.seen.quotas))
	}
	for name, used := range d.seen.quotas {
		if used != .5 {
			t.Errorf("%s is %v", name, used)
		}
	}
}

func TestPaceWaitsForAllowancesThatAreNearlyUsedUp(t *testing.T) {
	for name, tc := range map[string]struct {
		header http.Header
		later  time.Duration
		want   time.Duration
	}{
		"nothing is known":      {http.Header{}, 0, 0},
		"enough is left":        {http.Header{"Zendesk-Ratelimit-Incremental-Exports": {"total=10; remaining=3; resets=41"}}, 0, 0},
		"exports are scarce":    {http.Header{"Zendesk-Ratelimit-Incremental-Exports": {"total=10; remaining=2; resets=41"}}, 0, 41 * time.Second},
		"under their new name":  {http.Header{"Zendesk-Ratelimit-Incremental-Exports-Cursor": {"total=10; remaining=0; resets=41"}}, 11 * time.Second, 30 * time.Second},
		"and begin anew":        {http.Header{"Zendesk-Ratelimit-Incremental-Exports": {"total=10; remaining=0; resets=41"}}, 42 * time.Second, -time.Second},
		"the list is scarce":    {http.Header{"Zendesk-Ratelimit-Tickets-Index": {"total=100; remaining=10; resets=5"}}, 0, 5 * time.Second},
		"of the account":        {http.Header{"X-Rate-Limit": {"400"}, "X-Rate-Limit-Remaining": {"40"}, "Ratelimit-Reset": {"17"}}, 0, 17 * time.Second},
		"by its other headers":  {http.Header{"Ratelimit-Limit": {"400"}, "Ratelimit-Remaining": {"40"}, "Ratelimit-Reset": {"17"}}, 0, 17 * time.Second},
		"nobody says how long":  {http.Header{"X-Rate-Limit": {"400"}, "X-Rate-Limit-Remaining": {"40"}}, 0, time.Minute},
		"or something strange":  {http.Header{"X-Rate-Limit": {"400"}, "X-Rate-Limit-Remaining": {"40"}, "Ratelimit-Reset": {"1772444405"}}, 0, time.Minute},
		"what polls do not use": {http.Header{"Zendesk-Ratelimit-Search-Export": {"total=100; remaining=0; resets=41"}}, 0, 0},
	} {
		t.Run(name, func(t *testing.T) {
			d := newDesk(t)
			d.client.tellQuotas(tc.header)
			d.pass(tc.later)
			if factor, got := d.client.Pace(); factor != 1 || max(got, 0) != max(tc.want, 0) {
				t.Errorf("waits %v, %v times, want %v", got, factor, tc.want)
			}
		})
	}
}
