package declarative_test

import (
	"slices"
	"strconv"
	"testing"
	"time"

	"whatsapp_sla_exporter/internal/helpdesk"
	"whatsapp_sla_exporter/internal/helpdesk/conformance"
	"whatsapp_sla_exporter/internal/helpdesk/declarative"
	"whatsapp_sla_exporter/internal/simulator/desk"
	"whatsapp_sla_exporter/internal/simulator/front"
	"whatsapp_sla_exporter/internal/simulator/glpi"
	"whatsapp_sla_exporter/internal/simulator/hubspot"
	"whatsapp_sla_exporter/internal/simulator/servicenow"
	"whatsapp_sla_exporter/internal/simulator/zohodesk"
	"whatsapp_sla_exporter/internal/sla"
	"whatsapp_sla_exporter/internal/upstream"
)

const secret = "simulated-secret"

// lookback is long enough for all stories. A cost is that of the default.
const lookback = 30 * 24 * time.Hour

// targets are the suite's promises.
func targets() map[string]desk.Targets {
	out := map[string]desk.Targets{}
	for priority, p := range conformance.Promises {
		out[priority] = desk.Targets{FirstResponse: p.FirstResponse, NextResponse: p.NextResponse, Resolution: p.Resolution}
	}
	return out
}

// clientOf makes a client of a shipped profile with small pages.
func clientOf(name string, back time.Duration, change []func(*declarative.Profile), o upstream.Options, now func() time.Time, fields ...string) (conformance.Client, error) {
	p, err := declarative.Load(name)
	if err != nil {
		return nil, err
	}
	for _, f := range change {
		f(p)
	}
	return declarative.New(declarative.Options{
		Profile: p, Upstream: o, Lookback: back, Now: now,
		KeepField: func(id string) bool { return slices.Contains(fields, id) }, Fields: fields,
	})
}

// play lets the suite play on a simulated desk whose ids are numbers.
func play(d *desk.Desk, show func(int64) string, read func(string) int64) *conformance.Desk {
	on := func(f func(int64) error) func(string) error {
		return func(id string) error { return f(read(id)) }
	}
	status := func(s sla.Status) func(string) error {
		return on(func(id int64) error { return d.SetStatus(id, s) })
	}
	return &conformance.Desk{
		Secret: secret,
		Create: func(s conformance.Seed) string {
			fields := map[string]string{}
			fields["severity"] = s.Priority
			if s.Provider != "" {
				fields["provider"] = s.Provider
			}
			return show(d.Create(desk.Seed{ID: s.Number, Channel: "whatsapp", Priority: s.Priority, Type: "incident", Group: "21", Tags: s.Tags, Fields: fields}))
		},
		Reply: on(d.Reply), Note: on(d.Note), Write: on(d.Write), Delete: on(d.Delete),
		Pend: status(sla.StatusPending), Solve: status(sla.StatusSolved), Reopen: status(sla.StatusOpen),
		Prioritise:    func(id, priority string) error { return d.Prioritise(read(id), priority) },
		Merge:         func(id, into string) error { return d.Merge(read(id), read(into)) },
		UnknownStatus: on(func(id int64) error { return d.SetStrange(id, "99") }),
		BadRow:        on(func(id int64) error { return d.Spoil(id, true) }),
	}
}

func number(id int64) string { return strconv.FormatInt(id, 10) }

func parse(id string) int64 {
	n, _ := strconv.ParseInt(id, 10, 64)
	return n
}

func hubspotHarness(size int, back time.Duration, change ...func(*declarative.Profile)) conformance.Harness {
	return conformance.Harness{
		New: func(_ testing.TB, now func() time.Time) *conformance.Desk {
			s := hubspot.New(hubspot.Options{Token: secret, Now: now, Targets: targets(), Properties: []string{"provider"}})
			d := play(s.Desk, number, parse)
			d.Handler = s
			d.Client = func(o upstream.Options, now func() time.Time) (conformance.Client, error) {
				o.HTTP = conformance.Header(o.HTTP, "Authorization", "Bearer "+secret)
				return clientOf("hubspot", back, append(change, func(p *declarative.Profile) { p.Changes.Page.Size, p.Open.Page.Size = size, size }), o, now, "provider")
			}
			return d
		},
		Want: func(_ string, number int, t *helpdesk.Ticket) {
			raw := map[int]string{101: "Waiting on us", 102: "New", 103: "Waiting on contact"}
			priority := map[int]string{101: "high", 102: "urgent", 103: "medium"}
			t.URL = "https://app.hubspot.com/contacts/1/record/0-5/" + t.ID
			t.StatusRaw, t.Priority, t.Form, t.Tags = raw[number], priority[number], "0", nil
			t.Fields = map[string]string{"provider": map[int]string{101: "meta", 102: "meta", 103: "other"}[number]}
			t.Pauses, t.PausesKnown = nil, false
			for i := range t.Native {
				if t.Native[i].Target == sla.NextResponse {
					t.Native[i].Start = time.Time{}
				}
			}
		},
		Feed: "/crm/v3/objects/tickets/search", List: "/crm/v3/objects/tickets/search", FeedPage: size, ListPage: size, Steady: 1,
		Lacks: []conformance.Fact{conformance.OldestWaiting},
	}
}

func TestHubSpot(t *testing.T) {
	t.Parallel()
	conformance.Run(t, hubspotHarness(10, lookback))
}

func servicenowHarness(size int, back time.Duration) conformance.Harness {
	return conformance.Harness{
		New: func(_ testing.TB, now func() time.Time) *conformance.Desk {
			s := servicenow.New(servicenow.Options{User: "ops", Password: secret, Now: now, Targets: targets(), Columns: []string{"provider"}})
			d := play(s.Desk, servicenow.Number, servicenow.ReadNumber)
			d.Handler = s
			d.Client = func(o upstream.Options, now func() time.Time) (conformance.Client, error) {
				o.HTTP = conformance.Basic(o.HTTP, "ops", secret)
				return clientOf("servicenow", back, []func(*declarative.Profile){func(p *declarative.Profile) { p.Changes.Page.Size, p.Open.Page.Size = size, size }}, o, now, "u_provider")
			}
			return d
		},
		Want: func(url string, number int, t *helpdesk.Ticket) {
			t.URL = url + "/nav_to.do?uri=incident.do?sys_id=" + servicenow.SysID(int64(number))
			t.StatusRaw = map[int]string{101: "2", 102: "1", 103: "3"}[number]
			t.Priority = map[int]string{101: "2", 102: "1", 103: "3"}[number]
			t.Tags, t.Pauses, t.PausesKnown = nil, nil, false
			t.Fields = map[string]string{"u_provider": map[int]string{101: "meta", 102: "meta", 103: "other"}[number]}
			t.Native = slices.DeleteFunc(t.Native, func(n helpdesk.NativeTarget) bool { return n.Target == sla.NextResponse })
		},
		Feed: "/api/now/table/incident", List: "/api/now/table/incident", FeedPage: size, ListPage: size, Steady: 2,
	}
}

func TestServiceNow(t *testing.T) {
	t.Parallel()
	conformance.Run(t, servicenowHarness(10, lookback))
}

func zohoHarness(size int, back time.Duration, change ...func(*declarative.Profile)) conformance.Harness {
	return conformance.Harness{
		New: func(_ testing.TB, now func() time.Time) *conformance.Desk {
			s := zohodesk.New(zohodesk.Options{Token: secret, Org: "4711", Now: now, Targets: targets()})
			d := play(s.Desk, zohodesk.ID, zohodesk.ReadID)
			d.Handler = s
			d.Client = func(o upstream.Options, now func() time.Time) (conformance.Client, error) {
				o.HTTP = conformance.Header(conformance.Header(o.HTTP, "Authorization", "Zoho-oauthtoken "+secret), "orgId", "4711")
				return clientOf("zoho_desk", back, append(change, func(p *declarative.Profile) { p.Changes.Page.Size, p.Open.Page.Size = size, size }), o, now, "provider")
			}
			return d
		},
		Want: func(_ string, number int, t *helpdesk.Ticket) {
			t.URL = "https://desk.zoho.com/support/acme/ShowHomePage.do#Cases/dv/" + t.ID
			t.StatusRaw = map[int]string{101: "Open", 102: "Open", 103: "On Hold"}[number]
			t.Priority = map[int]string{101: "high", 102: "urgent", 103: "medium"}[number]
			t.Tags, t.Pauses, t.PausesKnown = nil, nil, false
			t.Fields = map[string]string{"provider": map[int]string{101: "meta", 102: "meta", 103: "other"}[number]}
			t.Native = slices.DeleteFunc(t.Native, func(n helpdesk.NativeTarget) bool {
				return n.Target == sla.NextResponse || n.Target == sla.FirstResponse && !n.MetAt.IsZero()
			})
		},
		Feed: "/api/v1/tickets", List: "/api/v1/tickets", FeedPage: size, ListPage: size, Steady: 2,
	}
}

func TestZohoDesk(t *testing.T) {
	t.Parallel()
	conformance.Run(t, zohoHarness(20, lookback))
}

func frontHarness(size int, back time.Duration, change ...func(*declarative.Profile)) conformance.Harness {
	return conformance.Harness{
		New: func(_ testing.TB, now func() time.Time) *conformance.Desk {
			s := front.New(front.Options{Token: secret, Now: now})
			d := play(s.Desk, front.ID, front.ReadID)
			d.Handler = s
			d.Client = func(o upstream.Options, now func() time.Time) (conformance.Client, error) {
				o.HTTP = conformance.Header(o.HTTP, "Authorization", "Bearer "+secret)
				return clientOf("front", back, append(change, func(p *declarative.Profile) { p.Open.Page.Size = size }), o, now, "provider", "severity")
			}
			return d
		},
		Want: func(_ string, number int, t *helpdesk.Ticket) {
			t.URL = "https://app.frontapp.com/open/" + t.ID
			t.StatusRaw = map[int]string{101: "open", 102: "open", 103: "waiting"}[number]
			t.Fields = map[string]string{
				"provider": map[int]string{101: "meta", 102: "meta", 103: "other"}[number],
				"severity": map[int]string{101: "high", 102: "urgent", 103: "normal"}[number],
			}
			t.Priority, t.Type, t.Group, t.Pauses, t.PausesKnown, t.Native = "", "", "", nil, false, nil
		},
		Feed: "/events", List: "/conversations", FeedPage: 15, ListPage: size, Steady: 4,
		Lacks: []conformance.Fact{conformance.NativeByUrgency},
	}
}

func TestFront(t *testing.T) {
	t.Parallel()
	conformance.Run(t, frontHarness(10, lookback))
}

func glpiHarness(size int, back time.Duration, change ...func(*declarative.Profile)) conformance.Harness {
	madrid, err := time.LoadLocation("Europe/Madrid")
	if err != nil {
		panic(err)
	}
	return conformance.Harness{
		New: func(_ testing.TB, now func() time.Time) *conformance.Desk {
			s := glpi.New(glpi.Options{UserToken: secret, AppToken: "app", Now: now, Targets: targets(), Zone: madrid})
			d := play(s.Desk, number, parse)
			d.Handler = s
			d.Client = func(o upstream.Options, now func() time.Time) (conformance.Client, error) {
				o.HTTP = conformance.Header(conformance.Header(o.HTTP, "Authorization", "user_token "+secret), "App-Token", "app")
				o.BaseURL += "/apirest.php"
				p, err := declarative.Load("glpi")
				if err != nil {
					return nil, err
				}
				p.Changes.Page.Size, p.Open.Page.Size, p.Lookup.Page.Size = size, size, 60
				for _, f := range change {
					f(p)
				}
				return declarative.New(declarative.Options{Profile: p, Upstream: o, Lookback: back, Zone: madrid, Now: now})
			}
			return d
		},
		Want: func(url string, number int, t *helpdesk.Ticket) {
			t.URL = url + "/front/ticket.form.php?id=" + t.ID
			t.StatusRaw = map[int]string{101: "2", 102: "1", 103: "4"}[number]
			t.Priority = map[int]string{101: "4", 102: "5", 103: "3"}[number]
			t.Tags, t.Pauses, t.PausesKnown = nil, nil, false
			t.Native = slices.DeleteFunc(t.Native, func(n helpdesk.NativeTarget) bool { return n.Target == sla.NextResponse })
		},
		Feed: "/apirest.php/search/Ticket", List: "/apirest.php/search/Ticket", FeedPage: size, ListPage: size, Steady: 2,
	}
}

func TestGLPI(t *testing.T) {
	t.Parallel()
	conformance.Run(t, glpiHarness(20, lookback))
}
