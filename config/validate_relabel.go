package config

import (
	"errors"
	"slices"
	"strings"

	"github.com/prometheus/prometheus/model/relabel"

	"whatsapp_sla_exporter/internal/helpdesk"
)

// validateRelabelling checks each rule from tickets to policies: a label that no ticket has or that nobody reads,
// or a policy that there is not, would leave every ticket uncovered without a word.
func (c *Config) validateRelabelling(v *validation, path []any, rules []*relabel.Config) {
	for i, r := range rules {
		if r == nil {
			v.add(at(path, i), "relabel_configs: an empty rule")
			continue
		}
		if _, err := helpdesk.NewMapper([]*relabel.Config{r}, ""); err != nil {
			v.add(at(path, i), "relabel_configs: %v", errors.Unwrap(err)) // without its index in a list of one
			continue
		}
		c.validatePolicyRule(v, at(path, i), r)
	}
}

// validatePolicyRule checks the name of a policy that a rule sets as it stands, without parts of what it matched.
func (c *Config) validatePolicyRule(v *validation, path []any, r *relabel.Config) {
	if c.PolicySet == nil || r.Action != relabel.Replace || r.TargetLabel != "policy" ||
		r.Replacement == "" || strings.Contains(r.Replacement, "$") {
		return
	}
	if names := c.PolicySet.SLANames(); !slices.Contains(names, r.Replacement) {
		v.add(at(path, "replacement"), "replacement: policy %q is no SLA policy: use one of %s", r.Replacement, strings.Join(names, ", "))
	}
}
