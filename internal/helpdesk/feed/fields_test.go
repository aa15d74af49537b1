package feed

import (
	"encoding/json"
	"testing"

	"github.com/google/go-cmp/cmp"
)

func TestFields(t *testing.T) {
	var all map[string]json.RawMessage
	if err := json.Unmarshal([]byte(`{"text":"meta","number":7,"big":12345678901234567890,"yes":true,"list":["a",1,["b"]],
		"null":null,"empty":"","object":{"a":1},"nothing":[],"private":"Jane"}`), &all); err != nil {
		t.Fatal(err)
	}
	want := map[string]string{"text": "meta", "number": "7", "big": "12345678901234567890", "yes": "true", "list": "a,1,b"}
	if x := cmp.Diff(want, Fields(all, func(name string) bool { return name != "private" })); x != "" {
		t.Error(x)
	}
	if got := Fields(all, func(string) bool { return false }); got != nil {
		t.Errorf("nobody asked for %v", got)
	}
}

func FuzzFields(f *testing.F) {
	f.Add([]byte(`{"a":[[[1]],{}],"b":" "}`))
	f.Fuzz(func(t *testing.T, b []byte) {
		var all map[string]json.RawMessage
		if json.Unmarshal(b, &all) != nil {
			return
		}
		for name, v := range Fields(all, func(string) bool { return true }) {
			if _, ok := all[name]; !ok || v == "" {
				t.Errorf("%q is %q", name, v)
			}
		}
	})
}
