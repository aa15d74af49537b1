package dialog360_test

import (
	"testing"
	"time"

	"whatsapp_sla_exporter/internal/simulator/dialog360"
	"whatsapp_sla_exporter/internal/simulator/simulatortest"
)

func noon() time.Time { return time.Date(2026, 3, 2, 12, 0, 0, 0, time.UTC) }

func partner(o dialog360.Options) *dialog360.Server {
	o.PartnerID, o.PartnerKey = "AcmePA", "partner"
	if o.Now == nil {
		o.Now = noon
	}
	s := dialog360.New(o)
	s.Set(dialog360.Channel{ID: "ch1", Status: "ready", HubStatus: "running", Quality: "High", Limit: "TIER_10K", Number: "34600112233", Name: "Acme", WABAID: "9001", WABAStatus: "approved"})
	s.Set(dialog360.Channel{ID: "ch2", Status: "cancelled", HubStatus: "cancelled", Number: "34600112244", Name: "Old", WABAID: "9002", Cancelled: true})
	return s
}

const (
	channel1 = `{"id":"ch1","status":"ready","hub_status":"running","availability_status":"available","cancelled_at":null,
		"is_on_biz_app":false,"current_quality_rating":"High","current_limit":"TIER_10K",
		"setup_info":{"phone_number":"34600112233","phone_name":"Acme"},
		"waba_account":{"id":"wach1","external_id":"9001","name":"Acme","status":"approved","on_behalf_of_business_info":{"name":"Acme"}},
		"client_id":"clch1"}`
	channel2 = `{"id":"ch2","status":"cancelled","hub_status":"cancelled","availability_status":"available","cancelled_at":"2026-03-31T22:00:00Z",
		"is_on_biz_app":false,"current_quality_rating":null,"current_limit":null,
		"setup_info":{"phone_number":"34600112244","phone_name":"Old"},
		"waba_account":{"id":"wach2","external_id":"9002","name":"Old","status":"","on_behalf_of_business_info":{"name":"Old"}},
		"client_id":"clch2"}`

	unauthorized = `{"meta":{"success":false,"http_code":401,"developer_message":"Unauthorized"}}`
	wrong        = `{"meta":{"success":false,"http_code":400,"developer_message":"Wrong payload"}}`
	throttled    = `{"meta":{"success":false,"http_code":429,"developer_message":"Rate limit exceeded"}}`
)

func TestRequestsByHandOfAPartner(t *testing.T) {
	simulatortest.Run(t, partner(dialog360.Options{}), map[string]simulatortest.Exchange{
		"without a key": {
			Request: "GET /partners/AcmePA/channels", Status: 401, Answer: unauthorized,
		},
		"a number's key": {
			Request: "GET /partners/AcmePA/channels\nD360-API-KEY: partner", Status: 401, Answer: unauthorized,
		},
		"another partner": {
			Request: "GET /partners/OtherPA/channels\nx-api-key: partner", Status: 403,
			Answer: `{"meta":{"success":false,"http_code":403,"developer_message":"Forbidden"}}`,
		},
		"all channels, those that were cancelled too": {
			Request: "GET /partners/AcmePA/channels\nx-api-key: partner", Status: 200,
			Answer: `{"partner_channels":[` + channel1 + `,` + channel2 + `],"total":2,"count":2,"limit":20,"offset":0}`,
		},
		"a page": {
			Request: "GET /partners/AcmePA/channels?limit=1&offset=1\nx-api-key: partner", Status: 200,
			Answer: `{"partner_channels":[` + channel2 + `],"total":2,"count":1,"limit":1,"offset":1}`,
		},
		"behind the last page": {
			Request: "GET /partners/AcmePA/channels?limit=1&offset=7\nx-api-key: partner", Status: 200,
			Answer: `{"partner_channels":[],"total":2,"count":0,"limit":1,"offset":7}`,
		},
		"one channel": {
			Request: "GET /partners/AcmePA/channels?filters=%7B%22id%22%3A%22ch2%22%7D\nx-api-key: partner", Status: 200,
			Answer: `{"partner_channels":[` + channel2 + `],"total":1,"count":1,"limit":20,"offset":0}`,
		},
		"a channel that is not there": {
			Request: "GET /partners/AcmePA/channels?filters=%7B%22id%22%3A%22ch9%22%7D\nx-api-key: partner", Status: 200,
			Answer: `{"partner_channels":[],"total":0,"count":0,"limit":20,"offset":0}`,
		},
		"a filter that is no JSON": {
			Request: "GET /partners/AcmePA/channels?filters=ch2\nx-api-key: partner", Status: 400, Answer: wrong,
		},
		"a filter by what is no field": {
			Request: "GET /partners/AcmePA/channels?filters=%7B%22mood%22%3A%22x%22%7D\nx-api-key: partner", Status: 400, Answer: wrong,
		},
		"no channels at once": {
			Request: "GET /partners/AcmePA/channels?limit=0\nx-api-key: partner", Status: 400, Answer: wrong,
		},
		"an offset before the first": {
			Request: "GET /partners/AcmePA/channels?offset=-1\nx-api-key: partner", Status: 400, Answer: wrong,
		},
		"an offset that is no number": {
			Request: "GET /partners/AcmePA/channels?offset=ch1\nx-api-key: partner", Status: 400, Answer: wrong,
		},
		"a path that is not there": {
			Request: "GET /partners/AcmePA/moods\nx-api-key: partner", Status: 404,
			Answer: `{"meta":{"success":false,"http_code":404,"developer_message":"Not found"}}`,
		},
	})
}

func TestAPageHasAtMostSoManyChannels(t *testing.T) {
	simulatortest.InOrder(t, partner(dialog360.Options{MaxPage: 1}), simulatortest.Exchange{
		Request: "GET /partners/AcmePA/channels?limit=100\nx-api-key: partner", Status: 200,
		Answer: `{"partner_channels":[` + channel1 + `],"total":2,"count":1,"limit":100,"offset":0}`,
	})
}

func TestFiveRequestsInThirtySeconds(t *testing.T) {
	now := noon()
	s := partner(dialog360.Options{Limit: 5, Now: func() time.Time { return now }})
	ask := func() int {
		return simulatortest.Ask(s, "GET /partners/AcmePA/channels\nx-api-key: partner").Code
	}
	for n := range 5 {
		if got := ask(); got != 200 {
			t.Fatalf("request %d: %d", n+1, got)
		}
	}
	simulatortest.InOrder(t, s, simulatortest.Exchange{
		Request: "GET /partners/AcmePA/channels\nx-api-key: partner", Status: 429, Answer: throttled,
	})
	now = now.Add(30 * time.Second)
	if got := ask(); got != 200 {
		t.Errorf("after 30 s: %d", got)
	}
}

func TestRequestsByHandOfANumber(t *testing.T) {
	s := partner(dialog360.Options{})
	s.SetHealth("well",
		dialog360.Entity{Type: "PHONE_NUMBER", ID: "5001", CanSend: "AVAILABLE", SIP: "AVAILABLE"},
		dialog360.Entity{Type: "WABA", ID: "9001", CanSend: "AVAILABLE"})
	s.SetHealth("unpaid",
		dialog360.Entity{Type: "PHONE_NUMBER", ID: "5002", CanSend: "LIMITED"},
		dialog360.Entity{Type: "WABA", ID: "9002", CanSend: "BLOCKED", Errors: []int{141006}})
	s.SetHealth("no calls", dialog360.Entity{Type: "PHONE_NUMBER", ID: "5003", CanSend: "AVAILABLE", SIP: "BLOCKED"})
	simulatortest.Run(t, s, map[string]simulatortest.Exchange{
		"without a key": {
			Request: "GET /health_status", Status: 401,
			Answer: `{"meta":{"success":false,"http_code":401,"developer_message":"Invalid api key"}}`,
		},
		"a partner's key": {
			Request: "GET /health_status\nx-api-key: partner", Status: 401,
			Answer: `{"meta":{"success":false,"http_code":401,"developer_message":"Invalid api key"}}`,
		},
		"all is well": {
			Request: "GET /health_status\nD360-API-KEY: well", Status: 200,
			Answer: `{"health_status":{"can_send_message":"AVAILABLE","entities":[
				{"entity_type":"PHONE_NUMBER","id":"5001","can_send_message":"AVAILABLE","can_receive_call_sip":"AVAILABLE"},
				{"entity_type":"WABA","id":"9001","can_send_message":"AVAILABLE"}]}}`,
		},
		"limited, and blocked by an error": {
			Request: "GET /health_status\nD360-API-KEY: unpaid", Status: 200,
			Answer: `{"health_status":{"can_send_message":"BLOCKED","entities":[
				{"entity_type":"PHONE_NUMBER","id":"5002","can_send_message":"LIMITED","additional_info":["The display name has not been approved yet."]},
				{"entity_type":"WABA","id":"9002","can_send_message":"BLOCKED",
				 "errors":[{"error_code":141006,"error_description":"An error.","possible_solution":"A solution."}]}]}}`,
		},
		"calls are off, and the whole is blocked though messages are not": {
			Request: "GET /health_status\nD360-API-KEY: no calls", Status: 200,
			Answer: `{"health_status":{"can_send_message":"BLOCKED","entities":[
				{"entity_type":"PHONE_NUMBER","id":"5003","can_send_message":"AVAILABLE","can_receive_call_sip":"BLOCKED"}]}}`,
		},
	})
}
