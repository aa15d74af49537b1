//go:build !race

package rt

import (
	"testing"

	"whatsapp_sla_exporter/internal/helpdesk/conformance"
)

// All open tickets are 100 pages of a hundred, and the stories of three such pages together: what happened to them since
// they were opened, here one transaction each, and one page of a hundred more to know that there are no more. The first pass
// told of some.
func TestCost(t *testing.T) {
	conformance.Cost(t, harness(mostRows), conformance.Costs{
		First:  conformance.Calls{apiPath + "/rt": 1, apiPath + transactionsPath: 20, apiPath + ticketsPath: 20},
		Open:   conformance.Calls{apiPath + transactionsPath: 122, apiPath + ticketsPath: 100},
		Steady: conformance.Calls{apiPath + transactionsPath: 1, apiPath + ticketsPath: 1},
	})
}
