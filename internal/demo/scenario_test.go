package demo

import (
	"net/http"
	"net/http/httptest"
	"strings"
	"testing"
	"time"
)

// ask asks a simulator as somebody with its credentials does.
func (d *Demo) ask(name, path string) (status int, body string) {
	r := httptest.NewRequest(http.MethodGet, path, http.NoBody)
	for header, value := range map[string]string{
		"x-api-key":        map[string]string{"dialog360": partnerKey, "waha": wahaKey}[name],
		"Authorization":    map[string]string{"infobip": "App " + infobipKey}[name],
		"access-token":     botmakerToken,
		"apikey":           evolutionKey,
		"api_access_token": chatwootToken,
	} {
		r.Header.Set(header, value)
	}
	switch name {
	case "twilio":
		r.SetBasicAuth(twilioUser, twilioSecret)
	case "gowa":
		r.SetBasicAuth(gowaUser, gowaPassword)
	}
	w := httptest.NewRecorder()
	d.world.between(d.world.handlers()[name]).ServeHTTP(w, r)
	return w.Code, w.Body.String()
}

func TestSomethingHappensToEverything(t *testing.T) {
	const (
		channels = "/partners/" + partnerID + "/channels"
		senders  = "/v2/Channels/Senders?Channel=whatsapp"
		quality  = "/whatsapp/1/senders/quality?senders=" + clinicNumber
		summary  = "/api/v2/summary.json"
		session  = "/instance/connectionState/" + frontDesk
		device   = "/devices/" + riders + "/status"
		talks    = "/api/v1/accounts/1/conversations?status=open"
	)
	for _, step := range []struct {
		simulator, path string
		after           time.Duration
		status          int
		want            string // in the answer
	}{
		{"dialog360", channels, 0, 200, `"current_quality_rating":"High"`},
		{"dialog360", channels, 4 * m, 200, `"current_quality_rating":"Low"`},
		{"twilio", senders, 9 * m, 200, `"ONLINE"`},
		{"twilio", senders, 10 * m, 200, `"OFFLINE"`},
		{"twilio", senders, 12 * m, 500, ""},
		{"twilio", senders, 14 * m, 200, `"ONLINE"`},
		{"infobip", quality, 4 * m, 200, `"LIMIT_2K"`},
		{"infobip", quality, 6 * m, 200, `"LIMIT_10K"`},
		{"infobip", quality, 8 * m, 503, ""},
		{"infobip", quality, 9 * m, 200, `"LIMIT_10K"`},
		{"infobip", quality, round, 200, `"LIMIT_2K"`},
		{"botmaker", "/v2.0/channels", 3 * m, 200, `"active":false`},
		{"botmaker", "/v2.0/channels", 5 * m, 200, `"active":true`},
		{"metastatus", "/data/orgs.json", 7 * m, 200, "Major outage"},
		{"statuspage", summary, 12 * m, 200, `"partial_outage"`},
		{"statuspage", summary, 14 * m, 200, `"indicator":"none"`},
		{"waha", "/api/sessions/default", 3 * m, 200, "SCAN_QR_CODE"},
		{"evolution", session, 5 * m, 200, `"open"`},
		{"evolution", session, 10 * m, 200, `"close"`},
		{"gowa", device, 5 * m, 200, `"is_connected":true`},
		{"gowa", device, 13 * m, 200, `"is_connected":false`},
		{"chatwoot", talks, 0, 200, `"all_count":4`}, // the fifth is with the bot
		{"chatwoot", talks, 4 * m, 200, `"hibernating"`},
		{"chatwoot", talks, 14 * m, 200, `"all_count":0`},
	} {
		d := startAt(t, dirBegun(t), began.Add(step.after))
		status, body := d.ask(step.simulator, step.path)
		if status != step.status || !strings.Contains(body, step.want) {
			t.Errorf("after %s %s answers %d without %q: %s", step.after, step.simulator, status, step.want, body)
		}
	}
}

// dirBegun is the directory of a demo that was first started at began.
func dirBegun(t *testing.T) string {
	t.Helper()
	dir := t.TempDir()
	if err := write(dir+"/began", began.Format(time.RFC3339)); err != nil {
		t.Fatal(err)
	}
	return dir
}
