package test

import (
	"bytes"
	"crypto/ecdsa"
	"crypto/elliptic"
	"crypto/rand"
	"crypto/x509"
	"encoding/json"
	"encoding/pem"
	"fmt"
	"math/big"
	"net"
	"os"
	"path/filepath"
	"strings"
	"syscall"
	"testing"
	"time"

	"whatsapp_sla_exporter/internal/simulator/zendesk"
	"whatsapp_sla_exporter/test/alertmanager"
	"whatsapp_sla_exporter/test/exporter"
)

// configureWith adds a section for the sidecar to the configuration.
func (u *upstreams) configureWith(t *testing.T, dir, alertmanager string) string {
	t.Helper()
	path := u.configure(t, dir, "")
	f, err := os.OpenFile(path, os.O_APPEND|os.O_WRONLY, 0)
	must(t, err)
	_, err = f.WriteString(alertmanager)
	must(t, err)
	must(t, f.Close())
	return path
}

// critical is a ticket that is critical already, and has a while until it is breached.
func (u *upstreams) critical() int64 {
	return u.zendesk.Create(zendesk.Seed{Priority: "urgent", Channel: "web", At: time.Now().Add(-11 * time.Second)})
}

// TestAnAlertmanagerBehindTLSAndAPassword takes the password from the environment.
func TestAnAlertmanagerBehindTLSAndAPassword(t *testing.T) {
	dir := t.TempDir()
	selfSigned(t, dir)
	web := filepath.Join(dir, "web.yml")
	must(t, os.WriteFile(web, []byte(`
tls_server_config: {cert_file: cert.pem, key_file: key.pem}
basic_auth_users: {sidecar: "$2a$04$A8Q7UDh/TuPWGCrhOCMzrupKJLe9uSgrIlhMeTkGiPLHLiJDHC57K"} # am-secret
`), 0o600))
	hook := alertmanager.NewWebhook(t)
	host := alertmanager.StartBehind(t, web, hurried(t, hook.URL))
	u := startUpstreams(t)
	u.critical()
	t.Setenv("TEST_ALERTMANAGER_PASSWORD", "am-secret")
	e := startExporter(t, u.configureWith(t, dir, fmt.Sprintf(`
alertmanager:
  scheme: https
  static_configs: [{targets: [%q]}]
  http_config:
    tls_config: {ca_file: cert.pem}
    basic_auth: {username: sidecar, password_ref: TEST_ALERTMANAGER_PASSWORD}
`, host)))
	hook.Wait(t, "SLABreachImminent", "firing")
	if strings.Contains(e.Log.String()+e.Get("/metrics"), "am-secret") {
		t.Error("the password shows in log or metrics")
	}
}

// selfSigned writes a certificate for 127.0.0.1 and its key.
func selfSigned(t *testing.T, dir string) {
	t.Helper()
	key, err := ecdsa.GenerateKey(elliptic.P256(), rand.Reader)
	must(t, err)
	c := &x509.Certificate{
		SerialNumber: big.NewInt(1), IPAddresses: []net.IP{net.IPv4(127, 0, 0, 1)},
		NotBefore: time.Now().Add(-time.Hour), NotAfter: time.Now().Add(time.Hour),
		IsCA: true, BasicConstraintsValid: true, KeyUsage: x509.KeyUsageDigitalSignature | x509.KeyUsageCertSign,
	}
	cert, err := x509.CreateCertificate(rand.Reader, c, c, &key.PublicKey, key)
	must(t, err)
	private, err := x509.MarshalPKCS8PrivateKey(key)
	must(t, err)
	for name, block := range map[string]*pem.Block{
		"cert.pem": {Type: "CERTIFICATE", Bytes: cert}, "key.pem": {Type: "PRIVATE KEY", Bytes: private},
	} {
		var b bytes.Buffer
		must(t, pem.Encode(&b, block))
		must(t, os.WriteFile(filepath.Join(dir, name), b.Bytes(), 0o600))
	}
}

// TestTwoExportersAndTwoAlertmanagers finds the Alertmanagers in a file that is written later, and then loses one
// of each.
func TestTwoExportersAndTwoAlertmanagers(t *testing.T) {
	t.Parallel()
	hook := alertmanager.NewWebhook(t)
	members := alertmanager.StartCluster(t, waitingFor(t, hook.URL, 500*time.Millisecond, alertmanager.PeerTimeout+time.Second), 2)
	u := startUpstreams(t)
	id := u.critical()
	found := filepath.Join(t.TempDir(), "alertmanagers.json")
	must(t, os.WriteFile(found, []byte("[]"), 0o600))
	var exporters [2]*exporter.Exporter
	for i := range exporters {
		exporters[i] = startExporter(t, u.configureWith(t, t.TempDir(), fmt.Sprintf(`
alertmanager:
  file_sd_configs: [{files: [%q]}]
`, found)))
	}
	groups, err := json.Marshal([]any{map[string]any{"targets": []string{members[0].Host, members[1].Host}}})
	must(t, err)
	must(t, os.WriteFile(found, groups, 0o600))
	hook.Wait(t, "SLABreachImminent", "firing")
	for _, e := range exporters {
		e.Eventually("finding both", func() bool {
			return e.Metric(`whatsapp_sla_exporter_alertmanagers_discovered{mechanism="file"}`) == "2"
		})
	}
	if again := hook.During(2 * alertmanager.PeerTimeout); len(again) > 0 {
		t.Errorf("more than one notification: %v", again)
	}

	exporters[0].End(syscall.SIGKILL)
	members[0].Kill()
	must(t, u.zendesk.AgentReply(id))
	hook.Wait(t, "SLABreachImminent", "resolved")
}
