// Package exporter runs the real exporter for tests that look at it from outside.
package exporter

import (
	"bytes"
	"context"
	"io"
	"net/http"
	"os"
	"os/exec"
	"regexp"
	"strings"
	"sync"
	"syscall"
	"testing"
	"time"
)

// Exporter is the binary, running.
type Exporter struct {
	Address string // host and port
	Process *os.Process
	Log     *Log

	t   testing.TB
	cmd *exec.Cmd
}

// Log is what the exporter has logged so far.
type Log struct {
	mu sync.Mutex
	b  bytes.Buffer
}

// Write logs more.
func (l *Log) Write(p []byte) (int, error) {
	l.mu.Lock()
	defer l.mu.Unlock()
	return l.b.Write(p)
}

func (l *Log) String() string {
	l.mu.Lock()
	defer l.mu.Unlock()
	return l.b.String()
}

var listening = regexp.MustCompile(`msg="Listening on" address=(\S+)`)

// Start runs a binary with a configuration until the test ends. It returns when the exporter is ready.
func Start(t testing.TB, binary, config string) *Exporter {
	t.Helper()
	e := &Exporter{t: t, Log: &Log{}}
	e.cmd = exec.Command(binary, "serve", "--config.file="+config, "--web.listen-address=127.0.0.1:0")
	e.cmd.Stderr = e.Log
	if err := e.cmd.Start(); err != nil {
		t.Fatal(err)
	}
	e.Process = e.cmd.Process
	t.Cleanup(func() { e.End(syscall.SIGTERM) })
	e.Eventually("listening", func() bool {
		if m := listening.FindStringSubmatch(e.Log.String()); m != nil {
			e.Address = m[1]
		}
		return e.Address != ""
	})
	e.Eventually("ready", func() bool { return strings.Contains(e.Get("/-/ready"), "OK") })
	return e
}

// End sends a signal and waits for the end, once.
func (e *Exporter) End(s os.Signal) {
	if e.cmd.ProcessState != nil {
		return
	}
	_ = e.Process.Signal(s)
	_ = e.cmd.Wait()
}

// Get is the body of a page, or the error where there is none.
func (e *Exporter) Get(path string) string {
	ctx, cancel := context.WithTimeout(context.Background(), 5*time.Second)
	defer cancel()
	req, err := http.NewRequestWithContext(ctx, http.MethodGet, "http://"+e.Address+path, nil)
	if err != nil {
		return err.Error()
	}
	resp, err := http.DefaultClient.Do(req)
	if err != nil {
		return err.Error()
	}
	defer resp.Body.Close()
	body, _ := io.ReadAll(resp.Body)
	return string(body)
}

// Metric is the value of a series; "" when there is none.
func (e *Exporter) Metric(series string) string {
	for line := range strings.Lines(e.Get("/metrics")) {
		if v, ok := strings.CutPrefix(line, series+" "); ok {
			return strings.TrimSpace(v)
		}
	}
	return ""
}

// Eventually waits a minute for something, at most.
func (e *Exporter) Eventually(what string, ok func() bool) {
	e.t.Helper()
	tick := time.NewTicker(50 * time.Millisecond)
	defer tick.Stop()
	deadline := time.After(time.Minute)
	for !ok() {
		select {
		case <-tick.C:
		case <-deadline:
			e.t.Fatalf("not %s; the log says:\n%s", what, e.Log)
		}
	}
}
