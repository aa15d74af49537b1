// Package demo runs the real exporter on its simulators inside a test.
package demo

import (
	"bytes"
	"context"
	"fmt"
	"io"
	"net"
	"net/http"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"sync"
	"syscall"
	"testing"
	"time"
)

// Options say how the demo is started.
type Options struct {
	// Binary is the exporter; empty: it is built.
	Binary string
	// Ago is how long ago the scenario began: 7 minutes are its middle, where most is wrong.
	Ago time.Duration
	// Alertmanager is host and port of one that gets the sidecar's alerts; empty: there is no sidecar.
	Alertmanager string
}

// Demo is the running exporter.
type Demo struct {
	Address string // host and port
	log     *output
}

type output struct {
	mu sync.Mutex
	b  bytes.Buffer
}

func (o *output) Write(p []byte) (int, error) {
	o.mu.Lock()
	defer o.mu.Unlock()
	return o.b.Write(p)
}

func (o *output) String() string {
	o.mu.Lock()
	defer o.mu.Unlock()
	return o.b.String()
}

// build builds the exporter and returns its path.
func build(t testing.TB) string {
	t.Helper()
	root, err := exec.Command("go", "list", "-m", "-f", "{{.Dir}}", "whatsapp_sla_exporter").Output()
	if err != nil {
		t.Fatal(err)
	}
	path := filepath.Join(t.TempDir(), "whatsapp_sla_exporter")
	build := exec.Command("go", "build", "-C", strings.TrimSpace(string(root)), "-o", path, "./cmd/whatsapp_sla_exporter")
	if out, err := build.CombinedOutput(); err != nil {
		t.Fatalf("building the exporter: %v: %s", err, out)
	}
	return path
}

// freeAddress is one that nobody listens on now. The exporter cannot choose one by itself, because the demo's webhooks
// are sent there.
func freeAddress(t testing.TB) string {
	t.Helper()
	l, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	defer l.Close()
	return l.Addr().String()
}

// Start runs the demo until the test ends. It returns when every source was read.
func Start(t testing.TB, o Options) *Demo {
	t.Helper()
	binary, dir := o.Binary, t.TempDir()
	if binary == "" {
		binary = build(t)
	}
	began := time.Now().Add(-o.Ago).UTC().Format(time.RFC3339)
	if err := os.WriteFile(filepath.Join(dir, "began"), []byte(began), 0o600); err != nil {
		t.Fatal(err)
	}
	d := &Demo{Address: freeAddress(t), log: &output{}}
	cmd := exec.Command(binary, "demo", "--demo.dir="+dir, "--demo.alertmanager="+o.Alertmanager, "--web.listen-address="+d.Address)
	cmd.Stderr = d.log
	if err := cmd.Start(); err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() {
		_ = cmd.Process.Signal(syscall.SIGTERM)
		_ = cmd.Wait()
	})
	d.eventually(t, "ready", func() bool {
		_, err := d.get(t.Context(), "/-/ready")
		return err == nil
	})
	return d
}

func (d *Demo) eventually(t testing.TB, what string, ok func() bool) {
	t.Helper()
	tick := time.NewTicker(50 * time.Millisecond)
	defer tick.Stop()
	late := time.After(time.Minute)
	for !ok() {
		select {
		case <-tick.C:
		case <-late:
			t.Fatalf("the demo is not %s; its log says:\n%s", what, d.log)
		}
	}
}

// Get is the body of a page of the exporter.
func (d *Demo) Get(t testing.TB, path string) []byte {
	t.Helper()
	body, err := d.get(t.Context(), path)
	if err != nil {
		t.Fatal(err)
	}
	return body
}

func (d *Demo) get(ctx context.Context, path string) ([]byte, error) {
	ctx, cancel := context.WithTimeout(ctx, 5*time.Second)
	defer cancel()
	req, err := http.NewRequestWithContext(ctx, http.MethodGet, "http://"+d.Address+path, nil)
	if err != nil {
		return nil, err
	}
	resp, err := http.DefaultClient.Do(req)
	if err != nil {
		return nil, err
	}
	defer resp.Body.Close()
	body, err := io.ReadAll(resp.Body)
	if err == nil && resp.StatusCode != http.StatusOK {
		err = fmt.Errorf("%s: status %d: %s", path, resp.StatusCode, body)
	}
	return body, err
}
