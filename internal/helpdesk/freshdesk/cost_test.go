//go:build !race

package freshdesk

import (
	"testing"

	"whatsapp_sla_exporter/internal/helpdesk/conformance"
)

// A steady poll costs one call (three credits), all open tickets one per 99, because the last row of a page is read
// again with the next and a last page that is full is followed by an empty one, and a search. A first poll stops at its budget; by default it begins an hour ago.
func TestCost(t *testing.T) {
	conformance.Cost(t, harness(0), conformance.Costs{
		First:  conformance.Calls{listPath: changePages, "/api/v2/ticket_fields": 1},
		Open:   conformance.Calls{listPath: 102, searchPath: 1},
		Steady: conformance.Calls{listPath: 1},
	})
}
