package infobip_test

import (
	"strings"
	"testing"
	"time"

	"whatsapp_sla_exporter/internal/simulator/infobip"
	"whatsapp_sla_exporter/internal/simulator/simulatortest"
)

var noon = time.Date(2026, 3, 2, 12, 0, 0, 0, time.UTC)

func account(limit int, now func() time.Time) *infobip.Server {
	s := infobip.New("key", limit, now)
	s.Set(infobip.Sender{Number: "441134960000", Quality: "HIGH", Status: "CONNECTED", Limit: "LIMIT_10K"})
	s.Set(infobip.Sender{Number: "441134960001", Quality: "UNKNOWN", Status: "BANNED", Limit: "LIMIT_NA"})
	return s
}

const (
	sender0 = `{"sender":"441134960000","qualityRating":"HIGH","status":"CONNECTED","currentLimit":"LIMIT_10K","lastUpdated":"2026-03-02T11:59:00.000Z"}`
	sender1 = `{"sender":"441134960001","qualityRating":"UNKNOWN","status":"BANNED","currentLimit":"LIMIT_NA","lastUpdated":"2026-03-02T11:59:00.000Z"}`

	unauthorized = `{"requestError":{"serviceException":{"messageId":"UNAUTHORIZED","text":"Invalid login details"}}}`
	wrongSenders = `{"requestError":{"serviceException":{"messageId":"BAD_REQUEST","text":"senders: size must be between 1 and 100"}}}`
	notFound     = `{"requestError":{"serviceException":{"messageId":"NOT_FOUND","text":"Requested URL not found"}}}`
)

func TestRequestsByHand(t *testing.T) {
	many := func(n int) string { return strings.TrimSuffix(strings.Repeat("441134960009,", n), ",") }
	simulatortest.Run(t, account(0, func() time.Time { return noon }), map[string]simulatortest.Exchange{
		"without a key": {
			Request: "GET /whatsapp/1/senders/quality?senders=441134960000", Status: 401, Answer: unauthorized,
		},
		"another's key": {
			Request: "GET /whatsapp/1/senders/quality?senders=441134960000\nAuthorization: App other", Status: 401, Answer: unauthorized,
		},
		"the key as a bearer's": {
			Request: "GET /whatsapp/1/senders/quality?senders=441134960000\nAuthorization: Bearer key", Status: 401, Answer: unauthorized,
		},
		"one sender": {
			Request: "GET /whatsapp/1/senders/quality?senders=441134960000\nAuthorization: App key", Status: 200,
			Answer: `{"results":[` + sender0 + `]}`,
		},
		"two, with a comma": {
			Request: "GET /whatsapp/1/senders/quality?senders=441134960001,441134960000\nAuthorization: App key", Status: 200,
			Answer: `{"results":[` + sender0 + `,` + sender1 + `]}`,
		},
		"two, as two parameters": {
			Request: "GET /whatsapp/1/senders/quality?senders=441134960001&senders=441134960000\nAuthorization: App key", Status: 200,
			Answer: `{"results":[` + sender0 + `,` + sender1 + `]}`,
		},
		"one that is another account's is left out": {
			Request: "GET /whatsapp/1/senders/quality?senders=441134960001,441134960009\nAuthorization: App key", Status: 200,
			Answer: `{"results":[` + sender1 + `]}`,
		},
		"a number as people write it is no sender's": {
			Request: "GET /whatsapp/1/senders/quality?senders=%2B441134960000\nAuthorization: App key", Status: 200,
			Answer: `{"results":[]}`,
		},
		"no senders": {
			Request: "GET /whatsapp/1/senders/quality\nAuthorization: App key", Status: 400, Answer: wrongSenders,
		},
		"a hundred": {
			Request: "GET /whatsapp/1/senders/quality?senders=" + many(100) + "\nAuthorization: App key", Status: 200,
			Answer: `{"results":[]}`,
		},
		"a hundred and one": {
			Request: "GET /whatsapp/1/senders/quality?senders=" + many(101) + "\nAuthorization: App key", Status: 400, Answer: wrongSenders,
		},
		"a list of senders, which the API has not": {
			Request: "GET /whatsapp/1/senders\nAuthorization: App key", Status: 404, Answer: notFound,
		},
		"another version": {
			Request: "GET /whatsapp/2/senders/quality?senders=441134960000\nAuthorization: App key", Status: 404, Answer: notFound,
		},
	})
}

func TestTenRequestsASecond(t *testing.T) {
	now := noon
	s := account(10, func() time.Time { return now })
	const request = "GET /whatsapp/1/senders/quality?senders=441134960000\nAuthorization: App key"
	for n := range 10 {
		if got := simulatortest.Ask(s, request).Code; got != 200 {
			t.Fatalf("request %d: %d", n+1, got)
		}
	}
	simulatortest.InOrder(t, s, simulatortest.Exchange{
		Request: request, Status: 429,
		Answer: `{"requestError":{"serviceException":{"messageId":"TOO_MANY_REQUESTS","text":"Too many requests"}}}`,
	})
	now = now.Add(time.Second)
	if got := simulatortest.Ask(s, request).Code; got != 200 {
		t.Errorf("a second later: %d", got)
	}
}

func TestASenderThatIsDeletedIsNotAnsweredFor(t *testing.T) {
	s := account(0, func() time.Time { return noon })
	s.Delete("441134960000")
	simulatortest.InOrder(t, s, simulatortest.Exchange{
		Request: "GET /whatsapp/1/senders/quality?senders=441134960000,441134960001\nAuthorization: App key", Status: 200,
		Answer: `{"results":[` + sender1 + `]}`,
	})
}
