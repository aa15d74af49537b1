package declarative

import (
	"context"
	"errors"
	"fmt"
	"reflect"
	"regexp"
	"strings"
	"time"

	"github.com/itchyny/gojq"
	"go.yaml.in/yaml/v3"
)

// The limits of one run of an expression. A mapping of the shipped profiles takes less than 100 µs; the rest is for a
// machine that has other things to do.
const (
	rowTime  = time.Second     // for one row, or one request
	pageTime = 5 * time.Second // for one answer
	// maxRepeat is the longest string that a multiplication makes.
	maxRepeat = 64 << 10
)

// variables are what every expression can read.
//
//	$since   when the changes begin, Unix seconds
//	$key     of the last row read, where the list is walked by key; null on the first page
//	$cursor  what the page before named as its next; null on the first page
//	$page    number of the page, from page.first
//	$offset  number of rows before the page
//	$size    rows asked for
//	$ids     the ids looked up or joined, $id the first of them
//	$now     Unix seconds, by the helpdesk's clock
//	$base    address of the helpdesk, without a slash at its end
//	$tables  the lookup tables by name
//	$fields  the custom fields that the configuration asks for
//	$joined  the joined values of the row by name
//	$row     the row that rows are joined to, in a join
//	$have    the join's value as last known, where rows are added to it; null where there is none
//	$part    whether the rows of a value are some that came by the way, and not all that there are
var variables = []string{
	"$since", "$key", "$cursor", "$page", "$offset", "$size", "$ids", "$id", "$now", "$base", "$tables", "$fields", "$joined", "$row", "$have", "$part",
}

// vars are values of variables; those left out are null.
type vars map[string]any

func (v vars) values() []any {
	out := make([]any, len(variables))
	for i, name := range variables {
		out[i] = v[name]
	}
	return out
}

// Text is a string of a profile that knows its line.
type Text struct {
	Value string
	line  int
}

// UnmarshalYAML keeps the line.
func (t *Text) UnmarshalYAML(n *yaml.Node) error {
	if n.Kind != yaml.ScalarNode {
		return fmt.Errorf("line %d: want a text", n.Line)
	}
	t.Value, t.line = n.Value, n.Line
	if n.Style == yaml.LiteralStyle || n.Style == yaml.FoldedStyle {
		t.line++ // the text begins below the sign for it
	}
	return nil
}

// Expr is a jq expression of a profile.
type Expr struct {
	Text
	code *gojq.Code
}

func (e *Expr) set() bool { return e.code != nil || e.Value != "" }

// compile checks the expression. Its error has the line, counted from the beginning of the file, in front.
func (e *Expr) compile(t *times) error {
	if e.Value == "" {
		return nil
	}
	q, err := gojq.Parse(e.Value)
	if err != nil {
		line := e.line
		if p, ok := errors.AsType[*gojq.ParseError](err); ok {
			line += strings.Count(e.Value[:min(max(p.Offset-1, 0), len(e.Value))], "\n")
		}
		return &lineError{line, "jq: " + err.Error()}
	}
	if err := confine(reflect.ValueOf(q)); err != nil {
		return &lineError{e.line, "jq: " + err.Error()}
	}
	e.code, err = gojq.Compile(q, gojq.WithVariables(variables),
		gojq.WithFunction("_times", 2, 2, bounded),
		gojq.WithFunction("instant", 0, 0, t.instant),
		gojq.WithFunction("local", 1, 1, t.local))
	if err != nil {
		return &lineError{e.line, "jq: " + err.Error()}
	}
	return nil
}

// forbidden are the functions of jq that do something else than compute, or depend on the machine.
var forbidden = regexp.MustCompile(`^(input|inputs|input_filename|input_line_number|debug|stderr|env|\$ENV|now|localtime|strflocaltime|halt|halt_error|modulemeta|get_search_list|\$__loc__)$`)

// confine walks the syntax tree, refuses what a profile may not do, and puts a bounded multiplication in the place
// of jq's, which makes a string of 2 GB in one step.
func confine(v reflect.Value) error {
	switch v.Kind() {
	case reflect.Pointer:
		if v.IsNil() {
			return nil
		}
		if err := confineNode(v.Interface()); err != nil {
			return err
		}
		return confine(v.Elem())
	case reflect.Slice:
		for i := range v.Len() {
			if err := confine(v.Index(i)); err != nil {
				return err
			}
		}
	case reflect.Struct:
		for _, field := range v.Fields() {
			if err := confine(field); err != nil {
				return err
			}
		}
	}
	return nil
}

func confineNode(node any) error {
	switch n := node.(type) {
	case *gojq.Import:
		return errors.New("a profile imports and includes nothing: write the definition into it")
	case *gojq.Func:
		if forbidden.MatchString(n.Name) {
			return fmt.Errorf("%s is not allowed: a mapping only computes (the time is $now)", n.Name)
		}
	case *gojq.Query:
		switch n.Op {
		case gojq.OpUpdateMul:
			return errors.New("*= is not allowed: write |= (. * …)")
		case gojq.OpMul:
			*n = gojq.Query{Term: &gojq.Term{
				Type: gojq.TermTypeFunc, Func: &gojq.Func{Name: "_times", Args: []*gojq.Query{n.Left, n.Right}},
			}, FuncDefs: n.FuncDefs, Meta: n.Meta, Imports: n.Imports}
		}
	}
	return nil
}

// plainTimes is jq's own multiplication.
var plainTimes = func() *gojq.Code {
	q, err := gojq.Parse(".[0] * .[1]")
	if err != nil {
		panic(err)
	}
	code, err := gojq.Compile(q)
	if err != nil {
		panic(err)
	}
	return code
}()

// bounded multiplies, unless it would make a long string.
func bounded(_ any, args []any) any {
	for i, a := range args {
		text, ok := a.(string)
		n, isNumber := gojq.ToFloat64(args[1-i])
		if ok && isNumber && float64(len(text))*n > maxRepeat {
			return fmt.Errorf("a text repeated to more than %d bytes", maxRepeat)
		}
	}
	out, _ := plainTimes.Run([]any{args[0], args[1]}).Next()
	return out
}

// errNothing is an expression without a result.
var errNothing = errors.New("gives no value")

// run computes the one value of an expression.
func (e *Expr) run(ctx context.Context, most time.Duration, input any, v vars) (any, error) {
	results := e.code.RunWithContext(&watch{Context: ctx, most: most}, input, v.values()...)
	out, ok := results.Next()
	if !ok {
		return nil, errNothing
	}
	if err, bad := out.(error); bad {
		return nil, describe(err, most)
	}
	extra, more := results.Next()
	if err, bad := extra.(error); bad {
		return nil, describe(err, most)
	}
	if more {
		return nil, errors.New("gives more than one value")
	}
	return out, nil
}

// watch ends an expression that takes too long, or that nobody waits for any more. It is the context that gojq asks
// before each of its steps; a timer for every row, and a channel for every step, would take longer than most rows do.
type watch struct {
	context.Context
	most  time.Duration
	steps int
	until time.Time
	err   error
}

// between is how many steps pass from one look at the clock to the next: few enough that a text that doubles with every
// turn does not grow out of hand.
const between = 16

// over is a channel that is closed.
var over = func() <-chan struct{} {
	c := make(chan struct{})
	close(c)
	return c
}()

// Done is closed once the expression has to end.
func (w *watch) Done() <-chan struct{} {
	if w.steps++; w.steps%between != 0 {
		return nil
	}
	now := time.Now()
	if w.until.IsZero() {
		w.until = now.Add(w.most)
	}
	if w.err = w.Context.Err(); w.err == nil && now.After(w.until) {
		w.err = context.DeadlineExceeded
	}
	if w.err == nil {
		return nil
	}
	return over
}

// Err is why.
func (w *watch) Err() error { return w.err }

// errSlow is an expression that took too long.
var errSlow = errors.New("jq takes too long")

// describe is an error of jq without the values that it quotes: they may be what a customer wrote.
func describe(err error, most time.Duration) error {
	if errors.Is(err, context.DeadlineExceeded) {
		return fmt.Errorf("%w: more than %v", errSlow, most)
	}
	if errors.Is(err, context.Canceled) {
		return err
	}
	if _, own := errors.AsType[gojq.ValueError](err); own {
		return errors.New("jq: error, raised by the expression itself")
	}
	text := err.Error()
	if i := strings.IndexAny(text, `("{[`); i >= 0 {
		text = strings.TrimRight(text[:i], " :")
	}
	if len(text) > 200 {
		text = strings.ToValidUTF8(text[:200], "") + "…"
	}
	return fmt.Errorf("jq: %s", text)
}

// lineError is a mistake in a profile.
type lineError struct {
	line int
	text string
}

func (e *lineError) Error() string { return fmt.Sprintf("%d: %s", e.line, e.text) }
