package declarative

import (
	"encoding/json"
	"testing"
	"time"
)

func in(name string) *times {
	zone, err := time.LoadLocation(name)
	if err != nil {
		panic(err)
	}
	return &times{zone: zone}
}

func at(text string) time.Time {
	v, err := time.Parse(time.RFC3339, text)
	if err != nil {
		panic(err)
	}
	return v
}

func TestTimesAreReadInEveryForm(t *testing.T) {
	want := at("2026-03-02T09:30:00Z")
	for _, v := range []any{
		"2026-03-02T09:30:00Z", "2026-03-02T09:30:00.000Z", "2026-03-02T10:30:00+01:00", "2026-03-02T09:30:00.000+0000", "2026-03-02 09:30:00+00:00",
		" 2026-03-02 09:30:00 ", "2026-03-02T09:30:00", "2026-03-02 09:30", 1772443800, 1772443800.0, json.Number("1772443800"), json.Number("1772443800.0"),
		1772443800000, "1772443800", "1772443800000",
	} {
		if got, ok := in("UTC").read(v); !ok || !got.Equal(want) {
			t.Errorf("%v is read as %v, %v", v, got, ok)
		}
	}
	for _, v := range []any{nil, "", "  ", 0, 0.0, "0", "1970-01-01T00:00:00Z", "1970-01-01 00:00:00", false} {
		if got, ok := in("America/Mexico_City").read(v); !ok || !got.IsZero() {
			t.Errorf("%v is not unset but %v, %v", v, got, ok)
		}
	}
	for _, v := range []any{"yesterday", "2026-13-40", -5, 1e300, []any{}, map[string]any{}, true, "NaN", json.Number("1e400")} {
		if got, ok := in("UTC").read(v); ok {
			t.Errorf("%v is understood as %v", v, got)
		}
	}
}

func TestTimesWithoutAnOffsetAreOnTheZonesClock(t *testing.T) {
	madrid := in("Europe/Madrid")
	for text, want := range map[string]string{
		"2026-01-15 12:00:00": "2026-01-15T11:00:00Z",
		"2026-07-15 12:00:00": "2026-07-15T10:00:00Z",
		"2026-10-25 01:59:59": "2026-10-24T23:59:59Z",
		"2026-10-25 02:30:00": "2026-10-25T00:30:00Z", // twice on the clock: the first
		"2026-10-25 03:00:00": "2026-10-25T02:00:00Z",
		"2026-03-29 01:59:59": "2026-03-29T00:59:59Z",
		"2026-03-29 02:30:00": "2026-03-29T00:30:00Z", // never on the clock: before the gap
		"2026-03-29 03:00:00": "2026-03-29T01:00:00Z",
	} {
		if got, ok := madrid.read(text); !ok || !got.Equal(at(want)) {
			t.Errorf("%s is %v, want %s", text, got, want)
		}
	}
}

func TestOfTimesThatHavePassedTheLaterIsTaken(t *testing.T) {
	madrid := in("Europe/Madrid")
	for _, c := range []struct{ text, now, want string }{
		{"2026-10-25 02:10:00", "2026-10-25T00:20:00Z", "2026-10-25T00:10:00Z"},
		{"2026-10-25 02:10:00", "2026-10-25T01:10:00Z", "2026-10-25T01:10:00Z"},
		{"2026-10-25 02:10:00", "2026-12-01T00:00:00Z", "2026-10-25T01:10:00Z"},
		{"2026-10-25 03:10:00", "2026-12-01T00:00:00Z", "2026-10-25T02:10:00Z"},
	} {
		if got, ok := madrid.readBy(c.text, at(c.now)); !ok || !got.Equal(at(c.want)) {
			t.Errorf("%s, at %s, is %v, want %s", c.text, c.now, got, c.want)
		}
	}
}

func TestFoldIsHowFarTheClockWentBackLately(t *testing.T) {
	madrid := in("Europe/Madrid")
	for _, c := range []struct {
		at, now string
		want    time.Duration
	}{
		{"2026-10-25T00:50:00Z", "2026-10-25T00:55:00Z", 0},
		{"2026-10-25T00:50:00Z", "2026-10-25T01:00:00Z", time.Hour},
		{"2026-10-25T03:59:59Z", "2026-10-25T04:10:00Z", time.Hour},
		{"2026-10-25T04:00:00Z", "2026-10-25T04:10:00Z", 0},
		{"2026-03-29T00:30:00Z", "2026-03-29T01:30:00Z", 0},
		{"2026-07-01T00:00:00Z", "2026-07-02T00:00:00Z", 0},
	} {
		if got := madrid.fold(at(c.at), at(c.now)); got != c.want {
			t.Errorf("from %s at %s: %v, want %v", c.at, c.now, got, c.want)
		}
	}
}

func TestTimesForRequests(t *testing.T) {
	e := &Expr{Text: Text{Value: `(1772443800.9 | local("%Y-%m-%d %H:%M:%S")), ("2026-03-02T09:30:00.250Z" | instant), (null | instant)`}}
	if err := e.compile(in("Europe/Madrid")); err != nil {
		t.Fatal(err)
	}
	var got []any
	results := e.code.RunWithContext(t.Context(), nil, vars{}.values()...)
	for v, ok := results.Next(); ok; v, ok = results.Next() {
		got = append(got, v)
	}
	if len(got) != 3 || got[0] != "2026-03-02 10:30:00" || got[1] != 1772443800.25 || got[2] != nil {
		t.Errorf("%v", got)
	}
}
