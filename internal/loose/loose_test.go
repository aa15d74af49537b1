package loose

import (
	"encoding/json"
	"testing"

	"github.com/google/go-cmp/cmp"
)

type record struct {
	ID    Text            `json:"id"`
	Count Value[*float64] `json:"count"`
	Owner Presence        `json:"owner"`
}

func TestOddFieldsDoNotSpoilTheOthers(t *testing.T) {
	three := 3.0
	for name, c := range map[string]struct {
		json string
		want record
	}{
		"as documented":                   {`{"id":"9001","count":3,"owner":"x"}`, record{"9001", Value[*float64]{V: &three}, Presence{true, true}}},
		"an id of twenty digits, bare":    {`{"id":12345678901234567890}`, record{ID: "12345678901234567890"}},
		"null everywhere":                 {`{"id":null,"count":null,"owner":null}`, record{Owner: Presence{Told: true}}},
		"a count in words":                {`{"id":"1","count":"three"}`, record{ID: "1", Count: Value[*float64]{Odd: true}}},
		"an object in the place of an id": {`{"id":{"a":1},"owner":""}`, record{ID: `{"a":1}`, Owner: Presence{Told: true}}},
		"a text with escapes":             {`{"id":"a\u00e9\"\n"}`, record{ID: "aé\"\n"}},
		"a text that is not UTF-8":        {"{\"id\":\"a\xff\"}", record{ID: "a\ufffd"}},
		"nothing":                         {`{}`, record{}},
	} {
		t.Run(name, func(t *testing.T) {
			var got record
			if err := json.Unmarshal([]byte(c.json), &got); err != nil {
				t.Fatal(err)
			}
			if d := cmp.Diff(c.want, got); d != "" {
				t.Error(d)
			}
		})
	}
}

func FuzzRecord(f *testing.F) {
	f.Add([]byte(`{"id":1,"count":{"a":[]},"owner":[1]}`))
	f.Fuzz(func(t *testing.T, raw []byte) {
		var r record
		if err := json.Unmarshal(raw, &r); err != nil && json.Valid(raw) && raw[0] == '{' {
			t.Errorf("a valid object is refused: %v", err)
		}
	})
}
