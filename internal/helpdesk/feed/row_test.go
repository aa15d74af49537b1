package feed

import (
	"strings"
	"testing"
)

func TestARowThatCannotBeReadIsNamedByItsId(t *testing.T) {
	type row struct {
		ID   int64  `json:"id"`
		Word string `json:"word"`
	}
	for raw, want := range map[string]struct {
		row row
		err string // begins with
	}{
		`{"id":7,"word":"x"}`: {row{7, "x"}, ""},
		`{"id":7,"word":5}`:   {row{7, ""}, "json: cannot unmarshal number"},
		`{"id":"7"}`:          {row{}, "json: cannot unmarshal string"},
		`{"word":"x"}`:        {row{}, "no id"},
		`{"id":-1}`:           {row{-1, ""}, "no id"},
		`null`:                {row{}, "no id"},
	} {
		got, err := Row([]byte(raw), func(r *row) *int64 { return &r.ID })
		if got != want.row || (err == nil) != (want.err == "") || err != nil && !strings.HasPrefix(err.Error(), want.err) {
			t.Errorf("%s: %+v, %v, want %+v, %s", raw, got, err, want.row, want.err)
		}
	}
	if ID(0) != "" || ID(12) != "12" {
		t.Errorf("%q, %q", ID(0), ID(12))
	}
}
