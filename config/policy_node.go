package config

import (
	"regexp"
	"slices"
	"strings"

	"go.yaml.in/yaml/v3"
)

var severityName = regexp.MustCompile(`^[a-z0-9][a-z0-9_]*$`)

// fields are the values of a mapping, by key. Keys that it does not know are mistakes.
func (r *policyDecoder) fields(n *yaml.Node, what string, known ...string) map[string]*yaml.Node {
	f := make(map[string]*yaml.Node)
	r.each(n, func(key, value *yaml.Node) {
		if !slices.Contains(known, key.Value) {
			slices.Sort(known)
			r.fail(key, "%s has no key %q; the keys here are %s", what, key.Value, strings.Join(known, ", "))
			return
		}
		f[key.Value] = value
	})
	return f
}

// each visits the keys of a mapping. Nil has none.
func (r *policyDecoder) each(n *yaml.Node, visit func(key, value *yaml.Node)) {
	if n == nil {
		return
	}
	if n.Kind != yaml.MappingNode {
		r.fail(n, "want a mapping of keys and values here")
		return
	}
	for i := 0; i+1 < len(n.Content); i += 2 {
		key, value := n.Content[i], n.Content[i+1]
		if isNull(value) {
			r.fail(key, "%s has no value: give it one, or leave it out", key.Value)
			continue
		}
		visit(key, value)
	}
}

// text is the value of a scalar, as it is written. Nil is empty.
func (r *policyDecoder) text(n *yaml.Node) string {
	if n == nil {
		return ""
	}
	if n.Kind != yaml.ScalarNode {
		r.fail(n, "want a single value here")
		return ""
	}
	return n.Value
}

// list is a list of values; a single one may stand for a list of it.
func (r *policyDecoder) list(n *yaml.Node, item func(*yaml.Node) string) []string {
	switch {
	case n == nil:
		return nil
	case n.Kind == yaml.ScalarNode:
		return []string{item(n)}
	case n.Kind != yaml.SequenceNode:
		r.fail(n, "want a list here")
		return nil
	}
	var items []string
	for _, c := range n.Content {
		items = append(items, item(c))
	}
	return items
}

// boolean is true or false, or what stands for it when it is left out.
func (r *policyDecoder) boolean(n *yaml.Node, absent bool) bool {
	if n == nil {
		return absent
	}
	switch r.text(n) {
	case "true":
		return true
	case "false":
		return false
	}
	r.fail(n, "%q: write true or false", n.Value)
	return absent
}

// sourced is the value of a mapping of one key and its source. The value alone may stand for the mapping.
func (r *policyDecoder) sourced(n *yaml.Node, key string) *yaml.Node {
	if n == nil || n.Kind != yaml.MappingNode {
		return n
	}
	f := r.fields(n, "this", key, "source")
	r.text(f["source"])
	if f[key] == nil {
		r.fail(n, "%s is missing here", key)
	}
	return f[key]
}
