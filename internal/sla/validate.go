package sla

import (
	"errors"
	"fmt"
	"maps"
	"slices"
	"strings"
	"time"
)

// maxWithin bounds a promise, so that no sum of instants overflows.
const maxWithin = 10 * 366 * 24 * time.Hour

// Mistake is something that keeps a policy from running on a clock.
type Mistake struct {
	Path []string // where in the policy: severities, high, resolution
	Text string   // what is wrong, and what would be right
}

func (m *Mistake) Error() string {
	if len(m.Path) == 0 {
		return m.Text
	}
	return strings.Join(m.Path, " ") + ": " + m.Text
}

// mistakes collects them.
type mistakes []error

func (m *mistakes) add(path []string, format string, args ...any) {
	*m = append(*m, &Mistake{Path: path, Text: fmt.Sprintf(format, args...)})
}

// Validate says everything that keeps the policy from running on a clock: its error joins a *Mistake for each.
func (p *Policy) Validate() error {
	var found mistakes
	if len(p.Severities) == 0 {
		found.add(nil, "no severities: name at least one, or %q for tickets of every severity", AnySeverity)
	}
	owners := make(map[string]string)
	for i := range p.Severities {
		s := &p.Severities[i]
		for _, key := range s.keys() {
			if owner, taken := owners[key]; taken && owner != s.Name {
				found.add([]string{"severities", s.Name}, "answers to %q, and so does %s: give them different names, numbers and aliases", key, owner)
				break
			}
			owners[key] = s.Name
		}
		s.validate(&found)
	}
	p.validateReferences(&found)
	p.validatePauses(&found)
	return errors.Join(found...)
}

// validateReferences checks that the severities named anywhere exist.
func (p *Policy) validateReferences(found *mistakes) {
	known := func(severity string, path ...string) {
		if !slices.ContainsFunc(p.Severities, func(s Severity) bool { return s.Name == severity }) {
			found.add(path, "%q is no severity of the policy: use one of %s", severity, strings.Join(p.severityNames(), ", "))
		}
	}
	for _, topic := range slices.Sorted(maps.Keys(p.Topics)) {
		known(p.Topics[topic], "topics", topic)
	}
	if p.Outstanding.Becomes == "" {
		return
	}
	known(p.Outstanding.Becomes, "outstanding", "becomes")
	for _, severity := range p.Outstanding.Severities {
		known(severity, "outstanding", "severities")
	}
}

func (p *Policy) validatePauses(found *mistakes) {
	for _, target := range slices.Sorted(maps.Keys(p.Pauses)) {
		path := []string{"pauses", string(target)}
		if target == ServiceWindow {
			found.add(path, "service_window is WhatsApp's own clock: nothing pauses it")
		}
		for _, status := range p.Pauses[target] {
			if status != StatusPending && status != StatusOnHold {
				found.add(path, "%q does not pause a clock: use pending or on_hold", status)
			}
		}
	}
}

func (p *Policy) severityNames() []string {
	names := make([]string, len(p.Severities))
	for i := range p.Severities {
		names[i] = p.Severities[i].Name
	}
	return names
}

func (s *Severity) validate(found *mistakes) {
	if s.Number < 1 {
		found.add([]string{"severities", s.Name, "number"}, "%d: severities count from 1, the gravest", s.Number)
	}
	for _, p := range s.Promises {
		if text := p.mistake(); text != "" {
			found.add([]string{"severities", s.Name, string(p.Target)}, "%s", text)
		}
	}
}

// mistake says what is wrong with a promise.
func (p Promise) mistake() string {
	warning, critical := p.Leads()
	switch {
	case !slices.Contains(Targets, p.Target):
		return "no such target: use one of " + joined(Targets)
	case p.BestEffort && p.Within != 0:
		return "a best effort has no time"
	case p.BestEffort:
		return ""
	case p.Within < time.Second || p.Within > maxWithin || p.Within%time.Second != 0:
		return fmt.Sprintf("%s: promise whole seconds, at least one and at most ten years", p.Within)
	case p.Warning < 0 || p.Critical < 0 || warning%time.Second != 0 || critical%time.Second != 0:
		return "leads are whole seconds"
	case warning >= p.Within:
		return fmt.Sprintf("warning lead %s: must be shorter than the %s promised", warning, p.Within)
	case critical > warning:
		return fmt.Sprintf("critical lead %s is longer than the warning lead %s: warn first", critical, warning)
	}
	return ""
}

func joined(targets []Target) string {
	names := make([]string, len(targets))
	for i, t := range targets {
		names[i] = string(t)
	}
	return strings.Join(names, ", ")
}
