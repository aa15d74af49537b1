package collector

import (
	"testing"
	"time"

	"whatsapp_sla_exporter/internal/sla"
	"whatsapp_sla_exporter/internal/tickets"
)

// clocked is one target with two deadlines, the first of which runs through all states in the hour after noon.
var clocked = tickets.TargetGroup{
	Group: tickets.Group{Policy: "reach-whatsapp-qr", Severity: "critical"}, Target: sla.FollowUp,
	Warning:  []int64{noon.Unix() + 10*60, noon.Unix() + 3600},
	Critical: []int64{noon.Unix() + 20*60, noon.Unix() + 7200},
	Due:      []int64{noon.Unix() + 30*60, noon.Unix() + 9000},
	Paused:   1, Met: 2, BestEffort: 3, Late: 4,
}

func TestSLAStatesMoveWithoutANewSnapshot(t *testing.T) {
	now := noon
	s := &tickets.Snapshot{Helpdesk: "support", ReadAt: noon, Targets: []tickets.TargetGroup{clocked}}
	c := New(nil, fixedHelpdesks{s}, func() time.Time { return now })
	for _, step := range []struct {
		name  string
		after time.Duration
		want  string
	}{
		{"both run", 0, `
	# TYPE helpdesk_sla_tickets gauge
	helpdesk_sla_tickets{helpdesk="support",policy="reach-whatsapp-qr",severity="critical",state="best_effort",target="follow_up"} 3
	helpdesk_sla_tickets{helpdesk="support",policy="reach-whatsapp-qr",severity="critical",state="breached",target="follow_up"} 4
	helpdesk_sla_tickets{helpdesk="support",policy="reach-whatsapp-qr",severity="critical",state="critical",target="follow_up"} 0
	helpdesk_sla_tickets{helpdesk="support",policy="reach-whatsapp-qr",severity="critical",state="met",target="follow_up"} 2
	helpdesk_sla_tickets{helpdesk="support",policy="reach-whatsapp-qr",severity="critical",state="paused",target="follow_up"} 1
	helpdesk_sla_tickets{helpdesk="support",policy="reach-whatsapp-qr",severity="critical",state="running",target="follow_up"} 2
	helpdesk_sla_tickets{helpdesk="support",policy="reach-whatsapp-qr",severity="critical",state="warning",target="follow_up"} 0
	# TYPE helpdesk_sla_time_to_breach_seconds gauge
	helpdesk_sla_time_to_breach_seconds{helpdesk="support",policy="reach-whatsapp-qr",severity="critical",target="follow_up"} 1800
	`},
		{"one is critical", 20 * time.Minute, `
	# TYPE helpdesk_sla_tickets gauge
	helpdesk_sla_tickets{helpdesk="support",policy="reach-whatsapp-qr",severity="critical",state="best_effort",target="follow_up"} 3
	helpdesk_sla_tickets{helpdesk="support",policy="reach-whatsapp-qr",severity="critical",state="breached",target="follow_up"} 4
	helpdesk_sla_tickets{helpdesk="support",policy="reach-whatsapp-qr",severity="critical",state="critical",target="follow_up"} 1
	helpdesk_sla_tickets{helpdesk="support",policy="reach-whatsapp-qr",severity="critical",state="met",target="follow_up"} 2
	helpdesk_sla_tickets{helpdesk="support",policy="reach-whatsapp-qr",severity="critical",state="paused",target="follow_up"} 1
	helpdesk_sla_tickets{helpdesk="support",policy="reach-whatsapp-qr",severity="critical",state="running",target="follow_up"} 1
	helpdesk_sla_tickets{helpdesk="support",policy="reach-whatsapp-qr",severity="critical",state="warning",target="follow_up"} 0
	# TYPE helpdesk_sla_time_to_breach_seconds gauge
	helpdesk_sla_time_to_breach_seconds{helpdesk="support",policy="reach-whatsapp-qr",severity="critical",target="follow_up"} 600
	`},
		{"one is breached, the other warned of", time.Hour, `
	# TYPE helpdesk_sla_tickets gauge
	helpdesk_sla_tickets{helpdesk="support",policy="reach-whatsapp-qr",severity="critical",state="best_effort",target="follow_up"} 3
	helpdesk_sla_tickets{helpdesk="support",policy="reach-whatsapp-qr",severity="critical",state="breached",target="follow_up"} 5
	helpdesk_sla_tickets{helpdesk="support",policy="reach-whatsapp-qr",severity="critical",state="critical",target="follow_up"} 0
	helpdesk_sla_tickets{helpdesk="support",policy="reach-whatsapp-qr",severity="critical",state="met",target="follow_up"} 2
	helpdesk_sla_tickets{helpdesk="support",policy="reach-whatsapp-qr",severity="critical",state="paused",target="follow_up"} 1
	helpdesk_sla_tickets{helpdesk="support",policy="reach-whatsapp-qr",severity="critical",state="running",target="follow_up"} 0
	helpdesk_sla_tickets{helpdesk="support",policy="reach-whatsapp-qr",severity="critical",state="warning",target="follow_up"} 1
	# TYPE helpdesk_sla_time_to_breach_seconds gauge
	helpdesk_sla_time_to_breach_seconds{helpdesk="support",policy="reach-whatsapp-qr",severity="critical",target="follow_up"} -1800
	`},
	} {
		t.Run(step.name, func(t *testing.T) {
			now = noon.Add(step.after)
			expect(t, c, step.want, &slaClockTable)
		})
	}
}

func TestSLAStatesOfNoTicketHaveNoSeries(t *testing.T) {
	expect(t, ofHelpdesk(tickets.Snapshot{}), ``, &slaClockTable)
}
