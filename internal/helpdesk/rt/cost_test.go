//go:build !race

package rt

import (
	"testing"

	"whatsapp_sla_exporter/internal/helpdesk/conformance"
)

func TestCost(t *testing.T) {
	conformance.Cost(t, harness(mostRows), conformance.Costs{
		First:  conformance.Calls{apiPath + "/rt": 1, apiPath + transactionsPath: 20, apiPath + ticketsPath: 20},
		Open:   conformance.Calls{apiPath + transactionsPath: 271, apiPath + ticketsPath: 100},
		Steady: conformance.Calls{apiPath + transactionsPath: 1, apiPath + ticketsPath: 1},
	})
}
