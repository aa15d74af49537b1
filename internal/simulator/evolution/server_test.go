package evolution_test

import (
	"testing"
	"time"

	"whatsapp_sla_exporter/internal/simulator/evolution"
	"whatsapp_sla_exporter/internal/simulator/simulatortest"
)

func noon() time.Time { return time.Date(2026, 3, 2, 12, 0, 0, 0, time.UTC) }

// gateway has an instance that is connected, one that nobody linked, and one that is not loaded.
func gateway() *evolution.Server {
	s := evolution.New("global", noon)
	s.Create("acme", "own")
	s.Open("acme", "34600112233", "Acme")
	s.Create("new", "its")
	s.Create("cold", "off")
	s.SetLive("cold", "")
	return s
}

const (
	acme = `{"id":"00000000-0000-4000-8000-000000000001","name":"acme","connectionStatus":"open","ownerJid":"34600112233@s.whatsapp.net",
		"profileName":"Acme","integration":"WHATSAPP-BAILEYS","number":null,"token":"own","disconnectionReasonCode":null,"disconnectionAt":null}`
	unlinked = `{"id":"00000000-0000-4000-8000-000000000002","name":"new","connectionStatus":"close","ownerJid":null,
		"profileName":null,"integration":"WHATSAPP-BAILEYS","number":null,"token":"its","disconnectionReasonCode":null,"disconnectionAt":null}`
	cold = `{"id":"00000000-0000-4000-8000-000000000003","name":"cold","connectionStatus":"close","ownerJid":null,
		"profileName":null,"integration":"WHATSAPP-BAILEYS","number":null,"token":"off","disconnectionReasonCode":null,"disconnectionAt":null}`

	unauthorized = `{"status":401,"error":"Unauthorized","response":{"message":"Unauthorized"}}`
)

func TestRequestsByHandForTheLiveState(t *testing.T) {
	simulatortest.Run(t, gateway(), map[string]simulatortest.Exchange{
		"with the global key": {
			Request: "GET /instance/connectionState/acme\napikey: global", Status: 200,
			Answer: `{"instance":{"instanceName":"acme","state":"open"}}`,
		},
		"with the instance's own key": {
			Request: "GET /instance/connectionState/acme\napikey: own", Status: 200,
			Answer: `{"instance":{"instanceName":"acme","state":"open"}}`,
		},
		"with another instance's key": {
			Request: "GET /instance/connectionState/acme\napikey: its", Status: 401, Answer: unauthorized,
		},
		"without a key": {
			Request: "GET /instance/connectionState/acme", Status: 401, Answer: unauthorized,
		},
		"with the key as a bearer's": {
			Request: "GET /instance/connectionState/acme\nAuthorization: Bearer global", Status: 401, Answer: unauthorized,
		},
		"of an instance that is not there, which is said before the key is looked at": {
			Request: "GET /instance/connectionState/other", Status: 404,
			Answer: `{"status":404,"error":"Not Found","response":{"message":["The \"other\" instance does not exist"]}}`,
		},
		"of one that is not loaded": {
			Request: "GET /instance/connectionState/cold\napikey: global", Status: 200,
			Answer: `{"instance":{"instanceName":"cold"}}`,
		},
		"of none": {
			Request: "GET /instance/connectionState\napikey: global", Status: 404,
			Answer: `{"status":404,"error":"Not Found","response":{"message":["Cannot GET /instance/connectionState"]}}`,
		},
		"of a path that is not there": {
			Request: "GET /instance/mood?x=1\napikey: global", Status: 404,
			Answer: `{"status":404,"error":"Not Found","response":{"message":["Cannot GET /instance/mood?x=1"]}}`,
		},
	})
}

func TestRequestsByHandForTheRecord(t *testing.T) {
	simulatortest.Run(t, gateway(), map[string]simulatortest.Exchange{
		"of all": {
			Request: "GET /instance/fetchInstances\napikey: global", Status: 200,
			Answer: `[` + acme + `,` + unlinked + `,` + cold + `]`,
		},
		"by name": {
			Request: "GET /instance/fetchInstances?instanceName=new\napikey: global", Status: 200,
			Answer: `[` + unlinked + `]`,
		},
		"by id": {
			Request: "GET /instance/fetchInstances?instanceId=00000000-0000-4000-8000-000000000001\napikey: global", Status: 200,
			Answer: `[` + acme + `]`,
		},
		"by a number that none was created with": {
			Request: "GET /instance/fetchInstances?number=34600112233\napikey: global", Status: 404,
			Answer: `{"status":404,"error":"Not Found","response":{"message":["Instance \"34600112233\" not found"]}}`,
		},
		"by a name that is not there": {
			Request: "GET /instance/fetchInstances?instanceName=other\napikey: global", Status: 404,
			Answer: `{"status":404,"error":"Not Found","response":{"message":["Instance \"other\" not found"]}}`,
		},
		"of one that is not loaded": {
			Request: "GET /instance/fetchInstances?instanceName=cold\napikey: global", Status: 404,
			Answer: `{"status":404,"error":"Not Found","response":{"message":["Instance \"cold\" not found"]}}`,
		},
		"of one that is not loaded, with its key": {
			Request: "GET /instance/fetchInstances\napikey: off", Status: 404,
			Answer: `{"status":404,"error":"Not Found","response":{"message":["Instance \"cold\" not found"]}}`,
		},
		"with an instance's own key, without a name": {
			Request: "GET /instance/fetchInstances\napikey: own", Status: 200,
			Answer: `[` + acme + `]`,
		},
		"with an instance's own key, by another's name": {
			Request: "GET /instance/fetchInstances?instanceName=new\napikey: own", Status: 401, Answer: unauthorized,
		},
		"without a key": {
			Request: "GET /instance/fetchInstances?instanceName=acme", Status: 401, Answer: unauthorized,
		},
		"with a key that is none": {
			Request: "GET /instance/fetchInstances\napikey: other", Status: 401, Answer: unauthorized,
		},
	})
}

// The live state and the record say different things at different times.
func TestTheLifeOfAConnection(t *testing.T) {
	s := evolution.New("global", noon)
	simulatortest.InOrder(t, s, simulatortest.Exchange{
		Request: "GET /instance/fetchInstances\napikey: global", Status: 200, Answer: `[]`,
	})
	s.Create("acme", "own")
	for _, step := range []struct {
		name           string
		change         func()
		live, recorded string
		reason         string
	}{
		{"created", func() {}, "close", "close", `null,"disconnectionAt":null`},
		{"shows a QR code", func() { s.ShowQR("acme") }, "connecting", "connecting", `null,"disconnectionAt":null`},
		{"nobody scans it", func() { s.GiveUpQR("acme") }, "close", "connecting", `null,"disconnectionAt":null`},
		{"reconnects", func() { s.Reconnect("acme") }, "connecting", "connecting", `null,"disconnectionAt":null`},
		{"logged out", func() { s.Close("acme", 401) }, "close", "close", `401,"disconnectionAt":"2026-03-02T12:00:00.000Z"`},
	} {
		t.Run(step.name, func(t *testing.T) {
			step.change()
			simulatortest.InOrder(t, s, simulatortest.Exchange{
				Request: "GET /instance/connectionState/acme\napikey: own", Status: 200,
				Answer: `{"instance":{"instanceName":"acme","state":"` + step.live + `"}}`,
			}, simulatortest.Exchange{
				Request: "GET /instance/fetchInstances?instanceName=acme\napikey: own", Status: 200,
				Answer: `[{"id":"00000000-0000-4000-8000-000000000001","name":"acme","connectionStatus":"` + step.recorded + `","ownerJid":null,
					"profileName":null,"integration":"WHATSAPP-BAILEYS","number":null,"token":"own","disconnectionReasonCode":` + step.reason + `}]`,
			})
		})
	}
}
