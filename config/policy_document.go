package config

import (
	"errors"
	"fmt"
	"regexp"

	"go.yaml.in/yaml/v3"
)

// policyDocument is a policy as it was written.
type policyDocument struct {
	file                string
	name, kind, extends string
	own                 *yaml.Node // what the file says
	merged              *yaml.Node // with what it inherits; nil until complete
	failed              bool       // an error was reported, or the policy is not complete yet
}

// parsePolicy reads the file of a built-in policy.
func parsePolicy(file string, raw []byte) (*policyDocument, error) {
	var root yaml.Node
	if err := yaml.Unmarshal(raw, &root); err != nil {
		return nil, yamlErrors(file, err)
	}
	d := &policyDocument{file: file, own: &yaml.Node{Kind: yaml.MappingNode}}
	if len(root.Content) > 0 {
		d.own = root.Content[0]
	}
	return d, nil
}

// errorAt is an error at the deepest node on the path that the document has.
func (d *policyDocument) errorAt(path []any, format string, args ...any) *Error {
	return &Error{File: d.file, Line: lineAt(d.own, path), Text: d.describe() + fmt.Sprintf(format, args...)}
}

func (d *policyDocument) describe() string {
	if d.name == "" {
		return "policy: "
	}
	return "policy " + d.name + ": "
}

var policyName = regexp.MustCompile(`^[a-z0-9][a-z0-9_.-]*$`)

// header checks the document's form and reads what says how to go on with it.
func (d *policyDocument) header() error {
	if d.own.Kind != yaml.MappingNode {
		return d.errorAt(nil, "want a mapping with name, severities and more")
	}
	for key, to := range map[string]*string{"name": &d.name, "kind": &d.kind, "extends": &d.extends} {
		if n := child(d.own, key); n != nil && n.Kind == yaml.ScalarNode {
			*to = n.Value
		}
	}
	if err := errors.Join(d.plain(d.own)...); err != nil {
		return err
	}
	switch {
	case d.name == "":
		return d.errorAt(nil, "name is missing: it becomes the policy label of metrics and alerts")
	case !policyName.MatchString(d.name):
		return d.errorAt([]any{"name"}, "name %q: use lower-case letters, digits, '.', '_' and '-'", d.name)
	case d.name == "native":
		return d.errorAt([]any{"name"}, `name "native" stands for the helpdesk's own deadlines: choose another`)
	}
	return nil
}

// plain refuses what would make inheritance unclear: anchors, and keys that come twice.
func (d *policyDocument) plain(n *yaml.Node) []error {
	fail := func(n *yaml.Node, format string, args ...any) []error {
		return []error{&Error{File: d.file, Line: n.Line, Text: d.describe() + fmt.Sprintf(format, args...)}}
	}
	if n.Kind == yaml.AliasNode {
		return fail(n, "the alias *%s: policies are written out, or inherit with extends", n.Value)
	}
	var errs []error
	seen := make(map[string]bool)
	for i, c := range n.Content {
		errs = append(errs, d.plain(c)...)
		if n.Kind != yaml.MappingNode || i%2 != 0 || c.Kind != yaml.ScalarNode {
			continue
		}
		if seen[c.Value] {
			errs = append(errs, fail(c, "%s comes twice here: keep one", c.Value)...)
		}
		seen[c.Value] = true
	}
	return errs
}

// over merges the document's own part over what its parent says, like a JSON merge patch (RFC 7396): mappings
// key by key, everything else as a whole, and null takes an inherited key away.
func (d *policyDocument) over(parent *policyDocument) (*yaml.Node, error) {
	own := *d.own
	own.Content = nil
	for i := 0; i+1 < len(d.own.Content); i += 2 {
		if key := d.own.Content[i]; key.Value != "extends" {
			own.Content = append(own.Content, key, d.own.Content[i+1])
		}
	}
	return d.merge(parent.merged, &own)
}

func (d *policyDocument) merge(base, over *yaml.Node) (*yaml.Node, error) {
	if base.Kind != yaml.MappingNode || over.Kind != yaml.MappingNode {
		return over, nil
	}
	merged := *over
	merged.Content = nil
	changed := changes(over)
	for i := 0; i+1 < len(base.Content); i += 2 {
		key, value := base.Content[i], base.Content[i+1]
		switch o := child(over, key.Value); {
		case o == nil && key.Value == "source" && changed:
			value = &yaml.Node{Kind: yaml.ScalarNode, Tag: "!!str", Value: fmt.Sprintf("%s:%d", d.file, over.Line)}
		case o == nil:
		case isNull(o):
			continue
		default:
			m, err := d.merge(value, o)
			if err != nil {
				return nil, err
			}
			value = m
		}
		merged.Content = append(merged.Content, key, value)
	}
	for i := 0; i+1 < len(over.Content); i += 2 {
		key, value := over.Content[i], over.Content[i+1]
		switch {
		case child(base, key.Value) != nil:
		case isNull(value):
			return nil, &Error{File: d.file, Line: key.Line, Text: fmt.Sprintf("%s%s is null, which takes away what is inherited, but %s has none", d.describe(), key.Value, d.extends)}
		default:
			merged.Content = append(merged.Content, key, value)
		}
	}
	return &merged, nil
}

// changes says whether a mapping sets values of its own, and not only values further down. Whoever does cannot go
// on quoting the source of what it inherits.
func changes(over *yaml.Node) bool {
	for i := 1; i < len(over.Content); i += 2 {
		if over.Content[i].Kind != yaml.MappingNode {
			return true
		}
	}
	return false
}

func isNull(n *yaml.Node) bool { return n.Kind == yaml.ScalarNode && n.Tag == "!!null" }
