//go:build !race

package jira_test

import (
	"testing"

	"whatsapp_sla_exporter/internal/helpdesk/conformance"
)

func TestCost(t *testing.T) {
	conformance.Cost(t, harness(100), conformance.Costs{
		First:  conformance.Calls{"/rest/api/3/field": 1, "/rest/servicedeskapi/servicedesk": 1, "/rest/api/3/search/jql": 50},
		Open:   conformance.Calls{"/rest/api/3/search/jql": 100},
		Steady: conformance.Calls{"/rest/api/3/search/jql": 1},
	})
}
