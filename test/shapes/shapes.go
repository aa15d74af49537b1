// Package shapes holds what Meta's OpenAPI file says of the Graph API and of webhooks, and the places where that is not
// what is answered. The simulators are held against both.
package shapes

import (
	"bytes"
	_ "embed" // the shapes
	"errors"
	"fmt"
	"maps"
	"net/url"
	"slices"
	"strconv"

	"github.com/santhosh-tekuri/jsonschema/v6"
	"go.yaml.in/yaml/v3"
)

//go:embed testdata/meta.yaml
var meta []byte

// file is testdata/meta.yaml. Its notation is described there.
type file struct {
	Operations map[string]Operation
	Refusals   []int // the statuses of calls that are refused
	Shapes     map[string]any
	Deviations []deviation
}

// Operation is a call: its parameters by name, and the shape of its answer.
type Operation struct {
	Path   string
	Query  map[string]any
	Answer string
}

// Shapes check answers, errors, webhooks and queries.
type Shapes struct {
	Operations map[string]Operation
	refusals   []int
	compiler   *jsonschema.Compiler
	known      map[string]bool
}

// Load reads the shapes and applies all deviations but one; none of them is left out for "".
func Load(without string) (*Shapes, error) {
	f, err := read()
	if err != nil {
		return nil, err
	}
	for _, a := range f.atoms() {
		if a.name == without {
			continue
		}
		if err := a.apply(f); err != nil {
			return nil, fmt.Errorf("deviation %s: %w", a.name, err)
		}
	}
	s := &Shapes{Operations: f.Operations, refusals: f.Refusals, compiler: jsonschema.NewCompiler(), known: map[string]bool{}}
	definitions := map[string]any{}
	define := func(name string, schema any) {
		definitions[name], s.known[name] = expand(schema), true
	}
	for name, schema := range f.Shapes {
		define(name, schema)
	}
	for name, op := range f.Operations {
		for parameter, schema := range op.Query {
			define(name+"."+parameter, schema)
		}
	}
	s.compiler.AssertFormat()
	return s, s.compiler.AddResource(resource, map[string]any{"$defs": definitions})
}

// Deviations names all deviations, one for each field and value.
func Deviations() ([]string, error) {
	f, err := read()
	if err != nil {
		return nil, err
	}
	var names []string
	for _, a := range f.atoms() {
		names = append(names, a.name)
	}
	return names, nil
}

func read() (*file, error) {
	var f file
	d := yaml.NewDecoder(bytes.NewReader(meta))
	d.KnownFields(true)
	if err := d.Decode(&f); err != nil {
		return nil, err
	}
	for _, d := range f.Deviations {
		if d.Why == "" {
			return nil, errors.New("a deviation without a reason")
		}
		maps.Copy(f.Shapes, d.Define)
	}
	return &f, nil
}

const (
	resource    = "meta.json"
	definitions = "#/$defs/"
)

// expand turns the file's notation into a JSON Schema.
func expand(v any) any {
	switch v := v.(type) {
	case string:
		switch v {
		case "string", "integer", "number", "boolean":
			return map[string]any{"type": v}
		}
		return map[string]any{"$ref": definitions + v}
	case []any:
		return map[string]any{"type": "array", "items": expand(v[0])}
	case map[string]any:
		out := map[string]any{}
		for key, part := range v {
			out[key] = expandKey(key, part)
		}
		if _, ok := v["properties"]; ok {
			out["type"], out["additionalProperties"] = "object", false
		}
		return out
	}
	return v
}

func expandKey(key string, part any) any {
	switch key {
	case "properties":
		out := map[string]any{}
		for name, schema := range part.(map[string]any) {
			out[name] = expand(schema)
		}
		return out
	case "anyOf", "oneOf":
		var out []any
		for _, schema := range part.([]any) {
			out = append(out, expand(schema))
		}
		return out
	case "not":
		return expand(part)
	}
	return part
}

// Check says what of a body does not have a shape.
func (s *Shapes) Check(shape string, body []byte) error {
	v, err := jsonschema.UnmarshalJSON(bytes.NewReader(body))
	if err != nil {
		return err
	}
	return s.check(shape, v)
}

func (s *Shapes) check(name string, v any) error {
	if !s.known[name] {
		return fmt.Errorf("there is no %s", name)
	}
	schema, err := s.compiler.Compile(resource + definitions + name)
	if err != nil {
		return err
	}
	return schema.Validate(v)
}

// Answer checks the body of a successful call.
func (s *Shapes) Answer(operation string, body []byte) error {
	op, ok := s.Operations[operation]
	if !ok {
		return fmt.Errorf("there is no operation %s", operation)
	}
	return s.Check(op.Answer, body)
}

// Refusal checks the status and the body of a call that was refused.
func (s *Shapes) Refusal(status int, body []byte) error {
	if !slices.Contains(s.refusals, status) {
		return fmt.Errorf("status %d is none of %v", status, s.refusals)
	}
	return s.Check("Error", body)
}

// Query checks the parameters of a call.
func (s *Shapes) Query(operation string, q url.Values) error {
	for name, values := range q {
		var v any = values[0]
		if n, err := strconv.Atoi(values[0]); err == nil && s.check(operation+"."+name, n) == nil {
			v = n
		}
		if err := s.check(operation+"."+name, v); err != nil {
			return fmt.Errorf("parameter %s=%s of %s: %w", name, values[0], operation, err)
		}
	}
	return nil
}
