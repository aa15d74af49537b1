package alerts

import (
	"net/http"
	"slices"
	"strings"
	"testing"
	"testing/synctest"
	"time"

	"github.com/google/go-cmp/cmp"
	"github.com/prometheus/client_golang/prometheus/testutil"
)

// wait lets time pass.
func wait(d time.Duration) { time.Sleep(d); synctest.Wait() }

func want(t *testing.T, a *alertmanager, told ...string) {
	t.Helper()
	got := a.take()
	slices.Sort(got)
	slices.Sort(told)
	if d := cmp.Diff(told, got); d != "" {
		t.Errorf("Alertmanager was told (-want +got):\n%s", d)
	}
}

func TestATicketGoesFromWarningToAnswered(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		d, am := newDesk(t), newAlertmanager(t)
		ticket := opened("1", time.Now())
		d.read(ticket)
		start(d, 0, am.endpoint("am:9093"))

		wait(14 * time.Minute)
		want(t, am)
		wait(time.Minute)
		want(t, am, "15m0s: 1 SLABreachWarning fires until +4m0s")
		wait(2 * time.Minute)
		want(t, am,
			"16m0s: 1 SLABreachWarning fires until +4m0s",
			"17m0s: 1 SLABreachWarning fires until +4m0s")
		wait(5*time.Minute + 30*time.Second)
		am.take()
		wait(0)
		wait(7*time.Minute + 30*time.Second) // the due itself is not a breach yet
		am.take()
		wait(time.Second)
		want(t, am,
			"30m1s: 1 SLABreachImminent resolved",
			"30m1s: 1 SLABreached fires until +4m0s")
		wait(9 * time.Second)
		d.read(answered(ticket, time.Now()))
		want(t, am, "30m10s: 1 SLABreached resolved")
	})
}

func TestTheNextLevelResolvesTheFormer(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		d, am := newDesk(t), newAlertmanager(t)
		d.read(opened("1", time.Now()))
		start(d, 0, am.endpoint("am:9093"))
		wait(22*time.Minute + 29*time.Second)
		am.take()
		wait(time.Second)
		want(t, am,
			"22m30s: 1 SLABreachWarning resolved",
			"22m30s: 1 SLABreachImminent fires until +4m0s")
		wait(30 * time.Second)
		want(t, am,
			"23m0s: 1 SLABreachWarning resolved", // again, for who was away
			"23m0s: 1 SLABreachImminent fires until +4m0s")
	})
}

func TestWhatEndedIsSentForAQuarterOfAnHour(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		d, am := newDesk(t), newAlertmanager(t)
		ticket := opened("1", time.Now().Add(-20*time.Minute))
		d.read(ticket)
		start(d, 0, am.endpoint("am:9093"))
		wait(30 * time.Second)
		d.read(answered(ticket, time.Now()))
		am.take()
		wait(time.Hour)
		// For three intervals a read could have confirmed it, then it goes by the clock: after 3m, 4m, ... 15m.
		if got := len(am.take()); got != 13 {
			t.Errorf("the end was sent again %d times, want 13", got)
		}
	})
}

// TestAReplicaRepeatsOnlyWhatAReadConfirmed: what another replica has resolved meanwhile must not fire anew.
func TestAReplicaRepeatsOnlyWhatAReadConfirmed(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		d, am := newDesk(t), newAlertmanager(t)
		ticket := opened("1", time.Now().Add(-23*time.Minute))
		d.read(ticket)
		start(d, 0, am.endpoint("am:9093"))
		want(t, am, "0s: 1 SLABreachImminent fires until +4m0s")
		wait(2 * time.Minute) // polls that come every other interval
		want(t, am)
		d.read(ticket)
		want(t, am, "2m0s: 1 SLABreachImminent fires until +4m0s")
		wait(20 * time.Second)
		d.read(ticket)
		want(t, am) // too soon
		wait(3*time.Minute - time.Second)
		want(t, am)
		wait(time.Second)
		want(t, am, "5m20s: 1 SLABreachImminent fires until +4m0s") // the read is overdue
		wait(time.Minute)
		want(t, am, "6m20s: 1 SLABreachImminent fires until +4m0s")
	})
}

func TestWithoutAlertmanagersNothingIsRemembered(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		d, am := newDesk(t), newAlertmanager(t)
		d.read(opened("1", time.Now().Add(-20*time.Minute)))
		p := start(d, 0)
		wait(time.Hour)
		if all, err := recollect(d.store); err != nil || len(all) > 0 {
			t.Errorf("remembered %v, %v", all, err)
		}
		p.Configure(Config{Alertmanagers: []Endpoint{am.endpoint("am:9093")}, ResendInterval: time.Minute})
		want(t, am, "1h0m0s: 1 SLABreached fires until +4m0s")
		p.Configure(Config{ResendInterval: time.Minute})
		d.read()
		wait(time.Hour)
		p.Configure(Config{Alertmanagers: []Endpoint{am.endpoint("am:9093")}, ResendInterval: time.Minute})
		want(t, am, "2h0m0s: 1 SLABreached resolved")
		if all, err := recollect(d.store); err != nil || len(all) > 0 {
			t.Errorf("remembered %v, %v", all, err)
		}
	})
}

func TestAnUnreadHelpdeskResolvesNothing(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		d, am := newDesk(t), newAlertmanager(t)
		d.read(opened("1", time.Now()))
		start(d, 5*time.Minute, am.endpoint("am:9093"))
		wait(29*time.Minute + 30*time.Second) // no pass since the first
		am.take()
		wait(time.Minute)
		synctest.Wait()
		am.mu.Lock()
		got := am.alerts[len(am.alerts)-1].Annotations["last_read"]
		am.mu.Unlock()
		if want := am.start.UTC().Format(time.RFC3339); got != want {
			t.Errorf("last_read = %q, want %q", got, want)
		}
		want(t, am,
			"30m0s: 1 SLABreachWarning resolved",
			"30m0s: 1 SLABreachImminent fires until +4m0s",
			"30m1s: 1 SLABreachImminent resolved",
			"30m1s: 1 SLABreached fires until +4m0s")
	})
}

func TestARestartKeepsAlertsOfAHelpdeskThatCannotBeRead(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		d, am := newDesk(t), newAlertmanager(t)
		still, gone := opened("1", time.Now()), opened("2", time.Now())
		d.read(still, gone)
		p := start(d, 5*time.Minute, am.endpoint("am:9093"))
		wait(16*time.Minute + 10*time.Second)
		am.take()
		p.stop()
		want(t, am) // an end of the exporter answers nothing

		d.restart()
		wait(50 * time.Second)
		start(d, 5*time.Minute, am.endpoint("am:9093"))
		want(t, am,
			"17m0s: 1 SLABreachWarning fires until +4m0s",
			"17m0s: 2 SLABreachWarning fires until +4m0s")
		wait(5*time.Minute + 30*time.Second) // they go on, unread
		am.take()
		wait(10 * time.Second)
		d.read(still, answered(gone, time.Now()))
		want(t, am,
			"22m40s: 1 SLABreachImminent fires until +4m0s", // without last_read
			"22m40s: 2 SLABreachImminent resolved",
			"22m40s: 1 SLABreachWarning resolved", // again, because it was read
			"22m40s: 2 SLABreachWarning resolved")
	})
}

func TestARestartKnowsWhenAHelpdeskWasLastRead(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		d, am := newDesk(t), newAlertmanager(t)
		ticket := opened("1", time.Now().Add(-20*time.Minute))
		d.read(ticket)
		p := start(d, 5*time.Minute, am.endpoint("am:9093"))
		wait(time.Minute)
		d.read(ticket) // the same
		read := time.Now()
		wait(time.Minute)
		p.stop()
		d.restart()
		am.take()
		start(d, 5*time.Minute, am.endpoint("am:9093"))
		synctest.Wait()
		am.mu.Lock()
		got := am.alerts[0].Annotations["last_read"]
		am.mu.Unlock()
		if want := read.UTC().Format(time.RFC3339); got != want {
			t.Errorf("last_read = %q, want %q", got, want)
		}
	})
}

func TestARestartResolvesWhatWasAnsweredMeanwhile(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		d, am := newDesk(t), newAlertmanager(t)
		ticket := opened("1", time.Now())
		d.read(ticket)
		p := start(d, 0, am.endpoint("am:9093"))
		wait(16 * time.Minute)
		p.stop()
		am.take()
		d.restart()
		d.read(answered(ticket, time.Now()))
		start(d, 0, am.endpoint("am:9093"))
		want(t, am, "16m0s: 1 SLABreachWarning resolved")
	})
}

func TestADeadAlertmanagerDelaysNobodyAndGetsNoOldNews(t *testing.T) {
	for name, dead := range map[string]func(*http.Request) (int, error){"unreachable": unreachable, "hanging": hanging} {
		t.Run(name, func(t *testing.T) {
			synctest.Test(t, func(t *testing.T) {
				d, alive, away := newDesk(t), newAlertmanager(t), newAlertmanager(t)
				away.set(dead)
				ticket := opened("1", time.Now())
				d.read(ticket)
				p := start(d, 0, alive.endpoint("alive:9093"), away.endpoint("away:9093"))
				wait(15 * time.Minute)
				want(t, alive, "15m0s: 1 SLABreachWarning fires until +4m0s")
				wait(5*time.Minute + 10*time.Second)
				alive.take()
				d.read(answered(ticket, time.Now()))
				want(t, alive, "20m10s: 1 SLABreachWarning resolved")
				if n := testutil.ToFloat64(p.metrics.failed.WithLabelValues("http://away:9093/api/v2/alerts")); n == 0 {
					t.Error("no failure was counted")
				}
				away.set(nil)
				wait(45 * time.Second) // the longest backoff and a hung request
				for _, line := range away.take() {
					if !strings.HasSuffix(line, "resolved") {
						t.Errorf("an Alertmanager that was away got old news: %s", line)
					}
				}
			})
		})
	}
}

func TestARefusedBatchDoesNotBlock(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		d, am := newDesk(t), newAlertmanager(t)
		am.set(func(*http.Request) (int, error) { return http.StatusBadRequest, nil })
		d.read(opened("1", time.Now().Add(-23*time.Minute)))
		p := start(d, 0, am.endpoint("am:9093"))
		wait(10 * time.Second)
		if n := testutil.ToFloat64(p.metrics.failed.WithLabelValues("http://am:9093/api/v2/alerts")); n != 1 {
			t.Errorf("failed = %v, want 1: the same refused once", n)
		}
		am.set(nil)
		wait(3 * time.Minute)
		want(t, am, "3m0s: 1 SLABreachImminent fires until +4m0s")
	})
}

func TestTheEndSendsWhatIsQueuedAndIsSoonOver(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		d, alive, away := newDesk(t), newAlertmanager(t), newAlertmanager(t)
		alive.set(unreachable)
		away.set(hanging)
		d.read(opened("1", time.Now().Add(-20*time.Minute)))
		p := start(d, 0, alive.endpoint("alive:9093"), away.endpoint("away:9093"))
		wait(30 * time.Second)
		alive.set(nil)
		before := time.Now()
		p.stop()
		if took := time.Since(before); took > drainTime {
			t.Errorf("the end took %v", took)
		}
		if got := alive.take(); len(got) != 1 {
			t.Errorf("the last sending told %q, want one alert", got)
		}
	})
}

func TestAReloadTellsNewAlertmanagersEverything(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		d, before, after := newDesk(t), newAlertmanager(t), newAlertmanager(t)
		before.set(hanging)
		d.read(opened("1", time.Now().Add(-20*time.Minute)))
		p := start(d, 0, before.endpoint("before:9093"))
		wait(5 * time.Second)
		p.Configure(Config{Alertmanagers: []Endpoint{after.endpoint("after:9093")}, ResendInterval: time.Minute})
		want(t, after, "5s: 1 SLABreachWarning fires until +4m0s")
		const wantMetrics = `
# HELP whatsapp_sla_exporter_alerts_active Alerts of the sidecar that last.
# TYPE whatsapp_sla_exporter_alerts_active gauge
whatsapp_sla_exporter_alerts_active{alertmanager="http://after:9093/api/v2/alerts"} 1
# HELP whatsapp_sla_exporter_alerts_dropped_total Alerts dropped because the queue of the Alertmanager was full.
# TYPE whatsapp_sla_exporter_alerts_dropped_total counter
whatsapp_sla_exporter_alerts_dropped_total{alertmanager="http://after:9093/api/v2/alerts"} 0
# HELP whatsapp_sla_exporter_alerts_failed_total Alerts in requests that the Alertmanager did not take or answer, each time one is sent.
# TYPE whatsapp_sla_exporter_alerts_failed_total counter
whatsapp_sla_exporter_alerts_failed_total{alertmanager="http://after:9093/api/v2/alerts"} 0
# HELP whatsapp_sla_exporter_alerts_queue_length Alerts that wait to be sent to the Alertmanager.
# TYPE whatsapp_sla_exporter_alerts_queue_length gauge
whatsapp_sla_exporter_alerts_queue_length{alertmanager="http://after:9093/api/v2/alerts"} 0
# HELP whatsapp_sla_exporter_alerts_sent_total Alerts that the Alertmanager took, each time one is sent.
# TYPE whatsapp_sla_exporter_alerts_sent_total counter
whatsapp_sla_exporter_alerts_sent_total{alertmanager="http://after:9093/api/v2/alerts"} 1
`
		if err := testutil.GatherAndCompare(p.registry, strings.NewReader(wantMetrics)); err != nil {
			t.Error(err)
		}
		if problems, err := testutil.GatherAndLint(p.registry); err != nil || len(problems) > 0 {
			t.Errorf("promlint: %v, %v", problems, err)
		}
	})
}
