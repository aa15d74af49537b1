package metastatus_test

import (
	"testing"
	"time"

	"whatsapp_sla_exporter/internal/simulator/metastatus"
	"whatsapp_sla_exporter/internal/simulator/simulatortest"
)

const missing = "<!doctype html><title>Meta Status</title>"

func TestRequestsByHand(t *testing.T) {
	now := time.Date(2026, 3, 2, 12, 0, 0, 0, time.UTC)
	s := metastatus.New(func() time.Time { return now })
	s.Remove("graph-api")
	now = now.Add(time.Hour)
	s.Set(metastatus.WhatsApp, "Cloud API", "Medium disruptions")
	s.Set("facebook-login", "Facebook Login", "Resolved")
	simulatortest.Run(t, s, map[string]simulatortest.Exchange{
		"the products and their services, for which nobody needs a login": {
			Request: "GET /data/orgs.json", Status: 200,
			Answer: `[
				{"id":"whatsapp-business-api","name":"WhatsApp Business Platform","rss_file_paths":["outage-events-feed-whatsapp-business-api.rss"],"services":[
					{"id":1,"name":"Cloud API","status":"Medium disruptions","time":"2026-03-02T13:00:00Z"},
					{"id":2,"name":"Cloud API Calling","status":"No known issues","time":"2026-03-02T12:00:00Z"},
					{"id":3,"name":"Embedded Signup","status":"No known issues","time":"2026-03-02T12:00:00Z"},
					{"id":4,"name":"Flows","status":"No known issues","time":"2026-03-02T12:00:00Z"},
					{"id":5,"name":"Marketing Messages API","status":"No known issues","time":"2026-03-02T12:00:00Z"},
					{"id":6,"name":"WhatsApp Business Account Management","status":"No known issues","time":"2026-03-02T12:00:00Z"}]},
				{"id":"facebook-login","name":"facebook-login","rss_file_paths":["outage-events-feed-facebook-login.rss"],"services":[
					{"id":1,"name":"Facebook Login","status":"Resolved","time":"2026-03-02T13:00:00Z"}]}]`,
		},
		"the page itself, which is no JSON": {
			Request: "GET /", Status: 404, Answer: missing,
		},
		"a file that is not there": {
			Request: "GET /data/orgs", Status: 404, Answer: missing,
		},
		"a change": {
			Request: "POST /data/orgs.json", Status: 404, Answer: missing,
		},
	})
}

func TestAPageWithoutProductsIsAnEmptyList(t *testing.T) {
	s := metastatus.New(func() time.Time { return time.Date(2026, 3, 2, 12, 0, 0, 0, time.UTC) })
	s.Remove("graph-api")
	s.Remove(metastatus.WhatsApp)
	simulatortest.InOrder(t, s, simulatortest.Exchange{Request: "GET /data/orgs.json", Status: 200, Answer: `[]`})
}
