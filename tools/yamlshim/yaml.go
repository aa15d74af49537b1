// Package yaml stands in for github.com/pb33f/go-yaml, a fork of go.yaml.in/yaml/v4 that not every module proxy
// serves. Prometheus needs it only to describe its API as OpenAPI, and nothing it adds to v4, so the names that
// libopenapi and Prometheus use are aliases of v4's own.
package yaml

import "go.yaml.in/yaml/v4"

// The types in use.
type (
	Kind        = yaml.Kind
	Style       = yaml.Style
	Node        = yaml.Node
	IsZeroer    = yaml.IsZeroer
	Marshaler   = yaml.Marshaler
	Unmarshaler = yaml.Unmarshaler
	Option      = yaml.Option
)

// The kinds of node and styles of scalar in use.
const (
	DocumentNode = yaml.DocumentNode
	SequenceNode = yaml.SequenceNode
	MappingNode  = yaml.MappingNode
	ScalarNode   = yaml.ScalarNode
	AliasNode    = yaml.AliasNode

	DoubleQuotedStyle = yaml.DoubleQuotedStyle
	SingleQuotedStyle = yaml.SingleQuotedStyle
	LiteralStyle      = yaml.LiteralStyle
	FoldedStyle       = yaml.FoldedStyle
	FlowStyle         = yaml.FlowStyle
)

// The functions in use.
var (
	Marshal        = yaml.Marshal
	Unmarshal      = yaml.Unmarshal
	NewDecoder     = yaml.NewDecoder
	NewEncoder     = yaml.NewEncoder
	NewDumper      = yaml.NewDumper
	WithIndent     = yaml.WithIndent
	WithLineWidth  = yaml.WithLineWidth
	WithV3Defaults = yaml.WithV3Defaults
)
