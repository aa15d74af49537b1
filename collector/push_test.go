package collector

import (
	"errors"
	"testing"

	"github.com/prometheus/client_golang/prometheus"
	"github.com/prometheus/client_golang/prometheus/testutil"

	"whatsapp_sla_exporter/internal/helpdesk/push"
	"whatsapp_sla_exporter/internal/upstream"
)

func TestPushesAreCountedFromZeroUntilForgotten(t *testing.T) {
	reg := prometheus.NewPedanticRegistry()
	p := NewPushes(reg)
	p.Source("support")
	if got, want := testutil.CollectAndCount(p.requests), len(push.Results); got != want {
		t.Errorf("%d results are there from the start, want %d", got, want)
	}
	p.Counted("support", push.Accepted)
	p.Counted("support", push.Accepted)
	p.Counted("support", push.BadSignature)
	p.LookedUp("support", nil)
	p.LookedUp("support", &upstream.Error{Reason: upstream.Throttled})
	p.LookedUp("support", errors.New("disk full"))
	p.Overflowed("support")
	for name, pair := range map[string][2]float64{
		"accepted":      {testutil.ToFloat64(p.requests.WithLabelValues("accepted", "support")), 2},
		"bad signature": {testutil.ToFloat64(p.requests.WithLabelValues("bad_signature", "support")), 1},
		"look-ups":      {testutil.ToFloat64(p.lookups.WithLabelValues("support")), 3},
		"throttled":     {testutil.ToFloat64(p.errors.WithLabelValues("throttled", "support")), 1},
		"internal":      {testutil.ToFloat64(p.errors.WithLabelValues("internal", "support")), 1},
		"overflows":     {testutil.ToFloat64(p.overflows.WithLabelValues("support")), 1},
	} {
		if pair[0] != pair[1] {
			t.Errorf("%s: %v, want %v", name, pair[0], pair[1])
		}
	}
	p.Forget("support")
	if families, err := reg.Gather(); err != nil || len(families) != 0 {
		t.Errorf("after it was forgotten there are %d families, %v", len(families), err)
	}
}
