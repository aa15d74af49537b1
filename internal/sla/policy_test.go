package sla_test

import (
	"strings"
	"testing"
	"time"

	"whatsapp_sla_exporter/internal/sla"
)

func TestLeads(t *testing.T) {
	const second, minute, hour = time.Second, time.Minute, time.Hour
	tests := []struct {
		name              string
		promise           sla.Promise
		warning, critical time.Duration
	}{
		{"a quarter of 24h is 6h", sla.Promise{Within: 24 * hour}, 12 * hour, 6 * hour},
		{"a quarter of 30m is 7m30s", sla.Promise{Within: 30 * minute}, 15 * minute, 450 * second},
		{"a quarter of 15m is less than 5 minutes", sla.Promise{Within: 15 * minute}, 450 * second, 5 * minute},
		{"5 minutes are more than half of 8m", sla.Promise{Within: 8 * minute}, 4 * minute, 4 * minute},
		{"leads are whole seconds", sla.Promise{Within: 41 * minute * 1 / 2}, 615 * second, 307 * second},
		{"one second leaves no time to warn", sla.Promise{Within: second}, 0, 0},
		{"both set", sla.Promise{Within: hour, Warning: 20 * minute, Critical: 10 * minute}, 20 * minute, 10 * minute},
		{"a late warning moves critical", sla.Promise{Within: hour, Warning: 10 * minute}, 10 * minute, 10 * minute},
		{"an early critical moves warning", sla.Promise{Within: hour, Critical: 45 * minute}, 45 * minute, 45 * minute},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			if warning, critical := tt.promise.Leads(); warning != tt.warning || critical != tt.critical {
				t.Errorf("got %s, %s, want %s, %s", warning, critical, tt.warning, tt.critical)
			}
		})
	}
}

func TestNewClockRefusesPoliciesThatContradictThemselves(t *testing.T) {
	promise := func(p sla.Promise) func(*sla.Policy) {
		return func(policy *sla.Policy) { policy.Severities[0].Promises = []sla.Promise{p} }
	}
	tests := []struct {
		name  string
		spoil func(*sla.Policy)
		want  string
	}{
		{"no severity", func(p *sla.Policy) { *p = sla.Policy{Name: "full"} }, `no severities: name at least one, or "any"`},
		{"no rank", func(p *sla.Policy) { p.Severities[0].Number = 0 }, "severities high number: 0: severities count from 1"},
		{"a rank twice", func(p *sla.Policy) { p.Severities[1].Number = 1 }, `severities low: answers to "1", and so does high`},
		{"an alias twice", func(p *sla.Policy) { p.Severities[1].Aliases = []string{"HIGH"} }, `severities low: answers to "high", and so does high`},
		{"an unknown target", promise(sla.Promise{Target: "lunch", Within: time.Hour}), "lunch: no such target: use one of first_response, next_response"},
		{"no time", promise(sla.Promise{Target: sla.Resolution}), "resolution: 0s: promise whole seconds"},
		{"parts of seconds", promise(sla.Promise{Target: sla.Resolution, Within: 1500 * time.Millisecond}), "promise whole seconds"},
		{"a century", promise(sla.Promise{Target: sla.Resolution, Within: 100 * 366 * 24 * time.Hour}), "at most ten years"},
		{"best effort with a time", promise(sla.Promise{Target: sla.Resolution, Within: time.Hour, BestEffort: true}), "a best effort has no time"},
		{"a warning before the start", promise(sla.Promise{Target: sla.Resolution, Within: time.Hour, Warning: time.Hour}), "warning lead 1h0m0s: must be shorter than the 1h0m0s promised"},
		{"critical before warning", promise(sla.Promise{Target: sla.Resolution, Within: time.Hour, Warning: time.Minute, Critical: 2 * time.Minute}), "critical lead 2m0s is longer than the warning lead 1m0s"},
		{"leads of parts of seconds", promise(sla.Promise{Target: sla.Resolution, Within: time.Hour, Critical: time.Millisecond}), "leads are whole seconds"},
		{"a topic of no severity", func(p *sla.Policy) { p.Topics = map[string]string{"porting": "urgent"} }, `topics porting: "urgent" is no severity of the policy: use one of high, low, none`},
		{"outstanding of no severity", func(p *sla.Policy) { p.Outstanding = sla.Outstanding{Severities: []string{"high"}, Becomes: "limited"} }, `outstanding becomes: "limited" is no severity`},
		{"a pause of WhatsApp's clock", func(p *sla.Policy) { p.Pauses = map[sla.Target][]sla.Status{sla.ServiceWindow: nil} }, "nothing pauses it"},
		{"a status that is no pause", func(p *sla.Policy) { p.Pauses = map[sla.Target][]sla.Status{sla.Resolution: {sla.StatusOpen}} }, `"open" does not pause a clock`},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			p := full()
			tt.spoil(p)
			_, err := sla.NewClock(p, sla.Always())
			if err == nil || !strings.HasPrefix(err.Error(), "policy full: ") || !strings.Contains(err.Error(), tt.want) {
				t.Errorf("got %v, want %q", err, tt.want)
			}
		})
	}
}
