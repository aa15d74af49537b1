package alerts

import (
	"reflect"
	"testing"

	"go.yaml.in/yaml/v3"
)

func TestARehearsalChangesOnlyTheReceivers(t *testing.T) {
	rehearsal, err := Rehearsal("http://127.0.0.1:1/hook")
	if err != nil {
		t.Fatal(err)
	}
	shipped, err := Files.ReadFile("alertmanager.yml")
	if err != nil {
		t.Fatal(err)
	}
	var got, want map[string]any
	if err := yaml.Unmarshal(rehearsal, &got); err != nil {
		t.Fatal(err)
	}
	if err := yaml.Unmarshal(shipped, &want); err != nil {
		t.Fatal(err)
	}
	for _, part := range []string{"route", "inhibit_rules"} {
		if want[part] == nil || !reflect.DeepEqual(got[part], want[part]) {
			t.Errorf("%s is not as shipped", part)
		}
	}
	names := func(c map[string]any) (names []any) {
		for _, r := range c["receivers"].([]any) {
			names = append(names, r.(map[string]any)["name"])
		}
		return names
	}
	if g, w := names(got), names(want); !reflect.DeepEqual(g, w) {
		t.Errorf("receivers %v, want %v", g, w)
	}
	webhook := []any{map[string]any{"url": "http://127.0.0.1:1/hook", "send_resolved": true}}
	for _, r := range got["receivers"].([]any) {
		if c := r.(map[string]any)["webhook_configs"]; !reflect.DeepEqual(c, webhook) {
			t.Errorf("webhook_configs = %v, want %v", c, webhook)
		}
	}
}
