package twilio_test

import (
	"testing"
	"time"

	"whatsapp_sla_exporter/internal/simulator/fault"
	"whatsapp_sla_exporter/internal/simulator/simulatortest"
	"whatsapp_sla_exporter/internal/simulator/twilio"
)

// login is SK1:secret.
const login = "\nAuthorization: Basic U0sxOnNlY3JldA=="

func account() *twilio.Server {
	s := twilio.New(twilio.Options{User: "SK1", Password: "secret", Now: func() time.Time { return time.Date(2026, 3, 2, 12, 0, 0, 0, time.UTC) }})
	s.Set(twilio.Sender{SID: "XE1", Number: "+34600112233", Status: "ONLINE", Quality: "HIGH", Limit: "10K Customers/24hr", WABAID: "9001", Name: "Acme"})
	s.Set(twilio.Sender{SID: "XE2", Number: "+34600112244", Status: "OFFLINE", WABAID: "9001", Name: "Sales", Reasons: []string{"63020"}})
	return s
}

const (
	online = `{"sid":"XE1","sender_id":"whatsapp:+34600112233","status":"ONLINE","compliance":null,"offline_reasons":null,
		"properties":{"quality_rating":"HIGH","messaging_limit":"10K Customers/24hr"},
		"configuration":{"waba_id":"9001","verification_method":null,"verification_code":null,"voice_application_sid":null},
		"profile":{"name":"Acme","about":null,"emails":[{"email":"owner@acme.example","label":"Email"}]},
		"webhook":{"callback_url":"https://acme.example/whatsapp","callback_method":"POST"},
		"url":"https://messaging.twilio.com/v2/Channels/Senders/XE1"}`
	offline = `{"sid":"XE2","sender_id":"whatsapp:+34600112244","status":"OFFLINE","compliance":null,"properties":null,
		"offline_reasons":[{"code":"63020","message":"The sender is offline","more_info":"https://www.twilio.com/docs/errors/63020"}],
		"configuration":{"waba_id":"9001","verification_method":null,"verification_code":null,"voice_application_sid":null},
		"profile":{"name":"Sales","about":null,"emails":[{"email":"owner@acme.example","label":"Email"}]},
		"webhook":{"callback_url":"https://acme.example/whatsapp","callback_method":"POST"},
		"url":"https://messaging.twilio.com/v2/Channels/Senders/XE2"}`

	senders      = "https://messaging.twilio.com/v2/Channels/Senders"
	unauthorized = `{"code":20003,"message":"Authenticate","more_info":"https://www.twilio.com/docs/errors/20003","status":401}`
)

func wrong(message string) string {
	return `{"code":20001,"message":"` + message + `","more_info":"https://www.twilio.com/docs/errors/20001","status":400}`
}

func notFound(path string) string {
	return `{"code":20404,"message":"The requested resource ` + path + ` was not found","more_info":"https://www.twilio.com/docs/errors/20404","status":404}`
}

func TestRequestsByHand(t *testing.T) {
	simulatortest.Run(t, account(), map[string]simulatortest.Exchange{
		"without a login": {
			Request: "GET /v2/Channels/Senders?Channel=whatsapp", Status: 401, Answer: unauthorized,
		},
		"with a wrong login": {
			Request: "GET /v2/Channels/Senders?Channel=whatsapp\nAuthorization: Basic U0sxOndyb25n", Status: 401, Answer: unauthorized,
		},
		"with a bearer's token": {
			Request: "GET /v2/Channels/Senders?Channel=whatsapp\nAuthorization: Bearer secret", Status: 401, Answer: unauthorized,
		},
		"without a login, one sender": {
			Request: "GET /v2/Channels/Senders/XE1", Status: 401, Answer: unauthorized,
		},
		"without a login, what is not there": {
			Request: "GET /v2/Channels/Moods", Status: 401, Answer: unauthorized,
		},
		"all of WhatsApp's, fifty at once": {
			Request: "GET /v2/Channels/Senders?Channel=whatsapp" + login, Status: 200,
			Answer: `{"senders":[` + online + `,` + offline + `],"meta":{"page":0,"page_size":50,"key":"senders",
				"first_page_url":"` + senders + `?Channel=whatsapp&PageSize=50&Page=0","previous_page_url":null,
				"url":"` + senders + `?Channel=whatsapp&PageSize=50&Page=0","next_page_url":null}}`,
		},
		"a page": {
			Request: "GET /v2/Channels/Senders?Channel=whatsapp&PageSize=1" + login, Status: 200,
			Answer: `{"senders":[` + online + `],"meta":{"page":0,"page_size":1,"key":"senders",
				"first_page_url":"` + senders + `?Channel=whatsapp&PageSize=1&Page=0","previous_page_url":null,
				"url":"` + senders + `?Channel=whatsapp&PageSize=1&Page=0",
				"next_page_url":"` + senders + `?Channel=whatsapp&PageSize=1&Page=1&PageToken=PAXE00000001"}}`,
		},
		"the page behind": {
			Request: "GET /v2/Channels/Senders?Channel=whatsapp&PageSize=1&Page=1&PageToken=PAXE00000001" + login, Status: 200,
			Answer: `{"senders":[` + offline + `],"meta":{"page":1,"page_size":1,"key":"senders",
				"first_page_url":"` + senders + `?Channel=whatsapp&PageSize=1&Page=0","previous_page_url":null,
				"url":"` + senders + `?Channel=whatsapp&PageSize=1&Page=1","next_page_url":null}}`,
		},
		"those of another channel": {
			Request: "GET /v2/Channels/Senders?Channel=rcs&PageSize=1" + login, Status: 200,
			Answer: `{"senders":[],"meta":{"page":0,"page_size":1,"key":"senders",
				"first_page_url":"` + senders + `?Channel=rcs&PageSize=1&Page=0","previous_page_url":null,
				"url":"` + senders + `?Channel=rcs&PageSize=1&Page=0","next_page_url":null}}`,
		},
		"one": {
			Request: "GET /v2/Channels/Senders/XE2" + login, Status: 200, Answer: offline,
		},
		"one that is not there": {
			Request: "GET /v2/Channels/Senders/XE9" + login, Status: 404, Answer: notFound("/v2/Channels/Senders/XE9"),
		},
		"without a channel": {
			Request: "GET /v2/Channels/Senders" + login, Status: 400, Answer: wrong("Channel is required"),
		},
		"a page of none": {
			Request: "GET /v2/Channels/Senders?Channel=whatsapp&PageSize=0" + login, Status: 400, Answer: wrong("PageSize is invalid"),
		},
		"a page of more than a thousand": {
			Request: "GET /v2/Channels/Senders?Channel=whatsapp&PageSize=1001" + login, Status: 400, Answer: wrong("PageSize is invalid"),
		},
		"a page token that nobody gave": {
			Request: "GET /v2/Channels/Senders?Channel=whatsapp&PageToken=1" + login, Status: 400, Answer: wrong("PageToken is invalid"),
		},
		"a page token behind the last": {
			Request: "GET /v2/Channels/Senders?Channel=whatsapp&PageToken=PAXE00000002" + login, Status: 400, Answer: wrong("PageToken is invalid"),
		},
		"another version": {
			Request: "GET /v1/Channels/Senders?Channel=whatsapp" + login, Status: 404, Answer: notFound("/v1/Channels/Senders"),
		},
	})
}

func TestTooManyRequests(t *testing.T) {
	s := account()
	s.Fail(fault.Fault{Kind: fault.Throttled})
	simulatortest.InOrder(t, s, simulatortest.Exchange{
		Request: "GET /v2/Channels/Senders?Channel=whatsapp" + login, Status: 429,
		Answer: `{"code":20429,"message":"Too Many Requests","more_info":"https://www.twilio.com/docs/errors/20429","status":429}`,
	})
}
