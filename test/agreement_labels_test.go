package test

import (
	"fmt"
	"maps"
	"slices"
	"strings"
	"testing"

	"github.com/prometheus/common/model"
	"github.com/prometheus/prometheus/promql/parser"
)

// names is a set of label names.
type names map[string]bool

func namesOf(list ...string) names {
	s := make(names)
	for _, n := range list {
		s[n] = true
	}
	return s
}

func (s names) and(more names) names {
	out := make(names)
	for n := range s {
		out[n] = true
	}
	for n := range more {
		out[n] = true
	}
	return out
}

func (s names) without(list []string) names {
	out := s.and(nil)
	for _, n := range list {
		delete(out, n)
	}
	return out
}

// scraped are the labels that Prometheus and its service discovery add. Pod is there in a cluster only.
var scraped = []string{"job", "instance", "pod"}

// inference finds the labels that an expression's result may have, and what the expression asks of labels that are not
// there: a matcher, a grouping or a matching on one selects nothing, or too much, without any error.
type inference struct {
	series   map[string]names // of metrics and recorded series
	problems []string
}

func (i *inference) complain(format string, args ...any) {
	i.problems = append(i.problems, fmt.Sprintf(format, args...))
}

// labels are those of the result. Nil is a scalar, which has none and matches with everything.
func (i *inference) labels(e parser.Expr) names {
	switch e := e.(type) {
	case *parser.VectorSelector:
		return i.selector(e)
	case *parser.MatrixSelector:
		return i.labels(e.VectorSelector)
	case *parser.SubqueryExpr:
		return i.labels(e.Expr)
	case *parser.ParenExpr:
		return i.labels(e.Expr)
	case *parser.UnaryExpr:
		return i.labels(e.Expr)
	case *parser.StepInvariantExpr:
		return i.labels(e.Expr)
	case *parser.AggregateExpr:
		return i.aggregate(e)
	case *parser.BinaryExpr:
		return i.binary(e)
	case *parser.Call:
		return i.call(e)
	}
	return nil // a number or a string
}

func (i *inference) selector(e *parser.VectorSelector) names {
	known, ok := i.series[e.Name]
	if !ok {
		i.complain("there is no %s", e.Name)
		return make(names)
	}
	for _, m := range e.LabelMatchers {
		if m.Name != model.MetricNameLabel && !known[m.Name] {
			i.complain("%s has no label %s", e.Name, m.Name)
		}
	}
	return known
}

func (i *inference) aggregate(e *parser.AggregateExpr) names {
	inner := i.labels(e.Expr)
	for _, l := range e.Grouping {
		if !inner[l] {
			i.complain("%s groups by %s, which is not there", e.Op, l)
		}
	}
	switch {
	case e.Op == parser.TOPK || e.Op == parser.BOTTOMK:
		return inner
	case e.Without:
		return inner.without(e.Grouping)
	}
	return namesOf(e.Grouping...)
}

func (i *inference) binary(e *parser.BinaryExpr) names {
	left, right := i.labels(e.LHS), i.labels(e.RHS)
	if left == nil {
		return right
	}
	if right == nil {
		return left
	}
	m := e.VectorMatching
	for _, l := range m.MatchingLabels {
		if m.On && (!left[l] || !right[l]) {
			i.complain("matching on %s, which is not on both sides: %s", l, e)
		}
		if !m.On && !left[l] && !right[l] {
			i.complain("ignoring %s, which is not there: %s", l, e)
		}
	}
	switch {
	case e.Op == parser.LOR:
		return left.and(right)
	case e.Op == parser.LAND || e.Op == parser.LUNLESS || m.Card == parser.CardManyToOne:
		return left.and(namesOf(m.Include...))
	case m.Card == parser.CardOneToMany:
		return right.and(namesOf(m.Include...))
	case m.On && e.Op.IsComparisonOperator() && !e.ReturnBool:
		return left
	case m.On:
		return namesOf(m.MatchingLabels...)
	}
	return left.without(m.MatchingLabels)
}

func (i *inference) call(e *parser.Call) names {
	var inner names
	for _, arg := range e.Args {
		if got := i.labels(arg); got != nil && inner == nil {
			inner = got
		}
	}
	switch e.Func.Name {
	case "label_replace":
		source := e.Args[3].(*parser.StringLiteral).Val
		if source != "" && !inner[source] {
			i.complain("label_replace reads %s, which is not there", source)
		}
		return inner.and(namesOf(e.Args[1].(*parser.StringLiteral).Val))
	case "absent", "sum", "vector":
		return make(names)
	case "time", "scalar":
		return nil
	}
	return inner
}

// take hands out the problems found since it was last called, each once.
func (i *inference) take() []string {
	found := i.problems
	i.problems = nil
	slices.Sort(found)
	return slices.Compact(found)
}

// The inference finds what nothing else would.
func TestInferenceComplains(t *testing.T) {
	i := &inference{series: map[string]names{
		"a": namesOf("job", "instance", "x", "y"), "b": namesOf("job", "instance", "x", "z"),
	}}
	for _, tt := range []struct {
		expr, labels, problem string
	}{
		{`a{x="1"} > 0`, "instance job x y", ""},
		{`a{z="1"}`, "instance job x y", "a has no label z"},
		{`c`, "", "there is no c"},
		{`sum by (x, z) (a)`, "x z", "sum groups by z, which is not there"},
		{`max without (instance, z) (rate(a[5m]))`, "job x y", "max groups by z, which is not there"},
		{`max without (instance) (a or b)`, "job x y z", ""},
		{`a and on (x) b`, "instance job x y", ""},
		{`a unless on (y) b`, "instance job x y", "matching on y, which is not on both sides: a unless on (y) b"},
		{`a * on (x) group_left (z) b`, "instance job x y z", ""},
		{`a / on (job, x) b`, "job x", ""},
		{`a / ignoring (y) b`, "instance job x", ""},
		{`time() - a`, "instance job x y", ""},
		{`label_replace(a, "w", "$1", "v", "(.*)")`, "instance job w x y", "label_replace reads v, which is not there"},
		{`absent(a)`, "", ""},
		{`last_over_time(a[1h]) and on (x) topk(3, b)`, "instance job x y", ""},
	} {
		got := i.labels(parsed(t, tt.expr))
		if l := strings.Join(slices.Sorted(maps.Keys(got)), " "); l != tt.labels {
			t.Errorf("%s has the labels %q, want %q", tt.expr, l, tt.labels)
		}
		if p := strings.Join(i.take(), "; "); p != tt.problem {
			t.Errorf("%s: %q, want %q", tt.expr, p, tt.problem)
		}
	}
}
