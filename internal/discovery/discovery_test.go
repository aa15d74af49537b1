package discovery

import (
	"context"
	"fmt"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"sync/atomic"
	"testing"
	"testing/synctest"
	"time"

	"github.com/go-kit/log"
	"github.com/google/go-cmp/cmp"
	"github.com/prometheus/client_golang/prometheus"
	"github.com/prometheus/client_golang/prometheus/testutil"
	"github.com/prometheus/common/model"
	"go.uber.org/goleak"
)

func TestMain(m *testing.M) { goleak.VerifyTestMain(m) }

// running is a discoverer at work.
type running struct {
	*Discoverer
	t        *testing.T
	registry *prometheus.Registry
	changes  atomic.Int32
}

func start(t *testing.T, c Config) *running {
	t.Helper()
	r := &running{t: t, registry: prometheus.NewPedanticRegistry()}
	r.Discoverer = New(Options{
		Changed: func() { r.changes.Add(1) }, Registerer: r.registry, Logger: log.NewNopLogger(),
	})
	r.Configure(c)
	ctx, cancel := context.WithCancel(context.Background())
	ended := make(chan error, 1)
	go func() { ended <- r.Run(ctx) }()
	t.Cleanup(func() {
		cancel()
		if err := <-ended; err != nil {
			t.Errorf("Run: %v", err)
		}
	})
	synctest.Wait()
	return r
}

// wait lets time pass and then expects these addresses, and so many changes since the start.
func (r *running) wait(d time.Duration, changes int32, want ...string) {
	r.t.Helper()
	time.Sleep(d)
	synctest.Wait()
	got := addresses(r.Targets())
	if d := cmp.Diff(want, got); d != "" {
		r.t.Errorf("targets (-want +got):\n%s", d)
	}
	if n := r.changes.Load(); n != changes {
		r.t.Errorf("%d changes, want %d", n, changes)
	}
}

func addresses(targets []model.LabelSet) (out []string) {
	for _, l := range targets {
		out = append(out, string(l[model.AddressLabel]))
	}
	return out
}

func write(t *testing.T, path, text string) {
	t.Helper()
	if err := os.WriteFile(path, []byte(text), 0o600); err != nil {
		t.Fatal(err)
	}
}

func TestFilesAreReadAgain(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		dir := t.TempDir()
		a, b := filepath.Join(dir, "a.yml"), filepath.Join(dir, "b.json")
		write(t, a, `[{targets: ["am-0:9093"]}]`)
		r := start(t, Config{
			Static: []Group{{Targets: []string{"static:9093"}}},
			Files:  []Files{{Patterns: []string{filepath.Join(dir, "*")}, RefreshInterval: time.Hour}},
		})
		r.wait(0, 1, "static:9093", "am-0:9093")
		r.wait(time.Minute, 1, "static:9093", "am-0:9093")

		write(t, b, `[{"targets": ["am-1:9093", "am-2:9093"], "labels": {"zone": "b"}}]`)
		r.wait(longestLook, 2, "static:9093", "am-0:9093", "am-1:9093", "am-2:9093")

		write(t, b, `[{"targets": ["am-1:9093"`) // in the middle of being written
		r.wait(longestLook, 2, "static:9093", "am-0:9093", "am-1:9093", "am-2:9093")

		write(t, b, `[]`)
		r.wait(longestLook, 3, "static:9093", "am-0:9093")

		write(t, b, `[{"targets": ["am-1:9093"]}]`)
		r.wait(longestLook, 4, "static:9093", "am-0:9093", "am-1:9093")
		remove(t, a)
		r.wait(longestLook, 5, "static:9093", "am-1:9093")
		remove(t, b) // nobody is left: rather the files are wrong
		r.wait(longestLook, 5, "static:9093", "am-1:9093")

		const want = `
# HELP whatsapp_sla_exporter_alertmanager_discovery_failures_total How often looking for Alertmanagers failed, so that those that were known stayed, by how they are looked for.
# TYPE whatsapp_sla_exporter_alertmanager_discovery_failures_total counter
whatsapp_sla_exporter_alertmanager_discovery_failures_total{mechanism="file"} 2
# HELP whatsapp_sla_exporter_alertmanagers_discovered Alertmanagers that are known, before relabelling, by how they were found.
# TYPE whatsapp_sla_exporter_alertmanagers_discovered gauge
whatsapp_sla_exporter_alertmanagers_discovered{mechanism="file"} 1
whatsapp_sla_exporter_alertmanagers_discovered{mechanism="static"} 1
`
		if err := testutil.GatherAndCompare(r.registry, strings.NewReader(want)); err != nil {
			t.Error(err)
		}
		if problems, err := testutil.GatherAndLint(r.registry); err != nil || len(problems) > 0 {
			t.Errorf("promlint: %v, %v", problems, err)
		}
	})
}

func remove(t *testing.T, path string) {
	t.Helper()
	if err := os.Remove(path); err != nil {
		t.Fatal(err)
	}
}

func TestAReloadKeepsWhatIsAskedForAsBefore(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		dir := t.TempDir()
		kept, dropped := filepath.Join(dir, "kept.yml"), filepath.Join(dir, "dropped.yml")
		write(t, kept, `[{targets: ["kept:9093"]}]`)
		write(t, dropped, `[{targets: ["dropped:9093"]}]`)
		files := func(path string, every time.Duration) Files {
			return Files{Patterns: []string{path}, RefreshInterval: every}
		}
		r := start(t, Config{Files: []Files{files(kept, time.Minute), files(dropped, time.Minute)}})
		r.wait(0, 2, "dropped:9093", "kept:9093")
		remove(t, kept)
		r.Configure(Config{Files: []Files{files(kept, time.Hour)}})
		if d := cmp.Diff([]string{"kept:9093"}, addresses(r.Targets())); d != "" {
			t.Errorf("at once (-want +got):\n%s", d)
		}
		r.wait(time.Minute, 2, "kept:9093")
		r.Configure(Config{})
		r.wait(time.Minute, 2)
	})
}

func TestWhatAFileSaysOfItsTargets(t *testing.T) {
	path := filepath.Join(t.TempDir(), "am.yaml")
	write(t, path, "- targets: ['am-0:9093', 'am-1:9093']\n  labels: {__scheme__: https, zone: a}\n- targets: ['am-2:9093']\n")
	got, err := (&Files{Patterns: []string{path}}).look(t.Context(), nil)
	if err != nil {
		t.Fatal(err)
	}
	file := model.LabelValue(path)
	want := found{path: {
		{"__address__": "am-0:9093", "__scheme__": "https", "zone": "a", "__meta_filepath": file},
		{"__address__": "am-1:9093", "__scheme__": "https", "zone": "a", "__meta_filepath": file},
		{"__address__": "am-2:9093", "__meta_filepath": file},
	}}
	if d := cmp.Diff(want, got); d != "" {
		t.Errorf("(-want +got):\n%s", d)
	}
}

func TestFilesThatAreRefused(t *testing.T) {
	for _, tt := range []struct{ name, text, want string }{
		{"a.yml", "", "the file is empty"},
		{"a.yml", "# nothing yet\n", "the file is empty"},
		{"a.json", "", "the file is empty"},
		{"a.json", "null", "want a list of groups"},
		{"a.yml", "~", "want a list of groups"},
		{"a.yml", "- targets: [a:1]\n-\n", "group 2 is empty"},
		{"a.yml", "- tragets: [a:1]\n", "field tragets not found"},
		{"a.json", `[{"tragets": ["a:1"]}]`, `unknown field "tragets"`},
		{"a.json", `[{"targets": ["a:1"]}] []`, "more than one value"},
		{"a.JSON", "- targets: [a:1]\n", "invalid character"},
		{"a.yml", "targets: [a:1]\n", "cannot unmarshal"},
	} {
		path := filepath.Join(t.TempDir(), tt.name)
		write(t, path, tt.text)
		if _, err := readFile(path); err == nil || !strings.Contains(err.Error(), tt.want) || !strings.Contains(err.Error(), path) {
			t.Errorf("%s %q: got %v, want %s", tt.name, tt.text, err, tt.want)
		}
	}
}

func FuzzDecode(f *testing.F) {
	for _, seed := range []string{
		"", "null", "[]", `[{"targets": ["a:1"], "labels": {"zone": "a"}}]`, "- targets: [a:1]\n  labels: {zone: a}\n", "- &a {targets: [x]}\n- *a\n",
		`[{"targets": null}]`, `[null]`, "- {}\n",
	} {
		f.Add([]byte(seed), true)
		f.Add([]byte(seed), false)
	}
	f.Fuzz(func(t *testing.T, content []byte, isJSON bool) {
		groups, err := decode(content, isJSON)
		if err != nil {
			return
		}
		for i := range groups {
			targets := groups[i].targets(model.LabelSet{filepathLabel: "x"})
			if !slices.Equal(addresses(targets), slices.Clone(groups[i].Targets)) {
				t.Errorf("%s of %s", targets, fmt.Sprint(groups[i]))
			}
		}
	})
}
