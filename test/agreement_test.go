package test

import (
	"fmt"
	"io/fs"
	"maps"
	"os"
	"os/exec"
	"path/filepath"
	"regexp"
	"slices"
	"strconv"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"
	"github.com/prometheus/prometheus/promql/parser"
	"go.yaml.in/yaml/v3"

	"whatsapp_sla_exporter/alerts"
	"whatsapp_sla_exporter/dashboards"
)

// metric is one metric as docs/metrics.md tells of it.
type metric struct {
	kind   string
	labels names
}

var (
	metricRow  = regexp.MustCompile("(?m)^\\| `((?:whatsapp|helpdesk)_[a-z0-9_]+)` \\| ([a-z]+) \\| ([^|]*) \\|")
	quotedName = regexp.MustCompile("`([a-z_]+)`")
)

// documented is what docs/metrics.md promises.
func documented(t *testing.T) map[string]metric {
	t.Helper()
	text, err := os.ReadFile("../docs/metrics.md")
	must(t, err)
	all := make(map[string]metric)
	for _, row := range metricRow.FindAllStringSubmatch(string(text), -1) {
		m := metric{kind: row[2], labels: make(names)}
		for _, l := range quotedName.FindAllStringSubmatch(row[3], -1) {
			m.labels[l[1]] = true
		}
		all[row[1]] = m
	}
	return all
}

// rule is a rule of a file.
type rule struct {
	Record, Alert, Expr string
	Labels, Annotations map[string]string
}

func (r *rule) name() string { return r.Record + r.Alert }

// shippedRules are the rules as they are exported.
func shippedRules(t *testing.T) []rule {
	t.Helper()
	files, err := fs.Glob(alerts.Files, "rules/*.yaml")
	must(t, err)
	var all []rule
	for _, file := range files {
		raw, err := alerts.Files.ReadFile(file)
		must(t, err)
		var doc struct{ Groups []struct{ Rules []rule } }
		must(t, yaml.Unmarshal(raw, &doc))
		for _, g := range doc.Groups {
			all = append(all, g.Rules...)
		}
	}
	return all
}

// known infers labels from the metrics that are documented and the series that the rules record.
func known(t *testing.T, rules []rule) *inference {
	t.Helper()
	i := &inference{series: map[string]names{
		// Of client_golang, not of ours.
		"process_start_time_seconds": namesOf(scraped...),
	}}
	for name, m := range documented(t) {
		i.series[name] = m.labels.and(namesOf(scraped...))
	}
	// A rule may read what another records, or it itself did before, so that the labels are known when nothing is added.
	for before := -1; before != i.size(); {
		before = i.size()
		for _, r := range rules {
			if r.Record != "" {
				i.series[r.Record] = i.series[r.Record].and(i.labels(parsed(t, r.Expr))).and(namesOf(slices.Collect(maps.Keys(r.Labels))...))
			}
		}
	}
	i.take()
	return i
}

func (i *inference) size() int {
	n := len(i.series)
	for _, s := range i.series {
		n += len(s)
	}
	return n
}

func parsed(t *testing.T, expr string) parser.Expr {
	t.Helper()
	e, err := parser.NewParser(parser.Options{}).ParseExpr(expr)
	if err != nil {
		t.Fatalf("%v\n%s", err, expr)
	}
	return e
}

var (
	alertLabel  = regexp.MustCompile(`\$labels\.([a-z_]+)`)
	askedLabel  = regexp.MustCompile(`\.Labels\.([a-z_]+)`) // of what a query in a text gives
	queryInText = regexp.MustCompile(`query \(printf ("(?:[^"\\]|\\.)*")`)
)

// Every metric and every label that a rule asks for is one that the exporter promises, and so is every label that an
// alert's text fills in.
func TestRulesAskForWhatTheExporterPromises(t *testing.T) {
	rules := shippedRules(t)
	i := known(t, rules)
	for _, r := range rules {
		result := i.labels(parsed(t, r.Expr))
		for _, text := range slices.Concat(slices.Collect(maps.Values(r.Labels)), slices.Collect(maps.Values(r.Annotations))) {
			asked := make(names)
			for _, m := range queryInText.FindAllStringSubmatch(text, -1) {
				format, err := strconv.Unquote(m[1])
				must(t, err)
				asked = asked.and(i.labels(parsed(t, strings.ReplaceAll(format, "%q", `""`))))
			}
			i.fills(alertLabel, text, result)
			i.fills(askedLabel, text, asked)
		}
		for _, problem := range i.take() {
			t.Errorf("%s: %s", r.name(), problem)
		}
	}
}

// fills complains of labels that a text fills in and that are not there.
func (i *inference) fills(label *regexp.Regexp, text string, there names) {
	for _, m := range label.FindAllStringSubmatch(text, -1) {
		if !there[m[1]] {
			i.complain("the text fills in %s, which is not there", m[0])
		}
	}
}

var legendLabel = regexp.MustCompile(`\{\{\s*([a-z_]+)\s*\}\}`)

// The same for the boards and what their legends fill in.
func TestBoardsAskForWhatTheExporterPromises(t *testing.T) {
	i := known(t, shippedRules(t))
	for _, d := range dashboards.All() {
		for _, p := range d.Panels {
			for _, target := range p.Targets {
				at := fmt.Sprintf("%s, panel %s, query %s", d.UID, p.Title, target.RefID)
				result := i.labels(parsed(t, dashboards.Query{Expr: target.Expr}.PromQL()))
				i.fills(legendLabel, target.LegendFormat, result)
				for _, problem := range i.take() {
					t.Errorf("%s: %s", at, problem)
				}
			}
		}
	}
}

// What export writes is what is in the repository, and all of it.
func TestExportWritesTheShippedFiles(t *testing.T) {
	path, err := binary()
	must(t, err)
	dir := t.TempDir()
	if out, err := exec.Command(path, "export", dir).CombinedOutput(); err != nil {
		t.Fatalf("export: %v: %s", err, out)
	}
	shipped := map[string]string{
		"alerts/rules": "*.yaml", "alerts/templates": "*.tmpl", "alerts": "*.yml",
		"dashboards": "*.json", "dashboards/provisioning/dashboards": "*.yaml", "dashboards/provisioning/datasources": "*.yaml",
	}
	want := make(map[string]string)
	for sub, pattern := range shipped {
		files, err := filepath.Glob(filepath.Join("..", sub, pattern))
		must(t, err)
		for _, f := range files {
			raw, err := os.ReadFile(f)
			must(t, err)
			want[filepath.Join(sub, filepath.Base(f))] = string(raw)
		}
	}
	got := make(map[string]string)
	must(t, filepath.WalkDir(dir, func(path string, e fs.DirEntry, err error) error {
		if err != nil || e.IsDir() {
			return err
		}
		name, err := filepath.Rel(dir, path)
		must(t, err)
		raw, err := os.ReadFile(path)
		got[name] = string(raw)
		return err
	}))
	if d := cmp.Diff(want, got); d != "" {
		t.Errorf("files (-in the repository +exported):\n%s", d)
	}
}
