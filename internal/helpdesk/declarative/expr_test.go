package declarative

import (
	"errors"
	"strings"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"
)

func compiled(t testing.TB, text string) *Expr {
	t.Helper()
	e := &Expr{Text: Text{Value: text, line: 1}}
	if err := e.compile(&times{zone: time.UTC}); err != nil {
		t.Fatal(err)
	}
	return e
}

func TestExpressionsOnlyCompute(t *testing.T) {
	for _, text := range []string{
		`import "a" as a; .`, `include "a"; .`, "input", "[inputs]", "env", "$ENV.PATH", "now", "debug", `debug("x")`, "stderr", "halt", "halt_error",
		"localtime", `strflocaltime("%H")`, "input_filename", "input_line_number", `. | {a: [env]}`, `def f: now; f`, `if . then 1 else $ENV end`,
		`.a *= 2`, `"\(env)"`, `reduce .[] as $x (0; . + now)`, `.[now]`, `{(env): 1}`, `try input catch .`, `label $out | env`, `get_search_list`, "$__loc__",
	} {
		e := &Expr{Text: Text{Value: text, line: 7}}
		if err := e.compile(&times{zone: time.UTC}); err == nil || !strings.HasPrefix(err.Error(), "7: jq: ") {
			t.Errorf("%s passes: %v", text, err)
		}
	}
}

func TestExpressionsAreStopped(t *testing.T) {
	for name, c := range map[string]struct{ text, want string }{
		"a loop that does not end":               {`def f: f; f`, "jq takes too long: more than 50ms"},
		"a list that does not end":               {`[repeat(1)]`, "jq takes too long"},
		"a number that does not end":             {`last(range(infinite))`, "jq takes too long"},
		"a text that doubles without end":        {`"x" | until(false; [., .] | join(""))`, "jq takes too long"},
		"a text that is repeated too often":      {`"x" * 1000000000`, "jq: a text repeated to more than 65536 bytes"},
		"a text that is repeated, the other way": {`1000000000 * "xy"`, "jq: a text repeated to more than 65536 bytes"},
	} {
		t.Run(name, func(t *testing.T) {
			_, err := compiled(t, c.text).run(t.Context(), 50*time.Millisecond, nil, nil)
			if err == nil || !strings.Contains(err.Error(), c.want) {
				t.Errorf("got %v, want %s", err, c.want)
			}
		})
	}
}

func TestMultiplicationIsJqs(t *testing.T) {
	for text, want := range map[string]any{
		"6 * 7": 42, "1.5 * 2": 3.0, `"ab" * 3`: "ababab", `3 * "ab"`: "ababab", `"x" * 0`: "", `({a: {b: 1}} * {a: {c: 2}}) | .a | keys | join(",")`: "b,c",
		"[1, 2] | map(. * 10) | add": 30, "2 * 3 + 4 * 5": 26,
	} {
		got, err := compiled(t, text).run(t.Context(), time.Second, nil, nil)
		if err != nil || !cmp.Equal(got, want) {
			t.Errorf("%s: %v, %v, want %v", text, got, err, want)
		}
	}
	if _, err := compiled(t, `[1] * 2`).run(t.Context(), time.Second, nil, nil); err == nil {
		t.Error("a list can be multiplied")
	}
}

func TestAnExpressionGivesOneValue(t *testing.T) {
	for text, want := range map[string]string{
		"empty": "gives no value", ".[]": "gives more than one value", `(1, error("x"))`: "jq: error, raised by the expression itself", ".a.b": "jq: expected an object but got: number",
	} {
		_, err := compiled(t, text).run(t.Context(), time.Second, map[string]any{"a": 1, "b": 2}, nil)
		if err == nil || !strings.Contains(err.Error(), want) {
			t.Errorf("%s: %v, want %s", text, err, want)
		}
	}
}

// What a customer wrote is not for the log, wherever jq quotes it.
func TestErrorsDoNotQuoteValues(t *testing.T) {
	row := map[string]any{"subject": "my card 4111 (of carla) is lost", "list": []any{"carla"}, "o": map[string]any{"carla": 1}}
	for _, text := range []string{
		".subject.x", ".subject + 1", ".list + 1", ".o | tonumber", ".subject | tonumber", "error(.subject)", "error(.o)", ".subject | fromjson", ".[.subject].x.y | error",
		".o | .[0]", ".subject | strptime(\"%Y\")", ".subject | instant", ".subject | local(\"%Y\")", "(.subject, 1)", ".subject | test(\"(\")", ".list | implode",
	} {
		_, err := compiled(t, text).run(t.Context(), time.Second, row, nil)
		if err == nil {
			t.Errorf("%s is no mistake", text)
		} else if strings.Contains(err.Error(), "carla") || strings.Contains(err.Error(), "4111") {
			t.Errorf("%s: %v", text, err)
		}
	}
}

func TestVariablesAreNullWhereTheyDoNotApply(t *testing.T) {
	e := compiled(t, "[$since, $key, $cursor, $page, $offset, $size, $ids, $id, $now, $base, $tables, $fields, $joined, $row, $have, $part]")
	got, err := e.run(t.Context(), time.Second, nil, vars{"$since": 1.5, "$id": "7", "$row": map[string]any{"a": 1}})
	if err != nil {
		t.Fatal(err)
	}
	want := []any{1.5, nil, nil, nil, nil, nil, nil, "7", nil, nil, nil, nil, nil, map[string]any{"a": 1}, nil, nil}
	if d := cmp.Diff(any(want), got); d != "" {
		t.Error(d)
	}
}

func TestSlowIsNotMistakenForAMistake(t *testing.T) {
	_, err := compiled(t, "def f: f; f").run(t.Context(), time.Millisecond, nil, nil)
	if !errors.Is(err, errSlow) {
		t.Errorf("%v is not errSlow", err)
	}
}
