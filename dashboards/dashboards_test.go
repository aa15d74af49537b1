package dashboards

import (
	"bytes"
	"encoding/json"
	"io/fs"
	"regexp"
	"slices"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"
	"go.yaml.in/yaml/v3"
)

func TestFilesAreWhatTheGeneratorGives(t *testing.T) {
	var want []string
	for _, d := range All() {
		want = append(want, d.File())
		text, err := d.JSON()
		if err != nil {
			t.Fatal(err)
		}
		if file, err := Files.ReadFile(d.File()); err != nil || !bytes.Equal(file, text) {
			t.Errorf("%s is not what the generator gives (%v): run go generate ./dashboards", d.File(), err)
		}
	}
	got, err := fs.Glob(Files, "*.json")
	if err != nil {
		t.Fatal(err)
	}
	slices.Sort(want)
	if diff := cmp.Diff(want, got); diff != "" {
		t.Errorf("files (-generated +there):\n%s", diff)
	}
}

func TestBoardsCanBeTold(t *testing.T) {
	uids := map[string]string{}
	for _, d := range All() {
		if other := uids[d.UID]; other != "" || !regexp.MustCompile(`^whatsapp-sla-[a-z]{1,27}$`).MatchString(d.UID) {
			t.Errorf("%s: uid %q is bad or that of %q", d.Title, d.UID, other)
		}
		uids[d.UID] = d.Title
		if d.Title == "" || d.Description == "" || d.Editable || !slices.Contains(d.Tags, tag) {
			t.Errorf("%s lacks a title, a description or the tag, or may be edited", d.UID)
		}
		var variables []string
		for _, v := range d.Templating.List {
			variables = append(variables, v.Name)
		}
		if diff := cmp.Diff([]string{"datasource", "account", "helpdesk", "tenant"}, variables); diff != "" {
			t.Errorf("%s: variables (-want +got):\n%s", d.UID, diff)
		}
	}
}

func TestBoardsLinkToEachOtherByTag(t *testing.T) {
	for _, d := range All() {
		if len(d.Links) != 1 || !slices.Equal(d.Links[0].Tags, []string{tag}) || !d.Links[0].IncludeVars || !d.Links[0].KeepTime {
			t.Errorf("%s: links %+v", d.UID, d.Links)
		}
	}
}

func TestPanelsAreComplete(t *testing.T) {
	for _, d := range All() {
		ids := map[int]bool{}
		for _, p := range d.Panels {
			at := d.UID + ", panel " + p.Title
			if p.ID < 1 || ids[p.ID] {
				t.Errorf("%s: id %d is bad or used twice", at, p.ID)
			}
			ids[p.ID] = true
			if p.Title == "" {
				t.Errorf("%s %d has no title", d.UID, p.ID)
			}
			if p.Type != "row" {
				checkPanel(t, at, p)
			}
		}
	}
}

func checkPanel(t *testing.T, at string, p Panel) {
	t.Helper()
	if p.FieldConfig.Defaults.Unit == "" {
		t.Errorf("%s has no unit", at)
	}
	if len(p.Description) < 20 || !strings.HasSuffix(p.Description, ".") {
		t.Errorf("%s has no description worth the name: %q", at, p.Description)
	}
	if diff := cmp.Diff(&Datasource{Type: "prometheus", UID: "${datasource}"}, p.Datasource); diff != "" {
		t.Errorf("%s: datasource (-want +got):\n%s", at, diff)
	}
	if len(p.Targets) == 0 {
		t.Errorf("%s queries nothing", at)
	}
	refs := map[string]bool{}
	for _, target := range p.Targets {
		if refs[target.RefID] || target.Expr == "" || target.Instant == target.Range || target.Datasource.UID != "${datasource}" {
			t.Errorf("%s: bad query %+v", at, target)
		}
		refs[target.RefID] = true
	}
}

func TestPanelsDoNotOverlap(t *testing.T) {
	for _, d := range All() {
		taken := map[[2]int]string{}
		for _, p := range d.Panels {
			if p.GridPos.W < 1 || p.GridPos.H < 1 || p.GridPos.X < 0 || p.GridPos.X+p.GridPos.W > gridWidth {
				t.Errorf("%s, panel %s is outside the grid: %+v", d.UID, p.Title, p.GridPos)
			}
			for x := p.GridPos.X; x < p.GridPos.X+p.GridPos.W; x++ {
				for y := p.GridPos.Y; y < p.GridPos.Y+p.GridPos.H; y++ {
					if other, ok := taken[[2]int{x, y}]; ok {
						t.Fatalf("%s: panels %s and %s overlap at %d, %d", d.UID, p.Title, other, x, y)
					}
					taken[[2]int{x, y}] = p.Title
				}
			}
		}
	}
}

// A state has one colour, whichever board shows it and however it is spelt there.
func TestStatesHaveOneColour(t *testing.T) {
	known := map[Colour]bool{Good: true, Warn: true, Bad: true, Broken: true, Waiting: true, Dim: true, "transparent": true, "": true}
	colours := map[string]Colour{}
	for _, e := range []enum{slaStates, ratings, phoneStatuses, healthStates, platformStates, banStates, causes, reviews} {
		for _, s := range e {
			if before, ok := colours[s.value]; ok && before != s.colour {
				t.Errorf("%s is %s and %s", s.value, before, s.colour)
			}
			colours[s.value] = s.colour
		}
	}
	used := regexp.MustCompile(`"(?:color|fixedColor)": "([^"]*)"`)
	for _, d := range All() {
		text, err := d.JSON()
		if err != nil {
			t.Fatal(err)
		}
		for _, m := range used.FindAllSubmatch(text, -1) {
			if !known[Colour(m[1])] {
				t.Errorf("%s uses the colour %s, which is not in the palette", d.UID, m[1])
			}
		}
	}
}

// An exporter that is down, or a helpdesk that is not read, must not look like a quiet day.
func TestNothingTurnsMissingDataIntoZero(t *testing.T) {
	for _, q := range Queries() {
		if strings.Contains(q.Expr, "vector(0)") {
			t.Errorf("%s, panel %s: %s", q.Dashboard, q.Panel, q.Expr)
		}
	}
}

// How near a deadline is, only the policies say.
func TestDeadlinesAreNotComparedWithNumbers(t *testing.T) {
	for _, d := range All() {
		for _, p := range d.Panels {
			defaults := p.FieldConfig.Defaults
			if defaults.Unit != duration && defaults.Unit != seconds || defaults.Thresholds == nil {
				continue
			}
			for _, s := range defaults.Thresholds.Steps {
				if s.Value != nil && *s.Value != 0 {
					t.Errorf("%s, panel %s turns %s at %v seconds", d.UID, p.Title, s.Color, *s.Value)
				}
			}
		}
	}
}

func TestProvisioningIsYAML(t *testing.T) {
	for _, name := range []string{"provisioning/dashboards/whatsapp_sla_exporter.yaml", "provisioning/datasources/prometheus.yaml"} {
		text, err := Files.ReadFile(name)
		if err != nil {
			t.Fatal(err)
		}
		var file struct {
			APIVersion  int              `yaml:"apiVersion"`
			Providers   []map[string]any `yaml:"providers"`
			Datasources []map[string]any `yaml:"datasources"`
		}
		if err := yaml.Unmarshal(text, &file); err != nil || file.APIVersion != 1 || len(file.Providers)+len(file.Datasources) != 1 {
			t.Errorf("%s: %+v, %v", name, file, err)
		}
	}
}

func TestJSONIsAnObjectOfTheClassicModel(t *testing.T) {
	for _, d := range All() {
		text, err := d.JSON()
		if err != nil {
			t.Fatal(err)
		}
		var model map[string]any
		if err := json.Unmarshal(text, &model); err != nil || model["schemaVersion"] != float64(41) || model["editable"] != false {
			t.Errorf("%s: %v, schemaVersion %v", d.UID, err, model["schemaVersion"])
		}
	}
}
