package test

import (
	"os"
	"slices"
	"sync"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"

	"whatsapp_sla_exporter/alerts"
	"whatsapp_sla_exporter/internal/helpdesk"
	"whatsapp_sla_exporter/test/alertmanager"
)

func TestMain(m *testing.M) {
	alertmanager.Main()
	os.Exit(m.Run())
}

// pair is two Alertmanagers that are one cluster, and two replicas of the sidecar that know of the same helpdesk.
type pair struct {
	t        *testing.T
	hook     *alertmanager.Webhook
	members  []*alertmanager.Member
	replicas [2]*desk
	stop     [2]func()

	mu   sync.Mutex
	open []helpdesk.Ticket
	read map[string]time.Time // when an answered ticket was first read
}

// startPair runs a pair that holds a first notification back for wait. Notifications of a group are so far apart
// that the members learn of each other's.
func startPair(t *testing.T, resend, wait time.Duration) *pair {
	t.Helper()
	p := &pair{t: t, hook: alertmanager.NewWebhook(t), read: make(map[string]time.Time)}
	p.members = alertmanager.StartCluster(t, waitingFor(t, p.hook.URL, wait, alertmanager.PeerTimeout+time.Second), 2)
	for i := range p.replicas {
		p.replicas[i] = newDesk(t)
		c := alerts.Config{Alertmanagers: endpoints(t, p.members[0].Host, p.members[1].Host), ResendInterval: resend}
		_, _, p.stop[i] = runSidecar(t, p.replicas[i], c)
	}
	return p
}

// becomes says which tickets are open from now on.
func (p *pair) becomes(open ...helpdesk.Ticket) {
	p.mu.Lock()
	defer p.mu.Unlock()
	p.open = open
}

// poll is a good pass of one replica.
func (p *pair) poll(replica int) {
	p.mu.Lock()
	open := slices.Clone(p.open)
	for _, ticket := range open {
		if _, known := p.read[ticket.ID]; !known && !ticket.FirstResponseAt.IsZero() {
			p.read[ticket.ID] = time.Now()
		}
	}
	p.mu.Unlock()
	p.replicas[replica].read(p.t, open...)
}

// during expects exactly these notifications for so long, sorted.
func (p *pair) during(d time.Duration, want ...string) {
	p.t.Helper()
	var got []string
	for _, a := range p.hook.During(d) {
		got = append(got, a.Labels["alertname"]+" "+a.Labels["ticket"]+" "+a.Status)
		if a.Status == "resolved" {
			p.resolvedInTime(&a)
		}
	}
	slices.Sort(got) // groups notify each in their own time
	if diff := cmp.Diff(want, got); diff != "" {
		p.t.Errorf("notifications (-want +got):\n%s", diff)
	}
}

// resolvedInTime checks that an alert ended because its answer was read, and not because nobody sent it any more.
func (p *pair) resolvedInTime(a *alertmanager.Alert) {
	p.t.Helper()
	p.mu.Lock()
	defer p.mu.Unlock()
	read, answered := p.read[a.Labels["ticket"]]
	if late := a.EndsAt.Sub(read); !answered || late < -time.Millisecond || // which is what Alertmanager rounds to
		late > time.Second {
		p.t.Errorf("ticket %s: resolved %v after its answer was first read at %v", a.Labels["ticket"], late, read)
	}
}

// TestTwoReplicasNotifyOnce lets one replica read the answer long before the other, which has sent its alerts again
// meanwhile if it does so by the clock alone.
func TestTwoReplicasNotifyOnce(t *testing.T) {
	t.Parallel()
	p := startPair(t, 2*time.Second, 500*time.Millisecond)
	ticket := waiting("481", 25*time.Minute)
	p.becomes(ticket)
	p.poll(0)
	p.poll(1)
	p.during(3*time.Second, "SLABreachImminent 481 firing")
	p.poll(1)
	p.during(time.Second)
	p.becomes(answered(ticket))
	p.poll(0)
	p.during(4*time.Second, "SLABreachImminent 481 resolved")
	p.poll(1)
	p.during(4 * time.Second)
}

// TestAReplicaAndAHelpdeskAway goes on for longer than alerts last unless they are sent again.
func TestAReplicaAndAHelpdeskAway(t *testing.T) {
	t.Parallel()
	p := startPair(t, time.Second, 500*time.Millisecond)
	ticket := waiting("482", 25*time.Minute)
	p.becomes(ticket)
	p.poll(0)
	p.poll(1)
	p.during(3*time.Second, "SLABreachImminent 482 firing")
	p.stop[0]() // an exporter ends, and the other one reads nothing from now on
	p.during(6 * time.Second)
	p.becomes(answered(ticket))
	p.poll(1)
	p.during(4*time.Second, "SLABreachImminent 482 resolved")
}

// The first member notifies. It dies before, or after it has.
func TestNothingIsLostWhenAnAlertmanagerDies(t *testing.T) {
	t.Parallel()
	t.Run("before it notifies", func(t *testing.T) {
		t.Parallel()
		// Alertmanager waits for an alert that has only just begun.
		p := startPair(t, time.Second, 3*time.Second)
		ticket := waiting("483", 22*time.Minute+30*time.Second)
		p.becomes(ticket)
		p.poll(0)
		p.members[0].WaitForAlerts(t, 1)
		p.members[0].Kill()
		p.poll(1)
		p.during(7*time.Second, "SLABreachImminent 483 firing")
		p.becomes(answered(ticket))
		p.poll(1)
		p.poll(0)
		p.during(6*time.Second, "SLABreachImminent 483 resolved")
	})
	t.Run("after it notified", func(t *testing.T) {
		t.Parallel()
		p := startPair(t, time.Second, 500*time.Millisecond)
		first, second := waiting("484", 25*time.Minute), waiting("485", 40*time.Minute)
		p.becomes(first)
		p.poll(0)
		p.poll(1)
		p.during(3*time.Second, "SLABreachImminent 484 firing")
		p.members[0].Kill()
		p.becomes(answered(first), second)
		p.poll(0)
		p.poll(1)
		p.during(6*time.Second, "SLABreachImminent 484 resolved", "SLABreached 485 firing")
	})
}
