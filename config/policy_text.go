package config

import (
	"bytes"
	"fmt"
	"slices"
	"strings"
	"time"

	"go.yaml.in/yaml/v3"

	"whatsapp_sla_exporter/internal/sla"
)

// Text is a policy as it is in force, as YAML: with everything that it inherits, the sources of its values, and
// above each promise the leads that follow from it.
func (s *PolicySet) Text(name string) ([]byte, error) {
	d, ok := s.documents[name]
	if !ok {
		return nil, fmt.Errorf("no policy %q: there are %s", name, strings.Join(s.names(), ", "))
	}
	root := copyNode(d.merged)
	if p := s.SLA[name]; p != nil {
		for i := range p.Severities {
			annotate(child(child(root, "severities"), p.Severities[i].Name), &p.Severities[i])
		}
	}
	var out bytes.Buffer
	e := yaml.NewEncoder(&out)
	e.SetIndent(2)
	if err := e.Encode(root); err != nil {
		return nil, fmt.Errorf("writing policy %s: %w", name, err)
	}
	return out.Bytes(), nil
}

// Names are the names of all policies, sorted.
func (s *PolicySet) Names() []string { return s.names() }

// copyNode copies a node with all below it. Mappings are written as blocks, so that comments have a place.
func copyNode(n *yaml.Node) *yaml.Node {
	c := *n
	if c.Kind == yaml.MappingNode {
		c.Style &^= yaml.FlowStyle
	}
	c.Content = slices.Clone(c.Content)
	for i := range c.Content {
		c.Content[i] = copyNode(c.Content[i])
	}
	return &c
}

// annotate writes the leads of a severity's promises above them.
func annotate(n *yaml.Node, s *sla.Severity) {
	for i := 0; i+1 < len(n.Content); i += 2 {
		promise, ok := s.Promise(sla.Target(n.Content[i].Value))
		if !ok || promise.BestEffort {
			continue
		}
		warning, critical := promise.Leads()
		n.Content[i].HeadComment = fmt.Sprintf("# warning with %s left, critical with %s left", short(warning), short(critical))
	}
}

// short writes a duration without the zeros that time.Duration writes: 6h, not 6h0m0s.
func short(d time.Duration) string {
	s := d.String()
	if strings.HasSuffix(s, "m0s") {
		s = strings.TrimSuffix(s, "0s")
	}
	if strings.HasSuffix(s, "h0m") {
		s = strings.TrimSuffix(s, "0m")
	}
	return s
}
