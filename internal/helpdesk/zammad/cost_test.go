//go:build !race

package zammad

import (
	"testing"

	"whatsapp_sla_exporter/internal/helpdesk/conformance"
)

// A steady poll costs one call, all open tickets one per 199: the last row of a page is read again with the next. A
// first poll stops at its budget; by default it begins an hour ago.
func TestCost(t *testing.T) {
	conformance.Cost(t, harness(0), conformance.Costs{
		First:  conformance.Calls{searchPath: changePages, "/api/v1/ticket_states": 1},
		Open:   conformance.Calls{searchPath: 51},
		Steady: conformance.Calls{searchPath: 1},
	})
}
