//go:build !race

package intercom_test

import (
	"testing"

	"whatsapp_sla_exporter/internal/helpdesk/conformance"
)

func TestCost(t *testing.T) {
	conformance.Cost(t, harness(150), conformance.Costs{
		First:  conformance.Calls{"/me": 1, "/conversations/search": 67},
		Open:   conformance.Calls{"/conversations/search": 67},
		Steady: conformance.Calls{"/conversations/search": 1},
	})
}
