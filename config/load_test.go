package config

import (
	"bufio"
	"os"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"github.com/prometheus/common/model"
)

// Each *.bad.yml says in its first line what its error must contain, beginning with the line of the mistake where
// the mistake has one.
func TestBadFilesAreRefusedWithTheirMistake(t *testing.T) {
	files, err := filepath.Glob("testdata/config/*.bad.yml")
	if err != nil || len(files) == 0 {
		t.Fatalf("no fixtures: %v", err)
	}
	for _, file := range files {
		t.Run(filepath.Base(file), func(t *testing.T) {
			want := wantedError(t, file)
			_, err := Load(file)
			if err == nil || !strings.Contains(err.Error(), want) {
				t.Fatalf("got  %v\nwant %s", err, want)
			}
			if !strings.HasPrefix(err.Error(), file+":") {
				t.Errorf("the error does not name its file: %v", err)
			}
			for _, secret := range []string{"hunter2", "EAAB", "ops:secret"} {
				if strings.Contains(err.Error(), secret) {
					t.Errorf("the error tells a secret: %v", err)
				}
			}
		})
	}
}

func wantedError(t *testing.T, file string) string {
	t.Helper()
	f, err := os.Open(file)
	if err != nil {
		t.Fatal(err)
	}
	defer f.Close()
	s := bufio.NewScanner(f)
	s.Scan()
	want, ok := strings.CutPrefix(s.Text(), "# want: ")
	if !ok {
		t.Fatalf("%s does not begin with '# want: '", file)
	}
	return want
}

func TestEverythingWrongIsToldAtOnce(t *testing.T) {
	_, err := Parse("x.yml", []byte("helpdesks:\n  - {name: a b, type: no, url: nowhere}\n"))
	if err == nil {
		t.Fatal("no error")
	}
	for _, want := range []string{"name ", "type ", "url "} {
		if !strings.Contains(err.Error(), "x.yml:2: "+want) {
			t.Errorf("%q is missing in:\n%v", want, err)
		}
	}
}

func TestDefaults(t *testing.T) {
	c, err := Load("testdata/config/minimal.good.yml")
	if err != nil {
		t.Fatal(err)
	}
	h := c.Helpdesks[0]
	for name, ok := range map[string]bool{
		"poll every minute":            h.PollInterval == model.Duration(time.Minute),
		"stale after five polls":       c.Global.StaleAfter == model.Duration(5*time.Minute),
		"reconcile every hour":         h.ReconcileInterval == model.Duration(time.Hour),
		"look an hour back":            h.Lookback == model.Duration(time.Hour),
		"series for 100 tickets":       h.MaxTicketSeries == 100,
		"UTC":                          h.TimeZone == "UTC",
		"state beside the file":        c.State.Path == filepath.Join("testdata", "config", "data", "state.db"),
		"secrets relative to the file": h.HTTPConfig.BasicAuth.PasswordFile == filepath.Join("testdata", "config", "secrets", "zendesk-token"),
		"no sidecar unless configured": c.Alertmanager == nil,
	} {
		if !ok {
			t.Errorf("default not as documented: %s", name)
		}
	}
}

func TestFullExampleLoads(t *testing.T) {
	c, err := Load("testdata/config/full.good.yml")
	if err != nil {
		t.Fatal(err)
	}
	if got := c.Helpdesks[0].Country; got != "ES" {
		t.Errorf("the helpdesk's country is %q, want the global one", got)
	}
}
