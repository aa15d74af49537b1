package declarative

import (
	"os"
	"path/filepath"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"
	"go.uber.org/goleak"
)

func TestMain(m *testing.M) { goleak.VerifyTestMain(m) }

// small is the least that a profile needs.
const small = `name: own
changes:
  path: /tickets
  rows: .
  watermark: .changed
open:
  path: /tickets
  rows: .
lookup:
  path: /tickets/{id}
  rows: '[.]'
map: '{id, status, updated_at: .changed}'
`

func TestShippedProfilesAreGood(t *testing.T) {
	want := []string{"front", "glpi", "hubspot", "servicenow", "zoho_desk"}
	if d := cmp.Diff(want, Names()); d != "" {
		t.Error(d)
	}
	for _, name := range Names() {
		p, err := Load(name)
		if err != nil {
			t.Error(err)
		} else if p.Name != name || p.Title == "" {
			t.Errorf("%s: name %q, title %q", name, p.Name, p.Title)
		}
	}
}

func TestAProfileIsReadFromAFile(t *testing.T) {
	file := filepath.Join(t.TempDir(), "own.yaml")
	if err := os.WriteFile(file, []byte(small), 0o600); err != nil {
		t.Fatal(err)
	}
	p, err := Load(file)
	if err != nil {
		t.Fatal(err)
	}
	if p.Name != "own" || p.Changes.Page.Kind.Value != pageNone || p.Lookup.Batch != 1 || p.Changes.Budget != defaultBudget || p.Zone.Value != "UTC" {
		t.Errorf("%+v", p)
	}
	if _, err := Load(file + ".missing"); err == nil || !strings.Contains(err.Error(), "shipped are front, glpi, hubspot") {
		t.Errorf("a file that is not there: %v", err)
	}
}

func TestMistakesOfAProfileHaveFileAndLine(t *testing.T) {
	for name, c := range map[string]struct{ from, to, want string }{
		"an unknown key":                        {"  path: /tickets\n", "  pth: /tickets\n", `own.yaml:3: unknown key "pth"`},
		"YAML that is none":                     {"name: own", "name: [own", "own.yaml:"},
		"a second document":                     {small, small + "---\nname: other\n", "own.yaml: more than one YAML document"},
		"no name":                               {"name: own", "title: own", `own.yaml: name "": want lower case letters`},
		"no mapping":                            {"map: '{id, status, updated_at: .changed}'\n", "", "own.yaml: map: is missing"},
		"no watermark":                          {"  watermark: .changed\n", "", "own.yaml:3: changes.watermark: is missing"},
		"no rows":                               {"  rows: '[.]'\n", "", "own.yaml:10: lookup.rows: is missing"},
		"jq that cannot be read":                {"watermark: .changed", "watermark: .changed |", "own.yaml:5: jq: unexpected EOF"},
		"jq that cannot be read, in a block":    {"map: '{id, status, updated_at: .changed}'", "map: |\n  {id,\n   status: (.a}", "own.yaml:14: jq: unexpected token \"}\""},
		"jq that knows no such function":        {"rows: .\n", "rows: rowz\n", "own.yaml:4: jq: function not defined: rowz/0"},
		"jq that knows no such variable":        {"rows: .\n", "rows: $rowz\n", "own.yaml:4: jq: variable not defined: $rowz"},
		"jq that is a list":                     {"rows: .\n", "rows: [.]\n", "own.yaml:4: want a text"},
		"an order that is none":                 {"  watermark", "  order: random\n  watermark", `own.yaml:5: changes.order "random": want oldest_first or newest_first`},
		"a kind of paging that is none":         {"  watermark", "  page: {kind: scroll}\n  watermark", `own.yaml:5: changes.page.kind "scroll": want one of none, page_number`},
		"numbered pages without a size":         {"  watermark", "  page: {kind: page_number}\n  watermark", "own.yaml:5: changes.page.size: want the number of rows"},
		"cursors that nobody names":             {"  watermark", "  page: {kind: cursor}\n  watermark", "own.yaml:5: changes.page.next: is missing"},
		"no pages at all":                       {"  watermark", "  page: {max: -1}\n  watermark", "changes.page.max: want a number above 0"},
		"a path with a query":                   {"path: /tickets\n", "path: /tickets?all=1\n", `own.yaml:3: changes.path "/tickets?all=1": want the path below`},
		"a path that is an address":             {"path: /tickets\n", "path: https://elsewhere.example/tickets\n", "want the path below the helpdesk's address"},
		"a method that changes something":       {"  path: /tickets\n", "  method: DELETE\n  path: /tickets\n", `own.yaml:4: changes.method "DELETE": want GET or POST`},
		"a GET with a body":                     {"  watermark", "  body: '{}'\n  watermark", "own.yaml:5: changes: a GET has no body"},
		"many ids in a path for one":            {"  path: /tickets/{id}\n", "  path: /tickets/{id}\n  batch: 10\n", "lookup.batch: a request with {id} in its path reads one at a time"},
		"no ids at all":                         {"  path: /tickets/{id}\n", "  path: /tickets/{id}\n  batch: -1\n", "lookup.batch: want a number above 0"},
		"a zone that is none":                   {"name: own", "name: own\nzone: Mars/Base", `own.yaml:2: zone "Mars/Base": want UTC, local`},
		"a secret in the profile":               {"name: own", "name: own\nheaders: {Authorization: Bearer x}", "own.yaml: headers: Authorization is a secret"},
		"a join without a key":                  {"name: own", "name: own\njoins: {x: {path: /x, rows: ., batch: 2}}", "own.yaml:2: joins.x.key: is missing"},
		"a join of many that do not say whose":  {"name: own", "name: own\njoins: {x: {path: /x, rows: ., key: .id, batch: 2}}", "own.yaml:2: joins.x.on: is missing"},
		"an empty join":                         {"name: own", "name: own\njoins: {x: }", "own.yaml: joins.x: is empty"},
		"an empty table":                        {"name: own", "name: own\ntables: {x: }", "own.yaml: tables.x: is empty"},
		"a table without a value":               {"name: own", "name: own\ntables: {x: {path: /x}}", "own.yaml:2: tables.x.value: is missing"},
		"a session without a token or a header": {"name: own", "name: own\nsession: {path: /x}", "own.yaml:2: session.token: is missing\nown.yaml:2: session.header: want the header"},
		"a rate below zero":                     {"name: own", "name: own\nrate: {per_second: -1}", "own.yaml: rate: want numbers above 0"},
		"a pace that nothing tells":             {"name: own", "name: own\nrate: {per_second: 1, follow: minute}", `rate.follow "minute": want the name of a quota`},
		"recent rows that nobody can place":     {"name: own", "name: own\njoins: {x: {path: /x, rows: ., key: .id, recent: {path: /y, rows: .}}}", "own.yaml:2: joins.x.recent.at: is missing\nown.yaml:2: joins.x.on: is missing\nown.yaml:2: joins.x.version: is missing\nown.yaml:2: joins.x.whole: is missing"},
		"rows that tell, and never enough":      {"name: own", "name: own\njoins: {x: {path: /x, rows: ., key: .id, version: .v, tells: .news}}", "own.yaml:2: joins.x.whole: is missing"},
		"a duration that is none":               {"  watermark", "  overlap: soon\n  watermark", "own.yaml"},
	} {
		t.Run(name, func(t *testing.T) {
			if !strings.Contains(small, c.from) {
				t.Fatalf("%q is not in the profile", c.from)
			}
			p, err := Parse("own.yaml", []byte(strings.Replace(small, c.from, c.to, 1)))
			if err == nil || !strings.Contains(err.Error(), c.want) {
				t.Errorf("got %v\nwant %s", err, c.want)
			}
			if err == nil && p == nil {
				t.Error("neither a profile nor an error")
			}
		})
	}
}

func TestAllMistakesAreTold(t *testing.T) {
	_, err := Parse("own.yaml", []byte(strings.NewReplacer("rows: .\n", "rows: rowz\n", ".changed", "now", "{id, status, updated_at: .changed}", "env").Replace(small)))
	want := `own.yaml:4: jq: function not defined: rowz/0
own.yaml:5: jq: now is not allowed: a mapping only computes (the time is $now)
own.yaml:8: jq: function not defined: rowz/0
own.yaml:12: jq: env is not allowed: a mapping only computes (the time is $now)`
	if d := cmp.Diff(want, err.Error()); d != "" {
		t.Error(d)
	}
}

func FuzzParse(f *testing.F) {
	f.Add([]byte(small))
	for _, name := range Names() {
		raw, err := shipped.ReadFile("profiles/" + name + ".yaml")
		if err != nil {
			f.Fatal(err)
		}
		f.Add(raw)
	}
	f.Add([]byte("name: &a [*a]"))
	f.Fuzz(func(t *testing.T, raw []byte) {
		if len(raw) > 20_000 {
			return
		}
		p, err := Parse("own.yaml", raw)
		if err == nil && (p.Name == "" || p.Map.code == nil) {
			t.Errorf("a profile without name or mapping passes")
		}
	})
}
