package declarative_test

import (
	"encoding/json"
	"net/http"
	"net/http/httptest"
	"strings"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"

	"whatsapp_sla_exporter/internal/helpdesk"
	"whatsapp_sla_exporter/internal/helpdesk/conformance"
	"whatsapp_sla_exporter/internal/helpdesk/declarative"
	"whatsapp_sla_exporter/internal/simulator/servicenow"
)

// facts are what is known of a conversation, in minutes since the ticket was opened; -1 for nothing.
type facts struct{ First, Reply, Message, Waiting int }

func factsOf(v *helpdesk.Ticket) facts {
	minutes := func(at time.Time) int {
		if at.IsZero() {
			return -1
		}
		return int(at.Sub(v.CreatedAt) / time.Minute)
	}
	return facts{minutes(v.FirstResponseAt), minutes(v.LastAgentReplyAt), minutes(v.LastCustomerMessageAt), minutes(v.WaitingSince)}
}

// Until somebody had the time to read who wrote when, a ticket tells nothing that would breach or be due too soon: a
// first answer that must have been was in time, a last answer is not before the real one, and nobody waits since before
// he does. Whoever waits for his first answer is known in any case, or is, in Zoho Desk and GLPI, read first.
func TestTicketsThatWereNotReadYet(t *testing.T) {
	change := map[string]func(*declarative.Profile){"not read": starved, "read": func(*declarative.Profile) {}}
	type story struct {
		name                     string
		what                     []string // ten minutes apart
		truth, front, zoho, glpi facts
	}
	for _, c := range []story{
		{"nobody answered", nil, facts{-1, -1, 0, 0}, facts{-1, -1, 0, 0}, facts{-1, -1, 0, 0}, facts{-1, -1, 0, 0}},
		{"the customer wrote twice", []string{"write"}, facts{-1, -1, 10, 0}, facts{-1, -1, 0, 0}, facts{-1, -1, 10, 0}, facts{-1, -1, 0, 0}},
		{"answered", []string{"reply"}, facts{10, 10, 0, -1}, facts{0, 10, 0, -1}, facts{0, 10, 0, -1}, facts{10, 10, 0, -1}},
		{"answered, and noted since", []string{"reply", "note"}, facts{10, 10, 0, -1}, facts{0, 20, 0, -1}, facts{0, 20, 0, -1}, facts{10, 20, 0, -1}},
		{"the customer came back", []string{"reply", "write"}, facts{10, 10, 20, 20}, facts{0, 20, 20, 20}, facts{0, 20, 20, 20}, facts{10, 20, 0, -1}},
		{"and again", []string{"reply", "write", "write"}, facts{10, 10, 30, 20}, facts{0, 30, 20, 20}, facts{0, 30, 30, 30}, facts{10, 30, 0, -1}},
		{"answered twice", []string{"reply", "write", "reply"}, facts{10, 30, 20, -1}, facts{0, 30, 0, -1}, facts{0, 30, 20, -1}, facts{10, 30, 0, -1}},
	} {
		for name, p := range map[string]struct {
			harness func(size int, back time.Duration, change ...func(*declarative.Profile)) conformance.Harness
			want    facts
		}{"Front": {frontHarness, c.front}, "Zoho Desk": {zohoHarness, c.zoho}, "GLPI": {glpiHarness, c.glpi}} {
			t.Run(name+": "+c.name, func(t *testing.T) {
				for told, want := range map[string]facts{"not read": p.want, "read": c.truth} {
					s := open(t, p.harness(100, time.Hour, change[told]))
					id := s.d.Create(conformance.Seed{Number: 1, Priority: "high"})
					for _, what := range c.what {
						s.now = s.now.Add(10 * time.Minute)
						s.do(map[string]func(string) error{"write": s.d.Write, "reply": s.d.Reply, "note": s.d.Note}[what], id)
					}
					s.now = s.now.Add(48 * time.Hour)
					if x := cmp.Diff(want, factsOf(&s.all()[0])); x != "" {
						t.Errorf("%s: %s", told, x)
					}
				}
			})
		}
	}
}

// starved is a profile whose passes have no budget for joins.
func starved(p *declarative.Profile) {
	for _, j := range p.Joins {
		j.Budget, j.Recent.Path.Value = 0, ""
	}
}

// A GLPI that counts no followups and does not show all of them at once is read ticket by ticket, whenever one changes.
func TestGLPIThatDoesNotCount(t *testing.T) {
	h := glpiHarness(990, time.Hour)
	s := open(t, conformance.Harness{New: func(tb testing.TB, now func() time.Time) *conformance.Desk {
		d := h.New(tb, now)
		d.Handler = withoutCounts(d.Handler)
		return d
	}})
	var ids []string
	for n := range 3 {
		ids = append(ids, s.d.Create(conformance.Seed{Number: int64(n + 1), Priority: "high"}))
	}
	s.poll()
	s.now = s.now.Add(10 * time.Minute)
	s.do(s.d.Reply, ids[0])
	s.do(s.d.Reply, ids[1])
	s.spent()
	if got, _ := s.poll(); got != 1+1+2 {
		t.Errorf("%d calls, want the search, the list that is not shown, and one for each answered ticket", got)
	}
	want := []facts{{11, 11, 0, -1}, {11, 11, 0, -1}, {-1, -1, 0, 0}}
	for i, v := range s.all() {
		if x := cmp.Diff(want[i], factsOf(&v)); x != "" {
			t.Errorf("ticket %s: %s", v.ID, x)
		}
	}
}

func withoutCounts(next http.Handler) http.Handler {
	return http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		if strings.HasSuffix(r.URL.Path, "apirest.php/ITILFollowup") {
			http.Error(w, `["ERROR_RIGHT_MISSING","You don't have permission to perform this action."]`, http.StatusForbidden)
			return
		}
		if !strings.HasSuffix(r.URL.Path, "/listSearchOptions/Ticket") {
			next.ServeHTTP(w, r)
			return
		}
		answer := httptest.NewRecorder()
		next.ServeHTTP(answer, r)
		var options map[string]any
		if err := json.Unmarshal(answer.Body.Bytes(), &options); err == nil {
			delete(options, "27")
		}
		_ = json.NewEncoder(w).Encode(options)
	})
}

// Who may not read the journal is not told the SLAs of it any less, and hears that something is amiss.
func TestServiceNowWithoutTheJournal(t *testing.T) {
	h := servicenowHarness(1000, time.Hour)
	var refusing *servicenow.Server
	s := open(t, conformance.Harness{New: func(tb testing.TB, now func() time.Time) *conformance.Desk {
		refusing = servicenow.New(servicenow.Options{User: "ops", Password: secret, Now: now, Targets: targets(), RefuseJournal: true})
		d := play(refusing.Desk, servicenow.Number, servicenow.ReadNumber)
		d.Handler, d.Client = refusing, h.New(tb, now).Client
		return d
	}})
	id := s.d.Create(conformance.Seed{Number: 1, Priority: "high"})
	s.now = s.now.Add(10 * time.Minute)
	s.do(s.d.Reply, id)
	p, err := s.client.Open(t.Context())
	if err != nil {
		t.Fatal(err)
	}
	v := p.Tickets[0]
	if x := cmp.Diff(facts{10, -1, 0, -1}, factsOf(&v)); x != "" || len(v.Native) != 2 || p.Unmapped["sys_journal_field"] != 1 {
		t.Errorf("%s: %d SLAs, unmapped %v", x, len(v.Native), p.Unmapped)
	}
}
