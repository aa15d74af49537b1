package evaluate

import (
	"time"

	"whatsapp_sla_exporter/internal/sla"
)

// output is what is written for a ticket.
type output struct {
	ID       string     `json:"id"`
	Policy   string     `json:"policy"`
	Severity string     `json:"severity,omitempty"`
	Covered  bool       `json:"covered"`
	Reason   sla.Reason `json:"reason,omitempty"`
	Targets  []target   `json:"targets"`
}

// target is what is written for one of its targets. What is not known is left out: instants while the target is
// paused or has no time, and times left once it is answered.
type target struct {
	Target              sla.Target `json:"target"`
	State               sla.State  `json:"state"`
	WarningAt           time.Time  `json:"warning_at,omitzero"`
	CriticalAt          time.Time  `json:"critical_at,omitzero"`
	DueAt               time.Time  `json:"due_at,omitzero"`
	TimeToBreachSeconds *int64     `json:"time_to_breach_seconds,omitempty"`
	WorkingSecondsLeft  *int64     `json:"working_seconds_left,omitempty"`
}

// tell puts what is known of a target at an instant into words. Instants are whole seconds, as the instant is.
func tell(clock *sla.Clock, ticket *sla.Ticket, i *sla.Instants, at time.Time) target {
	at = at.Truncate(time.Second)
	t := target{
		Target: i.Target, State: i.State(at),
		WarningAt: i.Warning.UTC(), CriticalAt: i.Critical.UTC(), DueAt: i.Due.UTC(),
	}
	if i.Open() {
		left := int64(i.Due.Sub(at) / time.Second)
		t.TimeToBreachSeconds = &left
	}
	if working, ok := clock.Left(ticket, i, at); ok {
		left := int64(working / time.Second)
		t.WorkingSecondsLeft = &left
	}
	return t
}
