//go:build !race

package chatwoot

import (
	"testing"

	"whatsapp_sla_exporter/internal/helpdesk/conformance"
	simulator "whatsapp_sla_exporter/internal/simulator/chatwoot"
)

// A steady poll costs one call, all open conversations one per 25, and one for each of the other statuses.
func TestCost(t *testing.T) {
	conformance.Cost(t, harness(simulator.Options{}), conformance.Costs{
		First: conformance.Calls{conversations: 1}, Open: conformance.Calls{conversations: 402}, Steady: conformance.Calls{conversations: 1},
	})
}
