package sla_test

import (
	"testing"
	"time"

	"whatsapp_sla_exporter/internal/sla"
)

func TestStates(t *testing.T) {
	deadline := sla.Instants{Warning: jan("5 10:00"), Critical: jan("5 11:00"), Due: jan("5 12:00")}
	answered := func(at time.Time) sla.Instants {
		i := deadline
		i.At = at
		return i
	}
	tests := []struct {
		name     string
		instants sla.Instants
		now      time.Time
		want     sla.State
		open     bool
	}{
		{"running until the warning", deadline, jan("5 10:00").Add(-time.Second), sla.Running, true},
		{"warning from its instant on", deadline, jan("5 10:00"), sla.Warning, true},
		{"critical from its instant on", deadline, jan("5 11:00"), sla.Critical, true},
		{"critical still when it is due", deadline, jan("5 12:00"), sla.Critical, true},
		{"breached after that", deadline, jan("5 12:00").Add(time.Second), sla.Breached, true},
		{"met when it was answered at the due", answered(jan("5 12:00")), jan("9 12:00"), sla.Met, false},
		{"breached when it was answered later", answered(jan("5 12:01")), jan("9 12:00"), sla.Breached, false},
		{"paused", sla.Instants{Paused: true}, jan("9 12:00"), sla.Paused, false},
		{"best effort", sla.Instants{BestEffort: true}, jan("9 12:00"), sla.BestEffort, false},
		{"met by best effort", sla.Instants{BestEffort: true, At: jan("5 12:01")}, jan("9 12:00"), sla.Met, false},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			if got := tt.instants.State(tt.now); got != tt.want {
				t.Errorf("got %s, want %s", got, tt.want)
			}
			if got := tt.instants.Open(); got != tt.open {
				t.Errorf("open: %t, want %t", got, tt.open)
			}
		})
	}
}
