package declarative_test

import (
	"fmt"
	"maps"
	"testing"
	"time"

	"whatsapp_sla_exporter/internal/helpdesk/conformance"
	"whatsapp_sla_exporter/internal/simulator/front"
	"whatsapp_sla_exporter/internal/simulator/zohodesk"
)

// each is a call for each ticket of a range.
func each(format string, id func(int64) string, from, to int64) conformance.Calls {
	out := conformance.Calls{}
	for n := from; n <= to; n++ {
		out[fmt.Sprintf(format, id(n))] = 1
	}
	return out
}

// with joins calls.
func with(all ...conformance.Calls) conformance.Calls {
	out := conformance.Calls{}
	for _, calls := range all {
		maps.Copy(out, calls)
	}
	return out
}

func TestCostOfHubSpot(t *testing.T) {
	const search = "/crm/v3/objects/tickets/search"
	conformance.Cost(t, hubspotHarness(200), conformance.Costs{
		First:  conformance.Calls{search: 50, "/crm/v3/pipelines/tickets": 1},
		Open:   conformance.Calls{search: 50},
		Steady: conformance.Calls{search: 1},
	})
}

func TestCostOfServiceNow(t *testing.T) {
	const incidents, slas, journal = "/api/now/table/incident", "/api/now/table/task_sla", "/api/now/table/sys_journal_field"
	conformance.Cost(t, servicenowHarness(1000), conformance.Costs{
		First:  conformance.Calls{incidents: 11, slas: 51, journal: 51},
		Open:   conformance.Calls{incidents: 11, slas: 50},
		Steady: conformance.Calls{incidents: 1, slas: 1, journal: 1},
	})
}

func TestCostOfZohoDesk(t *testing.T) {
	const list = "/api/v1/tickets"
	conformance.Cost(t, zohoHarness(100), conformance.Costs{
		First:  conformance.Calls{list: 20, "/api/v1/organizationFields": 1},
		Open:   conformance.Calls{list: 112},
		Steady: with(conformance.Calls{list: 1}, each("/api/v1/tickets/%s/threads", zohodesk.ID, 1, 10)),
	})
}

func TestCostOfGLPI(t *testing.T) {
	const search = "/apirest.php/search/Ticket"
	conformance.Cost(t, glpiHarness(990), conformance.Costs{
		First:  conformance.Calls{search: 11, "/apirest.php/initSession": 1, "/apirest.php/listSearchOptions/Ticket": 1},
		Open:   conformance.Calls{search: 11},
		Steady: with(conformance.Calls{search: 1}, each("/apirest.php/Ticket/%s/ITILFollowup", number, 1, 10)),
	})
}

// Twenty conversations a pass are read with their messages: first those that changed, then the others, the last
// changed first. The eleventh changed right before the pass before, and is looked at again.
func TestCostOfFront(t *testing.T) {
	const conversation, messages = "/conversations/%s", "/conversations/%s/messages"
	conformance.Cost(t, frontHarness(100, time.Minute), conformance.Costs{
		First: conformance.Calls{"/events": 1},
		Open:  with(conformance.Calls{"/conversations": 100}, each(messages, front.ID, 1, 20)),
		Steady: with(conformance.Calls{"/events": 1}, each(conversation, front.ID, 1, 11), each(messages, front.ID, 1, 10),
			each(conversation, front.ID, 9973, 9981), each(messages, front.ID, 9973, 9981)),
	})
}
