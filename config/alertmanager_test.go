package config

import (
	"path/filepath"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"
	"github.com/prometheus/common/model"
)

func TestDiscoveryOfAlertmanagers(t *testing.T) {
	c, err := Load("testdata/config/alertmanager_discovery.good.yml")
	if err != nil {
		t.Fatal(err)
	}
	got := struct {
		Static []StaticConfig
		Files  []FileSDConfig
		DNS    []DNSSDConfig
		Resend model.Duration
	}{c.Alertmanager.StaticConfigs, c.Alertmanager.FileSDConfigs, c.Alertmanager.DNSSDConfigs, c.Alertmanager.ResendInterval}
	want := got
	want.Static = []StaticConfig{{Targets: []string{"am-0:9093"}, Labels: model.LabelSet{"__alerts_path__": "/other/api/v2/alerts"}}}
	want.Files = []FileSDConfig{{
		Files:           []string{filepath.Join("testdata", "config", "alertmanagers", "*.json"), "/etc/am.yml"},
		RefreshInterval: model.Duration(5 * time.Minute),
	}}
	want.DNS = []DNSSDConfig{
		{Names: []string{"_web._tcp.alertmanager.example.com"}, Type: "SRV", RefreshInterval: model.Duration(30 * time.Second)},
		{Names: []string{"alertmanager.example.com"}, Type: "AAAA", Port: 9093, RefreshInterval: model.Duration(time.Minute)},
	}
	want.Resend = model.Duration(time.Minute) // half of the longest poll_interval of a helpdesk
	if d := cmp.Diff(want, got); d != "" {
		t.Errorf("(-want +got):\n%s", d)
	}
}
