//go:build rt

package rt

import (
	"io"
	"log"
	"net/http"
	"net/http/httputil"
	"net/url"
	"strconv"
	"testing"
	"time"

	"whatsapp_sla_exporter/internal/helpdesk"
	"whatsapp_sla_exporter/internal/helpdesk/conformance"
	client "whatsapp_sla_exporter/internal/helpdesk/rt"
	"whatsapp_sla_exporter/internal/upstream"
)

// rows is how many rows a page has here: RT needs a tenth of a second to open a ticket.
const rows = 4

var priorities = map[string]int{"urgent": 100, "high": 75, "normal": 50, "low": 0}

// RT passes the suite that its simulator passes, but for the row that cannot be read: a real one has none.
func TestConformance(t *testing.T) {
	var queueID string
	conformance.Run(t, conformance.Harness{
		New: func(t testing.TB, now func() time.Time) *conformance.Desk {
			d, id := newDesk(t, now)
			queueID = id
			return d
		},
		Want: func(url string, number int, v *helpdesk.Ticket) { want(url, queueID, number, v) },
		Feed: "/REST/2.0/transactions", List: "/REST/2.0/tickets", FeedPage: rows, ListPage: rows,
		Steady: 4, // a reply is up to four rows, and some are read again
		Lacks:  []conformance.Fact{conformance.NativeByUrgency},
	})
}

// want is what RT tells of one of the three tickets.
func want(url, queue string, number int, v *helpdesk.Ticket) {
	v.URL = url + "/Ticket/Display.html?id=" + v.ID
	v.Priority, v.Type, v.Group, v.Tags = strconv.Itoa(priorities[v.Priority]), "ticket", queue, nil
	v.Fields = map[string]string{"Provider": "meta"}
	if number == 103 {
		v.StatusRaw, v.Fields = "stalled", map[string]string{"Provider": "other"}
	}
	var native []helpdesk.NativeTarget
	running := 0
	for _, n := range v.Native { // of several deadlines RT has the earliest
		if n.MetAt.IsZero() && !n.Due.IsZero() {
			if running++; running > 1 {
				continue
			}
		}
		native = append(native, n)
	}
	v.Native = native
}

// newDesk is a queue of the real RT, read through a proxy that puts RT's clock to the suite's.
func newDesk(t testing.TB, now func() time.Time) (d *conformance.Desk, id string) {
	queue, id, user := rt.desk(t)
	to, err := url.Parse(rt.url)
	must(t, err)
	proxy := httputil.NewSingleHostReverseProxy(to)
	proxy.ErrorLog = log.New(io.Discard, "", 0) // of clients that give up, as the suite has them do
	proxy.ModifyResponse = func(r *http.Response) error {
		r.Header.Del("Content-Length") // the suite cuts answers off
		return nil
	}
	set := func(field string, value any) func(string) error {
		return func(id string) error { return rt.set(now, "agent", id, field, value) }
	}
	write := func(user, kind string) func(string) error {
		return func(id string) error { return rt.write(now, user, id, kind) }
	}
	return &conformance.Desk{
		Handler: http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
			_ = rt.at(now, func() error { proxy.ServeHTTP(w, r); return nil })
		}),
		Secret: token(user),
		Client: func(o upstream.Options, now func() time.Time) (conformance.Client, error) {
			o.HTTP = conformance.Header(o.HTTP, "Authorization", "token "+token(user))
			return client.New(client.Options{
				Upstream: o, Now: now, PageSize: rows, KeepField: func(id string) bool { return id == "Provider" },
			})
		},
		Create: func(s conformance.Seed) string {
			id, err := rt.create(now, ticket{
				Queue: queue, Priority: priorities[s.Priority], SLA: s.Priority,
				CustomFields: map[string]string{"Provider": s.Provider, "Channel": "WhatsApp"},
			})
			must(t, err)
			return id
		},
		Reply: write("agent", "correspond"), Note: write("agent", "comment"), Write: write("customer", "correspond"),
		Pend: set("Status", "stalled"), Solve: set("Status", "resolved"), Reopen: set("Status", "open"),
		UnknownStatus: set("Status", "escalated"), Delete: set("Status", "deleted"),
		Prioritise: func(id, priority string) error {
			return rt.set(now, "agent", id, "Priority", priorities[priority])
		},
		Merge: func(id, into string) error { return rt.set(now, "root", id, "MergeInto", into) },
	}, id
}
