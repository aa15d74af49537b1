//go:build rt

package rt

import (
	"net/http"
	"strings"
	"testing"
	"time"

	"whatsapp_sla_exporter/internal/helpdesk/conformance"
	client "whatsapp_sla_exporter/internal/helpdesk/rt"
	"whatsapp_sla_exporter/internal/upstream"
)

// header is an HTTP client that sends what says who it is.
func header(name, value string) *http.Client {
	return conformance.Header(&http.Client{Transport: http.DefaultTransport}, name, value)
}

func newClient(t testing.TB, login *http.Client, now func() time.Time) *client.Client {
	t.Helper()
	c, err := client.New(client.Options{
		Now: now, Lookback: time.Hour,
		Upstream: upstream.Options{BaseURL: rt.url, HTTP: login, Rate: 1e6, Burst: 1e6, FirstBackoff: time.Millisecond},
	})
	must(t, err)
	return c
}

func TestLogins(t *testing.T) {
	queue, _, user := rt.desk(t)
	id, err := rt.create(nil, ticket{Queue: queue})
	must(t, err)
	plain := &http.Client{Transport: http.DefaultTransport}
	for name, tc := range map[string]struct {
		login *http.Client
		want  upstream.Reason
		text  string
	}{
		"a token":                               {login: header("Authorization", "token "+token(user))},
		"a password":                            {login: conformance.Basic(plain, user, "password-of-"+user)},
		"no credentials":                        {plain, upstream.Auth, "want http_config with authorization {type: token}"},
		"a token that is none":                  {header("Authorization", "token 1-14-0123"), upstream.Auth, "RT does not take the credentials"},
		"a token as a bearer token":             {header("Authorization", "Bearer "+token(user)), upstream.Auth, "RT does not take the credentials"},
		"a browser, which is sent to the login": {header("User-Agent", "Mozilla/5.0"), upstream.Auth, "RT asks for a login"},
		"a user without rights":                 {header("Authorization", "token "+token("blind")), upstream.Permission, "ShowTicket and SeeQueue"},
	} {
		t.Run(name, func(t *testing.T) {
			p, err := newClient(t, tc.login, time.Now).Open(t.Context())
			if tc.want == "" {
				if err != nil || len(p.Tickets) != 1 || p.Tickets[0].ID != id {
					t.Errorf("%+v, %v; want ticket %s", p, err, id)
				}
				return
			}
			if upstream.ReasonOf(err) != tc.want || !strings.Contains(err.Error(), tc.text) {
				t.Errorf("%v, want %s: %s", err, tc.want, tc.text)
			}
		})
	}
}

// RT reads the dates of a search in the time zone of the user. What is read does not depend on it, nor on a clock that
// is about to change.
func TestTimeZonesOfTheUser(t *testing.T) {
	changes := time.Date(2026, 3, 8, 7, 0, 0, 0, time.UTC) // New York goes from 02:00 to 03:00
	for zone, now := range map[string]time.Time{
		"America/New_York": changes, "Pacific/Kiritimati": changes, "Asia/Kolkata": changes, "Pacific/Niue": changes,
	} {
		t.Run(zone, func(t *testing.T) {
			clock := func() time.Time { return now }
			queue, _, user := rt.desk(t)
			must(t, rt.call(clock, "root", http.MethodPut, "/user/"+user, map[string]string{"Timezone": zone}, nil))
			var ids []string
			for _, when := range []time.Duration{-50 * time.Minute, -time.Second, time.Second, 30 * time.Minute} {
				now = changes.Add(when)
				id, err := rt.create(clock, ticket{Queue: queue})
				must(t, err)
				ids = append(ids, id)
			}
			c := newClient(t, header("Authorization", "token "+token(user)), clock)
			p, err := c.Changes(t.Context(), "")
			must(t, err)
			if len(p.Tickets) != 3 || p.Tickets[0].ID != ids[1] { // the first was created more than an hour ago
				t.Errorf("the hour before has %+v, want tickets %v", p.Tickets, ids[1:])
			}
			now = changes.Add(31 * time.Minute)
			must(t, rt.write(clock, "agent", ids[0], "correspond"))
			p, err = c.Changes(t.Context(), p.Cursor)
			must(t, err)
			if len(p.Tickets) != 1 || !p.Tickets[0].FirstResponseAt.Equal(now) {
				t.Errorf("the answer is not seen: %+v", p.Tickets)
			}
		})
	}
}

// A token that loses its rights does not make tickets vanish; a ticket that moves out of its sight does.
func TestTicketsOutOfSight(t *testing.T) {
	queue, _, user := rt.desk(t)
	elsewhere, _, _ := rt.desk(t)
	c := newClient(t, header("Authorization", "token "+token(user)), time.Now)
	var ids []string
	for range 2 {
		id, err := rt.create(nil, ticket{Queue: queue})
		must(t, err)
		ids = append(ids, id)
	}
	_, err := c.Open(t.Context())
	must(t, err)
	must(t, rt.set(nil, "root", ids[0], "Queue", elsewhere))
	p, err := c.Lookup(t.Context(), ids)
	must(t, err)
	for _, v := range p.Tickets {
		if v.Gone != (v.ID == ids[0]) {
			t.Errorf("one of two moved: %+v", v)
		}
	}
	must(t, rt.set(nil, "root", ids[1], "Queue", elsewhere))
	if p, err := c.Lookup(t.Context(), ids[1:]); upstream.ReasonOf(err) != upstream.Permission {
		t.Errorf("with no ticket left to see, %+v and %v; want that rights are missing", p, err)
	}
}
