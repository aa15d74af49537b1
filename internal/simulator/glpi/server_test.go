package glpi_test

import (
	"net/http/httptest"
	"net/url"
	"strings"
	"testing"
	"time"

	"whatsapp_sla_exporter/internal/simulator/desk"
	"whatsapp_sla_exporter/internal/simulator/glpi"
	"whatsapp_sla_exporter/internal/sla"
)

// TestRequestsByHand asks as GLPI's documentation does, not as the exporter's client.
func TestRequestsByHand(t *testing.T) {
	now := time.Date(2026, 3, 2, 10, 0, 0, 0, time.UTC)
	madrid, err := time.LoadLocation("Europe/Madrid")
	if err != nil {
		t.Fatal(err)
	}
	s := glpi.New(glpi.Options{UserToken: "u", AppToken: "a", Now: func() time.Time { return now }, Zone: madrid})
	for range 3 {
		s.Create(desk.Seed{Priority: "high"})
		now = now.Add(time.Minute)
	}
	for _, err := range []error{s.Reply(1), s.Note(1), s.SetStatus(3, sla.StatusSolved)} {
		if err != nil {
			t.Fatal(err)
		}
	}
	ask := func(path string, headers ...string) *httptest.ResponseRecorder {
		path, query, _ := strings.Cut(path, "?")
		values := url.Values{}
		for pair := range strings.SplitSeq(query, "&") {
			if name, v, ok := strings.Cut(pair, "="); ok {
				values.Add(name, v)
			}
		}
		r := httptest.NewRequest("GET", "/apirest.php"+path+"?"+values.Encode(), nil)
		r.Header.Set("App-Token", "a")
		for i := 0; i+1 < len(headers); i += 2 {
			r.Header.Set(headers[i], headers[i+1])
		}
		w := httptest.NewRecorder()
		s.ServeHTTP(w, r)
		return w
	}
	begun := ask("/initSession", "Authorization", "user_token u")
	session := strings.Split(begun.Body.String(), `"`)[3]
	const search = "/search/Ticket?"
	for name, c := range map[string]struct {
		path, session string
		status        int
		want          string
	}{
		"those that are not solved":             {search + "criteria[0][field]=12&criteria[0][searchtype]=equals&criteria[0][value]=notold", session, 200, `"totalcount":2`},
		"times are on the clock of the zone":    {search + "criteria[0][field]=2&criteria[0][searchtype]=equals&criteria[0][value]=1&forcedisplay[0]=15", session, 200, `"15":"2026-03-02 11:00:00"`},
		"what changed since":                    {search + "criteria[0][field]=19&criteria[0][searchtype]=morethan&criteria[0][value]=2026-03-02 11:02:00", session, 200, `"totalcount":2`},
		"one or another":                        {search + "criteria[0][field]=2&criteria[0][searchtype]=equals&criteria[0][value]=1&criteria[1][link]=OR&criteria[1][field]=2&criteria[1][searchtype]=equals&criteria[1][value]=2", session, 200, `"totalcount":2`},
		"a page":                                {search + "range=0-1", session, 206, `"count":2`},
		"nothing has no data":                   {search + "criteria[0][field]=2&criteria[0][searchtype]=equals&criteria[0][value]=99", session, 200, `"totalcount":0}`},
		"a page beyond the end":                 {search + "range=9-10", session, 400, "ERROR_RANGE_EXCEED_TOTAL"},
		"more than a page":                      {search + "range=0-990", session, 400, "ERROR_RANGE_TOO_LARGE"},
		"by a column that is none":              {search + "criteria[0][field]=777&criteria[0][value]=1", session, 400, "there is no search option 777"},
		"the columns":                           {"/listSearchOptions/Ticket", session, 200, `"field":"time_to_resolve"`},
		"what was written, for technicians too": {"/Ticket/1/ITILFollowup", session, 200, `"is_private":1`},
		"what was written to all, as rows":      {"/ITILFollowup?sort=id&order=DESC&range=0-0&searchText[itemtype]=Ticket", session, 206, `"id":2,"is_private":1,"items_id":1,"itemtype":"Ticket"`},
		"what was written to nothing else":      {"/ITILFollowup?searchText[itemtype]=Problem", session, 200, "[]"},
		"sorted by the number of a column":      {"/ITILFollowup?sort=19", session, 400, "sort param is not a field of glpi_itilfollowups"},
		"how often something was written":       {search + "criteria[0][field]=2&criteria[0][searchtype]=equals&criteria[0][value]=1&forcedisplay[0]=27", session, 200, `"27":2`},
		"which column counts that":              {"/listSearchOptions/Ticket", session, 200, `"27":{"datatype":"count","field":"id","name":"In the user's language","table":"glpi_itilfollowups"}`},
		"of a ticket that is not there":         {"/Ticket/9/ITILFollowup", session, 404, "ERROR_ITEM_NOT_FOUND"},
		"without a session":                     {search, "", 400, "ERROR_SESSION_TOKEN_MISSING"},
		"with an old session":                   {search, "old", 401, "ERROR_SESSION_TOKEN_INVALID"},
	} {
		t.Run(name, func(t *testing.T) {
			if w := ask(c.path, "Session-Token", c.session); w.Code != c.status || !strings.Contains(w.Body.String(), c.want) {
				t.Errorf("%d %s, want %d %s", w.Code, w.Body, c.status, c.want)
			}
		})
	}
	if w := ask("/initSession", "Authorization", "user_token x"); w.Code != 401 || !strings.Contains(w.Body.String(), "ERROR_GLPI_LOGIN_USER_TOKEN") {
		t.Errorf("another user's token: %d %s", w.Code, w.Body)
	}
	if w := ask("/initSession", "Authorization", "user_token u", "App-Token", "x"); w.Code != 400 || s.Begun() != 1 {
		t.Errorf("another app's token: %d, %d sessions", w.Code, s.Begun())
	}
	s.Expire()
	if w := ask(search, "Session-Token", session); w.Code != 401 {
		t.Errorf("after all sessions ended: %d", w.Code)
	}
	session = strings.Split(ask("/initSession", "Authorization", "user_token u").Body.String(), `"`)[3]
	if ask("/killSession", "Session-Token", session); ask(search, "Session-Token", session).Code != 401 {
		t.Error("a session goes on after its end")
	}
}
