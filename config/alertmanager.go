package config

import (
	"net"
	"path/filepath"
	"regexp"
	"slices"
	"strings"
	"time"

	promconfig "github.com/prometheus/common/config"
	"github.com/prometheus/common/model"
	"github.com/prometheus/prometheus/model/relabel"
)

// Alertmanager says where the sidecar sends its alerts. Absent: no sidecar. Its keys are those of Prometheus'
// alertmanager_config, where Prometheus has them.
type Alertmanager struct {
	StaticConfigs []StaticConfig `yaml:"static_configs"`
	FileSDConfigs []FileSDConfig `yaml:"file_sd_configs"`
	DNSSDConfigs  []DNSSDConfig  `yaml:"dns_sd_configs"`
	// RelabelConfigs choose among what was found and rewrite __address__, __scheme__ and __alerts_path__.
	RelabelConfigs []*relabel.Config `yaml:"relabel_configs"`
	Scheme         string            `yaml:"scheme"`
	PathPrefix     string            `yaml:"path_prefix"`
	Timeout        model.Duration    `yaml:"timeout"`
	// ResendInterval is a quarter of how long an alert outlives its last sending.
	ResendInterval model.Duration              `yaml:"resend_interval"`
	RunbookURL     string                      `yaml:"runbook_url"`
	HTTPConfig     promconfig.HTTPClientConfig `yaml:"http_config"`
}

// StaticConfig lists Alertmanagers by host and port.
type StaticConfig struct {
	Targets []string       `yaml:"targets"`
	Labels  model.LabelSet `yaml:"labels"`
}

// FileSDConfig finds Alertmanagers in files.
type FileSDConfig struct {
	Files           []string       `yaml:"files"`
	RefreshInterval model.Duration `yaml:"refresh_interval"`
}

// DNSSDConfig finds Alertmanagers by DNS.
type DNSSDConfig struct {
	Names           []string       `yaml:"names"`
	Type            string         `yaml:"type"`
	Port            int            `yaml:"port"` // of A and AAAA records; SRV records have their own
	RefreshInterval model.Duration `yaml:"refresh_interval"`
}

// DNSTypes are the records that Alertmanagers are found by.
var DNSTypes = []string{"SRV", "A", "AAAA"}

// longestPoll is the longest time between two polls of a helpdesk.
func (c *Config) longestPoll() model.Duration {
	longest := model.Duration(0)
	for i := range c.Helpdesks {
		longest = max(longest, c.Helpdesks[i].PollInterval)
	}
	return longest
}

func (a *Alertmanager) defaults(poll model.Duration) {
	a.Scheme = or(a.Scheme, "http")
	a.Timeout = or(a.Timeout, model.Duration(10*time.Second))
	// The sidecar sends again what a poll confirmed, so that alerts must outlive two polls.
	a.ResendInterval = or(a.ResendInterval, max(model.Duration(30*time.Second), poll/2))
	a.HTTPConfig = orHTTP(a.HTTPConfig)
	for i := range a.FileSDConfigs {
		f := &a.FileSDConfigs[i]
		f.RefreshInterval = or(f.RefreshInterval, model.Duration(5*time.Minute))
	}
	for i := range a.DNSSDConfigs {
		d := &a.DNSSDConfigs[i]
		d.Type = strings.ToUpper(or(d.Type, "SRV"))
		d.RefreshInterval = or(d.RefreshInterval, model.Duration(30*time.Second))
	}
}

func (a *Alertmanager) setDirectory(dir string) {
	a.HTTPConfig.SetDirectory(dir)
	for _, f := range a.FileSDConfigs {
		for i, file := range f.Files {
			f.Files[i] = promconfig.JoinDir(dir, file)
		}
	}
}

func (a *Alertmanager) validate(v *validation, path []any) {
	n := len(a.FileSDConfigs) + len(a.DNSSDConfigs)
	for i, s := range a.StaticConfigs {
		n += len(s.Targets)
		for j, t := range s.Targets {
			if _, _, err := net.SplitHostPort(t); err != nil {
				v.add(at(path, "static_configs", i, "targets", j), "target %q: want host:port, scheme and path_prefix have keys of their own", t)
			}
		}
	}
	if n == 0 {
		v.add(path, "alertmanager has no targets: list them in static_configs, have them found by file_sd_configs or dns_sd_configs, or leave the section out")
	}
	for i := range a.FileSDConfigs {
		a.FileSDConfigs[i].validate(v, at(path, "file_sd_configs", i))
	}
	for i := range a.DNSSDConfigs {
		a.DNSSDConfigs[i].validate(v, at(path, "dns_sd_configs", i))
	}
	for i, r := range a.RelabelConfigs {
		if err := r.Validate(model.UTF8Validation); err != nil {
			v.add(at(path, "relabel_configs", i), "relabel_configs: %v", err)
		}
	}
	v.oneOf(at(path, "scheme"), "scheme", a.Scheme, []string{"http", "https"})
	v.httpConfig(at(path, "http_config"), a.HTTPConfig)
}

// fileNames are the patterns that Prometheus takes: no wildcard in a directory, one of three endings.
var fileNames = regexp.MustCompile(`^[^*]*(\*[^/]*)?\.(json|yml|yaml|JSON|YML|YAML)$`)

func (f *FileSDConfig) validate(v *validation, path []any) {
	if len(f.Files) == 0 {
		v.add(path, "file_sd_configs without files: name at least one")
	}
	for i, name := range f.Files {
		if _, err := filepath.Match(name, ""); err != nil || !fileNames.MatchString(name) {
			v.add(at(path, "files", i), "file %q: want a path that ends in .json, .yml or .yaml; its last part may have a *", name)
		}
	}
	v.refreshInterval(path, f.RefreshInterval)
}

func (d *DNSSDConfig) validate(v *validation, path []any) {
	if len(d.Names) == 0 || slices.Contains(d.Names, "") {
		v.add(path, "dns_sd_configs without names: list the names to look up")
	}
	v.oneOf(at(path, "type"), "type", d.Type, DNSTypes)
	if d.Type != "SRV" && (d.Port < 1 || d.Port > 65535) {
		v.add(at(path, "port"), "port %d: %s records have no port, so give that of Alertmanager, such as 9093", d.Port, d.Type)
	}
	v.refreshInterval(path, d.RefreshInterval)
}

func (v *validation) refreshInterval(path []any, d model.Duration) {
	if d < model.Duration(time.Second) {
		v.add(at(path, "refresh_interval"), "refresh_interval %s: must be 1s at the least", d)
	}
}
