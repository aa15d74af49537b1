package botmaker_test

import (
	"testing"
	"time"

	"whatsapp_sla_exporter/internal/simulator/botmaker"
	"whatsapp_sla_exporter/internal/simulator/fault"
	"whatsapp_sla_exporter/internal/simulator/simulatortest"
)

func now() time.Time { return time.Date(2026, 3, 2, 12, 0, 0, 0, time.UTC) }

// account has three channels of WhatsApp, of which the second is off, and one of Telegram. It gives two at once.
func account() *botmaker.Server {
	s := botmaker.New("jwt", 2, now)
	s.Set(botmaker.Channel{ID: "a", Platform: "whatsapp", Name: "Support", Number: "34600112233", Active: true})
	s.Set(botmaker.Channel{ID: "b", Platform: "whatsapp", Name: "Sales", Number: "34600112244"})
	s.Set(botmaker.Channel{ID: "t", Platform: "telegram", Name: "Bot", Active: true})
	s.Set(botmaker.Channel{ID: "c", Platform: "whatsapp", Name: "Shop", Number: "34600112255", Active: true})
	return s
}

const (
	channelA = `{"id":"a","platform":"whatsapp","active":true,"name":"Support","number":"34600112233","webhookId":"wh-a"}`
	channelB = `{"id":"b","platform":"whatsapp","active":false,"name":"Sales","number":"34600112244","webhookId":"wh-b"}`
	channelC = `{"id":"c","platform":"whatsapp","active":true,"name":"Shop","number":"34600112255","webhookId":"wh-c"}`
	channelT = `{"id":"t","platform":"telegram","active":true,"name":"Bot","number":"","webhookId":"wh-t"}`

	unauthorized = `{"error":{"code":401,"message":"Invalid access token"}}`
)

func TestRequestsByHand(t *testing.T) {
	simulatortest.Run(t, account(), map[string]simulatortest.Exchange{
		"without a token": {
			Request: "GET /v2.0/channels", Status: 401, Answer: unauthorized,
		},
		"another's token": {
			Request: "GET /v2.0/channels\naccess-token: other", Status: 401, Answer: unauthorized,
		},
		"the token where other APIs have theirs": {
			Request: "GET /v2.0/channels\nAuthorization: Bearer jwt", Status: 401, Answer: unauthorized,
		},
		"all channels, of all platforms, a page at a time": {
			Request: "GET /v2.0/channels\naccess-token: jwt", Status: 200,
			Answer: `{"items":[` + channelA + `,` + channelB + `],"nextPage":"https://api.botmaker.com/v2.0/channels?page-token=ZnJvbToy"}`,
		},
		"the page behind": {
			Request: "GET /v2.0/channels?page-token=ZnJvbToy\naccess-token: jwt", Status: 200,
			Answer: `{"items":[` + channelT + `,` + channelC + `]}`,
		},
		"those of WhatsApp that are on": {
			Request: "GET /v2.0/channels?active=true&platform=whatsapp\naccess-token: jwt", Status: 200,
			Answer: `{"items":[` + channelA + `,` + channelC + `]}`,
		},
		"those that are off": {
			Request: "GET /v2.0/channels?active=false\naccess-token: jwt", Status: 200,
			Answer: `{"items":[` + channelB + `]}`,
		},
		"those of a platform that has none": {
			Request: "GET /v2.0/channels?platform=instagram\naccess-token: jwt", Status: 200,
			Answer: `{"items":[]}`,
		},
		"a filter that is no boolean": {
			Request: "GET /v2.0/channels?active=yes\naccess-token: jwt", Status: 400,
			Answer: `{"error":{"code":400,"message":"active must be a boolean"}}`,
		},
		"a page token that nobody gave": {
			Request: "GET /v2.0/channels?page-token=Mg\naccess-token: jwt", Status: 400,
			Answer: `{"error":{"code":400,"message":"Invalid page token"}}`,
		},
		"an old version": {
			Request: "GET /v1.0/channels\naccess-token: jwt", Status: 404,
			Answer: `{"error":{"code":404,"message":"Not found"}}`,
		},
		"quality, of which the API knows nothing": {
			Request: "GET /v2.0/channels/a/quality\naccess-token: jwt", Status: 404,
			Answer: `{"error":{"code":404,"message":"Not found"}}`,
		},
		"a change": {
			Request: "POST /v2.0/channels\naccess-token: jwt", Status: 404,
			Answer: `{"error":{"code":404,"message":"Not found"}}`,
		},
	})
}

// The address of the next page asks for what this one asked for.
func TestNextPageKeepsTheFilters(t *testing.T) {
	s := account()
	s.Set(botmaker.Channel{ID: "d", Platform: "whatsapp", Name: "New", Active: true})
	simulatortest.InOrder(t, s, simulatortest.Exchange{
		Request: "GET /v2.0/channels?active=true&platform=whatsapp\naccess-token: jwt", Status: 200,
		Answer: `{"items":[` + channelA + `,` + channelC + `],"nextPage":"https://api.botmaker.com/v2.0/channels?active=true&page-token=ZnJvbToy&platform=whatsapp"}`,
	}, simulatortest.Exchange{
		Request: "GET /v2.0/channels?active=true&page-token=ZnJvbToy&platform=whatsapp\naccess-token: jwt", Status: 200,
		Answer: `{"items":[{"id":"d","platform":"whatsapp","active":true,"name":"New","number":"","webhookId":"wh-d"}]}`,
	})
}

func TestATokenThatExpires(t *testing.T) {
	s := account()
	s.Fail(fault.Fault{Kind: fault.Unauthorized})
	simulatortest.InOrder(t, s, simulatortest.Exchange{
		Request: "GET /v2.0/channels\naccess-token: jwt", Status: 401, Answer: unauthorized,
	})
}
