package main

import (
	"bytes"
	"os"
	"path/filepath"
	"strings"
	"testing"
)

// result is what a command line gave.
type result struct {
	status      int
	stdout, err string
}

func runLine(t *testing.T, stdin string, args ...string) result {
	t.Helper()
	var out, errs bytes.Buffer
	status := Run(t.Context(), args, strings.NewReader(stdin), &out, &errs)
	return result{status, out.String(), errs.String()}
}

func TestCommandLine(t *testing.T) {
	good := write(t, "good.yml", "helpdesks: [{name: support, type: zendesk, url: 'https://acme.example'}]\n")
	bad := write(t, "bad.yml", "helpdesks:\n- name: support\n  typ: zendesk\n")
	ticket := `{"id":"7","policy":"reach-whatsapp-qr","severity":"critical","opened_at":"2026-03-02T09:50:00Z"}` + "\n"
	for name, tc := range map[string]struct {
		stdin  string
		args   []string
		status int
		stdout string // is part of
		err    string // is part of
	}{
		"help tells the commands":                        {"", []string{"--help"}, 0, "check-config", ""},
		"version tells the version":                      {"", []string{"--version"}, 0, "whatsapp_sla_exporter, version", ""},
		"an unknown command is refused":                  {"", []string{"serv"}, 1, "", "serv"},
		"an unknown flag is refused":                     {"", []string{"serve", "--port=1"}, 1, "", "--port"},
		"a missing configuration is named":               {"", []string{"serve", "--config.file=nowhere.yml"}, 1, "", "nowhere.yml"},
		"a good configuration is summed up":              {"", []string{"check-config", "--config.file=" + good}, 0, "1 helpdesk(s)", ""},
		"a typo is told with file, line and what is":     {"", []string{"check-config", "--config.file=" + bad}, 1, "", bad + `:3: unknown key "typ"; the keys here are`},
		"policies lists them":                            {"", []string{"policies"}, 0, "360dialog-premium", ""},
		"policies prints one with its sources":           {"", []string{"policies", "reach-whatsapp-qr"}, 0, "source: ", ""},
		"policies refuses one that is not there":         {"", []string{"policies", "gold"}, 1, "", `no policy "gold"`},
		"evaluate tells each target's state":             {ticket, []string{"evaluate", "--at=2026-03-02T10:00:00Z"}, 0, `"state":"critical"`, ""},
		"evaluate goes on after a bad line and fails":    {"x\n" + ticket, []string{"evaluate", "--at=2026-03-02T10:00:00Z"}, 1, `"state":"critical"`, ""},
		"evaluate wants an instant":                      {"", []string{"evaluate", "--at=noon"}, 1, "", "--at: want RFC 3339"},
		"export without a directory tells what it wants": {"", []string{"export"}, 1, "", "dir"},
	} {
		t.Run(name, func(t *testing.T) {
			got := runLine(t, tc.stdin, tc.args...)
			if got.status != tc.status || !strings.Contains(got.stdout, tc.stdout) || !strings.Contains(got.err, tc.err) {
				t.Errorf("got status %d\nstdout: %s\nstderr: %s\nwant %d, %q, %q", got.status, got.stdout, got.err, tc.status, tc.stdout, tc.err)
			}
		})
	}
}

func write(t *testing.T, name, text string) string {
	t.Helper()
	path := filepath.Join(t.TempDir(), name)
	if err := os.WriteFile(path, []byte(text), 0o600); err != nil {
		t.Fatal(err)
	}
	return path
}

func TestExportWritesEverythingForProvisioning(t *testing.T) {
	dir := t.TempDir()
	if got := runLine(t, "", "export", dir); got.status != 0 {
		t.Fatal(got.err)
	}
	for _, file := range []string{
		"alerts/rules/sla.yaml", "alerts/alertmanager.yml", "dashboards/overview.json",
		"dashboards/provisioning/dashboards/whatsapp_sla_exporter.yaml",
	} {
		if info, err := os.Stat(filepath.Join(dir, file)); err != nil || info.Size() == 0 {
			t.Errorf("%s: %v", file, err)
		}
	}
}
