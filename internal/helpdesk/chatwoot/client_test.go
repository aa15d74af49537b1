package chatwoot

import (
	"slices"
	"strings"
	"testing"
	"time"

	"whatsapp_sla_exporter/internal/helpdesk/conformance"
	"whatsapp_sla_exporter/internal/helpdesk/desktest"
	simulator "whatsapp_sla_exporter/internal/simulator/chatwoot"
	"whatsapp_sla_exporter/internal/simulator/fault"
	"whatsapp_sla_exporter/internal/upstream"
)

func TestAccountIsThatOfTheDashboard(t *testing.T) {
	const refusal = "url: want that of the account's dashboard, https://HOST/app/accounts/NUMBER"
	for name, tc := range map[string]struct{ url, base, number, err string }{
		"the dashboard": {"https://chat.acme.example/app/accounts/12", "https://chat.acme.example", "12", ""},
		"a page of it":  {"https://chat.acme.example/app/accounts/12/conversations/7", "https://chat.acme.example", "12", ""},
		"below a path":  {"https://acme.example/chat/app/accounts/12/", "https://acme.example/chat", "12", ""},
		"the server":    {"https://chat.acme.example", "", "", refusal},
		"no number":     {"https://chat.acme.example/app/accounts/acme", "", "", refusal},
	} {
		t.Run(name, func(t *testing.T) {
			c, err := New(Options{Upstream: upstream.Options{BaseURL: tc.url}})
			if tc.err != "" {
				if err == nil || err.Error() != tc.err {
					t.Errorf("got %v, want %s", err, tc.err)
				}
				return
			}
			must(t, err)
			if c.path != "/api/v1/accounts/"+tc.number || c.browser != tc.base+"/app/accounts/"+tc.number {
				t.Errorf("reads %s, shows %s", c.path, c.browser)
			}
		})
	}
}

func TestErrorsTellWhatChatwootSays(t *testing.T) {
	d := newDesk(t, simulator.Options{}, func(o *Options) {
		o.Upstream.HTTP = conformance.Header(desktest.Once(), "api_access_token", "wrong")
	})
	_, err := d.client.Open(t.Context())
	if upstream.ReasonOf(err) != upstream.Auth || !strings.HasSuffix(err.Error(), "(HTTP 401, code chatwoot): Invalid Access Token") {
		t.Error(err)
	}
	if _, err := d.client.Lookup(t.Context(), []string{"1"}); upstream.ReasonOf(err) != upstream.Auth {
		t.Errorf("with a wrong token a conversation is gone: %v", err)
	}
	d = newDesk(t, simulator.Options{}, func(o *Options) {
		o.Upstream.BaseURL = strings.Replace(o.Upstream.BaseURL, "accounts/1", "accounts/2", 1)
	})
	if _, err := d.client.Open(t.Context()); upstream.ReasonOf(err) != upstream.NotFound {
		t.Errorf("another account: %v", err)
	}
}

func TestConversationsThatLeave(t *testing.T) {
	for name, leave := range map[string]func(d *desk) error{
		"deleted": func(d *desk) error { return d.Delete(1) },
		"hidden":  func(d *desk) error { return d.Hide(1) },
	} {
		t.Run(name, func(t *testing.T) {
			d := newDesk(t, simulator.Options{})
			d.Create(simulator.Seed{ID: 1})
			must(t, leave(d))
			if got := d.first(t); !got.Gone {
				t.Errorf("%+v", got)
			}
		})
	}
}

// A client that starts anew with a clock that is behind asks for too little at first, and again when it knows.
func TestClockThatIsBehindAfterARestart(t *testing.T) {
	d := newDesk(t, simulator.Options{})
	d.Create(simulator.Seed{ID: 1})
	d.Advance(time.Hour)
	p, err := d.client.Changes(t.Context(), "")
	must(t, err)
	must(t, d.AgentReply(1))
	d.Advance(10 * time.Minute)
	o := d.client.o
	o.Upstream.BaseURL += "/app/accounts/1"
	o.Now = func() time.Time { return d.Now().Add(-3 * time.Hour) }
	other, err := New(o)
	must(t, err)
	p, err = other.Changes(t.Context(), p.Cursor)
	must(t, err)
	if len(p.Tickets) != 1 || p.Tickets[0].FirstResponseAt.IsZero() || p.Skew != 3*time.Hour || p.Gap {
		t.Errorf("%+v", p)
	}
}

// A server is found out to be old, or not, by a call more, once.
func TestWhatTheServerKnowsIsFoundOutOnce(t *testing.T) {
	for name, tc := range map[string]struct {
		old          bool
		first, later int
		within       knows
	}{
		"a newer server": {false, 2, 1, yes},
		"an older one":   {true, 4, 1, no}, // its first page, a look, and two pages
	} {
		t.Run(name, func(t *testing.T) {
			d := newDesk(t, simulator.Options{Old: tc.old}, func(o *Options) { o.Lookback = 35 * time.Minute })
			for id := range int64(60) {
				d.Create(simulator.Seed{ID: id + 1})
				d.Advance(time.Minute)
			}
			p, err := d.client.Changes(t.Context(), "")
			must(t, err)
			if n := d.Calls()[conversations]; n != tc.first || d.client.within != tc.within || len(p.Tickets) < 34 {
				t.Errorf("%d calls for %d tickets, want %d; within %v", n, len(p.Tickets), tc.first, d.client.within)
			}
			d.Advance(time.Minute)
			_, err = d.client.Changes(t.Context(), p.Cursor)
			must(t, err)
			if n := d.Calls()[conversations] - tc.first; n != tc.later {
				t.Errorf("%d calls for the next poll, want %d", n, tc.later)
			}
		})
	}
}

func TestHistoriesThatAreTooLong(t *testing.T) {
	fill := func(d *desk) {
		for id := range int64(40*25 + 30) {
			d.Create(simulator.Seed{ID: id + 1})
			d.Advance(time.Second)
		}
	}
	t.Run("of an older server have a gap", func(t *testing.T) {
		d := newDesk(t, simulator.Options{Old: true}, func(o *Options) { o.Lookback = time.Hour })
		fill(d)
		p, err := d.client.Changes(t.Context(), "")
		must(t, err)
		if !p.Gap || len(p.Tickets) != 1000 {
			t.Errorf("gap %v, %d tickets", p.Gap, len(p.Tickets))
		}
	})
	t.Run("of a newer one are cut to what fits an answer", func(t *testing.T) {
		d := newDesk(t, simulator.Options{}, func(o *Options) { o.Upstream.MaxBody, o.Lookback = 300_000, time.Minute })
		fill(d)
		p, err := d.client.Changes(t.Context(), "1772445601000")
		must(t, err)
		if !p.Gap || len(p.Tickets) == 0 {
			t.Errorf("gap %v, %d tickets", p.Gap, len(p.Tickets))
		}
		p, err = d.client.Changes(t.Context(), p.Cursor)
		must(t, err)
		if p.Gap {
			t.Error("the next pass has a gap too")
		}
	})
	t.Run("of a newer one are cut at the start, too", func(t *testing.T) {
		d := newDesk(t, simulator.Options{}, func(o *Options) { o.Upstream.MaxBody, o.Lookback = 300_000, 24*time.Hour })
		fill(d)
		p, err := d.client.Changes(t.Context(), "")
		must(t, err)
		if !p.Gap || len(p.Tickets) == 0 {
			t.Errorf("gap %v, %d tickets", p.Gap, len(p.Tickets))
		}
	})
	t.Run("of more than two days have a gap", func(t *testing.T) {
		d := newDesk(t, simulator.Options{})
		d.Create(simulator.Seed{ID: 1})
		p, err := d.client.Changes(t.Context(), "")
		must(t, err)
		d.Advance(72 * time.Hour)
		if p, err = d.client.Changes(t.Context(), p.Cursor); err != nil || !p.Gap {
			t.Errorf("%+v, %v", p, err)
		}
		if p, err = d.client.Changes(t.Context(), p.Cursor); err != nil || p.Gap {
			t.Errorf("the next pass: %+v, %v", p, err)
		}
	})
}

// Throttling without Retry-After, as Chatwoot's, ends a pass; with it, as some proxies', a long pass waits.
func TestThrottling(t *testing.T) {
	d := newDesk(t, simulator.Options{Limit: 3})
	for id := range int64(100) {
		d.Create(simulator.Seed{ID: id + 1})
	}
	if _, err := d.client.Open(t.Context()); upstream.ReasonOf(err) != upstream.Throttled {
		t.Errorf("%v, want throttled", err)
	}
	d = newDesk(t, simulator.Options{})
	d.Create(simulator.Seed{ID: 1})
	d.Fail(fault.Fault{Kind: fault.Throttled, Times: 1, RetryAfter: time.Second})
	p, err := d.client.Open(t.Context())
	must(t, err)
	if waited := d.Waited(); len(p.Tickets) != 1 || !slices.Equal(waited, []time.Duration{time.Second}) {
		t.Errorf("%d tickets, waited %v", len(p.Tickets), waited)
	}
}
