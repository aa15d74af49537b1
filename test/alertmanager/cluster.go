package alertmanager

import (
	"bufio"
	"encoding/json"
	"fmt"
	"io"
	"net/http"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"github.com/prometheus/alertmanager/app"
)

// PeerTimeout is how long the second member of a cluster waits for the first one's notification, and the third for
// the second's. Notifications of a group must be further apart than that, or members repeat each other.
const PeerTimeout = 1500 * time.Millisecond

// memberKey is the environment variable that makes a test binary a member of a cluster.
const memberKey = "TEST_ALERTMANAGER_MEMBER"

// member is what a member of a cluster is told.
type member struct{ Name, Config, Dir, Peer string }

// Member is an Alertmanager of a cluster, in a process of its own.
type Member struct {
	Host string // and port
	cmd  *exec.Cmd
}

// Main runs a member, in the process that StartCluster starts for it, and does not return from that. TestMain calls
// it first.
func Main() {
	raw := os.Getenv(memberKey)
	if raw == "" {
		return
	}
	if err := runMember(raw); err != nil {
		fmt.Fprintln(os.Stderr, err)
		os.Exit(1)
	}
	os.Exit(0)
}

// runMember tells its address on standard output, and ends when standard input does: also when the test is killed.
func runMember(raw string) error {
	var m member
	if err := json.Unmarshal([]byte(raw), &m); err != nil {
		return err
	}
	o := options(m.Config, m.Dir)
	o.ClusterBindAddr, o.ClusterPeerName = "127.0.0.1:0", m.Name
	if m.Peer != "" {
		o.Peers = []string{m.Peer}
	}
	// As in production, but for a network that is one machine.
	o.PeerTimeout, o.GossipInterval, o.PushPullInterval = PeerTimeout, 20*time.Millisecond, time.Second
	o.ProbeInterval, o.ProbeTimeout, o.SettleTimeout = 200*time.Millisecond, 100*time.Millisecond, 10*time.Second
	a, err := app.New(o)
	if err != nil {
		return err
	}
	if err := a.Start(); err != nil {
		return err
	}
	fmt.Println(a.Addr())
	_, err = io.Copy(io.Discard, os.Stdin)
	return err
}

// StartCluster runs so many Alertmanagers as one cluster until the test ends. The first of them notifies, as long as
// it is alive.
func StartCluster(t testing.TB, config []byte, members int) []*Member {
	t.Helper()
	out := make([]*Member, members)
	peer := ""
	for i := range out {
		out[i] = startMember(t, string(rune('a'+i)), config, peer)
		if i == 0 {
			peer = out[0].cluster(t, 1).Peers[0].Address
		}
	}
	for _, m := range out {
		m.cluster(t, members)
	}
	return out
}

func startMember(t testing.TB, name string, config []byte, peer string) *Member {
	t.Helper()
	dir := t.TempDir()
	told := member{Name: name, Config: filepath.Join(dir, "alertmanager.yml"), Dir: dir, Peer: peer}
	if err := os.WriteFile(told.Config, config, 0o600); err != nil {
		t.Fatal(err)
	}
	raw, err := json.Marshal(told)
	if err != nil {
		t.Fatal(err)
	}
	m := &Member{cmd: exec.Command(os.Args[0])}
	m.cmd.Env = append(os.Environ(), memberKey+"="+string(raw))
	m.cmd.Stderr = os.Stderr
	if _, err := m.cmd.StdinPipe(); err != nil { // which ends with this process
		t.Fatal(err)
	}
	stdout, err := m.cmd.StdoutPipe()
	if err != nil {
		t.Fatal(err)
	}
	if err := m.cmd.Start(); err != nil {
		t.Fatal(err)
	}
	t.Cleanup(m.Kill)
	host, err := bufio.NewReader(stdout).ReadString('\n')
	if err != nil {
		t.Fatalf("Alertmanager %s does not start: %v", name, err)
	}
	m.Host = strings.TrimSpace(host)
	return m
}

// Kill ends the member as a crash does: it says goodbye to nobody.
func (m *Member) Kill() {
	if m.cmd.ProcessState == nil {
		_ = m.cmd.Process.Kill()
		_ = m.cmd.Wait()
	}
}

// WaitForAlerts waits until the member was told of so many alerts.
func (m *Member) WaitForAlerts(t testing.TB, n int) {
	t.Helper()
	var alerts []json.RawMessage
	m.poll(t, "/api/v2/alerts", &alerts, func() bool { return len(alerts) >= n })
}

// clusterStatus is what an Alertmanager tells of its cluster.
type clusterStatus struct {
	Status string
	Peers  []struct{ Name, Address string }
}

// cluster waits until the member is ready to notify and sees so many members, itself included.
func (m *Member) cluster(t testing.TB, members int) clusterStatus {
	t.Helper()
	var answer struct{ Cluster clusterStatus }
	m.poll(t, "/api/v2/status", &answer, func() bool {
		return answer.Cluster.Status == "ready" && len(answer.Cluster.Peers) == members
	})
	return answer.Cluster
}

// poll asks until the answer is good.
func (m *Member) poll(t testing.TB, path string, answer any, good func() bool) {
	t.Helper()
	again := time.NewTicker(20 * time.Millisecond)
	defer again.Stop()
	late := time.After(30 * time.Second)
	for {
		resp, err := http.Get("http://" + m.Host + path)
		if err == nil {
			err = json.NewDecoder(resp.Body).Decode(answer)
			resp.Body.Close()
		}
		if err == nil && good() {
			return
		}
		select {
		case <-again.C:
		case <-late:
			t.Fatalf("it stays at %+v, %v", answer, err)
		}
	}
}
