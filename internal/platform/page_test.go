package platform

import (
	"fmt"
	"slices"
	"strings"
	"testing"
	"unicode/utf8"

	"github.com/google/go-cmp/cmp"
)

func TestPhrasesMatchAsWholeWords(t *testing.T) {
	phrases := []Phrase{{"no known issues", Operational}, {"major outage", MajorOutage}}
	for text, want := range map[string]struct {
		State State
		OK    bool
	}{
		"No known issues":              {Operational, true},
		"  NO KNOWN ISSUES. ":          {Operational, true},
		"Major outage since 10:00":     {MajorOutage, true},
		"No known issuesish":           {Unknown, false},
		"no known issues_but_one":      {Unknown, false},
		"Not operational":              {Unknown, false},
		"There are no known issues":    {Unknown, false},
		"":                             {Unknown, false},
		"<html>No known issues</html>": {Unknown, false},
	} {
		state, ok := Match(phrases, text)
		if state != want.State || ok != want.OK {
			t.Errorf("Match(%q) = %s, %t; want %s, %t", text, state, ok, want.State, want.OK)
		}
	}
}

func TestEveryStateHasARank(t *testing.T) {
	for _, s := range States {
		if _, ok := rank[s]; !ok || s.Worse(s) != s {
			t.Errorf("%s has no rank", s)
		}
	}
	if len(rank) != len(States) {
		t.Errorf("%d ranks for %d states", len(rank), len(States))
	}
	if got := Operational.Worse(Unknown); got != Unknown {
		t.Errorf("operational and unknown together are %s", got)
	}
	down := slices.DeleteFunc(slices.Clone(States), func(s State) bool { return !s.Down() })
	if d := cmp.Diff([]State{PartialOutage, MajorOutage}, down); d != "" {
		t.Error(d)
	}
}

func TestServicesAreFitToBeSeries(t *testing.T) {
	got, dropped := Bounded([]Service{
		{"Cloud API", Operational},
		{" Cloud\n\tAPI ", PartialOutage}, // the same name once it is one line
		{"Cloud API", Degraded},
		{"\x00\xff", Unknown},
		{"Flows", Maintenance},
	})
	want := []Service{{"Cloud API", PartialOutage}, {"Flows", Maintenance}, {"unnamed", Unknown}}
	if d := cmp.Diff(want, got); d != "" || dropped != 0 {
		t.Errorf("dropped %d; %s", dropped, d)
	}
}

func TestAboveTheCapTheWorstServicesStay(t *testing.T) {
	var all []Service
	for i := range MaxServices + 50 {
		all = append(all, Service{fmt.Sprintf("service %03d", i), Operational})
	}
	all = append(all, Service{"zulu", MajorOutage}, Service{"yankee", Unknown})
	got, dropped := Bounded(all)
	if len(got) != MaxServices || dropped != 52 {
		t.Fatalf("%d services kept, %d dropped", len(got), dropped)
	}
	want := []Service{{"service 097", Operational}, {"yankee", Unknown}, {"zulu", MajorOutage}}
	if d := cmp.Diff(want, got[MaxServices-3:]); d != "" {
		t.Error(d)
	}
	if !slices.IsSortedFunc(got, func(a, b Service) int { return strings.Compare(a.Name, b.Name) }) {
		t.Error("not sorted by name")
	}
}

func FuzzLabel(f *testing.F) {
	f.Add("Cloud API – Local Storage")
	f.Add("a\x80\u2028b")
	f.Add(strings.Repeat("é ", 100))
	f.Fuzz(func(t *testing.T, name string) {
		got := Label(name)
		switch {
		case !utf8.ValidString(got):
			t.Errorf("%q is not UTF-8", got)
		case utf8.RuneCountInString(got) > maxLabel:
			t.Errorf("%q has %d runes", got, utf8.RuneCountInString(got))
		case strings.ContainsAny(got, "\n\r\t"):
			t.Errorf("%q is more than a line", got)
		case Label(got) != got:
			t.Errorf("%q is not the same once more: %q", got, Label(got))
		}
	})
}
