package collector

import (
	"strings"
	"testing"
	"time"

	"github.com/prometheus/client_golang/prometheus"
	"github.com/prometheus/client_golang/prometheus/testutil"

	"whatsapp_sla_exporter/internal/tickets"
	"whatsapp_sla_exporter/internal/whatsapp"
)

// noon is the instant at which the tests scrape unless they say otherwise; Unix time 1772452800.
var noon = time.Date(2026, 3, 2, 12, 0, 0, 0, time.UTC)

// read is the reading of a fact told at noon.
var read = whatsapp.Reading{At: noon}

type fixedAccounts []*whatsapp.Account

func (f fixedAccounts) Accounts() []*whatsapp.Account { return f }

type fixedHelpdesks []*tickets.Snapshot

func (f fixedHelpdesks) Snapshots() []*tickets.Snapshot { return f }

// at is a clock that stands still.
func at(t time.Time) func() time.Time { return func() time.Time { return t } }

// ofAccount is a collector of one account, read at noon.
func ofAccount(a whatsapp.Account) *Collector {
	a.Name, a.ReadAt = "acme", noon
	c := New(fixedAccounts{&a}, nil, at(noon))
	c.Configure(Config{StaleAfter: 5 * time.Minute})
	return c
}

// ofHelpdesk is a collector of one helpdesk, read and scraped at noon.
func ofHelpdesk(s tickets.Snapshot) *Collector {
	s.Helpdesk, s.ReadAt = "support", noon
	c := New(nil, fixedHelpdesks{&s}, at(noon))
	c.Configure(Config{StaleAfter: 5 * time.Minute})
	return c
}

// names lists the families of tables.
func names(tables ...*table) (out []string) {
	for _, t := range tables {
		for _, f := range t.families {
			out = append(out, f.name)
		}
	}
	return out
}

// expect compares everything that g has of the tables' families with the text exposition wanted. HELP lines are
// the business of the docs test, so they are filled in.
func expect(t *testing.T, g prometheus.Gatherer, want string, tables ...*table) {
	t.Helper()
	if err := testutil.GatherAndCompare(g, strings.NewReader(withHelp(want, tables)), names(tables...)...); err != nil {
		t.Error(err)
	}
}

func withHelp(text string, tables []*table) string {
	var b strings.Builder
	for line := range strings.Lines(text) {
		line = strings.TrimLeft(line, "\t")
		if rest, ok := strings.CutPrefix(line, "# TYPE "); ok {
			name, _, _ := strings.Cut(rest, " ")
			b.WriteString("# HELP " + name + " " + helpOf(name, tables) + "\n")
		}
		b.WriteString(line)
	}
	return b.String()
}

func helpOf(name string, tables []*table) string {
	for _, t := range tables {
		for _, f := range t.families {
			if f.name == name {
				return f.help
			}
		}
	}
	return ""
}
