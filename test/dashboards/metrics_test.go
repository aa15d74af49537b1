package dashboards_test

import (
	"bytes"
	"os"
	"path/filepath"
	"regexp"
	"strings"
	"testing"
)

// golden is the metrics that the demo does not have, and the test that shows what each looks like.
var golden = map[string]string{
	// Tokens of system users, which servers have, do not lose access to data.
	"whatsapp_access_token_data_access_expiry_timestamp_seconds": "collector/token_test.go",
	// A token that lacks a permission finds no accounts to show.
	"whatsapp_access_token_missing_scope": "collector/token_test.go",
	// The demo's Alertmanager is named, not looked for.
	"whatsapp_sla_exporter_alertmanager_discovery_failures_total": "internal/discovery/discovery_test.go",
}

func TestGoldenTestsShowTheirMetrics(t *testing.T) {
	for name, file := range golden {
		raw, err := os.ReadFile(filepath.Join("..", "..", file))
		if err != nil {
			t.Error(err)
			continue
		}
		if !bytes.Contains(raw, []byte("# TYPE "+name+" ")) || !bytes.Contains(raw, []byte(name+"{")) {
			t.Errorf("%s does not show %s", file, name)
		}
	}
}

// documentedMetric is the first column of a row of docs/metrics.md.
var documentedMetric = regexp.MustCompile("(?m)^\\| `((?:whatsapp|helpdesk)_[a-z0-9_]+)` \\|")

// documented is the exporter's own metrics, as the reference names them.
func documented(t *testing.T) map[string]bool {
	t.Helper()
	raw, err := os.ReadFile("../../docs/metrics.md")
	if err != nil {
		t.Fatal(err)
	}
	all := map[string]bool{}
	for _, m := range documentedMetric.FindAllSubmatch(raw, -1) {
		all[string(m[1])] = true
	}
	if len(all) < 100 {
		t.Fatalf("only %d metrics are documented", len(all))
	}
	return all
}

// look drops from the list what the page has a series of.
func look(page []byte, unseen map[string]bool) {
	for line := range strings.Lines(string(page)) {
		name, _, ok := strings.Cut(line, "{")
		if !ok {
			name, _, _ = strings.Cut(line, " ")
		}
		delete(unseen, name)
	}
}
