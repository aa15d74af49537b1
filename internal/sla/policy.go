package sla

import (
	"strconv"
	"strings"
	"time"
)

// Policy is what somebody promises on tickets, apart from the calendar that the promises run on.
type Policy struct {
	Name string
	// Severities are what tickets are told apart by, gravest first.
	Severities []Severity
	// Topics give the severity of a ticket that says what it is about, but not how grave it is.
	Topics map[string]string

	// RequiresValid: the clock runs only on tickets that have the minimum information.
	RequiresValid bool
	// ExcludesExternal: nothing is promised for failures that are not the vendor's own.
	ExcludesExternal bool
	// Outstanding is what becomes of a ticket that is resolved while something is still asked for on it.
	Outstanding Outstanding
	// Pauses says which statuses stop the clock of a target, where that is not what Target.Pauses says.
	Pauses map[Target][]Status
}

// Severity is one degree of gravity, with its promises.
type Severity struct {
	Name string // label value, lower case
	// Number is its rank, 1 for the gravest. The severity answers to it, and to sev and it: "1", "sev1".
	Number  int
	Aliases []string // more names that it answers to
	// Promises are in the order of Targets.
	Promises []Promise
}

// AnySeverity is the name of a severity that answers to everything, even to nothing.
const AnySeverity = "any"

// Outstanding moves resolved tickets with outstanding requests to another severity.
type Outstanding struct {
	Severities []string // those that are moved
	Becomes    string   // empty: none are
}

// Promise is one target and the working time it may take.
type Promise struct {
	Target Target
	Within time.Duration
	// BestEffort is a promise without a time; Within is 0.
	BestEffort bool
	// Warning and Critical are the leads where they are not the default ones; see Leads.
	Warning, Critical time.Duration
}

// minCriticalLead is what somebody needs to do something about it. Source: design section 4.
const minCriticalLead = 5 * time.Minute

// Leads are the working time left at which the promise gets critical and at which it is worth a warning. By
// default that is a quarter of the promise, or 5 minutes where that is more, but never more than half; and half.
// A lead that was set moves the default of the other where they would cross.
func (p Promise) Leads() (warning, critical time.Duration) {
	half := (p.Within / 2).Truncate(time.Second)
	quarter := (p.Within / 4).Truncate(time.Second)
	warning, critical = p.Warning, p.Critical
	if critical == 0 {
		critical = min(half, max(quarter, minCriticalLead))
		if warning != 0 {
			critical = min(critical, warning)
		}
	}
	if warning == 0 {
		warning = max(half, critical)
	}
	return warning, critical
}

// Pauses are the statuses that stop the clock of a target unless a policy says otherwise: of all targets only
// resolution is paused, while the ticket waits for somebody else.
func (t Target) Pauses() []Status {
	if t == Resolution {
		return []Status{StatusPending, StatusOnHold}
	}
	return nil
}

// PausesOf are the statuses that stop the clock of a target under this policy.
func (p *Policy) PausesOf(t Target) []Status {
	if pauses, ok := p.Pauses[t]; ok {
		return pauses
	}
	return t.Pauses()
}

// Promise is the severity's promise on a target.
func (s *Severity) Promise(t Target) (Promise, bool) {
	for _, p := range s.Promises {
		if p.Target == t {
			return p, true
		}
	}
	return Promise{}, false
}

// keys are all the names that the severity answers to, folded.
func (s *Severity) keys() []string {
	n := strconv.Itoa(s.Number)
	keys := []string{fold(s.Name), n, "sev" + n}
	for _, a := range s.Aliases {
		keys = append(keys, fold(a))
	}
	return keys
}

// fold is how names are compared: without regard to case, with spaces and hyphens as underscores.
func fold(s string) string {
	return strings.ToLower(separators.Replace(strings.TrimSpace(s)))
}

var separators = strings.NewReplacer(" ", "_", "-", "_")
