package config

import (
	"fmt"
	"reflect"
	"strings"

	"github.com/prometheus/common/model"
	"go.yaml.in/yaml/v3"
)

var durationType = reflect.TypeFor[model.Duration]()

// badDurations finds every duration of the schema that cannot be read, with its line and key: decoding would end at
// the first and know neither.
func badDurations(path string, n *yaml.Node, t reflect.Type) []error {
	switch {
	case n.Kind == yaml.DocumentNode && len(n.Content) > 0:
		n = n.Content[0]
	case n.Kind == yaml.AliasNode:
		n = n.Alias
	}
	for t.Kind() == reflect.Pointer {
		t = t.Elem()
	}
	var errs []error
	switch {
	case t.Kind() == reflect.Struct && n.Kind == yaml.MappingNode:
		for i := 0; i+1 < len(n.Content); i += 2 {
			errs = append(errs, badDurationAt(path, n.Content[i], n.Content[i+1], t)...)
		}
	case t.Kind() == reflect.Slice && n.Kind == yaml.SequenceNode:
		for _, item := range n.Content {
			errs = append(errs, badDurations(path, item, t.Elem())...)
		}
	}
	return errs
}

func badDurationAt(path string, key, value *yaml.Node, section reflect.Type) []error {
	for f := range section.Fields() {
		name, _, _ := strings.Cut(f.Tag.Get("yaml"), ",")
		if name != key.Value || section.PkgPath() != reflect.TypeFor[Config]().PkgPath() {
			continue
		}
		if f.Type != durationType {
			return badDurations(path, value, f.Type)
		}
		if value.Kind != yaml.ScalarNode || value.Tag == "!!null" {
			return nil // decoding tells
		}
		if _, err := model.ParseDuration(value.Value); err != nil {
			return []error{&Error{File: path, Line: value.Line, Text: fmt.Sprintf("%s: %v: write 90s, 5m, 1h30m or 30d", name, err)}}
		}
	}
	return nil
}
