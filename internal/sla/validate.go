package sla

import (
	"errors"
	"fmt"
	"slices"
	"time"
)

// maxWithin bounds a promise, so that no sum of instants overflows.
const maxWithin = 10 * 366 * 24 * time.Hour

// Validate says everything that keeps the policy from running on a clock.
func (p *Policy) Validate() error {
	var errs []error
	add := func(format string, args ...any) { errs = append(errs, fmt.Errorf(format, args...)) }
	if len(p.Severities) == 0 {
		add("no severities: name at least one, or %q for tickets of every severity", AnySeverity)
	}
	owners := make(map[string]string)
	for i := range p.Severities {
		s := &p.Severities[i]
		for _, key := range s.keys() {
			if owner, taken := owners[key]; taken && owner != s.Name {
				add("severities %s and %s both answer to %q: give them different names, numbers and aliases", owner, s.Name, key)
			}
			owners[key] = s.Name
		}
		if err := s.validate(); err != nil {
			errs = append(errs, err)
		}
	}
	p.validateReferences(add)
	return errors.Join(errs...)
}

// validateReferences checks that severities, targets and statuses named anywhere exist.
func (p *Policy) validateReferences(add func(string, ...any)) {
	known := func(what, severity string) {
		if !slices.ContainsFunc(p.Severities, func(s Severity) bool { return s.Name == severity }) {
			add("%s: %q is no severity of the policy", what, severity)
		}
	}
	for topic, severity := range p.Topics {
		known("topic "+topic, severity)
	}
	if p.Outstanding.Becomes != "" {
		for _, s := range append(slices.Clone(p.Outstanding.Severities), p.Outstanding.Becomes) {
			known("outstanding", s)
		}
	}
	for target, statuses := range p.Pauses {
		if target == ServiceWindow {
			add("service_window is WhatsApp's own clock: nothing pauses it")
		}
		for _, s := range statuses {
			if s != StatusPending && s != StatusOnHold {
				add("pauses: %s does not pause a clock: use pending or on_hold", s)
			}
		}
	}
}

func (s *Severity) validate() error {
	if s.Number < 1 {
		return fmt.Errorf("severity %s: number %d: severities count from 1, the gravest", s.Name, s.Number)
	}
	var errs []error
	for _, p := range s.Promises {
		if err := p.validate(); err != nil {
			errs = append(errs, fmt.Errorf("severity %s: %s: %w", s.Name, p.Target, err))
		}
	}
	return errors.Join(errs...)
}

func (p Promise) validate() error {
	warning, critical := p.Leads()
	switch {
	case !slices.Contains(Targets, p.Target):
		return fmt.Errorf("no such target: use one of %s", joinTargets())
	case p.BestEffort && p.Within != 0:
		return fmt.Errorf("a best effort has no time")
	case p.BestEffort:
		return nil
	case p.Within < time.Second || p.Within > maxWithin || p.Within%time.Second != 0:
		return fmt.Errorf("%s: promise whole seconds, at least one and at most ten years", p.Within)
	case p.Warning < 0 || p.Critical < 0 || warning%time.Second != 0 || critical%time.Second != 0:
		return fmt.Errorf("leads are whole seconds")
	case warning >= p.Within:
		return fmt.Errorf("warning lead %s: must be shorter than the %s promised", warning, p.Within)
	case critical > warning:
		return fmt.Errorf("critical lead %s is longer than the warning lead %s: warn first", critical, warning)
	}
	return nil
}

func joinTargets() string {
	var s string
	for i, t := range Targets {
		if i > 0 {
			s += ", "
		}
		s += string(t)
	}
	return s
}
