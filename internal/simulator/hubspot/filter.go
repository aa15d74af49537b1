package hubspot

import (
	"slices"
	"strconv"
	"time"

	"whatsapp_sla_exporter/internal/simulator/desk"
)

type filter struct {
	PropertyName string   `json:"propertyName"`
	Operator     string   `json:"operator"`
	Value        string   `json:"value"`
	Values       []string `json:"values"`
	HighValue    string   `json:"highValue"`
}

var operators = []string{"EQ", "NEQ", "LT", "LTE", "GT", "GTE", "BETWEEN", "IN", "NOT_IN", "HAS_PROPERTY", "NOT_HAS_PROPERTY"}

func (f filter) check() *desk.Reply {
	switch {
	case !slices.Contains(operators, f.Operator):
		return invalid("unknown operator %q", f.Operator)
	case f.PropertyName == "":
		return invalid("a filter without propertyName")
	case (f.Operator == "IN" || f.Operator == "NOT_IN") && len(f.Values) == 0:
		return invalid("%s wants values", f.Operator)
	}
	if _, err := strconv.ParseInt(f.Value, 10, 64); err != nil && f.compares() {
		return invalid("Value %q for filter operator %s on %s is not a number or a time in milliseconds", f.Value, f.Operator, f.PropertyName)
	}
	return nil
}

func (f filter) compares() bool {
	return slices.Contains([]string{"LT", "LTE", "GT", "GTE", "BETWEEN"}, f.Operator)
}

// matches says whether a ticket passes. A property that is not set passes only what says so.
func (f filter) matches(property func(name string) (string, bool)) bool {
	v, set := property(f.PropertyName)
	switch f.Operator {
	case "HAS_PROPERTY":
		return set
	case "NOT_HAS_PROPERTY":
		return !set
	case "NOT_IN":
		return set && !slices.Contains(f.Values, v)
	case "IN":
		return slices.Contains(f.Values, v)
	case "EQ":
		return set && v == f.Value
	case "NEQ":
		return set && v != f.Value
	}
	have, want := number(v), number(f.Value)
	switch f.Operator {
	case "LT":
		return set && have < want
	case "LTE":
		return set && have <= want
	case "GT":
		return set && have > want
	case "GTE":
		return set && have >= want
	}
	return set && have >= want && have <= number(f.HighValue)
}

// number is a number, or the milliseconds of a time.
func number(v string) int64 {
	if n, err := strconv.ParseInt(v, 10, 64); err == nil {
		return n
	}
	at, err := time.Parse(time.RFC3339, v)
	if err != nil {
		return 0
	}
	return at.UnixMilli()
}
