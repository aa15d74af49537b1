package config

import (
	"errors"
	"fmt"
	"maps"
	"slices"
	"strconv"
	"strings"
	"time"

	"go.yaml.in/yaml/v3"

	"whatsapp_sla_exporter/internal/sla"
)

// policyDecoder reads the nodes of one policy and collects its mistakes.
type policyDecoder struct {
	document *policyDocument
	errs     []error
}

// decodeSLA reads a policy on tickets.
func decodeSLA(d *policyDocument) (*SLAPolicy, error) {
	r := &policyDecoder{document: d}
	p := r.policy(d.merged)
	if len(r.errs) == 0 {
		r.validate(&p.Policy)
		if err := p.Calendar.check(); err != nil {
			r.errs = append(r.errs, d.errorAt([]any{"calendar"}, "%v", err))
		}
	}
	return p, errors.Join(r.errs...)
}

// validate gives the mistakes of the policy as a whole their lines.
func (r *policyDecoder) validate(p *sla.Policy) {
	err := p.Validate()
	if err == nil {
		return
	}
	joined, ok := errors.AsType[interface {
		error
		Unwrap() []error
	}](err)
	if !ok {
		r.errs = append(r.errs, r.document.errorAt(nil, "%v", err))
		return
	}
	for _, err := range joined.Unwrap() {
		var path []any
		if m, ok := errors.AsType[*sla.Mistake](err); ok {
			for _, step := range m.Path {
				path = append(path, step)
			}
		}
		r.errs = append(r.errs, r.document.errorAt(path, "%v", err))
	}
}

func (r *policyDecoder) fail(n *yaml.Node, format string, args ...any) {
	r.errs = append(r.errs, &Error{File: r.document.file, Line: n.Line, Text: r.document.describe() + fmt.Sprintf(format, args...)})
}

// policy reads the whole document.
func (r *policyDecoder) policy(n *yaml.Node) *SLAPolicy {
	f := r.fields(n, "a policy", "kind", "name", "extends", "description", "source", "calendar", "external_origin",
		"requires_valid", "severities", "topics", "outstanding", "pauses", "leads", "decisions")
	p := &SLAPolicy{Policy: sla.Policy{Name: r.document.name}}
	p.Description = r.text(f["description"])
	r.text(f["source"])
	r.list(f["decisions"], r.text)
	if f["calendar"] == nil {
		r.fail(n, "calendar is missing: write calendar: {hours: always}, or a time_zone and hours")
	}
	p.Calendar = r.calendar(f["calendar"])
	if e := f["external_origin"]; e != nil {
		p.ExcludesExternal = !r.boolean(r.sourced(e, "covered"), true)
	}
	p.RequiresValid = r.boolean(r.sourced(f["requires_valid"], "value"), false)
	leads := r.leads(f["leads"], policyLeads{})
	r.each(f["severities"], func(name, value *yaml.Node) {
		p.Severities = append(p.Severities, r.severity(name, value, len(p.Severities)+1, leads))
	})
	r.each(f["topics"], func(topic, value *yaml.Node) {
		if p.Topics == nil {
			p.Topics = make(map[string]string)
		}
		p.Topics[topic.Value] = r.text(r.sourced(value, "severity"))
	})
	p.Outstanding = r.outstanding(f["outstanding"])
	p.Pauses = r.pauses(f["pauses"])
	return p
}

func (r *policyDecoder) severity(name, n *yaml.Node, rank int, leads policyLeads) sla.Severity {
	s := sla.Severity{Name: name.Value, Number: rank}
	if !severityName.MatchString(s.Name) {
		r.fail(name, "severity %q: use lower-case letters, digits and '_'", s.Name)
	}
	known := []string{"number", "aliases", "description", "source", "leads"}
	for _, t := range sla.Targets {
		known = append(known, string(t))
	}
	f := r.fields(n, "a severity", known...)
	r.text(f["description"])
	r.text(f["source"])
	if number := f["number"]; number != nil {
		var err error
		if s.Number, err = strconv.Atoi(number.Value); err != nil {
			r.fail(number, "number %q: severities count from 1, the gravest", number.Value)
		}
	}
	s.Aliases = r.list(f["aliases"], r.text)
	leads = r.leads(f["leads"], leads)
	for _, t := range sla.Targets {
		if promise := f[string(t)]; promise != nil {
			s.Promises = append(s.Promises, r.promise(t, promise, leads))
		}
	}
	return s
}

// promise reads 4h, best_effort, or a mapping of within, warning, critical and source.
func (r *policyDecoder) promise(t sla.Target, n *yaml.Node, leads policyLeads) sla.Promise {
	p := sla.Promise{Target: t}
	within := n
	if n.Kind == yaml.MappingNode {
		f := r.fields(n, string(t), "within", "warning", "critical", "source")
		r.text(f["source"])
		leads = leads.with(r.lead(f["warning"]), r.lead(f["critical"]))
		if within = f["within"]; within == nil {
			r.fail(n, "%s: within is missing: write a time such as 4h, or best_effort", t)
			return p
		}
	}
	if within.Value == "best_effort" {
		p.BestEffort = true
		return p
	}
	p.Within = r.duration(within)
	p.Warning, p.Critical = leads.warning.of(p.Within), leads.critical.of(p.Within)
	return p
}

func (r *policyDecoder) outstanding(n *yaml.Node) sla.Outstanding {
	if n == nil {
		return sla.Outstanding{}
	}
	f := r.fields(n, "outstanding", "severities", "becomes", "source")
	r.text(f["source"])
	if f["severities"] == nil || f["becomes"] == nil {
		r.fail(n, "outstanding: name the severities that change, and the one that each becomes")
	}
	return sla.Outstanding{Severities: r.list(f["severities"], r.text), Becomes: r.text(f["becomes"])}
}

func (r *policyDecoder) pauses(n *yaml.Node) map[sla.Target][]sla.Status {
	if n == nil {
		return nil
	}
	known := []string{"source"}
	for _, t := range sla.Targets {
		known = append(known, string(t))
	}
	f := r.fields(n, "pauses", known...)
	r.text(f["source"])
	delete(f, "source")
	pauses := make(map[sla.Target][]sla.Status)
	for _, target := range slices.Sorted(maps.Keys(f)) {
		statuses := []sla.Status{} // none is not the same as not told
		for _, s := range r.list(f[target], r.text) {
			statuses = append(statuses, sla.Status(s))
		}
		pauses[sla.Target(target)] = statuses
	}
	return pauses
}

// duration reads hours, minutes and seconds. Days are refused: one of opening time has no fixed length.
func (r *policyDecoder) duration(n *yaml.Node) time.Duration {
	text := r.text(n)
	d, err := time.ParseDuration(text)
	if err != nil && n.Kind == yaml.ScalarNode {
		r.fail(n, "%q is no duration: write hours, minutes or seconds, such as 48h or 1h30m", text)
	}
	return d
}

// policyLeads are the leads that a policy, a severity or a promise sets. Those inside win.
type policyLeads struct{ warning, critical policyLead }

// policyLead is a duration, or a share of the promise.
type policyLead struct {
	duration time.Duration
	percent  float64
}

func (l policyLead) of(within time.Duration) time.Duration {
	if l.percent != 0 {
		return time.Duration(float64(within) * l.percent / 100).Truncate(time.Second)
	}
	return l.duration
}

func (l policyLeads) with(warning, critical policyLead) policyLeads {
	var none policyLead
	if warning != none {
		l.warning = warning
	}
	if critical != none {
		l.critical = critical
	}
	return l
}

func (r *policyDecoder) leads(n *yaml.Node, outer policyLeads) policyLeads {
	if n == nil {
		return outer
	}
	f := r.fields(n, "leads", "warning", "critical", "source")
	r.text(f["source"])
	return outer.with(r.lead(f["warning"]), r.lead(f["critical"]))
}

func (r *policyDecoder) lead(n *yaml.Node) (l policyLead) {
	if n == nil {
		return l
	}
	var err error
	text := r.text(n)
	if percent, ok := strings.CutSuffix(text, "%"); ok {
		l.percent, err = strconv.ParseFloat(percent, 64)
		if err == nil && !(l.percent > 0 && l.percent < 100) {
			err = strconv.ErrRange
		}
	} else if l.duration, err = time.ParseDuration(text); err == nil && l.duration <= 0 {
		err = strconv.ErrRange
	}
	if err != nil {
		r.fail(n, "lead %q: write how much of the time is left then, such as 30m or 25%%", text)
	}
	return l
}
