package config

import (
	"crypto/sha256"
	"fmt"
	"os"

	promconfig "github.com/prometheus/common/config"
	"go.yaml.in/yaml/v3"
)

// digests tell apart the contents of the files that say what is read and promised: profiles and calendars. A reload
// must see that one of them changed, although the configuration names the same file.
func (c *Config) digests(dir string) []string {
	var files []string
	for i := range c.Helpdesks {
		if f := c.Helpdesks[i].ProfileFile; f != "" {
			files = append(files, f)
		}
	}
	for i := range c.Policies {
		files = append(files, calendars(&c.Policies[i])...)
	}
	var out []string
	for _, f := range files {
		raw, err := os.ReadFile(promconfig.JoinDir(dir, f))
		out = append(out, fmt.Sprintf("%s %x %v", f, sha256.Sum256(raw), err))
	}
	return out
}

// scalars are the values of a list, or the one that stands for it.
func scalars(n *yaml.Node) (values []string) {
	if n.Kind == yaml.ScalarNode {
		return []string{n.Value}
	}
	for _, child := range n.Content {
		values = append(values, scalars(child)...)
	}
	return values
}

// calendars are the .ics files that a policy names.
func calendars(n *yaml.Node) (files []string) {
	for i, child := range n.Content {
		if n.Kind == yaml.MappingNode && i%2 == 1 && n.Content[i-1].Value == "ics" {
			files = append(files, scalars(child)...)
			continue
		}
		files = append(files, calendars(child)...)
	}
	return files
}
