package statuspage_test

import (
	"testing"
	"time"

	"whatsapp_sla_exporter/internal/simulator/simulatortest"
	"whatsapp_sla_exporter/internal/simulator/statuspage"
)

func noon() time.Time { return time.Date(2026, 3, 2, 12, 0, 0, 0, time.UTC) }

const (
	page    = `"page":{"id":"p00000000001","name":"360dialog","url":"https://status.example","time_zone":"Etc/UTC","updated_at":"2026-03-02T12:00:00.000Z"}`
	missing = "<!doctype html><title>Page not found</title>"
)

func TestRequestsByHand(t *testing.T) {
	s := statuspage.New("360dialog", noon)
	s.Set("", "Hub", "operational")
	s.Set("Messaging", "Cloud API", "degraded_performance")
	s.Set("Messaging", "Media", "partial_outage")
	simulatortest.Run(t, s, map[string]simulatortest.Exchange{
		"the summary, for which nobody needs a login": {
			Request: "GET /api/v2/summary.json", Status: 200,
			Answer: `{` + page + `,"status":{"indicator":"major","description":"Partial System Outage"},"components":[
				{"id":"c00000000001","name":"Hub","status":"operational","updated_at":"2026-03-02T12:00:00.000Z","position":1,"group":false,"group_id":null},
				{"id":"c00000000002","name":"Messaging","status":"partial_outage","updated_at":"2026-03-02T12:00:00.000Z","position":2,"group":true,"group_id":null,
				 "components":["c00000000003","c00000000004"]},
				{"id":"c00000000003","name":"Cloud API","status":"degraded_performance","updated_at":"2026-03-02T12:00:00.000Z","position":3,"group":false,"group_id":"c00000000002"},
				{"id":"c00000000004","name":"Media","status":"partial_outage","updated_at":"2026-03-02T12:00:00.000Z","position":4,"group":false,"group_id":"c00000000002"}],
				"incidents":[],"scheduled_maintenances":[]}`,
		},
		"the status": {
			Request: "GET /api/v2/status.json", Status: 200,
			Answer: `{` + page + `,"status":{"indicator":"major","description":"Partial System Outage"}}`,
		},
		"the page itself, which is no JSON": {
			Request: "GET /", Status: 404, Answer: missing,
		},
		"another version": {
			Request: "GET /api/v3/summary.json", Status: 404, Answer: missing,
		},
		"a change": {
			Request: "POST /api/v2/summary.json", Status: 404, Answer: missing,
		},
	})
}

func TestThePageSaysWhatItsWorstComponentSays(t *testing.T) {
	s := statuspage.New("360dialog", noon)
	status := func(indicator, description string) simulatortest.Exchange {
		return simulatortest.Exchange{
			Request: "GET /api/v2/status.json", Status: 200,
			Answer: `{` + page + `,"status":{"indicator":"` + indicator + `","description":"` + description + `"}}`,
		}
	}
	simulatortest.InOrder(t, s, simulatortest.Exchange{
		Request: "GET /api/v2/summary.json", Status: 200,
		Answer: `{` + page + `,"status":{"indicator":"none","description":"All Systems Operational"},"components":[],"incidents":[],"scheduled_maintenances":[]}`,
	})
	for _, step := range []struct{ component, indicator, description string }{
		{"operational", "none", "All Systems Operational"},
		{"under_maintenance", "maintenance", "Service Under Maintenance"},
		{"degraded_performance", "minor", "Partially Degraded Service"},
		{"partial_outage", "major", "Partial System Outage"},
		{"major_outage", "critical", "Major System Outage"},
	} {
		s.Set("", "API", step.component)
		simulatortest.InOrder(t, s, status(step.indicator, step.description))
	}
	s.SetIndicator("minor")
	simulatortest.InOrder(t, s, status("minor", "Set by hand"))
}
