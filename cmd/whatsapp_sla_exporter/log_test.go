package main

import (
	"bytes"
	"encoding/json"
	"maps"
	"slices"
	"testing"

	"github.com/go-kit/log/level"
	"github.com/google/go-cmp/cmp"
)

// What a library logs must be found by the same searches as what the exporter logs itself.
func TestLinesOfLibrariesHaveTheSameKeysAsOurs(t *testing.T) {
	var out bytes.Buffer
	logger, view := (&logFlags{level: "info", format: "json"}).loggers(&out)
	level.Info(logger).Log("msg", "ours", "address", ":9877")
	view.Info("theirs", "address", ":9877")
	view.Debug("not at this level")
	d := json.NewDecoder(&out)
	for _, msg := range []string{"ours", "theirs"} {
		var line map[string]string
		if err := d.Decode(&line); err != nil {
			t.Fatal(err)
		}
		if diff := cmp.Diff([]string{"address", "caller", "level", "msg", "ts"}, slices.Sorted(maps.Keys(line))); diff != "" || line["msg"] != msg {
			t.Errorf("%v (-want +got):\n%s", line, diff)
		}
	}
	if d.More() {
		t.Error("a third line")
	}
}
