package waha_test

import (
	"testing"
	"time"

	"whatsapp_sla_exporter/internal/simulator/simulatortest"
	"whatsapp_sla_exporter/internal/simulator/waha"
)

func gateway() *waha.Server {
	s := waha.New("key", func() time.Time { return time.Date(2026, 3, 2, 12, 0, 0, 0, time.UTC) })
	s.Set(waha.Session{Name: "sales", Status: waha.ScanQR})
	s.Set(waha.Session{Name: "default", Status: waha.Working, Number: "34600112233", PushName: "Acme"})
	s.Set(waha.Session{Name: "old", Status: waha.Stopped, Number: "34600112244", PushName: "Old"})
	return s
}

// row is a session in the list, without the brace that ends it.
func row(name, status, me string) string {
	return `{"name":"` + name + `","status":"` + status + `","config":{},"assignedWorker":"worker-1","me":` + me
}

const (
	me           = `{"id":"34600112233@c.us","pushName":"Acme"}`
	engine       = `,"engine":{"engine":"NOWEB"}}`
	unauthorized = `{"message":"Unauthorized","statusCode":401}`
)

func TestRequestsByHand(t *testing.T) {
	simulatortest.Run(t, gateway(), map[string]simulatortest.Exchange{
		"without a key": {
			Request: "GET /api/sessions/default", Status: 401, Answer: unauthorized,
		},
		"with a wrong key": {
			Request: "GET /api/sessions\nX-Api-Key: other", Status: 401, Answer: unauthorized,
		},
		"with the key as a bearer's": {
			Request: "GET /api/sessions\nAuthorization: Bearer key", Status: 401, Answer: unauthorized,
		},
		"ping, which needs none": {
			Request: "GET /ping", Status: 200, Answer: `{"message":"pong"}`,
		},
		"the sessions that run": {
			Request: "GET /api/sessions\nX-Api-Key: key", Status: 200,
			Answer: `[` + row("default", "WORKING", me) + `},` + row("sales", "SCAN_QR_CODE", "null") + `}]`,
		},
		"all sessions, and a parameter that nobody knows": {
			Request: "GET /api/sessions?all=true&mood=x\nX-Api-Key: key", Status: 200,
			Answer: `[` + row("default", "WORKING", me) + `},` + row("old", "STOPPED", "null") + `},` + row("sales", "SCAN_QR_CODE", "null") + `}]`,
		},
		"all, as what is no boolean": {
			Request: "GET /api/sessions?all=yes\nX-Api-Key: key", Status: 400,
			Answer: `{"message":["all must be a boolean value"],"error":"Bad Request","statusCode":400}`,
		},
		"one that works": {
			Request: "GET /api/sessions/default\nX-Api-Key: key", Status: 200, Answer: row("default", "WORKING", me) + engine,
		},
		"one that is stopped": {
			Request: "GET /api/sessions/old\nX-Api-Key: key", Status: 200, Answer: row("old", "STOPPED", "null") + engine,
		},
		"one that is not there": {
			Request: "GET /api/sessions/other\nX-Api-Key: key", Status: 404,
			Answer: `{"message":"Session not found","error":"Not Found","statusCode":404}`,
		},
		"a path that is not there": {
			Request: "GET /api/moods?x=1\nX-Api-Key: key", Status: 404,
			Answer: `{"message":"Cannot GET /api/moods?x=1","error":"Not Found","statusCode":404}`,
		},
	})
}

func TestTheStatesOfASession(t *testing.T) {
	s := gateway()
	for _, status := range []string{waha.Starting, waha.ScanQR, waha.Failed, waha.Stopped} {
		s.SetStatus("default", status)
		simulatortest.InOrder(t, s, simulatortest.Exchange{
			Request: "GET /api/sessions/default\nX-Api-Key: key", Status: 200, Answer: row("default", status, "null") + engine,
		})
	}
}

func TestWhatIsNotThereHasNoState(t *testing.T) {
	s := gateway()
	for _, name := range []string{"default", "sales", "old"} {
		s.Delete(name)
		s.SetStatus(name, waha.Working)
	}
	simulatortest.InOrder(t, s, simulatortest.Exchange{
		Request: "GET /api/sessions?all=true\nX-Api-Key: key", Status: 200, Answer: `[]`,
	})
}
