package config

import (
	"embed"
	"errors"
	"fmt"
	"io/fs"
	"maps"
	"slices"
	"strings"

	"go.yaml.in/yaml/v3"

	"whatsapp_sla_exporter/internal/sla"
)

//go:embed policies/*.yaml
var policyFiles embed.FS

// The kinds of policies: promises on tickets, and WhatsApp's rules on quality and limits.
const (
	slaKind       = "sla"
	messagingKind = "messaging"
)

// PolicySet holds the policies in force. It is immutable, and safe for concurrent use.
type PolicySet struct {
	// SLA are the policies on tickets, by name.
	SLA map[string]*SLAPolicy
	// Messaging are the policies on WhatsApp's rules, by name, as YAML with everything inherited filled in.
	// Package messaging decodes them.
	Messaging map[string][]byte

	documents map[string]*policyDocument
	clocks    *clockCache
}

// SLAPolicy is one policy on tickets: its rules, and the calendar that they run on.
type SLAPolicy struct {
	sla.Policy
	Description string
	Calendar    PolicyCalendar
}

// LoadBuiltinPolicies reads the policies that the program comes with.
func LoadBuiltinPolicies() (*PolicySet, error) {
	files, err := fs.Glob(policyFiles, "policies/*.yaml")
	if err != nil {
		return nil, fmt.Errorf("listing the built-in policies: %w", err)
	}
	var documents []*policyDocument
	for _, file := range files {
		raw, err := policyFiles.ReadFile(file)
		if err != nil {
			return nil, fmt.Errorf("reading a built-in policy: %w", err)
		}
		d, err := parsePolicy(file, raw)
		if err != nil {
			return nil, err
		}
		documents = append(documents, d)
	}
	return (&PolicySet{}).with(documents)
}

// With returns the set and a configuration file's own policies. They can inherit from any other, in any order.
// Paths in them are relative to the directory of the file. The error joins an *Error for each mistake.
func (s *PolicySet) With(own []yaml.Node, file string) (*PolicySet, error) {
	documents := make([]*policyDocument, len(own))
	for i := range own {
		documents[i] = &policyDocument{file: file, own: &own[i]}
	}
	return s.with(documents)
}

// with adds documents to a copy of the set.
func (s *PolicySet) with(added []*policyDocument) (*PolicySet, error) {
	next := &PolicySet{
		SLA: make(map[string]*SLAPolicy), Messaging: make(map[string][]byte),
		documents: make(map[string]*policyDocument), clocks: newClockCache(),
	}
	maps.Copy(next.SLA, s.SLA)
	maps.Copy(next.Messaging, s.Messaging)
	maps.Copy(next.documents, s.documents)

	var errs []error
	for _, d := range added {
		if err := next.register(d); err != nil {
			errs = append(errs, err)
		}
	}
	for _, d := range added {
		if d.name == "" || next.documents[d.name] != d {
			continue // not registered, which is an error already
		}
		if err := next.complete(d, nil); err != nil {
			errs = append(errs, err)
		}
	}
	if err := errors.Join(errs...); err != nil {
		return nil, err
	}
	return next, nil
}

// register makes a document known by its name.
func (s *PolicySet) register(d *policyDocument) error {
	if err := d.header(); err != nil {
		return err
	}
	switch other, taken := s.documents[d.name]; {
	case taken && other.file != d.file:
		return d.errorAt([]any{"name"}, "name %q belongs to a built-in policy: choose another, and inherit with extends: %s", d.name, d.name)
	case taken:
		return d.errorAt([]any{"name"}, "name %q is taken by the policy in line %d: names must differ", d.name, other.own.Line)
	}
	s.documents[d.name] = d
	return nil
}

// complete fills in what a document inherits and decodes it. The heirs are those that led here.
func (s *PolicySet) complete(d *policyDocument, heirs []string) error {
	if d.merged != nil || d.failed {
		return nil
	}
	d.failed = true // until it is not
	merged, err := s.inherit(d, append(heirs, d.name))
	if err != nil || merged == nil {
		return err
	}
	d.merged = merged
	if err := s.decode(d); err != nil {
		return err
	}
	d.failed = false
	return nil
}

// inherit merges a document over the one that it extends. It returns nil when that one is in error itself.
func (s *PolicySet) inherit(d *policyDocument, heirs []string) (*yaml.Node, error) {
	if d.extends == "" {
		return d.own, nil
	}
	parent, known := s.documents[d.extends]
	if !known {
		return nil, d.errorAt([]any{"extends"}, "extends %q: no such policy; there are %s", d.extends, strings.Join(s.names(), ", "))
	}
	if slices.Contains(heirs, parent.name) {
		return nil, d.errorAt([]any{"extends"}, "policies inherit from each other in a circle: %s", strings.Join(append(heirs, parent.name), " extends "))
	}
	if err := s.complete(parent, heirs); err != nil {
		return nil, err
	}
	if parent.failed {
		return nil, nil
	}
	if d.kind != "" && d.kind != parent.kind {
		return nil, d.errorAt([]any{"kind"}, "kind %s, but %s is of kind %s: leave kind out to inherit it", d.kind, parent.name, parent.kind)
	}
	d.kind = parent.kind
	return d.over(parent)
}

// decode turns a merged document into a policy.
func (s *PolicySet) decode(d *policyDocument) error {
	switch d.kind {
	case slaKind, "":
		p, err := decodeSLA(d)
		if err != nil {
			return err
		}
		d.kind, s.SLA[d.name] = slaKind, p
	case messagingKind:
		raw, err := yaml.Marshal(d.merged)
		if err != nil {
			return d.errorAt(nil, "writing the policy: %v", err)
		}
		s.Messaging[d.name] = raw
	default:
		return d.errorAt([]any{"kind"}, "kind %q: use %s or %s", d.kind, slaKind, messagingKind)
	}
	return nil
}

// SLANames are the names of the policies on tickets, sorted.
func (s *PolicySet) SLANames() []string { return slices.Sorted(maps.Keys(s.SLA)) }

// MessagingNames are the names of the policies on WhatsApp's rules, sorted.
func (s *PolicySet) MessagingNames() []string { return slices.Sorted(maps.Keys(s.Messaging)) }

func (s *PolicySet) names() []string { return slices.Sorted(maps.Keys(s.documents)) }
