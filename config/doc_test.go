package config

import (
	"os"
	"reflect"
	"strings"
	"testing"
)

// Every key of the schema is in the configuration reference.
func TestEveryKeyIsDocumented(t *testing.T) {
	raw, err := os.ReadFile("../docs/configuration.md")
	if err != nil {
		t.Fatal(err)
	}
	for _, section := range sections {
		for _, key := range yamlKeys(reflect.TypeOf(section)) {
			if !strings.Contains(string(raw), "`"+key) && !strings.Contains(string(raw), "."+key) && !strings.Contains(string(raw), "]."+key) {
				t.Errorf("docs/configuration.md does not tell of %s (%T)", key, section)
			}
		}
	}
}
