package upstream

import (
	"path/filepath"
	"testing"

	"github.com/prometheus/common/config"
)

// A file with a token that is not there is a matter of credentials, not of the network.
func TestCredentialsThatCannotBeReadAreToldAsSuch(t *testing.T) {
	h := config.DefaultHTTPClientConfig
	h.Authorization = &config.Authorization{Type: "Bearer", CredentialsFile: filepath.Join(t.TempDir(), "token")}
	client, err := config.NewClientFromConfig(h, "test")
	if err != nil {
		t.Fatal(err)
	}
	c, err := New(Options{BaseURL: "http://127.0.0.1:1", HTTP: client})
	if err != nil {
		t.Fatal(err)
	}
	_, err = c.Do(t.Context(), Request{Path: "/"})
	if got := ReasonOf(err); got != Auth {
		t.Errorf("reason %s, want auth: %v", got, err)
	}
	client.CloseIdleConnections()
}
