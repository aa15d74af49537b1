package chromium

import (
	"bytes"
	"errors"
	"fmt"
	"os"
	"os/exec"
	"syscall"
	"testing"
	"time"
)

// Names that Chromium goes by, in the order in which they are looked for.
var names = []string{"chromium", "chromium-browser", "google-chrome", "google-chrome-stable"}

// Path is the program that CHROMIUM names, or else the first that is installed; empty: there is none.
func Path() string {
	if p := os.Getenv("CHROMIUM"); p != "" {
		return p
	}
	for _, n := range names {
		if p, err := exec.LookPath(n); err == nil {
			return p
		}
	}
	return ""
}

// Browser is a running Chromium.
type Browser struct {
	pipe    *pipe
	cmd     *exec.Cmd
	profile string
	said    bytes.Buffer
}

// Start runs a Chromium with a new, empty profile until Close.
func Start() (*Browser, error) {
	path := Path()
	if path == "" {
		return nil, errors.New("chromium is not installed: as root on Debian run test/board/install.sh; elsewhere install Chromium or Chrome and name it in CHROMIUM. CHROMIUM=none leaves all tests in a browser out")
	}
	profile, err := os.MkdirTemp("", "chromium")
	if err != nil {
		return nil, err
	}
	b := &Browser{profile: profile}
	if err := b.start(path); err != nil {
		return nil, errors.Join(fmt.Errorf("starting %s: %w", path, err), os.RemoveAll(profile))
	}
	return b, nil
}

func (b *Browser) start(path string) error {
	commands, to, err := os.Pipe()
	if err != nil {
		return err
	}
	defer commands.Close()
	from, answers, err := os.Pipe()
	if err != nil {
		return err
	}
	defer answers.Close()
	// What runs in the background is switched off, because it calls Google. There is no sandbox for root, and no need
	// for one: the only pages are the tests' own.
	b.cmd = exec.Command(path, "--headless", "--no-sandbox", "--disable-gpu", "--disable-quic", "--no-first-run", "--disable-background-networking",
		"--disable-component-update", "--disable-sync", "--disable-dev-shm-usage", "--hide-scrollbars", "--disable-lcd-text",
		"--remote-debugging-pipe", "--user-data-dir="+b.profile)
	b.cmd.ExtraFiles = []*os.File{commands, answers}
	b.cmd.SysProcAttr = &syscall.SysProcAttr{Setpgid: true}
	b.cmd.Stderr = &b.said
	b.pipe = newPipe(to, from)
	return b.cmd.Start()
}

// Close ends the browser, kills it with all its processes if it does not want to, and returns what it said.
func (b *Browser) Close() string {
	group := -b.cmd.Process.Pid
	late := time.AfterFunc(10*time.Second, func() { _ = syscall.Kill(group, syscall.SIGKILL) })
	defer late.Stop()
	_ = b.pipe.call("", "Browser.close", struct{}{}, nil)
	_ = b.cmd.Wait()
	_ = syscall.Kill(group, syscall.SIGKILL)
	b.pipe.to.Close()
	if err := os.RemoveAll(b.profile); err != nil {
		fmt.Fprintf(&b.said, "its profile stays behind: %v\n", err)
	}
	return b.said.String()
}

func must(t testing.TB, err error) {
	t.Helper()
	if err != nil {
		t.Fatal(err)
	}
}
