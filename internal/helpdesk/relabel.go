package helpdesk

import (
	"fmt"
	"maps"
	"slices"
	"strings"
	"sync"

	"github.com/prometheus/common/model"
	"github.com/prometheus/prometheus/model/labels"
	"github.com/prometheus/prometheus/model/relabel"
)

// Mapper turns tickets into assignments by Prometheus' relabel_configs. It is safe for concurrent use.
//
// Before the first rule, severity is the ticket's priority and policy is the helpdesk's default policy; the rules
// see and may change both. Rules read only the labels of the ticket, so tickets that agree in the labels that the
// rules read get the same assignment: it is computed once and kept.
type Mapper struct {
	rules  []*relabel.Config
	policy string
	reads  []string // meta labels the rules read, sorted; all of a ticket's own when every is set
	every  bool     // a rule works on label names, so it may read any

	mu    sync.Mutex
	key   []byte
	known map[string]mapped
}

type mapped struct {
	assignment Assignment
	keep       bool
}

// maxKnown bounds the memory of a mapper whose rules read something that differs in every ticket.
const maxKnown = 20_000

// NewMapper checks the rules. Policy is the default policy, empty for none.
func NewMapper(rules []*relabel.Config, policy string) (*Mapper, error) {
	m := &Mapper{policy: policy, known: make(map[string]mapped)}
	reads := map[string]bool{metaPriority: true}
	for i, r := range rules {
		if err := checkRule(r); err != nil {
			return nil, fmt.Errorf("relabel_configs[%d]: %w", i, err)
		}
		c := *r
		c.NameValidationScheme = model.UTF8Validation
		m.rules = append(m.rules, &c)
		for _, name := range readBy(&c) {
			if strings.HasPrefix(name, MetaPrefix) {
				reads[name] = true
			}
		}
		m.every = m.every || byName(c.Action)
	}
	m.reads = slices.Sorted(maps.Keys(reads))
	return m, nil
}

// checkRule refuses what cannot be meant: a rule that Prometheus would refuse, one that sets a label nobody
// reads, one that reads a label that no ticket has.
func checkRule(r *relabel.Config) error {
	c := *r
	if err := c.Validate(model.UTF8Validation); err != nil {
		return err
	}
	for _, name := range readBy(&c) {
		_, known := metaLabels[name]
		if strings.HasPrefix(name, MetaPrefix) && !known && !strings.HasPrefix(name, metaField) {
			return fmt.Errorf("source label %q: a ticket has %s and %s<id>", name, strings.Join(slices.Sorted(maps.Keys(metaLabels)), ", "), metaField)
		}
	}
	t := c.TargetLabel
	if !writes(c.Action) || strings.Contains(t, "$") || strings.HasPrefix(t, "__") || slices.Contains(resultLabels, t) {
		return nil
	}
	return fmt.Errorf("target_label %q: want one of %s, or a name that begins with __ for a step between", t, strings.Join(resultLabels, ", "))
}

func writes(a relabel.Action) bool {
	return a == relabel.Replace || a == relabel.HashMod || a == relabel.Lowercase || a == relabel.Uppercase
}

// byName says whether a rule works on the names of labels instead of on some it names.
func byName(a relabel.Action) bool {
	return a == relabel.LabelMap || a == relabel.LabelDrop || a == relabel.LabelKeep
}

// readBy lists the labels whose values a rule reads.
func readBy(r *relabel.Config) []string {
	var out []string
	for _, n := range r.SourceLabels {
		out = append(out, string(n))
	}
	if r.Action == relabel.KeepEqual || r.Action == relabel.DropEqual {
		out = append(out, r.TargetLabel)
	}
	return out
}

// UsesField says whether the rules read the custom field: a client need not keep, and for the sake of the people
// in them should not keep, any other.
func (m *Mapper) UsesField(id string) bool {
	name := fieldLabel(id)
	if slices.Contains(m.reads, name) {
		return true
	}
	return slices.ContainsFunc(m.rules, func(r *relabel.Config) bool {
		return r.Action == relabel.LabelMap && r.Regex.MatchString(name)
	})
}

// Map applies the rules. A ticket that they drop is not kept (false): the caller counts it.
func (m *Mapper) Map(t *Ticket) (Assignment, bool) {
	m.mu.Lock()
	defer m.mu.Unlock()
	m.buildKey(t)
	got, ok := m.known[string(m.key)]
	if !ok {
		got.assignment, got.keep = m.compute(t)
		if len(m.known) >= maxKnown {
			clear(m.known)
		}
		m.known[string(m.key)] = got
	}
	return got.assignment, got.keep
}

// buildKey writes the labels that the rules read into m.key.
func (m *Mapper) buildKey(t *Ticket) {
	m.key = m.key[:0]
	if m.every {
		all := MetaLabels(t)
		for _, name := range slices.Sorted(maps.Keys(all)) {
			m.key = append(append(append(m.key, name...), 0xff), all[name]...)
			m.key = append(m.key, 0xff)
		}
		return
	}
	for _, name := range m.reads {
		if name == metaTags {
			for _, tag := range t.Tags {
				m.key = append(append(m.key, tag...), ',')
			}
		} else {
			m.key = append(m.key, metaValue(t, name)...)
		}
		m.key = append(m.key, 0xff)
	}
}

func (m *Mapper) compute(t *Ticket) (Assignment, bool) {
	lb := labels.NewBuilder(labels.EmptyLabels())
	if m.every {
		for name, v := range MetaLabels(t) {
			lb.Set(name, v)
		}
	} else {
		for _, name := range m.reads {
			lb.Set(name, metaValue(t, name))
		}
	}
	lb.Set(labelSeverity, t.Priority)
	lb.Set(labelPolicy, m.policy)
	if !relabel.ProcessBuilder(lb, m.rules...) {
		return Assignment{}, false
	}
	a := Assignment{
		Policy:   lb.Get(labelPolicy),
		Severity: strings.ToLower(lb.Get(labelSeverity)),
		Origin:   strings.ToLower(lb.Get(labelOrigin)),
		Topic:    lb.Get(labelTopic),
		Tenant:   lb.Get(labelTenant),
	}
	switch strings.ToLower(lb.Get(labelValid)) {
	case "":
	case "true", "yes", "1":
		a.Valid = ValidYes
	case "false", "no", "0":
		a.Valid = ValidNo
	default:
		a.Unmapped = labelValid
	}
	return a, true
}
