// Package alertmanager runs the real Alertmanager inside a test, and a webhook that it notifies.
package alertmanager

import (
	"context"
	"encoding/json"
	"fmt"
	"net/http"
	"net/http/httptest"
	"os"
	"path/filepath"
	"testing"
	"time"

	"github.com/prometheus/alertmanager/app"
	"github.com/prometheus/alertmanager/featurecontrol"
	"github.com/prometheus/client_golang/prometheus"
	"github.com/prometheus/common/promslog"
	"github.com/prometheus/exporter-toolkit/web"
)

// Start runs an Alertmanager with the given configuration until the test ends, and returns its host and port.
func Start(t testing.TB, config []byte) string {
	t.Helper()
	return start(t, config, "")
}

// StartBehind is Start behind the TLS and the authentication of a file for --web.config.file.
func StartBehind(t testing.TB, webConfigFile string, config []byte) string {
	t.Helper()
	return start(t, config, webConfigFile)
}

func start(t testing.TB, config []byte, webConfigFile string) string {
	t.Helper()
	dir := t.TempDir()
	file := filepath.Join(dir, "alertmanager.yml")
	if err := os.WriteFile(file, config, 0o600); err != nil {
		t.Fatal(err)
	}
	o := options(file, dir)
	o.WebConfig.WebConfigFile = &webConfigFile
	a, err := app.New(o)
	if err != nil {
		t.Fatal(err)
	}
	if err := a.Start(); err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() {
		ctx, cancel := context.WithTimeout(context.Background(), 10*time.Second)
		defer cancel()
		if err := a.Stop(ctx); err != nil {
			t.Errorf("stopping alertmanager: %v", err)
		}
	})
	return fmt.Sprint(a.Addr())
}

// options are those of an Alertmanager alone, on a port of the system's choice.
func options(file, dir string) app.Options {
	listen, noWebConfig := []string{"127.0.0.1:0"}, ""
	o := app.DefaultOptions()
	o.ConfigFile, o.DataDir, o.Flagger = file, dir, featurecontrol.NoopFlags{}
	o.Logger, o.Registerer = promslog.NewNopLogger(), prometheus.NewRegistry()
	o.WebConfig = &web.FlagConfig{WebListenAddresses: &listen, WebConfigFile: &noWebConfig}
	return o
}

// Message is what Alertmanager posts to a webhook.
type Message struct {
	Receiver string
	Status   string
	Alerts   []Alert
}

// Alert is one alert of a Message.
type Alert struct {
	Status              string
	Labels, Annotations map[string]string
	StartsAt, EndsAt    time.Time
}

// Webhook is a receiver that keeps what it gets.
type Webhook struct {
	URL      string
	messages chan Message
}

// NewWebhook starts a webhook that lives as long as the test.
func NewWebhook(t testing.TB) *Webhook {
	w := &Webhook{messages: make(chan Message, 1000)}
	s := httptest.NewServer(http.HandlerFunc(func(_ http.ResponseWriter, r *http.Request) {
		var m Message
		if err := json.NewDecoder(r.Body).Decode(&m); err != nil {
			t.Errorf("Alertmanager posted something else than a message: %v", err)
		}
		w.messages <- m
	}))
	t.Cleanup(s.Close)
	w.URL = s.URL
	return w
}

// Wait returns the first alert of the given name and status that arrives from now on, and the receiver it was meant for. It
// fails the test when none comes.
func (w *Webhook) Wait(t testing.TB, name, status string) (Alert, string) {
	t.Helper()
	var seen []string
	late := time.After(time.Minute)
	for {
		select {
		case m := <-w.messages:
			for _, a := range m.Alerts {
				if a.Labels["alertname"] == name && a.Status == status {
					return a, m.Receiver
				}
				seen = append(seen, a.Labels["alertname"]+" "+a.Status)
			}
		case <-late:
			t.Fatalf("no %s %s arrived, only %q", name, status, seen)
		}
	}
}

// During returns every alert that arrives for so long, as often as it arrives, in order.
func (w *Webhook) During(d time.Duration) []Alert {
	var out []Alert
	over := time.After(d)
	for {
		select {
		case m := <-w.messages:
			out = append(out, m.Alerts...)
		case <-over:
			return out
		}
	}
}
