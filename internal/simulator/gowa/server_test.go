package gowa_test

import (
	"testing"
	"time"

	"whatsapp_sla_exporter/internal/simulator/gowa"
	"whatsapp_sla_exporter/internal/simulator/simulatortest"
)

func noon() time.Time { return time.Date(2026, 3, 2, 12, 0, 0, 0, time.UTC) }

// login is user:secret.
const login = "\nAuthorization: Basic dXNlcjpzZWNyZXQ="

var (
	linked   = gowa.Device{ID: "shop", Number: "34600112233", DisplayName: "Acme", Connected: true, LoggedIn: true}
	scanning = gowa.Device{ID: "new one", Connected: true}
	off      = gowa.Device{ID: "old", Number: "34600112244"}
)

func gateway(devices ...gowa.Device) *gowa.Server {
	s := gowa.New("user", "secret", noon)
	for _, d := range devices {
		s.Set(d)
	}
	return s
}

const (
	shop   = `{"id":"shop","state":"logged_in","created_at":"2026-03-02T12:00:00Z","phone_number":"34600112233","display_name":"Acme","jid":"34600112233@s.whatsapp.net"}`
	newOne = `{"id":"new one","state":"connected","created_at":"2026-03-02T12:00:00Z"}`
	old    = `{"id":"old","state":"disconnected","created_at":"2026-03-02T12:00:00Z","phone_number":"34600112244","jid":"34600112244@s.whatsapp.net"}`

	idRequired = `{"status":400,"code":"DEVICE_ID_REQUIRED","message":"device_id is required via X-Device-Id header or device_id query","results":null}`
)

func notFound(id string) string {
	return `{"status":404,"code":"DEVICE_NOT_FOUND","message":"device not found; create a device first from /api/devices or provide a valid X-Device-Id","results":{"device_id":"` + id + `"}}`
}

func status(id, connected, loggedIn, jid string) string {
	return `{"status":200,"code":"SUCCESS","message":"Connection status retrieved","results":{"device_id":"` + id +
		`","is_connected":` + connected + `,"is_logged_in":` + loggedIn + `,"jid":"` + jid + `"}}`
}

func TestRequestsByHand(t *testing.T) {
	simulatortest.Run(t, gateway(linked, scanning, off), map[string]simulatortest.Exchange{
		"without a login": {
			Request: "GET /devices", Status: 401, Answer: "Unauthorized",
		},
		"with a wrong login": {
			Request: "GET /app/status\nAuthorization: Basic dXNlcjp3cm9uZw==", Status: 401, Answer: "Unauthorized",
		},
		"with a bearer's token": {
			Request: "GET /app/status\nAuthorization: Bearer secret", Status: 401, Answer: "Unauthorized",
		},
		"health, which is public": {
			Request: "GET /health", Status: 200, Answer: "OK",
		},
		"all devices": {
			Request: "GET /devices" + login, Status: 200,
			Answer: `{"status":200,"code":"SUCCESS","message":"List devices","results":[` + shop + `,` + newOne + `,` + old + `]}`,
		},
		"a device": {
			Request: "GET /devices/shop" + login, Status: 200,
			Answer: `{"status":200,"code":"SUCCESS","message":"Device info","results":` + shop + `}`,
		},
		"the status of a device": {
			Request: "GET /devices/old/status" + login, Status: 200,
			Answer: `{"status":200,"code":"SUCCESS","message":"Device status","results":{"device_id":"old","is_connected":false,"is_logged_in":false}}`,
		},
		"a device that is not there, which is an error of the server": {
			Request: "GET /devices/other" + login, Status: 500,
			Answer: `{"status":500,"code":"INTERNAL_SERVER_ERROR","message":"device other not found","results":null}`,
		},
		"by the header": {
			Request: "GET /app/status" + login + "\nX-Device-Id: shop", Status: 200,
			Answer: status("shop", "true", "true", "34600112233@s.whatsapp.net"),
		},
		"by the header, encoded": {
			Request: "GET /app/status" + login + "\nX-Device-Id: new%20one", Status: 200,
			Answer: status("new one", "true", "false", ""),
		},
		"by the parameter": {
			Request: "GET /app/status?device_id=old" + login, Status: 200,
			Answer: status("old", "false", "false", "34600112244@s.whatsapp.net"),
		},
		"by the account": {
			Request: "GET /app/status" + login + "\nX-Device-Id: 34600112244@s.whatsapp.net", Status: 200,
			Answer: status("old", "false", "false", "34600112244@s.whatsapp.net"),
		},
		"the header goes before the parameter": {
			Request: "GET /app/status?device_id=old" + login + "\nX-Device-Id: other", Status: 404, Answer: notFound("other"),
		},
		"which of three is not said": {
			Request: "GET /app/status" + login, Status: 400, Answer: idRequired,
		},
		"a path that is not there, of no device": {
			Request: "GET /app/mood" + login, Status: 400, Answer: idRequired,
		},
		"a path that is not there, of a device": {
			Request: "GET /app/mood" + login + "\nX-Device-Id: shop", Status: 404, Answer: "Cannot GET /app/mood",
		},
	})
}

func TestTheOnlyDeviceNeedsNoName(t *testing.T) {
	simulatortest.InOrder(t, gateway(), simulatortest.Exchange{
		Request: "GET /devices" + login, Status: 200, Answer: `{"status":200,"code":"SUCCESS","message":"List devices","results":[]}`,
	}, simulatortest.Exchange{
		Request: "GET /app/status" + login, Status: 400, Answer: idRequired,
	})
	simulatortest.InOrder(t, gateway(linked), simulatortest.Exchange{
		Request: "GET /app/status" + login, Status: 200, Answer: status("shop", "true", "true", "34600112233@s.whatsapp.net"),
	})
}
