package shapes

import (
	"fmt"
	"maps"
	"slices"
	"strings"
)

// deviation is a place, or several for the same reason, where the OpenAPI file is not followed.
type deviation struct {
	Why        string
	Optional   []string             // Shape.field: not required
	Add        map[string]any       // Shape.field: a field that is not there
	Values     map[string][]string  // Shape: values that its enum has not
	Instead    map[string]any       // Shape: another one
	Ask        map[string]any       // operation.parameter: one that is not there
	Operations map[string]Operation // calls that are not there
	Define     map[string]any       // shapes that the others refer to
}

// atom is one field, value, shape, parameter or call of a deviation.
type atom struct {
	name  string
	apply func(*file) error
}

// atoms are those of all deviations, in the order of the file.
func (f *file) atoms() []atom {
	var out []atom
	add := func(kind, what string, apply func(*file) error) { out = append(out, atom{kind + " " + what, apply}) }
	for _, d := range f.Deviations {
		for _, at := range d.Optional {
			add("optional", at, func(f *file) error { return f.optional(at) })
		}
		for _, at := range slices.Sorted(maps.Keys(d.Add)) {
			add("add", at, func(f *file) error { return f.add(at, d.Add[at]) })
		}
		for _, shape := range slices.Sorted(maps.Keys(d.Values)) {
			for _, v := range d.Values[shape] {
				add("value", shape+" "+v, func(f *file) error { return f.value(shape, v) })
			}
		}
		for _, shape := range slices.Sorted(maps.Keys(d.Instead)) {
			add("instead", shape, func(f *file) error { f.Shapes[shape] = d.Instead[shape]; return nil })
		}
		for _, at := range slices.Sorted(maps.Keys(d.Ask)) {
			add("ask", at, func(f *file) error { return f.ask(at, d.Ask[at]) })
		}
		for _, name := range slices.Sorted(maps.Keys(d.Operations)) {
			add("operation", name, func(f *file) error { f.Operations[name] = d.Operations[name]; return nil })
		}
	}
	return out
}

func (f *file) shape(name string) (map[string]any, error) {
	shape, ok := f.Shapes[name].(map[string]any)
	if !ok {
		return nil, fmt.Errorf("there is no shape %s", name)
	}
	return shape, nil
}

func (f *file) optional(at string) error {
	name, field, _ := strings.Cut(at, ".")
	shape, err := f.shape(name)
	if err != nil {
		return err
	}
	required, _ := shape["required"].([]any)
	i := slices.Index(required, any(field))
	if i < 0 {
		return fmt.Errorf("%s does not require it", name)
	}
	shape["required"] = slices.Delete(slices.Clone(required), i, i+1)
	return nil
}

func (f *file) add(at string, schema any) error {
	name, field, _ := strings.Cut(at, ".")
	shape, err := f.shape(name)
	if err != nil {
		return err
	}
	shape["properties"].(map[string]any)[field] = schema
	return nil
}

func (f *file) value(name, value string) error {
	shape, err := f.shape(name)
	if err != nil {
		return err
	}
	values, _ := shape["enum"].([]any)
	if slices.Contains(values, any(value)) {
		return fmt.Errorf("%s has it", name)
	}
	shape["enum"] = append(slices.Clone(values), value)
	return nil
}

func (f *file) ask(at string, schema any) error {
	name, parameter, _ := strings.Cut(at, ".")
	op, ok := f.Operations[name]
	if _, had := op.Query[parameter]; !ok || had {
		return fmt.Errorf("operation %s is not there, or has it", name)
	}
	op.Query[parameter] = schema
	return nil
}
